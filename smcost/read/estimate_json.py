"""Today's configuration: what ``estimate -f json`` printed, for the saving."""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from smcost.errors import InputError
from smcost.read.text_file import read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentCost:
    """What the current configuration costs per month. [USD, h]"""

    expected_usd: Decimal
    hours_per_month: Decimal


def read_current(path: Path) -> CurrentCost:
    """Read the expected cost out of an estimate.

    Raises
    ------
    InputError
        No JSON, not an estimate, or one without an expected cost.
    """
    place = str(path)
    try:
        document = json.loads(read_text(path), parse_float=Decimal, parse_int=Decimal)
    except json.JSONDecodeError as error:
        raise InputError(
            f"This is no JSON ({error.msg} in row {error.lineno})",
            remedy="Write it with smcost estimate ... -f json -o FILE",
            place=place,
        ) from error
    if not isinstance(document, dict) or document.get("command") != "estimate":
        raise InputError(
            "This is not an estimate",
            remedy="Write it with smcost estimate ... -f json -o FILE",
            place=place,
        )
    return CurrentCost(
        expected_usd=_amount(document, "expected_usd", place),
        hours_per_month=_amount(document, "hours_per_month", place),
    )


def _amount(document: dict[str, object], key: str, place: str) -> Decimal:
    cost = document.get("cost")
    found = cost.get(key) if isinstance(cost, dict) else None
    if found is None and key == "expected_usd":
        raise InputError(
            "The estimate has no expected cost",
            remedy="Estimate the current configuration with traffic, or with --count",
            place=f"{place}, cost.{key}",
        )
    try:
        amount = Decimal(found) if isinstance(found, Decimal | str) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise InputError(
            f"{found!r} is no amount",
            remedy="Write the file with smcost estimate ... -f json -o FILE",
            place=f"{place}, cost.{key}",
        )
    return amount
