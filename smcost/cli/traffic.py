"""``smcost traffic pull``, ``show`` and ``synth``: fetch a trace, look at it, or make one."""

import time
from pathlib import Path
from typing import Annotated

import typer

from smcost.cli import options
from smcost.cli.output import choose_format, deliver, progress, warn
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.units import parse_duration_s

app = typer.Typer(help="Fetch traffic, look at it, or make some.", no_args_is_help=True)
FORMATS = ("table", "json", "markdown")
_LONGEST_DAYS = 3_660
SHOW_EXAMPLES = """Examples:

  smcost traffic show week.csv

  smcost traffic show requests.csv.gz --requests -f json
"""
PULL_EXAMPLES = """Examples:

  smcost traffic pull --endpoint churn --days 14 --region eu-west-1 -o churn.csv

  smcost traffic pull --endpoint churn --variant AllTraffic --profile prod
"""
SYNTH_EXAMPLES = """Examples:

  smcost traffic synth --rps 40 --peak-rps 120 --days 14 --weekend 0.4 --spike 58h:3:20min --seed 7 -o two-weeks.csv
"""


@app.command("show", epilog=SHOW_EXAMPLES)
def show(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="As --traffic: CSV, JSON or access log.")
    ],
    duplicates: options.Duplicates = None,
    requests: options.Requests = False,
    period: options.Period = None,
    metric_id: options.MetricId = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Mean, peak, step, gaps and suspected outages of a trace, with a plot."""
    from smcost.cli.traffic_reading import reading
    from smcost.read.traffic_file import read_traffic_file
    from smcost.traffic.gaps import gap_caveats, gaps, suspected_outages
    from smcost.traffic.summary import summarise

    given = Sources(context).given("format")
    format = choose_format(format, FORMATS, output=output, chosen=given, quiet=quiet)  # noqa: A001
    how = reading(duplicates, requests, period, metric_id)
    with progress("Reading", quiet=quiet):
        found = read_traffic_file(file, how)
    trace, name = found.trace, file.name + (f" ({found.source})" if found.source else "")
    caveats = [*found.caveats, *gap_caveats(trace)]
    summary, holes, outages = summarise(trace), gaps(trace), suspected_outages(trace)
    if format == "json":
        from smcost.emit.documents import traffic_json

        text = traffic_json(name, summary, holes, outages, caveats)
    else:
        from smcost.cli.render import sections_text
        from smcost.emit.plot import traffic_plot
        from smcost.emit.show_sections import traffic_sections

        text = sections_text(traffic_sections(name, summary, holes, outages), format)
        plot = traffic_plot(trace)
        text += f"\n```\n{plot}```\n" if format == "markdown" else f"\n{plot}"
    warn(caveats, quiet=quiet)
    deliver(text, output)


@app.command("pull", epilog=PULL_EXAMPLES)
def pull(
    endpoint: options.Endpoint = None,
    variant: options.VariantName = None,
    days: options.Days = 14,
    region: options.Region = "us-east-1",
    profile: options.Profile = None,
    offline: options.Offline = False,
    show_iam: options.ShowIam = False,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Invocations of an endpoint by the minute, with latencies, as a CSV for --traffic."""
    from smcost.cli.aws_input import aws_access, endpoint_name
    from smcost.cli.aws_input import show_iam as print_policy

    if show_iam:
        print_policy("traffic pull")
        return
    if endpoint is None:
        raise UsageError("No endpoint is named", remedy="Give its name", place="--endpoint")
    choose_format("csv", ("csv",), output=output, chosen=False, quiet=quiet)
    endpoint = endpoint_name(endpoint)
    aws = aws_access(
        region=region,
        profile=profile,
        offline=offline,
        instead="give what aws cloudwatch get-metric-data printed to --traffic",
    )
    from smcost.emit.observation_csv import observation_csv
    from smcost.read.aws.cloudwatch import observe
    from smcost.traffic.observation_caveats import observation_caveats

    with progress("Asking CloudWatch", quiet=quiet) as report:
        observation, said = observe(
            aws, endpoint, variant, days=days, now_s=time.time(), progress=report
        )
    caveats = [*said, *observation_caveats(observation, days)]
    warn(caveats, quiet=quiet)
    deliver(observation_csv(observation, caveats), output)


@app.command("synth", epilog=SYNTH_EXAMPLES)
def synth(
    rps: Annotated[float, typer.Option("--rps", help="Mean demand.", show_default=False)],
    peak_rps: options.PeakRps = None,
    days: Annotated[int, typer.Option("--days", help="Days, from Monday 2024-01-01 UTC.")] = 7,
    weekend: Annotated[
        float, typer.Option("--weekend", help="Demand of Saturday and Sunday, as a factor.")
    ] = 1.0,
    spikes: Annotated[
        list[str] | None,
        typer.Option(
            "--spike",
            metavar="AT:FACTOR:FOR",
            help="Multiply a stretch, as 58h:3:20min (from the start; repeatable).",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", help="Draw Poisson counts with this seed; none: expected counts."),
    ] = None,
    output: options.Output = None,
) -> None:
    """Write a synthetic trace as CSV, one row per minute."""
    import numpy as np

    from smcost.emit.trace_csv import trace_csv
    from smcost.traffic import synthetic

    if days > _LONGEST_DAYS:
        raise UsageError(
            f"A trace of {days} days is longer than ten years",
            remedy=f"Give at most {_LONGEST_DAYS}",
            place="--days",
        )
    if seed is not None and seed < 0:
        raise UsageError(f"A seed of {seed} is negative", remedy="Give 0 or more", place="--seed")
    trace = (
        synthetic.constant(rps, days)
        if peak_rps is None
        else synthetic.day_shape(rps, peak_rps, days)
    )
    if weekend != 1.0:
        trace = synthetic.weekend(trace, weekend)
    for spec in spikes or ():
        at_s, factor, duration_s = _spike(spec)
        trace = synthetic.spike(trace, at_s=at_s, factor=factor, duration_s=duration_s)
    if seed is not None:
        trace = synthetic.noisy(trace, np.random.default_rng(seed))
    deliver(trace_csv(trace), output)


def _spike(spec: str) -> tuple[float, float, float]:
    """``58h:3:20min`` as start [s], factor and length [s]."""
    try:
        at, times, length = spec.split(":")
        factor = float(times)
    except ValueError:
        raise UsageError(
            f"{spec!r} is no spike",
            remedy="Write start, factor and length, as 58h:3:20min",
            place="--spike",
        ) from None
    return parse_duration_s(at, "--spike"), factor, parse_duration_s(length, "--spike")
