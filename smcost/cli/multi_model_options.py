"""The flags of models that share an endpoint."""

from pathlib import Path
from typing import Annotated

from smcost.cli.flag_option import option

_PANEL = "Models"

Models = Annotated[
    Path | None,
    option(
        "--models",
        _PANEL,
        "CSV: model, size_mb, load_time_ms, and weight or invocations_per_minute.",
        "FILE",
    ),
]
ModelCount = Annotated[
    int | None, option("--model-count", _PANEL, "So many alike, in place of a file.", "N")
]
ModelSize = Annotated[
    str | None,
    option("--model-size", _PANEL, "Memory that each takes when loaded.", "800MB"),
]
LoadTime = Annotated[
    str | None,
    option("--load-time", _PANEL, "Of each: download and loading together.", "4s"),
]
Zipf = Annotated[
    float | None,
    option(
        "--zipf",
        _PANEL,
        "Popularity falls as 1 / rank ** this; 0: all alike (default 0.9).",
        "EXPONENT",
    ),
]
ModelMemory = Annotated[
    str,
    option(
        "--model-memory",
        _PANEL,
        "Of an instance for models: a share or a size (default 80%; with a GPU give its size).",
        "12GB",
    ),
]
Placement = Annotated[
    str,
    option(
        "--placement",
        _PANEL,
        "sticky (few copies of a model) or spread (one on every instance) (default sticky).",
        "HOW",
    ),
]
LoadsAtOnce = Annotated[
    int,
    option(
        "--loads-at-once", _PANEL, "Models an instance loads at the same time (default 1).", "N"
    ),
]
SingleInstanceType = Annotated[
    str | None,
    option(
        "--single-instance-type",
        _PANEL,
        "Of one endpoint per model, to compare with (default: the same).",
        "TYPE",
    ),
]
