"""Counted requests asked for percentiles, late requests and intervals; mixed with screened ones."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import Routing, WorkersProfile
from smcost.queueing.exact.histogram import BINS, bins_of
from smcost.queueing.exact.random_numbers import (
    ARRIVALS,
    WORK,
    ranks_and_choices,
    sorted_uniforms,
    stream_key,
)
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.queueing.simulation import WorkersInstance, simulate_fleet
from smcost.replay.exact_loads import ExactLoads, Replay, section_of, station_of
from smcost.replay.latency import LatencyTerms, loads
from smcost.replay.verdict import judge
from smcost.slo import Objective, Slo

INF = math.inf
#: 2 workers of 0.5 s: 240 invocations a minute keep one instance busy all the time.
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=2, service=ServiceTime(mean_s=0.5, cv=0.5)
)
#: Half a bin of the histogram: what interpolating within it may be off.
HALF_A_BIN = 0.004
RANDOM, LOR = Routing.RANDOM, Routing.LEAST_OUTSTANDING_REQUESTS


def replay(counts, *, profile=PROFILE, routing=RANDOM, terms=None, window=None, **changes):
    counts = np.array(counts, dtype=np.int64)
    values = {
        "invocations": counts,
        "window": np.zeros_like(counts) if window is None else np.array(window),
        "station": station_of(profile),
        "routing": routing,
        "terms": terms or LatencyTerms(),
        "limits_s": (1.0, 2.0, INF),
        "seed": 5,
    }
    return Replay(**values | changes)


def whole(counts, in_service=2, **changes):
    return replay(counts, **changes).whole(np.full(len(counts), in_service))


def counted(responses_s, *, terms=None, window=None, limits_s=(1.0, 2.0, INF), minutes=10):
    """Loads of given responses inside the container, spread over the minutes in turn."""
    terms = terms or LatencyTerms()
    responses_s = np.array(responses_s, dtype=float)
    minute = np.arange(responses_s.size) % minutes
    window = np.zeros(minutes, dtype=np.int64) if window is None else np.array(window)
    inner_s = [min(limit_s - terms.overhead_s, terms.timeout_s) for limit_s in limits_s]
    late = np.array(
        [
            [np.sum(responses_s[minute == t] > limit_s) for limit_s in inner_s]
            for t in range(minutes)
        ]
    )

    def histogram(row):
        found = np.zeros((int(row.max()) + 1, BINS), dtype=np.uint64)
        np.add.at(found, (row[minute], bins_of(responses_s)), 1)
        return found

    return ExactLoads(
        terms=terms,
        window=window,
        requests=np.bincount(minute, minlength=minutes),
        weak=np.zeros(minutes, dtype=bool),
        limits_s=tuple(limits_s),
        late=late,
        histogram=histogram(window),
        sections=histogram(np.arange(minutes) % 10),
        screened=None,
    )


def exponential_s(size, seed=1):
    return np.random.default_rng(seed).exponential(0.5, size)


@pytest.mark.parametrize("routing", [RANDOM, LOR])
def test_percentiles_of_windows_are_those_of_the_plain_simulator(routing):
    minutes = 30
    rng = np.random.default_rng(2)
    counts, in_service = rng.poisson(400, minutes), rng.integers(2, 6, minutes)
    window = np.arange(minutes) // 12
    arrivals = [
        60 * (t + sorted_uniforms(stream_key(5, t, ARRIVALS), n)) for t, n in enumerate(counts)
    ]
    drawn = [ranks_and_choices(stream_key(5, t, WORK), n) for t, n in enumerate(counts)]
    ranks, choices = (np.concatenate(part) for part in zip(*drawn, strict=True))
    responses_s = simulate_fleet(
        arrivals_s=np.concatenate(arrivals),
        work=station_of(PROFILE).service.at(ranks),
        choices=None if routing is LOR else choices,
        instances=in_service,
        step_s=60.0,
        new_instance=lambda: WorkersInstance(2),
    )
    terms = LatencyTerms(overhead_s=0.1)
    found = replay(counts, routing=routing, terms=terms, window=window).whole(in_service)
    of_request = np.repeat(window, counts)
    for fraction in (0.5, 0.95, 0.99):
        for number in (None, 0, 1, 2):
            chosen = responses_s if number is None else responses_s[of_request == number]
            expected_s = np.quantile(chosen, fraction, method="higher") + 0.1
            assert found.percentile_s(fraction, number) == pytest.approx(expected_s, rel=0.008)
    worst, worst_s = found.worst_window(0.99)
    assert worst_s == found.percentile_s(0.99, worst) == max(
        found.percentile_s(0.99, number) for number in range(3)
    )  # fmt: skip
    minute = np.repeat(np.arange(minutes), counts)
    for limit_s in (1.0, 2.0, INF):
        late = np.bincount(minute[responses_s > min(limit_s - 0.1, 60.0)], minlength=minutes)
        assert found.late_per_minute(limit_s).tolist() == late.tolist()


def test_percentiles_are_order_statistics_within_half_a_bin():
    responses_s = exponential_s(5_000)
    found = counted(responses_s, window=[0] * 5 + [1] * 5)
    minute = np.arange(5_000) % 10
    for fraction in (0.01, 0.5, 0.9, 0.99, 0.999):
        for window, of_window in ((None, minute < 10), (0, minute < 5), (1, minute >= 5)):
            expected_s = np.quantile(responses_s[of_window], fraction, method="higher")
            assert found.percentile_s(fraction, window) == pytest.approx(
                expected_s, rel=2 * HALF_A_BIN
            )


def test_a_percentile_is_on_the_side_of_a_limit_on_which_it_was_counted():
    """One bin holds all; just over and just under 1 % of the requests exceed the limit."""
    for late, side in ((11, "beyond"), (9, "within")):
        responses_s = [1.0001] * (1000 - late) + [1.0003] * late
        found = counted(responses_s, limits_s=(1.0002, INF))
        assert found.late_per_minute(1.0002).sum() == late
        assert (found.percentile_s(0.99) > 1.0002) == (side == "beyond")


def test_overhead_shifts_the_percentile_and_not_the_timeout():
    responses_s = exponential_s(2_000)
    bare = counted(responses_s)
    shifted = counted(responses_s, terms=LatencyTerms(overhead_s=0.25))
    for fraction in (0.5, 0.99):
        assert shifted.percentile_s(fraction) == pytest.approx(bare.percentile_s(fraction) + 0.25)
    low_s, high_s = bare.interval_s(0.99)
    assert shifted.interval_s(0.99) == pytest.approx((low_s + 0.25, high_s + 0.25))
    # Answered in the container at the last moment: no failure, whatever the way back takes.
    terms = LatencyTerms(overhead_s=0.5, timeout_s=2.0)
    at_the_end = counted([1.99] * 100, terms=terms)
    assert at_the_end.failed_fraction() == 0
    assert at_the_end.percentile_s(0.99) == pytest.approx(2.49, rel=0.008)


def test_what_times_out_is_late_for_every_limit_and_has_no_percentile():
    terms = LatencyTerms(timeout_s=1.5)
    found = counted([0.4] * 980 + [1.6] * 20, terms=terms, limits_s=(1.0, 30.0, INF))
    for limit_s in (1.0, 30.0, INF):
        assert found.late_per_minute(limit_s).sum() == 20
    assert found.failed_fraction() == 0.02
    assert found.percentile_s(0.95) == pytest.approx(0.4, rel=0.008)
    assert found.percentile_s(0.99) == INF
    assert found.worst_window(0.99) == (0, INF)


def test_no_request_has_no_percentile_and_no_interval():
    found = counted([])
    assert math.isnan(found.percentile_s(0.99))
    assert found.interval_s(0.99) is None
    assert found.worst_window(0.99)[0] == 0
    assert found.failed_fraction() == 0
    half = counted([0.5] * 30, window=[0] * 10 + [1] * 5, minutes=15)
    empty = ExactLoads(
        **{name: getattr(half, name) for name in half.__slots__}
        | {"requests": np.where(half.window == 1, 0, half.requests)}
    )
    assert empty.worst_window(0.99)[0] == 0


def test_there_is_no_interval_without_requests_in_every_section():
    assert counted([0.5, 0.6] * 20).interval_s(0.5) is not None
    assert counted([0.5, 0.6] * 2).interval_s(0.5) is None


def test_there_is_no_interval_beyond_the_timeout():
    terms = LatencyTerms(timeout_s=2.0)
    fast = np.full(1_000, 0.4)
    slow = np.where(np.arange(1_000) % 50 == 7, 3.0, fast)
    assert counted(slow, terms=terms).interval_s(0.99) is None
    assert counted(fast, terms=terms).interval_s(0.99) is not None


def test_the_interval_is_around_the_percentile_and_narrows_with_more_requests():
    widths = []
    for size in (2_000, 200_000):
        found = counted(exponential_s(size))
        low_s, high_s = found.interval_s(0.99)
        assert low_s < found.percentile_s(0.99) < high_s
        widths.append(high_s - low_s)
    assert widths[1] < widths[0] / 4


def test_sections_have_nearly_the_same_number_of_minutes():
    for minutes in (10, 60, 100, 1_440, 40_320):
        size = np.bincount(section_of(minutes), minlength=10)
        assert size.size == 10
        assert size.min() >= 0.8 * size.max()


@pytest.mark.parametrize("routing", [RANDOM, LOR])
def test_a_response_of_a_constant_service_is_late_beyond_it_only(routing):
    service = ServiceTime(mean_s=1.0, cv=0.0, law=ServiceLaw.DETERMINISTIC)
    profile = WorkersProfile(instance_type="ml.m5.xlarge", workers=4, service=service)
    found = whole([3] * 60, profile=profile, routing=routing, limits_s=(0.999, 1.0, INF))
    assert found.late_per_minute(0.999).sum() == 180
    assert found.late_per_minute(INF).sum() == 0
    assert found.percentile_s(0.5) == pytest.approx(1.0, rel=0.008)


#: Calm with a rush in the middle.
RUSH = np.array([120] * 15 + [540] * 5 + [120] * 40)


def mixed(chosen, *, counts=RUSH, in_service=2, terms=None, window=None, warm_up=3, **changes):
    window = np.arange(counts.size) // 20 if window is None else window
    terms = terms or LatencyTerms()
    fleet = np.full(counts.size, in_service)
    screened = loads(
        invocations=counts, in_service=fleet, window=window, profile=PROFILE, terms=terms
    )
    asked = replay(counts, terms=terms, window=window, **changes)
    return asked.minutes(fleet, np.array(chosen), screened, warm_up), screened


def test_counted_minutes_are_counted_and_the_others_screened():
    chosen = (np.arange(60) >= 14) & (np.arange(60) < 35)
    found, screened = mixed(chosen)
    alone = whole(RUSH)
    assert not found.whole
    assert alone.whole
    for limit_s in (1.0, 2.0, INF):
        late = found.late_per_minute(limit_s)
        assert late[~chosen].tolist() == screened.late_per_minute(limit_s)[~chosen].tolist()
        # Calm before it: after three minutes nothing is left of how the fleet began.
        assert late[chosen].tolist() == alone.late_per_minute(limit_s)[chosen].tolist()
    assert found.histogram.sum() == RUSH[chosen].sum()
    assert found.histogram.sum(axis=1).tolist() == [RUSH[14:20].sum(), RUSH[20:35].sum(), 0]
    assert found.sections.sum() == RUSH[chosen].sum()


def test_a_mixed_percentile_leaves_as_many_late_as_it_may():
    found, _ = mixed((np.arange(60) >= 14) & (np.arange(60) < 35))
    for window in (None, 0, 1, 2):
        for fraction in (0.5, 0.95, 0.99):
            limit_s = found.percentile_s(fraction, window)
            here = slice(None) if window is None else slice(20 * window, 20 * window + 20)
            part = found.screened.of_window(window)
            late = part.late_per_minute(limit_s).sum()
            rows = found.histogram if window is None else found.histogram[window : window + 1]
            late += rows[:, bins_of(np.array([limit_s]))[0] + 1 :].sum()
            one_bin = rows[:, bins_of(np.array([limit_s]))[0]].sum()
            allowed = (1 - fraction) * RUSH[here].sum()
            assert late - 1e-6 <= allowed <= late + one_bin + 1e-6


def test_windows_that_were_not_counted_have_their_screened_percentile():
    found, screened = mixed(np.arange(60) // 20 == 0)
    assert found.percentile_s(0.99, 2) == pytest.approx(screened.percentile_s(0.99, 2))
    assert found.percentile_s(0.99, 0) == whole(RUSH, window=np.arange(60) // 20).percentile_s(
        0.99, 0
    )


def test_without_a_chosen_minute_all_is_screened():
    found, screened = mixed(np.zeros(60, dtype=bool))
    for limit_s in (1.0, 2.0, INF):
        assert found.late_per_minute(limit_s).tolist() == screened.late_per_minute(limit_s).tolist()
    assert found.percentile_s(0.99) == pytest.approx(screened.percentile_s(0.99))
    assert found.interval_s(0.99) is None


def test_a_mixed_percentile_beyond_the_timeout_is_infinite():
    counts = np.array([100] * 20 + [1_500] * 20 + [100] * 20)
    found, _ = mixed(np.arange(60) < 30, counts=counts, terms=LatencyTerms(timeout_s=5.0))
    assert found.percentile_s(0.99) == INF


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 600), st.booleans()), min_size=1, max_size=12),
    st.integers(1, 4),
    st.sampled_from([RANDOM, LOR]),
    st.integers(0, 5),
    st.booleans(),
)
def test_requests_are_conserved_and_none_is_counted_twice(runs, in_service, routing, warm_up, drop):
    counts, chosen = (np.repeat(column, 4) for column in zip(*runs, strict=True))
    window = np.arange(counts.size) // 7
    terms = LatencyTerms(timeout_s=4.0, drops_timed_out=drop)
    asked = replay(counts, routing=routing, terms=terms, window=window)
    fleet = np.full(counts.size, in_service)
    screened = loads(
        invocations=counts,
        in_service=fleet,
        window=window,
        profile=PROFILE,
        terms=terms,
        routing=routing,
    )
    all_of_it = asked.whole(fleet)
    part = asked.minutes(fleet, chosen, screened, warm_up)
    assert all_of_it.histogram.sum(axis=1).tolist() == np.bincount(window, counts).tolist()
    assert all_of_it.sections.sum() == counts.sum()
    assert part.histogram.sum() == part.sections.sum() == counts[chosen].sum()
    assert part.screened.requests.sum() == counts[~chosen].sum()
    left = part.screened.steady.sum() + part.screened.delayed.requests.sum()
    assert left == pytest.approx(counts[~chosen].sum())
    for found in (all_of_it, part):
        assert found.requests.tolist() == counts.tolist()
        late = np.array([found.late_per_minute(limit_s) for limit_s in (1.0, 2.0, INF)])
        assert np.all(late >= 0)
        assert np.all(late <= counts * (1 + 1e-9))
        # A longer limit makes nobody late; what has failed is late for all.
        assert np.all(np.diff(late, axis=0) <= 1e-9)
        if counts.any():
            slo = Slo(objectives=(Objective(fraction=0.99, limit_s=2.0),), max_failed=1.0)
            assert judge(found, slo).slack <= 1
