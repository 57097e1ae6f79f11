"""``smcost components``: inference components on one endpoint, and what scaling to zero is worth."""

import typer

from smcost.cli import components_options, options
from smcost.cli.components_flags import ComponentsFlags

EXAMPLES = """Examples:

  smcost components --components components.csv --instance-type ml.g5.12xlarge

  smcost components --components components.csv --instance-type ml.g6.xlarge --placement BINPACK --max-instances 4 -f json
"""


def components_command(
    context: typer.Context,
    components: components_options.Components = None,
    instance_type: options.InstanceType = None,
    traffic_scale: options.TrafficScale = 1.0,
    gaps: options.Gaps = "exclude",
    instance_vcpu: components_options.InstanceVcpu = None,
    instance_memory: components_options.InstanceMemory = None,
    instance_accelerators: components_options.InstanceAccelerators = None,
    reserved_cpu: components_options.ReservedCpu = 0.0,
    reserved_memory: components_options.ReservedMemory = "2GB",
    placement: components_options.Placement = "SPREAD",
    scale_in_policy: components_options.ScaleInPolicy = "IDLE_RELEASE",
    consolidation_cooldown: components_options.ConsolidationCooldown = "20min",
    consolidation_step: components_options.ConsolidationStep = 1,
    min_instances: components_options.MinInstances = None,
    max_instances: components_options.MaxInstances = None,
    provisioning_time: components_options.ProvisioningTime = "180s",
    release_time: components_options.ReleaseTime = "10min",
    idle_time: components_options.IdleTime = "15min",
    wake_failures: components_options.WakeFailures = 1,
    reaction_time: options.ReactionTime = "90s",
    scale_in_cooldown: options.ScaleInCooldown = "300s",
    scale_out_cooldown: options.ScaleOutCooldown = "300s",
    routing: options.Routing = "random",
    overhead: options.Overhead = "0ms",
    timeout: options.Timeout = "60s",
    timed_out_work: options.TimedOutWork = "kept",
    slo_window: options.SloWindow = "day",
    region: options.Region = "us-east-1",
    prices: options.Prices = None,
    max_price_age: options.MaxPriceAge = None,
    hours_per_month: options.HoursPerMonth = "720",
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    explain: options.Explain = False,
    quiet: options.Quiet = False,
) -> None:
    """Copies of several models on shared instances: their bill, packing, wake-ups and latency."""
    flags = ComponentsFlags.of(locals())
    # Only now: the help must not wait for numpy.
    from smcost.cli.components_answer import answer_components

    answer_components(context, flags)
