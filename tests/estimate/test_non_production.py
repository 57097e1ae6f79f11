"""Turning off outside of windows: instance-hours by hand, laws, real traces."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.cost import Tariff
from smcost.errors import UsageError
from smcost.estimate.non_production import non_production
from smcost.estimate.office_month import quiet_curve, within
from smcost.estimate.turning_off import (
    NonProduction,
    Way,
    of_month,
    saves_from_s,
    switches,
    turned_down,
)
from smcost.read.office_hours_spec import parse_office_hours
from smcost.read.traffic_file import read_traffic_file
from smcost.remarks import WarningCode
from smcost.replay.counts import Delays
from smcost.scaling.cron import parse_cron
from smcost.traffic.minutes import MinuteCounts, to_minutes
from smcost.traffic.synthetic import START_S, constant
from smcost.variant import Variant

TRACES = Path(__file__).resolve().parents[3] / "shared" / "data" / "traces"
OFFICE = "mon-fri 08:00-20:00 Europe/Berlin"
MONTH = Decimal(720)
TARIFF = Tariff(instance_type="ml.m5.xlarge", usd_per_hour=Decimal("0.23"))
DELAYS = Delays(startup_s=300)


def fleet(minimum, maximum=None, **more):
    return Variant(
        instance_type="ml.m5.xlarge",
        minimum=minimum,
        maximum=minimum if maximum is None else maximum,
        initial_count=more.pop("initial_count", minimum),
        target_per_minute=more.pop("target", None),
        **more,
    )


def asked(variant, text=OFFICE, minutes=None, *, way=Way.DELETE, delays=DELAYS, **more):
    wanted = NonProduction(hours=parse_office_hours([text]), way=way, **more)
    answer, seen = non_production(
        variant, TARIFF, wanted, hours_per_month=MONTH, delays=delays, minutes=minutes
    )
    return {found.way: found for found in answer.ways}, answer, seen


def week(counts_per_minute, start_s=START_S):
    counts = np.asarray(counts_per_minute, dtype=np.int64)
    return MinuteCounts(start_s=start_s + 60 * np.arange(counts.size), invocations=counts)


#: Two instances for 60 h of a week of 168, with 5 starts of 5 minutes: by hand.
BY_HAND = {
    Way.DELETE: 2 * (60 + Decimal(25) / 60) / 168 * 720,
    Way.MINIMUM: (2 * (60 + Decimal(25) / 60) + (168 - 60 - Decimal(25) / 60)) / 168 * 720,
    Way.SCALE_TO_ZERO: 2 * (60 + Decimal(25) / 60 + Decimal(125) / 60) / 168 * 720,
}


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("traffic", [False, True])
def test_two_instances_from_monday_to_friday(way, traffic):
    """With traffic within the windows only, known minute by minute, it is the same."""
    minutes = None
    if traffic:
        counts = np.zeros(7 * 1440)
        for day in range(5):
            counts[1440 * day + 420 : 1440 * day + 1140] = 6
        minutes = week(counts)
    found = asked(fleet(2), minutes=minutes)[0][way]
    assert float(found.instance_hours.expected) == pytest.approx(float(BY_HAND[way]), rel=1e-9)
    if traffic:
        assert found.unanswered == 0
        assert found.unanswered_share == 0.0


def test_the_bill_and_the_saving_of_the_page():
    ways, answer, _ = asked(fleet(2))
    assert answer.always_on.expected.usd == Decimal("331.20")
    assert ways[Way.DELETE].usd == Decimal("119.11")
    assert ways[Way.MINIMUM].usd == Decimal("225.15")
    assert ways[Way.SCALE_TO_ZERO].usd == Decimal("123.21")
    assert answer.saving_usd(ways[Way.DELETE]) == Decimal("212.09")
    assert answer.saving_share(ways[Way.DELETE]) == pytest.approx(212.09 / 331.20)
    assert answer.chosen is answer.ways[0]
    assert round(answer.hours_on, 4) == Decimal("257.1429")
    assert round(answer.openings, 4) == Decimal("21.4286")


def test_storage_follows_the_hours_and_data_the_requests_that_are_answered():
    tariff = Tariff(
        instance_type="ml.m5.xlarge",
        usd_per_hour=Decimal("0.23"),
        volume_gb=30,
        usd_per_gb_month=Decimal("0.14"),
        bytes_in=2**20,
        bytes_out=0,
        usd_per_gb_in=Decimal(1),
        usd_per_gb_out=Decimal(1),
    )
    wanted = NonProduction(hours=parse_office_hours(["daily 06:00-12:00 UTC"]))
    minutes = to_minutes(constant(1, 7))
    answer, seen = non_production(
        fleet(2), tariff, wanted, hours_per_month=MONTH, delays=DELAYS, minutes=minutes
    )
    lines = {line.name: line for line in answer.chosen.cost.expected.lines}
    hours = lines["Instances ml.m5.xlarge"].quantity
    assert hours == 2 * 30 * (6 + Decimal(5) / 60)
    assert lines["Endpoint storage"].quantity == round(30 * hours / 720, 4)
    # A quarter of 720 x 3600 requests, a MB each.
    assert lines["Data in"].quantity == round(Decimal(720 * 3600) / 4 / 1024, 4)
    assert answer.answered == 720 * 900
    assert answer.chosen.unanswered_share == 0.75
    assert seen.minutes.total == 7 * 6 * 3600


def test_an_even_rate_is_unanswered_for_as_long_as_it_is_off():
    ways, answer, _ = asked(fleet(2), minutes=to_minutes(constant(2, 7)))
    assert ways[Way.DELETE].unanswered_share == pytest.approx(1 - 60 / 168)
    assert ways[Way.MINIMUM].unanswered_share == 0
    # Never idle, so never at zero: as scaled down, but for the tails at two instances.
    zero = ways[Way.SCALE_TO_ZERO]
    assert (zero.unanswered, zero.wake_ups) == (0, 0)
    assert WarningCode.REQUESTS_UNANSWERED in {caveat.code for caveat in answer.caveats}


def test_one_request_a_night_keeps_it_up_for_wake_up_and_tail():
    """At 02:00 UTC of every day of a week: 7 wake-ups of 30 min, and the 5 windows."""
    counts = np.zeros(7 * 1440)
    counts[120::1440] = 1
    zero = asked(fleet(2), minutes=week(counts))[0][Way.SCALE_TO_ZERO]
    per_week = 2 * (60 + 25 / 60 + 125 / 60) + 7 * 0.5
    assert float(zero.instance_hours.expected) * 168 / 720 == pytest.approx(per_week)
    assert float(zero.wake_ups) * 168 / 720 == pytest.approx(7)
    assert float(zero.unanswered) * 168 / 720 == pytest.approx(7)


def test_a_fleet_that_scales_begins_every_window_with_its_initial_count():
    """Quiet all the time: the initial four go after the alarm of 15 minutes, reaction 90 s."""
    variant = fleet(1, 8, target=600.0, initial_count=4)
    minutes = week(np.ones(7 * 1440))
    ways, _, seen = asked(variant, minutes=minutes)
    per_window_h = 12 + 3 * (15 * 60 + 90) / 3600 + 4 * 300 / 3600
    found = float(ways[Way.DELETE].instance_hours.expected) * 168 / 720
    assert found == pytest.approx(5 * per_window_h)
    assert seen.replay.in_service.reshape(5, 720)[:, 0].tolist() == [4] * 5
    assert seen.replay.in_service.size == seen.minutes.start_s.size == 5 * 720


@pytest.mark.parametrize(("busy", "alarm_min"), [(1100, 15), (1, 1)])
def test_turned_down_the_policy_takes_its_time(busy, alarm_min):
    """Busy until the closing the alarm takes 15 min; where it was on already, a minute.

    And 90 s of reaction. The trace begins outside, where the actions of the year before left one.
    """
    variant = fleet(2, 8, target=600.0)
    counts = np.ones(7 * 1440)
    for day in range(5):
        counts[1440 * day + 420 : 1440 * day + 1140] = busy
    found = asked(variant, minutes=week(counts))[0][Way.MINIMUM]
    two_h = 60 + 5 * (300 + alarm_min * 60 + 90) / 3600
    assert float(found.instance_hours.expected) * 168 / 720 == pytest.approx(168 + two_h)


def test_turned_down_is_the_replay_of_its_scheduled_actions():
    actions = turned_down(fleet(4, 9, target=600.0), parse_office_hours([OFFICE]), DELAYS).schedule
    assert [action.told for action in actions] == [
        "cron(0 20 ? * MON-FRI *) Europe/Berlin min=1",
        "cron(55 7 ? * MON-FRI *) Europe/Berlin min=4",
    ]
    fixed = turned_down(fleet(4), parse_office_hours([OFFICE]), DELAYS).schedule
    assert [(action.minimum, action.maximum) for action in fixed] == [(1, 1), (4, 4)]


def test_a_minimum_of_one_has_nothing_to_be_turned_down():
    one = fleet(1, 9, target=600.0)
    assert turned_down(one, parse_office_hours([OFFICE]), DELAYS) is one
    ways, answer, _ = asked(one, minutes=week(np.ones(7 * 1440)))
    assert ways[Way.MINIMUM].instance_hours.expected == answer.always_on_hours.expected == MONTH
    assert ways[Way.MINIMUM].switches == ()


def test_a_request_that_wakes_it_waits_for_the_alarm_and_the_start_up():
    assert [found.wake_up_s for found in asked(fleet(2))[0].values()] == [None, None, 360]


SWITCHES = {
    Way.DELETE: [("create", "55 7", None, None), ("delete", "0 20", None, None)],
    Way.MINIMUM: [("scale", "55 7", 4, None), ("scale", "0 20", 1, None)],
    Way.SCALE_TO_ZERO: [("scale", "55 7", 4, None), ("scale", "0 20", 0, None)],
}


@pytest.mark.parametrize("way", list(Way))
def test_the_schedules_to_paste(way):
    found = switches(way, fleet(4, 9, target=600.0), parse_office_hours([OFFICE]), DELAYS)
    assert [(s.does, s.schedule, s.minimum, s.maximum) for s in found] == [
        (does, f"cron({at} ? * MON-FRI *)", low, high) for does, at, low, high in SWITCHES[way]
    ]
    assert {s.timezone for s in found} == {"Europe/Berlin"}


@pytest.mark.parametrize(
    ("way", "variant", "wanted_s"),
    [
        (Way.DELETE, fleet(2), 300),
        (Way.MINIMUM, fleet(2), 300),
        (Way.MINIMUM, fleet(2, 9, target=600.0), 300 + 15 * 60 + 90),
        (Way.SCALE_TO_ZERO, fleet(2), 300 + 1500),
    ],
)
def test_the_shortest_break_that_saves_is_where_the_hours_begin_to_fall(way, variant, wanted_s):
    wanted = NonProduction(hours=parse_office_hours([OFFICE]), way=way)
    assert saves_from_s(way, variant, wanted, DELAYS) == wanted_s
    if variant.policies:
        return
    minutes = wanted_s // 60
    for length, saves in ((minutes, False), (minutes + 1, True)):
        text = f"daily 00:00-12:00; daily 12:{length:02}-24:00 UTC"
        found = asked(variant, text)[0][way].instance_hours.expected
        assert (found < 2 * MONTH) is saves


def test_a_break_no_longer_than_the_start_up_is_left_on_and_said():
    minutes = to_minutes(constant(1, 7))
    text = "daily 00:00-12:00; daily 12:05-24:00 UTC"
    ways, answer, seen = asked(fleet(2), text, minutes)
    assert ways[Way.DELETE].instance_hours.expected == 2 * MONTH
    assert ways[Way.DELETE].unanswered == 0
    assert seen.minutes.total == minutes.total
    assert [caveat.code for caveat in answer.caveats] == [WarningCode.BREAK_TOO_SHORT]


#: With a start-up of 5 minutes; the last ones have a break over the week's end.
BREAKS = {
    "mon-fri 08:00-12:00; mon-fri 12:03-20:00": 1,
    "mon-fri 08:00-12:00; mon-fri 12:05-20:00": 1,
    "mon-fri 08:00-12:00; mon-fri 12:06-20:00": 2,
    "mon 08:00-12:00; mon 12:04-13:00; mon 13:04-14:00; mon 14:30-15:00": 2,
    "daily 00:00-12:00; daily 12:03-24:00": 0,
    "daily 00:02-23:59": 0,
    "sun 12:00-23:58; mon 00:00-12:00; wed 10:00-11:00": 2,
}


def played(found, minimum):
    """Instances of every minute of a week, as its schedules leave them one after another."""
    weeks = [datetime(2026, 6, day, tzinfo=UTC).date() for day in (1, 15)]
    acts = sorted(
        (1440 * (day - weeks[0]).days + 60 * hour + minute, switch.does, switch.minimum)
        for switch in found
        for day, hour, minute in parse_cron(switch.schedule[5:-1]).times(*weeks)
    )
    counts = np.full(14 * 1440, minimum)
    for at, does, count in acts:
        counts[at:] = {"create": minimum, "delete": 0, "scale": count}[does]
    return counts[7 * 1440 :]


@pytest.mark.parametrize("text", BREAKS)
@pytest.mark.parametrize("way", [Way.DELETE, Way.MINIMUM])
def test_the_bill_is_what_the_schedules_leave_when_they_are_played(way, text):
    """A break that is no longer than the start-up has none: what closes would come last."""
    found, answer, _ = asked(fleet(3), f"{text} UTC", way=way)
    counts = played(found[way].switches, 3)
    hours = found[way].instance_hours.expected
    assert float(hours) * 168 / 720 == pytest.approx(counts.sum() / 60)
    # Within the windows it is there.
    for begin, end in parse_office_hours([f"{text} UTC"]).stretches_min:
        assert (np.take(counts, np.arange(begin, end), mode="wrap") == 3).all()
    days = 5 if text.startswith("mon-fri") else 1
    assert float(answer.openings) * 168 / 720 == pytest.approx(BREAKS[text] * days)
    assert len(found[way].switches) == 2 * BREAKS[text]


def test_a_part_of_a_week_counts_as_what_an_ordinary_week_has_of_it():
    """A Monday and a Tuesday, and a week: a month has the same hours on."""
    busy, quiet = np.full(1440, 60), np.full(1440, 60)
    two = asked(fleet(2), minutes=week(np.concatenate([busy, quiet])))[0]
    whole = asked(fleet(2), minutes=week(np.full(7 * 1440, 60)))[0]
    for way in (Way.DELETE, Way.MINIMUM):
        assert float(two[way].instance_hours.expected) == pytest.approx(
            float(whole[way].instance_hours.expected), rel=2e-3
        )
        assert two[way].unanswered_share == pytest.approx(whole[way].unanswered_share)


def test_the_weeks_of_the_shifts_have_their_own_minutes():
    """Within 08:00 to 20:00 of Berlin it is busy: what else of UTC is unanswered follows it."""
    for monday in ("2026-03-23", "2026-10-19"):
        start_s = int(np.datetime64(monday, "s").astype(np.int64))
        hours = parse_office_hours(["daily 08:00-20:00 Europe/Berlin"])
        counts = np.zeros(7 * 1440)
        for begin_s, end_s in hours.intervals_s(start_s, start_s + 7 * 86_400):
            counts[max(0, begin_s - start_s) // 60 : (end_s - start_s) // 60] = 3
        assert counts.sum() == 3 * 7 * 720
        found = asked(fleet(1), hours.told, week(counts, start_s))[0][Way.DELETE]
        assert found.unanswered == 0


def test_what_is_outside_is_not_known_where_the_traffic_has_nothing_of_it():
    minutes = week(np.full(60, 5), START_S + 10 * 3600)
    ways, _, _ = asked(fleet(2), minutes=minutes)
    assert ways[Way.DELETE].unanswered is None
    assert ways[Way.DELETE].instance_hours.expected is not None
    assert ways[Way.MINIMUM].instance_hours.expected == ways[Way.MINIMUM].instance_hours.floor
    assert ways[Way.SCALE_TO_ZERO].cost.expected is None
    with pytest.raises(UsageError, match="no minute outside") as refused:
        asked(fleet(2), minutes=minutes, way=Way.SCALE_TO_ZERO)
    assert refused.value.place == "--non-prod-way"


def test_traffic_that_the_windows_do_not_meet_is_refused():
    saturday = week(np.full(600, 5), START_S + 5 * 86_400)
    with pytest.raises(UsageError, match="No minute of the traffic lies within"):
        asked(fleet(2), minutes=saturday)
    wanted = NonProduction(hours=parse_office_hours([OFFICE]))
    with pytest.raises(UsageError, match="No minute"):
        within(wanted, saturday, DELAYS, MONTH)


@pytest.mark.parametrize("tail_s", [-1, 86_401, float("nan")])
def test_a_tail_of_more_than_a_day_is_none(tail_s):
    with pytest.raises(UsageError, match="is none"):
        NonProduction(hours=parse_office_hours([OFFICE]), idle_tail_s=tail_s)


def test_bounds_without_traffic():
    ways, answer, seen = asked(fleet(2, 5))
    assert seen is None
    assert answer.always_on.expected is None
    for found in ways.values():
        assert found.cost.expected is None
        assert found.instance_hours.floor < found.instance_hours.ceiling
        assert answer.saving_usd(found) == answer.always_on.floor.usd - found.cost.floor.usd
    assert ways[Way.DELETE].instance_hours.ceiling == BY_HAND[Way.DELETE] * 5 / 2


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("traffic", [False, True])
def test_the_curve_is_what_the_bill_has(way, traffic):
    """A whole week of it, so that its mean is that of the month."""
    minutes = to_minutes(constant(2, 7)) if traffic else None
    ways, answer, _ = asked(fleet(3), minutes=minutes, way=way)
    curve = answer.curve if traffic else quiet_curve(fleet(3), answer.wanted, DELAYS)
    billed_h = curve.billed_s.sum() / 3600
    assert billed_h * 720 / 168 == pytest.approx(float(ways[way].instance_hours.expected))
    hours = curve.billed_s.reshape(-1, 60).sum(axis=1) / 3600
    # Monday 03:00 and 10:00 of UTC.
    up_at_night = {Way.DELETE: 0, Way.MINIMUM: 1, Way.SCALE_TO_ZERO: int(traffic)}[way]
    assert hours[[3, 10]].tolist() == [up_at_night, 3]


def test_a_fleet_of_unknown_size_has_no_curve():
    wanted = NonProduction(hours=parse_office_hours([OFFICE]))
    assert quiet_curve(fleet(2, 5), wanted, DELAYS) is None


ONE = st.sampled_from(
    ["mon-fri 08:00-20:00", "daily 22:00-04:00", "sat 00:00-24:00", "sun,mon 23:30-00:30"]
)


@given(ONE, ONE, st.integers(1, 4), st.integers(0, 3600))
@settings(max_examples=4)
def test_laws_of_the_clock(text, another, count, startup_s):
    delays = Delays(startup_s=startup_s)
    few, few_answer, _ = asked(fleet(count), f"{text} UTC", delays=delays)
    more, answer, _ = asked(fleet(count), f"{text}; {another} UTC", delays=delays)
    always = answer.always_on_hours.expected
    for way in Way:
        assert few[way].instance_hours.expected <= more[way].instance_hours.expected <= always
        assert few_answer.saving_usd(few[way]) >= 0
    # Gone is never dearer than down to one, nor than idle for a tail first.
    for other in (Way.MINIMUM, Way.SCALE_TO_ZERO):
        assert more[Way.DELETE].instance_hours.expected <= more[other].instance_hours.expected


@given(st.lists(st.integers(0, 3000), min_size=14, max_size=14), st.integers(1, 3))
@settings(max_examples=3)
def test_laws_of_replays(levels, minimum):
    """Half days of steady traffic: bounds hold, nothing is lost twice, all on is the plain bill."""
    minutes = week(np.repeat(levels, 720))
    variant = fleet(minimum, 9, target=600.0)
    ways, answer, _ = asked(variant, minutes=minutes)
    for found in ways.values():
        hours = found.instance_hours
        assert hours.floor <= hours.expected <= hours.ceiling
        assert 0 <= found.unanswered_share <= 1
    assert ways[Way.SCALE_TO_ZERO].unanswered <= ways[Way.DELETE].unanswered
    same, whole, _ = asked(variant, "daily 00:00-24:00 UTC", minutes)
    for found in (same[Way.MINIMUM], same[Way.SCALE_TO_ZERO]):
        assert found.usd == whole.always_on.expected.usd == answer.always_on.expected.usd


@pytest.fixture(scope="module", params=["nasa_http_1995", "servegen_m-large"])
def real(request):
    path = TRACES / f"{request.param}.csv"
    if not path.is_file():
        pytest.skip("no ../shared/data/traces beside the checkout")
    return request.param, to_minutes(read_traffic_file(path).trace)


#: Share of the requests outside Monday to Friday, 08:00 to 20:00 of a zone, counted apart.
def counted_outside(minutes, zone_offset_h):
    local = minutes.start_s + 3600 * zone_offset_h
    day = (local // 86_400 + 3) % 7
    hour = local % 86_400 // 3600
    inside = (day < 5) & (hour >= 8) & (hour < 20)
    rates = [float(minutes.invocations[kept].mean()) for kept in (inside, ~inside)]
    return 108 * rates[1] / (60 * rates[0] + 108 * rates[1])


def test_the_requests_of_real_traces_that_would_be_lost(real):
    """In summer New York is 4 h behind UTC: NASA's July and August; the other trace is UTC."""
    name, minutes = real
    zone, offset_h = ("America/New_York", -4) if name.startswith("nasa") else ("UTC", 0)
    ways, _, _ = asked(fleet(2), f"mon-fri 08:00-20:00 {zone}", minutes)
    lost = ways[Way.DELETE].unanswered_share
    assert lost == pytest.approx(counted_outside(minutes, offset_h), rel=1e-9)
    assert 0.3 < lost < 0.7
    hours = {way: found.instance_hours.expected for way, found in ways.items()}
    assert float(hours[Way.DELETE]) == pytest.approx(float(BY_HAND[Way.DELETE]))
    assert hours[Way.DELETE] < hours[Way.SCALE_TO_ZERO] <= of_two(hours[Way.MINIMUM])
    assert ways[Way.SCALE_TO_ZERO].unanswered_share < 0.01


def of_two(turned_down_hours):
    """Scale to zero keeps the two of the closing for a tail that scheduled actions end at once."""
    openings = NonProduction(hours=parse_office_hours([OFFICE])).hours.presence()
    return turned_down_hours + of_month(openings, MONTH)
