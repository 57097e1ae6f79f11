"""Observed minutes refuse what CloudWatch cannot have said."""

import numpy as np
import pytest

from smcost.capacity.observed import FRACTIONS, ObservedMinutes, not_observed
from smcost.errors import InputError

T0 = 1_704_067_200


def observed(steps=3, **changes):
    values = {
        "endpoint": "churn",
        "variant": "AllTraffic",
        "region": "us-east-1",
        "instance_type": None,
        "step_s": 60,
        "start_s": T0 + 60 * np.arange(steps),
        "invocations": np.full(steps, 100.0),
        "instances": np.full(steps, 2.0),
        "fractions": np.array(FRACTIONS),
        "model_latency_s": np.tile([0.1, 0.2, 0.3, 0.4], (steps, 1)),
        "model_latency_mean_s": np.full(steps, 0.12),
        "overhead_mean_s": not_observed(steps),
        "errors_4xx": not_observed(steps),
        "errors_5xx": not_observed(steps),
        "model_errors": not_observed(steps),
        "concurrency_mean": not_observed(steps),
        "concurrency_max": not_observed(steps),
        "cpu_percent": not_observed(steps),
    }
    return ObservedMinutes(**values | changes)


def test_minutes_know_how_many_they_are():
    assert len(observed(5)) == 5


def test_minutes_without_data_may_be_absent():
    assert len(observed(start_s=T0 + 60 * np.array([0, 1, 900]))) == 3


def test_what_was_not_observed_is_no_zero():
    assert np.isnan(not_observed(4)).all()
    assert len(observed(invocations=not_observed(3), model_latency_s=np.full((3, 4), np.nan))) == 3


def test_arrays_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        observed().invocations[0] = 1


def test_some_minutes_are_kept_with_all_that_is_known_of_them():
    kept = observed(invocations=np.array([1.0, 2.0, 3.0])).kept(np.array([True, False, True]))
    assert kept.invocations.tolist() == [1.0, 3.0]
    assert kept.start_s.tolist() == [T0, T0 + 120]
    assert kept.model_latency_s.shape == (2, 4)


def test_keeping_nothing_is_refused():
    with pytest.raises(InputError, match="no series"):
        observed().kept(np.zeros(3, dtype=bool))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start_s": np.array([], dtype=np.int64)}, "no series of steps"),
        ({"start_s": T0 + 60 * np.array([0, 0, 1])}, "no series of steps"),
        ({"start_s": T0 + 60 * np.array([2, 1, 0])}, "no series of steps"),
        ({"start_s": T0 + np.array([0, 60, 125])}, "no series of steps"),
        ({"step_s": 0}, "not between 1 s and a day"),
        ({"step_s": 90_000}, "not between 1 s and a day"),
        ({"invocations": np.ones(2)}, "invocations has"),
        ({"instances": np.array([1.0, -1.0, 1.0])}, "instances is -1 in step 2"),
        ({"errors_5xx": np.array([0.0, 0.0, np.inf])}, "errors_5xx is inf in step 3"),
        ({"fractions": np.array([0.5, 0.9, 0.95, 0.9])}, "do not increase"),
        ({"fractions": np.array([0.5, 0.9, 0.95, 1.0])}, "do not increase"),
        ({"model_latency_s": np.ones((3, 3))}, "has the shape"),
        ({"model_latency_s": np.full((3, 4), -0.1)}, "negative or endless"),
        ({"model_latency_s": np.full((3, 4), np.inf)}, "negative or endless"),
        (
            {"model_latency_s": np.array([[0.1, 0.2, 0.3, 0.4]] * 2 + [[0.2, 0.1, 0.3, 0.4]])},
            "lower one in step 3",
        ),
    ],
)
def test_nonsense_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        observed(**changes)
