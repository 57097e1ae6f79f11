"""The data that travels with smcost: found, readable, and plausible."""

import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest

from smcost.errors import InputError, PriceError
from smcost.prices import Component, RateItem
from smcost.read import bundled
from smcost.read.bundled import bundled_catalogue, bundled_rates, data_folder, terraform_folder
from smcost.read.price_csv import parse_prices
from smcost.remarks import WarningCode

#: Rows that data/README.md names as to be distrusted.
ODD = {("us-east-1", "ml.t2.medium"), ("sa-east-1", "ml.g5.16xlarge")}


@pytest.fixture(scope="module")
def prices():
    catalogue = bundled_catalogue()
    return [
        row.price
        for region in catalogue.regions
        if region in {"us-east-1", "us-east-2", "eu-west-1", "us-west-2", "sa-east-1"}
        for row in catalogue.rows(region)
    ]


def test_the_snapshot_is_read_once():
    assert bundled_catalogue() is bundled_catalogue()


def test_the_price_of_the_mission_is_a_hosting_price_without_caveat():
    catalogue = bundled_catalogue()
    price = catalogue.price("us-east-1", "ml.m5.xlarge")
    assert (price.usd_per_hour, price.component) == (Decimal("0.23"), Component.HOSTING)
    assert catalogue.caveats(price) == []


def test_every_row_is_of_a_type_that_can_host(prices):
    types = bundled_catalogue().instance_types
    assert all(types[price.instance_type].deployable for price in prices)


def test_there_is_one_row_per_region_and_type(prices):
    assert len({(price.region, price.instance_type) for price in prices}) == len(prices) > 100


def test_whatever_is_not_a_hosting_price_says_so(prices):
    catalogue = bundled_catalogue()
    for price in prices:
        codes = {caveat.code for caveat in catalogue.caveats(price)}
        assert (WarningCode.PRICE_NOT_HOSTING in codes) == (price.component != Component.HOSTING)
        assert WarningCode.TYPE_NOT_LISTED not in codes


@pytest.mark.parametrize(
    ("region", "instance_type", "stale", "current"),
    [
        ("us-east-1", "ml.p4d.24xlarge", "37.688", "25.251"),
        ("us-east-2", "ml.p4d.24xlarge", "37.6885", "25.251286"),
        ("us-east-1", "ml.p5.48xlarge", "113.068", "63.296"),
        ("us-east-1", "ml.trn1.32xlarge", "28.497", "24.73"),
    ],
)
def test_prices_known_to_be_stale_are_not_bundled(region, instance_type, stale, current):
    rows = bundled_catalogue().rows(region, instance_type)
    assert [row.price.usd_per_hour for row in rows] == [Decimal(current)]
    assert Decimal(stale) not in {row.price.usd_per_hour for row in rows}


def test_within_a_cpu_family_every_vcpu_costs_the_same_within_three_percent(prices):
    types = bundled_catalogue().instance_types
    per_vcpu = defaultdict(list)
    for price in prices:
        family = price.instance_type.split(".")[1]
        vcpu = types[price.instance_type].vcpu
        # The smallest t2 sizes have the vCPUs but not the memory of the larger ones.
        if family[0] in "cmr" and vcpu:
            per_vcpu[price.region, family].append(price.usd_per_hour / vcpu)
    assert len(per_vcpu) > 20
    for key, usd in per_vcpu.items():
        assert max(abs(u / median(usd) - 1) for u in usd) < 0.03, key


def test_no_region_is_much_cheaper_than_us_east_1_nor_twice_as_dear(prices):
    catalogue = bundled_catalogue()
    home = {row.price.instance_type: row.price for row in catalogue.rows("us-east-1")}
    ratios = {
        (price.region, price.instance_type): price.usd_per_hour
        / home[price.instance_type].usd_per_hour
        for price in prices
        if price.instance_type in home
    }
    strange = {key for key, ratio in ratios.items() if not 0.95 < ratio < 1.9}
    assert strange == ODD - {("us-east-1", "ml.t2.medium")}


def test_a_notebook_type_is_refused_by_the_snapshot():
    with pytest.raises(PriceError, match="no valid endpoint type"):
        bundled_catalogue().price("us-east-1", "ml.t3.medium")


@pytest.mark.parametrize(
    ("instance_type", "nvme"),
    [
        ("ml.m5.xlarge", False),
        ("ml.m5d.xlarge", True),
        ("ml.c6gn.xlarge", False),
        ("ml.r7gd.xlarge", True),
        ("ml.g4dn.xlarge", True),
        ("ml.g5.xlarge", True),
        ("ml.g6e.xlarge", True),
        ("ml.p3.2xlarge", False),
        ("ml.p4de.24xlarge", True),
        ("ml.inf2.xlarge", False),
        ("ml.trn1.2xlarge", True),
        ("ml.dl1.24xlarge", None),
    ],
)
def test_types_with_their_own_disk_are_told_from_those_without(instance_type, nvme):
    assert bundled_catalogue().instance_types[instance_type].nvme is nvme


def test_sizes_of_a_type_are_read():
    known = bundled_catalogue().instance_types["ml.g5.12xlarge"]
    assert (known.vcpu, known.memory_gib, known.gpus) == (48, 192.0, 4)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_every_item_of_an_endpoint_has_a_rate_where_rates_were_observed(region):
    observed = (RateItem.STORAGE_GB_MONTH, RateItem.DATA_IN_GB, RateItem.DATA_OUT_GB)
    assert all(bundled_rates().usd(region, item).usd > 0 for item in observed)


def test_the_storage_rate_of_us_east_1_is_marked_as_inferred_and_that_of_ireland_is_not():
    rates = bundled_rates()
    inferred = rates.usd("us-east-1", RateItem.STORAGE_GB_MONTH)
    assert inferred.usd == Decimal("0.14")
    assert [c.code for c in rates.caveats(inferred)] == [WarningCode.RATE_INFERRED]
    assert rates.caveats(rates.usd("eu-west-1", RateItem.STORAGE_GB_MONTH)) == []


def test_no_rate_is_made_up_for_a_region_that_nobody_observed():
    with pytest.raises(PriceError, match="--rates FILE"):
        bundled_rates().usd("ap-south-1", RateItem.STORAGE_GB_MONTH)


def test_the_readme_counts_the_rows_of_every_component():
    rows = parse_prices((data_folder() / "prices" / "prices.csv").read_text("utf-8"), "prices.csv")
    readme = (data_folder() / "README.md").read_text("utf-8")
    for component, count in Counter(price.component for price in rows).items():
        assert f"| `{component}` | {count} |" in readme
    regions = len({price.region for price in rows})
    assert f"{len(rows):,} rows" in readme
    assert f"{regions} regions, only types" in readme


def test_both_folders_are_found():
    assert (data_folder() / "prices" / "prices.csv").is_file()
    assert terraform_folder().is_dir()


def test_a_folder_beside_an_installed_package_is_not_mistaken_for_ours(tmp_path, monkeypatch):
    (tmp_path / "smcost").mkdir()
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(bundled, "files", lambda name: tmp_path / name)
    with pytest.raises(InputError, match="Install smcost again"):
        data_folder()


def test_looking_a_price_up_imports_neither_pandas_nor_boto3():
    code = (
        "import sys; from smcost.read.bundled import bundled_catalogue as c; "
        "c().price('us-east-1', 'ml.m5.xlarge'); "
        "print(sorted({'pandas', 'numpy', 'boto3', 'typer'} & set(sys.modules)))"
    )
    root = Path(bundled.__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert run.stdout.strip() == "[]"
