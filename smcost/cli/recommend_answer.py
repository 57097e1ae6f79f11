"""Flags of ``smcost recommend`` -> its answer."""

from dataclasses import dataclass, replace

from smcost.availability import Loss
from smcost.capacity import Profile
from smcost.cli.availability_input import availability_input
from smcost.cli.aws_answer_input import AwsAnswer, aws_answer_input
from smcost.cli.deployed_input import as_deployed, running_input
from smcost.cli.flags import Flags
from smcost.cli.lever_answer import lever_answer
from smcost.cli.non_production_input import (
    billed_for_windows,
    sized_for_windows,
    sizing_assumptions,
    windows_to_size,
)
from smcost.cli.output import Stage
from smcost.cli.question import Question, ask_each
from smcost.cli.render import recommend_text
from smcost.cli.scaling_input import CONCURRENCY_ASSUMPTIONS
from smcost.cli.schedule_input import schedule_assumptions, schedule_input
from smcost.cli.simulation_input import simulated_requests, simulation_assumption, threads
from smcost.cli.sought_input import refuse_missing, target_input
from smcost.cli.sources import Sources
from smcost.cli.today import current_side, replayed_beside, today_beside
from smcost.cli.traffic_owner import owner_caveats
from smcost.emit.comparison import Side
from smcost.errors import UsageError
from smcost.estimate.levers import Levers
from smcost.estimate.office_month import within
from smcost.estimate.turning_off import NonProduction
from smcost.recommend.among import recommend_among
from smcost.recommend.aws_answer import GivenPolicy
from smcost.recommend.candidates import TARGET_SHARES, highest_share
from smcost.recommend.problem import Pins, Problem
from smcost.recommend.replays import MAXIMUM_MARGIN
from smcost.recommend.result import (
    AlternativeKind,
    Infeasible,
    ReasonCode,
    Recommendation,
    Rejected,
)
from smcost.remarks import Assumption, Remarks
from smcost.scaling.policy import Metric
from smcost.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendAnswer:
    """A recommendation with all that is said of it; nothing of it has been printed.

    ``today`` is what it is compared with: what runs, or the estimate given with ``--current``.
    """

    result: Recommendation | Infeasible
    remarks: Remarks
    question: Question
    flags: Flags
    levers: Levers
    today: Side | None

    @property
    def text(self) -> str:
        """In the wanted format; empty where that has nothing for an infeasible result."""
        return recommend_text(
            self.result, self.remarks, self.question, self.flags, self.levers, self.today
        )


def recommend_answer(
    sources: Sources,
    flags: Flags,
    stage: Stage,
    *,
    with_sensitivity: bool = False,
    beside: Variant | None = None,
) -> RecommendAnswer:
    """Check the flags and search; print nothing.

    Parameters
    ----------
    sources, flags, stage
        What is asked, where each value is from, and who is told how far it is.
    with_sensitivity
        Whether to ask how the answer moves with what is assumed.
    beside
        Today's configuration, where neither AWS nor an estimate tells it.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price.
    """
    wanted = windows_to_size(sources, flags)
    pins = Pins(minimum=flags.minimum, maximum=flags.maximum, target_per_minute=target_input(flags))
    refuse_missing(flags)
    simulated_requests(flags)
    survived = availability_input(sources, flags, compares=True)
    with stage("Asking AWS"):
        running = running_input(sources, flags, "give --current FILE in place of --endpoint")
    if running is not None:
        sources, flags = as_deployed(sources, flags, running, with_size=False)
    with stage("Reading"):
        asked = ask_each(sources, flags)
        theirs = aws_answer_input(flags, asked[0])
    problems, rejected = _problems(*asked, pins, flags, survived.losses, wanted)
    with stage("Searching") as observe:
        number, result = recommend_among(
            [problem for _, problem in problems],
            rejected=rejected,
            try_other_routing=not sources.given("routing"),
            try_other_metric=flags.target is None and flags.concurrency_target is None,
            with_sensitivity=with_sensitivity,
            given=None if theirs is None else _among(theirs, problems),
            schedule_in=schedule_input(flags),
            survivals=survived.compared,
            observe=observe,
        )
        question, problem = _with_fitting_alarms(problems[number][0], flags), problems[number][1]
        answer = None if isinstance(result, Infeasible) else result.estimate
        off = None
        if wanted is not None:
            off = sized_for_windows(question, answer, wanted, flags, problem.profile)
            result = billed_for_windows(result, off)
            answer = None if isinstance(result, Infeasible) else result.estimate
        found = lever_answer(
            question,
            sources,
            flags,
            answer,
            problem.profile,
            loss=survived.asked,
            non_production=off,
        )
        today = None
        if running is not None:
            today = today_beside(running, sources, flags, problems, question, result)
        elif beside is not None:
            today = replayed_beside(beside, sources, flags, problems, question, result)
    remarks = question.remarks(
        scaling=True,
        latency=True,
        caveats=(
            *owner_caveats(question.given.origin, sources, flags, running),
            *question.capacity_caveats(exact=flags.exact),
            *(() if theirs is None else theirs.caveats),
            *result.caveats,
            *(() if today is None else today.caveats),
            *found.caveats,
            *(() if off is None else off.caveats),
        ),
        extra=(
            *(() if today is None else today.assumptions),
            *_assumptions(sources, flags, pins, problem),
            *survived.assumptions,
            *_metric_assumptions(result, flags),
            *schedule_assumptions(sources, result),
            *found.assumptions,
            *(() if wanted is None else sizing_assumptions(sources, wanted, question.delays)),
        ),
        endpoint=None if running is None else running.provenance,
    )
    return RecommendAnswer(
        result=result,
        remarks=remarks,
        question=question,
        flags=flags,
        levers=found,
        today=current_side(question) if today is None else today.side,
    )


def _problems(
    questions: list[Question],
    rejected: list[Rejected],
    pins: Pins,
    flags: Flags,
    losses: tuple[Loss, ...],
    wanted: NonProduction | None,
) -> tuple[list[tuple[Question, Problem]], list[Rejected]]:
    """The problems to solve; types whose load test failed at every level join the rejected."""
    problems, failed = [], list(rejected)
    for question in questions:
        assert question.able.profile is not None
        try:
            passing = question.able.profile.passing(question.max_failed)
        except UsageError as error:
            failed.append(
                Rejected(
                    instance_type=question.able.instance_type,
                    reason_code=ReasonCode.ERRORS_AT_EVERY_LEVEL,
                    reason=error.cause,
                )
            )
            continue
        problem = _problem(question, passing, pins, flags, wanted)
        problems.append((question, replace(problem, losses=losses)))
    if not problems:
        raise UsageError(failed[-1].reason, remedy="Test lower levels, or raise --max-failed")
    return problems, failed


def _among(theirs: AwsAnswer, problems: list[tuple[Question, Problem]]) -> tuple[str, GivenPolicy]:
    """AWS's policy, if its instance type was not out before the search."""
    if theirs.instance_type not in {problem.tariff.instance_type for _, problem in problems}:
        raise UsageError(
            f"AWS's answer is for {theirs.instance_type}, at whose every level too many requests "
            "failed",
            remedy="Raise --max-failed, or leave it out",
            place="--aws-recommendation",
        )
    return theirs.instance_type, theirs.policy


def _problem(
    question: Question,
    profile: Profile,
    pins: Pins,
    flags: Flags,
    wanted: NonProduction | None,
) -> Problem:
    minutes, slo = question.given.minutes, question.slo
    assert minutes is not None
    assert slo is not None
    on = None
    if wanted is not None:
        minutes, on = within(wanted, minutes, question.delays, question.paid.hours_per_month)
    return Problem(
        minutes=minutes,
        profile=profile,
        routing=question.routing,
        metric=Metric.INVOCATIONS if flags.concurrency_target is None else Metric.CONCURRENCY,
        slo=slo,
        terms=question.terms,
        delays=question.delays,
        tariff=question.paid.tariff,
        hours_per_month=question.paid.hours_per_month,
        pins=pins,
        min_instances=flags.min_instances,
        simulated_requests=simulated_requests(flags),
        seed=flags.seed,
        burstiness=question.given.burstiness,
        threads=threads(flags),
        scale_in_cooldown_s=question.scale_in_cooldown_s,
        scale_out_cooldown_s=question.scale_out_cooldown_s,
        on=on,
    )


def _with_fitting_alarms(question: Question, flags: Flags) -> Question:
    """Without the alarms of minutes where requests in flight are tracked."""
    if flags.concurrency_target is None:
        return question
    told = tuple(item for item in question.scaling_assumptions if item.name != "alarms")
    return replace(question, scaling_assumptions=told)


def _metric_assumptions(
    result: Recommendation | Infeasible, flags: Flags
) -> tuple[Assumption, ...]:
    """What requests in flight rest on, where a plan tracks them."""
    kinds = {a.kind for a in result.alternatives} if isinstance(result, Recommendation) else set()
    if flags.concurrency_target is None and AlternativeKind.OTHER_METRIC not in kinds:
        return ()
    return CONCURRENCY_ASSUMPTIONS


def _targets_tried(problem: Problem) -> Assumption:
    share = highest_share(problem)
    if share == TARGET_SHARES[-1]:
        value = "20 % to 95 % of the rate at which one instance is busy all the time, by 5 %"
        return Assumption(name="targets tried", value=value, source="model")
    return Assumption(
        name="targets tried",
        value=f"20 % to {100 * share:g} % of the saturation rate, by 5 %; fixed fleets no busier",
        source="safety factor of the SageMaker developer guide, endpoint-scaling-loadtest",
    )


def _assumptions(
    sources: Sources, flags: Flags, pins: Pins, problem: Problem
) -> tuple[Assumption, ...]:
    found = []
    if pins.target_per_minute is None:
        found.append(_targets_tried(problem))
    if pins.maximum is None:
        value = f"peak replayed count x {MAXIMUM_MARGIN:g}, at least ceil(peak / target)"
        if flags.concurrency_target is not None:
            value = f"{MAXIMUM_MARGIN:g} x what meets the target in the busiest minute"
        found.append(Assumption(name="maximum", value=value, source="model"))
    found.append(simulation_assumption(sources, flags, simulated_requests(flags)))
    return tuple(found)
