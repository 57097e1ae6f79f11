"""Every reference case that this code can answer, against 15 digits of truth.

The values come from closed forms evaluated to 50 digits and from independent numerical routes;
none is copied from a printed table, and none was computed by this code.
"""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smcost.capacity import WorkersProfile
from smcost.queueing.erlang import blocking_probability, waiting_probability
from smcost.queueing.mgc import response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.queueing.simulation import WorkersInstance, simulate_fleet, simulate_random_fleet
from smcost.replay.latency import LatencyTerms, loads

CASES = (
    Path(__file__).resolve().parents[2].parent
    / "shared"
    / "data"
    / "queueing"
    / "reference_cases.csv"
)
#: Cases this code does not answer, and why. MG85 is answered by the simulator, in
#: test_simulator_against_theory.py; the simulated cases below have a test of their own.
NOT_ANSWERED = {
    "MG85": "the table knows the response of an Erlang-2 server, not its wait alone",
    "MG89": "hyperexponential service is no law here; gamma with its cv has another tail",
    "MG91": "as MG89",
    "GM93": "D/M/1: arrivals are Poisson here",
    "GM95": "as GM93",
    "GM97": "as GM93",
    "CI131": "no confidence intervals yet",
    "IDC133": "no bursts below the minute yet",
}
#: Answered within four standard errors over replications: mean response of the shortest of two
#: queues by sparse CTMC, and utilisation.
SIMULATED = {"JSQ119": (0.5, 1.42632075116724), "JSQ121": (0.9, 5.47491282123195)}

Inputs = dict[str, Any]
EXPONENTIAL = ServiceTime(mean_s=1.0, cv=1.0, law=ServiceLaw.GAMMA)
CONSTANT = ServiceTime(mean_s=1.0, cv=0.0)


def percentile_of(table: ResponseTable, utilisation: float, fraction: float) -> float:
    low, high = 0.0, float(table.response_s[-1])
    for _ in range(60):
        middle = (low + high) / 2
        late = table.late_fraction(np.array([utilisation]), middle)[0] > 1 - fraction
        low, high = (middle, high) if late else (low, middle)
    return high


def waiting_moments(service: ServiceTime, workers: int, utilisation: float) -> tuple[float, float]:
    """E[W] and E[W^2] from the tail of the response T = W + S, W and S independent."""
    table = response_table(service, workers)
    weights = table.weights(np.array([utilisation]), np.array([1.0]))
    tail = weights @ table.tail
    first = float(np.trapezoid(tail, table.response_s))
    second = float(np.trapezoid(2 * table.response_s * tail, table.response_s))
    mean = first - service.mean_s
    service_second = service.mean_s**2 * (1 + service.cv**2)
    return mean, second - service_second - 2 * mean * service.mean_s


def fraction_of(quantity: str) -> float:
    """``"wait p95"`` -> 0.95."""
    return float(quantity[-2:]) / 100


def erlang_c(inputs: Inputs, _quantity: str) -> float:
    return waiting_probability(inputs["a"], inputs["c"])


def erlang_b(inputs: Inputs, _quantity: str) -> float:
    return blocking_probability(inputs["a"], inputs["c"])


def exponential_workers(inputs: Inputs, quantity: str) -> float:
    workers, utilisation = inputs["c"], inputs["rho"]
    if quantity.startswith("response"):
        table = response_table(EXPONENTIAL, workers)
        return percentile_of(table, utilisation, fraction_of(quantity))
    waits = waiting_probability(utilisation * workers, workers)
    drain_rate = workers * (1 - utilisation)
    if quantity == "mean wait":
        return waits / drain_rate
    return max(0.0, math.log(waits / (1 - fraction_of(quantity))) / drain_rate)


def constant_workers(inputs: Inputs, quantity: str) -> float:
    workers, utilisation = inputs.get("c", 1), inputs["rho"]
    if quantity == "mean wait":
        return waiting_moments(CONSTANT, workers, utilisation)[0]
    table = response_table(CONSTANT, workers)
    return percentile_of(table, utilisation, fraction_of(quantity)) - CONSTANT.mean_s


def constant_workers_wait_at_all(inputs: Inputs, _quantity: str) -> float:
    return waiting_probability(inputs["rho"] * inputs["c"], inputs["c"])


def second_moment_of_one_worker(inputs: Inputs, _quantity: str) -> float:
    service = ServiceTime(mean_s=1.0, cv=inputs["cv"], law=ServiceLaw(inputs["service"]))
    return waiting_moments(service, 1, inputs["rho"])[1]


def mean_wait_by_cv_alone(inputs: Inputs, _quantity: str) -> float:
    # Pollaczek-Khinchine: of the law, the mean wait knows only mean and cv.
    service = ServiceTime(mean_s=1.0, cv=math.sqrt(inputs["cv2"]), law=ServiceLaw.GAMMA)
    return waiting_moments(service, 1, inputs["rho"])[0]


def percentile_of_minutes(
    invocations: list[int], instances: int, workers: int, mean_s: float, fraction: float
) -> float:
    service = ServiceTime(mean_s=mean_s, cv=1.0, law=ServiceLaw.GAMMA)
    load = loads(
        invocations=np.array(invocations),
        in_service=np.full(len(invocations), instances),
        window=np.zeros(len(invocations), dtype=np.int64),
        profile=WorkersProfile(instance_type="ml.m5.large", workers=workers, service=service),
        terms=LatencyTerms(timeout_s=1e6),
    )
    return load.percentile_s(fraction)


def random_routing(inputs: Inputs, quantity: str) -> float:
    rate_per_s = inputs["rho"] * inputs["instances"] * inputs["workers"] * inputs["mu"]
    assert rate_per_s * 60 == round(rate_per_s * 60)
    invocations = [round(rate_per_s * 60)]
    arguments = (inputs["instances"], inputs["workers"], 1 / inputs["mu"])
    return percentile_of_minutes(invocations, *arguments, fraction_of(quantity))


def mixture_of_minutes(inputs: Inputs, quantity: str) -> float:
    # 24 minutes at 0.3 and one at 0.8 hold 90 % and 10 % of the requests.
    quiet, busy = (round(60 * inputs["mu"] * rho) for rho in inputs["rho"])
    invocations = [quiet] * 24 + [busy]
    assert [24 * quiet / sum(invocations), busy / sum(invocations)] == inputs["weights"]
    return percentile_of_minutes(invocations, 1, 1, 1 / inputs["mu"], fraction_of(quantity))


def on_one_path(inputs: Inputs, _quantity: str) -> list[float]:
    size = len(inputs["arrivals"])
    responses = simulate_random_fleet(
        arrivals_s=np.array(inputs["arrivals"], dtype=float),
        services_s=np.array(inputs["services"], dtype=float),
        choices=np.zeros(size),
        instances=np.array([1]),
        step_s=60.0,
        workers=inputs["c"],
    )
    return responses.tolist()


def on_one_path_of_a_fleet(inputs: Inputs, _quantity: str) -> list[float]:
    responses = simulate_fleet(
        arrivals_s=np.array(inputs["arrivals"], dtype=float),
        work=np.array(inputs["services"], dtype=float),
        choices=None,
        instances=np.array([inputs["instances"]]),
        step_s=60.0,
        new_instance=lambda: WorkersInstance(inputs["workers"]),
    )
    return responses.tolist()


#: Model, or model and quantity -> how it is answered, and the relative error to either side:
#: (too low, too high). Lookups between rows of the table, and the approximation for c > 1, err
#: on the safe side.
ANSWERS: dict[str, tuple[Callable[[Inputs, str], Any], float, float]] = {
    "M/M/c": (erlang_c, 1e-10, 1e-10),
    "M/M/c/c": (erlang_b, 1e-10, 1e-10),
    "M/M/c FIFO": (exponential_workers, 1e-9, 0.003),
    "M/D/1 FIFO": (constant_workers, 1e-9, 0.006),
    "M/D/c FIFO": (constant_workers, 0.001, 0.045),
    # Taken from Erlang C, which is 8 % too much for 16 constant workers.
    "M/D/c FIFO, P(W>0)": (constant_workers_wait_at_all, 1e-9, 0.085),
    "M/G/1 FIFO, E[W^2]": (second_moment_of_one_worker, 1e-9, 0.006),
    "M/G/1 FIFO, mean wait": (mean_wait_by_cv_alone, 1e-9, 0.003),
    "RANDOM routing, N instances x W workers, Poisson/exp": (random_routing, 1e-9, 0.002),
    "PSA mixture of M/M/1": (mixture_of_minutes, 1e-9, 0.004),
    "G/G/c FIFO pathwise": (on_one_path, 1e-12, 1e-12),
    "fleet pathwise LEAST_OUTSTANDING, lowest index on ties": (
        on_one_path_of_a_fleet,
        1e-12,
        1e-12,
    ),
}


def cases() -> list[Any]:
    if not CASES.is_file():
        missing = pytest.mark.skip(reason="reference cases are kept beside the repository")
        return [pytest.param({}, marks=missing, id="reference_cases.csv")]
    with CASES.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    left_out = {*NOT_ANSWERED, *SIMULATED}
    return [pytest.param(row, id=row["id"]) for row in rows if row["id"] not in left_out]


@pytest.mark.parametrize("row", cases())
def test_a_reference_case_is_answered(row):
    both = f"{row['model']}, {row['quantity']}"
    answer, too_low, too_high = ANSWERS[both if both in ANSWERS else row["model"]]
    expected = np.array(json.loads(row["expected"]), dtype=float)
    found = np.array(answer(json.loads(row["inputs"]), row["quantity"]))
    error = found / expected - 1
    assert np.all(-too_low <= error)
    assert np.all(error <= too_high)


@pytest.mark.skipif(not CASES.is_file(), reason="reference cases are kept beside the repository")
def test_a_case_is_left_out_only_by_name():
    identifiers = [row.id for row in cases()]
    assert len(identifiers) >= 57
    identifiers += SIMULATED
    everyone = {line.split(",")[0] for line in CASES.read_text(encoding="utf-8").splitlines()[1:]}
    assert everyone - set(identifiers) == set(NOT_ANSWERED)


def test_without_the_file_some_cases_stand_here():
    # M/M/4 response p99 by thinning over 8 instances (RND123); the mixture of minutes (MIX125).
    fleet = random_routing({"instances": 8, "workers": 4, "rho": 0.8, "mu": 1.0}, "response p99")
    assert fleet == pytest.approx(6.893203748883, rel=0.002)
    minutes = {"mu": 10, "weights": [0.9, 0.1], "rho": [0.3, 0.8]}
    found = mixture_of_minutes(minutes, "response p99")
    assert found == pytest.approx(1.16444278250626, rel=0.004)
    # Takacs 1962: E[W^2] of a lognormal with cv 2 at 0.8 is 366 2/3 (PK77).
    inputs = {"service": "lognormal", "cv": 2.0, "rho": 0.8}
    assert second_moment_of_one_worker(inputs, "E[W^2]") == pytest.approx(366.667, rel=0.005)


def test_without_the_file_a_path_by_hand_stands_here():
    # Two workers, eight requests (PATH127).
    path = {
        "c": 2,
        "arrivals": [0, 0, 0, 1, 1.5, 2, 2, 6],
        "services": [2, 1, 3, 1, 0.5, 2, 4, 1],
    }
    assert on_one_path(path, "responses") == [2, 1, 4, 2, 2.0, 3.5, 6, 1]


@pytest.mark.parametrize("identifier", SIMULATED)
def test_joining_the_shorter_of_two_queues_has_its_exact_mean_response(identifier):
    utilisation, expected_s = SIMULATED[identifier]
    requests, means_s = 50_000, []
    for replication in range(10):
        rng = np.random.default_rng([23, replication])
        responses_s = simulate_fleet(
            arrivals_s=np.cumsum(rng.exponential(1 / (2 * utilisation), requests)),
            work=EXPONENTIAL.sample(rng, requests),
            choices=None,
            instances=np.array([2]),
            step_s=60.0,
            new_instance=lambda: WorkersInstance(1),
        )
        means_s.append(responses_s[requests // 10 :].mean())
    standard_error_s = np.std(means_s, ddof=1) / math.sqrt(len(means_s))
    assert standard_error_s < 0.03 * expected_s
    assert abs(np.mean(means_s) - expected_s) < 4 * standard_error_s


@pytest.mark.skipif(not CASES.is_file(), reason="reference cases are kept beside the repository")
@pytest.mark.parametrize("identifier", SIMULATED)
def test_the_simulated_cases_are_those_of_the_file(identifier):
    with CASES.open(newline="", encoding="utf-8") as file:
        [row] = [row for row in csv.DictReader(file) if row["id"] == identifier]
    inputs = json.loads(row["inputs"])
    assert (inputs["instances"], inputs["workers"], inputs["mu"]) == (2, 1, 1.0)
    assert (inputs["rho"], float(row["expected"])) == SIMULATED[identifier]
