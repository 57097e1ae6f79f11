"""The flags that compare the endpoint with other kinds of endpoint."""

from typing import Annotated

from smcost.cli.flag_option import option, switch

_PANEL = "Other kinds"

CompareKinds = Annotated[
    bool,
    switch(
        "--compare-kinds",
        _PANEL,
        "Price serverless, asynchronous, batch and multi-model too (docs/kinds.md).",
    ),
]
ModelSize = Annotated[
    str | None,
    option("--model-size", _PANEL, "Memory that the loaded model takes.", "1.5GB"),
]
ServerlessMemory = Annotated[
    str | None,
    option(
        "--serverless-memory",
        _PANEL,
        "1GB to 6GB (default: the smallest for --model-size, else all).",
        "2GB",
    ),
]
ServerlessServiceFactor = Annotated[
    float,
    option(
        "--serverless-service-factor",
        _PANEL,
        "Service time there in those of the instance (default 1; measure it).",
        "X",
    ),
]
ServerlessMaxConcurrency = Annotated[
    int,
    option("--serverless-max-concurrency", _PANEL, "Requests at once (default 200).", "N"),
]
ColdStart = Annotated[
    str, option("--cold-start", _PANEL, "How long a container starts (default 5s).", "5s")
]
ServerlessKeepAlive = Annotated[
    str,
    option(
        "--serverless-keep-alive", _PANEL, "How long an idle one stays (default 10min).", "10min"
    ),
]
AsyncBacklogTarget = Annotated[
    float,
    option("--async-backlog-target", _PANEL, "Requests queued per instance (default 5).", "N"),
]
BatchJobsPerMonth = Annotated[
    float, option("--batch-jobs-per-month", _PANEL, "Transform jobs (default 30).", "N")
]
SharedModels = Annotated[
    int,
    option("--shared-models", _PANEL, "Models like this on one endpoint (default 10).", "N"),
]
