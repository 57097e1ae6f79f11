"""An open-loop test: exact where it was tested, nothing beyond, and errors bind first."""

import math

import numpy as np
import pytest

from smcost.capacity import Kind, RatesProfile, Routing
from smcost.errors import UsageError
from smcost.replay.latency import LatencyTerms, loads

FRACTIONS = np.array([0.5, 0.95, 0.99])


def rates(offered, latencies_ms, errors=None, requests=None) -> RatesProfile:
    size = len(offered)
    return RatesProfile(
        instance_type="ml.c5.xlarge",
        offered_rps=np.array(offered, dtype=float),
        fractions=FRACTIONS,
        latencies_s=np.array(latencies_ms, dtype=float) / 1000,
        error_rate=np.zeros(size) if errors is None else np.array(errors, dtype=float),
        requests=np.zeros(size) if requests is None else np.array(requests, dtype=float),
    )


#: Latency falls from the first rate to the second: a warm-up.
TEST = rates([10, 20, 40], [[20, 40, 60], [10, 20, 30], [15, 60, 120]])
ERRORS = rates([10, 20, 40], [[10, 20, 30], [11, 22, 33], [12, 24, 36]], [0, 0.001, 0.004])


def replayed(profile, per_minute, instances=1):
    return loads(
        invocations=np.array(per_minute),
        in_service=np.full(len(per_minute), instances),
        window=np.zeros(len(per_minute), dtype=np.int64),
        profile=profile,
        terms=LatencyTerms(),
    )


@pytest.mark.parametrize("row", [0, 1, 2])
def test_at_a_tested_rate_the_percentiles_are_those_measured(row):
    load = replayed(TEST, [round(60 * TEST.offered_rps[row])])
    for fraction, measured_s in zip(FRACTIONS, TEST.latencies_s[row], strict=True):
        assert load.percentile_s(float(fraction)) == pytest.approx(measured_s, rel=1e-6)


def test_between_tested_rates_the_late_share_is_linear():
    table = TEST.response_table()
    ends = table.late_fraction(np.array([0.5, 1.0]), 0.04)
    middle = table.late_fraction(np.array([0.75]), 0.04)[0]
    assert middle == pytest.approx(ends.mean())
    assert ends[0] < middle < ends[1]


def test_below_the_lowest_tested_rate_nothing_is_faster():
    table = TEST.response_table()
    below, lowest = table.late_fraction(np.array([0.0, 0.25]), 0.06)
    assert below == lowest == pytest.approx(0.01)


def test_latency_that_falls_under_load_is_kept_as_measured():
    late = TEST.response_table().late_fraction(np.array([0.25, 0.5, 1.0]), 0.03)
    assert late[1] == pytest.approx(0.01)
    assert late[0] > late[1] < late[2]
    assert TEST.fastest_s(0.99) == pytest.approx(0.03)
    assert TEST.fastest_s(0.5) == pytest.approx(0.01)


def test_a_minute_above_the_highest_rate_is_all_late_and_failed():
    load = replayed(TEST, [2400, 2401, 600])
    late = load.late_per_minute(math.inf)
    assert late[0] == pytest.approx(0, abs=0.01)
    assert late[1] == 2401
    assert late[2] < 600
    assert load.failed_fraction() == pytest.approx(2401 / 5401, rel=0.01)


def test_what_failed_is_late_for_every_limit():
    load = replayed(ERRORS, [2400])
    # Exactly: a share of errors that is just allowed must not fail by a rounding.
    assert load.failed_fraction() == pytest.approx(0.004, rel=1e-12)
    # 1 % late needs only 0.6 / 99.6 of the answers: a higher percentile of them.
    assert load.percentile_s(0.99) > 0.036


@pytest.mark.parametrize(
    ("allowed", "highest"), [(0.0, 10), (0.0009, 10), (0.001, 20), (0.0039, 20), (0.004, 40)]
)
def test_rates_pass_up_to_the_first_whose_errors_exceed_the_share(allowed, highest):
    passing = ERRORS.passing(allowed)
    assert passing.max_rps == highest
    assert passing.offered_rps.size == passing.requests.size == passing.latencies_s.shape[0]


def test_a_rate_beyond_one_that_fails_does_not_pass_again():
    lucky = rates([10, 20, 40], np.ones((3, 3)), [0, 0.02, 0])
    assert lucky.passing(0.01).max_rps == 10


def test_errors_at_every_rate_leave_nothing():
    always = rates([10, 20], np.ones((2, 3)), [0.05, 0.01])
    with pytest.raises(UsageError, match=r"lowest tested rate, 10 rps, 5.00% of the requests"):
        always.passing(0.01)


def test_only_measured_percentiles_are_known():
    assert [TEST.knows(fraction) for fraction in (0.5, 0.9, 0.95, 0.99, 0.999)] == [
        True, False, True, True, False,
    ]  # fmt: skip
    assert TEST.kind is Kind.RATES
    assert not TEST.promises_in_overload


def test_better_routing_gains_nothing_that_was_not_measured():
    random, fewest = (TEST.response_table(routing, 8) for routing in Routing)
    assert np.array_equal(random.tail, fewest.tail)


@pytest.mark.parametrize(
    ("offered", "latencies", "errors", "cause"),
    [
        ([], np.ones((0, 3)), [], "not increasing"),
        ([0, 10], np.ones((2, 3)), [0, 0], "not increasing"),
        ([10, 10], np.ones((2, 3)), [0, 0], "not increasing"),
        ([20, 10], np.ones((2, 3)), [0, 0], "not increasing"),
        ([10], [[1, math.nan, 2]], [0], "missing or not above 0"),
        ([10], [[0, 1, 2]], [0], "missing or not above 0"),
        ([10], [[1, 3, 2]], [0], "higher percentile below a lower one"),
        ([10], [[1, 2, 3]], [1.01], "outside 0 to 1"),
        ([10], [[1, 2, 3]], [-0.01], "outside 0 to 1"),
    ],
)
def test_what_no_test_can_have_measured_is_refused(offered, latencies, errors, cause):
    with pytest.raises(UsageError, match=cause):
        rates(offered, latencies, errors)
