"""How long AWS's price lists take to read, and how much memory, at their true size.

    python benchmarks/price_list.py

Writes a region's bulk file (4 MB of JSON), one of all regions (71 MB) and the CSV form of both into
a temporary folder, reads each in a process of its own as ``smcost prices import`` would, and
compares with ``json.load`` of the same file. Every time is the fastest of five. Exits with 1 where
a bound is missed: 3 x ``json.load`` for a region, 150 MB for a region, 300 MB for all of them.
"""

import csv
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from typing import Any

RUNS = 5
REGION_BYTES, ALL_BYTES = 4_000_000, 71_000_000
#: File -> bounds: times json.load of the region's or of all regions' JSON, and MB.
WANTED = {
    "region.json": (3.0, 150.0),
    "region.csv": (None, 150.0),
    "all.json": (None, 300.0),
    "all.csv": (None, 300.0),
}
_BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024
_FAMILIES = "c5 c5d c6g c6i c7g c7i g4dn g5 g6 g6e inf2 m5 m5d m6g m6i m7i p4d p5 r5 r5d r6g r7i"
_SIZES = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge"
#: Component -> what its usage type begins with.
_COMPONENTS = {
    "Hosting": "Host:",
    "AsyncInf": "AsyncInf:",
    "BatchTransform": "Tsform:",
    "Cluster": "Cluster:",
    "Notebook": "Notebk:",
    "Processing": "Processing:",
    "Studio-CodeEditor": "Studio:CodeEditor-",
    "Studio-JupyterLab": "Studio:JupyterLab-",
    "Studio-Notebook": "Studio:KernelGateway-",
    "Training": "Train:",
    "SpotTraining": "SpotTrain:",
    "TensorBoard": "TensorBoard:",
}
_METADATA = {
    "FormatVersion": "v1.0",
    "Disclaimer": "This pricing list is for informational purposes only.",
    "Publication Date": "2026-09-25T00:03:13Z",
    "Version": "20260925000313",
    "OfferCode": "AmazonSageMaker",
}


def products(region: str, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Products of one region with their terms, as GetProducts would list them."""
    kinds = product(_FAMILIES.split(), _SIZES.split(), _COMPONENTS.items())
    for family, size, (component, usage) in kinds:
        name = f"ml.{family}.{size}"
        sku = "".join(rng.choices("ABCDEFGHJKMNPQRSTUVWXYZ23456789", k=16))
        code = f"{sku}.JRTCKXETXF"
        attributes = {
            "servicecode": "AmazonSageMaker",
            "location": "US East (N. Virginia)",
            "locationType": "AWS Region",
            "instanceType": f"{name}-{component}",
            "currentGeneration": "Yes",
            "memory": "16 GiB",
            "storage": "EBS only",
            "networkPerformance": "Up to 10 Gigabit",
            "processorArchitecture": "64-bit",
            "usagetype": f"{region.upper()}-{usage}{name}",
            "operation": "RunInstance",
            "clockSpeed": "N/A",
            "component": component,
            "computeType": "Standard Instances",
            "gpu": "N/A",
            "gpuMemory": "0",
            "instanceName": name,
            "physicalCpu": "N/A",
            "physicalGpu": "N/A",
            "platoinstancename": family,
            "platoinstancetype": component,
            "regionCode": region,
            "servicename": "Amazon SageMaker",
            "vCpu": "4",
        }
        rate = {
            "rateCode": f"{code}.6YS6EN2CT7",
            "description": f"$0.23 per {component} {name} hour in US East (N. Virginia)",
            "beginRange": "0",
            "endRange": "Inf",
            "unit": "Hrs",
            "pricePerUnit": {"USD": f"{rng.uniform(0.05, 40):.10f}"},
            "appliesTo": [],
        }
        term = {
            "offerTermCode": "JRTCKXETXF",
            "sku": sku,
            "effectiveDate": "2026-09-01T00:00:00Z",
            "priceDimensions": {rate["rateCode"]: rate},
            "termAttributes": {},
        }
        family_of = {"sku": sku, "productFamily": "ML Instance", "attributes": attributes}
        yield {"product": family_of, "terms": {code: term}}


def document(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The bulk file that holds these products."""
    return {
        "formatVersion": "v1.0",
        "disclaimer": _METADATA["Disclaimer"],
        "offerCode": _METADATA["OfferCode"],
        "version": _METADATA["Version"],
        "publicationDate": _METADATA["Publication Date"],
        "products": {each["product"]["sku"]: each["product"] for each in entries},
        "terms": {"OnDemand": {each["product"]["sku"]: each["terms"] for each in entries}},
    }


def write_json(path: Path, entries: list[dict[str, Any]]) -> int:
    """Write indented as AWS does, and return the number of bytes."""
    text = json.dumps(document(entries), indent=2, separators=(",", " : "))
    return path.write_text(text, encoding="utf-8")


def write_csv(path: Path, entries: list[dict[str, Any]]) -> None:
    """Write the same products as rows."""
    names = list(entries[0]["product"]["attributes"])
    columns = {"regionCode": "Region Code", "locationType": "Location Type"}
    columns |= {"instanceName": "Instance Name", "usagetype": "usageType"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows(_METADATA.items())
        first = ["SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription"]
        first += ["EffectiveDate", "StartingRange", "EndingRange", "Unit", "PricePerUnit"]
        writer.writerow([*first, "Currency", *(columns.get(name, name) for name in names)])
        for each in entries:
            [term] = each["terms"].values()
            [rate] = term["priceDimensions"].values()
            row = [term["sku"], term["offerTermCode"], rate["rateCode"], "OnDemand"]
            row += [rate["description"], "2026-09-01", "0", "Inf", "Hrs"]
            cells = [each["product"]["attributes"][name] for name in names]
            writer.writerow([*row, rate["pricePerUnit"]["USD"], "USD", *cells])


def write_files(folder: Path) -> None:
    """Write all four files, in a process of its own: a child inherits its parent's peak memory."""
    rng = random.Random(5)
    in_region = list(products("us-east-1", rng))
    a_product = write_json(folder / "region.json", in_region) / len(in_region)
    del in_region[int(REGION_BYTES / a_product) + 1 :]
    write_json(folder / "region.json", in_region)
    write_csv(folder / "region.csv", in_region)
    everywhere = list(in_region)
    for number in range(1, ALL_BYTES // REGION_BYTES + 1):
        everywhere += islice(products(f"xx-place-{number}", rng), len(in_region))
    del everywhere[int(ALL_BYTES / a_product) + 1 :]
    write_json(folder / "all.json", everywhere)
    write_csv(folder / "all.csv", everywhere)


def read_once(path: Path) -> None:
    """In a process of its own: read a file, and print seconds, peak memory and prices."""
    from smcost.read.price_list_file import read_price_list

    before = time.perf_counter()
    listings = read_price_list(path)
    took_s = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_MAXRSS
    print(json.dumps([took_s, peak / 1e6, sum(len(each.prices) for each in listings)]))


def load_once(path: Path) -> None:
    """In a process of its own: what ``json.load`` takes."""
    before = time.perf_counter()
    with path.open(encoding="utf-8") as file:
        json.load(file)
    took_s = time.perf_counter() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_PER_MAXRSS
    print(json.dumps([took_s, peak / 1e6, 0]))


def run(how: str, path: Path) -> str:
    """Do one thing in a process of its own and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    done = subprocess.run(
        [sys.executable, __file__, how, str(path)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def measure(how: str, path: Path) -> tuple[float, float, int]:
    """Fastest seconds, highest megabytes and the number of prices over several processes."""
    runs = [json.loads(run(how, path)) for _ in range(RUNS)]
    return min(each[0] for each in runs), max(each[1] for each in runs), runs[0][2]


def main() -> int:
    """Write, measure, print; 1 where a bound is missed."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.platform()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, fastest of {RUNS}"
    )
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        run("write", Path(folder))
        for name, (most_times, most_mb) in WANTED.items():
            path = Path(folder) / name
            load_s, load_mb, _ = measure("load", path.with_suffix(".json"))
            took_s, peak_mb, prices = measure("read", path)
            ratio = took_s / load_s
            missed |= peak_mb > most_mb or (most_times is not None and ratio > most_times)
            bound = f"wanted: {most_times:g} x, " if most_times else "wanted: "
            print(
                f"{name}: {path.stat().st_size / 1e6:.1f} MB, {prices:,} prices, "
                f"{1000 * took_s:.0f} ms, "
                f"{ratio:.2f} x json.load of the JSON ({1000 * load_s:.0f} ms, {load_mb:.0f} MB), "
                f"{peak_mb:.0f} MB ({bound}{most_mb:g} MB)"
            )
    return int(missed)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        {"read": read_once, "load": load_once, "write": write_files}[sys.argv[1]](Path(sys.argv[2]))
    else:
        sys.exit(main())
