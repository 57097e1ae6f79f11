"""Flags of ``smcost recommend`` -> what it prints."""

import typer

from smcost.cli.flags import Flags
from smcost.cli.output import choose_format, deliver, progress, say, warn
from smcost.cli.question import Question, ask
from smcost.cli.render import FORMATS, recommend_text, refuse_map_without_tfvars
from smcost.cli.sources import Sources
from smcost.errors import EXIT_INFEASIBLE, UsageError
from smcost.recommend.plan import MAXIMUM_MARGIN
from smcost.recommend.problem import Pins, Problem
from smcost.recommend.recommend import recommend
from smcost.recommend.result import Infeasible, Recommendation
from smcost.remarks import Assumption, Caveat, WarningCode


def answer_recommend(context: typer.Context, flags: Flags) -> None:
    """Check the flags, search, print.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price, or with the output.
    typer.Exit
        With exit code 11 where nothing meets the SLO.
    """
    choose_format(flags.format, FORMATS)
    refuse_map_without_tfvars(flags, in_table=True)
    pins = Pins(minimum=flags.minimum, maximum=flags.maximum, target_per_minute=flags.target)
    _refuse_missing(flags)
    question = ask(Sources(context), flags)
    with progress("Searching", quiet=flags.quiet) as observe:
        result = recommend(_problem(question, pins, flags.min_instances), observe)
    remarks = question.remarks(
        scaling=True, latency=True, caveats=_caveats(result), extra=_assumptions(pins)
    )
    cost = None if isinstance(result, Infeasible) else result.estimate.cost
    text = recommend_text(result, remarks, question.saving_usd(cost), flags)
    warn(remarks.caveats, quiet=flags.quiet)
    if text:
        deliver(text, flags.output)
    if isinstance(result, Infeasible):
        say(f"infeasible: {result.binding.explanation}")
        raise typer.Exit(EXIT_INFEASIBLE)


def _refuse_missing(flags: Flags) -> None:
    if flags.p95 is None and flags.p99 is None:
        raise UsageError(
            "No latency objective is given, and cheapest without one means nothing",
            remedy="Give --p99 500ms, --p95 300ms or both",
        )
    if flags.traffic is None and flags.rps is None:
        raise UsageError(
            "No traffic is given", remedy="Give --traffic FILE, or --rps with or without --peak-rps"
        )
    if flags.capacity is None and flags.service_time is None and flags.concurrency is None:
        raise UsageError(
            "It is not given what one instance can do",
            remedy="Give --service-time 45ms --concurrency 4, or --capacity FILE",
        )


def _problem(question: Question, pins: Pins, min_instances: int) -> Problem:
    minutes, profile, slo = question.given.minutes, question.able.profile, question.slo
    assert minutes is not None
    assert profile is not None
    assert slo is not None
    return Problem(
        minutes=minutes,
        profile=profile,
        slo=slo,
        terms=question.terms,
        delays=question.delays,
        tariff=question.paid.tariff,
        hours_per_month=question.paid.hours_per_month,
        pins=pins,
        min_instances=min_instances,
        scale_in_cooldown_s=question.scale_in_cooldown_s,
        scale_out_cooldown_s=question.scale_out_cooldown_s,
    )


def _assumptions(pins: Pins) -> tuple[Assumption, ...]:
    found = []
    if pins.target_per_minute is None:
        value = "20 % to 95 % of the rate at which one instance is busy all the time, by 5 %"
        found.append(Assumption(name="targets tried", value=value, source="model"))
    if pins.maximum is None:
        value = f"peak replayed count x {MAXIMUM_MARGIN:g}, at least ceil(peak / target)"
        found.append(Assumption(name="maximum", value=value, source="model"))
    return tuple(found)


def _caveats(result: Recommendation | Infeasible) -> tuple[Caveat, ...]:
    if isinstance(result, Infeasible):
        return ()
    caveats = []
    variant = result.estimate.variant
    if variant.minimum == 1:
        message = (
            "A minimum of 1 has no spare: while that instance is replaced nothing answers; AWS "
            "recommends 2 or more in several zones (--min-instances 2)"
        )
        caveats.append(Caveat(code=WarningCode.SINGLE_INSTANCE, message=message))
    if result.weakly_screened:
        message = (
            "Much of what the SLO allows is used up in minutes that screening may not decide "
            "(high utilisation, thin traffic or backlog); load-test before relying on the minimum"
        )
        caveats.append(Caveat(code=WarningCode.SCREENING_WEAK, message=message))
    if result.busiest_count > variant.initial_count:
        message = (
            f"A configuration change resets the fleet to {variant.initial_count}; at its busiest "
            f"it needed {result.busiest_count}, so do not deploy then"
        )
        caveats.append(Caveat(code=WarningCode.DEPLOY_RESETS_COUNT, message=message))
    return tuple(caveats)
