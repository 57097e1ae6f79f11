"""Service Quotas: what was applied before the default, read no further than needed, never fatal."""

import pytest

from smcost.errors import AwsError
from smcost.quota import ALL_TYPES, quota_name
from smcost.read.aws.quotas import read_quotas

OWN, OTHER = quota_name("ml.m5.xlarge"), quota_name("ml.g5.xlarge")
ABLE = "--service-time 45ms --concurrency 4"
APPLIED, DEFAULTS = "ListServiceQuotas", "ListAWSDefaultServiceQuotas"


def quota(name, value, code="L-1"):
    return {"QuotaName": name, "QuotaCode": code, "Value": value, "ServiceCode": "sagemaker"}


def page(*quotas, token=None):
    return {"Quotas": [*quotas], **({} if token is None else {"NextToken": token})}


@pytest.fixture
def running(loopback_aws, endpoint_story):
    """An endpoint of up to 4 on the loopback AWS, with the quotas given."""

    def run(applied, defaults=None):
        policy = {
            "PolicyName": "inv",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 700.0,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
            },
        }
        for operation, answer in endpoint_story(bounds=(1, 4), policies=[policy]).answers.items():
            loopback_aws.answers(operation, answer)
        loopback_aws.answers(APPLIED, applied)
        loopback_aws.answers(DEFAULTS, defaults or page())
        return loopback_aws

    return run


def warned(outcome, code):
    assert outcome.exit_code == 0, outcome.stderr
    warnings = outcome.document["warnings"]
    return [entry["message"] for entry in warnings if entry["code"] == code]


def test_what_was_applied_goes_before_the_default(loopback_aws, access):
    loopback_aws.answers(APPLIED, page(quota(OWN, 8.0), quota("ml.m5.xlarge for x", 99.0)))
    loopback_aws.answers(DEFAULTS, page(quota(OWN, 2.0), quota(OTHER, 1.0)))
    found = read_quotas(access, [OWN, OTHER])
    assert {name: entry.value for name, entry in found.items()} == {OWN: 8.0, OTHER: 1.0}


def test_the_lists_are_read_no_further_than_needed(loopback_aws, access):
    loopback_aws.answers(APPLIED, page(quota(OWN, 8.0), token="2"), page(quota("x", 1.0)))
    assert read_quotas(access, [OWN])[OWN].value == 8.0
    [asked] = loopback_aws.questions(APPLIED)
    assert asked == {"ServiceCode": "sagemaker", "MaxResults": 100}
    assert loopback_aws.questions(DEFAULTS) == []


def test_a_quota_that_nobody_lists_is_left_out(loopback_aws, access):
    loopback_aws.answers(APPLIED, page())
    loopback_aws.answers(DEFAULTS, page())
    assert read_quotas(access, [OWN]) == {}


@pytest.mark.parametrize("entry", [None, {"QuotaName": OWN, "QuotaCode": "L", "Value": "8"}])
def test_a_quota_without_sense_is_an_error(loopback_aws, access, entry):
    loopback_aws.answers(APPLIED, {"Quotas": [entry]})
    with pytest.raises(AwsError):
        read_quotas(access, [OWN])


def test_a_fleet_that_fits_is_only_an_assumption(running, smcost):
    running(page(quota(OWN, 4.0, "L-2F737F8D"), quota(ALL_TYPES, 20.0, "L-7A3DF611")))
    outcome = smcost("estimate --endpoint churn-endpoint -f json")
    assert warned(outcome, "quota_too_small") == warned(outcome, "quota_unchecked") == []
    rows = [e["value"] for e in outcome.document["assumptions"] if e["name"] == "account quota"]
    assert any(row.startswith(f"{OWN} (L-2F737F8D) 4; a blue/green") for row in rows)
    assert any(row.startswith(f"{ALL_TYPES} (L-7A3DF611) 20") for row in rows)


def test_a_maximum_above_a_quota_is_warned_of_with_its_name_code_and_value(running, smcost):
    running(page(quota(OWN, 3.0, "L-2F737F8D"), quota(ALL_TYPES, 2.0, "L-7A3DF611")))
    outcome = smcost("estimate --endpoint churn-endpoint -f json")
    of_type, of_all = warned(outcome, "quota_too_small")
    assert f"maximum of 4 is above the account's quota {OWN} (L-2F737F8D) 3" in of_type
    assert f"{ALL_TYPES} (L-7A3DF611) 2" in of_all
    assert "needs 8" in of_type


def test_the_proposal_is_checked_too(running, smcost):
    running(page(quota(OWN, 4.0), quota(ALL_TYPES, 40.0)))
    asked = f"--rps 40 --peak-rps 300 {ABLE} --budget 0s --p99 300ms"
    line = f"recommend --endpoint churn-endpoint {asked} -f json"
    outcome = smcost(line)
    [message] = warned(outcome, "quota_too_small")
    most = outcome.document["recommendation"]["max_capacity"]
    assert most > 4
    assert f"The recommended maximum of {most} " in message


@pytest.mark.parametrize("fault", ["denied", "page", "broken"])
def test_quotas_that_cannot_be_read_spoil_nothing(running, smcost, fault):
    aws = running(page())
    aws.answers(APPLIED, aws.faults[fault])
    outcome = smcost("estimate --endpoint churn-endpoint -f json")
    [message] = warned(outcome, "quota_unchecked")
    assert "service-quotas ListServiceQuotas" in message
    if fault == "denied":
        assert "servicequotas:ListServiceQuotas" in message
    assert outcome.document["cost"]["floor_usd"] > 0


def test_a_type_without_a_quota_is_said_not_to_be_checked(running, smcost):
    running(page(quota(ALL_TYPES, 40.0)))
    [message] = warned(smcost("estimate --endpoint churn-endpoint -f json"), "quota_unchecked")
    assert OWN in message


#: Call -> the IAM action whose absence is an error, since the estimate rests on it.
NEEDED = {
    "DescribeEndpoint": "sagemaker:DescribeEndpoint",
    "DescribeEndpointConfig": "sagemaker:DescribeEndpointConfig",
    "DescribeScalableTargets": "application-autoscaling:DescribeScalableTargets",
    "DescribeScalingPolicies": "application-autoscaling:DescribeScalingPolicies",
    "DescribeScheduledActions": "application-autoscaling:DescribeScheduledActions",
}


@pytest.mark.parametrize("operation", NEEDED)
def test_what_the_estimate_rests_on_must_be_allowed(running, smcost, operation):
    aws = running(page())
    aws.answers(operation, aws.faults["denied"])
    outcome = smcost("estimate --endpoint churn-endpoint")
    assert (outcome.exit_code, outcome.stdout) == (5, "")
    assert NEEDED[operation] in outcome.refusal[0]
    assert "--show-iam" in outcome.refusal[1]


def test_scaling_on_a_second_page_is_found(running, smcost):
    aws = running(page())
    whole = [*aws._answers["DescribeScalingPolicies"]]
    aws.answers("DescribeScalingPolicies", {"ScalingPolicies": [], "NextToken": "2"}, *whole)
    document = smcost("estimate --endpoint churn-endpoint -f json").document
    assert document["configuration"]["target_invocations_per_instance"] == 700.0
    first, second = aws.questions("DescribeScalingPolicies")
    assert first["ResourceId"] == "endpoint/churn-endpoint/variant/AllTraffic"
    assert first["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
    assert second["NextToken"] == "2"


def test_an_endpoint_in_the_middle_of_a_change_is_told(running, smcost, loopback_aws):
    aws = running(page())
    [described] = aws._answers["DescribeEndpoint"]
    aws.answers("DescribeEndpoint", described | {"EndpointStatus": "Updating"})
    [message] = warned(smcost("estimate --endpoint churn-endpoint -f json"), "endpoint_changing")
    assert "is Updating" in message
