"""Flags of scaling beyond ``--target``: other metrics, steps, schedules."""

from typing import Annotated

import typer

from smcost.cli.names import parameter_of, variable_of

_PANEL = "Scaling on other metrics, and by the clock"


def _option(flag: str, text: str, metavar: str) -> object:
    return typer.Option(
        flag,
        envvar=variable_of(parameter_of(flag)),
        show_envvar=False,
        rich_help_panel=_PANEL,
        help=text,
        metavar=metavar,
        show_default=False,
    )


ConcurrencyTarget = Annotated[
    float | None,
    _option(
        "--concurrency-target",
        "Requests in flight per instance, on the metric of high resolution (10 s).",
        "V",
    ),
]
CpuTarget = Annotated[
    str | None, _option("--cpu-target", "CPU of an instance, in per cent of each core.", "60%")
]
CpuPerInvocation = Annotated[
    str | None,
    _option("--cpu-per-invocation", "CPU seconds that an invocation takes, measured.", "30ms"),
]
CpuAtFullLoad = Annotated[
    str | None,
    _option(
        "--cpu-at-full-load", "Or CPU per core of an instance that is busy all the time.", "85%"
    ),
]
Step = Annotated[
    list[str] | None,
    _option(
        "--step",
        'A step policy, "cpu > 70%: 0..15 +1, 15.. +3" (repeatable; docs/policies.md).',
        "SPEC",
    ),
]
Schedule = Annotated[
    str | None,
    _option(
        "--schedule",
        "Look for minimums by the clock of this time zone that save (docs/schedules.md).",
        "ZONE",
    ),
]
ScheduledAction = Annotated[
    list[str] | None,
    _option(
        "--scheduled-action",
        '"cron(0 8 ? * MON-FRI *) Europe/Berlin min=4 max=10" (repeatable).',
        "SPEC",
    ),
]
