"""Request by request against the plain simulator, against SimPy, and by laws of every path."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.queueing.exact.given import serve_given
from smcost.queueing.simulation import WorkersInstance, simulate_fleet


def whole_seconds(seed, *, size=400, workers=3):
    """Requests at whole seconds: many ties, and sums without rounding."""
    rng = np.random.default_rng(seed)
    return {
        "arrivals_s": np.sort(rng.integers(0, 300, size)).astype(float),
        "services_s": rng.integers(0, 4 * workers, size).astype(float),
        "choices": rng.random(size),
        "in_service": rng.integers(1, 6, 5),
        "step_s": 60.0,
        "workers": workers,
    }


def plain(requests):
    """The same by the plain simulator."""
    return simulate_fleet(
        arrivals_s=requests["arrivals_s"],
        work=requests["services_s"],
        choices=requests["choices"],
        instances=requests["in_service"],
        step_s=requests["step_s"],
        new_instance=lambda: WorkersInstance(requests["workers"]),
    )


@pytest.fixture(params=["compiled", "python"])
def serve(request, in_python):
    if request.param == "compiled":
        return serve_given

    def serve_in_python(**requests):
        with in_python():
            return serve_given(**requests)

    return serve_in_python


@pytest.mark.parametrize("workers", [1, 2, 4, 7, 8, 16, 17, 40])
@pytest.mark.parametrize("at_random", [True, False])
def test_every_response_is_that_of_the_plain_simulator(serve, workers, at_random):
    for seed in range(5):
        requests = whole_seconds(seed, workers=workers)
        requests["choices"] = requests["choices"] if at_random else None
        assert serve(**requests).tolist() == plain(requests).tolist()


@pytest.mark.parametrize("at_random", [True, False])
def test_so_it_is_where_nothing_is_round(serve, at_random):
    rng = np.random.default_rng(7)
    size = 20_000
    requests = {
        "arrivals_s": np.cumsum(rng.exponential(0.01, size)),
        "services_s": rng.lognormal(-2.2, 0.5, size),
        "choices": rng.random(size) if at_random else None,
        "in_service": np.array([8, 6, 9, 10]),
        "step_s": 60.0,
        "workers": 2,
    }
    assert serve(**requests) == pytest.approx(plain(requests), abs=1e-9)


def simpy_responses(requests, instances):
    """A fleet of SimPy resources; least-outstanding where no choices are given."""
    simpy = pytest.importorskip("simpy", reason="SimPy is not installed")
    env = simpy.Environment()
    fleet = [simpy.Resource(env, requests["workers"]) for _ in range(instances)]
    responses_s = np.empty(requests["arrivals_s"].size)

    def request(i, resource, service_s):
        begun_s = env.now
        with resource.request() as turn:
            yield turn
            yield env.timeout(service_s)
        responses_s[i] = env.now - begun_s

    def source():
        for i, (arrival_s, service_s) in enumerate(
            zip(requests["arrivals_s"].tolist(), requests["services_s"].tolist(), strict=True)
        ):
            yield env.timeout(arrival_s - env.now)
            if requests["choices"] is None:
                resource = min(fleet, key=lambda one: one.count + len(one.queue))
            else:
                resource = fleet[int(requests["choices"][i] * instances)]
            env.process(request(i, resource, service_s))

    env.process(source())
    env.run()
    return responses_s


@pytest.mark.parametrize("at_random", [True, False])
def test_every_response_is_that_of_simpy(at_random):
    rng = np.random.default_rng(11)
    requests = {
        "arrivals_s": np.cumsum(rng.exponential(1 / 18, 4_000)),
        "services_s": rng.lognormal(-0.1, 0.5, 4_000),
        "choices": rng.random(4_000) if at_random else None,
        "in_service": np.array([6]),
        "step_s": 60.0,
        "workers": 4,
    }
    expected = simpy_responses(requests, 6)
    assert serve_given(**requests) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 20))
def test_a_worker_more_never_lengthens_a_wait(seed, workers):
    requests = whole_seconds(seed, workers=workers)
    more = serve_given(**{**requests, "workers": workers + 1})
    assert np.all(more <= serve_given(**requests))


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 20))
def test_slower_service_never_shortens_a_response_of_random_routing(seed, workers):
    requests = whole_seconds(seed, workers=workers)
    slower = {**requests, "services_s": 2 * requests["services_s"]}
    assert np.all(serve_given(**slower) >= serve_given(**requests))


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 20), st.booleans())
def test_no_response_is_shorter_than_its_service(seed, workers, at_random):
    requests = whole_seconds(seed, workers=workers)
    requests["choices"] = requests["choices"] if at_random else None
    assert np.all(serve_given(**requests) >= requests["services_s"])


def story(*requests, timeout_s=np.inf, choices=None, instances=1):
    arrivals_s, services_s = np.array(requests, dtype=float).T
    return serve_given(
        arrivals_s=arrivals_s,
        services_s=services_s,
        choices=choices,
        in_service=np.array([instances]),
        step_s=60.0,
        workers=1,
        timeout_s=timeout_s,
    ).tolist()


def test_work_that_has_timed_out_makes_way_for_the_next(serve):
    # Stopped at 10 s, the first lets the second begin; its own response counts as if not stopped.
    assert story((0, 50), (1, 2)) == [50, 51]
    assert story((0, 50), (1, 2), timeout_s=10) == [50, 11]


def test_a_request_that_waited_is_worked_on_only_until_its_timeout():
    # The second begins at 10 s and is stopped at 11 s, the third at 12 s.
    requests = [(0, 50), (1, 50), (2, 50), (3, 1)]
    assert story(*requests, timeout_s=10) == [50, 59, 59, 10]


def test_a_request_that_timed_out_while_it_waited_takes_no_time():
    assert story((0, 50), (0, 50), (0, 3), timeout_s=10) == [50, 60, 13]


def test_a_timed_out_request_is_outstanding_until_it_is_passed_over():
    # Two on the first instance, one on the second: the fourth goes to the second.
    requests = [(0, 9), (0, 9), (0, 9), (1, 1)]
    assert story(*requests, instances=2) == [9, 9, 18, 9]
    assert story(*requests, instances=2, timeout_s=4) == [9, 9, 13, 4]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arrivals_s": np.array([1.0, 0.5])}, "not sorted"),
        ({"arrivals_s": np.array([-1.0, 0.5])}, "not sorted"),
        ({"services_s": np.array([1.0])}, "service times"),
        ({"services_s": np.array([1.0, -1.0])}, "service times"),
        ({"services_s": np.array([1.0, np.nan])}, "service times"),
        ({"choices": np.array([0.5, 1.0])}, "choices"),
        ({"workers": 0}, "instances or workers"),
        ({"in_service": np.array([1, 0])}, "instances or workers"),
        ({"in_service": np.array([], dtype=np.int64)}, "instances or workers"),
        ({"arrivals_s": np.array([np.nan, 1.0])}, "not sorted"),
        (
            {"arrivals_s": np.array([9.0, 1.0]), "in_service": np.array([1] * 5), "step_s": 0.1},
            "not",
        ),
        ({"choices": np.array([0.5, np.nan])}, "choices"),
        ({"choices": np.array([0.5])}, "choices"),
        ({"out": np.empty(3)}, "room"),
        ({"out": np.empty(2, dtype=np.int64)}, "room"),
    ],
)
def test_what_makes_no_sense_is_refused(serve, change, message):
    requests = {
        "arrivals_s": np.array([0.0, 1.0]),
        "services_s": np.array([1.0, 1.0]),
        "choices": np.array([0.0, 0.0]),
        "in_service": np.array([1]),
        "step_s": 60.0,
        "workers": 1,
    }
    with pytest.raises(UsageError, match=message):
        serve(**requests | change)


def test_responses_are_written_where_they_are_wanted(serve):
    requests = whole_seconds(1)
    out = np.empty(requests["arrivals_s"].size)
    assert serve(**requests, out=out) is out
    assert out.tolist() == serve(**requests).tolist()


def test_no_request_is_no_response(serve):
    nothing = np.empty(0)
    found = serve(
        arrivals_s=nothing,
        services_s=nothing,
        choices=nothing,
        in_service=np.array([2]),
        step_s=60.0,
        workers=1,
    )
    assert found.tolist() == []
