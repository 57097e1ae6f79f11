"""Scenarios whose right answer is known by hand, worked out here and not by the code under test.

Service is exponential with a mean of 100 ms on 4 workers: 2,400 invocations a minute keep one
instance busy, and the response of M/M/4 has a closed form. Nothing arrives in quiet minutes, so
that the busy ones alone make up the percentile.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest

from smcost.capacity import RatesProfile, Routing, WorkersProfile
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.recommend import recommend as recommend_module
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Constraint, Infeasible, ReasonCode, Recommendation
from smcost.slo import Objective, Slo

WORKERS, MEAN_S = 4, 0.1
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge",
    workers=WORKERS,
    service=ServiceTime(mean_s=MEAN_S, cv=1.0, law=ServiceLaw.GAMMA),
)
FULL_PER_MINUTE = 2_400


def late_share(per_minute: float, limit_s: float) -> float:
    """P(response > limit) of M/M/4 at so many a minute, by Erlang's formula from its series."""
    offered = per_minute / 60 * MEAN_S
    terms = [offered**k / math.factorial(k) for k in range(WORKERS)]
    last = offered**WORKERS / math.factorial(WORKERS) / (1 - offered / WORKERS)
    waits = last / (sum(terms) + last)
    served, drained = 1 / MEAN_S, (WORKERS - offered) / MEAN_S
    # Response = wait + service: a mixture of one exponential and of the sum of two.
    of_sum = drained * math.exp(-served * limit_s) - served * math.exp(-drained * limit_s)
    return (1 - waits) * math.exp(-served * limit_s) + waits * of_sum / (drained - served)


def smallest_fleet(per_minute: int, limit_s: float, allowed: float = 0.01) -> int:
    fleet = per_minute // FULL_PER_MINUTE + 1
    while late_share(per_minute / fleet, limit_s) > allowed:
        fleet += 1
    return fleet


def test_the_closed_form_is_the_one_of_the_textbook():
    # Reference case MM37: 4 workers of 1 s at 0.8 have a response p99 of 6.893203748883 s.
    assert late_share(0.8 * FULL_PER_MINUTE, 0.6893203748883) == pytest.approx(0.01, rel=1e-9)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A trace and the minimum that is right for it, between two bounds where a hand has bounds."""

    counts: list[int] = field(repr=False)
    least: int
    most: int
    p99_s: float = 0.7
    pins: dict[str, int] = field(default_factory=dict)
    constraint: Constraint | None = None
    changes: dict = field(default_factory=dict)


def spike(per_minute: int, minutes: int) -> list[int]:
    return [0] * 60 + [per_minute] * minutes + [0] * 60


def constant(per_minute: int, p99_s: float, fleet: int) -> Row:
    return Row(counts=[per_minute] * 90, p99_s=p99_s, least=fleet, most=fleet)


#: 10 of 60 minutes pass before help is there, and they are a sixth of all requests: their late
#: share may be six times 1 %, and need not be below 1 %.
STEP = [0] * 180 + [12_000] * 60 + [0] * 180

ROWS = {
    # 12,000 a minute are 200 rps; seven instances answer within 561 ms, six within 874 ms.
    "constant, 200 rps within 700 ms": constant(12_000, 0.7, 7),
    "constant, 200 rps within 1 s": constant(12_000, 1.0, 6),
    "constant, 200 rps within 480 ms": constant(12_000, 0.48, 10),
    "constant, 1,000 a minute": constant(1_000, 0.7, 1),
    "a spike of 5 min, shorter than the 9.5 min until help": Row(
        counts=spike(12_000, 5), least=7, most=7, constraint=Constraint.P99
    ),
    "a spike of 1 min, shorter than the alarm": Row(
        counts=spike(6_000, 1), least=4, most=4, constraint=Constraint.P99
    ),
    "a ramp over 6 h, which the scaler follows": Row(
        counts=np.linspace(600, 12_000, 360).astype(int).tolist(), least=1, most=1
    ),
    "a step at 03:00 that stays an hour": Row(
        counts=STEP,
        least=smallest_fleet(12_000, 0.7, allowed=0.06),
        most=smallest_fleet(12_000, 0.7),
        constraint=Constraint.P99,
    ),
    "no traffic": Row(counts=[0] * 90, least=1, most=1, constraint=Constraint.MIN_INSTANCES),
    "no traffic, a floor of 3": Row(
        counts=[0] * 90,
        least=3,
        most=3,
        constraint=Constraint.MIN_INSTANCES,
        changes={"min_instances": 3},
    ),
    "as many as the maximum allows, and no fewer": Row(
        counts=spike(12_000, 5), least=7, most=7, pins={"maximum": 7}
    ),
    "minimum and maximum given as the same": Row(
        counts=spike(12_000, 5),
        least=8,
        most=8,
        pins={"minimum": 8, "maximum": 8},
        constraint=Constraint.PINNED,
    ),
}


def answered(problem, row, **changes):
    given = {"profile": PROFILE} | row.changes | changes
    return recommend(problem(row.counts, p99_s=row.p99_s, pins=row.pins, **given))


def test_the_counts_in_the_rows_are_those_of_the_closed_form():
    for limit_s, fleet in ((0.7, 7), (1.0, 6), (0.48, 10)):
        assert smallest_fleet(12_000, limit_s) == fleet
    assert (smallest_fleet(1_000, 0.7), smallest_fleet(6_000, 0.7)) == (1, 4)


@pytest.mark.parametrize("name", ROWS)
def test_the_minimum_is_the_one_known_by_hand(problem, name):
    row = ROWS[name]
    found = answered(problem, row)
    assert isinstance(found, Recommendation), found.rejected
    variant = found.estimate.variant
    assert row.least <= variant.minimum <= row.most
    assert variant.minimum <= variant.initial_count <= variant.maximum
    if "maximum" in row.pins:
        assert variant.maximum == row.pins["maximum"]
    if row.constraint is not None:
        assert found.binding.constraint is row.constraint


@pytest.mark.parametrize("name", [name for name in ROWS if name.startswith("constant")])
def test_constant_traffic_is_billed_for_that_fleet_all_the_time(problem, name):
    found = answered(problem, ROWS[name])
    assert found.estimate.instance_hours.expected == 720 * ROWS[name].least
    limit_s, fleet = ROWS[name].p99_s, ROWS[name].least
    late = late_share(ROWS[name].counts[0] / fleet, found.estimate.latency.p99_s)
    # The table knows the tail to a fraction of a percent of its p99.
    assert late == pytest.approx(0.01, rel=0.02)
    assert found.estimate.latency.p99_s <= limit_s


def test_the_height_of_the_spike_at_its_own_pace_needs_one_instance(problem):
    """The other side of the spike: four hours up, half an hour there, four hours down."""
    ramp = np.linspace(0, 12_000, 240).astype(int).tolist()
    found = recommend(problem(ramp + [12_000] * 30 + ramp[::-1], p99_s=0.7, profile=PROFILE))
    assert found.estimate.variant.minimum == 1


def test_the_step_binds_in_the_hour_it_comes(problem):
    found = answered(problem, ROWS["a step at 03:00 that stays an hour"])
    assert "Mon 1 Jan 2024 03:0" in found.binding.explanation


def test_a_maximum_below_the_only_answer_is_infeasible_and_names_it(problem):
    row = ROWS["as many as the maximum allows, and no fewer"]
    found = recommend(problem(row.counts, p99_s=row.p99_s, pins={"maximum": 6}, profile=PROFILE))
    assert isinstance(found, Infeasible)
    assert found.rejected[0].reason_code is ReasonCode.BOUNDS_TOO_TIGHT
    assert "7 instances all the time would" in found.rejected[0].reason


def test_least_outstanding_needs_no_more_than_random_and_no_fewer_than_one_queue(problem):
    # 6 is where 200 rps of 100 ms on 4 workers begin to be stable at all.
    row = ROWS["constant, 200 rps within 700 ms"]
    found = answered(problem, row, routing=Routing.LEAST_OUTSTANDING_REQUESTS)
    assert found.estimate.variant.minimum == 6


#: p95 stays at 40 ms up to 30 rps, but from 20 rps on one request in a hundred fails.
FAILING = RatesProfile(
    instance_type="ml.m5.xlarge",
    offered_rps=np.array([10.0, 20.0, 30.0]),
    fractions=np.array([0.5, 0.95]),
    latencies_s=np.array([[0.02, 0.04]] * 3),
    error_rate=np.array([0.0, 0.01, 0.02]),
    requests=np.full(3, 1_000.0),
)


@pytest.mark.parametrize(("max_failed", "fleet"), [(0.001, 5), (0.01, 3), (0.02, 2)])
def test_errors_bind_before_latency(problem, max_failed, fleet):
    """50 rps, 10, 20 or 30 a piece: by latency alone two instances would always do."""
    slo = Slo(objectives=(Objective(fraction=0.95, limit_s=0.3),), max_failed=max_failed)
    found = recommend(problem([3_000] * 60, slo=slo, profile=FAILING.passing(max_failed)))
    assert isinstance(found, Recommendation)
    assert found.estimate.variant.minimum == found.estimate.variant.initial_count == fleet
    assert found.estimate.latency.p95_s < 0.05


def test_a_limit_below_the_service_time_is_infeasible_without_a_search(problem, monkeypatch):
    searched = []
    monkeypatch.setattr(recommend_module, "cheapest", lambda *given: searched.append(given))
    own_s = -MEAN_S * math.log(0.01)
    found = recommend(problem([100] * 60, p99_s=0.99 * own_s, profile=PROFILE))
    assert isinstance(found, Infeasible)
    assert found.rejected[0].reason_code is ReasonCode.SERVICE_TIME_ABOVE_LIMIT
    assert f"{1000 * own_s:,.0f} ms" in found.rejected[0].reason
    assert searched == []


@pytest.mark.parametrize("form", ["table", "json", "markdown", "tfvars"])
def test_on_the_command_line_it_leaves_with_11(smcost, form):
    line = "recommend --rps 200 --service-time 100ms --service-cv 1 --service-law gamma"
    outcome = smcost(f"{line} --concurrency 4 --p99 450ms -f {form}")
    assert outcome.exit_code == 11
    assert "Traceback" not in outcome.stderr
    if form == "json":
        document = outcome.document
        assert (document["feasible"], document["recommendation"]) == (False, None)
        assert [row["reason_code"] for row in document["rejected"]] == ["service_time_above_limit"]
    if form == "tfvars":
        assert "autoscaling_min_capacity" not in outcome.stdout
