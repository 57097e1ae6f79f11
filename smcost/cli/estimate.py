"""``smcost estimate``: what a given configuration costs, and how it answers."""

import typer

from smcost.cli import (
    availability_options,
    bill_options,
    fleet_options,
    kind_options,
    options,
    scaling_options,
)
from smcost.cli.flags import Flags
from smcost.cli.fleet_options import FleetFlags
from smcost.cli.sources import Sources

# Each example on one line, so that it can be pasted.
EXAMPLES = """Examples:

  smcost estimate --instance-type ml.m5.xlarge --count 2

  smcost estimate --min 2 --max 10 --target 600 --rps 40 --peak-rps 120

  smcost estimate --min 2 --max 10 --target 600 --traffic week.csv --service-time 45ms --concurrency 4 -f json -o today.json

  smcost estimate --instance-type ml.m5.xlarge --count 2 --non-prod "mon-fri 08:00-20:00 Europe/Berlin"

  smcost estimate --min 2 --max 10 --target 600 --traffic week.csv --service-time 45ms --concurrency 4 --compare-kinds

  smcost estimate --file fleet.toml --jobs 4 -o fleet.csv
"""


def estimate_command(
    context: typer.Context,
    endpoint: options.Endpoint = None,
    variant: options.VariantName = None,
    instance_type: options.InstanceType = None,
    count: options.Count = None,
    minimum: options.Minimum = None,
    maximum: options.Maximum = None,
    target: options.Target = None,
    concurrency_target: scaling_options.ConcurrencyTarget = None,
    cpu_target: scaling_options.CpuTarget = None,
    cpu_per_invocation: scaling_options.CpuPerInvocation = None,
    cpu_at_full_load: scaling_options.CpuAtFullLoad = None,
    step: scaling_options.Step = None,
    scheduled_action: scaling_options.ScheduledAction = None,
    seed: options.Seed = 0,
    exact: options.Exact = False,
    routing: options.Routing = "random",
    startup_time: options.StartupTime = None,
    reaction_time: options.ReactionTime = "90s",
    scale_in_cooldown: options.ScaleInCooldown = "300s",
    scale_out_cooldown: options.ScaleOutCooldown = "300s",
    current: options.Current = None,
    traffic: options.Traffic = None,
    rps: options.Rps = None,
    peak_rps: options.PeakRps = None,
    traffic_scale: options.TrafficScale = 1.0,
    gaps: options.Gaps = "exclude",
    duplicates: options.Duplicates = None,
    requests: options.Requests = False,
    period: options.Period = None,
    metric_id: options.MetricId = None,
    burstiness: options.Burstiness = 1.0,
    capacity: options.Capacity = None,
    latency_unit: options.LatencyUnit = None,
    latency_percentile: options.LatencyPercentile = None,
    service_time: options.ServiceTime = None,
    concurrency: options.Concurrency = None,
    service_cv: options.ServiceCv = None,
    service_law: options.ServiceLaw = None,
    overhead: options.Overhead = "0ms",
    timeout: options.Timeout = "60s",
    timed_out_work: options.TimedOutWork = "kept",
    p95: options.P95 = None,
    p99: options.P99 = None,
    slo_window: options.SloWindow = "day",
    slo_attainment: options.SloAttainment = "100%",
    max_failed: options.MaxFailed = "0.1%",
    survive: availability_options.Survive = None,
    zones: availability_options.Zones = 3,
    loss_detection: availability_options.LossDetection = "60s",
    failover_time: availability_options.FailoverTime = "0s",
    zone_lost_for: availability_options.ZoneLostFor = None,
    region: options.Region = "us-east-1",
    prices: options.Prices = None,
    rates: options.Rates = None,
    max_price_age: options.MaxPriceAge = None,
    hours_per_month: options.HoursPerMonth = "720",
    volume_gb: options.VolumeGb = None,
    payload_in: options.PayloadIn = None,
    payload_out: options.PayloadOut = None,
    data_capture: bill_options.DataCapture = None,
    capture_encoding: bill_options.CaptureEncoding = "json",
    capture_retention: bill_options.CaptureRetention = "90d",
    capture_files_per_hour: bill_options.CaptureFilesPerHour = 60,
    capture_kms: bill_options.CaptureKms = False,
    capture_part: bill_options.CapturePart = "5%",
    deployments_per_month: bill_options.DeploymentsPerMonth = None,
    deployment: bill_options.Deployment = "all-at-once",
    deployment_step: bill_options.DeploymentStep = None,
    deployment_wait: bill_options.DeploymentWait = None,
    deployment_termination_wait: bill_options.DeploymentTerminationWait = "0s",
    deployment_at: bill_options.DeploymentAt = "mean",
    shadow_count: bill_options.ShadowCount = 0,
    savings_plans: bill_options.SavingsPlans = False,
    savings_plan_discount: bill_options.SavingsPlanDiscount = None,
    non_prod: bill_options.NonProd = None,
    non_prod_way: bill_options.NonProdWay = "delete",
    non_prod_tail: bill_options.NonProdTail = "25min",
    compare_kinds: kind_options.CompareKinds = False,
    model_size: kind_options.ModelSize = None,
    serverless_memory: kind_options.ServerlessMemory = None,
    serverless_service_factor: kind_options.ServerlessServiceFactor = 1,
    serverless_max_concurrency: kind_options.ServerlessMaxConcurrency = 200,
    cold_start: kind_options.ColdStart = "5s",
    serverless_keep_alive: kind_options.ServerlessKeepAlive = "10min",
    async_backlog_target: kind_options.AsyncBacklogTarget = 5,
    batch_jobs_per_month: kind_options.BatchJobsPerMonth = 30,
    shared_models: kind_options.SharedModels = 10,
    file: fleet_options.File = None,
    jobs: fleet_options.Jobs = 1,
    backend: fleet_options.BackendName = "processes",
    scheduler: fleet_options.Scheduler = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    tfvars_map: options.TfvarsMap = None,
    explain: options.Explain = False,
    profile: options.Profile = None,
    show_iam: options.ShowIam = False,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
) -> None:
    """What a given configuration costs on given traffic: floor, expected, ceiling."""
    flags, run = Flags.of(locals()), FleetFlags.of(locals())
    if show_iam:
        from smcost.cli.aws_input import show_iam as show_policy

        show_policy("estimate")
        return
    # Only now: the help must not wait for numpy.
    if run.file is not None:
        from smcost.cli.fleet_answer import print_fleet

        print_fleet(context, flags, run, recommends=False)
        return
    run.refuse_alone(Sources(context))
    from smcost.cli.print_answer import print_estimate

    print_estimate(context, flags)
