"""Levels of a load test become one instance's capacity, of the kind that the test was."""

from dataclasses import replace

import pytest

from smcost.capacity import Kind, RatesProfile, SweepProfile
from smcost.errors import InputError
from smcost.read.load_test import LoadTest, Subject, load_test_profile

ONE = Subject(instance_type="ml.m5.large")
#: 4 clients who never pause: 40 rps x 0.1 s.
LEVEL = LoadTest(
    tool="Locust",
    place="four.csv",
    sent_rps=40.0,
    latencies_s={0.5: 0.09, 0.95: 0.15, 0.99: 0.2},
    concurrency=4.0,
    in_flight=False,
    open_loop=False,
    mean_s=0.1,
    failed_fraction=0.0,
    requests=900,
)
EIGHT = replace(LEVEL, place="eight.csv", sent_rps=64.0, concurrency=8.0, mean_s=0.125)


def refusal(levels, tested=ONE):
    with pytest.raises(InputError) as caught:
        load_test_profile(levels, tested)
    assert caught.value.remedy
    return caught.value


def test_clients_who_wait_are_a_sweep_in_the_order_of_their_number():
    profile = load_test_profile([EIGHT, LEVEL], ONE)
    assert isinstance(profile, SweepProfile)
    assert profile.concurrency.tolist() == [4, 8]
    assert profile.throughput_rps.tolist() == [40, 64]
    assert profile.fractions.tolist() == [0.5, 0.95, 0.99]
    assert profile.means_s.tolist() == [0.1, 0.125]
    assert profile.requests.tolist() == [900, 900]
    assert profile.errors_known


def test_a_fleet_is_divided_and_its_latency_and_sample_are_not():
    profile = load_test_profile([LEVEL, EIGHT], replace(ONE, instances=2))
    assert profile.concurrency.tolist() == [2, 4]
    assert profile.throughput_rps.tolist() == [20, 32]
    assert profile.latencies_s[0].tolist() == [0.09, 0.15, 0.2]
    assert profile.requests.tolist() == [900, 900]


def test_clients_that_cannot_be_shared_evenly_are_refused():
    error = refusal([LEVEL], replace(ONE, instances=3))
    assert error.cause == "4 clients cannot be shared evenly by 3 instances"
    assert error.place == "four.csv"


def test_errors_are_no_throughput_but_part_of_the_rate():
    failing = replace(LEVEL, failed_fraction=0.1)
    assert load_test_profile([failing], ONE).throughput_rps.tolist() == [36]
    rates = load_test_profile([replace(failing, open_loop=True)], ONE)
    assert rates.offered_rps.tolist() == [40]
    assert rates.error_rate.tolist() == [0.1]


#: Name -> level, what the user says, the kind or part of the refusal.
KINDS = {
    "clients who wait": (LEVEL, ONE, Kind.SWEEP),
    "a tenth idle is the start and the end": (replace(LEVEL, sent_rps=36.0), ONE, Kind.SWEEP),
    "clients who pause": (replace(LEVEL, sent_rps=20.0), ONE, "only 2 were waiting"),
    "clients who pause, said to come at a rate": (
        replace(LEVEL, sent_rps=20.0),
        replace(ONE, kind=Kind.RATES),
        Kind.RATES,
    ),
    "clients who wait, said to come at a rate": (
        LEVEL,
        replace(ONE, kind=Kind.RATES),
        "Nearly all of the 4 clients were waiting",
    ),
    "a rate of its own": (replace(LEVEL, open_loop=True), ONE, Kind.RATES),
    "a rate of its own, said to be a sweep": (
        replace(LEVEL, open_loop=True),
        replace(ONE, kind=Kind.SWEEP),
        Kind.SWEEP,
    ),
    "requests in flight by definition": (
        replace(LEVEL, sent_rps=20.0, in_flight=True),
        ONE,
        Kind.SWEEP,
    ),
    "clients who nearly always wait, said to come at a rate": (
        replace(LEVEL, sent_rps=38.0),
        replace(ONE, kind=Kind.RATES),
        "(3.8 on average)",
    ),
    "an unknown mean cannot tell": (replace(LEVEL, mean_s=None), ONE, "were waiting"),
    "an unknown mean with requests in flight by definition": (
        replace(LEVEL, mean_s=None, in_flight=True),
        ONE,
        Kind.SWEEP,
    ),
    "more in flight than clients": (
        replace(LEVEL, sent_rps=80.0, in_flight=True),
        ONE,
        "8 requests were waiting for an answer on average, more than the 4 clients",
    ),
    "the user says too few": (
        replace(LEVEL, concurrency=None),
        replace(ONE, concurrency=2),
        "more than the 2 clients",
    ),
    "nobody says how many": (replace(LEVEL, concurrency=None), ONE, "does not say how many"),
    "the user says how many": (
        replace(LEVEL, concurrency=None),
        replace(ONE, concurrency=4),
        Kind.SWEEP,
    ),
    "the user says too many": (
        replace(LEVEL, concurrency=None),
        replace(ONE, concurrency=8),
        "Of 8 clients only 4 were waiting",
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_is_what_the_test_was(name):
    level, tested, wanted = KINDS[name]
    if isinstance(wanted, Kind):
        assert load_test_profile([level], tested).kind is wanted
    else:
        assert wanted in refusal([level], tested).cause


def test_files_of_two_kinds_and_levels_that_stand_twice_are_refused():
    error = refusal([LEVEL, replace(EIGHT, open_loop=True)])
    assert error.cause == "The files are of two kinds, sweep (four.csv) and rates (eight.csv)"
    twice = refusal([LEVEL, replace(LEVEL, place="again.csv")])
    assert twice.cause == "four.csv has the same level, 4"
    assert twice.place == "again.csv"


def test_only_percentiles_of_every_level_are_kept():
    fewer = replace(EIGHT, latencies_s={0.5: 0.1, 0.99: 0.3})
    assert load_test_profile([LEVEL, fewer], ONE).fractions.tolist() == [0.5, 0.99]
    none = replace(EIGHT, latencies_s={0.9: 0.1})
    assert refusal([LEVEL, none]).cause == "No percentile is in every file"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"latencies_s": {0.5: 0.0, 0.99: 0.1}}, "nothing answers in no time"),
        ({"latencies_s": {0.5: 0.2, 0.99: 0.1}}, "a higher percentile below a lower one"),
        ({"failed_fraction": 1.0}, "a throughput that is not above 0"),
        ({"failed_fraction": -0.5}, "an error rate outside 0 to 1"),
        (
            {"concurrency": 20_000.0, "mean_s": None, "in_flight": True},
            "more than any server works on",
        ),
    ],
)
def test_what_no_test_can_have_measured_is_refused(change, cause):
    error = refusal([replace(LEVEL, **change)])
    assert cause in error.cause
    assert error.place == "four.csv"


def test_unknown_failures_and_samples_stay_unknown():
    profile = load_test_profile([replace(LEVEL, failed_fraction=None, requests=None)], ONE)
    assert not profile.errors_known
    assert profile.requests.tolist() == [0]
    rates = load_test_profile([replace(LEVEL, open_loop=True, failed_fraction=None)], ONE)
    assert isinstance(rates, RatesProfile)
    assert not rates.errors_known
