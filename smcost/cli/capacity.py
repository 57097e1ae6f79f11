"""``smcost capacity show``: what a load test says of one instance, and what to mind about it."""

from pathlib import Path
from typing import Annotated

import typer

from smcost.cli import options
from smcost.cli.output import choose_format, deliver, warn
from smcost.cli.sources import Sources
from smcost.errors import UsageError

app = typer.Typer(help="Import or look at what one instance can do.", no_args_is_help=True)
FORMATS = ("table", "json", "markdown")
EXAMPLES = """Examples:

  smcost capacity show capacity.csv

  smcost capacity show rates.csv --p99 50ms --max-failed 0.05% -f json
"""


@app.command("show", epilog=EXAMPLES)
def show(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A capacity CSV, or a job's JSON.")],
    instance_type: options.InstanceType = None,
    p95: options.P95 = None,
    p99: options.P99 = None,
    max_failed: options.MaxFailed = "0.1%",
    latency_unit: options.LatencyUnit = None,
    latency_percentile: options.LatencyPercentile = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Levels, warnings and a plot of a capacity file; with a limit the rate within it."""
    from smcost.capacity.at_slo import reported
    from smcost.cautions import capacity_caveats
    from smcost.cli.capacity_text import capacity_text
    from smcost.cli.latency_reading import latency_reading, refuse_reading
    from smcost.read.capacity_file import read_capacity_file
    from smcost.slo import Objective, Slo
    from smcost.units import parse_duration_s, parse_share

    sources = Sources(context)
    form = choose_format(
        format, FORMATS, output=output, chosen=sources.given("format"), quiet=quiet
    )
    failed = parse_share(max_failed, "--max-failed")
    objectives = tuple(
        Objective(fraction=fraction, limit_s=parse_duration_s(limit, flag))
        for fraction, limit, flag in ((0.95, p95, "--p95"), (0.99, p99, "--p99"))
        if limit is not None
    )
    if objectives:
        Slo(objectives=objectives)  # Refuses a p95 limit above that of the p99.
    read = read_capacity_file(file, latency_reading(latency_unit, latency_percentile))
    refuse_reading(sources, from_job=read.from_job)
    wanted = list(dict.fromkeys(instance_type or read.profiles))
    _refuse_unknown(file, wanted, list(read.profiles))
    reports = [reported(read.profiles[named], objectives, failed) for named in wanted]
    limits = ", ".join(
        f"{name} {given}"
        for name, given in (("p95", p95), ("p99", p99), ("failures", max_failed))
        if given is not None and objectives
    )
    text = capacity_text(
        file.name,
        reports,
        form,
        limits=limits,
        caveats=read.caveats,
        assumptions=read.assumptions,
    )
    traps = [caveat for report in reports for caveat in report.caveats]
    odd = [caveat for report in reports for caveat in capacity_caveats(report.profile, None)]
    warn([*read.caveats, *traps, *odd], quiet=quiet)
    deliver(text, output)


def _refuse_unknown(file: Path, wanted: list[str], known: list[str]) -> None:
    for named in wanted:
        if named not in known:
            raise UsageError(
                f"{file.name} has no row for {named}",
                remedy=f"Use one of {', '.join(known)}",
                place="--instance-type",
            )
