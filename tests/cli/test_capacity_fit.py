"""``smcost capacity import`` of an endpoint whose minutes were saved: exit code, stdout, stderr."""

import json
from pathlib import Path

import jsonschema
import pytest

from smcost.capacity.fit import RefusalCode

#: A day each, with few requests: quick to fit.
GOOD = {"law": (0.3, 0.5), "workers": 1, "peak": 0.8, "days": 1}
IDLE = {"law": (0.3, 0.3), "workers": 2, "peak": 0.35, "days": 1}
FIT = Path(__file__).resolve().parents[2] / "docs" / "fit.md"

ACTIVITIES = {
    "ScalingActivities": [
        {
            "ResourceId": "endpoint/churn/variant/AllTraffic",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "Description": "Setting desired instance count to 3.",
            "Cause": "monitor alarm TargetTracking-AlarmHigh-1 in state ALARM",
            "StartTime": "2025-03-26T02:28:13+00:00",
            "EndTime": "2025-03-26T02:35:18+00:00",
            "StatusCode": "Successful",
        }
    ]
}

pytestmark = pytest.mark.usefixtures("fitted_once")


@pytest.fixture
def good(write, synthetic, minutes):
    write("good.csv", synthetic.saved(minutes(**GOOD)))
    write("activities.json", json.dumps(ACTIVITIES))


@pytest.fixture
def idle(write, synthetic, minutes):
    write("idle.csv", synthetic.saved(minutes(**IDLE)))


def test_the_table_shows_levels_estimate_and_start_up(smcost, good):
    outcome = smcost("capacity import good.csv --scaling-activities activities.json")
    assert outcome.exit_code == 0, outcome.stderr
    for text in (
        "latency against demand on one instance",
        "RANDOM routing assumed",
        "fitted p99",
        "1 worker; no other number explains the minutes as well.",
        "cv 0.",
        "--overhead 4ms",
        "The only successful scale-out, Wed 2025-03-26 02:28 UTC, took 425 s",
        "--startup-time 425s",
    ):
        assert text in outcome.stdout


def test_the_csv_is_read_back_by_estimate(smcost, good):
    assert smcost("capacity import good.csv -o capacity.csv").exit_code == 0
    estimated = smcost("estimate --rps 2 --count 1 --capacity capacity.csv -f json")
    assert estimated.exit_code == 0, estimated.stderr
    shown = Path("capacity.csv").read_text(encoding="utf-8")
    assert shown.startswith("# fitted to ModelLatency of churn, variant AllTraffic, us-east-1\n")
    assert "% of that." in shown


def test_the_document_is_as_its_schema_says(smcost, good):
    outcome = smcost("capacity import good.csv -f json --scaling-activities activities.json")
    schema = json.loads(smcost("schema capacity-fit").stdout)
    jsonschema.validate(outcome.document, schema)
    fit = outcome.document["fit"]
    assert fit["estimate"]["workers"] == 1
    assert fit["estimate"]["service_time_ms"] == pytest.approx(300, rel=0.03)
    low, high = fit["estimate"]["service_time_ci_ms"]
    assert low <= fit["estimate"]["service_time_ms"] <= high
    assert fit["startup"] == {
        "scale_outs": 1,
        "median_s": 425,
        "p90_s": 425,
        "unsuccessful": 0,
        "not_scaled": {},
    }
    assert fit["refusals"] == []


def test_markdown_has_the_same_headings(smcost, good):
    outcome = smcost("capacity import good.csv -f markdown")
    assert "In the quietest minutes the average ModelLatency was" in outcome.stdout
    assert "## Estimate" in outcome.stdout
    assert "| rps | utilisation |" in outcome.stdout


def test_a_refusal_is_a_result_with_its_own_exit_code(smcost, idle):
    outcome = smcost("capacity import idle.csv")
    assert outcome.exit_code == 11
    assert "Refused: these minutes do not tell the capacity" in outcome.stdout
    assert "Best explanation, not to be relied on" in outcome.stdout
    [refused, fix] = outcome.stderr.splitlines()
    assert refused.startswith("refused [never_loaded]: ")
    assert fix.startswith("  fix: ")


def test_a_refusal_writes_no_capacity_file(smcost, idle):
    Path("capacity.csv").write_text("what was there", encoding="utf-8")
    outcome = smcost("capacity import idle.csv -o capacity.csv")
    assert outcome.exit_code == 11
    assert outcome.stdout == ""
    assert Path("capacity.csv").read_text(encoding="utf-8") == "what was there"
    assert "capacity.csv was left as it was" in outcome.stderr


def test_a_refusal_as_json_names_its_code(smcost, idle):
    outcome = smcost("capacity import idle.csv -f json")
    assert outcome.exit_code == 11
    jsonschema.validate(outcome.document, json.loads(smcost("schema capacity-fit").stdout))
    [refusal] = outcome.document["fit"]["refusals"]
    assert refusal["code"] == "never_loaded"


def test_minutes_of_an_unknown_type_need_one(smcost, write, synthetic, minutes):
    text = synthetic.saved(minutes(**GOOD))
    lines = [line for line in text.splitlines() if not line.startswith("# instance type")]
    write("good.csv", "\n".join(lines) + "\n")
    outcome = smcost("capacity import good.csv -f csv")
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert "--instance-type" in outcome.refusal[0]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("capacity import", "Neither a file nor an endpoint"),
        ("capacity import good.csv --endpoint churn", "Both files and an endpoint"),
        ("capacity import good.csv --days 3", "--days"),
        ("capacity import good.csv --variant AllTraffic", "--variant"),
        ("capacity import good.csv --region eu-west-1", "--region"),
        ("capacity import good.csv --instances 2", "--instances"),
        ("capacity import good.csv --kind rates", "--kind"),
        ("capacity import good.csv --routing roundabout", "--routing"),
        ("capacity import good.csv good.csv", "there are other files"),
        ("capacity import stats.csv --routing random", "--routing"),
        ("capacity import --endpoint churn --offline", "--offline"),
        ("capacity import good.csv -f tfvars", "no format"),
    ],
)
def test_flags_that_make_no_sense_are_refused(smcost, write, line, place):
    write("good.csv", "# source: CloudWatch\n")
    write("stats.csv", "nothing\n")
    outcome = smcost(line)
    assert outcome.exit_code == 2, outcome.stderr
    assert outcome.stdout == ""
    assert place in " ".join(outcome.refusal)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("# source: CloudWatch\n", "no column timestamp"),
        ("# source: CloudWatch\n# endpoint: churn\ntimestamp,invocations\n", "no column"),
    ],
)
def test_a_damaged_file_is_refused_by_name(smcost, write, content, found):
    write("good.csv", content)
    outcome = smcost("capacity import good.csv")
    assert outcome.exit_code == 3
    assert found in outcome.refusal[0]
    assert "good.csv" in outcome.refusal[0]


def test_activities_of_another_endpoint_are_refused(smcost, good, write):
    write("activities.json", json.dumps(ACTIVITIES).replace("churn", "other"))
    outcome = smcost("capacity import good.csv --scaling-activities activities.json")
    assert outcome.exit_code == 3
    assert "None of the 1 activities is of churn" in outcome.refusal[0]


def test_the_page_names_every_refusal():
    text = FIT.read_text(encoding="utf-8")
    for code in RefusalCode:
        assert f"`{code.value}`" in text


def test_the_overhead_in_a_fitted_capacity_is_named_where_nobody_gives_it(smcost, good):
    assert smcost("capacity import good.csv -o capacity.csv").exit_code == 0
    warned = smcost("estimate --rps 2 --count 1 --capacity capacity.csv -f json")
    assert "warning [overhead_missing]" in warned.stderr
    assert "--overhead 4ms" in warned.stderr


def test_a_fit_into_a_file_says_what_it_found(smcost, good):
    line = "capacity import good.csv --scaling-activities activities.json -o capacity.csv"
    told = smcost(line).stderr
    for text in ("1 worker;", "Service time", "--overhead 4ms", "--startup-time 425s"):
        assert text in told
    assert "Service time" not in smcost(f"{line} --quiet").stderr


def test_another_type_than_the_observed_one_is_refused(smcost, good):
    outcome = smcost("capacity import good.csv --instance-type ml.zz9.xlarge -o capacity.csv")
    assert outcome.exit_code == 2
    assert "was observed on ml." in outcome.stderr
    assert "Leave --instance-type out" in outcome.stderr
    assert not Path("capacity.csv").exists()
