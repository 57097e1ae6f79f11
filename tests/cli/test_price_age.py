"""``--max-price-age``: an old price is warned of, or refused."""

import pytest

NAME = "ml.m5.xlarge"
CSV = "region,instance_type,component,usd_per_hour,source,as_of\n"
ABLE = "--service-time 45ms --concurrency 4 --p99 300ms --budget 0s"
COMMANDS = {
    "estimate": f"estimate --count 1 --instance-type {NAME}",
    "recommend": f"recommend --rps 5 {ABLE} --instance-type {NAME}",
    "prices show": f"prices show --instance-type {NAME}",
}


@pytest.fixture(autouse=True)
def day(at, write):
    at("2026-11-24T23:59:00+00:00")
    write("old.csv", f"{CSV}us-east-1,{NAME},Hosting,0.2,a list,2026-10-24\n")
    write("new.csv", f"{CSV}us-east-1,{NAME},Hosting,0.2,a list,2026-10-25\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_older_price_is_warned_of_and_the_answer_is_given_all_the_same(smcost, command):
    plain = smcost(f"{COMMANDS[command]} --prices old.csv -f json")
    outcome = smcost(f"{COMMANDS[command]} --prices old.csv --max-price-age 30d -f json")
    assert outcome.exit_code == 0
    assert outcome.warning_codes == plain.warning_codes | {"price_stale"}
    [said] = [w["message"] for w in outcome.document["warnings"] if w["code"] == "price_stale"]
    assert said == (
        f"The price of {NAME} in us-east-1 is of 2026-10-24 and 31 days old, more than the 30 days "
        "that --max-price-age allows"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_an_older_price_is_refused_where_that_is_asked_for(smcost, command):
    outcome = smcost(f"{COMMANDS[command]} --prices old.csv --max-price-age 30d:fail")
    assert outcome.exit_code == 4
    assert "is of 2026-10-24 and 31 days old" in outcome.refusal[0]
    assert "`smcost prices pull --region us-east-1`" in outcome.refusal[1]
    assert outcome.stdout == ""


@pytest.mark.parametrize("limit", ["30d", "30d:fail", "720h:fail", "31d:FAIL"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_price_of_that_age_passes(smcost, command, limit):
    outcome = smcost(f"{COMMANDS[command]} --prices new.csv --max-price-age {limit}")
    assert outcome.exit_code == 0
    assert "price_stale" not in outcome.warning_codes


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("30", "has no unit"),
        ("a month", "is not a number"),
        ("30d:warn", "says nothing about what an old price does"),
        ("30d:", "says nothing"),
        (":fail", "is not a number"),
        ("-1d", "negative"),
        ("30d:fail:fail", "says nothing"),
    ],
)
def test_a_limit_that_means_nothing_is_refused(smcost, monkeypatch, given, said):
    monkeypatch.setenv("SMCOST_MAX_PRICE_AGE", given)
    for line in COMMANDS.values():
        outcome = smcost(line)
        assert outcome.exit_code == 2
        assert said in outcome.refusal[0]
        assert "SMCOST_MAX_PRICE_AGE" in outcome.refusal[0]


def test_the_limit_can_stand_in_the_settings(smcost, write):
    write("smcost.toml", "max-price-age = '30d:fail'\n")
    assert smcost(f"{COMMANDS['estimate']} --prices old.csv").exit_code == 4


def test_a_year_alone_counts_as_its_last_day(smcost):
    """The bundled us-east-1 price is of 2026 and passes until that year is over."""
    assert "price_stale" not in smcost(f"{COMMANDS['estimate']} --max-price-age 1d").warning_codes


def test_a_rate_in_use_is_looked_at_too_and_one_that_is_not_is_not(smcost):
    line = f"{COMMANDS['estimate']} --prices new.csv --region us-east-1 --max-price-age 30d"
    assert "price_stale" not in smcost(line).warning_codes
    outcome = smcost(f"{line} --volume-gb 30 --rps 1 --payload-in 1MB")
    assert "price_stale" in outcome.warning_codes
    assert "The rate" in outcome.stderr or "the rate" in outcome.stderr


def test_one_old_price_among_several_types_is_refused_and_not_passed_over(smcost, write):
    """Left out, a type would win that the old price may have beaten."""
    write(
        "mixed.csv",
        f"{CSV}us-east-1,{NAME},Hosting,0.2,a list,2020\n"
        "us-east-1,ml.m5.large,Hosting,0.115,a list,2026-11-20\n",
    )
    write(
        "capacity.csv",
        "instance_type,workers,service_time_ms,service_cv\n"
        f"{NAME},4,45,0.5\nml.m5.large,2,45,0.5\n",
    )
    line = "recommend --rps 5 --capacity capacity.csv --p99 300ms --budget 0s --prices mixed.csv"
    assert smcost(f"{line} --max-price-age 30d").exit_code == 0
    outcome = smcost(f"{line} --max-price-age 30d:fail")
    assert outcome.exit_code == 4
    assert NAME in outcome.refusal[0]


def test_a_whole_region_is_one_warning_with_the_oldest_of_it(smcost):
    outcome = smcost("prices show --region af-south-1 --max-price-age 30d -f json")
    assert [w["code"] for w in outcome.document["warnings"]] == ["price_stale"]
    [warning] = outcome.document["warnings"]
    assert "prices and rates in use are older than the 30 days" in warning["message"]
    assert "of 2025-12-05 and 354 days old" in warning["message"]


def test_the_cached_price_is_judged_by_its_publication_and_not_by_its_fetching(
    smcost, write_products
):
    write_products("products.json", ("us-east-1", NAME, "Hosting", "0.2"), published="2026-09-01")
    smcost("prices import products.json")
    assert smcost(f"{COMMANDS['estimate']} --max-price-age 30d:fail").exit_code == 4


def test_quiet_keeps_the_warning_in_the_document_alone(smcost):
    line = f"{COMMANDS['estimate']} --prices old.csv --max-price-age 30d -f json --quiet"
    outcome = smcost(line)
    assert outcome.stderr == ""
    assert "price_stale" in {warning["code"] for warning in outcome.document["warnings"]}


def test_old_rates_of_a_region_are_found_where_its_prices_are_new(smcost, write):
    header = "region,item,unit,usd,source,as_of\n"
    write("rates.csv", f"{header}us-east-1,data_in_gb,GB,0.01,a list,2020\n")
    line = "prices show --region us-east-1 --max-price-age 3000d -f json"
    assert "price_stale" not in smcost(line).warning_codes
    outcome = smcost(f"{line.replace('3000d', '1000d')} --rates rates.csv")
    [said] = [w["message"] for w in outcome.document["warnings"] if w["code"] == "price_stale"]
    assert "the rate data_in_gb in us-east-1" in said.replace("The rate", "the rate")
