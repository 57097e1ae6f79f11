"""The only calls that are made to AWS, all of which read, and what each needs to be allowed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

#: Where the Pricing API and the Savings Plans API answer for every region.
_GLOBAL = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call.

    Attributes
    ----------
    service, name
        As boto3 names the service and AWS the operation: ``sagemaker``, ``DescribeEndpoint``.
    action
        The IAM action that allows it.
    region
        Where it is asked whatever the region in question; ``None``: there.
    token
        The page token's name, the same in question and answer.
    """

    service: str
    name: str
    action: str
    region: str | None = None
    token: str = "NextToken"  # noqa: S105  (no secret but a page's name)

    @property
    def method(self) -> str:
        """The client's method: ``describe_endpoint``."""
        from botocore import xform_name

        return str(xform_name(self.name))


def _of(service: str, name: str, *, region: str | None = None) -> Operation:
    return Operation(service=service, name=name, action=f"{service}:{name}", region=region)


DESCRIBE_ENDPOINT = _of("sagemaker", "DescribeEndpoint")
DESCRIBE_ENDPOINT_CONFIG = _of("sagemaker", "DescribeEndpointConfig")
DESCRIBE_INFERENCE_RECOMMENDATIONS_JOB = _of("sagemaker", "DescribeInferenceRecommendationsJob")
GET_SCALING_CONFIGURATION_RECOMMENDATION = _of("sagemaker", "GetScalingConfigurationRecommendation")
DESCRIBE_SCALABLE_TARGETS = _of("application-autoscaling", "DescribeScalableTargets")
DESCRIBE_SCALING_POLICIES = _of("application-autoscaling", "DescribeScalingPolicies")
DESCRIBE_SCHEDULED_ACTIONS = _of("application-autoscaling", "DescribeScheduledActions")
DESCRIBE_SCALING_ACTIVITIES = _of("application-autoscaling", "DescribeScalingActivities")
GET_METRIC_DATA = _of("cloudwatch", "GetMetricData")
GET_PRODUCTS = _of("pricing", "GetProducts", region=_GLOBAL)
DESCRIBE_SAVINGS_PLANS_OFFERING_RATES = Operation(
    service="savingsplans",
    name="DescribeSavingsPlansOfferingRates",
    action="savingsplans:DescribeSavingsPlansOfferingRates",
    region=_GLOBAL,
    token="nextToken",  # noqa: S106
)
# The IAM prefix is not the client's name: servicequotas without a hyphen.
LIST_SERVICE_QUOTAS = Operation(
    service="service-quotas", name="ListServiceQuotas", action="servicequotas:ListServiceQuotas"
)
LIST_AWS_DEFAULT_SERVICE_QUOTAS = Operation(
    service="service-quotas",
    name="ListAWSDefaultServiceQuotas",
    action="servicequotas:ListAWSDefaultServiceQuotas",
)

_CONFIGURATION = (
    DESCRIBE_ENDPOINT,
    DESCRIBE_ENDPOINT_CONFIG,
    DESCRIBE_SCALABLE_TARGETS,
    DESCRIBE_SCALING_POLICIES,
    DESCRIBE_SCHEDULED_ACTIONS,
    DESCRIBE_SCALING_ACTIVITIES,
    LIST_SERVICE_QUOTAS,
    LIST_AWS_DEFAULT_SERVICE_QUOTAS,
)
#: Command -> every call it can make.
NEEDED: Mapping[str, tuple[Operation, ...]] = {
    "prices pull": (GET_PRODUCTS, DESCRIBE_SAVINGS_PLANS_OFFERING_RATES),
    "traffic pull": (DESCRIBE_ENDPOINT, DESCRIBE_ENDPOINT_CONFIG, GET_METRIC_DATA),
    "capacity import": (
        DESCRIBE_ENDPOINT,
        DESCRIBE_ENDPOINT_CONFIG,
        GET_METRIC_DATA,
        DESCRIBE_SCALING_ACTIVITIES,
    ),
    "estimate": _CONFIGURATION,
    "recommend": _CONFIGURATION,
}


def iam_policy(command: str) -> str:
    """The policy document that lets a command read, and nothing else, as indented JSON.

    Most of these actions know no resource, so the resource is ``*``; DescribeEndpoint and
    DescribeEndpointConfig can be narrowed by whoever pastes it.
    """
    actions = sorted(operation.action for operation in NEEDED[command])
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2) + "\n"
