"""Odd capacities, targets and maximums."""

import numpy as np
import pytest

from smcost.capacity import WorkersProfile
from smcost.cautions import capacity_caveats, maximum_caveats
from smcost.queueing.service import ServiceTime
from smcost.remarks import WarningCode
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant


def profile(mean_s):
    return WorkersProfile(
        instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=mean_s, cv=0.5)
    )


def variant(maximum, target):
    return Variant(
        instance_type="ml.m5.xlarge",
        minimum=1,
        maximum=maximum,
        initial_count=1,
        target_per_minute=target,
    )


def minutes(*counts):
    return MinuteCounts(
        start_s=1_704_067_200 + 60 * np.arange(len(counts)), invocations=np.array(counts)
    )


@pytest.mark.parametrize(("mean_s", "odd"), [(0.00009, True), (0.000999, True), (0.001, False)])
def test_a_service_time_below_a_millisecond_is_odd(mean_s, odd):
    found = capacity_caveats(profile(mean_s), None)
    assert [caveat.code for caveat in found] == ([WarningCode.CAPACITY_ODD] if odd else [])


@pytest.mark.parametrize(
    ("target", "odd"),
    [(37.8, True), (132.0, True), (134.0, False), (2667.0, True), (2600.0, False)],
)
def test_a_target_outside_5_to_100_percent_of_the_capacity_is_odd(target, odd):
    """4 workers of 90 ms do 2,667 a minute."""
    found = capacity_caveats(profile(0.09), target)
    assert [caveat.code for caveat in found] == ([WarningCode.TARGET_ODD] if odd else [])


def test_the_minutes_that_ask_for_more_than_the_maximum_are_counted():
    found = maximum_caveats(variant(10, 600.0), minutes(6_000, 6_001, 100, 9_000))
    assert [caveat.code for caveat in found] == [WarningCode.MAXIMUM_TOO_SMALL]
    assert "In 2 minutes, first on 2024-01-01 00:01 UTC" in found[0].message
    assert "for up to 15 instances" in found[0].message


def test_one_minute_is_not_called_minutes():
    found = maximum_caveats(variant(10, 600.0), minutes(6_001))
    assert found[0].message.startswith("In 1 minute, first")


def test_a_maximum_that_is_enough_and_a_fleet_without_policy_are_not_told():
    assert maximum_caveats(variant(10, 600.0), minutes(6_000)) == []
    assert maximum_caveats(variant(10, None), minutes(60_000)) == []
