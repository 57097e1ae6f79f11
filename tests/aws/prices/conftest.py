"""One small price list, served as AWS serves it: by GetProducts, as bulk files, as CLI output."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from smcost.prices import Listing
from smcost.read.aws.access import Aws
from smcost.read.price_list_api import pull_from_api
from smcost.read.price_list_bulk import pull_from_bulk
from smcost.read.price_list_download import Downloader
from smcost.read.price_list_file import read_price_list

REGION = "eu-west-1"
VERSION = "20260925000313"
PUBLISHED = "2026-09-25T00:03:13Z"
SAGEMAKER, S3, CLOUDWATCH = "AmazonSageMaker", "AmazonS3", "AmazonCloudWatch"
USAGE = {
    "Hosting": "Host:",
    "AsyncInf": "AsyncInf:",
    "BatchTransform": "Tsform:",
    "Training": "Train:",
    "Processing": "Processing:",
    "Studio-Notebook": "Studio:KernelGateway-",
    "Cluster": "Cluster:",
}
#: What the CSV calls an attribute.
COLUMNS = {
    "regionCode": "Region Code",
    "locationType": "Location Type",
    "location": "Location",
    "servicecode": "serviceCode",
    "component": "Component",
    "instanceName": "Instance Name",
    "instanceType": "Instance Type",
    "usagetype": "usageType",
    "operation": "operation",
    "group": "Group",
    "volumeType": "Volume Type",
    "memorygb": "MemoryGb",
    "memory": "Memory",
    "vCpu": "vCPU",
}
PAYMENTS = ("No Upfront", "Partial Upfront", "All Upfront")
PLANS = [(years, payment, f"PLAN{years}{payment[0]}") for years in (1, 3) for payment in PAYMENTS]


@dataclass(slots=True)
class PriceList:
    """Products and Savings Plans rates that tests can add to, in every form AWS gives them."""

    records: list[dict[str, Any]] = field(default_factory=list)
    #: usage type, sku of the product -> rate of the 1-year plan without upfront.
    plan_rates: list[dict[str, Any]] = field(default_factory=list)
    published: str = PUBLISHED
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def instance(self, instance_type: str, component: str | None, usd: str, **changes: Any) -> str:
        """Add an instance-hour and return its SKU; ``changes`` are attributes or, see _terms."""
        attributes = {
            "component": component,
            "instanceName": instance_type,
            "instanceType": f"{instance_type}-{component}",
            "usagetype": f"EU-{USAGE.get(component or '', 'Other:')}{instance_type}",
            "operation": "RunInstance",
            "vCpu": "4",
            "memory": "16 GiB",
        }
        return self.product("ML Instance", usd, attributes | changes, unit="Hrs")

    def product(
        self,
        family: str,
        usd: str | list[tuple[str, str]],
        attributes: dict[str, Any],
        *,
        unit: str,
        offer: str = SAGEMAKER,
    ) -> str:
        """Add a product; special attributes say how its terms are odd.

        ``_unit``, ``_currency`` and ``_description`` replace, ``_terms`` None leaves none.
        """
        odd = {name: attributes.pop(name) for name in list(attributes) if name[0] == "_"}
        sku = f"SKU{next(self._numbers):013d}"
        code = f"{sku}.JRTCKXETXF"
        tiers = [("0", usd)] if isinstance(usd, str) else usd
        dimensions = {
            f"{code}.TIER{begin}": {
                "rateCode": f"{code}.TIER{begin}",
                "unit": odd.get("_unit", unit),
                "beginRange": begin,
                "endRange": "Inf",
                "description": odd.get("_description", f"${price} per {family}"),
                "appliesTo": [],
                "pricePerUnit": {odd.get("_currency", "USD"): price},
            }
            for begin, price in tiers
        }
        term = {
            "sku": sku,
            "offerTermCode": "JRTCKXETXF",
            "effectiveDate": "2026-09-01T00:00:00Z",
            "priceDimensions": dimensions,
            "termAttributes": {},
        }
        placed = {
            "servicecode": offer,
            "location": "EU (Ireland)",
            "locationType": "AWS Region",
            "regionCode": REGION,
        }
        kept = {name: value for name, value in (placed | attributes).items() if value is not None}
        terms = {} if odd.get("_terms", "") is None else {"OnDemand": {code: term}}
        self.records.append(
            {
                "product": {"productFamily": family, "attributes": kept, "sku": sku},
                "serviceCode": offer,
                "terms": terms,
                "version": VERSION,
                "publicationDate": self.published,
            }
        )
        return sku

    def plan(self, sku: str, usd: str, usage_type: str, *, only: int | None = None) -> None:
        """Add a rate of all six plans, or of the ``only`` one, of a product."""
        for number, (years, payment, plan) in enumerate(PLANS):
            if only in (None, number):
                self.plan_rates.append(
                    {
                        "plan": plan,
                        "years": years,
                        "payment": payment,
                        "sku": sku,
                        "usage": usage_type,
                        "usd": usd,
                    }
                )

    def of(self, offer: str) -> list[dict[str, Any]]:
        return [record for record in self.records if record["serviceCode"] == offer]

    def bulk(self, offer: str = SAGEMAKER) -> dict[str, Any]:
        """The JSON bulk file of an offer: terms by SKU, one level deeper."""
        records = self.of(offer)
        with_terms = [record for record in records if record["terms"]]
        return {
            "formatVersion": "v1.0",
            "disclaimer": "This pricing list is for informational purposes only.",
            "offerCode": offer,
            "version": VERSION,
            "publicationDate": self.published,
            "products": {r["product"]["sku"]: r["product"] for r in records},
            "terms": {
                "OnDemand": {r["product"]["sku"]: r["terms"]["OnDemand"] for r in with_terms},
                "Reserved": {},
            },
        }

    def bulk_csv(self, offer: str = SAGEMAKER) -> str:
        """The CSV bulk file of an offer: a row per tier; products without terms have none."""
        first = ["SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription"]
        first += ["EffectiveDate", "StartingRange", "EndingRange", "Unit", "PricePerUnit"]
        rows = [[*first, "Currency", "RelatedTo", "Product Family", *COLUMNS.values()]]
        for record in self.of(offer):
            product = record["product"]
            cells = [product["attributes"].get(name, "") for name in COLUMNS]
            for term in record["terms"].get("OnDemand", {}).values():
                for each in term["priceDimensions"].values():
                    [(currency, price)] = each["pricePerUnit"].items()
                    row = [product["sku"], "JRTCKXETXF", each["rateCode"], "OnDemand"]
                    row += [each["description"], term["effectiveDate"][:10]]
                    row += [each["beginRange"], "Inf"]
                    rows.append(
                        [*row, each["unit"], price, currency, "", product["productFamily"], *cells]
                    )
        return self._csv(offer, rows)

    def plans(self) -> dict[str, Any]:
        """The Savings Plans file of the region in JSON."""
        names = dict.fromkeys(rate["plan"] for rate in self.plan_rates)
        return {
            "version": VERSION,
            "publicationDate": self.published,
            "regionCode": REGION,
            "products": [
                {
                    "sku": sku,
                    "productFamily": "SageMakerSavingsPlans",
                    "serviceCode": "MachineLearningSavingsPlans",
                    "usageType": f"SageMakerSP:{years}yr{payment.replace(' ', '')}",
                    "operation": "",
                    "attributes": {"purchaseOption": payment, "purchaseTerm": f"{years}yr"},
                }
                for years, payment, sku in PLANS
                if sku in names
            ],
            "terms": {
                "savingsPlan": [
                    {
                        "sku": sku,
                        "description": f"{years} year {payment} SageMaker Savings Plan",
                        "effectiveDate": "2026-09-01T00:00:00Z",
                        "leaseContractLength": {"duration": years, "unit": "year"},
                        "rates": [
                            {
                                "discountedSku": rate["sku"],
                                "discountedUsageType": rate["usage"],
                                "discountedOperation": "RunInstance",
                                "discountedServiceCode": SAGEMAKER,
                                "rateCode": f"{sku}.{rate['sku']}",
                                "unit": "Hrs",
                                "discountedRate": {"price": rate["usd"], "currency": "USD"},
                            }
                            for rate in self.plan_rates
                            if rate["plan"] == sku
                        ],
                    }
                    for years, payment, sku in PLANS
                    if sku in names
                ]
            },
        }

    def plans_csv(self) -> str:
        """The Savings Plans file of the region in CSV."""
        header = ["SKU", "RateCode", "Unit", "EffectiveDate", "DiscountedRate", "Currency"]
        header += ["DiscountedSKU", "DiscountedServiceCode", "DiscountedUsageType"]
        header += ["PurchaseOption", "LeaseContractLength", "LeaseContractLengthUnit"]
        rows: list[list[str]] = [header]
        for rate in self.plan_rates:
            row = [rate["plan"], f"{rate['plan']}.{rate['sku']}", "Hrs", "2026-09-01T00:00:00Z"]
            row += [rate["usd"], "USD", rate["sku"], SAGEMAKER, rate["usage"], rate["payment"]]
            rows.append([*row, str(rate["years"]), "year"])
        return self._csv("AmazonMachineLearningSavingsPlans", rows)

    def offering_rates(self) -> list[dict[str, Any]]:
        """The same rates as DescribeSavingsPlansOfferingRates lists them."""
        return [
            {
                "savingsPlanOffering": {
                    "offeringId": "b3b2c5a1-0000",
                    "paymentOption": rate["payment"],
                    "planType": "SageMaker",
                    "durationSeconds": rate["years"] * 31_536_000,
                    "currency": "USD",
                    "planDescription": f"{rate['years']} year SageMaker Savings Plan",
                },
                "rate": rate["usd"],
                "unit": "Hrs",
                "productType": "SageMaker",
                "serviceCode": SAGEMAKER,
                "usageType": rate["usage"],
                "operation": "RunInstance",
                "properties": [{"name": "region", "value": REGION}],
            }
            for rate in self.plan_rates
        ]

    def files(self) -> dict[str, bytes]:
        """Every bulk file by its path."""
        files: dict[str, bytes] = {}
        for offer in (SAGEMAKER, S3, CLOUDWATCH):
            root = f"/offers/v1.0/aws/{offer}"
            path = f"{root}/{VERSION}/{REGION}/index"
            index = {
                "formatVersion": "v1.0",
                "disclaimer": "",
                "publicationDate": self.published,
                "regions": {REGION: {"regionCode": REGION, "currentVersionUrl": f"{path}.json"}},
            }
            files[f"{root}/current/region_index.json"] = json.dumps(index).encode()
            files[f"{path}.json"] = json.dumps(self.bulk(offer), indent=2).encode()
            files[f"{path}.csv"] = self.bulk_csv(offer).encode()
        root = "/savingsPlan/v1.0/aws/AWSMachineLearningSavingsPlans"
        path = f"{root}/{VERSION}/{REGION}/index"
        plans = {
            "disclaimer": "",
            "publicationDate": self.published,
            "regions": [{"regionCode": REGION, "versionUrl": f"{path}.json"}],
        }
        files[f"{root}/current/region_index.json"] = json.dumps(plans).encode()
        files[f"{path}.json"] = json.dumps(self.plans()).encode()
        files[f"{path}.csv"] = self.plans_csv().encode()
        return files

    def answer(self) -> dict[str, Any]:
        """What the aws CLI prints of get-products: JSON texts inside JSON."""
        texts = [json.dumps(record) for record in self.records]
        return {"FormatVersion": "aws_v1", "PriceList": texts}

    def _csv(self, offer: str, rows: list[list[str]]) -> str:
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(["FormatVersion", "v1.0"])
        writer.writerow(["Disclaimer", "For informational purposes only, see https://aws.com"])
        writer.writerow(["Publication Date", self.published])
        writer.writerow(["Version", VERSION])
        writer.writerow(["OfferCode", offer])
        writer.writerows(rows)
        return text.getvalue()


@pytest.fixture
def empty_list() -> PriceList:
    """A price list to be filled; every region has some rate, so that no file is without one."""
    prices = PriceList()
    put = {"group": "S3-API-Tier1", "usagetype": "EU-Requests-Tier1"}
    prices.product("API Request", "0.0000050000", put, unit="Requests", offer=S3)
    query = {"usagetype": "EU-CW:GMD-Metrics"}
    prices.product("API Request", "0.0000100000", query, unit="Metrics", offer=CLOUDWATCH)
    return prices


@pytest.fixture
def price_list(empty_list: PriceList) -> PriceList:
    """A region in small: instances of every component, every rate, Savings Plans."""
    prices = empty_list
    for instance_type, usd in (("ml.m5.xlarge", "0.257"), ("ml.g4dn.xlarge", "0.821")):
        usage = f"EU-Host:{instance_type}"
        sku = prices.instance(instance_type, "Hosting", f"{usd}0000000")
        prices.plan(sku, "0.1927500", usage)
        for component in ("AsyncInf", "BatchTransform", "Studio-Notebook", "Training"):
            other = prices.instance(instance_type, component, "0.9990000000")
        prices.plan(other, "0.5", f"EU-Train:{instance_type}")
    storage = {"volumeType": "General Purpose-Hosting", "usagetype": "EU-Host:VolumeUsage.gp2"}
    prices.product("ML Storage", "0.1540000000", storage, unit="GB-Mo")
    training = {"volumeType": "General Purpose-Training", "usagetype": "EU-Train:VolumeUsage.gp2"}
    prices.product("ML Storage", "0.1550000000", training, unit="GB-Mo")
    for way in ("In", "Out"):
        group = {"group": f"Hosting:{way.upper()}", "usagetype": f"EU-Hst:Data-Bytes-{way}"}
        prices.product("ML Data", "0.0160000000", group, unit="GB")
    for group, usage, second in (
        ("ServerlessInf", "ServerlessInf:Mem", "0.0000200"),
        ("ServerlessProvisionedConcurrency-Usage", "ProvisionedConcurrency:Usage", "0.0000095"),
        ("ServerlessProvisionedConcurrency-Duration", "ProvisionedConcurrency:Mem", "0.0000115"),
    ):
        for gb in range(1, 7):
            sized = {"group": group, "usagetype": f"EU-{usage}-{gb}GB", "memorygb": str(gb)}
            usd = f"{gb * float(second):.10f}"
            prices.product("ML Serverless", usd, sized, unit="seconds")
    bucket = {"volumeType": "Standard", "usagetype": "EU-TimedStorage-ByteHrs"}
    tiers = [("0", "0.0230000000"), ("51200", "0.0220000000"), ("512000", "0.0210000000")]
    prices.product("Storage", tiers, bucket, unit="GB-Mo", offer=S3)
    overhead = bucket | {"volumeType": "INTAAS3ObjectOverhead"}
    prices.product("Storage", "0.0210000000", overhead, unit="GB-Mo", offer=S3)
    metric = {"usagetype": "EU-CW:MetricMonitorUsage"}
    tiers = [("10000", "0.1000000000"), ("0", "0.3000000000"), ("250000", "0.0500000000")]
    prices.product("Metric", tiers, metric, unit="Metrics", offer=CLOUDWATCH)
    return prices


def _fits(record: dict[str, Any], wanted: dict[str, str]) -> bool:
    product = record["product"]
    values = product["attributes"] | {"productFamily": product["productFamily"]}
    has, value = values.get(wanted["Field"], ""), wanted["Value"]
    return {
        "TERM_MATCH": has == value,
        "EQUALS": has == value,
        "CONTAINS": value in has,
        "ANY_OF": has in value.split(","),
        "NONE_OF": has not in value.split(","),
    }[wanted["Type"]]


def get_products(prices: PriceList, question: dict[str, Any]) -> dict[str, Any]:
    """Filter and page as the Pricing API does."""
    found = [
        record
        for record in prices.of(question["ServiceCode"])
        if all(_fits(record, wanted) for wanted in question.get("Filters", []))
    ]
    first = int(question.get("NextToken", "0"))
    beyond = first + question.get("MaxResults", 100)
    page = {"FormatVersion": "aws_v1"}
    page |= {"PriceList": [json.dumps(record) for record in found[first:beyond]]}
    return page | ({"NextToken": str(beyond)} if beyond < len(found) else {})


def get_rates(prices: PriceList, question: dict[str, Any]) -> dict[str, Any]:
    """Filter and page as the Savings Plans API does."""
    assert question["savingsPlanTypes"] == ["SageMaker"]
    [region] = [f["values"] for f in question["filters"] if f["name"] == "region"]
    usage = question.get("usageTypes")
    found = [
        rate
        for rate in prices.offering_rates()
        if region == [REGION] and (not usage or rate["usageType"] in usage)
    ]
    first = int(question.get("nextToken", "0"))
    beyond = first + min(question.get("maxResults", 1000), 7)
    page = {"searchResults": found[first:beyond]}
    return page | ({"nextToken": str(beyond)} if beyond < len(found) else {})


@pytest.fixture
def serve_api(loopback_aws: Any) -> Callable[[PriceList], Any]:
    """Make the loopback AWS answer from a price list, and return it."""

    def serve(prices: PriceList) -> Any:
        loopback_aws.answers("GetProducts", partial(get_products, prices))
        loopback_aws.answers("DescribeSavingsPlansOfferingRates", partial(get_rates, prices))
        return loopback_aws

    return serve


@dataclass(slots=True)
class BulkServer:
    """Files by path, and what goes wrong with the next requests of one."""

    files: dict[str, bytes] = field(default_factory=dict)
    #: path -> what to do with the requests to come, in turn; after them all is well.
    faults: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    #: So that a test can put TLS before it; and what then vouches for it.
    listener: ThreadingHTTPServer | None = None
    bundle: Path | None = None

    def ranges(self, path: str) -> list[str | None]:
        """The Range of every request of a file."""
        return [headers.get("Range") for asked, headers in self.asked if asked == path]


def _bulk_handler(bulk: BulkServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        #: Buffered: headers and body in two packets wait for each other's acknowledgement.
        wbufsize = -1

        def do_GET(self) -> None:
            bulk.asked.append((self.path, dict(self.headers)))
            faults = bulk.faults.get(self.path)
            if faults and (fault := faults.pop(0)) is not None:
                fault(self, bulk)
            elif self.path in bulk.files:
                self.send(bulk.files[self.path])
            else:
                self.send(b"<Error>NoSuchKey</Error>", status=404)

        def send(self, data: bytes, *, status: int = 200, etag: str = '"a"', **odd: Any) -> None:
            """Send a file, or the part of it that is asked for by Range and If-Range.

            ``until`` breaks off there; ``length``, ``range``, ``kind`` and ``headers`` say
            something else than the truth.
            """
            begin = 0
            asked = self.headers.get("Range")
            if status == 200 and asked and self.headers.get("If-Range") == etag:
                begin, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
            part = f"bytes {begin}-{len(data) - 1}/{len(data)}"
            said = {"Content-Type": odd.get("kind", "application/octet-stream"), "ETag": etag}
            said["Content-Range"] = odd.get("range", part) if status == 206 else ""
            said["Content-Length"] = str(odd.get("length", len(data) - begin))
            self.send_response(status)
            for name, value in (said | odd.get("headers", {})).items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data[begin : odd.get("until", len(data))])
            self.close_connection = bool({"until", "length"} & odd.keys())

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    return Handler


@pytest.fixture
def bulk_server(aws_environment: pytest.MonkeyPatch) -> Iterator[BulkServer]:
    """A loopback server of bulk files, with SMCOST_PRICE_LIST_URL pointing to it."""
    bulk = BulkServer()
    server = bulk.listener = ThreadingHTTPServer(("127.0.0.1", 0), _bulk_handler(bulk))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    bulk.url = f"http://127.0.0.1:{server.server_port}"
    aws_environment.setenv("SMCOST_PRICE_LIST_URL", bulk.url)
    yield bulk
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hasty() -> Callable[..., Downloader]:
    """A downloader that waits neither long for an answer nor between tries."""
    return partial(Downloader, read_timeout_s=0.4, pause_s=0.0)


Pull = Callable[..., Listing]


@pytest.fixture(params=["api", "bulk json", "bulk csv", "cli output"])
def pull(request: pytest.FixtureRequest, tmp_path: Path) -> Pull:
    """Get a price list through each source in turn."""
    source = request.param
    if source == "api":
        serve = request.getfixturevalue("serve_api")

        def from_api(prices: PriceList, instance_type: str | None = None) -> Listing:
            serve(prices)
            return pull_from_api(Aws(region="us-west-2"), REGION, instance_type)

        return from_api
    if source == "cli output":

        def from_file(prices: PriceList, instance_type: str | None = None) -> Listing:
            path = tmp_path / "answer.json"
            path.write_text(json.dumps(prices.answer(), indent=4), encoding="utf-8")
            found = read_price_list(path)
            return next(listing for listing in found if listing.region == REGION)

        return from_file
    server = request.getfixturevalue("bulk_server")

    def from_bulk(prices: PriceList, instance_type: str | None = None) -> Listing:
        server.files = prices.files()
        form = "csv" if source.endswith("csv") else "json"
        return pull_from_bulk(REGION, instance_type, form=form)

    return from_bulk
