"""Small results, built by hand, for the doors out."""

import math
from decimal import Decimal

import pytest

from smcost.cost import Cost, CostCase, CostLine
from smcost.estimate import Estimate, Horizon, InstanceHours, Latency
from smcost.recommend.result import (
    Alternative,
    AlternativeKind,
    Binding,
    Constraint,
    CurvePoint,
    Infeasible,
    ReasonCode,
    Recommendation,
    Rejected,
    WindowAnswer,
)
from smcost.remarks import Assumption, Caveat, PriceProvenance, Remarks, WarningCode
from smcost.slo import SloWindow
from smcost.variant import Variant

MONDAY_S = 1_704_067_200


def case(hours):
    line = CostLine(
        name="Instances ml.m5.xlarge",
        quantity=Decimal(hours),
        unit="instance-hour",
        unit_price_usd=Decimal("0.23"),
    )
    return CostCase(lines=(line,))


@pytest.fixture
def variant():
    return Variant(
        instance_type="ml.m5.xlarge",
        minimum=2,
        maximum=4,
        initial_count=3,
        target_per_minute=612.5,
    )


@pytest.fixture
def cost():
    return Cost(
        floor=case("1440.0000"),
        expected=case("2000.5000"),
        ceiling=case("2880.0000"),
        hours_per_month=Decimal(720),
    )


@pytest.fixture
def latency():
    return Latency(
        p50_s=0.0401234,
        p95_s=0.0912,
        p99_s=math.inf,
        worst_window_p95_s=0.1,
        worst_window_p99_s=math.inf,
        worst_window_start_s=MONDAY_S,
        minutes_over_slo=1,
        failed_fraction=0.012345,
    )


@pytest.fixture
def estimate(variant, cost, latency):
    return Estimate(
        variant=variant,
        cost=cost,
        instance_hours=InstanceHours(
            floor=Decimal(1440), expected=Decimal("2000.5"), ceiling=Decimal(2880)
        ),
        horizon=Horizon(
            start_s=MONDAY_S,
            end_s=MONDAY_S + 86_400,
            hours=Decimal(24),
            instance_hours=Decimal("66.68"),
        ),
        latency=latency,
    )


@pytest.fixture
def recommendation(estimate, variant):
    points = ((1, 0.2, math.inf, False), (2, 0.0912, 0.15, True))
    return Recommendation(
        estimate=estimate,
        binding=Binding(
            constraint=Constraint.P99, at_s=MONDAY_S + 3600, explanation="At one it was full."
        ),
        curve=tuple(
            CurvePoint(
                minimum=minimum,
                p95_s=p95_s,
                p99_s=p99_s,
                worst_window_p99_s=p99_s,
                failed_fraction=0.0,
                expected_usd=Decimal("460.12"),
                meets_slo=met,
            )
            for minimum, p95_s, p99_s, met in points
        ),
        alternatives=(
            Alternative(
                kind=AlternativeKind.ONE_FEWER,
                variant=variant,
                expected_usd=Decimal("99.90"),
                p99_s=math.inf,
                worst_window_p99_s=math.inf,
                failed_fraction=0.02,
                breaks="p99",
            ),
        ),
        windows=(
            WindowAnswer(
                window=SloWindow.HOUR,
                spared=0,
                minimum=None,
                target_per_minute=None,
                expected_usd=None,
            ),
        ),
        busiest_count=4,
        weakly_screened=False,
    )


@pytest.fixture
def infeasible(variant):
    return Infeasible(
        rejected=(
            Rejected(
                instance_type="ml.m5.xlarge",
                reason_code=ReasonCode.BOUNDS_TOO_TIGHT,
                reason="Nothing within --max 4 meets the SLO",
            ),
        ),
        binding=Binding(constraint=Constraint.P95, at_s=None, explanation="Nothing fits."),
        nearest=Alternative(
            kind=AlternativeKind.NEAREST,
            variant=variant,
            expected_usd=Decimal("662.40"),
            p99_s=0.4,
            worst_window_p99_s=0.5,
            failed_fraction=0.0,
            breaks="p95",
        ),
    )


@pytest.fixture
def remarks():
    return Remarks(
        assumptions=(Assumption(name="start-up time", value="300 s", source="default"),),
        caveats=(Caveat(code=WarningCode.SINGLE_INSTANCE, message="No spare"),),
        prices=PriceProvenance(
            source="a bill", component="Hosting", as_of="2026-01", region="us-east-1"
        ),
        traffic="week.csv, step 60 s",
    )
