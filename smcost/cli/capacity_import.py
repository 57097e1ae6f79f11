"""``smcost capacity import``: what other tools measured, as the CSV that ``--capacity`` reads."""

from pathlib import Path
from typing import Annotated

import typer

from smcost.cli import options
from smcost.cli.output import choose_format, deliver, warn
from smcost.cli.sources import Sources

FORMATS = ("csv", "table", "json", "markdown")
EXAMPLES = """Examples:

  smcost capacity import job.json --latency-percentile p95 -o capacity.csv

  smcost capacity import run_stats_history.csv --instance-type ml.m5.xlarge

  smcost capacity import c1.json c8.json --instance-type ml.g5.xlarge --instances 2
"""
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...",
        help="Inference Recommender's answer, or load tests of Locust, k6, LLMeter or AIPerf.",
    ),
]
OneType = Annotated[
    str | None,
    typer.Option(
        "--instance-type", metavar="TYPE", help="What was tested; a load test does not know."
    ),
]
Instances = Annotated[
    int | None,
    typer.Option(
        "--instances", metavar="N", help="Instances behind the tested endpoint (default 1)."
    ),
]
Clients = Annotated[
    int | None,
    typer.Option("--concurrency", metavar="N", help="Clients at work, where FILE does not say."),
]
LevelKind = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="sweep (clients wait for answers) or rates (requests at a rate of their own).",
    ),
]


def import_command(
    context: typer.Context,
    files: Files,
    instance_type: OneType = None,
    instances: Instances = None,
    concurrency: Clients = None,
    kind: LevelKind = None,
    latency_unit: options.LatencyUnit = None,
    latency_percentile: options.LatencyPercentile = None,
    format: options.Format = "csv",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Turn load tests or an Inference Recommender job into a capacity file of one instance."""
    from smcost.capacity.at_slo import reported
    from smcost.cautions import capacity_caveats
    from smcost.cli.capacity_text import capacity_text
    from smcost.cli.foreign_input import GivenFlags, imported
    from smcost.cli.latency_reading import latency_reading, refuse_reading
    from smcost.emit.capacity_csv import capacity_csv

    sources = Sources(context)
    form = choose_format(format, FORMATS, output=output, chosen=sources.given("format"))
    found = imported(
        files,
        latency_reading(latency_unit, latency_percentile),
        GivenFlags(
            instance_type=instance_type, instances=instances, concurrency=concurrency, kind=kind
        ),
    )
    refuse_reading(sources, from_job=found.from_job)
    reports = [reported(profile, (), 1.0) for profile in found.profiles]
    traps = [caveat for report in reports for caveat in report.caveats]
    if form == "csv":
        text = capacity_csv(found.profiles, found.comments)
        traps = [caveat for profile in found.profiles for caveat in profile.caveats()]
    else:
        name = ", ".join(path.name for path in files)
        text = capacity_text(
            name, reports, form, caveats=found.caveats, assumptions=found.assumptions
        )
    odd = [caveat for profile in found.profiles for caveat in capacity_caveats(profile, None)]
    warn([*found.caveats, *traps, *odd], quiet=quiet)
    deliver(text, output)
