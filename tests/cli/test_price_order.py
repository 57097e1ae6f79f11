"""``--prices``, cache, bundled, in this order, in every command that looks a price up."""

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "ml.m5.xlarge"
CSV = "region,instance_type,component,usd_per_hour,source,as_of\n"
RATES = "region,item,unit,usd,source,as_of\n"
#: USD per hour by layer; ml.zz1.large has no bundled price.
USD = {"--prices": 0.11, "cache": 0.22, "bundled": 0.23}
COMBINATIONS = [
    pytest.param(with_file, with_cache, name, id=f"{file}, {cache}, {bundled}")
    for (with_file, file), (with_cache, cache), (name, bundled) in product(
        [(True, "--prices"), (False, "-")],
        [(True, "cache"), (False, "-")],
        [(NAME, "bundled"), ("ml.zz1.large", "-")],
    )
]
COMMANDS = {
    "estimate": "estimate --count 1 -f json",
    "recommend": "recommend --rps 5 --service-time 45ms --concurrency 4 --p99 300ms "
    "--budget 0s -f json",
    "prices show": "prices show -f json",
}


@pytest.fixture(autouse=True)
def morning(at):
    at("2026-11-24T09:30:00+00:00")


def expected(with_file, with_cache, name):
    if with_file:
        return "--prices"
    if with_cache:
        return "cache"
    return "bundled" if name == NAME else None


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("with_file", "with_cache", "name"), COMBINATIONS)
def test_the_first_that_has_the_type_is_used(
    smcost, write, write_products, command, with_file, with_cache, name
):
    line = f"{COMMANDS[command]} --instance-type {name}"
    if with_file:
        write("mine.csv", f"{CSV}us-east-1,{name},Hosting,0.11,a colleague,2026\n")
        line += " --prices mine.csv"
    if with_cache:
        write_products("products.json", ("us-east-1", name, "Hosting", "0.22"))
        assert smcost("prices import products.json").exit_code == 0
    outcome = smcost(line)
    layer = expected(with_file, with_cache, name)
    if layer is None:
        assert outcome.exit_code == 4
        assert "`smcost prices pull --region us-east-1`" in outcome.refusal[1]
        return
    assert outcome.exit_code == 0, outcome.stderr
    document = outcome.document
    fetched = "2026-11-24T09:30:00Z" if layer == "cache" else None
    if command == "prices show":
        rows = [row for row in document["prices"] if row["used"]]
        assert [row["usd_per_hour"] for row in rows] == [USD[layer]]
        assert [row["fetched_at"] for row in rows] == [fetched]
        assert len(document["prices"]) == with_file + with_cache + (name == NAME)
        return
    assert document["cost"]["lines"][0]["unit_price_usd"] == USD[layer]
    assert document["provenance"]["prices"]["fetched_at"] == fetched
    if layer == "cache":
        assert document["provenance"]["prices"]["as_of"] == "2026-11-20"
        assert "file products.json" in document["provenance"]["prices"]["source"]


CACHED_RATE = (
    "kind,region,instance_type,component,usd_per_hour,term_years,payment,item,unit,usd,sku,"
    "source,as_of,fetched_at,row\n"
    "rate,us-east-1,,,,,,data_in_gb,GB,0.5,,AWS,2026-11-20,2026-11-24T09:30:00Z,1 of 1\n"
)


@pytest.mark.parametrize("with_file", [True, False])
@pytest.mark.parametrize("with_cache", [True, False])
def test_rates_have_the_same_order(smcost, write, cache_folder, with_file, with_cache):
    line = "estimate --count 1 --rps 5 --payload-in 1MB -f json"
    usd = 0.5 if with_cache else 0.016
    if with_file:
        write("rates.csv", f"{RATES}us-east-1,data_in_gb,GB,0.7,a bill,2026\n")
        line, usd = f"{line} --rates rates.csv", 0.7
    if with_cache:
        cache_folder.mkdir(parents=True)
        (cache_folder / "us-east-1.csv").write_text(CACHED_RATE)
    lines = smcost(line).document["cost"]["lines"]
    [unit_price] = [each["unit_price_usd"] for each in lines if each["name"] == "Data in"]
    assert unit_price == usd
    option = "--rates rates.csv" if with_file else ""
    rates = smcost(f"prices show -f json {option}").document["rates"]
    of_item = [row for row in rates if row["item"] == "data_in_gb"]
    assert [row["usd"] for row in of_item if row["used"]] == [usd]
    assert len(of_item) == 1 + with_file + with_cache


def test_a_rate_that_the_bill_has_a_line_of_says_where_it_is_from(smcost, cache_folder):
    cache_folder.mkdir(parents=True)
    (cache_folder / "us-east-1.csv").write_text(CACHED_RATE)
    line = "estimate --count 1 --rps 5 --payload-in 1MB --payload-out 1MB"
    found = smcost(f"{line} -f json").document["provenance"]["prices"]["rates"]
    assert [(rate["item"], rate["as_of"], rate["fetched_at"]) for rate in found] == [
        ("data_in_gb", "2026-11-20", "2026-11-24T09:30:00Z"),
        ("data_out_gb", "2026-09", None),
    ]
    said = smcost(line).stdout
    assert "Rate data_in_gb: as of 2026-11-20; AWS, fetched 2026-11-24." in said
    assert "Rate data_out_gb: as of 2026-09; " in said
    assert "Rate " not in smcost("estimate --count 1").stdout


def test_the_fetch_date_stands_in_the_table_and_in_markdown(smcost, write_products):
    write_products("products.json", ("us-east-1", NAME, "Hosting", "0.22"))
    before = smcost("estimate --count 1").stdout
    smcost("prices import products.json")
    for form in ("table", "markdown"):
        said = smcost(f"estimate --count 1 -f {form}").stdout
        assert "as of 2026-11-20; AWS Price List, file products.json, fetched 2026-11-24." in said
    assert "fetched" not in before


def test_tfvars_name_source_and_publication_but_not_the_day_of_fetching(smcost, write_products, at):
    """The same prices give the same file, whenever they were fetched."""
    write_products("products.json", ("us-east-1", NAME, "Hosting", "0.22"))
    line = f"estimate --count 1 --instance-type {NAME} -f tfvars"
    smcost("prices import products.json")
    first = smcost(line).stdout
    at("2026-12-01T00:00:00+00:00")
    smcost("prices import products.json")
    assert smcost(line).stdout == first
    assert "# price: Hosting, as of 2026-11-20; AWS Price List, file products.json" in first


def test_an_estimate_from_the_cache_can_be_todays(smcost, write_products):
    write_products("products.json", ("us-east-1", NAME, "Hosting", "0.22"))
    smcost("prices import products.json")
    assert smcost("estimate --count 2 -f json -o today.json").exit_code == 0
    assert smcost("estimate --count 1 --current today.json -f json").document["saving_usd"] > 0


@pytest.mark.parametrize("command", COMMANDS)
def test_a_damaged_cache_is_an_error_everywhere_and_never_the_bundled_price(
    smcost, cache_folder, command
):
    cache_folder.mkdir(parents=True)
    (cache_folder / "us-east-1.csv").write_text(CACHED_RATE.replace("1 of 1", "1 of 2"))
    outcome = smcost(COMMANDS[command])
    assert outcome.exit_code == 3
    cause, remedy = outcome.refusal
    assert str(cache_folder / "us-east-1.csv") in cause
    assert "The price cache is damaged" in cause
    assert "`smcost prices pull --region us-east-1`" in remedy
    assert outcome.stdout == ""
    assert smcost(f"{COMMANDS[command]} --region eu-west-1").exit_code == 0


def test_the_cache_of_another_region_is_not_asked(smcost, write_products):
    write_products("products.json", ("eu-west-1", NAME, "Hosting", "0.2"))
    smcost("prices import products.json")
    price = smcost("estimate --count 1 -f json").document["provenance"]["prices"]
    assert (price["region"], price["fetched_at"]) == ("us-east-1", None)


@pytest.mark.parametrize("region", ["../prices/us-east-1", "US-EAST-1", "us-east-1.csv"])
def test_a_region_that_is_none_is_refused_as_before(smcost, region):
    outcome = smcost(f"estimate --count 1 --region {region}")
    assert outcome.exit_code == 4
    assert "is no known AWS region" in outcome.refusal[0]


def test_an_estimate_with_a_cache_loads_neither_pandas_nor_boto3(smcost, write_products):
    write_products("products.json", ("us-east-1", NAME, "Hosting", "0.22"))
    smcost("prices import products.json")
    code = (
        "import sys\n"
        "from smcost.cli.main import main\n"
        "try:\n"
        "    main(['estimate', '--count', '1'])\n"
        "except SystemExit as left:\n"
        "    assert left.code == 0, left.code\n"
        "slow = {'pandas', 'boto3', 'botocore', 'scipy', 'urllib3', 'filelock', 'msgspec'}\n"
        "print(sorted(slow & set(sys.modules)))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env=None,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    assert "0.22" in said
    assert said.splitlines()[-1] == "[]"
