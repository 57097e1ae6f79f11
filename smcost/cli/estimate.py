"""``smcost estimate``: what a given configuration costs, and how it answers."""

from dataclasses import replace

import numpy as np
import typer

from smcost.cli import options
from smcost.cli.flags import Flags
from smcost.cli.output import choose_format, deliver, progress, warn
from smcost.cli.question import Question, ask
from smcost.cli.render import FORMATS, estimate_text, refuse_map_without_tfvars
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.estimate import Estimate, estimate, replay_variant
from smcost.remarks import Caveat, WarningCode
from smcost.variant import Variant

EXAMPLES = """Examples:

  smcost estimate --instance-type ml.m5.xlarge --count 2

  smcost estimate --min 2 --max 10 --target 600 --rps 40 --peak-rps 120

  smcost estimate --min 2 --max 10 --target 600 --traffic week.csv
  --service-time 45ms --concurrency 4 -f json -o today.json
"""


def estimate_command(
    context: typer.Context,
    instance_type: options.InstanceType = None,
    count: options.Count = None,
    minimum: options.Minimum = None,
    maximum: options.Maximum = None,
    target: options.Target = None,
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
    burstiness: options.Burstiness = 1.0,
    capacity: options.Capacity = None,
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
    hours_per_month: options.HoursPerMonth = "720",
    volume_gb: options.VolumeGb = None,
    payload_in: options.PayloadIn = None,
    payload_out: options.PayloadOut = None,
    format: options.Format = "table",  # noqa: A002  (the contract's flag)
    output: options.Output = None,
    tfvars_map: options.TfvarsMap = None,
    explain: options.Explain = False,
    offline: options.Offline = False,
    quiet: options.Quiet = False,
) -> None:
    """What a given configuration costs on given traffic: floor, expected, ceiling."""
    flags = Flags.of(locals())
    choose_format(flags.format, FORMATS)
    refuse_map_without_tfvars(flags, in_table=False)
    bounds = _bounds(flags)
    question = ask(Sources(context), flags)
    with progress("Replaying", quiet=quiet):
        result = _answer(question, flags, bounds)
    remarks = question.remarks(
        scaling=not result.variant.fixed and result.horizon is not None,
        latency=result.latency is not None,
        caveats=_caveats(result),
    )
    text = estimate_text(result, remarks, question.saving_usd(result.cost), flags)
    warn(remarks.caveats, quiet=quiet)
    deliver(text, flags.output)


def _bounds(flags: Flags) -> tuple[int, int]:
    """Minimum and maximum from --count or from --min and --max."""
    pair = (flags.minimum, flags.maximum)
    if flags.count is not None:
        if pair != (None, None) or flags.target is not None:
            raise UsageError(
                "A fixed count is given together with autoscaling",
                remedy="Give --count, or --min, --max and --target",
                place="--count",
            )
        return flags.count, flags.count
    if flags.minimum is None or flags.maximum is None:
        raise UsageError(
            "The number of instances is not given",
            remedy="Give --count 2, or --min 2 --max 10 and with traffic --target 600",
        )
    return flags.minimum, flags.maximum


def _answer(question: Question, flags: Flags, bounds: tuple[int, int]) -> Estimate:
    variant = Variant(
        instance_type=question.able.instance_type,
        minimum=bounds[0],
        maximum=bounds[1],
        initial_count=bounds[0],
        target_per_minute=flags.target,
        routing=question.routing,
        scale_in_cooldown_s=question.scale_in_cooldown_s,
        scale_out_cooldown_s=question.scale_out_cooldown_s,
    )
    _refuse_half_questions(variant, question)
    return estimate(
        _with_initial_count(variant, question),
        question.paid.tariff,
        hours_per_month=question.paid.hours_per_month,
        minutes=question.given.minutes,
        delays=question.delays,
        profile=question.able.profile,
        terms=question.terms,
        slo=question.slo,
    )


def _refuse_half_questions(variant: Variant, question: Question) -> None:
    minutes = question.given.minutes
    if minutes is not None and variant.minimum < variant.maximum and variant.fixed:
        raise UsageError(
            "There is traffic and room to scale, but no target to scale by",
            remedy="Give --target, invocations per instance per minute, or --count",
            place="--target",
        )
    if question.slo is not None and (minutes is None or question.able.profile is None):
        raise UsageError(
            "A latency limit is given, but latency needs both traffic and a capacity",
            remedy="Add --traffic or --rps, and --service-time with --concurrency, or drop it",
        )


def _with_initial_count(variant: Variant, question: Question) -> Variant:
    """With traffic the initial count is the p95 of the replayed count, as recommend has it."""
    minutes = question.given.minutes
    if minutes is None:
        return variant
    in_service = replay_variant(variant, minutes, question.delays).in_service
    return replace(variant, initial_count=int(np.percentile(in_service, 95, method="higher")))


def _caveats(result: Estimate) -> tuple[Caveat, ...]:
    caveats = []
    if result.cost.expected is None:
        message = "Without traffic only floor and ceiling are known; add --traffic or --rps"
        caveats.append(Caveat(code=WarningCode.EXPECTED_UNKNOWN, message=message))
    if result.latency is not None and result.latency.p99_s == float("inf"):
        message = "The p99 lies beyond the invocation timeout: the fleet cannot carry this traffic"
        caveats.append(Caveat(code=WarningCode.BEYOND_TIMEOUT, message=message))
    return tuple(caveats)
