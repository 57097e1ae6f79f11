"""Texts of ``--step`` and ``--scheduled-action`` -> policies and scheduled actions."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from smcost.errors import UsageError
from smcost.scaling.policy import (
    AdjustmentType,
    Comparison,
    Metric,
    StepAdjustment,
    StepPolicy,
)
from smcost.scaling.schedule import ScheduledAction
from smcost.units import parse_duration_s

STEP_FLAG, ACTION_FLAG = "--step", "--scheduled-action"
_STEP_EXAMPLE = 'Write it like "cpu > 70% for 3: 0..15 +1, 15.. +3; cooldown 300s"'
_ACTION_EXAMPLE = 'Write it like "cron(0 8 ? * MON-FRI *) Europe/Berlin min=4 max=10"'
_NUMBER = r"-?\d+(?:\.\d+)?"
_POLICY = re.compile(
    rf"\s*(?P<metric>\w+)\s*(?P<sign>>=|<=|>|<)\s*(?P<threshold>{_NUMBER})\s*(?P<percent>%?)"
    r"(?:\s+for\s+(?P<breaching>\d+)(?:\s+of\s+(?P<points>\d+))?)?\s*:\s*(?P<steps>[^;]*)"
    r"(?P<more>(?:;[^;]*)*)\Z"
)
_STEP = re.compile(
    rf"\s*(?P<lower>{_NUMBER})?\s*\.\.\s*(?P<upper>{_NUMBER})?\s+(?P<kind>[+=-])(?P<by>\d+)(?P<percent>%?)\s*"
)
_SIGNS = {comparison.sign: comparison for comparison in Comparison}
_METRICS = {metric.word: metric for metric in Metric}
_ACTION = re.compile(r"\s*(?P<schedule>\w+\([^)]*\))\s*(?P<more>.*)\Z", re.DOTALL)


def parse_step(text: str, vcpu: int | None, cooldown_s: float) -> StepPolicy:
    """Read a step policy.

    Parameters
    ----------
    text
        ``METRIC SIGN THRESHOLD [for N [of M]]: LOWER..UPPER CHANGE, ...[; cooldown 300s]
        [; at-least N]``; bounds relative to the threshold, as AWS has them, and open where left
        out; a change of ``+2``, ``-1``, ``+10%`` or ``=4``.
    vcpu
        For CPU, which is given per core; ``None``: not known. [count]
    cooldown_s
        Where none is given. [s]

    Raises
    ------
    UsageError
    """
    found = _POLICY.match(text)
    if not found or found["metric"] not in _METRICS:
        raise _refused(text, "is no step policy", STEP_FLAG, _STEP_EXAMPLE)
    metric = _METRICS[found["metric"]]
    if bool(found["percent"]) != (metric is Metric.CPU):
        raise _refused(
            text, "has a threshold in another unit", STEP_FLAG, "CPU is in per cent of each core"
        )
    scale = float(cores(vcpu, STEP_FLAG)) if metric is Metric.CPU else 1.0
    steps = [_STEP.fullmatch(part) for part in found["steps"].split(",")]
    kinds = {(step["kind"] == "=", step["percent"]) for step in steps if step}
    if None in steps or len(kinds) != 1 or (True, "%") in kinds:
        raise _refused(text, "has steps that cannot be read", STEP_FLAG, _STEP_EXAMPLE)
    exact, percent = kinds.pop()
    change = AdjustmentType.PERCENT if percent else AdjustmentType.CHANGE
    breaching = int(found["breaching"] or 3)
    with _placed(STEP_FLAG):
        policy = StepPolicy(
            metric=metric,
            threshold=scale * float(found["threshold"]),
            comparison=_SIGNS[found["sign"]],
            adjustments=tuple(_adjustment(step, scale) for step in steps if step),
            datapoints_to_alarm=breaching,
            evaluation_periods=int(found["points"] or breaching),
            adjustment_type=AdjustmentType.EXACT if exact else change,
            cooldown_s=cooldown_s,
        )
    for clause in filter(None, map(str.strip, found["more"].split(";"))):
        policy = _with_clause(policy, clause, text)
    return policy


def cores(vcpu: int | None, flag: str) -> int:
    """The vCPU that a percentage per core is of.

    Raises
    ------
    UsageError
        They are not known.
    """
    if vcpu is None:
        raise UsageError(
            "The number of vCPU of the instance type is not known, and CPUUtilization goes to "
            "100 times that number",
            remedy="Use a metric other than CPU",
            place=flag,
        )
    return vcpu


def parse_action(text: str) -> ScheduledAction:
    """Read a scheduled action.

    Schedule, time zone (UTC if none), ``min=``, ``max=``, and ``start=`` and ``end=`` in UTC.

    Raises
    ------
    UsageError
    """
    found = _ACTION.match(text)
    if not found:
        raise _refused(text, "is no scheduled action", ACTION_FLAG, _ACTION_EXAMPLE)
    zones: list[str] = []
    values: dict[str, int] = {}
    for word in found["more"].split():
        name, equals, value = word.partition("=")
        if not equals and not zones:
            zones.append(word)
        elif name in {"min", "max", "start", "end"} and name not in values:
            values[name] = _whole(value, text) if name in {"min", "max"} else _moment(value, text)
        else:
            raise _refused(text, f"has {word!r}, which is not known", ACTION_FLAG, _ACTION_EXAMPLE)
    with _placed(ACTION_FLAG):
        return ScheduledAction(
            schedule=found["schedule"],
            timezone=zones[0] if zones else "UTC",
            minimum=values.get("min"),
            maximum=values.get("max"),
            start_s=values.get("start"),
            end_s=values.get("end"),
        )


@contextmanager
def _placed(flag: str) -> Iterator[None]:
    """Let a refusal name the flag."""
    try:
        yield
    except UsageError as error:
        raise UsageError(error.cause, remedy=error.remedy, place=flag) from error


def _adjustment(step: re.Match[str], scale: float) -> StepAdjustment:
    lower, upper = (
        None if step[end] is None else scale * float(step[end]) for end in ("lower", "upper")
    )
    by = int(step["by"])
    return StepAdjustment(lower=lower, upper=upper, adjustment=-by if step["kind"] == "-" else by)


def _with_clause(policy: StepPolicy, clause: str, text: str) -> StepPolicy:
    name, _, value = clause.partition(" ")
    if name == "cooldown":
        return replace(policy, cooldown_s=parse_duration_s(value, STEP_FLAG))
    if name == "at-least" and value.strip().isdecimal():
        return replace(policy, min_adjustment_magnitude=int(value))
    raise _refused(text, f"has {clause!r}, which is not known", STEP_FLAG, _STEP_EXAMPLE)


def _whole(value: str, text: str) -> int:
    if not value.isdecimal():
        raise _refused(text, f"has a bound of {value!r}", ACTION_FLAG, _ACTION_EXAMPLE)
    return int(value)


def _moment(value: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _refused(text, f"has a time of {value!r}", ACTION_FLAG, "2026-01-31T08:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _refused(text: str, wrong: str, flag: str, remedy: str) -> UsageError:
    return UsageError(f"{text!r} {wrong}", remedy=remedy, place=flag)
