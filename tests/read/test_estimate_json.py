"""Today's configuration out of an estimate."""

import json
import math
from decimal import Decimal

import pytest

from smcost.capacity import Routing
from smcost.errors import InputError
from smcost.read.estimate_json import read_current
from smcost.slo import SloWindow

CONFIGURATION = {
    "instance_type": "ml.m5.xlarge",
    "min_capacity": 2,
    "max_capacity": 6,
    "initial_instance_count": 3,
    "target_invocations_per_instance": 600.5,
    "routing_strategy": "LEAST_OUTSTANDING_REQUESTS",
    "scale_in_cooldown_s": 300.0,
    "scale_out_cooldown_s": 60.0,
}
LATENCY = {
    "p50_ms": 44.0,
    "p95_ms": 96.1,
    "p99_ms": 130.5,
    "worst_window_p95_ms": 97.0,
    "worst_window_p99_ms": 141.0,
    "worst_window_start": "2024-01-02T00:00:00Z",
    "minutes_over_slo": 3,
    "failed_fraction": 1e-9,
    "method": "screened",
}
HORIZON = {
    "start": "2024-01-01T00:00:00Z",
    "end": "2024-01-03T00:00:00Z",
    "hours": 47.5,
    "instance_hours": 101.25,
}
GOOD = {
    "command": "estimate",
    "provenance": {"prices": {"region": "eu-west-1"}, "traffic": "week.csv", "capacity": None},
    "configuration": CONFIGURATION,
    "cost": {"expected_usd": 331.2, "hours_per_month": 720.0},
}


@pytest.fixture
def current(tmp_path):
    def read(content):
        path = tmp_path / "today.json"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return read_current(path)

    return read


def with_cost(**changed):
    return {**GOOD, "cost": {**GOOD["cost"], **changed}}


def test_cost_and_month_are_read_as_they_are_written(current):
    found = current(with_cost(expected_usd=0.1, hours_per_month=730))
    assert found.expected_usd == Decimal("0.1")
    assert found.hours_per_month == 730


def test_the_configuration_is_read_whole(current):
    found = current(GOOD)
    assert (found.region, found.traffic, found.capacity) == ("eu-west-1", "week.csv", None)
    variant = found.variant
    assert variant.instance_type == "ml.m5.xlarge"
    assert (variant.minimum, variant.maximum, variant.initial_count) == (2, 6, 3)
    assert variant.target_per_minute == 600.5
    assert variant.routing is Routing.LEAST_OUTSTANDING_REQUESTS
    assert (variant.scale_in_cooldown_s, variant.scale_out_cooldown_s) == (300, 60)
    assert (found.horizon, found.latency, found.window) == (None, None, SloWindow.DAY)


def test_horizon_and_latency_are_read_where_they_are_known(current):
    found = current({**GOOD, "horizon": HORIZON, "latency": LATENCY})
    assert found.horizon is not None
    assert found.horizon.end_s - found.horizon.start_s == 2 * 86_400
    assert found.horizon.hours == Decimal("47.5")
    assert found.latency is not None
    assert found.latency.worst_window_p99_s == pytest.approx(0.141)
    assert found.latency.minutes_over_slo == 3
    assert found.latency.failed_fraction == 1e-9


def test_a_null_percentile_is_beyond_the_timeout_only_where_a_warning_says_so(current):
    nulls = {**LATENCY, "worst_window_p99_ms": None, "worst_window_start": None}
    found = current({**GOOD, "latency": nulls})
    assert math.isnan(found.latency.worst_window_p99_s)
    assert found.latency.worst_window_start_s is None
    warned = [{"code": "beyond_timeout", "message": "..."}]
    found = current({**GOOD, "latency": nulls, "warnings": warned})
    assert math.isinf(found.latency.worst_window_p99_s)


def test_the_kind_of_the_worst_window_is_that_of_the_slo(current):
    entry = {"name": "SLO window", "value": "every hour (UTC)", "source": "flag --slo-window"}
    assert current({**GOOD, "assumptions": [entry]}).window is SloWindow.HOUR
    assert current({**GOOD, "assumptions": []}).window is SloWindow.DAY


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"configuration": None}, "configuration"),
        ({"configuration": 5}, "configuration"),
        ({"configuration": {**CONFIGURATION, "min_capacity": "two"}}, "configuration.min_capacity"),
        ({"configuration": {**CONFIGURATION, "min_capacity": 7}}, "configuration"),
        ({"configuration": {**CONFIGURATION, "routing_strategy": "NEAREST"}}, "configuration"),
        ({"provenance": None}, "provenance"),
        ({"provenance": {"prices": {"region": 5}}}, "provenance.prices.region"),
        ({"horizon": {**HORIZON, "start": "yesterday"}}, "horizon.start"),
        ({"latency": {**LATENCY, "p99_ms": "slow"}}, "latency.p99_ms"),
        ({"latency": {**LATENCY, "failed_fraction": None}}, "latency.failed_fraction"),
    ],
)
def test_a_part_that_no_estimate_has_is_refused_with_its_place(current, changed, place):
    with pytest.raises(InputError) as refused:
        current({**GOOD, **changed})
    assert (refused.value.place or "").endswith(f"today.json, {place}")
    assert "smcost estimate" in refused.value.remedy


def test_keys_it_does_not_know_do_not_matter(current):
    assert current({**GOOD, "later": [1]}).hours_per_month == 720


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "empty"),
        ("{", "no JSON"),
        ("[]", "not an estimate"),
        ("null", "not an estimate"),
        ({**GOOD, "command": "recommend"}, "not an estimate"),
        ({"command": "estimate"}, "no expected cost"),
        ({"command": "estimate", "cost": 5}, "no expected cost"),
        (with_cost(expected_usd=None), "no expected cost"),
        (with_cost(expected_usd="dear"), "'dear' is no amount"),
        (with_cost(expected_usd=True), "True is no amount"),
        (with_cost(expected_usd=-1), "no amount"),
        (with_cost(expected_usd=float("nan")), "no amount"),
        (with_cost(expected_usd=float("inf")), "no amount"),
        (with_cost(hours_per_month=None), "no amount"),
        (with_cost(hours_per_month=[720]), "no amount"),
    ],
)
def test_what_is_no_estimate_is_refused_with_its_place(current, content, cause):
    with pytest.raises(InputError) as refused:
        current(content)
    assert cause in refused.value.cause
    assert "today.json" in (refused.value.place or "")
    assert refused.value.remedy


def test_a_missing_expected_cost_is_refused_with_the_way_to_get_one(current):
    with pytest.raises(InputError) as refused:
        current(with_cost(expected_usd=None))
    assert "with traffic" in refused.value.remedy
    assert refused.value.place is not None
    assert refused.value.place.endswith("cost.expected_usd")


def test_policies_of_another_form_are_refused_with_their_place(current):
    entry = {"policy_type": "TargetTrackingScaling", "metric": "GPUUtilization"}
    for wrong in ([entry], [{"metric": "CPUUtilization"}], ["cpu"], [entry | {"metric": None}]):
        content = GOOD | {"configuration": CONFIGURATION | {"policies": wrong}}
        with pytest.raises(InputError) as refused:
            current(content)
        assert "configuration" in refused.value.place


def test_a_schedule_comes_back(current):
    told = ["cron(0 8 ? * MON-FRI *) Europe/Berlin min=4 max=9"]
    found = current(GOOD | {"configuration": CONFIGURATION | {"schedule": told}})
    assert [action.told for action in found.variant.schedule] == told


def test_an_estimate_of_before_there_were_policies_has_none(current):
    assert current(GOOD).variant.only_invocations
