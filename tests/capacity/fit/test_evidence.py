"""Which minutes say something, and what the demand in them was."""

from dataclasses import replace

import numpy as np
import pytest

from smcost.capacity.fit.evidence import BACKLOG, evidence
from smcost.capacity.observed import FRACTIONS, ObservedMinutes, not_observed

T0 = 1_704_067_200


def observed(counts, *, instances=2.0, step_s=60, **changes):
    counts = np.asarray(counts, dtype=np.float64)
    steps = counts.size
    nothing = not_observed(steps)
    values = {
        "endpoint": "churn",
        "variant": "AllTraffic",
        "region": "us-east-1",
        "instance_type": "ml.m5.xlarge",
        "step_s": step_s,
        "start_s": T0 + step_s * np.arange(steps),
        "invocations": counts,
        "instances": np.broadcast_to(np.asarray(instances, dtype=float), (steps,)).copy(),
        "fractions": np.array(FRACTIONS),
        "model_latency_s": np.tile([0.1, 0.2, 0.3, 0.4], (steps, 1)),
        "model_latency_mean_s": np.full(steps, 0.12),
        "overhead_mean_s": nothing,
        "errors_4xx": nothing,
        "errors_5xx": nothing,
        "model_errors": nothing,
        "concurrency_mean": nothing,
        "concurrency_max": nothing,
        "cpu_percent": nothing,
    }
    return ObservedMinutes(**values | changes)


def test_demand_on_one_instance_is_that_of_the_fleet_shared_out():
    found = evidence(observed(np.full(60, 600.0), instances=4.0))
    assert found.rate_rps == pytest.approx(np.full(60, 600 / 60 / 4))
    assert found.left_out == {}


def test_longer_steps_have_the_same_demand():
    found = evidence(observed(np.full(60, 3000.0), instances=4.0, step_s=300))
    assert found.rate_rps == pytest.approx(np.full(60, 2.5))


def test_a_lucky_minute_of_steady_traffic_is_no_busy_one():
    """Poisson counts around 100: the demand stays at 100, give or take its eleven minutes."""
    counts = np.random.default_rng(0).poisson(100, 2000)
    found = evidence(observed(counts, instances=1.0))
    level = 60 * found.rate_rps
    assert level.std() < 0.5 * counts.std()
    assert level.mean() == pytest.approx(100, rel=0.02)


def test_a_true_spike_is_a_busy_minute():
    counts = np.full(100, 100.0)
    counts[50] = 2000.0
    found = evidence(observed(counts, instances=1.0))
    assert 60 * found.rate_rps[50] > 1700


def test_a_step_in_traffic_is_followed():
    counts = np.concatenate((np.full(50, 100.0), np.full(50, 1000.0)))
    level = 60 * evidence(observed(counts, instances=1.0)).rate_rps
    assert level[49] == pytest.approx(100, rel=0.15)
    assert level[50] == pytest.approx(1000, rel=0.15)


def test_absent_minutes_do_not_shift_the_others():
    counts = np.full(40, 100.0)
    gap = T0 + 60 * np.concatenate((np.arange(20), 500 + np.arange(20)))
    found = evidence(observed(counts, instances=1.0, start_s=gap))
    assert 60 * found.rate_rps == pytest.approx(counts)


@pytest.mark.parametrize(
    ("changes", "reason", "minutes"),
    [
        ({"counts": [9.0] * 30 + [100.0] * 30}, "no requests or too few", 30),
        ({"counts": [np.nan] * 5 + [100.0] * 55}, "no requests or too few", 5),
        ({"instances": [np.nan] * 7 + [2.0] * 53}, "instances not known", 7),
        # The minute of the change and the one after it.
        ({"instances": [2.0] * 20 + [2.4] + [3.0] * 39}, "count of instances changing", 2),
        ({"instances": [2.0] * 20 + [3.0] * 40}, "count of instances changing", 1),
        (
            {"model_latency_s": np.array([[np.nan] * 4] * 4 + [[0.1, 0.2, 0.3, 0.4]] * 56)},
            "no latency percentiles",
            4,
        ),
        ({"errors_5xx": [2.0] * 6 + [1.0] * 54}, "more than 1 % of 5xx", 6),
        ({"errors_4xx": [2.0] * 6 + [1.0] * 54}, "more than 1 % of 4xx", 6),
        ({"model_errors": [2.0] * 6 + [1.0] * 54}, "more than 1 % of model errors", 6),
    ],
)
def test_minutes_that_say_nothing_are_left_out_and_counted(changes, reason, minutes):
    given = {"counts": np.full(60, 100.0)} | {
        name: np.asarray(value) for name, value in changes.items()
    }
    found = evidence(observed(given.pop("counts"), **given))
    assert found.left_out == {reason: minutes}
    assert found.rate_rps.size == 60 - minutes


def test_errors_in_the_busier_half_are_counted():
    counts = np.concatenate((np.full(50, 100.0), np.full(50, 1000.0)))
    errors = np.concatenate((np.zeros(50), np.full(25, 100.0), np.zeros(25)))
    assert evidence(observed(counts, errors_5xx=errors)).failing == pytest.approx(0.5)


def test_minutes_as_slow_as_a_backlog_are_left_out():
    latency = np.tile([0.1, 0.2, 0.3, 0.4], (60, 1))
    latency[40:45] *= 50
    found = evidence(observed(np.full(60, 100.0), model_latency_s=latency)).without_backlog()
    # The mean did not rise with them, and the fastest statistic decides.
    assert found.left_out == {}
    slow = np.where(latency[:, 0] > 1, 6.0, 0.12)
    found = evidence(
        observed(np.full(60, 100.0), model_latency_s=latency, model_latency_mean_s=slow)
    ).without_backlog()
    assert found.left_out == {BACKLOG: 5}


def test_a_missing_mean_is_no_missing_minute():
    minutes = observed(np.full(60, 100.0))
    found = evidence(replace(minutes, model_latency_mean_s=not_observed(60)))
    assert found.rate_rps.size == 60
    assert np.isnan(found.log_latency[:, 0]).all()


def test_nothing_observed_leaves_nothing():
    found = evidence(observed(np.full(5, np.nan)))
    assert found.rate_rps.size == 0
    assert found.failing == 0.0
