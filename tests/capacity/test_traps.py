"""Each trap of load tests is seen where it is, and not where it is not."""

import numpy as np
import pytest

from smcost.capacity import traps
from smcost.remarks import WarningCode

P99 = np.array([0.5, 0.99])


def of_levels(p99_ms=(50, 60, 70), errors=(0, 0, 0), requests=(500, 500, 500), fractions=P99):
    p99_s = np.array(p99_ms, dtype=float) / 1000
    caveats = traps.level_caveats(
        "ml.c5.xlarge",
        ["10 rps", "20 rps", "40 rps"],
        fractions,
        np.column_stack([p99_s / 2, p99_s]),
        np.array(errors, dtype=float),
        np.array(requests, dtype=float),
    )
    return {caveat.code: caveat.message for caveat in caveats}


def of_closed_loop(throughput=(1, 1.8, 1.9), means_s=(np.nan,) * 3, requests=(0, 0, 0)):
    caveats = traps.closed_loop_caveats(
        "ml.g5.xlarge",
        np.array([1.0, 2.0, 4.0]),
        np.array(throughput, dtype=float),
        np.array(means_s, dtype=float),
        np.array(requests, dtype=float),
    )
    return {caveat.code: caveat.message for caveat in caveats}


def test_a_sound_test_has_no_caveat():
    assert of_levels() == {}
    assert of_closed_loop() == {}


@pytest.mark.parametrize(
    ("requests", "thin"),
    [((500, 499, 500), True), ((500, 500, 500), False), ((0, 0, 0), False), ((0, 30, 0), True)],
)
def test_a_p99_wants_500_requests_at_every_level_where_their_number_is_known(requests, thin):
    assert (WarningCode.SMALL_SAMPLE in of_levels(requests=requests)) is thin


def test_a_p95_wants_100_requests():
    fractions = np.array([0.5, 0.95])
    assert of_levels(requests=(100, 100, 100), fractions=fractions) == {}
    found = of_levels(requests=(100, 99, 100), fractions=fractions)
    assert "the p95 of 99 requests" in found[WarningCode.SMALL_SAMPLE]


def test_a_latency_that_falls_under_load_is_named_where_it_falls_most():
    found = of_levels(p99_ms=(76, 20, 44))
    assert "falls from 76 to 20 ms between 10 rps and 20 rps" in found[WarningCode.LATENCY_FALLS]


def test_errors_are_named_from_where_on():
    found = of_levels(errors=(0, 0.0001, 0.004))
    message = found[WarningCode.ERRORS_MEASURED]
    assert "from 20 rps on (0.0100%, up to 0.4000%)" in message


@pytest.mark.parametrize(("p99_ms", "odd"), [((50, 60, 479_000), False), ((50, 60, 826_019), True)])
def test_a_latency_beyond_any_invocation_is_another_unit(p99_ms, odd):
    assert (WarningCode.LATENCY_UNIT in of_levels(p99_ms=p99_ms)) is odd


def test_a_throughput_that_is_concurrency_over_mean_latency_was_derived():
    throughput = np.array([1, 1.8, 1.9])
    derived = np.array([1, 2, 4]) / throughput
    assert WarningCode.THROUGHPUT_DERIVED in of_closed_loop(throughput, derived)
    assert WarningCode.THROUGHPUT_DERIVED in of_closed_loop(throughput, derived * 1.004)
    assert of_closed_loop(throughput, derived * [1, 1, 1.02]) == {}
    # With one request only one of the four clients was ever at work.
    idle = np.array([1, 2, 1]) / throughput
    assert of_closed_loop(throughput, idle) == {}
    assert WarningCode.THROUGHPUT_DERIVED in of_closed_loop(throughput, idle, (9, 9, 1))
    # One level alone may agree by chance.
    assert of_closed_loop(throughput, [1.0, np.nan, np.nan]) == {}


@pytest.mark.parametrize(("last", "rising"), [(1.97, False), (1.99, True)])
def test_a_throughput_that_still_rises_by_a_tenth_has_not_reached_its_ceiling(last, rising):
    found = of_closed_loop((1, 1.8, last))
    assert (WarningCode.CEILING_NOT_REACHED in found) is rising


def test_a_throughput_that_falls_is_named_at_its_peak():
    found = of_closed_loop((1, 1.8, 1.6))
    assert "peaks at concurrency 2 and falls to 1.6 rps" in found[WarningCode.THROUGHPUT_FALLS]
    assert WarningCode.CEILING_NOT_REACHED not in found
    # Half a percent is noise.
    assert of_closed_loop((1, 1.8, 1.795)) == {}
