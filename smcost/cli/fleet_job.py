"""The question of one endpoint of a fleet -> its outcome, in whatever process it is asked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from smcost.cli.current_input import meets_slo
from smcost.cli.flags import Flags
from smcost.cli.fleet_failure import failure_of, in_its_table
from smcost.cli.fleet_input import Job
from smcost.cli.names import flag_of
from smcost.cli.output import unseen
from smcost.cli.policy_input import routing_of
from smcost.cli.question import Question
from smcost.cli.sources import Sources
from smcost.emit.comparison import Side
from smcost.errors import EXIT_INFEASIBLE, SmcostError, UsageError
from smcost.estimate import Estimate
from smcost.estimate.kinds import KindsAnswer
from smcost.estimate.levers import Levers
from smcost.outcome import ALWAYS, Failure, Figures, OtherKind, Outcome
from smcost.recommend.result import Infeasible
from smcost.remarks import Remarks
from smcost.units import parse_duration_s
from smcost.variant import Variant


def outcome_of(job: Job) -> Outcome:
    """Answer an endpoint; whatever is wrong with it is its outcome, so that the rest goes on."""
    try:
        return _recommended(job) if job.recommends else _estimated(job)
    except SmcostError as error:
        return Outcome(name=job.name, failure=failure_of(job, error))
    except Exception as error:  # noqa: BLE001  (a bug must not look like a result)
        failure = Failure(
            exit_code=SmcostError.exit_code,
            cause=f"This is a bug in smcost ({type(error).__name__}: {error})",
            remedy="Ask for this endpoint alone with --debug, and report the output",
        )
        return Outcome(name=job.name, failure=failure)


def _estimated(job: Job) -> Outcome:
    """The configuration given; without one the one that runs today."""
    from smcost.cli.estimate_answer import estimate_answer

    sources, flags = job.sources, replace(job.flags, format="json")
    _refuse_two_todays(job)
    today = None
    if job.today is not None:
        with in_its_table(job):
            _running(job, flags, "")
        running = _as_today(job, sources, flags)
        sized = _sized(flags)
        if sized or flags.non_prod is not None:
            today = estimate_answer(*_always_on(*running), unseen).result
        if not sized:
            sources, flags = running
    answer = estimate_answer(sources, flags, unseen)
    return _outcome(
        job,
        answer.question,
        answer.remarks,
        answer.levers,
        answer=_figures(answer.result, answer.levers),
        today=_figures(today) if today is not None else _current(answer.question),
        document=answer.text if job.with_document else None,
    )


def _recommended(job: Job) -> Outcome:
    from smcost.cli.recommend_answer import recommend_answer

    _refuse_two_todays(job)
    flags = replace(job.flags, format="json")
    answer = recommend_answer(
        job.sources,
        flags,
        unseen,
        with_sensitivity=flags.explain and job.with_document,
        beside=None if job.today is None else _today_variant(job, flags),
    )
    found = answer.result
    return _outcome(
        job,
        answer.question,
        answer.remarks,
        answer.levers,
        answer=None if isinstance(found, Infeasible) else _figures(found.estimate, answer.levers),
        failure=_infeasible(found) if isinstance(found, Infeasible) else None,
        today=None if answer.today is None else _side_figures(answer.today),
        document=answer.text if job.with_document else None,
    )


def _outcome(
    job: Job,
    question: Question,
    remarks: Remarks,
    levers: Levers,
    *,
    answer: Figures | None,
    today: Figures | None,
    document: str | None,
    failure: Failure | None = None,
) -> Outcome:
    return Outcome(
        name=job.name,
        answer=answer,
        failure=failure,
        today=today,
        usages=tuple((plan.kind, plan.usages[0]) for plan in levers.plans),
        repeats=question.given.repeats,
        assumptions=remarks.assumptions,
        caveats=remarks.caveats,
        document=document,
        other_kind=None if levers.kinds is None else _other_kind(levers.kinds),
    )


def _other_kind(kinds: KindsAnswer) -> OtherKind:
    best = kinds.cheapest_other
    if best is None or best.case is None:
        return OtherKind()
    return OtherKind(name=best.name, usd=best.case.usd, against_usd=best.against_usd)


def _figures(result: Estimate, levers: Levers | None = None) -> Figures:
    cost, off = result.cost, None if levers is None else levers.non_production
    return Figures(
        variant=result.variant,
        expected_usd=None if cost.expected is None else cost.expected.usd,
        bounds_usd=(cost.floor.usd, cost.ceiling.usd),
        latency=result.latency,
        meets_slo=result.meets_slo,
        runs=ALWAYS if off is None else f"{off.wanted.hours.told} ({off.wanted.way})",
        turning_off_usd=None if off is None else off.saving_usd(off.chosen),
        unanswered_share=None if off is None else off.chosen.unanswered_share,
    )


def _side_figures(side: Side) -> Figures:
    return Figures(
        variant=side.variant,
        expected_usd=side.expected_usd,
        bounds_usd=side.bounds_usd,
        latency=side.latency,
        meets_slo=side.meets_slo,
    )


def _current(question: Question) -> Figures | None:
    current = question.current
    if current is None:
        return None
    return Figures(
        variant=current.variant,
        expected_usd=current.expected_usd,
        bounds_usd=None,
        latency=current.latency,
        meets_slo=None if question.slo is None else meets_slo(current, question.slo),
    )


def _infeasible(result: Infeasible) -> Failure:
    remedy = "Loosen the bound or the limit it names"
    if result.nearest is not None:
        remedy += f"; the nearest plan, minimum {result.nearest.variant.minimum}, breaks "
        remedy += result.nearest.breaks
    return Failure(
        exit_code=EXIT_INFEASIBLE,
        cause=f"Nothing meets the SLO: {result.binding.explanation.rstrip('.')}",
        remedy=remedy,
    )


def _sized(flags: Flags) -> bool:
    """Whether the fleet of an estimate is given, as a count or as bounds."""
    return (flags.count, flags.minimum, flags.maximum) != (None, None, None)


def _refuse_two_todays(job: Job) -> None:
    for name in ("current", "endpoint"):
        if job.today is not None and getattr(job.flags, name) is not None:
            raise UsageError(
                f"What runs today is told twice, by {name} and by a table named today",
                remedy="Leave one of them out",
                place=flag_of(name),
            )


def _as_today(job: Job, sources: Sources, flags: Flags) -> tuple[Sources, Flags]:
    """The flags with what runs in the place of what would scale the fleet otherwise."""
    assert job.today is not None
    values: Mapping[str, Any] = {
        "count": None,
        "minimum": None,
        "maximum": None,
        "target": None,
        "concurrency_target": None,
        "cpu_target": None,
        "cpu_at_full_load": None,
        "cpu_per_invocation": None,
        "step": None,
        "scheduled_action": None,
    }
    told = dict(job.today)
    if "instance_type" in told:
        told["instance_type"] = [told["instance_type"]]
    sources = sources.without([*values, *told]).with_filled(
        dict.fromkeys(told, f"{job.place}.today")
    )
    return sources, replace(flags, **{**values, **told})


def _always_on(sources: Sources, flags: Flags) -> tuple[Sources, Flags]:
    """The flags without windows: what runs today is not turned off."""
    windows = ("non_prod", "non_prod_way", "non_prod_tail")
    return sources.without(windows), replace(flags, non_prod=None)


def _today_variant(job: Job, flags: Flags) -> Variant:
    """What runs, with the cooldowns of the proposal.

    Raises
    ------
    UsageError
        Its instance type is not told, and several are asked about; or it makes no sense.
    """
    from smcost.cli.capacity_input import DEFAULT_INSTANCE_TYPE

    assert job.today is not None
    told = job.today
    types = flags.instance_type or ([] if flags.capacity else [DEFAULT_INSTANCE_TYPE])
    if "instance_type" not in told and len(types) != 1:
        raise UsageError(
            "Several instance types are asked about, and it is not told which of them runs today",
            remedy="Add instance-type to the table named today",
            place=f"{job.place}.today",
        )
    with in_its_table(job):
        return _running(job, flags, told.get("instance_type", types[0] if types else ""))


def _running(job: Job, flags: Flags, instance_type: str) -> Variant:
    assert job.today is not None
    told = job.today
    minimum = told.get("count", told.get("minimum"))
    return Variant(
        instance_type=instance_type,
        minimum=minimum,
        maximum=told.get("count", told.get("maximum")),
        initial_count=minimum,
        target_per_minute=told.get("target"),
        routing=routing_of(told.get("routing", flags.routing)),
        scale_in_cooldown_s=parse_duration_s(flags.scale_in_cooldown, "--scale-in-cooldown"),
        scale_out_cooldown_s=parse_duration_s(flags.scale_out_cooldown, "--scale-out-cooldown"),
    )
