"""The flags of what a bill has besides instances: capture, deployments, shadows, Savings Plans."""

from typing import Annotated

from smcost.cli.flag_option import option, switch

_PANEL = "Bill"

DataCapture = Annotated[
    str | None,
    option("--data-capture", _PANEL, "Captured share of the requests; needs both payloads.", "10%"),
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
    float | None, option("--deployments-per-month", _PANEL, "Releases to price.", "N")
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
    switch("--savings-plans", _PANEL, "The best commitment at the rates of the price cache."),
]
SavingsPlanDiscount = Annotated[
    str | None,
    option("--savings-plan-discount", _PANEL, "The best commitment at this discount.", "0.31"),
]
