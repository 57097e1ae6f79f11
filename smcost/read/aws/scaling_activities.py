"""Asks Application Auto Scaling what it did with a variant; it remembers six weeks."""

from smcost.capacity.startup import ScalingActivity
from smcost.errors import SmcostError
from smcost.read.aws.access import Aws
from smcost.read.aws.operations import DESCRIBE_SCALING_ACTIVITIES
from smcost.read.scaling_activities import DIMENSION, scaling_activities


def live_scaling_activities(aws: Aws, endpoint: str, variant: str) -> list[ScalingActivity]:
    """Activities of a variant, those included in which nothing was scaled.

    Raises
    ------
    AwsError
    """

    def refuse(where: str, cause: str, remedy: str) -> SmcostError:
        return Aws.refused(DESCRIBE_SCALING_ACTIVITIES, f"{where}: {cause}", remedy)

    entries = aws.pages(
        DESCRIBE_SCALING_ACTIVITIES,
        "ScalingActivities",
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{endpoint}/variant/{variant}",
        ScalableDimension=DIMENSION,
        IncludeNotScaledActivities=True,
    )
    return scaling_activities(entries, endpoint, variant, refuse)
