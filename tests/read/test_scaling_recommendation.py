"""AWS's own scaling answer is read whole, or refused with the key that is wrong."""

import copy
import json
from pathlib import Path

import pytest

from smcost.errors import InputError
from smcost.read.scaling_recommendation import read_scaling_recommendation
from smcost.recommend.aws_answer import GivenPolicy

SAMPLE = (
    Path(__file__).resolve().parents[3]
    / "shared/data/aws-json/get-scaling-configuration-recommendation.json"
)
ANSWER = {
    "RecommendationId": "job/1",
    "ScalingPolicyObjective": {"MinInvocationsPerMinute": 200, "MaxInvocationsPerMinute": 4000},
    "DynamicScalingConfiguration": {
        "MinCapacity": 2,
        "MaxCapacity": 11,
        "ScaleInCooldown": 600,
        "ScaleOutCooldown": 60,
        "ScalingPolicies": [
            {
                "TargetTracking": {
                    "MetricSpecification": {
                        "Predefined": {
                            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                        }
                    },
                    "TargetValue": 371.5,
                }
            }
        ],
    },
}


@pytest.fixture
def read(tmp_path):
    def of(answer):
        path = tmp_path / "answer.json"
        path.write_text(json.dumps(answer), encoding="utf-8")
        return read_scaling_recommendation(path)

    return of


def scaled(**change):
    answer = copy.deepcopy(ANSWER)
    answer["DynamicScalingConfiguration"].update(change)
    return answer


def test_bounds_target_and_cooldowns_are_taken_over(read):
    found = read(ANSWER)
    assert found.policy == GivenPolicy(
        minimum=2,
        maximum=11,
        target_per_minute=371.5,
        scale_in_cooldown_s=600,
        scale_out_cooldown_s=60,
    )
    assert (found.recommendation_id, found.most_per_minute) == ("job/1", 4000)


def test_cooldowns_that_are_not_stated_are_those_of_application_auto_scaling(read):
    policy = read(scaled(ScaleInCooldown=None, ScaleOutCooldown=None)).policy
    assert (policy.scale_in_cooldown_s, policy.scale_out_cooldown_s) == (300, 300)


def on(metric):
    policies = copy.deepcopy(ANSWER["DynamicScalingConfiguration"]["ScalingPolicies"])
    policies[0]["TargetTracking"]["MetricSpecification"] = metric
    return scaled(ScalingPolicies=policies)


@pytest.mark.parametrize(
    ("answer", "cause", "place"),
    [
        ({"JobName": "x"}, "There is no DynamicScalingConfiguration", ""),
        (scaled(MinCapacity=None), "MinCapacity is missing", ".MinCapacity"),
        (scaled(MinCapacity=0), "MinCapacity is 0", ".MinCapacity"),
        (scaled(MaxCapacity=2.5), "MaxCapacity is 2.5", ".MaxCapacity"),
        (scaled(MaxCapacity=1), "A minimum of 2 with a maximum of 1 is no policy", ""),
        (scaled(ScaleInCooldown=-1), "ScaleInCooldown is -1", ".ScaleInCooldown"),
        (scaled(ScalingPolicies=[]), "ScalingPolicies is a list of 0", ".ScalingPolicies"),
        (
            scaled(ScalingPolicies=2 * ANSWER["DynamicScalingConfiguration"]["ScalingPolicies"]),
            "a list of 2",
            ".ScalingPolicies",
        ),
        (scaled(ScalingPolicies=[{"StepScaling": {}}]), "one policy of target tracking", ""),
        (
            on({"Customized": {"MetricName": "CPUUtilization"}}),
            "AWS's policy is on CPUUtilization",
            ".MetricSpecification",
        ),
        (on({}), "on an unknown metric", ""),
    ],
)
def test_an_answer_that_cannot_be_replayed_is_refused(read, answer, cause, place):
    with pytest.raises(InputError) as caught:
        read(answer)
    assert cause in caught.value.cause
    assert caught.value.place.endswith(place)
    assert "answer.json" in caught.value.place


@pytest.mark.skipif(not SAMPLE.is_file(), reason="without the reference data beside the checkout")
def test_the_real_sample():
    found = read_scaling_recommendation(SAMPLE)
    policy = found.policy
    assert (policy.minimum, policy.maximum, policy.target_per_minute) == (2, 11, 371)
    assert found.recommendation_id == "fraud-2026-11-20-ab12cd34"
