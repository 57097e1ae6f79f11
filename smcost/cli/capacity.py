"""``smcost capacity show``: what a load test says of one instance, and what to mind about it."""

from pathlib import Path
from typing import Annotated

import typer

from smcost.cli import options
from smcost.cli.output import choose_format, deliver, warn
from smcost.cli.sources import Sources
from smcost.errors import UsageError

app = typer.Typer(help="Look at what one instance can do.", no_args_is_help=True)
FORMATS = ("table", "json", "markdown")
EXAMPLES = """Examples:

  smcost capacity show capacity.csv

  smcost capacity show rates.csv --p99 50ms --max-failed 0.05% -f json
"""


@app.command("show", epilog=EXAMPLES)
def show(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A capacity CSV, of any kind.")],
    instance_type: options.InstanceType = None,
    p95: options.P95 = None,
    p99: options.P99 = None,
    max_failed: options.MaxFailed = "0.1%",
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Levels, warnings and a plot of a capacity file; with a limit the rate within it."""
    from smcost.capacity.at_slo import latency_curve, reported
    from smcost.cautions import capacity_caveats
    from smcost.read.capacity_csv import read_capacity
    from smcost.slo import Objective, Slo
    from smcost.units import parse_duration_s, parse_share

    form = choose_format(format, FORMATS, output=output, chosen=Sources(context).given("format"))
    failed = parse_share(max_failed, "--max-failed")
    objectives = tuple(
        Objective(fraction=fraction, limit_s=parse_duration_s(limit, flag))
        for fraction, limit, flag in ((0.95, p95, "--p95"), (0.99, p99, "--p99"))
        if limit is not None
    )
    if objectives:
        Slo(objectives=objectives)  # Refuses a p95 limit above that of the p99.
    profiles = read_capacity(file)
    wanted = list(dict.fromkeys(instance_type or profiles))
    _refuse_unknown(file, wanted, list(profiles))
    reports = [reported(profiles[named], objectives, failed) for named in wanted]
    if form == "json":
        from smcost.emit.capacity_json import capacity_json

        text = capacity_json(file.name, reports)
    else:
        from smcost.cli.render import sections_text
        from smcost.emit.capacity_sections import capacity_plot, capacity_section

        limits = ", ".join(
            f"{name} {given}"
            for name, given in (("p95", p95), ("p99", p99), ("failures", max_failed))
            if given is not None and objectives
        )
        parts = []
        for report in reports:
            plot = capacity_plot(latency_curve(report.profile))
            section = sections_text([capacity_section(report, limits)], form)
            fenced = f"```\n{plot}```\n" if form == "markdown" else plot
            parts.append(f"{section}\n{fenced}")
        text = "\n".join(parts)
    odd = [caveat for report in reports for caveat in capacity_caveats(report.profile, None)]
    warn([*(caveat for report in reports for caveat in report.caveats), *odd], quiet=quiet)
    deliver(text, output)


def _refuse_unknown(file: Path, wanted: list[str], known: list[str]) -> None:
    for named in wanted:
        if named not in known:
            raise UsageError(
                f"{file.name} has no row for {named}",
                remedy=f"Use one of {', '.join(known)}",
                place="--instance-type",
            )
