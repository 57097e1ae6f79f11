"""Flags of ``smcost estimate`` -> what it prints."""

import math
from dataclasses import replace

import typer

from smcost.capacity import Profile
from smcost.cli.flags import Flags
from smcost.cli.output import choose_format, deliver, progress, warn
from smcost.cli.question import Question, ask
from smcost.cli.render import FORMATS, estimate_text, refuse_map_without_tfvars
from smcost.cli.scaling_input import ScalingInput, scaling_input
from smcost.cli.simulation_input import exact_input, simulation_assumption
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.estimate import Estimate, estimate, replay_variant, watched_metrics
from smcost.remarks import Caveat, WarningCode
from smcost.replay.metrics import Watched
from smcost.variant import Variant


def answer_estimate(context: typer.Context, flags: Flags) -> None:
    """Check the flags, replay, price, print.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price, or with the output.
    """
    sources = Sources(context)
    form = choose_format(flags.format, FORMATS, output=flags.output, chosen=sources.given("format"))
    flags = replace(flags, format=form)
    refuse_map_without_tfvars(flags, in_table=False, typed=sources.typed("tfvars_map"))
    bounds = _bounds(flags)
    with progress("Reading", quiet=flags.quiet):
        question = ask(sources, flags)
    scaling = scaling_input(sources, flags, question.able, question.cooldowns_s)
    told = scaling.fitting(question.scaling_assumptions, flags.target)
    question = replace(question, scaling_assumptions=told)
    with progress("Replaying", quiet=flags.quiet):
        result = _answer(question, flags, bounds, scaling)
    simulated = result.latency is not None and result.latency.method == "simulated"
    remarks = question.remarks(
        scaling=not result.variant.fixed and result.horizon is not None,
        latency=result.latency is not None,
        extra=(
            *(scaling.assumptions if result.horizon is not None else ()),
            *((simulation_assumption(sources, flags, math.inf),) if simulated else ()),
        ),
        caveats=(*_caveats(result), *question.capacity_caveats(exact=flags.exact), *result.caveats),
    )
    text = estimate_text(result, remarks, question, flags)
    warn(remarks.caveats, quiet=flags.quiet)
    deliver(text, flags.output)


def _bounds(flags: Flags) -> tuple[int, int]:
    """Minimum and maximum from --count or from --min and --max."""
    pair = (flags.minimum, flags.maximum)
    if flags.count is not None:
        if pair != (None, None) or _scales(flags):
            raise UsageError(
                "A fixed count is given together with autoscaling",
                remedy="Give --count, or --min, --max and --target",
                place="--count",
            )
        if flags.count < 1:
            raise UsageError(
                f"A fleet of {flags.count} instances answers nobody",
                remedy="Give 1 or more",
                place="--count",
            )
        return flags.count, flags.count
    if flags.minimum is not None and flags.maximum is None:
        raise UsageError(
            "--max is missing beside --min",
            remedy="Add --max 10, or give --count for a fleet of fixed size",
        )
    if flags.maximum is not None and flags.minimum is None:
        raise UsageError(
            "--min is missing beside --max",
            remedy="Add --min 2, or give --count for a fleet of fixed size",
        )
    if flags.minimum is None or flags.maximum is None:
        raise UsageError(
            "The number of instances is not given",
            remedy="Give --count 2, or --min 2 --max 10 and with traffic --target 600",
        )
    return flags.minimum, flags.maximum


def _scales(flags: Flags) -> bool:
    """Whether anything is given that would change the size of the fleet."""
    targets = (flags.target, flags.concurrency_target, flags.cpu_target)
    return any(target is not None for target in targets) or bool(
        flags.step or flags.scheduled_action
    )


def _answer(
    question: Question, flags: Flags, bounds: tuple[int, int], scaling: ScalingInput
) -> Estimate:
    variant = Variant(
        instance_type=question.able.instance_type,
        minimum=bounds[0],
        maximum=bounds[1],
        initial_count=bounds[0],
        target_per_minute=flags.target,
        routing=question.routing,
        scale_in_cooldown_s=question.scale_in_cooldown_s,
        scale_out_cooldown_s=question.scale_out_cooldown_s,
        further_policies=scaling.policies,
        schedule=scaling.schedule,
    )
    _refuse_half_questions(variant, question, flags.format)
    watched = _watched(variant, question, flags, scaling)
    return estimate(
        _with_initial_count(variant, question, watched),
        question.paid.tariff,
        hours_per_month=question.paid.hours_per_month,
        minutes=question.given.minutes,
        delays=question.delays,
        profile=_passing(question),
        terms=question.terms,
        slo=question.slo,
        window=question.window,
        exact=exact_input(flags, question.given),
        watched=watched,
    )


def _watched(
    variant: Variant, question: Question, flags: Flags, scaling: ScalingInput
) -> Watched | None:
    """What policies on requests in flight and CPU look at."""
    minutes = question.given.minutes
    if minutes is None:
        return None
    return watched_metrics(
        variant,
        minutes,
        _passing(question),
        full_cpu=scaling.full_cpu,
        seed=flags.seed,
        burstiness=question.given.burstiness,
    )


def _passing(question: Question) -> Profile | None:
    """The capacity without the levels at which too many requests failed."""
    profile = question.able.profile
    return None if profile is None else profile.passing(question.max_failed)


def _refuse_half_questions(variant: Variant, question: Question, wanted: str) -> None:
    minutes = question.given.minutes
    if minutes is not None and variant.minimum < variant.maximum and variant.fixed:
        raise UsageError(
            "There is traffic and room to scale, but no target to scale by",
            remedy="Give --target, invocations per instance per minute, another policy, or --count",
            place="--target",
        )
    if variant.minimum < variant.maximum and variant.fixed and wanted.startswith("tfvars"):
        raise UsageError(
            "Without a target the module does not scale, so a minimum below the maximum is lost",
            remedy="Give --target, or --count for a fleet of fixed size",
            place="--target",
        )
    if question.slo is not None and (minutes is None or question.able.profile is None):
        raise UsageError(
            "A latency limit is given, but latency needs both traffic and a capacity",
            remedy="Add --traffic or --rps, and --service-time with --concurrency, or drop it",
        )


def _with_initial_count(variant: Variant, question: Question, watched: Watched | None) -> Variant:
    """With traffic the initial count is the p95 of the replayed count, as recommend has it."""
    minutes = question.given.minutes
    if minutes is None:
        return variant
    import numpy as np

    in_service = replay_variant(variant, minutes, question.delays, watched).in_service
    return replace(variant, initial_count=int(np.percentile(in_service, 95, method="higher")))


def _caveats(result: Estimate) -> tuple[Caveat, ...]:
    caveats = []
    if result.cost.expected is None:
        message = "Without traffic only floor and ceiling are known; add --traffic or --rps"
        caveats.append(Caveat(code=WarningCode.EXPECTED_UNKNOWN, message=message))
    return tuple(caveats)
