"""Objectives, their windows, and what is no SLO."""

from datetime import UTC, datetime

import numpy as np
import pytest

from smcost.errors import UsageError
from smcost.slo import Objective, Slo, SloWindow

P95 = Objective(fraction=0.95, limit_s=0.3)
P99 = Objective(fraction=0.99, limit_s=0.5)


def starts(*texts: str) -> np.ndarray:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in texts]
    return np.array([int(moment.timestamp()) for moment in moments])


MINUTES = starts(
    "2024-02-28T22:59", "2024-02-28T23:00", "2024-02-28T23:59", "2024-02-29T00:00", "2024-03-02"
)


@pytest.mark.parametrize(
    ("window", "numbers"),
    [
        (SloWindow.HORIZON, [0, 0, 0, 0, 0]),
        # 1 March has no minute: it is a gap, not a window.
        (SloWindow.DAY, [0, 0, 0, 1, 2]),
        (SloWindow.HOUR, [0, 1, 1, 2, 3]),
    ],
)
def test_windows_are_utc_days_and_hours_and_those_without_a_minute_do_not_count(window, numbers):
    assert window.number(MINUTES).tolist() == numbers


@pytest.mark.parametrize(("objective", "name", "allowed"), [(P95, "p95", 0.05), (P99, "p99", 0.01)])
def test_an_objective_knows_its_name_and_how_many_may_be_late(objective, name, allowed):
    assert objective.name == name
    assert objective.allowed_late == pytest.approx(allowed)


@pytest.mark.parametrize("limit_s", [0.0, -0.1, float("inf"), float("nan")])
def test_a_limit_that_is_none_is_refused(limit_s):
    with pytest.raises(UsageError, match="cannot be met"):
        Objective(fraction=0.99, limit_s=limit_s)


def test_an_slo_without_an_objective_is_refused():
    with pytest.raises(UsageError, match="No latency objective"):
        Slo(objectives=())


@pytest.mark.parametrize("attainment", [0.0, -0.5, 1.01, float("nan")])
def test_an_attainment_outside_0_to_1_is_refused(attainment):
    with pytest.raises(UsageError, match="attainment"):
        Slo(objectives=(P99,), attainment=attainment)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_p95_limit_above_the_p99_limit_is_refused_in_any_order(reverse):
    loose = Objective(fraction=0.95, limit_s=0.6)
    objectives = (P99, loose) if reverse else (loose, P99)
    with pytest.raises(UsageError, match="p95 limit is above the p99 limit") as caught:
        Slo(objectives=objectives)
    assert "--p95" in caught.value.remedy


def test_equal_limits_are_allowed():
    same = Objective(fraction=0.95, limit_s=P99.limit_s)
    assert Slo(objectives=(same, P99)).objectives == (same, P99)


def test_a_day_is_the_window_unless_another_is_asked_for():
    slo = Slo(objectives=(P95, P99), attainment=0.9)
    assert slo.window is SloWindow.DAY
    hourly = slo.over(SloWindow.HOUR)
    assert (hourly.window, hourly.objectives, hourly.attainment) == (
        SloWindow.HOUR,
        (P95, P99),
        0.9,
    )
    assert slo.window is SloWindow.DAY
