"""``smcost capacity import`` of an observed endpoint: its minutes, a fit, and what may be kept."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from smcost.cli.names import flag_of
from smcost.cli.output import choose_format, deliver, progress, say, warn
from smcost.cli.sources import Sources
from smcost.errors import EXIT_INFEASIBLE, UsageError
from smcost.remarks import Caveat, WarningCode

if TYPE_CHECKING:
    from smcost.capacity.fit import Fit
    from smcost.capacity.observed import ObservedMinutes
    from smcost.capacity.profile import Routing
    from smcost.capacity.startup import StartupTimes

#: Parameters that only one sort of import has.
_OF_LOAD_TESTS = ("instances", "concurrency", "kind", "latency_unit", "latency_percentile")
_OF_ENDPOINTS = ("variant", "days", "profile", "region")
_OF_FITS = ("routing", "scaling_activities")
FORMATS = ("table", "csv", "json", "markdown")
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
    activities: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Minutes, what the autoscaler did beside them, and where both are from."""

    minutes: "ObservedMinutes"
    startup: "StartupTimes | None"
    source: str
    routing: str | None
    caveats: tuple[Caveat, ...] = ()


def fit_wanted(sources: Sources, live: LiveFlags, files: Sequence[Path]) -> bool:
    """Whether an observed endpoint is to be fitted, and not a load test imported.

    Raises
    ------
    UsageError
        Neither file nor endpoint, or both; flags that are of the other sort.
    """
    if live.endpoint is not None and files:
        raise UsageError(
            "Both files and an endpoint are given",
            remedy="Leave one of them out",
            place="--endpoint",
        )
    if live.endpoint is None and not files:
        raise UsageError(
            "Neither a file nor an endpoint is given", remedy="Give FILE, or --endpoint NAME"
        )
    observed = [path for path in files if _is_observation(path)]
    fits = live.endpoint is not None or bool(observed)
    if observed and len(files) > 1:
        raise UsageError(
            f"{observed[0].name} is what smcost traffic pull saved, and there are other files",
            remedy="Give it alone",
        )
    _refuse_other_flags(sources, fits=fits, saved=bool(observed))
    return fits


def _refuse_other_flags(sources: Sources, *, fits: bool, saved: bool) -> None:
    """A flag that would change nothing is a mistake found at once."""
    if fits:
        barred = dict.fromkeys(_OF_LOAD_TESTS, "load tests and jobs")
    else:
        barred = dict.fromkeys((*_OF_ENDPOINTS, *_OF_FITS), "observed endpoints")
    if saved:
        barred |= dict.fromkeys(_OF_ENDPOINTS, "endpoints that are asked; a saved file says it")
    for parameter, sort in barred.items():
        if sources.typed(parameter):
            raise UsageError(
                f"It is for {sort}",
                remedy="Leave it out",
                place=flag_of(parameter),
            )


def answer_fit(
    sources: Sources,
    live: LiveFlags,
    file: Path | None,
    *,
    routing: str,
    instance_type: str | None,
    wanted: str,
    output: Path | None,
    quiet: bool,
) -> None:
    """Fit a capacity to observed minutes and print it.

    Parameters
    ----------
    sources
        Who gave what.
    live
        Asked where there is no ``file``.
    file
        What ``smcost traffic pull`` saved.
    routing
        As ``--routing`` has it; that of the endpoint where nobody gave it.
    instance_type
        Of the profile, where the minutes do not say it.
    wanted
        csv, table, json or markdown; the table where nobody chose one.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file, AWS or the output.
    typer.Exit
        With exit code 11 where the minutes do not tell a capacity.
    """
    from smcost.capacity.fit import fit_capacity
    from smcost.cli.policy_input import routing_of

    stated = routing_of(routing) if sources.given("routing") else None
    chosen = sources.given("format")
    form = choose_format(
        wanted if chosen else "table", FORMATS, output=output, chosen=chosen, quiet=quiet
    )
    with progress("Observing", quiet=quiet) as report:
        seen = _saved(file, live) if file is not None else _asked(live, report)
        strategy = stated or _configured(seen)
        report("fitting")
        fit = fit_capacity(seen.minutes, strategy)
    _refuse_other_type(instance_type, fit.instance_type, seen.source)
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
        if form == "csv" and output is not None and not quiet:
            _summarise(fit, seen)
        deliver(text, output)
    elif output is not None:
        say(f"{output} was {'left as it was' if output.exists() else 'not written'}")
    if fit.refusals:
        for refusal in fit.refusals:
            say(f"refused [{refusal.code.value}]: {refusal.cause}.")
            say(f"  fix: {refusal.remedy}.")
        raise typer.Exit(EXIT_INFEASIBLE)


def _refuse_other_type(given: str | None, observed: str | None, source: str) -> None:
    if given is not None and observed is not None and given != observed:
        raise UsageError(
            f"{source} was observed on {observed}, not on {given}",
            remedy="Leave --instance-type out: what one type did says nothing about another",
            place="--instance-type",
        )


def _summarise(fit: "Fit", seen: _Seen) -> None:
    from smcost.emit.fit_sections import fit_summary

    for sentence in fit_summary(fit, seen.startup):
        say(sentence)


def _is_observation(path: Path) -> bool:
    """Whether a file is what ``smcost traffic pull`` saved: its first line says so."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().startswith(_MARK)
    except OSError:
        return False


def _configured(seen: _Seen) -> "Routing":
    """What the endpoint is set to; SageMaker's default where that is not known."""
    from smcost.capacity.profile import Routing

    if seen.routing is None:
        return Routing.RANDOM
    if seen.routing not in list(Routing):
        raise UsageError(
            f"The variant routes by {seen.routing:.40}, which this version does not know",
            remedy="Say with --routing random or least-outstanding what stands in for it",
            place="--routing",
        )
    return Routing(seen.routing)


def _saved(file: Path, live: LiveFlags) -> _Seen:
    from smcost.read.observed_csv import observed_minutes_of, read_observation

    observation = read_observation(file)
    minutes = observed_minutes_of(observation)
    startup = _startup_of(live.activities, minutes.endpoint, minutes.variant)
    return _Seen(minutes=minutes, startup=startup, source=file.name, routing=observation.routing)


def _startup_of(activities: Path | None, endpoint: str, variant: str) -> "StartupTimes | None":
    """Start-up times from a saved answer, where there is one."""
    if activities is None:
        return None
    from smcost.capacity.startup import startup_times
    from smcost.read.scaling_activities import read_scaling_activities

    return startup_times(read_scaling_activities(activities, endpoint, variant))


def _asked(live: LiveFlags, report: Callable[[str], None]) -> _Seen:
    """Minutes from CloudWatch, and activities where they may be read."""
    from smcost.capacity.startup import startup_times
    from smcost.cli.aws_input import aws_access, endpoint_name
    from smcost.errors import AwsError
    from smcost.read.aws.cloudwatch import observe
    from smcost.read.aws.scaling_activities import live_scaling_activities
    from smcost.read.observed_csv import observed_minutes_of

    assert live.endpoint is not None
    endpoint = endpoint_name(live.endpoint)
    aws = aws_access(
        region=live.region,
        profile=live.profile,
        offline=live.offline,
        instead="give a file that smcost traffic pull saved",
    )
    observation, said = observe(
        aws, endpoint, live.variant, days=live.days, now_s=time.time(), progress=report
    )
    caveats = list(said)
    startup = _startup_of(live.activities, live.endpoint, observation.variant)
    try:
        if startup is None:
            startup = startup_times(
                live_scaling_activities(aws, live.endpoint, observation.variant)
            )
    except AwsError as error:
        # The fit does not need them; whoever may read CloudWatch need not be allowed this.
        message = f"Start-up times are not known: {error.cause}"
        caveats.append(Caveat(code=WarningCode.AWS_MESSAGE, message=message))
    return _Seen(
        minutes=observed_minutes_of(observation),
        startup=startup,
        routing=observation.routing,
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
