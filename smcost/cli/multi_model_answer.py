"""Flags of ``smcost multi-model`` -> what it prints."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import typer

from smcost.capacity import Profile
from smcost.cli.flags import Flags
from smcost.cli.hosted_input import HostedFlags, with_own_service
from smcost.cli.multi_model_question import MultiModelQuestion, ask_multi_model
from smcost.cli.multi_model_remarks import multi_model_remarks
from smcost.cli.output import choose_format, deliver, progress, say, warn
from smcost.cli.sources import Sources
from smcost.cost import Tariff, monthly_cost
from smcost.emit.multi_model_sections import MultiModelResult
from smcost.errors import EXIT_INFEASIBLE
from smcost.multi_model import Saving, answer, saving, separate
from smcost.multi_model.sensitivity import sensitivity
from smcost.read.capacity_file import read_capacity_file
from smcost.remarks import Remarks

FORMATS = ("table", "json", "csv", "markdown")


def answer_multi_model(context: typer.Context, flags: Flags, hosted: HostedFlags) -> None:
    """Check the flags, search, print.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price, or with the output.
    typer.Exit
        With exit code 11 where no number of instances meets the SLO.
    """
    sources = Sources(context)
    form = choose_format(
        flags.format,
        FORMATS,
        output=flags.output,
        chosen=sources.given("format"),
        quiet=flags.quiet,
    )
    flags = replace(flags, format=form)
    asked = ask_multi_model(sources, flags, hosted)
    with progress("Searching", quiet=flags.quiet) as observe:
        result = _result(asked, flags, observe)
    remarks = multi_model_remarks(asked, result, sources)
    text = _text(result, remarks, flags)
    warn(remarks.caveats, quiet=flags.quiet)
    deliver(text, flags.output)
    if result.found.best is None:
        say(f"infeasible: {result.why}")
        raise typer.Exit(EXIT_INFEASIBLE)


def _result(
    asked: MultiModelQuestion, flags: Flags, observe: Callable[[str], None]
) -> MultiModelResult:
    problem, least = asked.problem, flags.min_instances

    def usd(count: int) -> Decimal:
        return _month_usd(asked.paid.tariff, asked.paid.hours_per_month, count)

    found = answer(problem, usd, least=least, seed=flags.seed, observe=observe)
    against = None if found.best is None else _saving(asked, flags, found.best.usd)
    explained = flags.explain or flags.format == "json"
    return MultiModelResult(
        problem=problem,
        instance_type=asked.able.instance_type,
        region=flags.region,
        found=found,
        saving=against,
        sensitivity=sensitivity(problem, least) if explained else (),
        hours_per_month=asked.paid.hours_per_month,
    )


def _month_usd(tariff: Tariff, hours_per_month: Decimal, count: int) -> Decimal:
    return monthly_cost(
        tariff,
        instance_hours=count * hours_per_month,
        invocations=Decimal(0),
        hours_per_month=hours_per_month,
    ).usd


def _saving(asked: MultiModelQuestion, flags: Flags, shared_usd: Decimal) -> Saving:
    named, least = asked.single_type, flags.min_instances
    price = asked.prices.catalogue.price(flags.region, named)
    known = asked.prices.catalogue.instance_types.get(named)
    tariff = replace(asked.paid.tariff, instance_type=named, usd_per_hour=price.usd_per_hour)
    if known is not None and known.nvme:
        tariff = replace(tariff, volume_gb=None)
    profile = _single_profile(asked, flags)
    return saving(
        shared_usd,
        separate(asked.problem, profile, named, least),
        lambda count: _month_usd(tariff, asked.paid.hours_per_month, count),
        least,
    )


def _single_profile(asked: MultiModelQuestion, flags: Flags) -> Profile | None:
    """Capacity of the type of one endpoint per model, where it is known."""
    if asked.single_type == asked.able.instance_type:
        return asked.problem.profile
    if flags.capacity is None:
        return None
    from smcost.cli.latency_reading import latency_reading

    reading = latency_reading(flags.latency_unit, flags.latency_percentile)
    profile = read_capacity_file(flags.capacity, reading).profiles.get(asked.single_type)
    if profile is None:
        return None
    own = with_own_service(profile, asked.models.hosted, asked.models.place)
    return own.passing(asked.problem.slo.max_failed)


def _text(result: MultiModelResult, remarks: Remarks, flags: Flags) -> str:
    if flags.format == "json":
        from smcost.emit.multi_model_json import multi_model_json

        return multi_model_json(result, remarks)
    if flags.format == "csv":
        from smcost.emit.csv_lines import multi_model_csv

        return multi_model_csv(result.found.curve)
    from smcost.cli.render import sections_text
    from smcost.emit.multi_model_sections import multi_model_sections

    return sections_text(multi_model_sections(result, remarks, explain=flags.explain), flags.format)
