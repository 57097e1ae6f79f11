"""Results as the JSON documents of the contract. Returns text, never prints."""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from smcost.cost import Cost
from smcost.emit import lever_schema, schema
from smcost.emit.availability_json import availability_entry
from smcost.emit.json_values import iso, json_text, line_entries, milliseconds, unpriced_entries
from smcost.emit.lever_json import lever_entries
from smcost.emit.provenance_schema import EndpointEntry, PricesProvenance, Provenance, RateOrigin
from smcost.emit.variant_json import variant_entry
from smcost.estimate import Estimate, Horizon, InstanceHours, Latency
from smcost.estimate.levers import Levers
from smcost.remarks import Caveat, EndpointProvenance, Remarks
from smcost.traffic.gaps import Interval
from smcost.traffic.summary import Summary


def estimate_json(
    result: Estimate, remarks: Remarks, saving_usd: Decimal | None, levers: Levers | None = None
) -> str:
    """``smcost estimate -f json``."""
    document = schema.EstimateDocument(
        assumptions=assumptions_entry(remarks),
        warnings=warnings_entry(remarks.caveats),
        provenance=provenance_entry(remarks),
        configuration=variant_entry(result.variant),
        cost=cost_entry(result.cost),
        instance_hours=instance_hours_entry(result.instance_hours),
        horizon=None if result.horizon is None else horizon_entry(result.horizon),
        latency=None if result.latency is None else latency_entry(result.latency),
        meets_slo=result.meets_slo,
        saving_usd=None if saving_usd is None else float(saving_usd),
        availability=availability_entry(levers),
        **lever_entries(levers),
    )
    return json_text(document)


def traffic_json(
    name: str,
    summary: Summary,
    gaps: Sequence[Interval],
    outages: Sequence[Interval],
    caveats: Sequence[Caveat],
) -> str:
    """``smcost traffic show -f json``; ``name`` is that of the file."""
    document = schema.TrafficDocument(
        assumptions=[],
        warnings=warnings_entry(caveats),
        provenance=Provenance(prices=None, traffic=name, capacity=None),
        total_invocations=summary.total_invocations,
        mean_rps=summary.mean_rps,
        peak_rps=summary.peak_rps,
        peak_to_mean=summary.peak_to_mean,
        step_s=summary.step_s,
        dispersion_per_s=summary.dispersion,
        start=iso(summary.start_s),
        end=iso(summary.end_s),
        gaps=[_interval(gap) for gap in gaps],
        suspected_outages=[_interval(outage) for outage in outages],
    )
    return document.model_dump_json(indent=2) + "\n"


def _interval_ms(interval_s: tuple[float, float] | None) -> list[float] | None:
    if interval_s is None or not all(math.isfinite(end_s) for end_s in interval_s):
        return None
    return [round(1000 * end_s, 3) for end_s in interval_s]


def assumptions_entry(remarks: Remarks) -> list[schema.AssumptionEntry]:
    """``assumptions`` of every document."""
    return [
        schema.AssumptionEntry(name=item.name, value=item.value, source=item.source)
        for item in remarks.assumptions
    ]


def warnings_entry(caveats: Iterable[Caveat]) -> list[schema.WarningEntry]:
    """``warnings`` of every document."""
    return [schema.WarningEntry(code=caveat.code, message=caveat.message) for caveat in caveats]


def provenance_entry(remarks: Remarks) -> Provenance:
    """``provenance`` of every document."""
    prices = remarks.prices
    return Provenance(
        prices=PricesProvenance(
            source=prices.source,
            component=prices.component,
            as_of=prices.as_of,
            region=prices.region,
            fetched_at=prices.fetched_at,
            rates=[
                RateOrigin(
                    item=rate.item,
                    source=rate.source,
                    as_of=rate.as_of,
                    fetched_at=rate.fetched_at,
                )
                for rate in prices.rates
            ],
        ),
        traffic=remarks.traffic,
        capacity=remarks.capacity,
        endpoint=None if remarks.endpoint is None else _endpoint(remarks.endpoint),
    )


def _endpoint(endpoint: EndpointProvenance) -> EndpointEntry:
    return EndpointEntry(
        name=endpoint.name,
        variant=endpoint.variant,
        region=endpoint.region,
        read_at=iso(endpoint.read_at_s),
    )


def cost_entry(cost: Cost) -> lever_schema.CostEntry:
    """``cost``: totals, and the lines of the expected case."""
    return lever_schema.CostEntry(
        floor_usd=float(cost.floor.usd),
        expected_usd=None if cost.expected is None else float(cost.expected.usd),
        ceiling_usd=float(cost.ceiling.usd),
        hours_per_month=float(cost.hours_per_month),
        lines=line_entries(cost.expected),
        floor_lines=line_entries(cost.floor),
        ceiling_lines=line_entries(cost.ceiling),
        unpriced_lines=unpriced_entries(cost.expected or cost.floor),
    )


def instance_hours_entry(hours: InstanceHours) -> schema.InstanceHoursEntry:
    """``instance_hours`` per month."""
    return schema.InstanceHoursEntry(
        floor=float(hours.floor),
        expected=None if hours.expected is None else round(float(hours.expected), 4),
        ceiling=float(hours.ceiling),
    )


def horizon_entry(horizon: Horizon) -> schema.HorizonEntry:
    """``horizon``: what was replayed."""
    return schema.HorizonEntry(
        start=iso(horizon.start_s),
        end=iso(horizon.end_s),
        hours=round(float(horizon.hours), 4),
        instance_hours=round(float(horizon.instance_hours), 4),
    )


def latency_entry(latency: Latency) -> schema.LatencyEntry:
    """``latency`` over the horizon and in its worst window."""
    worst_s = latency.worst_window_start_s
    return schema.LatencyEntry(
        p50_ms=milliseconds(latency.p50_s),
        p95_ms=milliseconds(latency.p95_s),
        p99_ms=milliseconds(latency.p99_s),
        worst_window_p95_ms=milliseconds(latency.worst_window_p95_s),
        worst_window_p99_ms=milliseconds(latency.worst_window_p99_s),
        worst_window_start=None if worst_s is None else iso(worst_s),
        p99_ci_ms=_interval_ms(latency.p99_interval_s),
        minutes_over_slo=latency.minutes_over_slo,
        failed_fraction=latency.failed_fraction,
        method=latency.method,
    )


def _interval(interval: Interval) -> schema.IntervalEntry:
    return schema.IntervalEntry(
        start=iso(interval.start_s), end=iso(interval.end_s), steps=interval.steps
    )
