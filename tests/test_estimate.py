"""A given configuration on given traffic: floor, expected, ceiling, and how it answers."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import WorkersProfile
from smcost.cost import Tariff
from smcost.estimate import estimate, replay_variant
from smcost.queueing.service import ServiceTime
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo, SloWindow
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant

T0 = 1_704_067_200  # 2024-01-01T00:00Z
MONTH = Decimal(720)
TARIFF = Tariff(
    instance_type="ml.m5.xlarge",
    usd_per_hour=Decimal("0.23"),
    bytes_in=20_480,
    usd_per_gb_in=Decimal("0.016"),
)
#: 2 workers of 0.5 s: 240 invocations a minute keep one instance busy all the time.
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=2, service=ServiceTime(mean_s=0.5, cv=0.5)
)
P99 = Slo(objectives=(Objective(fraction=0.99, limit_s=2.0),))


def variant(minimum=2, maximum=9, target=600.0):
    return Variant(
        instance_type="ml.m5.xlarge",
        minimum=minimum,
        maximum=maximum,
        initial_count=minimum,
        target_per_minute=target,
    )


def minutes(counts, start_s=T0):
    counts = np.array(counts, dtype=np.int64)
    return MinuteCounts(start_s=start_s + 60 * np.arange(counts.size), invocations=counts)


def priced(found=None, counts=None, *, month=MONTH, **more):
    traffic = None if counts is None else minutes(counts)
    return estimate(found or variant(), TARIFF, hours_per_month=month, minutes=traffic, **more)


GOLDEN = [1_000] * 20 + [5_000] * 60 + [1_000] * 60


def test_without_traffic_only_floor_and_ceiling_are_known():
    found = priced()
    assert (found.cost.floor.usd, found.cost.ceiling.usd) == (Decimal("331.20"), Decimal("1490.40"))
    assert found.cost.expected is None
    assert found.instance_hours.expected is None
    assert (found.horizon, found.latency) == (None, None)


def test_without_traffic_a_fixed_fleet_is_known_all_the_same():
    found = priced(variant(minimum=2, maximum=2, target=None))
    assert found.cost.expected == found.cost.floor == found.cost.ceiling
    assert found.cost.expected.usd == Decimal("331.20")


def test_the_golden_case_per_month():
    # 13.07 instance-hours in 140 minutes: 5.6 instances on average.
    found = priced(counts=GOLDEN, delays=Delays(reaction_s=90, startup_s=240))
    assert float(found.horizon.instance_hours) == pytest.approx(13.0667, abs=1e-4)
    assert float(found.instance_hours.expected) == pytest.approx(5.6 * 720)
    assert found.cost.expected.lines[0].usd == Decimal("927.36")


def test_the_horizon_says_what_was_replayed():
    found = priced(counts=GOLDEN).horizon
    assert (found.start_s, found.end_s) == (T0, T0 + 140 * 60)
    assert found.hours == Decimal(140) / 60


def test_minutes_left_out_count_neither_as_hours_nor_as_traffic():
    starts = T0 + 60 * np.array([*range(60), *range(600, 660)])
    traffic = MinuteCounts(start_s=starts, invocations=np.full(120, 300))
    found = estimate(variant(2, 2, None), TARIFF, hours_per_month=MONTH, minutes=traffic)
    assert found.horizon.hours == 2
    assert found.horizon.end_s - found.horizon.start_s == 11 * 3_600
    assert found.instance_hours.expected == 1_440
    # 36,000 invocations in 2 h are 12,960,000 a month.
    assert found.cost.expected.lines[1].quantity == Decimal("247.1924")


def test_all_three_cases_pay_for_the_same_data():
    found = priced(counts=GOLDEN)
    data = {case.lines[1] for case in (found.cost.floor, found.cost.expected, found.cost.ceiling)}
    assert len(data) == 1


def test_a_longer_month_costs_in_proportion():
    short, long = priced(counts=GOLDEN), priced(counts=GOLDEN, month=Decimal(730))
    ratio = long.cost.expected.lines[0].quantity / short.cost.expected.lines[0].quantity
    assert float(ratio) == pytest.approx(730 / 720)


@pytest.mark.parametrize(("low", "high", "target"), [(3, 3, 600.0), (3, 3, None)])
def test_a_fleet_without_room_is_not_replayed_through_the_policy(low, high, target):
    replay = replay_variant(variant(low, high, target), minutes(GOLDEN), Delays())
    assert replay.activities == ()
    assert set(replay.in_service.tolist()) == {3}


def test_the_cooldown_of_the_variant_reaches_the_policy():
    traffic = minutes([3_000] * 15 + [1_300] * 20 + [100] * 60)
    launched = []
    for cooldown_s in (0.0, 3_000.0):
        found = Variant(
            instance_type="ml.m5.xlarge", minimum=1, maximum=20, initial_count=1,
            target_per_minute=600.0, scale_in_cooldown_s=cooldown_s,
        )  # fmt: skip
        launched.append(replay_variant(found, traffic, Delays()).activities[1].launched_s)
    assert launched[1] >= launched[0] + 1_000


def test_an_idle_fleet_answers_with_the_service_time_itself():
    found = priced(variant(2, 2, None), [1] * 60, profile=PROFILE).latency
    service = PROFILE.service
    assert found.p50_s == pytest.approx(service.quantile_s(0.5), rel=0.02)
    assert found.p99_s == pytest.approx(service.quantile_s(0.99), rel=0.02)
    assert found.failed_fraction == 0
    assert found.method == "screened"


def test_the_overhead_shifts_every_percentile():
    plain = priced(variant(2, 2, None), [200] * 60, profile=PROFILE).latency
    terms = LatencyTerms(overhead_s=0.1)
    shifted = priced(variant(2, 2, None), [200] * 60, profile=PROFILE, terms=terms).latency
    for name in ("p50_s", "p95_s", "p99_s", "worst_window_p99_s"):
        assert getattr(shifted, name) == pytest.approx(getattr(plain, name) + 0.1, abs=1e-6)


def test_without_a_capacity_no_latency_is_claimed():
    assert priced(counts=GOLDEN).latency is None


def test_minutes_over_are_counted_only_where_an_objective_is_given():
    calm_and_flood = [200] * 30 + [900] * 10 + [0] * 60
    fleet = variant(2, 2, None)
    assert priced(fleet, calm_and_flood, profile=PROFILE).latency.minutes_over_slo is None
    over = priced(fleet, calm_and_flood, profile=PROFILE, slo=P99).latency.minutes_over_slo
    # All ten minutes of the flood, at almost twice the capacity; before it none.
    assert over == 10


def test_the_worst_window_is_named_by_its_start():
    calm, busy = [100] * 60, [420] * 60
    slo = Slo(objectives=P99.objectives, window=SloWindow.HOUR)
    fleet = variant(2, 2, None)
    found = priced(fleet, calm + busy + calm, profile=PROFILE, slo=slo).latency
    assert found.worst_window_start_s == T0 + 3_600
    assert found.worst_window_p99_s > found.p99_s > found.p95_s > found.p50_s
    assert found.worst_window_p99_s > found.worst_window_p95_s


def test_a_percentile_beyond_the_timeout_is_endless():
    found = priced(variant(2, 2, None), [2_000] * 30, profile=PROFILE).latency
    assert math.isinf(found.p99_s)
    assert found.failed_fraction > 0.5


def test_without_a_request_there_is_no_percentile_and_no_worst_window():
    found = priced(counts=[0] * 60, profile=PROFILE, slo=P99).latency
    assert math.isnan(found.p99_s)
    assert math.isnan(found.worst_window_p99_s)
    assert found.worst_window_start_s is None
    assert (found.minutes_over_slo, found.failed_fraction) == (0, 0.0)


runs = st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 40)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    runs,
    st.tuples(st.integers(1, 9), st.integers(1, 9)).map(sorted),
    st.sampled_from([None, 80.0, 600.0, 3_333.3]),
    st.sampled_from([Decimal(720), Decimal(730)]),
)
def test_floor_expected_ceiling_are_in_order_and_decimal(found, bounds, target, month):
    counts = [count for count, length in found for _ in range(length)]
    answer = priced(variant(*bounds, target), counts, month=month)
    cost, hours = answer.cost, answer.instance_hours
    assert cost.floor.usd <= cost.expected.usd <= cost.ceiling.usd
    assert hours.floor <= hours.expected <= hours.ceiling
    for value in (hours.floor, hours.expected, hours.ceiling, cost.expected.usd):
        assert type(value) is Decimal
    assert type(answer.horizon.instance_hours) is type(answer.horizon.hours) is Decimal
