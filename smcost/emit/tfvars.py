"""Terraform variable files: ``.tfvars`` (HCL) and ``.tfvars.json``.

Both come out as ``terraform fmt`` would leave them, and Terraform reads back exactly what went in,
apart from one thing it does to every string: it normalises it to Unicode form NFC.
"""

import math
import re
from collections.abc import Mapping, Sequence

from smcost.emit.terraform_values import Scalar, Value, comment_line, hcl, json_value
from smcost.errors import UsageError
from smcost.scaling.policy import Metric, TargetPolicy
from smcost.variant import Variant

#: The module's names for what a variant decides, in the order they are written.
VARIABLE_NAMES = (
    "instance_type",
    "instance_count",
    "autoscaling_min_capacity",
    "autoscaling_max_capacity",
    "autoscaling_target_value",
    "scale_in_cooldown",
    "scale_out_cooldown",
    "routing_strategy",
)
#: Written only for a policy on another metric than InvocationsPerInstance, the default.
METRIC_NAME = "autoscaling_metric"
#: Written only where there are scheduled actions.
SCHEDULE_NAME = "autoscaling_schedule"
#: Written only where a volume was asked for: types with a disk of their own take none.
VOLUME_NAME = "volume_size_in_gb"

_MAP_FLAG = "--tfvars-map"
#: Words Terraform does not accept as the name of a variable.
_RESERVED = frozenset(
    {"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"}
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def variables(variant: Variant, *, volume_gb: int | None = None) -> dict[str, Value]:
    """Name what a variant decides as the bundled module does.

    Parameters
    ----------
    variant
        Its target may be ``None``: a fleet of fixed size, without autoscaling.
    volume_gb
        Storage attached to each instance; ``None`` leaves the variable out. [GB]

    Raises
    ------
    UsageError
        A cooldown is not a whole number of seconds, the only kind AWS takes; the variant has what
        the module does not carry: steps, several policies, scheduled actions without a policy or
        with a start or an end.
    """
    policy = _the_only_policy(variant)
    metric = None if policy is None else policy.metric
    other = metric not in (None, Metric.INVOCATIONS)
    cooldowns_s = variant.scale_in_cooldown_s, variant.scale_out_cooldown_s
    cooldowns_s = cooldowns_s if policy is None else policy.cooldowns_s
    return {
        "instance_type": variant.instance_type,
        "instance_count": variant.initial_count,
        "autoscaling_min_capacity": variant.minimum,
        "autoscaling_max_capacity": variant.maximum,
        **({METRIC_NAME: metric.value} if metric is not None and other else {}),
        "autoscaling_target_value": None if policy is None else policy.target,
        "scale_in_cooldown": _whole_seconds(cooldowns_s[0], "--scale-in-cooldown"),
        "scale_out_cooldown": _whole_seconds(cooldowns_s[1], "--scale-out-cooldown"),
        "routing_strategy": variant.routing.value,
        **({} if volume_gb is None else {VOLUME_NAME: volume_gb}),
        **({SCHEDULE_NAME: _schedule(variant)} if variant.schedule else {}),
    }


def _the_only_policy(variant: Variant) -> TargetPolicy | None:
    """The one target tracking policy that the module carries; ``None``: a fleet of fixed size."""
    policies, schedule = variant.policies, variant.schedule
    timed = any(action.start_s is not None or action.end_s is not None for action in schedule)
    if len(policies) <= 1 and not timed and (policies or not schedule):
        policy = policies[0] if policies else None
        if policy is None or (isinstance(policy, TargetPolicy) and not policy.disable_scale_in):
            return policy
    raise UsageError(
        "The Terraform module carries one target tracking policy, beside it scheduled actions "
        "without start and end, and no steps and no second policy",
        remedy="Use another format, and add them to the module by hand",
        place="--format",
    )


def _schedule(variant: Variant) -> list[dict[str, Scalar]]:
    """The scheduled actions, named by their number where they have no name."""
    return [
        {
            "name": action.name or f"scheduled-{number}",
            "schedule": action.schedule,
            "timezone": action.timezone,
            "min_capacity": action.minimum,
            "max_capacity": action.maximum,
        }
        for number, action in enumerate(variant.schedule, start=1)
    ]


def tfvars_text(
    values: Mapping[str, Value],
    *,
    rename: Mapping[str, str] | None = None,
    comments: Sequence[str] = (),
) -> str:
    """Write an HCL variable file that ``terraform fmt -check`` accepts unchanged.

    Parameters
    ----------
    values
        Variable name -> value, written in this order. ``None`` becomes ``null``.
    rename
        Name in ``values`` -> name in the file.
    comments
        Lines for the top of the file. What is not printable in them is shown as its code point,
        so that no comment can end its line or hide what follows.

    Raises
    ------
    OutputError
        A string Terraform cannot hold (a lone surrogate) or a number that is not finite.
    UsageError
        The names do not fit: see :func:`parse_rename`.

    >>> print(tfvars_text({"instance_type": "ml.m5.xlarge", "instance_count": 2}), end="")
    instance_type  = "ml.m5.xlarge"
    instance_count = 2
    """
    named = _renamed(values, rename or {})
    width = max((len(name) for name, value in named.items() if _in_line(value)), default=0)
    lines = [comment_line(line) for comment in comments for line in comment.splitlines() or [""]]
    for name, value in named.items():
        if not _in_line(value):
            # What goes over several lines is not aligned with its neighbours.
            lines += ["", f"{name} = {hcl(value, name)}"]
        else:
            lines.append(f"{name:<{width}} = {hcl(value, name)}")
    return "".join(f"{line}\n" for line in lines)


def _in_line(value: Value) -> bool:
    return isinstance(value, str) or not isinstance(value, Sequence)


def tfvars_json(values: Mapping[str, Value], *, rename: Mapping[str, str] | None = None) -> str:
    """Write a JSON variable file, in which strings are literal: ``${`` needs no escape there.

    Parameters, errors: as :func:`tfvars_text`.

    >>> print(tfvars_json({"instance_type": "ml.m5.xlarge", "instance_count": 2}), end="")
    {
      "instance_type": "ml.m5.xlarge",
      "instance_count": 2
    }
    """
    named = _renamed(values, rename or {})
    if not named:
        return "{}\n"
    lines = (f'  "{name}": {json_value(value, name)}' for name, value in named.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def parse_rename(specs: Sequence[str]) -> dict[str, str]:
    """Read ``--tfvars-map old=new``, given any number of times.

    Returns
    -------
    dict
        One of :data:`VARIABLE_NAMES`, or the volume's -> the other module's name for it.

    Raises
    ------
    UsageError
        A spec without ``=``, an old name that is unknown or given twice, a new name that is no
        Terraform variable name, or two variables that would end under one name.

    >>> parse_rename(["instance_count=initial_count"])
    {'instance_count': 'initial_count'}
    """
    rename: dict[str, str] = {}
    for spec in specs:
        old, equals, new = (part.strip() for part in spec.partition("="))
        if not equals:
            raise UsageError(
                f"{spec!r} does not say which name becomes which",
                remedy="Write it like instance_count=initial_count",
                place=_MAP_FLAG,
            )
        if old in rename:
            raise UsageError(
                f"{old} is renamed twice, to {rename[old]} and to {new}",
                remedy="Keep one of the two",
                place=_MAP_FLAG,
            )
        rename[old] = new
    _renamed(dict.fromkeys((*VARIABLE_NAMES, METRIC_NAME, VOLUME_NAME, SCHEDULE_NAME)), rename)
    return rename


def _renamed(values: Mapping[str, Value], rename: Mapping[str, str]) -> dict[str, Value]:
    for old in rename:
        if old not in values:
            raise UsageError(
                f"There is no variable {old!r} to rename",
                remedy=f"Use one of {', '.join(values)}",
                place=_MAP_FLAG,
            )
    named: dict[str, Value] = {}
    for old, value in values.items():
        new = rename.get(old, old)
        _check_name(new)
        if new in named:
            raise UsageError(
                f"Two variables would be called {new}",
                remedy="Give each variable a name of its own",
                place=_MAP_FLAG,
            )
        named[new] = value
    return named


def _check_name(name: str) -> None:
    if not _IDENTIFIER.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a Terraform variable",
            remedy="Use letters, digits, _ and -, and begin with a letter or _",
            place=_MAP_FLAG,
        )
    if name in _RESERVED:
        raise UsageError(
            f"Terraform reserves the name {name} and allows no variable of it",
            remedy="Choose another",
            place=_MAP_FLAG,
        )


def _whole_seconds(duration_s: float, flag: str) -> int:
    if not math.isfinite(duration_s) or duration_s < 0 or duration_s != int(duration_s):
        raise UsageError(
            f"A cooldown of {duration_s} s is not a whole number of seconds, which AWS wants",
            remedy="Round it to whole seconds, 0 or more",
            place=flag,
        )
    return int(duration_s)
