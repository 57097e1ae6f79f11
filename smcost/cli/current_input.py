"""``--current``: today's estimate, and whether it may be compared with this run."""

from decimal import Decimal

from smcost.cli.capacity_input import CapacityInput
from smcost.cli.flags import Flags
from smcost.cli.traffic_input import TrafficInput
from smcost.errors import InputError
from smcost.read.estimate_json import Current, read_current
from smcost.remarks import Caveat, WarningCode
from smcost.slo import Slo
from smcost.traffic.minutes import MinuteCounts
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: Failed shares below it are none, in whatever window they fall.
_NOBODY = 5e-7
#: Hours in a document are rounded to four digits.
_ROUNDING_H = 0.001


def current_input(flags: Flags, hours_per_month: Decimal) -> Current | None:
    """Read today's estimate.

    Raises
    ------
    InputError
        No estimate, another month or another region.
    """
    if flags.current is None:
        return None
    current = read_current(flags.current)
    if current.hours_per_month != hours_per_month:
        raise InputError(
            f"The estimate is for {current.hours_per_month} hours per month, this run for "
            f"{hours_per_month}",
            remedy="Give both the same --hours-per-month",
            place=str(flags.current),
        )
    if current.region != flags.region:
        raise InputError(
            f"The estimate is for {current.region}, this run for {flags.region}",
            remedy="Give both the same --region",
            place=str(flags.current),
        )
    return current


def current_caveats(
    current: Current, given: TrafficInput, able: CapacityInput
) -> tuple[Caveat, ...]:
    """Say what else differs than the configuration."""
    differences = [*_traffic(current, given), *_capacity(current, able)]
    if not differences:
        return ()
    message = (
        "Today's estimate rests on other inputs than this run, so the saving is not that of the "
        f"configuration alone: {'; '.join(differences)}"
    )
    return (Caveat(code=WarningCode.CURRENT_DIFFERS, message=message),)


def meets_slo(current: Current, slo: Slo) -> bool | None:
    """Whether today's figures show that the SLO holds; ``None`` where they cannot."""
    latency = current.latency
    if latency is None or current.window is not slo.window:
        return None
    worst_s = {"p95": latency.worst_window_p95_s, "p99": latency.worst_window_p99_s}
    over = any(worst_s[objective.name] > objective.limit_s for objective in slo.objectives)
    if over or latency.failed_fraction > slo.max_failed:
        # With windows to spare the worst one decides nothing.
        return False if slo.attainment == 1 else None
    within = all(worst_s[objective.name] <= objective.limit_s for objective in slo.objectives)
    return True if within and latency.failed_fraction < _NOBODY else None


def _traffic(current: Current, given: TrafficInput) -> list[str]:
    if current.traffic != given.origin:
        return [f"traffic {current.traffic or 'none'} there, {given.origin or 'none'} here"]
    if given.minutes is None or current.horizon is None or _same_hours(current, given.minutes):
        return []
    return ["the same name of the traffic, but another stretch of it"]


def _same_hours(current: Current, minutes: MinuteCounts) -> bool:
    horizon = current.horizon
    assert horizon is not None
    hours = minutes.invocations.size * SECONDS_PER_MINUTE / SECONDS_PER_HOUR
    ends_s = (int(minutes.start_s[0]), int(minutes.start_s[-1]) + SECONDS_PER_MINUTE)
    return (horizon.start_s, horizon.end_s) == ends_s and abs(
        float(horizon.hours) - hours
    ) < _ROUNDING_H


def _capacity(current: Current, able: CapacityInput) -> list[str]:
    """Capacities of different types differ anyway; of one type only its file's name may."""
    there, here = (_figures(origin) for origin in (current.capacity, able.origin))
    another_type = current.variant.instance_type != able.instance_type
    if there == here or (another_type and there is not None and here is not None):
        return []
    return [f"capacity {there or 'none'} there, {here or 'none'} here"]


def _figures(origin: str | None) -> str | None:
    return None if origin is None else origin.partition(": ")[2]
