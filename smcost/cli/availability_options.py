"""The flags of what a configuration must survive."""

from typing import Annotated

from smcost.cli.flag_option import option

_PANEL = "Availability"

Survive = Annotated[
    str | None,
    option(
        "--survive",
        _PANEL,
        "instance or zone: the SLO must hold where one is lost (docs/availability.md).",
        "WHAT",
    ),
]
Zones = Annotated[
    int, option("--zones", _PANEL, "Zones that the instances are spread over (default 3).", "N")
]
LossDetection = Annotated[
    str,
    option(
        "--loss-detection",
        _PANEL,
        "Until a replacement is launched; its start-up comes on top (default 60s).",
        "60s",
    ),
]
FailoverTime = Annotated[
    str,
    option(
        "--failover-time",
        _PANEL,
        "How long requests are still sent to what is lost, and fail (default 0s).",
        "0s",
    ),
]
ZoneLostFor = Annotated[
    str | None,
    option(
        "--zone-lost-for",
        _PANEL,
        "The other zones have no capacity for replacements so long.",
        "1h",
    ),
]
