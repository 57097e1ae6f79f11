"""A release in the busiest hour: counts pinned by hand, and what they do to latency."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from smcost.capacity import RatesProfile, WorkersProfile
from smcost.cost import Tariff
from smcost.deployment import Deployment, DeploymentKind, FleetAt, Releases, default_step
from smcost.estimate import estimate, watched_metrics
from smcost.estimate.configuration import replay_variant
from smcost.estimate.levers import Priced, levers
from smcost.estimate.release import _pinned, busiest_release
from smcost.estimate.stretch import Service
from smcost.queueing.service import ServiceTime
from smcost.remarks import WarningCode
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.scaling.policy import Metric, TargetPolicy
from smcost.slo import Objective, Slo
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant

T0 = 1_704_067_200  # 2024-01-01T00:00Z
D = Decimal
#: 2 workers of 0.25 s: 480 invocations a minute keep one instance busy all the time.
PROFILE = WorkersProfile(
    instance_type="ml.m5.xlarge", workers=2, service=ServiceTime(mean_s=0.25, cv=0.5)
)
SERVICE = Service(
    profile=PROFILE,
    terms=LatencyTerms(),
    slo=Slo(objectives=(Objective(fraction=0.99, limit_s=2.0),)),
)
#: Three hours, of which the second is the busiest.
QUIET, BUSY = [200] * 60, [900] * 60
DAY = [*QUIET, *BUSY, *QUIET]


def minutes(counts):
    counts = np.array(counts, dtype=np.int64)
    return MinuteCounts(start_s=T0 + 60 * np.arange(counts.size), invocations=counts)


def variant(initial=1, minimum=1, maximum=9, target=300.0):
    return Variant(
        instance_type="ml.m5.xlarge",
        minimum=minimum,
        maximum=maximum,
        initial_count=initial,
        target_per_minute=target,
    )


def deployment(kind=DeploymentKind.ALL_AT_ONCE, **changes):
    given = {"kind": kind, "provisioning_s": 300.0, "step": default_step(kind)}
    return Deployment(**given | changes)


def release(counts=DAY, *, found=None, how=None, service=SERVICE):
    return busiest_release(
        found or variant(), how or deployment(), minutes(counts), Delays(), service
    )


def test_it_begins_with_the_busiest_hour_of_the_clock():
    assert release().start_s == T0 + 3600
    assert release([*BUSY, *QUIET]).start_s == T0


def test_the_busiest_hour_is_the_one_with_most_invocations_not_the_busiest_minute():
    counts = [100] * 60 + [0] * 59 + [5_000] + [0] * 30
    assert release(counts).start_s == T0


def test_a_stretch_is_an_hour_or_until_help_has_come():
    assert release(how=deployment()).minutes == 60
    # An update of 62 min 30 s, three minutes of alarm, 90 s of reaction and 300 s of start-up.
    long = deployment(DeploymentKind.CANARY, wait_s=3450.0)
    assert release(how=long).minutes == 72
    assert release(how=long).update_s == 3750


def test_the_stretch_ends_with_the_trace():
    assert release([*BUSY, *QUIET[:20]]).minutes == 60
    assert release([*QUIET, *[5_000] * 20]).minutes == 20


def pinned(counts, found, how):
    given, delays = minutes(counts), Delays()
    replay = replay_variant(found, given, delays)
    return replay.in_service, _pinned(found, how, given, delays, replay, 60)


def test_the_count_is_frozen_then_reset_then_scaled_again():
    steady = [900] * 180
    replayed, found = pinned(steady, variant(initial=1), deployment(termination_wait_s=600.0))
    assert set(replayed.tolist()) == {3}
    assert found[:60].tolist() == [3] * 60
    # Five minutes until the new fleet is in service, ten until the old one is gone.
    assert found[60:65].tolist() == [3] * 5
    assert found[65:75].tolist() == [1] * 10
    # Three minutes of alarm, 90 s of reaction, 300 s of start-up: not before the tenth.
    assert found[75:84].tolist() == [1] * 9
    assert found[-1] == 3


def test_a_count_that_is_frozen_is_not_scaled_out():
    # The rush begins with the update: without it help comes after ten minutes.
    counts = [200] * 60 + [900] * 120
    replayed, found = pinned(counts, variant(initial=1), deployment(termination_wait_s=3000.0))
    assert replayed[75] == 3
    assert found[60:115].tolist() == [1] * 55
    assert found[-1] == 3


def test_a_reset_upwards_stays_until_the_autoscaler_takes_it_back():
    counts = [200] * 240
    _, found = pinned(counts, variant(initial=5), deployment())
    assert found[65:80].tolist() == [5] * 15
    assert found[-1] == 1


def test_shifting_in_steps_loads_the_smaller_fleet_more_and_more():
    _, found = pinned(
        [900] * 180, variant(initial=1), deployment(DeploymentKind.LINEAR, wait_s=300.0)
    )
    # 20 %: the 3 old ones have 80 %; 40 % and more: the one new instance has them.
    assert found[65:85:5].tolist() == [3, 2, 1, 1]


def test_a_fleet_that_tracks_requests_in_flight_is_reset_and_scaled_again():
    """The same story told by another metric: on 4 instances 225 a minute of 0.25 s, 0.94 busy."""
    in_flight = TargetPolicy(metric=Metric.CONCURRENCY, target=1.6)
    found = replace(variant(initial=1, target=None), further_policies=(in_flight,))
    trace = minutes([900] * 180)
    seen = watched_metrics(found, trace, PROFILE)
    told = busiest_release(found, deployment(), trace, Delays(), SERVICE, seen)
    assert (told.count_before, told.count_after) == (4, 1)
    replayed = replay_variant(found, trace, Delays(), seen)
    after = _pinned(found, deployment(), trace, Delays(), replayed, 60, seen)
    assert after[65] == 1
    assert after[-1] == 4
    assert told.latency.p99_s > 2 * told.latency_without.p99_s


def test_a_fixed_fleet_is_the_same_with_and_without():
    found = release(found=variant(3, 3, 3, None))
    assert (found.count_before, found.count_after) == (3, 3)
    assert found.latency == found.latency_without


def test_a_reset_to_too_few_breaks_the_slo_of_the_busiest_hour():
    counts = [900] * 180
    found = release(counts)
    assert found.method == "simulated"
    assert (found.count_before, found.count_after) == (3, 1)
    assert found.latency_without.breaks == ()
    assert found.latency.breaks == ("p99", "max_failed")
    assert found.latency.p99_s > found.latency_without.p99_s
    assert found.latency.failed_fraction > 0.01


def test_a_reset_to_as_many_as_run_changes_nothing():
    found = release([900] * 180, found=variant(initial=3))
    assert found.latency == found.latency_without


def test_what_was_measured_as_rates_is_screened():
    profile = RatesProfile(
        instance_type="ml.m5.xlarge",
        offered_rps=np.array([2.0, 5.0, 7.0]),
        fractions=np.array([0.95, 0.99]),
        latencies_s=np.array([[0.2, 0.3], [0.3, 0.5], [0.6, 1.2]]),
        error_rate=np.zeros(3),
        requests=np.full(3, 1000.0),
    )
    found = release(service=Service(profile=profile, terms=LatencyTerms()))
    assert found.method == "screened"
    assert found.latency.breaks is None
    assert found.latency.p99_s > 0


def test_without_a_capacity_counts_are_all_there_is():
    found = release(service=None)
    assert (found.latency, found.latency_without) == (None, None)
    assert found.count_after == 1


def test_without_a_request_nothing_is_late():
    found = release([0] * 90)
    assert found.method == "screened"
    assert found.latency.failed_fraction == 0
    assert np.isnan(found.latency.p99_s)


def test_the_first_hour_of_a_trace_is_judged_whole():
    # Only its first minute is too much, and nothing comes before it.
    found = release([2_000] + [100] * 59 + [50] * 60)
    assert found.start_s == T0
    assert 0.1 < found.latency.failed_fraction < 0.3


def test_the_same_seed_gives_the_same_digits():
    assert release([900] * 180) == release([900] * 180)


def test_logged_times_travel_with_their_minutes():
    counts = np.array([60] * 180, dtype=np.int64)
    offsets_s = np.tile(np.arange(60.0), 180)
    given = MinuteCounts(start_s=T0 + 60 * np.arange(180), invocations=counts, offsets_s=offsets_s)
    found = busiest_release(variant(), deployment(), given, Delays(), SERVICE)
    # One request a second never waits on two workers of a quarter of a second.
    assert found.latency.p99_s < 1


def answered(counts=DAY, *, at=FleetAt.MEAN, initial=1, service=SERVICE, maximum=9):
    how = deployment(DeploymentKind.LINEAR, wait_s=300.0)
    tariff = Tariff(
        instance_type="ml.m5.xlarge",
        usd_per_hour=D("0.23"),
        releases=Releases(deployment=how, per_month=D(4), at=at),
    )
    given = None if counts is None else minutes(counts)
    found = variant(initial, maximum=maximum)
    result = estimate(found, tariff, hours_per_month=D(720), minutes=given)
    return levers(
        Priced(result=result, tariff=tariff, minutes=given, delays=Delays()), service=service
    )


@pytest.mark.parametrize(("at", "met"), [(FleetAt.MEAN, None), (FleetAt.BUSIEST, 3)])
def test_a_release_meets_the_mean_or_the_busiest_count(at, met):
    found = answered(at=at).releases
    assert found.busiest_count == 3
    if met is None:
        assert 1 < found.met_count < 3
    else:
        assert found.met_count == met
    assert found.extra_instance_hours == 4 * found.met_count * 1800 / 3600
    hours = found.extra_instance_hours.quantize(D("0.0001"))
    assert found.extra_usd == (hours * D("0.23")).quantize(D("0.01"))


def test_the_quota_is_that_of_the_busiest_count():
    assert answered().releases.peak_instances == 6


def test_without_traffic_the_maximum_may_have_to_be_doubled():
    found = answered(None).releases
    assert (found.busiest_count, found.peak_instances, found.busiest) == (9, 18, None)


def test_breaking_what_was_kept_is_warned_of_and_nothing_else_is():
    (caveat,) = answered([900] * 180).caveats
    assert caveat.code is WarningCode.DEPLOYMENT_BREAKS_SLO
    assert "from 3 to 1 instances" in caveat.message
    assert answered([900] * 180, initial=3).caveats == ()
    assert answered([900] * 180, service=None).caveats == ()
    # A fleet that is too small breaks the SLO with and without.
    assert answered([9_000] * 180, maximum=1).caveats == ()
