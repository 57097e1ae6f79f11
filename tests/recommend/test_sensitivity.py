"""How the answer moves where an assumption is another."""

import math
from dataclasses import replace

import numpy as np
import pytest

from smcost.capacity import Routing, SweepProfile, WorkersProfile
from smcost.queueing.service import ServiceTime
from smcost.recommend.among import recommend_among
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Factor

SPIKE = [200] * 60 + [1_200] * 12 + [200] * 60
PLENTY = 50_000_000


def rows(asked, **changes):
    _, found = recommend_among([replace(asked, **changes)], with_sensitivity=True)
    return {(row.factor, row.value): row for row in found.sensitivity}, found


@pytest.fixture
def asked(problem):
    return problem(SPIKE, p99_s=2.2, simulated_requests=PLENTY)


def test_every_factor_is_moved_both_ways(asked):
    found, _ = rows(asked)
    assert [factor for factor, _ in found] == [
        *[Factor.STARTUP_TIME] * 2,
        *[Factor.BURSTINESS] * 2,
        Factor.ROUTING,
        *[Factor.SERVICE_VARIABILITY] * 2,
    ]
    assert [value for _, value in found] == [
        *("150 s", "600 s", "dispersion 2", "dispersion 4"),
        *("LEAST_OUTSTANDING_REQUESTS", "cv 0.25", "cv 1"),
    ]


def test_nothing_is_moved_unless_asked_for(asked):
    assert recommend(asked).sensitivity == ()


@pytest.mark.parametrize("startup_s", [150.0, 600.0])
def test_the_answer_then_is_that_of_the_changed_question(asked, startup_s):
    found, _ = rows(asked)
    row = found[Factor.STARTUP_TIME, f"{startup_s:g} s"]
    changed = replace(asked, delays=replace(asked.delays, startup_s=startup_s))
    answer = recommend(changed).estimate
    assert row.feasible
    assert (row.minimum, row.target_per_minute) == (
        answer.variant.minimum,
        answer.variant.target_per_minute,
    )
    assert row.expected_usd == answer.cost.expected.usd


def test_help_that_takes_longer_costs_no_less(asked):
    found, answer = rows(asked)
    sooner, later = (found[Factor.STARTUP_TIME, value] for value in ("150 s", "600 s"))
    assert sooner.expected_usd <= answer.estimate.cost.expected.usd <= later.expected_usd


def test_bursts_raise_the_p99_of_the_plan_and_never_lower_its_minimum(asked):
    found, answer = rows(asked)
    calm_s = answer.estimate.latency.worst_window_p99_s
    two, four = (found[Factor.BURSTINESS, f"dispersion {value}"] for value in (2, 4))
    assert calm_s < two.worst_window_p99_s < four.worst_window_p99_s
    for row in (two, four):
        assert row.minimum >= answer.estimate.variant.minimum
        assert row.target_per_minute == answer.estimate.variant.target_per_minute
        assert (row.breaks == "") == (row.minimum == answer.estimate.variant.minimum)


def test_what_the_budget_does_not_reach_is_not_known(asked):
    found, _ = rows(asked, simulated_requests=0)
    row = found[Factor.BURSTINESS, "dispersion 2"]
    assert math.isnan(row.worst_window_p99_s)
    assert (row.breaks, row.feasible, row.minimum) == (None, None, None)
    # Screening knows the other factors.
    assert found[Factor.STARTUP_TIME, "600 s"].feasible


def test_an_assumption_may_make_it_infeasible(problem):
    """At cv 1 the service time's own p99 of 2.2 s is above the limit."""
    found, _ = rows(problem(SPIKE, p99_s=1.6))
    row = found[Factor.SERVICE_VARIABILITY, "cv 1"]
    assert (row.feasible, row.minimum, row.expected_usd) == (False, None, None)


def test_bursts_that_are_assumed_are_moved_to_calm(asked):
    found, _ = rows(asked, burstiness=2.0)
    values = [value for factor, value in found if factor is Factor.BURSTINESS]
    assert values == ["dispersion 1", "dispersion 4"]


def test_what_has_no_variability_of_its_own_is_not_given_one(problem):
    constant = WorkersProfile(
        instance_type="ml.m5.xlarge", workers=2, service=ServiceTime(mean_s=0.5, cv=0.0)
    )
    sweep = SweepProfile(
        instance_type="ml.m5.xlarge",
        concurrency=np.array([1.0, 8.0]),
        throughput_rps=np.array([2.0, 8.0]),
        fractions=np.array([0.5, 0.99]),
        latencies_s=np.array([[0.5, 0.9], [0.9, 1.4]]),
        error_rate=np.zeros(2),
        requests=np.zeros(2),
        means_s=np.full(2, np.nan),
    )
    for profile in (constant, sweep):
        found, _ = rows(problem([200] * 60, p99_s=3.0, profile=profile))
        assert Factor.SERVICE_VARIABILITY not in {factor for factor, _ in found}


def test_the_routing_is_the_other_one(problem):
    routing = Routing.LEAST_OUTSTANDING_REQUESTS
    found, _ = rows(problem(SPIKE, p99_s=2.2, routing=routing))
    assert (Factor.ROUTING, "RANDOM") in found
