"""``smcost prices import``: a saved list goes into the cache, where every command finds it."""

import json

import jsonschema
import pytest

EAST = ("us-east-1", "ml.m5.xlarge", "Hosting", "0.2100000000")
LARGE = ("us-east-1", "ml.m5.large", "Hosting", "0.1150000")
WEST = ("eu-west-1", "ml.m5.xlarge", "Hosting", "0.257")
NOW = "2026-11-24T09:30:00+00:00"


@pytest.fixture(autouse=True)
def morning(at):
    at(NOW)


def used(smcost, line=""):
    document = smcost(f"prices show --instance-type ml.m5.xlarge -f json {line}").document
    return next(row for row in document["prices"] if row["used"])


def test_an_imported_price_goes_before_the_bundled_one_and_says_where_it_is_from(
    smcost, write_products
):
    write_products("products.json", EAST)
    assert used(smcost)["layer"] == "bundled"
    assert smcost("prices import products.json").exit_code == 0
    row = used(smcost)
    assert row == {
        "region": "us-east-1",
        "instance_type": "ml.m5.xlarge",
        "component": "Hosting",
        "usd_per_hour": 0.21,
        "sku": "SKU0000000000000",
        "source": "AWS Price List, file products.json",
        "as_of": "2026-11-20",
        "used": True,
        "layer": "cache",
        "fetched_at": "2026-11-24T09:30:00Z",
    }


def test_what_was_stored_is_said(smcost, write_products, cache_folder):
    write_products("products.json", EAST, LARGE, (*EAST[:2], "Training", "0.23"))
    outcome = smcost("prices import products.json")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    said = [line.split() for line in outcome.stdout.splitlines()]
    assert "Price list of us-east-1, published 2026-11-20" in outcome.stdout
    assert f"Kept in {cache_folder / 'us-east-1.csv'}." in outcome.stdout
    assert ["Hosting", "prices", "2"] in said
    assert ["Training", "prices", "1"] in said
    assert (cache_folder / "us-east-1.csv").is_file()


def test_the_json_says_the_same_and_keeps_its_schema(smcost, write_products, cache_folder):
    write_products("products.json", EAST, LARGE, (*EAST[:2], "Cluster", "0.23"))
    document = smcost("prices import products.json -f json").document
    schema = json.loads(smcost("schema prices-pull").stdout)
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    assert document["command"] == "prices import"
    assert document["regions"] == [
        {
            "region": "us-east-1",
            "source": "AWS Price List, file products.json",
            "published": "2026-11-20",
            "fetched_at": "2026-11-24T09:30:00Z",
            "prices": {"Hosting": 2},
            "rates": 0,
            "savings_plans": 0,
            "left_out": {"of a component that is no stand-in for hosting": 1},
            "kept_prices": 0,
            "kept_later": 0,
            "replaced_published": None,
            "cache_file": str(cache_folder / "us-east-1.csv"),
        }
    ]


def test_all_regions_of_a_file_are_taken_or_the_one_that_is_asked_for(
    smcost, write_products, cache_folder
):
    write_products("products.json", EAST, WEST)
    assert smcost("prices import products.json --region eu-west-1").exit_code == 0
    assert [path.name for path in cache_folder.glob("*.csv")] == ["eu-west-1.csv"]
    document = smcost("prices import products.json -f json").document
    assert [each["region"] for each in document["regions"]] == ["eu-west-1", "us-east-1"]
    assert sorted(path.name for path in cache_folder.glob("*.csv")) == [
        "eu-west-1.csv",
        "us-east-1.csv",
    ]
    assert used(smcost, "--region eu-west-1")["layer"] == "cache"


def test_a_list_of_one_type_leaves_the_other_types_with_their_fetch_times(
    smcost, write_products, at
):
    write_products("both.json", EAST, LARGE)
    write_products("one.json", (*EAST[:3], "0.2"))
    smcost("prices import both.json")
    at("2026-11-25T10:00:00+00:00")
    [stored] = smcost("prices import one.json -f json").document["regions"]
    assert (stored["kept_prices"], stored["replaced_published"]) == (1, "2026-11-20")
    rows = smcost("prices show -f json").document["prices"]
    cached = {row["instance_type"]: row for row in rows if row["layer"] == "cache"}
    assert cached["ml.m5.xlarge"]["usd_per_hour"] == 0.2
    assert cached["ml.m5.xlarge"]["fetched_at"] == "2026-11-25T10:00:00Z"
    assert cached["ml.m5.large"]["usd_per_hour"] == 0.115
    assert cached["ml.m5.large"]["fetched_at"] == "2026-11-24T09:30:00Z"


def test_an_older_list_undoes_no_newer_price_and_says_so(smcost, write_products, cache_folder):
    write_products("new.json", EAST)
    write_products("old.json", (*EAST[:3], "0.9"), LARGE, published="2025-03-01")
    assert smcost("prices import new.json").stderr == ""
    outcome = smcost("prices import old.json -f json")
    assert outcome.warning_codes == {"price_list_older"}
    [warning] = outcome.document["warnings"]
    assert "published 2025-03-01, is older" in warning["message"]
    assert "1 row stays as of up to 2026-11-20" in warning["message"]
    assert str(cache_folder / "us-east-1.csv") in warning["message"]
    [stored] = outcome.document["regions"]
    assert (stored["kept_later"], stored["replaced_published"]) == (1, "2026-11-20")
    rows = smcost("prices show -f json").document["prices"]
    cached = {row["instance_type"]: row for row in rows if row["layer"] == "cache"}
    assert cached["ml.m5.xlarge"]["usd_per_hour"] == 0.21
    assert (cached["ml.m5.large"]["usd_per_hour"], cached["ml.m5.large"]["as_of"]) == (
        0.115, "2025-03-01",
    )  # fmt: skip
    table = [line.split() for line in smcost("prices import old.json").stdout.splitlines()]
    assert ["kept,", "of", "a", "later", "date", "1"] in table
    assert "warning" not in smcost("prices import old.json --quiet").stderr


def test_two_products_of_a_type_that_differ_are_warned_of_when_they_are_stored(
    smcost, write_products
):
    write_products("products.json", EAST, (*EAST[:3], "0.25"), LARGE)
    outcome = smcost("prices import products.json")
    assert outcome.exit_code == 0
    assert "warning [prices_compete]: The list of us-east-1 has several" in outcome.stderr
    assert "ml.m5.xlarge: 0.21, 0.25\n" in outcome.stderr
    assert "ml.m5.large" not in outcome.stderr
    refused = smcost("estimate --count 1 --instance-type ml.m5.xlarge")
    assert (refused.exit_code, "Several prices" in refused.stderr) == (4, True)
    assert smcost("estimate --count 1 --instance-type ml.m5.large").exit_code == 0


def test_equal_prices_of_two_products_are_nothing_to_warn_of(smcost, write_products):
    write_products("products.json", EAST, (*EAST[:3], "0.21"))
    assert smcost("prices import products.json").stderr == ""


def test_to_go_back_to_an_older_list_the_cache_is_deleted_first(
    smcost, write_products, cache_folder
):
    write_products("new.json", EAST)
    write_products("old.json", (*EAST[:3], "0.9"), published="2025-03-01")
    smcost("prices import new.json")
    (cache_folder / "us-east-1.csv").unlink()
    assert smcost("prices import old.json").stderr == ""
    assert used(smcost)["usd_per_hour"] == 0.9


def test_importing_the_same_file_twice_changes_nothing(smcost, write_products, cache_folder):
    write_products("products.json", EAST, LARGE)
    smcost("prices import products.json")
    first = (cache_folder / "us-east-1.csv").read_bytes()
    smcost("prices import products.json")
    assert (cache_folder / "us-east-1.csv").read_bytes() == first


#: What is wrong -> content, arguments, exit code, what is said.
REFUSALS = {
    "no such file": (None, "missing.json", 3, "There is no such file"),
    "an empty file": ("", "given", 3, "The file is empty"),
    "no price list": ('{"a": 1}', "given", 3, "neither an answer of aws pricing"),
    "HTML": ("<html></html>", "given", 3, "price list"),
    "another region": ("products", "given --region eu-west-9", 3, "no prices of eu-west-9"),
    "no Hosting price": ("training", "given", 4, "no Hosting price: it has Training alone"),
    "a format that it has not": ("products", "given -f csv", 2, "no format 'csv'"),
    "nowhere to write the answer": ("products", "given -o nowhere/x.json", 6, "cannot be written"),
}


@pytest.mark.parametrize("wrong", REFUSALS)
def test_a_refusal_names_what_is_wrong_and_stores_nothing(
    smcost, write, write_products, cache_folder, wrong
):
    content, line, exit_code, said = REFUSALS[wrong]
    component = {"products": "Hosting", "training": "Training"}.get(content)
    if component:
        write_products("given", (*EAST[:2], component, "0.2"))
    elif content is not None:
        write("given", content)
    outcome = smcost(f"prices import {line}")
    assert outcome.exit_code == exit_code, outcome.stderr
    assert said in outcome.refusal[0]
    assert outcome.stdout == ""
    if exit_code != 6:
        assert not list(cache_folder.glob("*.csv"))


def test_a_refused_import_leaves_the_old_cache(smcost, write_products, cache_folder):
    write_products("products.json", EAST)
    write_products("training.json", (*EAST[:2], "Training", "0.2"))
    smcost("prices import products.json")
    before = (cache_folder / "us-east-1.csv").read_bytes()
    assert smcost("prices import training.json").exit_code == 4
    assert (cache_folder / "us-east-1.csv").read_bytes() == before


def test_a_region_without_hosting_is_passed_over_beside_one_that_has_it(
    smcost, write_products, cache_folder
):
    write_products("products.json", EAST, (*WEST[:2], "Training", "0.2"))
    document = smcost("prices import products.json -f json").document
    assert [each["region"] for each in document["regions"]] == ["us-east-1"]
    assert document["passed_over"] == ["eu-west-1"]
    said = smcost("prices import products.json").stdout
    assert "Passed over, as the file has no Hosting price of them: eu-west-1" in said
    assert [path.name for path in cache_folder.glob("*.csv")] == ["us-east-1.csv"]


def test_the_help_has_an_example_and_a_missing_file_is_asked_for_with_it(smcost):
    outcome = smcost("prices import")
    assert outcome.exit_code == 2
    assert "smcost prices import index.json" in outcome.refusal[1]


def test_a_list_with_the_training_price_of_a_type_leaves_its_hosting_price(smcost, write_products):
    write_products("hosting.json", EAST)
    write_products("training.json", LARGE, (*EAST[:2], "Training", "9.9"))
    assert smcost("prices import hosting.json").exit_code == 0
    assert smcost("prices import training.json").exit_code == 0
    row = used(smcost)
    assert (row["component"], row["usd_per_hour"], row["layer"]) == ("Hosting", 0.21, "cache")


def test_an_account_id_in_the_name_of_the_file_is_not_kept(smcost, write_products, cache_folder):
    write_products("prices-123456789012.json", EAST)
    outcome = smcost("prices import prices-123456789012.json -f json")
    assert outcome.document["regions"][0]["source"].endswith("prices-(account).json")
    assert "123456789012" not in (cache_folder / "us-east-1.csv").read_text()


def test_no_region_is_written_where_the_code_of_another_is_none(
    smcost, write_products, cache_folder
):
    write_products("products.json", EAST, ("us-west-2-lax-1A", *EAST[1:]))
    assert smcost("prices import products.json").exit_code == 4
    assert not list(cache_folder.glob("*.csv"))


def test_no_region_is_written_where_the_cache_of_another_is_damaged(
    smcost, write_products, cache_folder
):
    write_products("products.json", EAST, WEST)
    cache_folder.mkdir(parents=True, exist_ok=True)
    (cache_folder / "us-east-1.csv").write_text("nonsense\n")
    assert smcost("prices import products.json").exit_code == 3
    assert [path.name for path in cache_folder.glob("*.csv")] == ["us-east-1.csv"]
