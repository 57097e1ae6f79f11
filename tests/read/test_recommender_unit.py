"""The unit of ModelLatency: a table of what is chosen, by which witness, and what is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smcost.errors import InputError
from smcost.read.recommender_unit import LatencyUnit, Sighting, latency_unit

US, MS = LatencyUnit.MICROSECONDS, LatencyUnit.MILLISECONDS
OF_2021, OF_2026 = datetime(2021, 10, 26, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
BETWEEN = datetime(2022, 5, 1, tzinfo=UTC)

#: name: latency, rps of one instance, limits [ms], date, unit, a word of the reason
TOLD = {
    "AWS 2021, default job": (263_596, 10.8, [], OF_2021, US, "longer than an invocation"),
    "AWS 2021, advanced job": (100_000, 6.18, [100], OF_2021, US, "longer than an invocation"),
    "AWS 2022": (171, 27.4, [], datetime(2022, 10, 4, tzinfo=UTC), MS, "in flight"),
    "limit next to ms": (171, 6.18, [100], OF_2026, MS, "the limit of the job is 100 ms"),
    "limit next to us": (45_000, 50.0, [50], OF_2021, US, "the limit of the job is 50 ms"),
    "of two limits the smaller": (90, 0.01, [100, 900], None, MS, "is 100 ms"),
    "in flight alone, ms": (47, 33.1, [], None, MS, "in us an instance would have 0.0016"),
    "in flight alone, us": (47_000, 33.1, [], None, US, "in ms an instance would have"),
    "date alone, us": (5_000, 0.05, [], OF_2021, US, "microseconds in 2021"),
    "date alone, ms": (5_000, 0.05, [], OF_2026, MS, "the job is of 2026-11"),
}
#: name: latency, rps, limits, date
UNTOLD = {
    "nothing tells": (5_000, 0.05, [], None),
    "between the two dates": (5_000, 0.05, [], BETWEEN),
    "date against requests in flight": (47_000, 33.1, [], OF_2026),
    "limit against date": (90, 0.01, [100], OF_2021),
    "a limit as far from one as from the other": (3_162, 0.05, [100], None),
    "beyond a minute against date": (60_400, 0.05, [], OF_2026),
    "beyond a minute against limit and requests in flight": (60_400, 0.5, [59_000], None),
    "in flight at the edge": (1_000, 250.0, [], None),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_unit_is_told_by_witnesses_that_agree(name):
    latency, rps, limits_ms, made, unit, reason = TOLD[name]
    found, why = latency_unit(
        [Sighting(latency=latency, rps=rps)], limits_ms=limits_ms, made=made, place="f"
    )
    assert found is unit
    assert reason in why


@pytest.mark.parametrize("name", UNTOLD)
def test_without_agreement_nothing_is_chosen(name):
    latency, rps, limits_ms, made = UNTOLD[name]
    with pytest.raises(InputError) as caught:
        latency_unit(
            [Sighting(latency=latency, rps=rps)], limits_ms=limits_ms, made=made, place="f.json"
        )
    assert caught.value.place == "f.json"
    assert "--latency-unit us or --latency-unit ms" in caught.value.remedy


def test_one_latency_beyond_a_minute_tells_of_all():
    seen = [Sighting(latency=900, rps=10.0), Sighting(latency=61_000, rps=10.0)]
    assert latency_unit(seen, limits_ms=[], made=None, place="f")[0] is US


@given(
    st.floats(0.5, 150.0),
    st.floats(1e-3, 1e3),
    st.sampled_from(LatencyUnit),
)
def test_what_is_busy_at_its_highest_rate_is_told_whatever_its_speed(in_flight, rps, unit):
    """Little's law: rate x latency; only one of two units a thousand apart can be meant."""
    latency = in_flight / rps / unit.seconds
    # Milliseconds beyond a minute are a contradiction.
    assume(unit is US or latency <= 60_000)
    found, _ = latency_unit(
        [Sighting(latency=latency, rps=rps)], limits_ms=[], made=None, place="f"
    )
    assert found is unit
