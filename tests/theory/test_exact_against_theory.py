"""The exact replay against closed forms and reference values, within four standard errors.

The values come from the reference cases kept beside the repository, see
``test_reference_cases.py``; a few stand here.
"""

import csv
import json
import math
import zlib
from pathlib import Path

import numpy as np
import pytest

from smcost.queueing.erlang import waiting_probability
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.exact.given import serve_given
from smcost.queueing.exact.histogram import bin_edges_s, percentile_s
from smcost.queueing.exact.quantile_table import tabulated
from smcost.queueing.exact.replay import exact_replay
from smcost.queueing.exact.stations import SweepStation, workers_station
from smcost.queueing.load_dependent import occupancy
from smcost.queueing.service import ServiceLaw, ServiceTime

pytestmark = pytest.mark.skipif(not compiled(), reason="too slow without the kernels")

CASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "queueing/reference_cases.csv"
REPLICATIONS = 10
REQUESTS = 300_000
#: No FIFO queue, no simulation, or a second moment whose own error has no second moment.
NOT_SIMULATED = {
    *("EB15", "EB17"),  # Loss system: blocked requests are gone.
    *("PK77", "PK79"),  # E[W^2] at cv 2.
    "MIX125",  # Mixture of stationary minutes.
    *("CI131", "IDC133"),  # Statistics, no queue; the latter is in test_burstiness.py.
}
EXPONENTIAL = ServiceTime(mean_s=1.0, cv=1.0, law=ServiceLaw.GAMMA)


def rows():
    if not CASES.is_file():
        return []
    with CASES.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["id"] not in NOT_SIMULATED]


def hyperexponential(rng, size, inputs):
    """Two phases: as given, or balanced means with the given cv^2 (Tijms 1994, app. B)."""
    first, rates = 0.5, (2 / 3, 2.0)
    if "p" not in inputs:
        first = (1 + math.sqrt((inputs["cv2"] - 1) / (inputs["cv2"] + 1))) / 2
        rates = (2 * first, 2 * (1 - first))
    rate = np.where(rng.random(size) < first, *rates)
    return rng.exponential(1.0, size) / rate


def services_s(rng, size, inputs, model):
    if "D" in inputs:
        return np.full(size, inputs["D"])
    law = inputs.get("service", "exponential") if "M/G/1" in model else "exponential"
    if law.startswith("H2"):
        return hyperexponential(rng, size, inputs)
    if law == "Erlang-2":
        return rng.gamma(2.0, 0.5, size)
    if law == "exponential":
        return rng.exponential(1.0, size)
    return ServiceTime(mean_s=1.0, cv=inputs["cv"], law=ServiceLaw(law)).sample(rng, size)


def measured(responses_s, asked_s, quantity):
    waits_s = responses_s - asked_s
    if quantity.startswith("P(W>0)"):
        return np.mean(waits_s > 1e-9)
    if quantity == "E[W^2]":
        return np.mean(waits_s**2)
    subject_s = responses_s if "response" in quantity else waits_s
    if quantity.startswith("mean"):
        return subject_s.mean()
    return np.quantile(subject_s, float(quantity[-2:]) / 100)


def simulated(row, replication):
    inputs, model = json.loads(row["inputs"]), row["model"]
    rng = np.random.default_rng([zlib.crc32(row["id"].encode()), replication])
    instances, workers = inputs.get("instances", 1), inputs.get("workers", inputs.get("c", 1))
    load = inputs["a"] if "a" in inputs else inputs["rho"] * instances * workers
    gaps_s = np.full(REQUESTS, 1.0) if "D/M/1" in model else rng.exponential(1.0, REQUESTS)
    asked_s = services_s(rng, REQUESTS, inputs, model)
    responses_s = serve_given(
        arrivals_s=np.cumsum(gaps_s) / load,
        services_s=asked_s,
        choices=None if "LEAST_OUTSTANDING" in model else rng.random(REQUESTS),
        in_service=np.array([instances]),
        step_s=60.0,
        workers=workers,
    )
    warm = slice(REQUESTS // 10, None)
    return measured(responses_s[warm], asked_s[warm], row["quantity"])


def assert_within_four_standard_errors(found, expected):
    standard_error = np.std(found, ddof=1) / math.sqrt(len(found))
    assert standard_error < 0.1 * expected, "too noisy to prove anything"
    assert abs(np.mean(found) - expected) < 4 * standard_error


@pytest.mark.skipif(not CASES.is_file(), reason="reference cases are kept beside the repository")
@pytest.mark.parametrize(
    "row", [row for row in rows() if "pathwise" not in row["model"]], ids=lambda row: row["id"]
)
def test_a_stochastic_reference_case_is_met(row):
    found = [simulated(row, replication) for replication in range(REPLICATIONS)]
    assert_within_four_standard_errors(found, float(row["expected"]))


@pytest.mark.skipif(not CASES.is_file(), reason="reference cases are kept beside the repository")
@pytest.mark.parametrize(
    "row", [row for row in rows() if "pathwise" in row["model"]], ids=lambda row: row["id"]
)
def test_a_path_worked_out_by_hand_is_met(row):
    inputs = json.loads(row["inputs"])
    found = serve_given(
        arrivals_s=np.array(inputs["arrivals"], dtype=float),
        services_s=np.array(inputs["services"], dtype=float),
        choices=None if "LEAST" in row["model"] else np.zeros(len(inputs["arrivals"])),
        in_service=np.array([inputs.get("instances", 1)]),
        step_s=60.0,
        workers=inputs.get("workers", inputs.get("c")),
    )
    assert found == pytest.approx(json.loads(row["expected"]), abs=1e-12)


@pytest.mark.skipif(not CASES.is_file(), reason="reference cases are kept beside the repository")
def test_most_reference_cases_are_simulated():
    assert len(rows()) >= 58


def replayed(station, rate_rps, instances, limits_s, *, minutes=300, seed=0, **changes):
    """A stationary replay: Poisson counts, an hour of warm-up."""
    counts = np.random.default_rng([29, seed]).poisson(60 * rate_rps, minutes)
    values = {
        "counts": counts,
        "in_service": np.full(minutes, instances),
        "station": station,
        "least_outstanding": False,
        "seed": seed,
        "limits_s": np.asarray(limits_s, dtype=float),
        "timeout_s": 60.0,
        "drop_timed_out": False,
        "window": np.zeros(minutes, dtype=np.int64),
        "section": np.arange(minutes) % 10,
        "record_from": 60,
    }
    return exact_replay(**values | changes), counts[60:].sum()


def test_minutes_on_a_random_fleet_are_m_m_4():
    # 8 instances of 4 workers at 0.8: response p99 of M/M/4 by thinning (RND123), p95 (MM35).
    station = workers_station(EXPONENTIAL, 4)
    shares, percentiles = [], []
    for seed in range(REPLICATIONS):
        limits_s = [4.73801949603659, 6.893203748883]
        found, requests = replayed(station, 25.6, 8, limits_s, seed=seed)
        shares.append(found.late.sum(axis=0) / requests)
        percentiles.append(percentile_s(found.histogram[0], 0.99, np.empty(0), np.empty(0, int)))
    for share, expected in zip(np.array(shares).T, (0.05, 0.01), strict=True):
        assert_within_four_standard_errors(share, expected)
    assert_within_four_standard_errors(percentiles, 6.893203748883)


def test_minutes_on_one_instance_wait_as_erlang_says():
    # A constant rank makes every service the same; of exponential ones, only waits are longer.
    station = workers_station(ServiceTime(mean_s=1.0, cv=0.0), 1)
    shares = []
    for seed in range(REPLICATIONS):
        found, requests = replayed(station, 0.8, 1, [1.0], minutes=1_000, seed=seed)
        shares.append(found.late.sum() / requests)
    assert_within_four_standard_errors(shares, waiting_probability(0.8, 1))


def telltale(throughput_rps):
    """A sweep whose latency tells the concurrency: 2, 4, 8 ... seconds."""
    tables = [
        tabulated(lambda p, k=k: np.full(p.shape, 2.0**k), lambda p, k=k: np.full(p.shape, 2.0**k))
        for k in range(1, throughput_rps.size + 1)
    ]
    return SweepStation(throughput_rps=throughput_rps, latencies=tuple(tables))


@pytest.mark.parametrize("rate_rps", [1.0, 2.4])
@pytest.mark.parametrize("instances", [1, 3])
def test_arrivals_at_a_sweep_find_its_birth_death_process(rate_rps, instances):
    throughput_rps = np.array([1.5, 2.8, 3.6, 3.2])
    expected, all_busy = occupancy(rate_rps, throughput_rps)
    shares = []
    for seed in range(REPLICATIONS):
        found, requests = replayed(
            telltale(throughput_rps), rate_rps * instances, instances, [], seed=seed
        )
        # Only those who found K or more took longer than 2^K.
        at = np.searchsorted(bin_edges_s(), 2.0 ** np.arange(1, 5))
        exact = found.histogram[0][at[:-1]]
        shares.append([*exact, requests - exact.sum()] / np.float64(requests))
    probabilities = [*expected[:3], expected[3] + all_busy]
    for share, probability in zip(np.array(shares).T, probabilities, strict=True):
        assert_within_four_standard_errors(share, probability)


def test_waits_beyond_the_last_concurrency_are_exponential():
    throughput_rps = np.array([1.5, 2.8, 3.6, 3.2])
    _, all_busy = occupancy(2.4, throughput_rps)
    shares = []
    for seed in range(REPLICATIONS):
        found, requests = replayed(telltale(throughput_rps), 2.4, 1, [16, 17, 19], seed=seed)
        shares.append(found.late.sum(axis=0) / requests)
    for share, wait_s in zip(np.array(shares).T, (0, 1, 3), strict=True):
        tail = all_busy * math.exp(-(3.2 - 2.4) * wait_s)
        assert_within_four_standard_errors(share, tail)


@pytest.mark.parametrize("rate_rps", [0.8, 1.5])
def test_passed_over_requests_are_those_of_impatient_customers(rate_rps):
    """M/M/1 + D: a customer leaves who would wait longer than a constant patience.

    The virtual wait has density l P0 e^((l - m) x) up to the patience t and l P0 e^(l t - m x)
    beyond (D. Y. Barrer, "Queuing with impatient customers and ordered service", Operations
    Research 5 (1957) 650-656).
    """
    rate, serves, patience_s = rate_rps, 1.0, 3.0
    below = (math.exp((rate - serves) * patience_s) - 1) / (rate - serves)
    beyond = math.exp((rate - serves) * patience_s) / serves
    lost = rate * beyond / (1 + rate * (below + beyond))
    instant = tabulated(lambda p: np.full(p.shape, 1e-6), lambda p: np.full(p.shape, 1e-6))
    station = SweepStation(throughput_rps=np.array([serves]), latencies=(instant,))
    shares = []
    for seed in range(REPLICATIONS):
        found, requests = replayed(
            station,
            *(rate, 1, [patience_s + 1e-6]),
            timeout_s=patience_s,
            drop_timed_out=True,
            seed=seed,
            minutes=500,
        )
        shares.append(found.late.sum() / requests)
    assert_within_four_standard_errors(shares, lost)


def test_least_outstanding_meets_the_shorter_of_two_queues():
    # JSQ121: mean response at 0.9, by sparse CTMC.
    station = workers_station(EXPONENTIAL, 1)
    middle_s = (bin_edges_s()[1:] + bin_edges_s()[:-1]) / 2
    means_s = []
    for seed in range(REPLICATIONS):
        found, requests = replayed(
            station, 1.8, 2, [], minutes=3_000, seed=seed, least_outstanding=True
        )
        means_s.append(float(found.histogram[0] @ middle_s) / requests)
    assert_within_four_standard_errors(means_s, 5.47491282123195)
