"""docs/capacity.md shows what smcost does: every file in it is imported, every output compared."""

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "capacity.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"^`([\w.]+)`\n\n```(?:json|csv)\n(.*?)^```\n\n```console\n\$ smcost (.*?)\n(.*?)^```",
    PAGE,
    flags=re.MULTILINE | re.DOTALL,
)
TOOLS = ("Inference Recommender", "Locust", "k6", "LLMeter", "AIPerf", "GenAI-Perf")


def test_there_is_an_example_of_every_tool():
    assert len(EXAMPLES) == len(TOOLS)
    shown = "".join(output for *_, output in EXAMPLES)
    assert [tool for tool in TOOLS if tool not in shown] == []


@pytest.mark.parametrize(("name", "content", "command", "output"), EXAMPLES)
def test_an_example_prints_what_it_says(smcost, write, name, content, command, output):
    write(name, content)
    outcome = smcost(command)
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout == output


@pytest.mark.parametrize(("name", "content", "command", "output"), EXAMPLES)
def test_what_an_example_prints_is_a_capacity(smcost, write, name, content, command, output):
    write("capacity.csv", output)
    outcome = smcost("capacity show capacity.csv -f json")
    assert outcome.exit_code == 0, outcome.stderr
    [profile] = outcome.document["profiles"]
    assert profile["max_rps_tested"] > 0


def test_the_command_for_aws_s_answer_runs(smcost, write, write_trace):
    write_trace("week.csv", [600] * 240)
    name, content, *_ = EXAMPLES[0]
    write(name, content)
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    tracking = {"MetricSpecification": {"Predefined": metric}, "TargetValue": 371}
    scaling = {
        "MinCapacity": 2,
        "MaxCapacity": 9,
        "ScalingPolicies": [{"TargetTracking": tracking}],
    }
    answer = {"RecommendationId": "fraud/1", "DynamicScalingConfiguration": scaling}
    write("aws.json", json.dumps(answer))
    [command] = re.findall(
        r"^    smcost (recommend .*--aws-recommendation .*)$", PAGE, re.MULTILINE
    )
    outcome = smcost(command)
    assert outcome.exit_code == 0, outcome.stderr
    assert "AWS's recommendation" in outcome.stdout


def test_every_link_of_the_table_leads_to_a_heading():
    headings = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", PAGE, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= headings
