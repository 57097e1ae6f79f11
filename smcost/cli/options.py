"""Every flag once: the same name means the same thing in every command."""

from pathlib import Path
from typing import Annotated

import typer

from smcost.cli.flag_option import option as _option
from smcost.cli.flag_option import switch as _switch

_TRAFFIC = "Traffic"
_CAPACITY = "Capacity of one instance"
_VARIANT = "Variant"
_SLO = "Service level objective"
_COST = "Cost"
_AWS = "AWS"


Traffic = Annotated[
    Path | None,
    _option(
        "--traffic",
        _TRAFFIC,
        "CSV with timestamp and invocations or rps, CloudWatch JSON, or access logs; also .gz.",
        "FILE",
    ),
]
Rps = Annotated[
    float | None, _option("--rps", _TRAFFIC, "Constant demand, or the mean with --peak-rps.")
]
PeakRps = Annotated[
    float | None,
    _option("--peak-rps", _TRAFFIC, "Busiest minute of a synthetic day, at 14:00 UTC."),
]
TrafficScale = Annotated[
    float, _option("--traffic-scale", _TRAFFIC, "Multiply the traffic (growth) (default 1.0).")
]
Gaps = Annotated[
    str,
    _option(
        "--gaps",
        _TRAFFIC,
        "Missing minutes and suspected outages: exclude or zero (default exclude).",
        "WHAT",
    ),
]
Duplicates = Annotated[
    str | None,
    _option(
        "--duplicates",
        _TRAFFIC,
        "sum adds up rows of the same time whose counts differ; without it they are refused.",
        "sum",
    ),
]
Requests = Annotated[bool, _switch("--requests", _TRAFFIC, "One row per request, timestamp alone.")]
Period = Annotated[
    str | None,
    _option("--period", _TRAFFIC, "Of a CloudWatch answer whose times do not tell it.", "60s"),
]
MetricId = Annotated[
    str | None,
    _option("--metric-id", _TRAFFIC, "Which result of a CloudWatch answer to read.", "ID"),
]
Burstiness = Annotated[
    float,
    _option("--burstiness", _TRAFFIC, "Index of dispersion per second; 1 is Poisson (default 1)."),
]

Capacity = Annotated[
    Path | None,
    _option(
        "--capacity",
        _CAPACITY,
        "CSV of one or several types (README), or JSON of an Inference Recommender job.",
        "FILE",
    ),
]
LatencyUnit = Annotated[
    str | None, _option("--latency-unit", _CAPACITY, "Of a job's ModelLatency: us or ms.", "UNIT")
]
LatencyPercentile = Annotated[
    str | None,
    _option("--latency-percentile", _CAPACITY, "What a job's ModelLatency is: p95, say.", "PXX"),
]
ServiceTime = Annotated[
    str | None,
    _option("--service-time", _CAPACITY, "Mean busy time of one worker per invocation.", "45ms"),
]
Concurrency = Annotated[
    int | None,
    _option("--concurrency", _CAPACITY, "Invocations one instance works on at a time.", "N"),
]
ServiceCv = Annotated[
    float | None,
    _option(
        "--service-cv", _CAPACITY, "Standard deviation / mean of the service time (default 0.5)."
    ),
]
ServiceLaw = Annotated[
    str | None,
    _option(
        "--service-law", _CAPACITY, "lognormal, gamma or deterministic (default lognormal).", "LAW"
    ),
]
Overhead = Annotated[
    str,
    _option(
        "--overhead", _CAPACITY, "Network and SageMaker overhead per request (default 0ms).", "5ms"
    ),
]
Timeout = Annotated[
    str,
    _option("--timeout", _CAPACITY, "Invocation timeout, service included (default 60s).", "60s"),
]

TimedOutWork = Annotated[
    str,
    _option(
        "--timed-out-work",
        _CAPACITY,
        "What the container does with timed-out requests: kept or dropped (default kept).",
        "WHAT",
    ),
]

InstanceType = Annotated[
    list[str] | None, _option("--instance-type", _VARIANT, "Such as ml.m5.xlarge.", "TYPE")
]
Count = Annotated[int | None, _option("--count", _VARIANT, "A fleet of fixed size.", "N")]
Minimum = Annotated[int | None, _option("--min", _VARIANT, "Autoscaling minimum.", "N")]
Maximum = Annotated[int | None, _option("--max", _VARIANT, "Autoscaling maximum.", "N")]
Target = Annotated[
    float | None,
    _option("--target", _VARIANT, "Target value: invocations per instance per MINUTE.", "V"),
]
Routing = Annotated[
    str,
    _option(
        "--routing",
        _VARIANT,
        "random or least-outstanding (default random).",
        "HOW",
    ),
]
MinInstances = Annotated[
    int, _option("--min-instances", _VARIANT, "Availability floor of the minimum (default 1).", "N")
]
Budget = Annotated[
    str,
    _option(
        "--budget",
        _VARIANT,
        "Time for simulation where formulas may not decide (default 60s; 0s: none).",
        "60s",
    ),
]
Seed = Annotated[int, _option("--seed", _VARIANT, "Of the simulation (default 0).", "N")]
Exact = Annotated[
    bool, _switch("--exact", _VARIANT, "Simulate every request, however many, without a budget.")
]
StartupTime = Annotated[
    str | None,
    _option(
        "--startup-time",
        _VARIANT,
        "From launch to InService (default 300s; 360s with a GPU).",
        "300s",
    ),
]
ReactionTime = Annotated[
    str,
    _option("--reaction-time", _VARIANT, "Metric publication and reaction (default 90s).", "90s"),
]
ScaleInCooldown = Annotated[
    str, _option("--scale-in-cooldown", _VARIANT, "As AWS uses it (default 300s).", "300s")
]
ScaleOutCooldown = Annotated[
    str, _option("--scale-out-cooldown", _VARIANT, "As AWS uses it (default 300s).", "300s")
]
Current = Annotated[
    Path | None,
    _option("--current", _VARIANT, "An estimate -f json of today's configuration.", "FILE"),
]

AwsRecommendation = Annotated[
    Path | None,
    _option("--aws-recommendation", _VARIANT, "AWS's scaling answer, to stand beside.", "FILE"),
]

P95 = Annotated[str | None, _option("--p95", _SLO, "95 % of a window's requests within.", "300ms")]
P99 = Annotated[str | None, _option("--p99", _SLO, "99 % of a window's requests within.", "500ms")]
SloWindow = Annotated[
    str,
    _option(
        "--slo-window", _SLO, "It must hold in every: day, hour or horizon (default day).", "WHAT"
    ),
]
SloAttainment = Annotated[
    str,
    _option(
        "--slo-attainment", _SLO, "Share of windows in which it suffices (default 100%).", "95%"
    ),
]
MaxFailed = Annotated[
    str,
    _option(
        "--max-failed", _SLO, "Share of a window's requests that may fail (default 0.1%).", "0.1%"
    ),
]

Region = Annotated[str, _option("--region", _COST, "AWS region (default us-east-1).", "REGION")]
Prices = Annotated[
    Path | None,
    _option(
        "--prices", _COST, "Price CSV; goes before the price cache and what is bundled.", "FILE"
    ),
]
Rates = Annotated[
    Path | None,
    _option("--rates", _COST, "Rates CSV (storage, data); goes before cache and bundled.", "FILE"),
]
MaxPriceAge = Annotated[
    str | None,
    _option("--max-price-age", _COST, "Warn of older prices; refuse them: 30d:fail.", "30d"),
]
HoursPerMonth = Annotated[
    str,
    _option(
        "--hours-per-month", _COST, "720 is 24 x 30; AWS's calculator uses 730 (default 720).", "H"
    ),
]
VolumeGb = Annotated[
    int | None, _option("--volume-gb", _COST, "Storage attached to each instance.", "GB")
]
PayloadIn = Annotated[
    str | None, _option("--payload-in", _COST, "Request size, for data processed in.", "20KB")
]
PayloadOut = Annotated[
    str | None, _option("--payload-out", _COST, "Response size, for data processed out.", "2KB")
]

Format = Annotated[
    str, typer.Option("--format", "-f", envvar="SMCOST_FORMAT", show_envvar=False, metavar="FORMAT",
                      help="How to print the result (default table).", show_default=False)
]  # fmt: skip
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        envvar="SMCOST_OUTPUT",
        show_envvar=False,
        metavar="FILE",
        help="Write there instead of to stdout; its ending names the format.",
    ),
]
TfvarsMap = Annotated[
    list[str] | None,
    _option("--tfvars-map", None, "Rename a tfvars variable (repeatable).", "OLD=NEW"),
]
Explain = Annotated[bool, _switch("--explain", None, "Also print where each assumption is from.")]
Offline = Annotated[bool, _switch("--offline", None, "Refuse the network.")]
Profile = Annotated[
    str | None, _option("--profile", _AWS, "Profile of the AWS configuration.", "NAME")
]
PriceSource = Annotated[
    str,
    _option("--source", _AWS, "bulk (public, no credentials) or api (default bulk).", "WHERE"),
]
Endpoint = Annotated[
    str | None, _option("--endpoint", _AWS, "Name of the endpoint to read.", "NAME")
]
VariantName = Annotated[
    str | None,
    _option("--variant", _AWS, "Its production variant (not needed where there is one).", "NAME"),
]
Days = Annotated[int, _option("--days", _AWS, "How far back to read (default 14).", "N")]
ShowIam = Annotated[
    bool,
    typer.Option(
        "--show-iam",
        rich_help_panel=_AWS,
        help="Print the IAM policy that the command needs, and do nothing else.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, _switch("--quiet", None, "No progress and no warnings on stderr.")]
