"""The loss of instances: who serves, who is turned away, and what becomes of latency."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.availability import Loss, Lost
from smcost.capacity import RatesProfile, Routing, WorkersProfile
from smcost.estimate.availability_answer import availability_answer, loss_caveats
from smcost.estimate.loss import LossJudge
from smcost.estimate.lost_stretch import left, lost_stretch, worst_moments
from smcost.estimate.stretch import Service
from smcost.queueing.service import ServiceTime
from smcost.remarks import WarningCode
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant

T0 = 1_704_067_200  # 2024-01-01T00:00Z
INSTANCE, ZONE = Loss(what=Lost.INSTANCE), Loss(what=Lost.ZONE)
#: 2 workers of 0.25 s: 480 invocations a minute keep one instance busy all the time.
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=2, service=ServiceTime(mean_s=0.25, cv=0.5)
)
MOST = 480
SLO = Slo(objectives=(Objective(fraction=0.99, limit_s=2.0),))
SERVICE = Service(profile=PROFILE, terms=LatencyTerms(), slo=SLO)
#: A loss is replaced after six minutes, and its stretch lasts an hour.
LASTS, LENGTH = 6, 60


def array(values):
    return np.array(values, dtype=np.int64)


def minutes(counts):
    counts = array(counts)
    return MinuteCounts(start_s=T0 + 60 * np.arange(counts.size), invocations=counts)


def judge(counts, loss=INSTANCE, service=SERVICE, **changes):
    return LossJudge(minutes(counts), Delays(), Routing.RANDOM, service, loss, **changes)


def moments(counts, in_service, loss=INSTANCE, service=SERVICE):
    return judge(counts, loss, service).moments(array(in_service))


#: Before, lost, wanted without the loss, who serves with it.
LEFT = {
    "nothing changes": (5, 2, 5, 3),
    "a scale-out adds to those left": (5, 2, 8, 6),
    "a scale-in takes the lost ones first": (5, 2, 4, 3),
    "down to those left": (5, 2, 3, 3),
    "and below": (5, 2, 1, 1),
    "the only one": (1, 1, 1, 0),
    "the only one, with help on its way": (1, 1, 3, 2),
    "nothing is lost": (5, 0, 5, 5),
}


@pytest.mark.parametrize(("before", "lost", "wanted", "serve"), LEFT.values(), ids=LEFT)
def test_who_serves(before, lost, wanted, serve):
    assert left(array([before]), array([lost]), array([wanted])).tolist() == [serve]


@given(st.integers(1, 40), st.integers(1, 60), st.data())
def test_with_fewer_lost_never_fewer_serve(before, wanted, data):
    lost = data.draw(st.integers(1, before))
    more, fewer = (
        int(left(array([before]), array([gone]), array([wanted]))[0]) for gone in (lost, lost - 1)
    )
    assert 0 <= more <= fewer <= wanted


def test_the_stretch_of_a_loss_by_hand():
    counts, in_service = [100] * 200, [4] * 103 + [6] * 97
    found = lost_stretch(array(counts), array(in_service), 100, ZONE, LASTS, LENGTH)
    assert (found.begin, found.judged, found.end) == (70, 100, 160)
    # Of 4 two are lost for six minutes; help that was on its way comes after three.
    assert found.after[30:38].tolist() == [2, 2, 2, 4, 4, 4, 6, 6]
    assert found.before[30:38].tolist() == [4, 4, 4, 6, 6, 6, 6, 6]
    assert not found.turned_away.any()
    assert found.window.tolist() == [0] * 30 + [1] * 60


def test_near_the_end_of_the_trace_the_hour_begins_before_the_loss():
    found = lost_stretch(array([100] * 200), array([2] * 200), 190, INSTANCE, LASTS, LENGTH)
    assert (found.begin, found.judged, found.end) == (110, 140, 200)
    assert found.after[80:].tolist() == [1] * 6 + [2] * 4


def test_where_nobody_is_left_everybody_is_turned_away():
    found = lost_stretch(array([100] * 200), array([1] * 200), 100, INSTANCE, LASTS, LENGTH)
    assert found.turned_away[30:37].tolist() == [100] * 6 + [0]
    assert found.turned_away_judged == 600
    assert found.served(minutes([100] * 200)).total == 90 * 100 - 600


def test_until_requests_are_sent_elsewhere_those_to_the_lost_fail():
    slow = replace(INSTANCE, failover_s=90.0)
    found = lost_stretch(array([100] * 200), array([4] * 200), 100, slow, LASTS, LENGTH)
    # A quarter of a whole minute, and of half of the next.
    assert found.turned_away[29:33].tolist() == [0, 25, 13, 0]


def test_logged_times_are_thinned_evenly():
    counts = np.array([60] * 200, dtype=np.int64)
    offsets_s = np.tile(np.arange(60.0), 200)
    logged = MinuteCounts(start_s=T0 + 60 * np.arange(200), invocations=counts, offsets_s=offsets_s)
    slow = replace(INSTANCE, failover_s=60.0)
    found = lost_stretch(counts, array([2] * 200), 100, slow, LASTS, LENGTH).served(logged)
    assert found.invocations[30] == 30
    assert found.offsets_s.size == found.total
    assert found.offsets_s[30 * 60 : 30 * 60 + 30].tolist() == list(range(0, 60, 2))


def busy(utilisation):
    """Nothing below a load of 0.8, everything above."""
    return np.where(utilisation > 0.8, 1.0, 0.0)


def worst(counts, in_service, loss=INSTANCE):
    return worst_moments(array(counts), array(in_service), loss, LASTS, MOST, busy)


def test_the_worst_moment_of_a_peak_is_the_peak():
    counts = [300] * 100 + [900] * 6 + [300] * 100
    assert worst(counts, [3] * 206)[0] == 100


def test_the_worst_moment_of_a_night_with_one_instance_is_the_night():
    """By day there are spare ones; by night the only one is lost."""
    counts, in_service = [900] * 100 + [60] * 100 + [900] * 100, [9] * 100 + [1] * 100 + [9] * 100
    assert all(100 <= first < 200 for first in worst(counts, in_service))


def test_the_worst_moment_of_a_rise_is_before_help_has_come():
    """The fleet follows after ten minutes: in them it is short without a loss."""
    counts, in_service = [300] * 100 + [1_300] * 100, [3] * 110 + [8] * 90
    assert worst(counts, in_service)[0] in range(98, 105)


def test_an_hour_of_one_request_is_no_worst_moment():
    """All of it fails, and of the busy hour a tenth, but those are more."""
    counts = [90] * 120 + [0] * 100 + [1] + [0] * 100
    assert all(first < 120 for first in worst(counts, [1] * 321))


def test_where_nothing_is_late_the_busiest_hour_counts():
    counts = [0] * 100 + [300] * 60 + [0] * 100
    found = worst_moments(array(counts), array([3] * 260), INSTANCE, LASTS, MOST, np.square)
    assert found[0] in range(94, 161)


def test_a_loss_does_not_outlast_the_trace():
    counts = [300] * 199 + [5_000]
    assert max(worst(counts, [3] * 200)) <= 200 - LASTS
    assert worst([300] * 3, [2] * 3) == (0,)


def test_a_spare_instance_makes_a_loss_a_matter_of_a_few_milliseconds():
    (found, *_) = moments([700] * 240, [3] * 240)
    assert (found.count_before, found.lost, found.count_left) == (3, 1, 2)
    assert found.utilisation == pytest.approx(700 / 480 / 2)
    assert found.latency.breaks == ()
    assert found.latency.p99_s > found.latency_without.p99_s
    assert found.method == "simulated"
    # Little: 700 / 60 / 3 a second for a little more than the service time of 0.25 s.
    assert 700 / 60 / 3 * 0.25 < found.cut_off < 700 / 60 / 3 * 0.4
    assert found.latency.failed_fraction == pytest.approx(found.cut_off / 42_000)


def test_without_a_spare_one_the_rest_cannot_carry_it():
    """1.5 times the capacity of the one that is left, for six minutes."""
    (found, *_) = moments([720] * 240, [2] * 240)
    assert found.utilisation == pytest.approx(1.5)
    assert found.latency_without.breaks == ()
    assert found.latency.breaks == ("p99", "max_failed")
    assert found.minutes_over > 6 > found.minutes_over_without


def test_an_outage_fails_what_comes_in_it():
    (found, *_) = moments([120] * 240, [1] * 240)
    assert (found.count_left, found.turned_away, found.minutes) == (0, 720, 60)
    assert np.isinf(found.utilisation)
    assert np.isinf(found.latency.p99_s)
    assert found.latency.failed_fraction == pytest.approx((720 + found.cut_off) / 7_200)
    assert found.minutes_over == 6


def test_a_night_without_a_request_survives_the_loss_of_the_only_instance():
    assert judge([0] * 240).survives(array([1] * 240))
    (found,) = moments([0] * 240, [1] * 240)
    assert found.latency.failed_fraction == 0
    assert np.isnan(found.latency.p99_s)


def test_a_zone_that_is_lost_for_long_is_judged_for_long():
    hours = replace(ZONE, lasts_s=7_200.0)
    (found, *_) = moments([700] * 600, [3] * 600, hours)
    # Two hours, three minutes of alarm, 90 s of reaction and 300 s of start-up.
    assert found.minutes == 130


def test_requests_in_flight_are_no_more_than_come_within_the_timeout():
    overloaded = moments([2_000] * 240, [2] * 240)[0]
    assert overloaded.cut_off == pytest.approx(2_000 / 60 / 2 * 60)


square = st.lists(st.integers(0, 1_500), min_size=3, max_size=5).map(
    lambda levels: [level for level in levels for _ in range(60)]
)


@settings(max_examples=25, deadline=None)
@given(
    square,
    st.integers(1, 8),
    st.sampled_from([(INSTANCE, ZONE), (ZONE, Loss(what=Lost.ZONE, zones=2))]),
)
def test_who_survives_more_survives_less(counts, count, pair):
    """A fleet of fixed size, by tables: one lost is no worse than two."""
    fewer, more = pair
    in_service = array([count] * len(counts))
    nothing = lambda *_: False  # noqa: E731
    if judge(counts, more).survives(in_service, nothing):
        assert judge(counts, fewer).survives(in_service, nothing)


@settings(max_examples=25, deadline=None)
@given(square, st.integers(1, 8))
def test_what_is_judged_fast_is_what_is_shown(counts, count):
    """The search stops at what cannot hold; the figures beside the answer are of the same kind."""
    in_service = array([count] * len(counts))
    shown = all(not found.latency.breaks for found in moments(counts, in_service))
    assert judge(counts, at_best=0.0).survives(in_service) == shown


def test_what_was_measured_as_rates_is_screened():
    profile = RatesProfile(
        instance_type="ml.m5.xlarge",
        offered_rps=np.array([2.0, 5.0, 7.0]),
        fractions=np.array([0.95, 0.99]),
        latencies_s=np.array([[0.2, 0.3], [0.3, 0.5], [0.6, 1.2]]),
        error_rate=np.zeros(3),
        requests=np.full(3, 1000.0),
    )
    (found, *_) = moments([700] * 240, [3] * 240, service=replace(SERVICE, profile=profile))
    assert found.method == "screened"
    assert found.latency.p99_s > found.latency_without.p99_s


def test_without_an_slo_there_are_figures_and_no_verdict():
    (found, *_) = moments([700] * 240, [3] * 240, service=replace(SERVICE, slo=None))
    assert (found.latency.breaks, found.minutes_over) == (None, None)
    assert found.latency.p99_s > found.latency_without.p99_s


def answer(counts, count, loss=INSTANCE, service=SERVICE):
    variant = Variant(
        instance_type="ml.m5.xlarge",
        minimum=count,
        maximum=count,
        initial_count=count,
        target_per_minute=None,
    )
    given_minutes = None if counts is None else minutes(counts)
    return availability_answer(variant, given_minutes, Delays(), None, service, loss)


def test_the_answer_has_the_rule_of_thumb_beside_the_replay():
    found = answer([700] * 240, 3)
    assert found.breaks == ()
    # 700 a minute at 6.5 a second within 2 s: two, and one more.
    assert found.max_rps_at_slo == pytest.approx(6.5, abs=0.1)
    assert (found.peak_per_minute, found.rule_count) == (700, 3)
    assert loss_caveats(found) == ()


def test_overhead_leaves_less_of_the_limit():
    slower = replace(SERVICE, terms=LatencyTerms(overhead_s=1.0))
    assert answer([700] * 240, 3, service=slower).max_rps_at_slo < 6
    beyond = replace(SERVICE, terms=LatencyTerms(overhead_s=2.5))
    assert answer([700] * 240, 3, service=beyond).rule_count is None


def test_what_does_not_survive_is_warned_of():
    (caveat,) = loss_caveats(answer([720] * 240, 2))
    assert caveat.code is WarningCode.LOSS_BREAKS_SLO
    assert "p99 and max_failed" in caveat.message
    assert "leaves 1 of 2 for 360 s" in caveat.message


@pytest.mark.parametrize("missing", ["counts", "service", "loss"])
def test_without_traffic_or_service_or_a_loss_there_is_no_answer(missing):
    given_values = {"counts": [700] * 240, "service": SERVICE, "loss": INSTANCE} | {missing: None}
    assert answer(count=3, **given_values) is None
