"""``smcost capacity import`` of an observed endpoint: its minutes, a fit, and what may be kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from smcost.cli.output import deliver, progress, say, warn
from smcost.errors import EXIT_INFEASIBLE, UsageError
from smcost.remarks import Caveat, WarningCode

if TYPE_CHECKING:
    from smcost.capacity.fit import Fit
    from smcost.capacity.observed import ObservedMinutes
    from smcost.capacity.startup import StartupTimes

#: First line of what ``smcost traffic pull`` writes.
_MARK = "# source: CloudWatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFlags:
    """Flags that say which endpoint is meant and how to ask for it."""

    endpoint: str | None
    variant: str | None
    days: int
    region: str
    profile: str | None
    offline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Minutes, what the autoscaler did beside them, and where both are from."""

    minutes: "ObservedMinutes"
    startup: "StartupTimes | None"
    source: str
    caveats: tuple[Caveat, ...]


def is_observation(path: Path) -> bool:
    """Whether a file is what ``smcost traffic pull`` saved: its first line says so."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().startswith(_MARK)
    except OSError:
        return False


def answer_fit(
    live: LiveFlags,
    file: Path | None,
    *,
    routing: str,
    instance_type: str | None,
    form: str,
    output: Path | None,
    quiet: bool,
) -> None:
    """Fit a capacity to observed minutes and print it.

    Parameters
    ----------
    live
        Asked where there is no ``file``.
    file
        What ``smcost traffic pull`` saved.
    routing
        As ``--routing`` has it.
    instance_type
        Of the profile, where the minutes do not say it or it is another one.
    form
        csv, table, json or markdown.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file, AWS or the output.
    typer.Exit
        With exit code 11 where the minutes do not tell a capacity.
    """
    from smcost.capacity.fit import fit_capacity
    from smcost.cli.policy_input import routing_of

    strategy = routing_of(routing)
    with progress("Observing", quiet=quiet) as report:
        seen = _saved(file) if file is not None else _asked(live, report)
        report("fitting")
        fit = fit_capacity(seen.minutes, strategy)
    named = instance_type or fit.instance_type
    if form == "csv" and not fit.refusals and named is None:
        raise UsageError(
            "The minutes do not say of which instance type they are",
            remedy="Add --instance-type",
            place="--instance-type",
        )
    warn([*seen.caveats, *fit.caveats], quiet=quiet)
    text = _text(fit, seen, form, named)
    if text:
        deliver(text, output)
    elif output is not None:
        say(f"{output} was {'left as it was' if output.exists() else 'not written'}")
    if fit.refusals:
        for refusal in fit.refusals:
            say(f"refused [{refusal.code.value}]: {refusal.cause}.")
            say(f"  fix: {refusal.remedy}.")
        raise typer.Exit(EXIT_INFEASIBLE)


def _saved(file: Path) -> _Seen:
    from smcost.read.observed_csv import read_observed

    return _Seen(minutes=read_observed(file), startup=None, source=file.name, caveats=())


def _asked(live: LiveFlags, report: Callable[[str], None]) -> _Seen:
    """Minutes from CloudWatch, and activities where they may be read."""
    from smcost.capacity.startup import startup_times
    from smcost.cli.aws_input import aws_access
    from smcost.errors import AwsError
    from smcost.read.aws.cloudwatch import observe
    from smcost.read.aws.scaling_activities import live_scaling_activities
    from smcost.read.observed_csv import observed_minutes_of

    if live.endpoint is None:
        raise UsageError(
            "Neither a file nor an endpoint is given",
            remedy="Give FILE, or --endpoint NAME",
            place="--endpoint",
        )
    aws = aws_access(region=live.region, profile=live.profile, offline=live.offline)
    observation, said = observe(
        aws, live.endpoint, live.variant, days=live.days, now_s=time.time(), progress=report
    )
    try:
        activities = live_scaling_activities(aws, live.endpoint, observation.variant)
        startup, caveats = startup_times(activities), said
    except AwsError as error:
        # The fit does not need them; whoever may read CloudWatch need not be allowed this.
        message = f"Start-up times are not known: {error.cause}"
        startup, caveats = None, [*said, Caveat(code=WarningCode.AWS_MESSAGE, message=message)]
    return _Seen(
        minutes=observed_minutes_of(observation),
        startup=startup,
        source=f"CloudWatch, {live.endpoint}, variant {observation.variant}, {live.region}",
        caveats=tuple(caveats),
    )


def _text(fit: "Fit", seen: _Seen, form: str, named: str | None) -> str:
    """The answer in a format; nothing as csv where it is refused."""
    if form == "json":
        from smcost.emit.fit_json import fit_json

        return fit_json(fit, seen.startup, seen.source)
    if form == "csv":
        from smcost.emit.capacity_csv import capacity_csv
        from smcost.emit.fit_sections import fit_comments

        profile = None if named is None else fit.profile(named)
        return "" if profile is None else capacity_csv([profile], fit_comments(fit, seen.startup))
    from smcost.cli.render import sections_text
    from smcost.emit.fit_sections import fit_sections

    return sections_text(fit_sections(fit, seen.startup), form)
