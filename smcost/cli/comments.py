"""What stands above the variables: where they come from, without today's date, so that the same
question gives the same file."""

from datetime import UTC, datetime

from smcost import __version__
from smcost.cost import Cost
from smcost.estimate import Estimate
from smcost.remarks import EndpointProvenance, Remarks
from smcost.slo import Slo, SloWindow


def comments(command: str, result: Estimate, remarks: Remarks, slo: Slo | None) -> list[str]:
    """Four to seven lines: region and SLO, traffic, endpoint, capacity, price, cost, warnings."""
    prices = remarks.prices
    wanted = "" if slo is None else f": {slo_text(slo)}"
    codes = ", ".join(dict.fromkeys(caveat.code.value for caveat in remarks.caveats))
    return [
        f"smcost {__version__} {command}, {prices.region}{wanted}",
        f"traffic: {_traffic(result, remarks)}",
        *(() if remarks.endpoint is None else (_endpoint(remarks.endpoint),)),
        *(() if remarks.capacity is None else (f"capacity: {remarks.capacity}",)),
        f"price: {prices.component}, as of {prices.as_of}; {prices.source}",
        f"cost per month of {result.cost.hours_per_month:f} h, USD: {_cost(result.cost)}",
        f"warnings: {codes or 'none'}",
    ]


def slo_text(slo: Slo) -> str:
    """``p95 <= 200 ms and p99 <= 300 ms in 90% of days (UTC), failures allowed 0.1%``."""
    limits = " and ".join(f"{o.name} <= {1000 * o.limit_s:g} ms" for o in slo.objectives)
    if slo.window is SloWindow.HORIZON:
        where = "over the whole horizon"
    elif slo.attainment == 1:
        where = f"in every {slo.window.value} (UTC)"
    else:
        where = f"in {100 * slo.attainment:g}% of {slo.window.value}s (UTC)"
    return f"{limits} {where}, failures allowed {100 * slo.max_failed:g}%"


def _endpoint(endpoint: EndpointProvenance) -> str:
    return f"endpoint: {endpoint.name}, variant {endpoint.variant}"


def _traffic(result: Estimate, remarks: Remarks) -> str:
    horizon = result.horizon
    if horizon is None:
        return "none"
    start, end = (
        f"{datetime.fromtimestamp(moment_s, UTC):%Y-%m-%d %H:%M}"
        for moment_s in (horizon.start_s, horizon.end_s)
    )
    return f"{remarks.traffic}; {start} to {end} UTC"


def _cost(cost: Cost) -> str:
    expected = "not known" if cost.expected is None else f"{cost.expected.usd:,.2f}"
    return f"expected {expected}, floor {cost.floor.usd:,.2f}, ceiling {cost.ceiling.usd:,.2f}"
