"""The plain simulator: stories worked out by hand, and laws that hold on every path."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from smcost.errors import UsageError
from smcost.queueing.load_dependent import Sweep
from smcost.queueing.simulation import (
    SweepInstance,
    WorkersInstance,
    arrivals_given_counts,
    simulate_fleet,
    simulate_random_fleet,
)

FIRST, SECOND = 0.0, 0.5
"""Choices that pick the first and the second of two instances."""


def story(*requests, instances=(1,), workers=1, step_s=60.0):
    """Response times of ``(arrival, service, choice)`` requests, rounded to the microsecond."""
    arrivals, services, choices = np.array(requests, dtype=float).reshape(-1, 3).T
    responses = simulate_random_fleet(
        arrivals_s=arrivals,
        services_s=services,
        choices=choices,
        instances=np.array(instances, dtype=np.int64),
        step_s=step_s,
        workers=workers,
    )
    return [round(response, 6) for response in responses.tolist()]


def test_nobody_waits_where_a_worker_is_free():
    assert story((0, 2, FIRST), (1, 3, FIRST), (2, 1, FIRST), workers=2) == [2, 3, 1]


def test_the_queue_is_first_come_first_served():
    assert story((0, 5, FIRST), (1, 1, FIRST), (2, 1, FIRST)) == [5, 5, 5]


def test_requests_at_the_same_time_are_served_in_the_given_order():
    assert story((0, 2, FIRST), (0, 1, FIRST)) == [2, 3]
    assert story((0, 1, FIRST), (0, 2, FIRST)) == [1, 3]


def test_a_worker_freed_at_the_moment_of_an_arrival_takes_it():
    assert story((0, 2, FIRST), (2, 1, FIRST)) == [2, 1]


def test_a_later_request_may_overtake_on_another_worker():
    assert story((0, 9, FIRST), (1, 1, FIRST), (2, 1, FIRST), workers=2) == [9, 1, 1]


def test_a_queue_is_not_shared_between_instances():
    # The third request waits for its own instance although the other is idle.
    assert story((0, 9, FIRST), (1, 1, SECOND), (5, 1, FIRST), instances=(2,)) == [9, 1, 5]


def test_a_choice_picks_an_instance_among_those_in_service():
    # 0.74 of four is the third instance, of two the second.
    busy, third = (0, 9, 0.5), (1, 1, 0.74)
    assert story(busy, third, instances=(4,)) == [9, 9]
    assert story(busy, third, instances=(2,)) == [9, 9]
    assert story(busy, (1, 1, 0.76), instances=(4,)) == [9, 1]


def test_a_new_instance_starts_empty_and_takes_over_nobodys_queue():
    # Two wait on the first instance when the second arrives at 60 s: they stay where they are.
    old = [(0, 100, FIRST), (1, 1, FIRST)]
    late = [(61, 1, FIRST), (61, 1, SECOND)]
    assert story(*old, *late, instances=(1, 2)) == [100, 100, 41, 1]


def test_a_removed_instance_finishes_what_it_has():
    # The second instance leaves at 60 s with a request in service and one waiting.
    requests = [(0, 100, SECOND), (1, 5, SECOND), (61, 1, SECOND)]
    assert story(*requests, instances=(2, 1)) == [100, 104, 1]


def test_an_instance_that_left_and_came_back_is_empty():
    requests = [(0, 500, SECOND), (61, 1, FIRST), (121, 1, SECOND)]
    assert story(*requests, instances=(2, 1, 2)) == [500, 1, 1]


def test_an_instance_that_left_in_a_minute_without_requests_comes_back_empty():
    assert story((0, 500, SECOND), (121, 1, SECOND), instances=(2, 1, 2)) == [500, 1]


def test_beyond_the_last_step_the_last_count_holds():
    assert story((0, 500, SECOND), (301, 1, SECOND), instances=(2, 2)) == [500, 200]


def test_no_request_is_no_response():
    assert story() == []


@pytest.mark.parametrize("arrivals", [(1.0, 0.5), (-1.0, 0.5)])
def test_arrivals_out_of_order_are_refused(arrivals):
    with pytest.raises(UsageError, match="not sorted"):
        story(*((arrival, 1, FIRST) for arrival in arrivals))


def least_outstanding(*requests, instances=(2,), workers=1):
    """As ``story``, of ``(arrival, service)`` requests to the instance with fewest outstanding."""
    arrivals, services = np.array(requests, dtype=float).T
    responses = simulate_fleet(
        arrivals_s=arrivals,
        work=services,
        choices=None,
        instances=np.array(instances, dtype=np.int64),
        step_s=60.0,
        new_instance=lambda: WorkersInstance(workers),
    )
    return [round(response, 6) for response in responses.tolist()]


def test_least_outstanding_takes_the_idle_instance_and_the_first_on_ties():
    # The third finds one on each and goes to the first; so does the fourth, to the second.
    requests = [(0, 1), (0.1, 3), (0.2, 1), (0.3, 1), (5, 1)]
    assert least_outstanding(*requests) == [1, 3, 1.8, 3.8, 1]


def test_least_outstanding_counts_requests_and_does_not_see_how_long_they_take():
    # Both have one; the first takes 100 s, and the third request waits for it all the same.
    assert least_outstanding((0, 100), (1, 2), (2, 1)) == [100, 2, 99]


def test_a_departure_at_the_moment_of_an_arrival_is_no_longer_outstanding():
    assert least_outstanding((0, 2), (1, 9), (2, 1)) == [2, 9, 1]


def test_least_outstanding_gives_a_new_instance_everything_until_it_has_as_many():
    old = [(0, 100), (1, 100), (2, 100)]
    late = [(61, 30), (62, 30), (63, 30), (64, 30)]
    found = least_outstanding(*old, *late, instances=(1, 2))
    # Three wait at the old one until 300 s; the new takes three, and the tie goes to the old.
    assert found == [100, 199, 298, 30, 59, 88, 266]


def test_least_outstanding_waits_nowhere_while_an_instance_is_idle():
    requests = [(float(time_s), 2.9) for time_s in range(30)]
    assert least_outstanding(*requests, instances=(3,)) == [2.9] * 30


whole_seconds = st.integers(0, 600).map(float)


@st.composite
def fleets(draw):
    """Requests over ten steps of a minute and a fleet of 1 to 5 instances.

    Times are whole seconds: many ties, and sums without rounding, so that the laws are exact.
    """
    size = draw(st.integers(1, 60))
    return {
        "arrivals_s": np.sort(draw(hnp.arrays(np.float64, size, elements=whole_seconds))),
        "services_s": draw(hnp.arrays(np.float64, size, elements=whole_seconds)),
        "choices": draw(hnp.arrays(np.float64, size, elements=st.floats(0, 1, exclude_max=True))),
        "instances": draw(hnp.arrays(np.int64, 10, elements=st.integers(1, 5))),
        "step_s": 60.0,
    }


def on_one_instance(fleet, workers):
    """Start and end of each service where a single instance serves all."""
    fleet = fleet | {"instances": np.array([1])}
    ends_s = fleet["arrivals_s"] + simulate_random_fleet(**fleet, workers=workers)
    return ends_s - fleet["services_s"], ends_s


@settings(deadline=None)
@given(fleets(), st.integers(1, 4))
def test_every_request_is_answered_once_and_not_before_its_service(fleet, workers):
    responses_s = simulate_random_fleet(**fleet, workers=workers)
    assert responses_s.shape == fleet["arrivals_s"].shape
    assert np.all(responses_s >= fleet["services_s"])
    assert np.all(np.isfinite(responses_s))


@settings(deadline=None)
@given(fleets(), st.integers(1, 4))
def test_no_worker_serves_two_at_once(fleet, workers):
    starts_s, ends_s = on_one_instance(fleet, workers)
    for time_s in starts_s:
        assert np.sum((starts_s <= time_s) & (time_s < ends_s)) <= workers


@settings(deadline=None)
@given(fleets(), st.integers(1, 4))
def test_nobody_waits_while_a_worker_is_idle(fleet, workers):
    starts_s, ends_s = on_one_instance(fleet, workers)
    for start_s in starts_s[starts_s > fleet["arrivals_s"]]:
        before_s = start_s - 0.5
        assert np.sum((starts_s <= before_s) & (before_s < ends_s)) == workers


@settings(deadline=None)
@given(fleets(), st.integers(1, 4))
def test_on_one_instance_services_begin_in_the_order_of_arrival(fleet, workers):
    starts_s, _ = on_one_instance(fleet, workers)
    assert np.all(np.diff(starts_s) >= 0)


@settings(deadline=None)
@given(fleets(), st.integers(1, 4))
def test_a_worker_more_never_lengthens_a_wait(fleet, workers):
    fewer = simulate_random_fleet(**fleet, workers=workers)
    more = simulate_random_fleet(**fleet, workers=workers + 1)
    assert np.all(more <= fewer)


@settings(deadline=None)
@given(fleets(), st.integers(1, 4), st.integers(1, 3))
def test_slower_service_never_shortens_a_response(fleet, workers, factor):
    slower = fleet | {"services_s": fleet["services_s"] * factor}
    fast = simulate_random_fleet(**fleet, workers=workers)
    assert np.all(simulate_random_fleet(**slower, workers=workers) >= fast)


@settings(deadline=None)
@given(hnp.arrays(np.int64, st.integers(1, 20), elements=st.integers(0, 50)), st.integers(0, 2**32))
def test_each_step_gets_the_arrivals_it_was_given(counts, seed):
    arrivals_s = arrivals_given_counts(counts, 60.0, np.random.default_rng(seed))
    assert np.all(np.diff(arrivals_s) >= 0)
    found = np.bincount((arrivals_s // 60).astype(np.int64), minlength=counts.size)
    assert found.tolist() == counts.tolist()


def test_arrivals_within_a_step_are_uniform():
    # Kolmogorov-Smirnov: the largest gap exceeds 1.95 / sqrt(n) once in a thousand.
    arrivals_s = arrivals_given_counts(np.array([0, 10_000]), 30.0, np.random.default_rng(3))
    inside = (arrivals_s - 30.0) / 30.0
    gaps = np.abs(inside - (np.arange(inside.size) + 0.5) / inside.size)
    assert gaps.max() < 1.95 / np.sqrt(inside.size)


def test_the_same_generator_gives_the_same_arrivals():
    counts = np.array([5, 0, 7])
    once, again = (
        arrivals_given_counts(counts, 60.0, np.random.default_rng(1)).tolist() for _ in range(2)
    )
    assert once == again


def test_a_request_that_timed_out_is_worked_on_to_its_end_unless_it_is_dropped():
    """One worker, 5 s each, three at once, nobody waits longer than 6 s.

    Kept: 5, 10, 15. Dropped: the second is cut off at 6, so that the third starts then, too late
    itself, and the worker is free at 6 for the one who comes at 7. What was late stays late.
    """
    responses = {}
    for gives_up_s in (math.inf, 6.0):
        instance = WorkersInstance(1, gives_up_s)
        responses[gives_up_s] = [instance.serve(at_s, 5.0) for at_s in (0.0, 0.0, 0.0, 7.0)]
    assert responses[math.inf] == [5, 10, 15, 13]
    assert responses[6.0] == [5, 10, 11, 5]


def test_a_sweep_instance_drops_who_would_wait_too_long():
    sweep = Sweep(
        throughput_rps=np.array([1.0]),
        fractions=np.array([0.5]),
        latencies_s=np.array([[1.0]]),
    )
    kept, dropping = (
        SweepInstance(sweep, np.random.default_rng(7), gives_up_s) for gives_up_s in (math.inf, 2.0)
    )
    for _ in range(50):
        kept.serve(0.0, 0.5)
        dropping.serve(0.0, 0.5)
    assert kept.outstanding(0.0) == 50
    assert dropping.outstanding(0.0) < 10
