"""What a recommendation warns of."""

import pytest

from smcost.recommend.recommend import recommend
from smcost.remarks import WarningCode
from smcost.slo import Objective, Slo


def codes(found):
    return {caveat.code for caveat in found.caveats}


def test_a_minimum_of_one_has_no_spare(problem):
    alone = recommend(problem([50] * 60))
    assert WarningCode.SINGLE_INSTANCE in codes(alone)
    two = recommend(problem([50] * 60, min_instances=2))
    assert WarningCode.SINGLE_INSTANCE not in codes(two)


def test_a_deploy_at_the_peak_would_take_instances_away(problem):
    found = recommend(problem([100] * 600 + [1_500] * 25))
    assert found.busiest_count > found.estimate.variant.initial_count
    assert WarningCode.DEPLOY_RESETS_COUNT in codes(found)


def test_a_margin_below_what_screening_is_sure_of_is_told(problem):
    found = recommend(problem([700] * 180))
    worst_s = found.estimate.latency.worst_window_p99_s
    for limit_s, thin in ((worst_s * 1.01, True), (worst_s * 1.2, False)):
        slo = Slo(objectives=(Objective(fraction=0.99, limit_s=limit_s),))
        pins = {"minimum": found.estimate.variant.minimum, "maximum": 40, "target_per_minute": 60.0}
        again = recommend(problem([700] * 180, slo=slo, pins=pins))
        latency_s = again.estimate.latency.worst_window_p99_s
        expected = 0 <= 1 - latency_s / limit_s < 0.02
        assert (WarningCode.THIN_MARGIN in codes(again)) == expected
        assert thin or not expected


@pytest.mark.parametrize(("target", "odd"), [(2.0, True), (120.0, False), (300.0, True)])
def test_a_pinned_target_far_from_the_capacity_is_told(problem, target, odd):
    """One instance does 240 a minute: 2 is rather per second, 300 more than it can."""
    found = recommend(problem([100] * 30, pins={"target_per_minute": target}))
    assert (WarningCode.TARGET_ODD in codes(found)) == odd
