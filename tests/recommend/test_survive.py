"""The search under a loss: known answers, laws, reasons and prices."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.availability import Loss, Lost
from smcost.capacity import WorkersProfile
from smcost.queueing.service import ServiceTime
from smcost.recommend.among import recommend_among
from smcost.recommend.budget import Budget
from smcost.recommend.candidates import in_order_of_cost, minimum_grid
from smcost.recommend.confirm import Confirmer
from smcost.recommend.plan import Planner
from smcost.recommend.recommend import recommend
from smcost.recommend.result import AlternativeKind, Constraint, Infeasible, ReasonCode
from smcost.recommend.search import cheapest
from smcost.recommend.today import replayed_today
from smcost.remarks import WarningCode
from smcost.replay.counts import Delays

TRACES = Path(__file__).resolve().parents[3] / "shared" / "data" / "traces"
INSTANCE, ZONE = Loss(what=Lost.INSTANCE), Loss(what=Lost.ZONE)
BOTH = (ZONE, INSTANCE)
COMPARED = ((), (INSTANCE,), BOTH)
#: Two instances do 480 a minute; the night is quiet, and no help comes in time for the day.
WAVE = [100] * 240 + [1_900] * 120 + [100] * 240
ENOUGH = 1e9


@pytest.fixture(scope="module")
def wave(problem):
    """The answer to a square wave, asked to survive a zone, and the prices of the others."""
    asked = problem(WAVE, p99_s=4.0, losses=BOTH, simulated_requests=ENOUGH)
    return recommend_among([asked], survivals=COMPARED)[1]


def test_a_square_wave_that_nobody_can_follow_takes_what_is_left_to_carry_it(wave, problem):
    """9 carry 1,900 a minute: with an instance lost it takes 10, with a zone of three 14."""
    plain = recommend(problem(WAVE, p99_s=4.0, simulated_requests=ENOUGH)).estimate.variant.minimum
    found = {row.survives: row.minimum for row in wave.survival}
    assert (plain, found) == (9, {None: 9, Lost.INSTANCE: 10, Lost.ZONE: 14})
    assert INSTANCE.needed(plain) == 10
    assert ZONE.needed(plain) == 14


def test_the_price_is_that_of_the_instances_more(wave):
    """The fleet never follows: 720 h a month at 0.23 USD for each."""
    costs = [float(row.expected_usd) for row in wave.survival]
    assert costs[1] - costs[0] == pytest.approx(720 * 0.23, rel=0.02)
    assert costs[2] - costs[0] == pytest.approx(5 * 720 * 0.23, rel=0.02)
    assert wave.survival[2].expected_usd == wave.estimate.cost.expected.usd


def test_what_binds_names_the_loss_and_what_is_left(wave):
    assert wave.binding.constraint is Constraint.ZONE_LOST
    assert wave.binding.at_s == 1_704_067_200 + 240 * 60
    assert "Mon 1 Jan 2024 04:00 UTC: with minimum 13 the loss of 5 of 13 instances leaves 8" in (
        wave.binding.explanation
    )
    assert "(limit 4,000 ms)." in wave.binding.explanation


@pytest.fixture(scope="module")
def brief(problem):
    """A rise on which one instance is missing for a minute: tables see more late than there are."""
    brief = replace(INSTANCE, detection_s=0.0)
    profile = WorkersProfile(
        instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=0.1, cv=0.5)
    )
    asked = problem(
        [600] * 120 + [12_000] * 120, p99_s=0.62, profile=profile, losses=(brief,),
        delays=Delays(startup_s=60.0), pins={"target_per_minute": 1_200.0},
    )  # fmt: skip
    return asked, recommend(asked)


def test_what_screening_alone_turns_down_is_said_to_be_that(brief):
    """Simulated the stretch would hold: no other failure is invented for it."""
    _, found = brief
    assert found.estimate.variant.minimum == 7
    assert "% of the stretch's requests fail" not in found.binding.explanation
    assert "(limit 620 ms) as screened, which may not decide here" in found.binding.explanation
    assert found.binding.doubtful
    (weak,) = [one for one in found.caveats if one.code is WarningCode.SCREENING_WEAK]
    assert weak.message.startswith("A smaller minimum is turned down by screening alone")


def test_what_simulation_may_say_is_not_doubtful(brief):
    asked, _ = brief
    found = recommend(replace(asked, simulated_requests=ENOUGH))
    assert found.estimate.variant.minimum == 6
    assert not found.binding.doubtful
    assert "as screened" not in found.binding.explanation


def test_what_stands_beside_is_judged_under_the_loss_too(wave):
    kinds = {other.kind: other for other in wave.alternatives}
    assert kinds[AlternativeKind.ONE_FEWER].breaks == "zone_lost"
    assert [point.meets_slo for point in wave.curve if point.minimum >= 14] == [True] * 5
    assert not any(point.meets_slo for point in wave.curve if point.minimum < 14)
    assert all(row.minimum == 14 for row in wave.windows)


@pytest.mark.parametrize("losses", [(INSTANCE,), BOTH], ids=["instance", "zone"])
def test_with_traffic_at_night_a_single_instance_survives_nothing(problem, losses):
    found = recommend(problem([30] * 300, losses=losses, simulated_requests=ENOUGH))
    assert found.estimate.variant.minimum == 2


def test_without_traffic_nothing_is_lost(problem):
    found = recommend(problem([0] * 120, losses=BOTH))
    assert found.estimate.variant.minimum == 1


#: Traffic, losses, maximum, what would be enough.
TIGHT = {
    "instance": ([30] * 300, (INSTANCE,), 1, 2),
    "zone": (WAVE, BOTH, 13, 15),
}


@pytest.mark.parametrize(("counts", "losses", "most", "would"), TIGHT.values(), ids=TIGHT)
def test_bounds_too_tight_for_a_loss_are_infeasible_by_its_name(
    problem, counts, losses, most, would
):
    pins = {"maximum": most}
    found = recommend(
        problem(counts, p99_s=4.0, losses=losses, simulated_requests=ENOUGH, pins=pins)
    )
    assert isinstance(found, Infeasible)
    what = losses[0].what
    assert found.binding.constraint == what.breaks
    assert found.nearest.breaks == what.breaks
    (rejected,) = found.rejected
    assert rejected.reason_code is ReasonCode.BOUNDS_TOO_TIGHT
    assert f"survives the loss of {what.told}: with a minimum of {most} " in rejected.reason
    assert rejected.reason.endswith(f"; {would} instances all the time would")


def test_a_pinned_minimum_that_does_not_survive_is_infeasible(problem):
    asked = problem([30] * 300, losses=(INSTANCE,), pins={"minimum": 1, "maximum": 1})
    assert recommend(asked).binding.constraint is Constraint.INSTANCE_LOST


def test_a_loss_that_no_fleet_survives_is_infeasible(problem):
    """A third of the requests of a minute fail, whatever the size."""
    slow = replace(ZONE, failover_s=60.0)
    found = recommend(problem([300] * 180, losses=(slow,)))
    assert isinstance(found, Infeasible)
    assert found.rejected[0].reason_code is ReasonCode.FLEET_TOO_LARGE
    assert "survives the loss of one zone: with a minimum of 3 0.5" in found.rejected[0].reason
    assert found.rejected[0].reason.endswith("of the stretch's requests fail (limit 0.10%)")


def test_the_optimum_is_that_of_brute_force(problem):
    """Every plan of the grid, judged by the same judge."""
    asked = problem([60] * 120 + [500] * 60 + [60] * 60, losses=BOTH, simulated_requests=ENOUGH)
    confirmer = Confirmer(Planner(asked), Budget(ENOUGH))
    best = cheapest(confirmer.planner, asked.slo, settle=confirmer.settle, enough=confirmer.enough)
    plans = [
        confirmer.settle(confirmer.planner.plan(minimum, target))
        for _, minimum, target in in_order_of_cost(confirmer.planner, minimum_grid(1, 12))
    ]
    least = min(plan.instance_hours for plan in plans if plan.verdicts[asked.slo].met)
    assert best.instance_hours == pytest.approx(least)


def test_other_losses_share_what_is_known(problem):
    asked = problem(WAVE, p99_s=4.0, losses=BOTH, simulated_requests=ENOUGH)
    confirmer = Confirmer(Planner(asked), Budget(ENOUGH))
    plan = confirmer.planner.plan(10, None)
    assert confirmer.fatal_loss(plan) is ZONE
    assert confirmer.surviving((INSTANCE,)).fatal_loss(plan) is INSTANCE
    assert confirmer.surviving(()).fatal_loss(plan) is None
    assert confirmer.surviving(()).settle(plan).verdicts[asked.slo].met
    assert not confirmer.settle(plan).verdicts[asked.slo].met


def test_what_breaks_anyway_says_so(problem):
    asked = problem([900] * 120, losses=BOTH)
    plan = Confirmer(Planner(asked), Budget(0)).judged(Planner(asked).plan(1, None)).plan
    assert plan.verdicts[asked.slo].breaks in ("p99", "max_failed")


def test_today_is_judged_without_the_loss(problem):
    asked = problem([300] * 120, losses=BOTH, simulated_requests=ENOUGH)
    running = recommend(replace(asked, losses=())).estimate.variant
    assert replayed_today(asked, running).meets_slo


traffic = st.lists(st.integers(0, 900), min_size=3, max_size=6).map(
    lambda levels: [level for level in levels for _ in range(25)]
)


@settings(max_examples=4, deadline=None)
@given(traffic)
def test_surviving_more_never_costs_less(problem, counts):
    costs = []
    for losses in COMPARED:
        found = recommend(problem(counts, losses=losses))
        assert not isinstance(found, Infeasible)
        costs.append(found.estimate.cost.expected.usd)
    assert costs == sorted(costs)


#: Trace, first row and number of rows, service, and minimums that survive nothing, an instance, a
#: zone. Without the rest of its day the flood of 1998 takes 12 and not 11 where nothing is lost.
REAL = {
    "nasa_http_1995": (12 * 1440, 2 * 1440, (0.5, 2, 2.0), (1, 2, 2)),
    "wc98_may": (11 * 1440 + 300, 180, (0.045, 4, 0.3), (12, 13, 18)),
}


@pytest.mark.parametrize("name", REAL)
def test_busy_hours_of_a_real_trace(problem, name):
    if not (TRACES / f"{name}.csv").is_file():
        pytest.skip(f"the traces are not beside this checkout: {TRACES}")
    first, size, (mean_s, workers, p99_s), minimums = REAL[name]
    rows = (TRACES / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]
    counts = [int(row.split(",")[1]) for row in rows[first : first + size]]
    profile = WorkersProfile(
        instance_type="ml.m5.xlarge",
        workers=workers,
        service=ServiceTime(mean_s=mean_s, cv=0.5),
    )
    asked = problem(counts, p99_s=p99_s, profile=profile, losses=BOTH, simulated_requests=ENOUGH)
    found = recommend_among([asked], survivals=COMPARED)[1].survival
    costs = [row.expected_usd for row in found]
    assert costs == sorted(costs)
    assert tuple(row.minimum for row in found) == minimums
