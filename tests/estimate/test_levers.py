"""Laws of a bill with capture, releases and shadows in it."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.cost import Tariff
from smcost.data_capture import DataCapture
from smcost.deployment import Deployment, DeploymentKind, FleetAt, Releases
from smcost.errors import UsageError
from smcost.estimate import estimate
from smcost.estimate.levers import Priced, levers
from smcost.replay.counts import Delays
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant

T0 = 1_704_067_200  # 2024-01-01T00:00Z
D = Decimal
LINEAR = Deployment(
    kind=DeploymentKind.LINEAR, provisioning_s=300.0, step=Fraction(1, 5), wait_s=300.0
)


def tariff(share="0.1", *, at=FleetAt.MEAN, shadow_count=0):
    capture = DataCapture(
        share=D(share),
        bytes_in=20_480,
        bytes_out=2_048,
        usd_per_gb_month=D("0.023"),
        usd_per_put=D("0.000005"),
    )
    return Tariff(
        instance_type="ml.m5.xlarge",
        usd_per_hour=D("0.23"),
        capture=capture,
        releases=Releases(deployment=LINEAR, per_month=D(4), at=at),
        shadow_count=shadow_count,
    )


def priced(counts, found, *, minimum=1, maximum=9):
    counts = np.array(counts, dtype=np.int64)
    minutes = MinuteCounts(start_s=T0 + 60 * np.arange(counts.size), invocations=counts)
    variant = Variant(
        instance_type="ml.m5.xlarge",
        minimum=minimum,
        maximum=maximum,
        initial_count=minimum,
        target_per_minute=600.0,
    )
    result = estimate(variant, found, hours_per_month=D(720), minutes=minutes)
    return Priced(result=result, tariff=found, minutes=minutes, delays=Delays())


traffic = st.lists(st.integers(0, 6_000), min_size=4, max_size=20).map(
    lambda levels: [level for level in levels for _ in range(20)]
)


@settings(max_examples=30, deadline=None)
@given(traffic, st.sampled_from(FleetAt), st.integers(0, 3))
def test_floor_expected_and_ceiling_keep_their_order(counts, at, shadow_count):
    cost = priced(counts, tariff(at=at, shadow_count=shadow_count)).result.cost
    assert cost.floor.usd <= cost.expected.usd <= cost.ceiling.usd
    names = [[line.name for line in case.lines] for case in (cost.floor, cost.expected)]
    assert names[0] == names[1] == [line.name for line in cost.ceiling.lines]


@settings(max_examples=20, deadline=None)
@given(traffic, st.integers(1, 99))
def test_a_larger_share_never_costs_less(counts, percent):
    less, more = (
        levers(priced(counts, tariff(str(D(share) / 100)))).capture
        for share in (percent, percent + 1)
    )
    assert less.steady.usd <= more.steady.usd
    assert less.first_month.usd <= less.steady.usd
    assert less.share_at_part == more.share_at_part or abs(
        less.share_at_part - more.share_at_part
    ) < D("0.01")


def test_the_part_of_the_bill_is_of_the_whole_bill():
    found = priced([600] * 120, tariff())
    capture = levers(found).capture
    assert capture.share_of_bill == capture.steady.usd / found.result.cost.expected.usd
    assert capture.month.records == D("0.1") * 600 * 60 * 720


def test_what_was_not_asked_for_is_not_there():
    plain = Tariff(instance_type="ml.m5.xlarge", usd_per_hour=D("0.23"))
    found = levers(priced([600] * 60, plain))
    assert (found.capture, found.releases, found.plans, found.caveats) == (None, None, (), ())


@pytest.mark.parametrize("part", ["0", "1"])
def test_a_part_that_is_none_is_refused(part):
    with pytest.raises(UsageError, match="part of"):
        levers(priced([600] * 60, tariff()), capture_part=D(part))
