"""Minutes mixed into windows: percentiles, the worst window, and the verdict on an SLO."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import WorkersProfile
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import ServiceTime
from smcost.replay.backlog import DelayedArrivals
from smcost.replay.latency import LatencyTerms, Loads, loads
from smcost.replay.verdict import judge, minutes_over
from smcost.slo import Objective, Slo

#: 4 workers at 100 ms: busy all the time at 2400 invocations a minute.
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=0.1, cv=0.5)
)
FULL = 2400
PERCENTILES = (0.5, 0.95, 0.99)


def replayed(invocations, in_service, *, window=None, **terms) -> Loads:
    size = len(invocations)
    return loads(
        invocations=np.array(invocations, dtype=np.int64),
        in_service=np.array(in_service, dtype=np.int64),
        window=np.zeros(size, dtype=np.int64) if window is None else np.array(window),
        profile=PROFILE,
        terms=LatencyTerms(**terms),
    )


def late_share(load: Loads, limit_s: float) -> float:
    return float(load.late_per_minute(limit_s).sum() / load.requests.sum())


#: One to twelve minutes on one to three instances, from silent to three times overloaded.
minutes = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 3 * FULL), min_size=size, max_size=size),
        st.lists(st.integers(1, 3), min_size=size, max_size=size),
    )
)


# Percentiles


def test_a_constant_load_has_the_percentile_of_its_utilisation():
    load = replayed([1200] * 5, [1] * 5)
    found_s = load.percentile_s(0.99)
    late = PROFILE.response_table().late_fraction(np.array([0.5]), found_s)
    assert late[0] == pytest.approx(0.01)


def test_twice_the_traffic_on_twice_the_instances_is_as_late():
    one, two = replayed([1800], [1]), replayed([3600], [2])
    assert one.percentile_s(0.99) == two.percentile_s(0.99)


def test_percentiles_come_from_the_mixture_and_are_not_averaged():
    # 1 % of the requests are in a minute at 0.95: p99 lies among those, between the two.
    quiet, busy = replayed([240] * 100, [1] * 100), replayed([2280], [1])
    both = replayed([240] * 100 + [2280], [1] * 101)
    found_s = both.percentile_s(0.99)
    assert quiet.percentile_s(0.99) < found_s < busy.percentile_s(0.99)
    expected = (quiet.late_per_minute(found_s).sum() + busy.late_per_minute(found_s).sum()) / 26280
    assert expected == pytest.approx(0.01)


@settings(deadline=None)
@given(minutes, st.sampled_from(PERCENTILES), st.floats(0, 0.05))
def test_a_percentile_inverts_the_late_requests(trace, fraction, overhead_s):
    load = replayed(*trace, overhead_s=overhead_s)
    found_s = load.percentile_s(fraction)
    if not load.requests.any():
        assert math.isnan(found_s)
    elif math.isinf(found_s):
        assert load.failed_fraction() > 1 - fraction
    else:
        assert late_share(load, found_s) <= (1 - fraction) * (1 + 1e-12)
        assert late_share(load, found_s - 1e-9) > (1 - fraction) * (1 - 1e-6)


@settings(deadline=None)
@given(minutes, st.floats(0, 70), st.floats(0, 70))
def test_a_longer_limit_never_makes_more_requests_late(trace, one_s, other_s):
    load = replayed(*trace)
    short, long = (load.late_per_minute(limit_s) for limit_s in sorted((one_s, other_s)))
    assert np.all(long <= short + 1e-9)
    assert np.all(short <= load.requests + 1e-6)
    assert np.all(long >= 0)


@settings(deadline=None)
@given(minutes)
def test_every_request_is_either_steady_or_in_an_overloaded_stretch(trace):
    load = replayed(*trace)
    listed = np.bincount(load.delayed.minute, load.delayed.requests, minlength=load.requests.size)
    assert load.steady + listed == pytest.approx(load.requests)
    assert np.all(load.weak[load.delayed.minute])


def test_a_window_without_requests_has_no_percentile():
    load = replayed([1200, 0], [1, 1], window=[0, 1])
    assert math.isnan(load.percentile_s(0.99, window=1))
    assert load.percentile_s(0.99, window=0) == load.percentile_s(0.99)
    assert math.isnan(replayed([0, 0], [1, 1]).percentile_s(0.99))


def test_a_window_is_judged_by_its_own_requests_and_backlog():
    load = replayed([1200, 4000, 1200, 1200], [1] * 4, window=[0, 1, 1, 2])
    alone = replayed([1200], [1])
    assert load.percentile_s(0.99, window=0) == pytest.approx(alone.percentile_s(0.99))
    assert load.percentile_s(0.5, window=1) > 10
    # The last 470 of the backlog are met in window 2, for 24 of its 60 s.
    assert load.percentile_s(0.5, window=2) < 1 < load.percentile_s(0.75, window=2)


# Overhead and timeout


def test_overhead_shifts_every_percentile():
    bare, shifted = replayed([2000], [1]), replayed([2000], [1], overhead_s=0.03)
    for fraction in PERCENTILES:
        assert shifted.percentile_s(fraction) == pytest.approx(bare.percentile_s(fraction) + 0.03)


def test_overhead_does_not_use_up_the_timeout():
    plain, distant = (replayed([6000, 6000], [2, 2], overhead_s=o, timeout_s=20) for o in (0, 5))
    assert plain.failed_fraction() == distant.failed_fraction()
    assert 0.1 < plain.failed_fraction() < 0.9


def test_with_its_overhead_a_percentile_may_exceed_the_timeout():
    bare, distant = (replayed([1200], [1], overhead_s=o, timeout_s=1) for o in (0, 5))
    assert distant.percentile_s(0.99) == pytest.approx(bare.percentile_s(0.99) + 5)


def test_requests_that_time_out_are_late_for_every_limit():
    load = replayed([7200, 7200], [1, 1], timeout_s=30)
    failed = load.failed_fraction()
    assert 0.5 < failed < 1
    for limit_s in (30.0, 31.0, 1e9, math.inf):
        assert late_share(load, limit_s) == pytest.approx(failed)
    assert late_share(load, 20.0) > failed


def test_a_percentile_beyond_the_timeout_is_infinite():
    load = replayed([7200, 7200], [1, 1], timeout_s=30)
    assert load.percentile_s(0.99) == math.inf
    assert load.percentile_s(0.05) < 30


def test_without_requests_nothing_fails():
    assert replayed([0], [1]).failed_fraction() == 0


# Weak minutes


@pytest.mark.parametrize(
    ("invocations", "weak"),
    # utilisation x (1 + 3 / sqrt(requests)) > 0.75, worked out for 2400 a minute.
    [(0, False), (1600, False), (1676, False), (1680, True), (2300, True)],
)
def test_a_minute_is_weak_at_high_utilisation(invocations, weak):
    assert replayed([invocations], [1]).weak.tolist() == [weak]


def test_thin_traffic_is_weak_at_a_lower_utilisation():
    # 5 of 10 a minute: 0.5 x (1 + 3 / sqrt(5)) = 1.17; 5000 of 10,000: 0.52.
    thin = replace(PROFILE, workers=1, service=ServiceTime(mean_s=6.0, cv=0.5))
    thick = replace(PROFILE, workers=1000, service=ServiceTime(mean_s=6.0, cv=0.5))
    for profile, count, weak in ((thin, 5, True), (thick, 5000, False)):
        load = loads(
            invocations=np.array([count]),
            in_service=np.array([1]),
            window=np.array([0]),
            profile=profile,
            terms=LatencyTerms(),
        )
        assert load.weak.tolist() == [weak]


def test_a_quiet_minute_behind_a_backlog_is_weak_too():
    assert replayed([1200, 3600, 600, 600], [1] * 4).weak.tolist() == [False, True, True, False]


# The worst window


def brute_force(load: Loads, fraction: float) -> float:
    each_s = [load.percentile_s(fraction, window) for window in range(load.windows)]
    known = [found_s for found_s in each_s if not math.isnan(found_s)]
    return max(known) if known else math.nan


@settings(deadline=None, max_examples=60)
@given(minutes, st.integers(1, 4), st.sampled_from(PERCENTILES))
def test_the_worst_window_is_that_of_brute_force(trace, length, fraction):
    window = np.arange(len(trace[0])) // length
    load = replayed(*trace, window=window)
    worst, worst_s = load.worst_window(fraction)
    assert worst_s == pytest.approx(brute_force(load, fraction), rel=1e-6, nan_ok=True)
    if not math.isnan(worst_s):
        assert load.percentile_s(fraction, worst) == worst_s


def test_the_worst_window_is_not_the_busiest_but_the_latest():
    load = replayed([4800, 2000, 0], [4, 1, 1], window=[0, 1, 2])
    assert load.worst_window(0.99)[0] == 1


def test_without_requests_no_window_is_worst():
    found, found_s = replayed([0, 0], [1, 1], window=[0, 1]).worst_window(0.99)
    assert found == 0
    assert math.isnan(found_s)


# The verdict

#: At utilisation u a share u is later than 1 s, and u / 2 later than 2 s, the timeout.
LINEAR = ResponseTable(
    utilisation=np.array([0.0, 1.0]),
    response_s=np.array([0.0, 1.0, 2.0]),
    tail=np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.5]]),
)
NOBODY = DelayedArrivals(
    minute=np.array([], dtype=np.int64), requests=np.array([]), delay_s=np.array([])
)


def shares(*late, requests=1000, weak=False) -> Loads:
    """One window of one minute for each share of requests later than 1 s."""
    size = len(late)
    counts = np.broadcast_to(requests, size).astype(np.int64)
    return Loads(
        tables=(LINEAR,),
        table_of=np.zeros(size, dtype=np.int64),
        terms=LatencyTerms(timeout_s=2.0),
        window=np.arange(size),
        requests=counts,
        utilisation=np.array(late),
        weak=np.broadcast_to(weak, size),
        delayed=NOBODY,
        steady=counts.astype(np.float64),
    )


def within_1_s(*percentiles, **others) -> Slo:
    objectives = tuple(Objective(fraction=fraction, limit_s=1.0) for fraction in percentiles)
    return Slo(objectives=objectives, **{"max_failed": 0.5, **others})


def test_the_slack_is_what_the_worst_window_leaves_of_what_is_allowed():
    verdict = judge(shares(0.0, 0.004, 0.002), within_1_s(0.99))
    assert (verdict.met, verdict.breaks, verdict.window) == (True, "p99", 1)
    assert verdict.slack == pytest.approx(0.6)


def test_one_window_over_the_limit_breaks_the_slo_whatever_the_others_do():
    verdict = judge(shares(0.0, 0.0, 0.03), within_1_s(0.99))
    assert (verdict.met, verdict.window) == (False, 2)
    assert verdict.slack == pytest.approx(-2)


def test_exactly_what_is_allowed_is_met():
    assert judge(shares(0.5), within_1_s(0.5)).met


@pytest.mark.parametrize(
    ("late", "breaks"), [(0.03, "p99"), (0.0009, "p99")], ids=["broken", "tight"]
)
def test_the_requirement_with_the_least_slack_is_named(late, breaks):
    # Of 5 % and 1 % allowed, the same late share uses more of the 1 %.
    assert judge(shares(late), within_1_s(0.95, 0.99)).breaks == breaks


def test_failures_bind_on_their_own():
    # 0.8 % late would do for p99, but half of them, 0.4 %, fail.
    verdict = judge(shares(0.008), within_1_s(0.99, max_failed=0.001))
    assert (verdict.met, verdict.breaks) == (False, "max_failed")
    assert verdict.slack == pytest.approx(-3)


def test_where_nothing_may_fail_a_single_failure_breaks_it():
    assert judge(shares(0.0), within_1_s(0.99, max_failed=0.0)).met
    verdict = judge(shares(1e-6), within_1_s(0.99, max_failed=0.0))
    assert (verdict.met, verdict.breaks, verdict.slack) == (False, "max_failed", -math.inf)


@pytest.mark.parametrize(
    ("attainment", "spared", "window", "met"),
    [
        (1.0, 0, 1, False),
        (0.76, 0, 1, False),
        (0.75, 0, 2, False),
        (0.5, 0, 3, True),
        (1.0, 1, 2, False),
        (1.0, 2, 3, True),
        (0.75, 1, 3, True),
    ],
)
def test_an_attainment_or_a_spared_window_leaves_out_the_worst(attainment, spared, window, met):
    # Worst first: windows 1, 2, 3, 0.
    verdict = judge(
        shares(0.001, 0.04, 0.02, 0.005),
        within_1_s(0.99, attainment=attainment, spared=spared),
    )
    assert (verdict.window, verdict.met) == (window, met)


def test_an_attainment_of_95_percent_spares_one_of_twenty_windows_in_spite_of_rounding():
    late = [0.001] * 19 + [0.5]
    assert judge(shares(*late), within_1_s(0.99, attainment=0.95)).met
    assert not judge(shares(*late[1:]), within_1_s(0.99, attainment=0.95)).met


def test_a_window_without_requests_is_met():
    verdict = judge(shares(0.9, 0.002, requests=[0, 1000]), within_1_s(0.99))
    assert (verdict.met, verdict.window) == (True, 1)


def test_without_any_request_all_the_slack_is_left():
    verdict = judge(shares(0.9, 0.9, requests=0), within_1_s(0.95, 0.99))
    assert (verdict.met, verdict.slack, verdict.weak) == (True, 1.0, False)


@pytest.mark.parametrize(
    ("late", "weak", "expected"),
    [(0.004, True, False), (0.006, True, True), (0.006, False, False)],
)
def test_a_verdict_is_weak_where_twice_the_late_requests_of_weak_minutes_break_it(
    late, weak, expected
):
    verdict = judge(shares(late, 0.001, weak=[weak, False]), within_1_s(0.99))
    assert (verdict.met, verdict.weak) == (True, expected)


@settings(deadline=None)
@given(minutes, st.floats(0.05, 30), st.sampled_from(PERCENTILES))
def test_an_slo_is_met_exactly_where_the_worst_percentile_is_within_the_limit(
    trace, limit_s, fraction
):
    window = np.arange(len(trace[0])) // 3
    load = replayed(*trace, window=window)
    objective = Objective(fraction=fraction, limit_s=limit_s)
    verdict = judge(load, Slo(objectives=(objective,), max_failed=1.0))
    worst_s = load.worst_window(fraction)[1]
    assert verdict.met == (math.isnan(worst_s) or worst_s <= limit_s)


def test_minutes_over_counts_each_minute_once_and_by_itself():
    both = (Objective(fraction=0.95, limit_s=1.0), Objective(fraction=0.99, limit_s=1.0))
    load = shares(0.0, 0.02, 0.06, 0.005)
    assert minutes_over(load, both[:1]) == 1
    assert minutes_over(load, both) == 2
    assert minutes_over(shares(0.9, requests=0), both) == 0
