"""``smcost multi-model``: how many instances many models on one endpoint need."""

import inspect
from typing import Any

import typer

from smcost.cli import multi_model_options as own
from smcost.cli import options
from smcost.cli.estimate import estimate_command
from smcost.cli.flags import Flags

# Each example on one line, so that it can be pasted.
EXAMPLES = """Examples:

  smcost multi-model --model-count 400 --model-size 200MB --load-time 4s --rps 20 --peak-rps 60 --instance-type ml.m5.xlarge --service-time 45ms --concurrency 4 --p95 300ms

  smcost multi-model --models models.csv --traffic week.csv --capacity capacity.csv --instance-type ml.m5.xlarge --p99 1s -f json
"""


def multi_model_command(
    context: typer.Context,
    models: own.Models = None,
    model_count: own.ModelCount = None,
    model_size: own.ModelSize = None,
    load_time: own.LoadTime = None,
    zipf: own.Zipf = None,
    model_memory: own.ModelMemory = "80%",
    placement: own.Placement = "sticky",
    loads_at_once: own.LoadsAtOnce = 1,
    single_instance_type: own.SingleInstanceType = None,
    instance_type: options.InstanceType = None,
    min_instances: options.MinInstances = 1,
    seed: options.Seed = 0,
    traffic: options.Traffic = None,
    rps: options.Rps = None,
    peak_rps: options.PeakRps = None,
    traffic_scale: options.TrafficScale = 1.0,
    gaps: options.Gaps = "exclude",
    duplicates: options.Duplicates = None,
    requests: options.Requests = False,
    period: options.Period = None,
    metric_id: options.MetricId = None,
    capacity: options.Capacity = None,
    latency_unit: options.LatencyUnit = None,
    latency_percentile: options.LatencyPercentile = None,
    service_time: options.ServiceTime = None,
    concurrency: options.Concurrency = None,
    service_cv: options.ServiceCv = None,
    service_law: options.ServiceLaw = None,
    overhead: options.Overhead = "0ms",
    timeout: options.Timeout = "60s",
    p95: options.P95 = None,
    p99: options.P99 = None,
    slo_window: options.SloWindow = "day",
    slo_attainment: options.SloAttainment = "100%",
    max_failed: options.MaxFailed = "0.1%",
    region: options.Region = "us-east-1",
    prices: options.Prices = None,
    rates: options.Rates = None,
    max_price_age: options.MaxPriceAge = None,
    hours_per_month: options.HoursPerMonth = "720",
    volume_gb: options.VolumeGb = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    explain: options.Explain = False,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
) -> None:
    """Instances that models sharing an endpoint need: for memory, for throughput, for the SLO."""
    given = locals()
    flags = Flags.of({**_elsewhere(), **given})
    # Only now: the help must not wait for numpy.
    from smcost.cli.hosted_input import HostedFlags
    from smcost.cli.multi_model_answer import answer_multi_model

    hosted = HostedFlags(
        models=models,
        model_count=model_count,
        model_size=model_size,
        load_time=load_time,
        zipf=zipf,
        model_memory=model_memory,
        placement=placement,
        loads_at_once=loads_at_once,
        single_instance_type=single_instance_type,
    )
    answer_multi_model(context, flags, hosted)


def _elsewhere() -> dict[str, Any]:
    """Flags that this command does not have, at the defaults of ``estimate``."""
    known = inspect.signature(estimate_command).parameters
    return {name: found.default for name, found in known.items()}
