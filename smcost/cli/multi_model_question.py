"""What ``smcost multi-model`` asks: models, traffic, capacity, prices, SLO."""

from dataclasses import dataclass, replace
from pathlib import Path

from smcost.cli.capacity_input import CapacityInput, one_capacity
from smcost.cli.cost_input import CostInput, cost_input
from smcost.cli.flags import Flags
from smcost.cli.hosted_input import (
    HostedFlags,
    HostedInput,
    hosted_input,
    memory_input,
    with_own_service,
)
from smcost.cli.policy_input import slo_input, terms_input
from smcost.cli.price_input import KnownPrices, known_prices
from smcost.cli.sources import Sources
from smcost.cli.traffic_input import TrafficInput, traffic_input
from smcost.errors import UsageError
from smcost.multi_model import Problem
from smcost.remarks import Assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiModelQuestion:
    """The flags as values; ``single_type`` is that of one endpoint per model."""

    problem: Problem
    models: HostedInput
    able: CapacityInput
    given: TrafficInput
    paid: CostInput
    prices: KnownPrices
    single_type: str
    assumptions: tuple[Assumption, ...]


def ask_multi_model(sources: Sources, flags: Flags, hosted: HostedFlags) -> MultiModelQuestion:
    """Turn flags into values: first what costs nothing to check, then the files.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price.
    """
    if flags.min_instances < 1:
        raise UsageError(
            f"A fleet of {flags.min_instances} instances answers nobody",
            remedy="Give 1 or more",
            place="--min-instances",
        )
    slo, slo_assumptions = slo_input(sources, flags)
    if slo is None:
        raise UsageError(
            "No latency limit is given", remedy="Give --p95 300ms, --p99 500ms or both"
        )
    terms, terms_assumptions = terms_input(sources, flags)
    able = one_capacity(sources, flags)
    if able.profile is None:
        raise UsageError(
            "The capacity of one instance is not given",
            remedy="Give --capacity, or --service-time 45ms with --concurrency 4",
        )
    models = hosted_input(sources, hosted)
    prices = known_prices(flags.region, prices=flags.prices, rates=flags.rates)
    known = prices.catalogue.instance_types.get(able.instance_type)
    memory_bytes, memory = memory_input(sources, hosted, known, able.instance_type)
    models.refuse_too_large(memory_bytes, able.instance_type)
    paid = cost_input(
        sources,
        flags,
        prices,
        instance_type=able.instance_type,
        has_traffic=True,
        provisioning_s=0.0,
    )
    given = _traffic(sources, flags, models)
    assert given.minutes is not None
    profile = with_own_service(able.profile, models.hosted, models.place)
    for objective in slo.objectives:
        if not profile.knows(objective.fraction):
            raise UsageError(
                f"The {objective.name} was not measured at every level of the capacity",
                remedy="Judge by a percentile that was, or measure it",
                place=f"--{objective.name}",
            )
    return MultiModelQuestion(
        problem=Problem(
            hosted=models.hosted,
            memory_bytes=memory_bytes,
            profile=profile.passing(slo.max_failed),
            minutes=given.minutes,
            terms=terms,
            slo=slo,
            placement=models.placement,
            loads_at_once=models.loads_at_once,
        ),
        models=models,
        able=able,
        given=given,
        paid=paid,
        prices=prices,
        single_type=hosted.single_instance_type or able.instance_type,
        assumptions=(*models.assumptions, memory, *terms_assumptions, *slo_assumptions),
    )


def _traffic(sources: Sources, flags: Flags, models: HostedInput) -> TrafficInput:
    """Of all models together: as given, or what the file of models adds up to."""
    if flags.traffic is None and flags.rps is None and models.rps is not None:
        given = traffic_input(sources, replace(flags, rps=models.rps))
        name = Path(models.place or "").name
        origin = f"{name}: {models.rps:.4g} rps, the sum of its invocations_per_minute"
        return replace(given, origin=origin)
    given = traffic_input(sources, flags)
    if given.minutes is None:
        raise UsageError(
            "The traffic is not given",
            remedy="Give --traffic or --rps, or invocations_per_minute in the file of models",
        )
    if not given.minutes.total:
        raise UsageError(
            "Nobody asks for any model: the traffic has no requests",
            remedy="Give --traffic with requests, or --rps above 0",
        )
    return given
