"""An estimate as kinds are held against it: money and break-evens by hand."""

from decimal import Decimal

import numpy as np
import pytest

from smcost.cost import Tariff
from smcost.estimate.kind_fleet import DEFAULT_MAY_FAIL, Fleet
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo
from smcost.traffic.minutes import MinuteCounts
from smcost.variant import Variant

D = Decimal
GB = 2**30


def fleet(**changes):
    """Two instances at 0.5 USD, a million requests a month of a kilobyte and two."""
    given = {
        "variant": Variant(
            instance_type="ml.m5.xlarge",
            minimum=2,
            maximum=2,
            initial_count=2,
            target_per_minute=None,
        ),
        "minutes": MinuteCounts(start_s=60 * np.arange(120), invocations=np.full(120, 9)),
        "delays": Delays(),
        "tariff": Tariff(
            instance_type="ml.m5.xlarge",
            usd_per_hour=D("0.5"),
            bytes_in=GB // 1000,
            bytes_out=2 * GB // 1000,
            usd_per_gb_in=D("0.01"),
            usd_per_gb_out=D("0.02"),
        ),
        "invocations": D(1_000_000),
        "hours_per_month": D(720),
        "instance_hours": D(1440),
        "rps_per_instance": 40.0,
        "fastest_s": {},
        "terms": LatencyTerms(),
        "slo": None,
    }
    return Fleet(**{**given, **changes})


def test_what_every_invocation_costs_alike_is_left_out():
    found = fleet()
    assert found.data_usd == D("50.00")
    assert found.case.usd == D("770.00")
    assert (found.fixed_usd, found.single_usd) == (D("720.00"), D("360.00"))
    assert float(found.data_usd_per_invocation) == pytest.approx(5e-5, rel=1e-5)


def test_without_sizes_there_is_no_data():
    bare = fleet(tariff=Tariff(instance_type="ml.m5.xlarge", usd_per_hour=D("0.5")))
    assert bare.data_usd == bare.data_usd_per_invocation == 0
    assert bare.fixed_usd == bare.case.usd == D("720.00")


@pytest.mark.parametrize(
    ("each", "fixed", "even"),
    [
        pytest.param("0.001", "0", (720_000, 360_000), id="by invocations alone"),
        pytest.param("0.001", "120", (600_000, 240_000), id="with a fixed part"),
        pytest.param("0.001", "400", (320_000, 0), id="dearer than one instance at none"),
        pytest.param("0", "0", (None, None), id="free"),
        pytest.param("-0.001", "0", (None, None), id="it even saves data"),
    ],
)
def test_break_evens_by_hand(each, fixed, even):
    assert fleet().break_even(D(each), D(fixed)) == even


def test_a_figure_of_two_hours_is_that_of_a_month():
    assert fleet().month_of(3.0) == 1080


def test_hours_may_have_another_price():
    assert fleet().of_hours(D(10), D(2)).usd == D("70.00")
    assert fleet().of_hours(D(10)).usd == D("55.00")


def test_what_may_fail_is_that_of_the_slo_where_there_is_one():
    assert fleet().may_fail == DEFAULT_MAY_FAIL
    slo = Slo(objectives=(Objective(fraction=0.99, limit_s=1.0),), max_failed=0.02)
    assert fleet(slo=slo).may_fail == 0.02
