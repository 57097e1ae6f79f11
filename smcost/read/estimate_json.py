"""Today's configuration: what ``estimate -f json`` printed, for the comparison."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from smcost.capacity import Routing
from smcost.errors import InputError, UsageError
from smcost.estimate import Horizon, Latency
from smcost.read.policies_json import further_policies
from smcost.read.scaling_specs import parse_action
from smcost.read.text_file import read_text
from smcost.remarks import WarningCode
from smcost.slo import SloWindow
from smcost.variant import Variant

_REMEDY = "Write the file with smcost estimate ... -f json -o FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Today's configuration, its bill, and what both rest on.

    Attributes
    ----------
    variant
        What is deployed.
    expected_usd, hours_per_month
        Its bill per month. [USD, h]
    region
        Where its price is from.
    traffic, capacity
        The origins of both, as the estimate states them; ``None``: it had none.
    horizon, latency
        As in the estimate; ``None`` without traffic, or without a capacity.
    window
        What the worst window of the latency is one of.
    """

    variant: Variant
    expected_usd: Decimal
    hours_per_month: Decimal
    region: str
    traffic: str | None
    capacity: str | None
    horizon: Horizon | None
    latency: Latency | None
    window: SloWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """An object within the document; its values are asked for by name."""

    values: Mapping[str, object]
    place: str

    def part(self, key: str) -> "_Part":
        found = self.optional(key)
        if found is None:
            raise self.refused(key, f"The estimate has no {key}")
        return found

    def optional(self, key: str) -> "_Part | None":
        found = self.values.get(key)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise self.refused(key, f"{found!r} is no {key}")
        return _Part(values=found, place=f"{self.place}{key}.")

    def text(self, key: str) -> str:
        found = self.values.get(key)
        if not isinstance(found, str):
            raise self.refused(key, f"{found!r} is no text")
        return found

    def amount(self, key: str) -> Decimal:
        """A finite number of 0 or more."""
        found = self.values.get(key)
        try:
            amount = Decimal(found) if isinstance(found, Decimal | str) else Decimal("NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            raise self.refused(key, f"{found!r} is no amount")
        return amount

    def moment_s(self, key: str) -> int:
        try:
            return int(datetime.fromisoformat(self.text(key)).timestamp())
        except ValueError:
            raise self.refused(key, f"{self.values[key]!r} is no time") from None

    def refused(self, key: str, cause: str, remedy: str = _REMEDY) -> InputError:
        return InputError(cause, remedy=remedy, place=f"{self.place}{key}")


def read_current(path: Path) -> Current:
    """Read an estimate.

    Raises
    ------
    InputError
        No JSON, not an estimate, or one without an expected cost.
    """
    document = _document(path)
    cost = document.part("cost") if isinstance(document.values.get("cost"), dict) else None
    if cost is None or cost.values.get("expected_usd") is None:
        raise document.refused(
            "cost.expected_usd",
            "The estimate has no expected cost",
            "Estimate the current configuration with traffic, or with --count",
        )
    provenance = document.part("provenance")
    horizon, latency = document.optional("horizon"), document.optional("latency")
    return Current(
        variant=_variant(document.part("configuration")),
        expected_usd=cost.amount("expected_usd"),
        hours_per_month=cost.amount("hours_per_month"),
        region=provenance.part("prices").text("region"),
        traffic=_origin(provenance, "traffic"),
        capacity=_origin(provenance, "capacity"),
        horizon=None if horizon is None else _horizon(horizon),
        latency=None if latency is None else _latency(latency, timed_out=_times_out(document)),
        window=_window(document),
    )


def _document(path: Path) -> _Part:
    try:
        found = json.loads(read_text(path), parse_float=Decimal, parse_int=Decimal)
    except json.JSONDecodeError as error:
        raise InputError(
            f"This is no JSON ({error.msg} in row {error.lineno})",
            remedy="Write it with smcost estimate ... -f json -o FILE",
            place=str(path),
        ) from error
    if not isinstance(found, dict) or found.get("command") != "estimate":
        raise InputError(
            "This is not an estimate",
            remedy="Write it with smcost estimate ... -f json -o FILE",
            place=str(path),
        )
    return _Part(values=found, place=f"{path}, ")


def _origin(provenance: _Part, key: str) -> str | None:
    return None if provenance.values.get(key) is None else provenance.text(key)


def _variant(part: _Part) -> Variant:
    target = "target_invocations_per_instance"
    try:
        return Variant(
            instance_type=part.text("instance_type"),
            minimum=int(part.amount("min_capacity")),
            maximum=int(part.amount("max_capacity")),
            initial_count=int(part.amount("initial_instance_count")),
            target_per_minute=(
                None if part.values.get(target) is None else float(part.amount(target))
            ),
            routing=Routing(part.text("routing_strategy")),
            scale_in_cooldown_s=float(part.amount("scale_in_cooldown_s")),
            scale_out_cooldown_s=float(part.amount("scale_out_cooldown_s")),
            further_policies=further_policies(part.values.get("policies")),
            schedule=tuple(map(parse_action, _texts(part.values.get("schedule")))),
        )
    except (UsageError, ValueError, KeyError, TypeError) as error:
        cause = error.cause if isinstance(error, UsageError) else str(error)
        raise InputError(cause, remedy=_REMEDY, place=part.place.rstrip(".")) from error


def _texts(found: object) -> list[str]:
    return [str(text) for text in found] if isinstance(found, list) else []


def _horizon(part: _Part) -> Horizon:
    return Horizon(
        start_s=part.moment_s("start"),
        end_s=part.moment_s("end"),
        hours=part.amount("hours"),
        instance_hours=part.amount("instance_hours"),
    )


def _latency(part: _Part, *, timed_out: bool) -> Latency:
    """A null percentile lies beyond the timeout where the estimate says so, else is not known."""
    absent_s = math.inf if timed_out else math.nan

    def seconds(key: str) -> float:
        return absent_s if part.values.get(key) is None else float(part.amount(key)) / 1000

    start, over = part.values.get("worst_window_start"), part.values.get("minutes_over_slo")
    return Latency(
        p50_s=seconds("p50_ms"),
        p95_s=seconds("p95_ms"),
        p99_s=seconds("p99_ms"),
        worst_window_p95_s=seconds("worst_window_p95_ms"),
        worst_window_p99_s=seconds("worst_window_p99_ms"),
        worst_window_start_s=None if start is None else part.moment_s("worst_window_start"),
        minutes_over_slo=None if over is None else int(part.amount("minutes_over_slo")),
        failed_fraction=float(part.amount("failed_fraction")),
    )


def _named(document: _Part, lists: str) -> list[Mapping[str, object]]:
    found = document.values.get(lists)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _times_out(document: _Part) -> bool:
    codes = {entry.get("code") for entry in _named(document, "warnings")}
    return WarningCode.BEYOND_TIMEOUT.value in codes


def _window(document: _Part) -> SloWindow:
    """An estimate without an SLO looks at days."""
    for entry in _named(document, "assumptions"):
        words = str(entry.get("value")).split()
        if entry.get("name") == "SLO window" and words[1:2]:
            return SloWindow(words[1]) if words[1] in list(SloWindow) else SloWindow.DAY
    return SloWindow.DAY
