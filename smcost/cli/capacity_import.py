"""``smcost capacity import``: what was measured, as the CSV that ``--capacity`` reads.

By other tools, or of a live endpoint by CloudWatch.
"""

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

  smcost capacity import --endpoint churn --days 14 -o capacity.csv
"""
Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE...",
        help="Inference Recommender's answer, load tests of Locust, k6, LLMeter or AIPerf, or what "
        "smcost traffic pull saved.",
        show_default=False,
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

ImportFormat = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        envvar="SMCOST_FORMAT",
        show_envvar=False,
        metavar="FORMAT",
        help="csv, or table, json, markdown to look at it (default csv; of an endpoint table).",
        show_default=False,
    ),
]
FitRouting = Annotated[
    str,
    typer.Option(
        "--routing",
        envvar="SMCOST_ROUTING",
        show_envvar=False,
        metavar="HOW",
        help="random or least-outstanding, of an endpoint (default: what it is configured to).",
        show_default=False,
    ),
]
Activities = Annotated[
    Path | None,
    typer.Option(
        "--scaling-activities",
        metavar="FILE",
        help="What aws application-autoscaling describe-scaling-activities printed.",
        rich_help_panel="AWS",
    ),
]


def import_command(
    context: typer.Context,
    files: Files = None,
    instance_type: OneType = None,
    instances: Instances = None,
    concurrency: Clients = None,
    kind: LevelKind = None,
    latency_unit: options.LatencyUnit = None,
    latency_percentile: options.LatencyPercentile = None,
    endpoint: options.Endpoint = None,
    variant: options.VariantName = None,
    days: options.Days = 14,
    routing: FitRouting = "random",
    scaling_activities: Activities = None,
    region: options.Region = "us-east-1",
    profile: options.Profile = None,
    offline: options.Offline = False,
    show_iam: options.ShowIam = False,
    format: ImportFormat = "csv",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Turn load tests, an Inference Recommender job or a live endpoint into a capacity file."""
    if show_iam:
        from smcost.cli.aws_input import show_iam as print_policy

        print_policy("capacity import")
        return
    from smcost.cli.capacity_fit import LiveFlags, answer_fit, fit_wanted

    live = LiveFlags(
        endpoint=endpoint,
        variant=variant,
        days=days,
        region=region,
        profile=profile,
        offline=offline,
        activities=scaling_activities,
    )
    if fit_wanted(Sources(context), live, files or []):
        answer_fit(
            Sources(context),
            live,
            files[0] if files else None,
            routing=routing,
            instance_type=instance_type,
            wanted=format,
            output=output,
            quiet=quiet,
        )
        return
    assert files
    from smcost.capacity.at_slo import reported
    from smcost.cautions import capacity_caveats
    from smcost.cli.capacity_text import capacity_text
    from smcost.cli.foreign_input import GivenFlags, imported
    from smcost.cli.latency_reading import latency_reading, refuse_reading
    from smcost.emit.capacity_csv import capacity_csv

    sources = Sources(context)
    form = choose_format(
        format, FORMATS, output=output, chosen=sources.given("format"), quiet=quiet
    )
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
