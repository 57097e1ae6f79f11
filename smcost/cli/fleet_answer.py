"""``--file``: a fleet's questions, answered and put into one report on the console."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import typer

from smcost.cli.cost_input import hours_in_month
from smcost.cli.flags import Flags
from smcost.cli.fleet_input import Job, fleet_jobs
from smcost.cli.fleet_options import FleetFlags
from smcost.cli.fleet_run import outcomes
from smcost.cli.output import choose_format, deliver, progress, refuse_unwritable, say
from smcost.cli.render import sections_text
from smcost.cli.sources import Rank, Sources
from smcost.errors import InputError, UsageError
from smcost.fleet import Fleet, names_told
from smcost.shared_plan import SharedPlan, shared_plans

FORMATS = ("table", "json", "csv", "markdown")


def print_fleet(context: typer.Context, flags: Flags, run: FleetFlags, *, recommends: bool) -> None:
    """Read the file, answer every endpoint, print one report.

    Raises
    ------
    SmcostError
        Whatever is wrong with the file, the processes or the output; not with one endpoint.
    typer.Exit
        With the code of what is wrong with the endpoints, see :attr:`Fleet.exit_code`.
    """
    assert run.file is not None
    sources = Sources(context)
    form = choose_format(
        flags.format,
        FORMATS,
        output=flags.output,
        chosen=sources.given("format"),
        quiet=flags.quiet,
    )
    flags = replace(flags, format=form)
    backend = run.checked_backend(sources)
    jobs = fleet_jobs(run.file, sources, flags, recommends=recommends, with_document=form == "json")
    month = _month(jobs[0])
    refuse_unwritable(flags.output)
    title = "Recommending" if recommends else "Estimating"
    with progress(title, quiet=flags.quiet) as observe:
        found = []
        for outcome in outcomes(jobs, run, backend):
            found.append(outcome)
            observe(f"{len(found):,} of {len(jobs):,} endpoints")
    fleet = Fleet(outcomes=tuple(found), hours_per_month=month)
    plans = shared_plans(fleet.answered, month)
    text = _text(fleet, plans, str(run.file), form, recommends=recommends)
    _warn(fleet, quiet=flags.quiet)
    deliver(text, flags.output)
    for outcome in fleet.unanswered:
        assert outcome.failure is not None
        say(f"failed [{outcome.exit_code}] {outcome.name}: {outcome.failure.told}")
    if fleet.exit_code:
        raise typer.Exit(fleet.exit_code)


def _month(job: Job) -> Decimal:
    """The hours of every endpoint's month: none can have another.

    Raises
    ------
    UsageError, InputError
        They are no month; whoever wrote that is named.
    """
    try:
        return hours_in_month(job.flags.hours_per_month)
    except UsageError as error:
        if job.sources.rank("hours_per_month") is not Rank.SHARED:
            raise
        place = job.sources.of("hours_per_month")
        raise InputError(error.cause, remedy=error.remedy, place=place) from error


def _text(
    fleet: Fleet, plans: Sequence[SharedPlan], file: str, form: str, *, recommends: bool
) -> str:
    if form == "json":
        from smcost.emit.fleet_json import fleet_json

        return fleet_json(fleet, plans, file, recommends=recommends)
    if form == "csv":
        from smcost.emit.fleet_csv import fleet_csv

        return fleet_csv(fleet)
    from smcost.emit.fleet_sections import fleet_sections

    return sections_text(fleet_sections(fleet, plans, file, recommends=recommends), form)


def _warn(fleet: Fleet, *, quiet: bool) -> None:
    """One line for each code: a thousand endpoints have thousands of warnings."""
    if quiet:
        return
    for code, found in fleet.caveats_by_code().items():
        (caveat, names), *others = found
        # What is said of one is no other's: figures differ.
        left = sum(len(alike) for _, alike in others)
        more = f"; and {left:,} more with other figures, in -f json" if left else ""
        say(f"warning [{code.value}]: {names_told(names)}: {caveat.message}{more}")
