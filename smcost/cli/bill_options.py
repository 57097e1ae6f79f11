"""The flags of what a bill has besides instances: capture, releases, plans, windows."""

from typing import Annotated

from smcost.cli.flag_option import option, switch

_PANEL = "Bill"

DataCapture = Annotated[
    str | None,
    option(
        "--data-capture",
        _PANEL,
        "Captured share of the requests; needs both payloads (docs/bill.md).",
        "10%",
    ),
]
CaptureEncoding = Annotated[
    str,
    option(
        "--capture-encoding",
        _PANEL,
        "json, or base64 for content types that the configuration does not name (default json).",
        "HOW",
    ),
]
CaptureRetention = Annotated[
    str,
    option(
        "--capture-retention", _PANEL, "When a bucket rule deletes the files (default 90d).", "90d"
    ),
]
CaptureFilesPerHour = Annotated[
    float,
    option("--capture-files-per-hour", _PANEL, "Files of one instance, at most (default 60).", "N"),
]
CaptureKms = Annotated[bool, switch("--capture-kms", _PANEL, "A request to KMS for every file.")]
CapturePart = Annotated[
    str,
    option(
        "--capture-part",
        _PANEL,
        "Say which share makes up this part of the bill (default 5%).",
        "5%",
    ),
]
DeploymentsPerMonth = Annotated[
    float | None,
    option("--deployments-per-month", _PANEL, "Releases to price (docs/bill.md).", "N"),
]
Deployment = Annotated[
    str,
    option(
        "--deployment",
        _PANEL,
        "all-at-once, canary, linear or rolling (default all-at-once, as AWS has it).",
        "HOW",
    ),
]
DeploymentStep = Annotated[
    str | None,
    option(
        "--deployment-step",
        _PANEL,
        "Canary (default 10%), linear step or rolling batch (default 20%).",
        "20%",
    ),
]
DeploymentWait = Annotated[
    str | None,
    option(
        "--deployment-wait", _PANEL, "Baking after a step (default 300s; all at once 0s).", "300s"
    ),
]
DeploymentTerminationWait = Annotated[
    str,
    option(
        "--deployment-termination-wait",
        _PANEL,
        "Until the old fleet is removed (default 0s).",
        "0s",
    ),
]
DeploymentAt = Annotated[
    str,
    option(
        "--deployment-at",
        _PANEL,
        "Instances that a release meets: the mean or the busiest count (default mean).",
        "WHAT",
    ),
]
ShadowCount = Annotated[
    int, option("--shadow-count", _PANEL, "Instances of a shadow variant (default 0).", "N")
]
SavingsPlans = Annotated[
    bool,
    switch(
        "--savings-plans",
        _PANEL,
        "The best commitment at the rates of the price cache (docs/bill.md).",
    ),
]
SavingsPlanDiscount = Annotated[
    str | None,
    option("--savings-plan-discount", _PANEL, "The best commitment at this discount.", "0.31"),
]
NonProd = Annotated[
    str | None,
    option(
        "--non-prod",
        _PANEL,
        'When it runs, "mon-fri 08:00-20:00 Europe/Berlin", several windows separated by ; '
        "(docs/non-production.md).",
        "WHEN",
    ),
]
NonProdWay = Annotated[
    str,
    option(
        "--non-prod-way",
        _PANEL,
        "How it is turned off or down outside: delete, minimum or scale-to-zero (default delete).",
        "HOW",
    ),
]
NonProdTail = Annotated[
    str,
    option(
        "--non-prod-tail",
        _PANEL,
        "Billed after the last request until scale to zero is at zero (default 25min).",
        "25min",
    ),
]
