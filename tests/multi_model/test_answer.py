"""The cheapest fleet, what binds it, and why there may be none."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.multi_model import Binds, Obstacle, Placement, answer, saving, separate
from smcost.multi_model.caveats import multi_model_caveats
from smcost.multi_model.fleet import fleet, traffic_levels
from smcost.multi_model.lru import Simulated
from smcost.multi_model.search import _surviving, fewest
from smcost.multi_model.sensitivity import Factor, sensitivity
from smcost.prices.instance_type import InstanceType
from smcost.replay.latency import loads
from smcost.traffic.minutes import MinuteCounts, to_minutes
from smcost.traffic.synthetic import day_shape

USD = Decimal("165.60")


def asked(problem, least=1, **changes):
    return answer(problem(**changes), lambda count: count * USD, least=least)


def test_a_p99_below_the_load_time_wants_nearly_all_models_in_memory(problem):
    """100 models, 20 to an instance: five hold all of them, four only 80 of them."""
    found = asked(problem, p99_s=1.0, exponent=0.0)
    assert found.best.instances == 5
    assert (found.binds, found.obstacle, found.nearest) == (Binds.MEMORY, None, None)
    assert (found.for_memory, found.for_throughput) == (5, 1)
    assert found.best.hit_rate == 1
    assert found.best.cold_share == 0
    assert found.best.usd == 5 * USD
    assert found.best.overcommitment == pytest.approx(1)


def test_a_p95_lets_a_twentieth_wait(problem):
    """96 of 100 equally popular models in memory: 4 % wait, joined loads a little more."""
    found = asked(problem, p95_s=1.0, exponent=0.0, memory=24.0, rps=1.0)
    assert found.best.instances == 4
    assert found.best.hit_rate == pytest.approx(0.96)
    assert 0.04 < found.best.cold_share < 0.05
    assert found.best.p95_s < 1 < found.best.p99_s
    assert found.best.cold_beyond_p99 == pytest.approx(1)
    assert 0 < found.best.cold_beyond_p95 < 1


def test_a_limit_above_the_load_wants_no_memory_for_them_all(problem):
    found = asked(problem, p99_s=9.0, rps=0.2)
    assert found.best.instances == 1
    assert found.binds is Binds.MIN_INSTANCES
    assert found.best.cold_share > 0.3


def test_throughput_decides_where_memory_is_plenty(problem):
    """400 rps x 45 ms keep 18 workers busy, hence more than four instances of four."""
    found = asked(problem, memory=100.0, rps=400.0, p99_s=0.3)
    assert found.binds is Binds.THROUGHPUT
    assert found.best.instances == found.for_throughput >= 5
    assert found.for_memory == 1


@pytest.mark.parametrize("changes", [{}, {"p95_s": 1.0}, {"rps": 300.0, "p99_s": 0.5}])
def test_one_instance_fewer_does_not_meet_the_slo(problem, changes):
    found = asked(problem, **changes)
    given = problem(**changes)
    assert fleet(given, found.best.instances).verdict.met
    assert not fleet(given, found.best.instances - 1).verdict.met
    assert found.best.instances >= max(found.for_memory, found.for_throughput)
    assert found.surviving == found.best.instances + 1


def test_the_curve_holds_the_answer_and_its_neighbours_and_never_falls_in_hits(problem):
    found = asked(problem, p99_s=1.0)
    sizes = [point.instances for point in found.curve]
    best = found.best.instances
    assert {best - 1, best, best + 1} <= set(sizes)
    assert sizes == sorted(set(sizes))
    hits = [point.hit_rate for point in found.curve]
    assert hits == sorted(hits)
    assert [point.meets for point in found.curve] == [size >= best for size in sizes]


def test_the_least_number_of_instances_is_kept(problem):
    found = asked(problem, least=7, exponent=0.0)
    assert found.best.instances == found.surviving == 7
    assert found.binds is Binds.MIN_INSTANCES
    assert min(point.instances for point in found.curve) == 7


def test_spread_over_every_instance_no_number_helps(problem):
    found = asked(problem, placement=Placement.SPREAD)
    assert (found.best, found.obstacle) == (None, Obstacle.COLD_LOADS)
    assert found.for_memory is None
    assert found.other_placement is not None
    assert not found.nearest.meets


def test_a_service_time_above_the_limit_is_said(problem):
    found = asked(problem, p99_s=0.05)
    assert (found.best, found.obstacle) == (None, Obstacle.SERVICE_TIME)


def test_traffic_beyond_the_largest_fleet_is_said(problem):
    found = asked(problem, rps=1e5)
    assert (found.best, found.obstacle) == (None, Obstacle.FLEET_TOO_LARGE)


def test_models_for_more_instances_than_are_looked_at_are_said(problem, monkeypatch):
    monkeypatch.setattr("smcost.multi_model.search.MOST_INSTANCES", 8)
    found = asked(problem, count=9, exponent=0.0, memory=1.0)
    assert (found.best, found.obstacle) == (None, Obstacle.FLEET_TOO_LARGE)
    assert found.nearest.instances == 8


def test_without_cold_starts_it_answers_as_the_replay_of_a_fixed_fleet_does(problem):
    """The same minutes through the room that estimate and recommend use."""
    day = to_minutes(day_shape(100.0, 250.0))
    given = problem(minutes=day, placement=Placement.SPREAD)
    invocations = given.minutes.invocations
    known = loads(
        invocations=invocations,
        in_service=np.full(invocations.size, 3),
        window=given.slo.window.number(given.minutes.start_s),
        profile=given.profile,
        terms=given.terms,
    )
    found = fleet(given, 3, loads=False).loads
    assert len(found.parts) == 1
    for fraction in (0.5, 0.95, 0.99, 0.999):
        assert found.percentile_s(fraction) == pytest.approx(known.percentile_s(fraction), rel=1e-3)
    assert np.flatnonzero(found.parts[0].overloaded).size == np.unique(known.delayed.minute).size


def minutes_of(counts):
    return MinuteCounts(start_s=60 * np.arange(counts.size), invocations=counts)


def test_very_many_different_minutes_are_told_apart_to_three_digits():
    counts = np.arange(0, 50_000, 7)
    levels, level = traffic_levels(minutes_of(counts))
    assert levels.size <= 2_000
    assert levels[level] == pytest.approx(counts, rel=0.0051)
    few, each = traffic_levels(minutes_of(np.array([5, 3, 5])))
    assert (few.tolist(), each.tolist()) == ([3, 5], [1, 0, 1])


def test_loads_longer_than_the_timeout_fail(problem):
    """Half of the models stay missing, and whoever asks for one gets ModelNotReadyException."""
    given = problem(exponent=0.0, memory=50.0, rps=0.01, load_s=70.0, p99_s=59.0)
    found = fleet(given, 1)
    assert found.loads.failed_fraction() == pytest.approx(found.cold_share)
    assert found.verdict.breaks == "max_failed"
    codes = [caveat.code for caveat in multi_model_caveats(given, asked_of(given), None)]
    assert "load_beyond_timeout" in codes


def asked_of(given):
    return answer(given, lambda count: count * USD)


@settings(max_examples=8, deadline=None)
@given(
    exponent=st.floats(0.3, 1.4),
    limits=st.lists(st.floats(0.3, 5), min_size=2, max_size=2),
)
def test_a_tighter_limit_never_wants_fewer(problem, exponent, limits):
    tight, wide = sorted(limits)
    needed = [
        fewest(partial(fleet, problem(exponent=exponent, count=60, p99_s=limit_s)), 1)
        for limit_s in (tight, wide)
    ]
    assert needed[0] >= needed[1]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    models=st.lists(
        st.tuples(st.sampled_from([0.0, 0.1, 1.0, 3.0]), st.sampled_from([1.0, 3.0, 5.0, 8.0])),
        min_size=1,
        max_size=7,
    ).filter(lambda models: any(weight for weight, _ in models)),
    memory=st.sampled_from([8.0, 10.0, 13.0]),
    rps=st.sampled_from([0.2, 60.0, 200.0]),
    limits=st.sampled_from([{"p95_s": 1.0}, {"p99_s": 0.25}, {"p99_s": 9.0}]),
)
def test_the_search_finds_what_trying_every_size_finds(
    problem, hosted, models, memory, rps, limits
):
    weight, size = np.array(models).T
    given = problem(
        hosted(len(models), share=weight / weight.sum(), size=size),
        memory=memory,
        rps=rps,
        **limits,
    )
    met = [fleet(given, count).verdict.met for count in range(1, 17)]
    assert fewest(partial(fleet, given), 1) == met.index(True) + 1
    # A size may split the models worse than a smaller one, never beyond what the search looks at.
    assert all(met[met.index(True) + 4 :])


def test_three_large_models_take_three_instances(problem, hosted):
    """Twelve of 12.8 each, whatever the number: 96 were recommended once."""
    given = problem(hosted(3, 0.0, size=[12.0] * 3), memory=12.8, rps=1.0, p99_s=1.0)
    assert [fleet(given, count).verdict.met for count in (1, 2, 3, 24, 28, 90)] == [
        False, False, True, True, True, True,
    ]  # fmt: skip
    assert asked_of(given).best.instances == 3


LOSSES = {
    # Sizes that hold, the cheapest, and how many it takes to lose one.
    "every larger one": ({3, 4, 5, 6}, 3, 4),
    "the next one does not": ({3, 5, 6}, 3, 6),
    "a floor keeps a spare": ({3, 4, 5, 6}, 4, 4),
    "one instance": ({1, 2}, 1, 2),
    "none up to the largest": ({3, 5}, 3, None),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_size_that_may_lose_one_holds_with_it_and_without(name, monkeypatch):
    monkeypatch.setattr("smcost.multi_model.search.MOST_INSTANCES", 6)
    holding, found, wanted = LOSSES[name]

    class Judged:
        def holds(self, count):
            return count in holding

    assert _surviving(Judged(), found) == wanted


def test_models_without_requests_take_nobodys_place(problem, hosted):
    """Two of 13 with half of the requests each, and one that nobody asks for."""
    given = problem(
        hosted(3, share=[0.5, 0.5, 0.0], size=[13.0] * 3), memory=13.1, rps=1.0, p99_s=1.0
    )
    found = asked_of(given)
    assert found.best.instances == 2
    assert found.surviving == 3
    assert fleet(given, 3).verdict.met


@pytest.mark.parametrize(("factor", "instances"), [(2.0, 5), (0.7, 3)])
def test_what_a_simulation_finds_otherwise_than_the_formula_counts(
    problem, monkeypatch, factor, instances
):
    """Four by formula; five with twice the misses, and three where 6 % instead of 8 % miss."""
    changes = {"p95_s": 1.0, "exponent": 0.0, "memory": 31.0, "rps": 0.1}
    if factor > 1:
        changes["memory"] = 24.0
    assert asked(problem, **changes).best.instances == 4

    def otherwise(given, count, seed):
        missing = factor * (1 - fleet(given, count).state.hit_rate)
        return Simulated(requests=1_000_000, misses=round(1_000_000 * missing))

    monkeypatch.setattr("smcost.multi_model.search.simulated", otherwise)
    found = asked(problem, **changes)
    assert found.best.instances == instances
    assert found.best.hit_rate == pytest.approx(found.checked.hit_rate, abs=1e-5)


def test_where_the_formula_is_too_careful_of_few_large_models_the_caches_decide(problem, hosted):
    """A fifth of the models is ten times as large: the formula leaves half of one free."""
    size = np.where(np.arange(60) % 5 == 0, 10.0, 1.0)
    given = problem(hosted(60, 0.6, size=size), memory=30.0, p95_s=1.0, rps=0.2, loads_at_once=4)
    found = asked_of(given)
    formula = fewest(partial(fleet, given), 1)
    assert found.best.instances <= formula
    assert found.best.hit_rate == pytest.approx(found.checked.hit_rate, abs=0.005)


def test_the_other_assumptions_move_the_answer_the_right_way(problem):
    given = problem(p95_s=1.0, count=100, memory=20.0)
    found = {(row.factor, row.value): row.instances for row in sensitivity(given, 1)}
    assert {factor for factor, _ in found} == {*Factor}
    assert (
        found[Factor.POPULARITY, "flatter: share ** 0.8"]
        >= (found[Factor.POPULARITY, "steeper: share ** 1.2"])
    )
    assert found[Factor.MODEL_MEMORY, "20% less"] > found[Factor.MODEL_MEMORY, "20% more"]
    assert found[Factor.LOAD_TIME, "twice"] >= found[Factor.LOAD_TIME, "half"]


def test_one_endpoint_for_each_model_by_hand(problem):
    """100 models, one instance each; two models with half of 120 rps each need two."""
    quiet = problem()
    assert separate(quiet, quiet.profile, "ml.m5.large").instances == 100
    assert separate(quiet, quiet.profile, "ml.m5.large", 2).instances == 200
    busy = problem(count=2, exponent=0.0, rps=240.0, p99_s=0.3)
    found = separate(busy, busy.profile, "ml.m5.large")
    assert (found.instances, found.more_than_least, found.sized) == (4, 2, True)
    unknown = separate(busy, None, "ml.t2.medium")
    assert (unknown.instances, unknown.sized) == (2, False)


def test_what_sharing_saves_by_hand(problem):
    quiet = problem()
    apart = separate(quiet, quiet.profile, "ml.m5.large")
    found = saving(5 * USD, apart, lambda count: count * Decimal(80), 1)
    assert found.separate_usd == 8000
    assert found.saving_usd == 8000 - 5 * USD
    # 5 x 165.60 = 828 pay for 10.35 instances of 80.
    assert found.break_even_models == 11


CAVEATS = {
    "single_instance": ({"p99_s": 9.0, "rps": 0.2}, None),
    "placement_decides": ({}, None),
    "hot_model": ({"exponent": 2.0, "rps": 100.0}, None),
    "multi_model_type": ({}, InstanceType(name="ml.g5.12xlarge", deployable=True, gpus=4)),
}


@pytest.mark.parametrize("code", CAVEATS)
def test_what_to_know_is_said(problem, code):
    changes, known = CAVEATS[code]
    given = problem(**changes)
    said = [caveat.code.value for caveat in multi_model_caveats(given, asked_of(given), known)]
    assert code in said


def test_a_single_gpu_is_nothing_to_warn_of(problem):
    given = problem(exponent=0.0)
    known = InstanceType(name="ml.g5.xlarge", deployable=True, gpus=1)
    said = [caveat.code.value for caveat in multi_model_caveats(given, asked_of(given), known)]
    assert said == ["placement_decides"]


def test_models_of_their_own_service_time_are_told_by_theirs(problem, hosted):
    """The busiest model takes a second: at 2.2 rps it keeps more than a worker busy."""
    models = replace(hosted(5, 1.0), service_s=np.array([1.0, 0.01, 0.01, 0.01, 0.01]))
    given = problem(models, rps=5.0, p99_s=9.0)
    said = {
        caveat.code.value: caveat.message
        for caveat in multi_model_caveats(given, asked_of(given), None)
    }
    assert "keeps 2.2 workers busy" in said["hot_model"]
