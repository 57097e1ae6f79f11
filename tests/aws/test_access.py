"""Every way a call can fail, through real boto3, is one sentence of cause and one of remedy."""

import json
import re
from datetime import UTC, datetime

import pytest

from smcost.errors import AwsError
from smcost.read.aws import operations
from smcost.read.aws.access import MOST_ATTEMPTS, Aws
from smcost.read.aws.operations import (
    DESCRIBE_ENDPOINT,
    DESCRIBE_SAVINGS_PLANS_OFFERING_RATES,
    DESCRIBE_SCALABLE_TARGETS,
    GET_METRIC_DATA,
    GET_PRODUCTS,
    LIST_SERVICE_QUOTAS,
    NEEDED,
    Operation,
    iam_policy,
)
from smcost.read.masking import masked

OPERATIONS = [value for value in vars(operations).values() if isinstance(value, Operation)]


def endpoint(name="churn"):
    return {"EndpointName": name, "EndpointStatus": "InService"}


def refusal(call, *arguments, **parameters):
    with pytest.raises(AwsError) as caught:
        list(call(*arguments, **parameters))
    assert caught.value.exit_code == 5
    for sentence in (caught.value.cause, caught.value.remedy):
        assert sentence
        assert not sentence.endswith(".")
        assert "\n" not in sentence
        assert "arn:" not in sentence
        assert not re.search(r"\d{12}", sentence)
    return caught.value


def ask(access):
    return access.ask(DESCRIBE_ENDPOINT, EndpointName="churn")


def test_an_answer_comes_without_the_transports_part(loopback_aws, access):
    loopback_aws.answers("DescribeEndpoint", endpoint())
    assert ask(access) == endpoint()
    assert loopback_aws.asked == [("DescribeEndpoint", {"EndpointName": "churn"})]


def test_the_program_says_who_it_is(loopback_aws, access):
    loopback_aws.answers("DescribeEndpoint", endpoint())
    ask(access)
    assert " smcost/" in loopback_aws.headers[0]["User-Agent"]


def test_cloudwatch_is_understood_in_its_binary_protocol(loopback_aws, access):
    at = datetime(2026, 11, 1, tzinfo=UTC)
    loopback_aws.answers(
        "GetMetricData",
        {"MetricDataResults": [{"Id": "a", "Timestamps": [at], "Values": [12.0]}]},
    )
    question = {"MetricDataQueries": [{"Id": "a", "Expression": "x"}]}
    [result] = access.pages(
        GET_METRIC_DATA, "MetricDataResults", **question, StartTime=at, EndTime=at
    )
    assert result["Timestamps"] == [at]
    assert result["Values"] == [12.0]


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("throttled", "AWS throttles the calls, after several tries"),
        ("expired", "The credentials have expired"),
        ("broken", "AWS failed by itself (InternalFailure), after several tries"),
        ("page", "The answer is empty, cut off or not one of AWS's, twice"),
        ("nothing", "The answer is empty, cut off or not one of AWS's, twice"),
        ("cut", "The answer is empty, cut off or not one of AWS's, twice"),
        ("slow", "No answer came in time"),
        ("denied", "The credentials may not call sagemaker:DescribeEndpoint"),
    ],
)
def test_a_failing_call(loopback_aws, access, monkeypatch, fault, cause):
    if fault == "slow":
        monkeypatch.setattr("smcost.read.aws.access.READ_TIMEOUT_S", 0.2)
    loopback_aws.answers("DescribeEndpoint", loopback_aws.faults[fault])
    error = refusal(ask, access)
    assert error.cause == cause
    assert error.place == "sagemaker DescribeEndpoint"


@pytest.mark.parametrize("fault", ["throttled", "broken", "cut", "slow", "page", "nothing"])
def test_a_passing_fault_is_tried_again_and_goes_unnoticed(loopback_aws, access, fault):
    loopback_aws.answers("DescribeEndpoint", loopback_aws.faults[fault], endpoint())
    assert ask(access) == endpoint()
    assert len(loopback_aws.asked) == 2


def test_a_scheme_that_is_none_is_an_address_to_correct(loopback_aws, access, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "htp://127.0.0.1:9")
    error = refusal(ask, access)
    assert error.cause == "The address of the service is wrong"
    assert error.remedy == "Correct AWS_ENDPOINT_URL"


@pytest.mark.parametrize("bundle", ["missing.pem", "empty.pem"])
def test_a_bundle_that_cannot_be_read_is_named(loopback_aws, access, monkeypatch, tmp_path, bundle):
    (tmp_path / "empty.pem").write_text("")
    at = loopback_aws.url.replace("http://", "https://")
    monkeypatch.setenv("AWS_ENDPOINT_URL", at)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / bundle))
    error = refusal(ask, access)
    assert error.cause.startswith("The certificates of AWS_CA_BUNDLE cannot be read (")
    assert "AWS_CA_BUNDLE" in error.remedy


@pytest.mark.parametrize(("fault", "tries"), [("throttled", MOST_ATTEMPTS), ("expired", 1)])
def test_only_what_may_pass_is_tried_again(loopback_aws, access, fault, tries):
    loopback_aws.answers("DescribeEndpoint", loopback_aws.faults[fault])
    refusal(ask, access)
    assert len(loopback_aws.asked) == tries


@pytest.mark.parametrize("fault", ["page", "nothing", "cut"])
def test_cloudwatch_answered_by_something_else(loopback_aws, access, fault):
    loopback_aws.answers("GetMetricData", loopback_aws.faults[fault])
    at = datetime(2026, 11, 1, tzinfo=UTC)
    question = {"MetricDataQueries": [{"Id": "a", "Expression": "x"}]}
    error = refusal(
        access.pages, GET_METRIC_DATA, "MetricDataResults", **question, StartTime=at, EndTime=at
    )
    assert "AWS_ENDPOINT_URL" in error.remedy


@pytest.mark.parametrize(
    "answer",
    [
        {"ScalableTargets": ["a text"]},
        {"ScalableTargets": "a text"},
        {"ScalableTargets": [{"CreationTime": {"not": "a time"}}]},
        {"ScalableTargets": {"a": "mapping"}},
    ],
)
def test_an_answer_of_another_shape_is_no_bug_of_ours(loopback_aws, access, answer):
    loopback_aws.answers("DescribeScalableTargets", answer)
    error = refusal(
        access.pages, DESCRIBE_SCALABLE_TARGETS, "ScalableTargets", ServiceNamespace="sagemaker"
    )
    assert error.place == "application-autoscaling DescribeScalableTargets"


def test_a_mistake_of_ours_is_not_taken_for_aws(access):
    with pytest.raises(TypeError):
        access.ask(DESCRIBE_ENDPOINT, **{"EndpointName": "churn", 7: 8})


def test_an_unknown_refusal_keeps_the_words_of_aws_but_no_arn(loopback_aws, access):
    message = "Could not find endpoint arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn."
    loopback_aws.answers(
        "DescribeEndpoint",
        loopback_aws.fault(status=400, code="ValidationException", message=message),
    )
    error = refusal(ask, access)
    assert error.cause == (
        "AWS refuses the call with ValidationException: Could not find endpoint (arn)"
    )


def test_a_question_that_the_model_refuses_never_leaves(loopback_aws, access):
    error = refusal(access.ask, DESCRIBE_ENDPOINT, EndpointName=7)
    assert "model" in error.cause
    assert loopback_aws.asked == []


class TestWithoutTheService:
    def test_no_credentials(self, aws_environment, access):
        aws_environment.delenv("AWS_ACCESS_KEY_ID")
        aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
        error = refusal(ask, access)
        assert error.cause == "No AWS credentials are found"
        assert "--profile" in error.remedy

    def test_half_of_them(self, aws_environment, access):
        aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
        assert refusal(ask, access).cause == "Only half of the AWS credentials is set"

    def test_a_profile_that_is_not_there(self, aws_environment):
        error = refusal(ask, Aws(region="eu-west-1", profile="prod"))
        assert "~/.aws/config" in error.cause

    def test_a_configuration_that_cannot_be_read(self, aws_environment, access, tmp_path):
        (tmp_path / "config").write_text("[default\nregion")
        aws_environment.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        assert "configuration file" in refusal(ask, access).cause

    def test_an_expired_single_sign_on(self, aws_environment, tmp_path):
        (tmp_path / "config").write_text(
            "[profile sso]\nsso_start_url = https://127.0.0.1:9/start\nsso_region = eu-west-1\n"
            "sso_account_id = 123456789012\nsso_role_name = reader\n"
        )
        aws_environment.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        aws_environment.setenv("HOME", str(tmp_path))
        aws_environment.delenv("AWS_ACCESS_KEY_ID")
        aws_environment.delenv("AWS_SECRET_ACCESS_KEY")
        assert "aws sso login" in refusal(ask, Aws(region="eu-west-1", profile="sso")).remedy

    @pytest.mark.parametrize("region", ["not a region", "eu_west_1!"])
    def test_no_region(self, aws_environment, region):
        assert "--region" in refusal(ask, Aws(region=region)).remedy

    def test_nobody_listens(self, aws_environment, impatient, access):
        error = refusal(ask, access)
        assert error.cause == "The service cannot be reached"
        assert "--offline" in error.remedy

    def test_a_malformed_address(self, aws_environment, access):
        aws_environment.setenv("AWS_ENDPOINT_URL", "not an address")
        assert "AWS_ENDPOINT_URL" in refusal(ask, access).remedy

    def test_a_proxy_that_is_not_there(self, aws_environment, impatient, access):
        aws_environment.setenv("NO_PROXY", "")
        aws_environment.setenv("no_proxy", "")
        aws_environment.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        aws_environment.setenv("AWS_ENDPOINT_URL", "http://aws.example.invalid")
        assert "proxy" in refusal(ask, access).cause.lower()


class TestPages:
    def pages(self, loopback_aws, access, *answers):
        loopback_aws.answers("DescribeScalableTargets", *answers)
        return access.pages(
            DESCRIBE_SCALABLE_TARGETS, "ScalableTargets", ServiceNamespace="sagemaker"
        )

    def test_all_are_walked_an_empty_one_in_the_middle_too(self, loopback_aws, access):
        found = self.pages(
            loopback_aws,
            access,
            {"ScalableTargets": [{"MinCapacity": 1}], "NextToken": "b"},
            {"ScalableTargets": [], "NextToken": "c"},
            {"ScalableTargets": [{"MinCapacity": 3}]},
        )
        assert [entry["MinCapacity"] for entry in found] == [1, 3]
        tokens = [question.get("NextToken") for _, question in loopback_aws.asked]
        assert tokens == [None, "b", "c"]

    def test_a_page_that_names_itself_as_the_next_is_no_endless_walk(self, loopback_aws, access):
        again = {"ScalableTargets": [], "NextToken": "b"}
        error = refusal(self.pages, loopback_aws, access, again)
        assert "twice" in error.cause

    def test_a_page_without_the_list_is_no_empty_list(self, loopback_aws, access):
        error = refusal(self.pages, loopback_aws, access, {"NextToken": "b"})
        assert error.cause == "The answer has no ScalableTargets"

    def test_a_fault_on_a_later_page_is_an_error(self, loopback_aws, access):
        first = {"ScalableTargets": [{"MinCapacity": 1}], "NextToken": "b"}
        error = refusal(self.pages, loopback_aws, access, first, loopback_aws.faults["page"])
        assert error.place == "application-autoscaling DescribeScalableTargets"

    def test_savings_plans_spell_the_token_otherwise(self, loopback_aws, access):
        loopback_aws.answers(
            "DescribeSavingsPlansOfferingRates",
            {"searchResults": [{"rate": "1"}], "nextToken": "b"},
            {"searchResults": [{"rate": "2"}]},
        )
        found = access.pages(DESCRIBE_SAVINGS_PLANS_OFFERING_RATES, "searchResults")
        assert [entry["rate"] for entry in found] == ["1", "2"]
        assert loopback_aws.asked[1][1] == {"nextToken": "b"}


def test_prices_are_asked_where_they_are_told(loopback_aws, access):
    """Any other region builds a host name that does not exist."""
    loopback_aws.answers("GetProducts", {"PriceList": []})
    list(access.pages(GET_PRODUCTS, "PriceList", ServiceCode="AmazonSageMaker"))
    assert "/us-east-1/pricing/" in loopback_aws.headers[0]["Authorization"]


def test_an_endpoint_is_asked_in_its_region(loopback_aws, access):
    loopback_aws.answers("DescribeEndpoint", endpoint())
    ask(access)
    assert "/eu-west-1/sagemaker/" in loopback_aws.headers[0]["Authorization"]


class TestWhatIsAllowed:
    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
    def test_every_call_reads_and_is_one_of_boto3s(self, operation, access):
        assert operation.name.startswith(("Describe", "Get", "List"))
        assert hasattr(access._client(operation), operation.method)

    def test_every_call_is_some_commands(self):
        assert {call for calls in NEEDED.values() for call in calls} <= set(OPERATIONS)

    @pytest.mark.parametrize("command", NEEDED)
    def test_the_policy_allows_what_is_called_and_nothing_more(self, command):
        policy = json.loads(iam_policy(command))
        [statement] = policy["Statement"]
        assert policy["Version"] == "2012-10-17"
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == sorted({call.action for call in NEEDED[command]})
        assert not [action for action in statement["Action"] if "*" in action]

    def test_the_iam_prefix_of_quotas_has_no_hyphen(self):
        assert LIST_SERVICE_QUOTAS.action == "servicequotas:ListServiceQuotas"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("User: arn:aws:iam::123456789012:user/me is not authorized.",
         "User: (arn) is not authorized"),
        ("account 123456789012 is\n closed", "account (account) is closed"),
        ("arn:aws-cn:sagemaker:cn-north-1:123456789012:endpoint/x", "(arn)"),
        ("1234567890123 is no account", "1234567890123 is no account"),
    ],
)  # fmt: skip
def test_arns_and_accounts_are_masked(text, expected):
    assert masked(text) == expected
