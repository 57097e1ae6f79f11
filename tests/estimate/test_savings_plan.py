"""Hours as they were billed, and what a Savings Plan comes to on them."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.commitment import Usage, hourly_usd
from smcost.cost import Tariff
from smcost.errors import UsageError
from smcost.estimate import estimate
from smcost.estimate.configuration import replay_variant
from smcost.estimate.levers import Priced, levers, usage_of
from smcost.estimate.non_production import non_production
from smcost.estimate.savings_plan import PlanKind, PlanOffer, billed_by_hour, plan_answer
from smcost.estimate.turning_off import NonProduction
from smcost.prices import PaymentOption
from smcost.read.office_hours_spec import parse_office_hours
from smcost.remarks import WarningCode
from smcost.replay.billed import billed_by_minute_s
from smcost.replay.counts import Delays, fixed_fleet
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant

T0 = 1_704_067_200  # 2024-01-01T00:00Z
D = Decimal
PRICE, RATE = D("0.23"), D("0.23") * D("0.69")


def variant(minimum=1, maximum=9, target=600.0):
    return Variant(
        instance_type="ml.m5.xlarge",
        minimum=minimum,
        maximum=maximum,
        initial_count=minimum,
        target_per_minute=target,
    )


def minutes(counts, *, starts=None):
    counts = np.array(counts, dtype=np.int64)
    numbers = np.arange(counts.size) if starts is None else np.array(starts)
    return MinuteCounts(start_s=T0 + 60 * numbers, invocations=counts)


DAY = [300] * 480 + [2_900] * 480 + [300] * 480


def test_a_fixed_fleet_is_billed_alike_in_every_hour():
    hour_s, instances, weight = billed_by_hour(
        billed_by_minute_s(fixed_fleet(90, 3)), minutes([5] * 90)
    )
    assert hour_s.tolist() == [T0, T0 + 3600]
    assert instances.tolist() == [3, 3]
    assert weight.tolist() == [1, 0.5]


def test_an_instance_is_billed_from_its_launch_within_the_hour():
    counts = minutes([300] * 30 + [1_000] * 90)
    replay = replay_variant(variant(), counts, Delays())
    (launched_s,) = replay.times_s[:, 0]
    _, instances, _ = billed_by_hour(billed_by_minute_s(replay), counts)
    assert instances[0] == pytest.approx(1 + (3600 - launched_s) / 3600)
    assert instances[1] == pytest.approx(2)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 6_000), min_size=30, max_size=150),
    st.integers(1, 3),
    st.integers(0, 59),
    st.booleans(),
)
def test_nothing_is_lost_between_minutes_and_hours(levels, minimum, first, gap):
    counts = [level for level in levels for _ in range(7)]
    starts = first + np.arange(len(counts)) + np.where(np.arange(len(counts)) > 90, 45 * gap, 0)
    found = minutes(counts, starts=starts)
    replay = replay_variant(variant(minimum), found, Delays())
    hour_s, instances, weight = billed_by_hour(billed_by_minute_s(replay), found)
    assert np.sum(instances * weight) == pytest.approx(replay.instance_hours)
    assert np.sum(weight) == pytest.approx(found.hours)
    assert (np.diff(hour_s) > 0).all()
    assert (hour_s % 3600 == 0).all()


def priced(counts=DAY, *, month="720", shadow_count=0, found=None, hours=None):
    given_minutes = None if counts is None else minutes(counts)
    tariff = Tariff(instance_type="ml.m5.xlarge", usd_per_hour=PRICE, shadow_count=shadow_count)
    result = estimate(found or variant(), tariff, hours_per_month=D(month), minutes=given_minutes)
    return Priced(result=result, tariff=tariff, minutes=given_minutes, delays=Delays())


def answer(counts=DAY, **changes):
    offer = PlanOffer(kind=PlanKind(), usd_per_hour=RATE)
    (found,) = levers(priced(counts, **changes), offers=[offer]).plans
    return found


def test_on_demand_is_the_line_of_the_bill():
    bill = priced().result.cost.expected
    assert abs(answer().on_demand_usd - bill.lines[0].usd) <= D("0.01")


def test_the_replayed_curve_deserves_the_commitment_of_brute_force():
    usage = usage_of(priced(), RATE)
    tried = [hourly_usd([usage], D(number) / 1000) for number in range(1500)]
    assert hourly_usd([usage], answer().commitment_usd) == pytest.approx(min(tried), abs=1e-12)


def test_saving_is_what_is_not_paid_and_lines_add_up():
    found = answer()
    assert found.saving_usd == found.on_demand_usd - found.paid_usd > 0
    assert found.paid_usd == sum(line.usd for line in found.case.lines)
    assert found.case.lines[0].quantity == 720
    assert found.case.lines[0].unit_price_usd == found.commitment_usd


def test_used_below_break_even_a_commitment_would_lose():
    found = answer()
    assert found.break_even_utilisation == pytest.approx(0.69)
    assert found.utilisation > found.break_even_utilisation


def test_floor_and_ceiling_pay_the_same_commitment():
    found = answer()
    used_up = found.commitment_usd * 720
    assert found.floor_case.usd >= used_up.quantize(D("0.01"))
    assert found.floor_case.usd <= found.paid_usd <= found.ceiling_case.usd


def test_a_shadow_variant_is_there_in_every_hour():
    alone, beside = usage_of(priced(), RATE), usage_of(priced(shadow_count=2), RATE)
    assert (beside.instances - alone.instances).tolist() == pytest.approx([2] * 24)


def test_without_a_commitment_there_is_no_utilisation_but_a_break_even():
    usage = Usage(
        instance_type="ml.m5.xlarge",
        hour_s=3600 * np.arange(3),
        instances=np.array([0.0, 0.0, 5.0]),
        weight=np.ones(3),
        usd_per_hour=PRICE,
        plan_usd_per_hour=RATE,
    )
    found = plan_answer(PlanKind(), [usage], hours_per_month=D(720))
    assert (found.commitment_usd, found.utilisation, found.saving_usd) == (0, None, 0)
    assert [line.name for line in found.case.lines] == ["On demand ml.m5.xlarge"]
    assert found.break_even_utilisation == pytest.approx(0.69)
    assert (found.floor_case, found.ceiling_case) == (None, None)


@pytest.mark.parametrize(
    ("years", "payment", "name", "upfront"),
    [
        (1, PaymentOption.NO_UPFRONT, "1 year, no upfront", "0.00"),
        (1, PaymentOption.PARTIAL_UPFRONT, "1 year, partial upfront", "693.79"),
        (3, PaymentOption.ALL_UPFRONT, "3 years, all upfront", "4162.75"),
    ],
)
def test_what_is_paid_when_the_plan_begins(years, payment, name, upfront):
    # One instance all the time: 0.1587 is 0.158 or 0.159 USD an hour; 0.1584 is 0.158.
    kind = PlanKind(term_years=years, payment=payment)
    usage = Usage(
        instance_type="ml.m5.xlarge",
        hour_s=np.zeros(1, dtype=np.int64),
        instances=np.ones(1),
        weight=np.ones(1),
        usd_per_hour=D("0.23"),
        plan_usd_per_hour=D("0.1584"),
    )
    found = plan_answer(kind, [usage], hours_per_month=D(720))
    assert found.kind.name == name
    assert found.commitment_usd == D("0.158")
    expected = D("0.158") * 8760 * years * {"n": 0, "p": D("0.5"), "a": 1}[payment.value[0]]
    assert found.upfront_usd == expected.quantize(D("0.01"))
    assert abs(found.upfront_usd - D(upfront)) < 11


def test_a_fleet_of_fixed_size_needs_no_traffic():
    found = answer(None, found=variant(10, 10, None))
    assert found.commitment_usd == D("1.587")
    assert found.utilisation == pytest.approx(1)


def test_without_traffic_room_to_scale_has_no_curve():
    with pytest.raises(UsageError, match="without traffic"):
        answer(None)


def test_a_plan_is_the_accounts_and_a_day_is_no_year():
    offer = PlanOffer(kind=PlanKind(), usd_per_hour=RATE)
    codes = [caveat.code for caveat in levers(priced(), offers=[offer]).caveats]
    assert codes == [WarningCode.COMMITMENT_ACCOUNT_WIDE, WarningCode.COMMITMENT_EXTRAPOLATED]
    fixed = levers(priced(None, found=variant(2, 2, None)), offers=[offer])
    assert [c.code for c in fixed.caveats] == [WarningCode.COMMITMENT_ACCOUNT_WIDE]
    assert levers(priced()).caveats == ()


def test_what_is_off_is_known_too():
    """A week of traffic of which 60 h are within the windows: a plan is sized on 168 h."""
    asked = priced(DAY * 7)
    wanted = NonProduction(hours=parse_office_hours(["mon-fri 08:00-20:00 UTC"]))
    off, seen = non_production(
        asked.result.variant,
        asked.tariff,
        wanted,
        hours_per_month=D(720),
        delays=asked.delays,
        minutes=asked.minutes,
    )
    assert seen.minutes.hours == 60
    within = replace(asked.result.horizon, hours=D(60))
    judged = replace(asked, non_production=off, result=replace(asked.result, horizon=within))
    offers = [PlanOffer(kind=PlanKind(), usd_per_hour=RATE)]
    _, extrapolated = levers(judged, offers=offers).caveats
    assert "is sized on 168 h of traffic" in extrapolated.message
