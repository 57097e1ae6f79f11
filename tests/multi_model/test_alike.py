"""Instances that are loaded alike, with models of one service time and of their own."""

from dataclasses import replace

import numpy as np
import pytest

from smcost.multi_model import Placement, separate
from smcost.multi_model.alike import alike, of_these, work_of
from smcost.multi_model.fleet import fleet, fleet_loads, part_of
from smcost.multi_model.hosted import service_of_all
from smcost.multi_model.placement import place
from smcost.queueing.service import ServiceTime
from smcost.replay.verdict import judge
from smcost.traffic.minutes import to_minutes
from smcost.traffic.synthetic import constant

EACH = ServiceTime(mean_s=1.0, cv=0.5)


@pytest.fixture
def own(problem, hosted):
    """A problem of models with these shares and service times, all of them in memory."""

    def of(share, service_s, **changes):
        models = hosted(len(share), share=share)
        models = replace(models, service_s=np.array(service_s))
        given = problem(models, memory=100.0, **changes)
        service = service_of_all(models, EACH)
        return replace(given, profile=replace(given.profile, service=service))

    return of


def test_copies_follow_the_work_and_not_the_requests(own):
    """0.1 x 3 s of 0.309 s: the slow tenth is 97 % of the work, and stands on every instance."""
    given = own([0.9, 0.1], [0.01, 3.0])
    assert given.hosted.work == pytest.approx([0.0291, 0.9709], abs=1e-4)
    copies = place(given.hosted, 4, Placement.STICKY)
    assert np.bincount(copies.model).tolist() == [1, 4]
    assert copies.share[copies.model == 1] == pytest.approx([0.025] * 4)


def test_work_adds_up_and_is_the_load_without_times_of_their_own(own, hosted):
    given = own([0.6, 0.3, 0.1], [0.05, 0.1, 1.0])
    copies = place(given.hosted, 5, Placement.STICKY)
    assert work_of(given.hosted, copies).sum() == pytest.approx(1)
    plain = hosted(9, 1.0)
    copies = place(plain, 5, Placement.STICKY)
    assert work_of(plain, copies) == pytest.approx(copies.load())
    assert plain.work is plain.share


def test_every_instance_with_requests_is_of_one_group(own):
    given = own([0.5, 0.3, 0.15, 0.05], [0.01, 0.02, 0.3, 2.0])
    copies = place(given.hosted, 7, Placement.STICKY)
    groups = alike(given.hosted, given.profile, copies)
    assert np.sum(groups, axis=0).tolist() == [1] * copies.first.size


def test_as_busy_with_many_as_with_few_is_not_alike(own):
    """Half of the work each: ten requests in eleven on one instance, one on the other."""
    given = own([10 / 11, 1 / 11], [0.1, 1.0])
    copies = place(given.hosted, 2, Placement.STICKY)
    groups = alike(given.hosted, given.profile, copies)
    assert len(groups) == 2
    found = [of_these(given.hosted, given.profile, copies, here) for here in groups]
    able = {round(part, 3): profile.service for profile, part in found}
    assert able == {
        round(10 / 11, 3): ServiceTime(mean_s=0.1, cv=0.5),
        round(1 / 11, 3): ServiceTime(mean_s=1.0, cv=0.5),
    }


def test_of_alike_instances_the_busiest_counts(own):
    """Two models on each instance, 2.04 s and 2 s together: 0.51 s of all 1.01 s on one of them."""
    given = own([0.25] * 4, [1.0, 1.0, 1.0, 1.04])
    copies = place(given.hosted, 2, Placement.STICKY)
    (here,) = alike(given.hosted, given.profile, copies)
    profile, part = of_these(given.hosted, given.profile, copies, here)
    assert profile.service.mean_s == pytest.approx(1.01)
    assert part * profile.service.mean_s == pytest.approx(0.51)


def test_one_instance_has_the_whole_mixture(own):
    given = own([0.9, 0.1], [0.01, 3.0])
    copies = place(given.hosted, 1, Placement.STICKY)
    (here,) = alike(given.hosted, given.profile, copies)
    assert of_these(given.hosted, given.profile, copies, here) == (given.profile, 1.0)


def test_an_instance_that_nobody_asks_is_of_no_group(own):
    given = own([1.0, 0.0], [0.1, 0.2])
    copies = place(given.hosted, 2, Placement.STICKY)
    groups = alike(given.hosted, given.profile, copies)
    assert np.sum(groups, axis=0).tolist() == [float(load > 0) for load in copies.load()]


def test_a_slow_model_wants_the_workers_that_it_keeps_busy(own):
    """30 rps, a tenth of 3 s: 9 workers busy, 12 with three instances; two have only eight."""
    given = own([0.9, 0.1], [0.01, 3.0], rps=30.0, p99_s=12.0)
    found = {count: fleet(given, count) for count in (2, 3, 4)}
    assert [each.verdict.met for each in found.values()] == [False, True, True]
    busy = [max(part.utilisation.max() for part in each.loads.parts) for each in found.values()]
    # Its part of 9 workers on each, and on one of them the 0.27 of the fast model too.
    assert busy == pytest.approx([(9 / count + 0.27) / 4 for count in found])
    # An event simulation of four instances has 3.46 s and 5.76 s.
    answered_s = [found[4].loads.percentile_s(fraction) for fraction in (0.95, 0.99)]
    assert answered_s == pytest.approx([3.46, 5.76], rel=0.03)


def test_a_rare_slow_model_makes_the_p99_and_not_the_p95(own):
    """98 % of 10 ms and 2 % of 3 s: an event simulation has 22 ms and 2,690 ms."""
    loads = fleet(own([0.98, 0.02], [0.01, 3.0], rps=4.0), 1).loads
    assert loads.percentile_s(0.95) == pytest.approx(0.022, rel=0.05)
    assert loads.percentile_s(0.99) == pytest.approx(2.690, rel=0.03)


def test_the_parts_take_all_requests(own):
    given = own([0.6, 0.3, 0.1], [0.05, 0.1, 1.0], rps=20.0)
    parts = fleet(given, 3).loads.parts
    assert sum(part.share for part in parts) == pytest.approx(1)
    assert all(part.max_rps > 0 for part in parts)


def test_an_endpoint_of_one_model_has_the_service_time_of_that_model(own):
    """27 rps of 10 ms need one instance; 3 of 3 s keep 9 workers busy, hence more than two."""
    given = own([0.9, 0.1], [0.01, 3.0], rps=30.0, p99_s=12.0)
    found = separate(given, given.profile, "ml.m5.xlarge")
    alone = replace(given.profile, service=ServiceTime(mean_s=3.0, cv=0.5))
    three_rps = replace(given, minutes=to_minutes(constant(3.0)))
    slow = fewest_alone(three_rps, alone)
    assert slow >= 3
    assert (found.instances, found.more_than_least, found.never) == (1 + slow, 1, 0)


def fewest_alone(given, profile):
    """Instances for one model, one after the other."""
    for count in range(1, 20):
        part = part_of(profile, given.minutes, 1.0, 1 / count)
        if judge(fleet_loads(given, profile, [part]), given.slo).met:
            return count
    raise AssertionError


def test_a_less_popular_slow_model_is_looked_at_after_a_quick_one(own):
    """The most popular needs the least: that told nothing of those that take longer."""
    given = own([0.8, 0.15, 0.05], [0.01, 1.0, 0.01], rps=30.0, p99_s=9.0)
    found = separate(given, given.profile, "ml.m5.xlarge")
    assert (found.instances, found.more_than_least) == (4, 1)


def test_a_model_too_slow_alone_is_counted_with_the_least(own):
    """0.5 % of 3 s do not show in a p99 of all; an endpoint of that model never meets it."""
    given = own([0.995, 0.005], [0.01, 3.0], rps=1.0, p99_s=1.0)
    assert fleet(given, 1).verdict.met
    found = separate(given, given.profile, "ml.m5.xlarge", 2)
    assert (found.instances, found.more_than_least, found.never) == (4, 0, 1)


def test_very_many_service_times_are_rounded_up_a_little(own):
    """A thousand of 30 to 60 ms, one instance each; a second for the one with most of the work."""
    service_s = np.linspace(0.03, 0.06, 1000)
    share = np.append(0.9, np.full(999, 0.1 / 999))
    given = own(share, service_s, rps=160.0, p99_s=0.2)
    found = separate(given, given.profile, "ml.m5.xlarge")
    assert (found.instances, found.more_than_least, found.never) == (1001, 1, 0)
