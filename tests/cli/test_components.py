"""``smcost components`` on the command line: formats, schema, refusals, real traces."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

TRACES = Path(__file__).resolve().parents[3] / "shared" / "data" / "traces"
HEADER = "component,cpu_cores,accelerators,memory_mb,min_copies,max_copies,target,rps"
TWO = f"{HEADER}\nchat,4,1,16384,1,6,60,2\nembed,1,0,4096,0,4,300,5\n"
LINE = "components --components two.csv --instance-type ml.g5.12xlarge"


@pytest.fixture
def two(write):
    return write("two.csv", TWO)


@pytest.mark.usefixtures("two")
def test_the_document_fits_its_schema_and_adds_up(smcost):
    document = smcost(f"{LINE} -f json").document
    schema = smcost("schema components").document
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    cost = document["cost"]
    assert cost["floor_usd"] <= cost["expected_usd"] <= cost["ceiling_usd"]
    shares = document["instances"]
    for resource, share in shares["reserved_share"].items():
        assert share + shares["wasted_share"][resource] == pytest.approx(1)
    parts = sum(one["usd"] for one in document["components"])
    assert parts == pytest.approx(cost["expected_usd"], abs=0.02)
    assert document["terraform"]["hashicorp_aws_resource"] is None
    assert "#35226" in document["terraform"]["note"]
    assert document["scaling"]["min_instance_count"] == 1
    assert document["zero"]["keeps_instance"] is True


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("form", ["table", "markdown"])
def test_every_section_is_there_and_terraform_is_always_said(smcost, form):
    text = smcost(f"{LINE} -f {form}").stdout
    assert "hashicorp/aws has no aws_sagemaker_inference_component" in text.replace("\\", "")
    for title in ("Copies", "Requests a month", "Instances", "Scaling to zero", "Assumptions"):
        assert f"\n## {title}\n" in text if form == "markdown" else f"\n{title}\n" in text


@pytest.mark.usefixtures("two")
def test_the_csv_has_a_row_for_each_component(smcost):
    rows = list(csv.DictReader(io.StringIO(smcost(f"{LINE} -f csv").stdout)))
    assert [row["component"] for row in rows] == ["chat", "embed"]
    assert [row["binding_resource"] for row in rows] == ["accelerator", "memory"]
    assert [row["copies_per_instance"] for row in rows] == ["4", "47"]
    assert [row["p99_ms"] for row in rows] == ["", ""]
    assert sum(Decimal(row["usd"]) for row in rows) == Decimal("5104.80")


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    "given", ["-f tfvars", "-f tfvars.json", "-o x.tfvars", "-o x.tfvars.json"]
)
def test_terraform_variables_are_refused_with_the_reason(smcost, alone, given):
    outcome = smcost(f"{LINE} {given}")
    assert outcome.exit_code == 2
    cause, remedy = outcome.refusal
    assert "no aws_sagemaker_inference_component (its issue #35226)" in cause
    assert "awscc_sagemaker_inference_component" in remedy
    assert not list(alone.glob("x.*"))


@pytest.mark.parametrize(
    ("flags", "cause", "remedy"),
    [
        pytest.param("-f html", "no format 'html'", "table", id="a format there is not"),
        pytest.param("--placement tight", "'TIGHT' is not known", "SPREAD, BINPACK", id="word"),
        pytest.param("--scale-in-policy x", "'X' is not known", "IDLE_RELEASE", id="policy"),
        pytest.param("--idle-time 15", "has no unit", "Add one", id="a bare number"),
        pytest.param("--idle-time 30s", "not idle after 30s", "a minute", id="half a minute"),
        pytest.param("--traffic-scale 0", "no growth factor", "above 0", id="no traffic"),
        pytest.param("--traffic-scale nan", "no growth factor", "above 0", id="nan"),
        pytest.param("--reserved-memory 200GB", "leaves nothing", "room", id="all reserved"),
        pytest.param("--reserved-cpu -1", "leaves nothing", "0 or more", id="a negative reserve"),
        pytest.param("--reserved-memory 200GB", "204,800 MB of the", "room", id="with its unit"),
        pytest.param("--reserved-cpu 99", "99 vCPU of the 48 vCPU", "room", id="and of cores"),
        pytest.param("--min-instances -1", "is negative", "0 or more", id="a negative minimum"),
        pytest.param("--min-instances 3 --max-instances 2", "below the minimum", "3", id="bounds"),
        pytest.param("--wake-failures 0", "wake nothing", "1 or more", id="no failure"),
        pytest.param("--consolidation-step 0", "outside 1 to 100", "within", id="step"),
        pytest.param("--consolidation-cooldown 1min", "outside 5 to 1440", "20min", id="cooldown"),
        pytest.param("--instance-accelerators -1", "-1 accelerators", "devices", id="devices"),
        pytest.param("--instance-vcpu 0", "no size", "--instance-vcpu", id="no core"),
        pytest.param("--instance-vcpu 2", "No copy of chat fits", "larger", id="too small"),
        pytest.param("--traffic-scale 1e9", "no growth factor", "at most", id="growth"),
        pytest.param("--gaps maybe", "'maybe' is not known", "zero", id="gaps"),
        pytest.param("--routing best", "'best' is not known", "random", id="routing"),
        pytest.param("--instance-type ml.m5.xlarge", "2 instance types", "once", id="two types"),
        pytest.param("--hours-per-month 9999", "not a month", "720", id="a month"),
    ],
)
@pytest.mark.usefixtures("two")
def test_flags_that_make_no_sense_are_refused(smcost, flags, cause, remedy):
    outcome = smcost(f"{LINE} {flags}")
    assert outcome.exit_code == 2
    said = outcome.refusal
    assert cause in said[0]
    assert remedy in said[1]


def test_what_is_missing_is_asked_for(smcost, two):
    assert "--instance-type" in smcost(f"components --components {two}").refusal[1]
    outcome = smcost("components --instance-type ml.g6.xlarge")
    assert (outcome.exit_code, outcome.refusal[0]) == (2, "--components: No components are given.")
    outcome = smcost("components --instance-type ml.g6.xlarge --components no.csv")
    assert outcome.exit_code == 3


def test_accelerators_that_nobody_counted_are_asked_for(smcost, write):
    write("two.csv", TWO.replace("16384", "1024"))
    line = LINE.replace("ml.g5.12xlarge", "ml.inf2.xlarge")
    outcome = smcost(line)
    assert outcome.exit_code == 2
    assert "how many ml.inf2.xlarge has is not known" in outcome.refusal[0]
    document = smcost(f"{line} --instance-accelerators 1 -f json").document
    assert document["room"] == {"cpu_cores": 4.0, "accelerators": 1, "memory_mb": 14336}


def test_a_type_of_unknown_size_is_asked_for(smcost, write):
    write("two.csv", f"{HEADER}\na,1,0,1024,1,2,60,1\n")
    prices = "region,instance_type,component,usd_per_hour,source,as_of\n"
    write("p.csv", f"{prices}us-east-1,ml.zz9.xlarge,Hosting,1,a colleague,2026\n")
    line = f"{LINE.replace('ml.g5.12xlarge', 'ml.zz9.xlarge')} --prices p.csv"
    assert "How much vcpu ml.zz9.xlarge has is not known" in smcost(line).refusal[0]
    outcome = smcost(f"{line} --instance-vcpu 8 --instance-memory 32GB -f json")
    assert outcome.document["room"]["memory_mb"] == 30 * 1024


@pytest.mark.usefixtures("two")
def test_settings_and_environment_reach_it(smcost, write, monkeypatch):
    write("smcost.toml", '[components]\nplacement = "BINPACK"\n')
    monkeypatch.setenv("SMCOST_IDLE_TIME", "30min")
    document = smcost(f"{LINE} -f json").document
    assert document["scaling"]["placement_strategy"] == "BINPACK"
    sources = {entry["name"]: entry["source"] for entry in document["assumptions"]}
    assert sources["placement"] == "smcost.toml, placement"
    assert sources["idle until the last copy goes"] == "environment SMCOST_IDLE_TIME"


def test_a_reserve_that_was_given_is_not_warned_of(smcost, write):
    write("two.csv", f"{HEADER}\na,0,0,65536,1,2,60,1\n")
    assert "reserve_unknown" in smcost(LINE).warning_codes
    assert "reserve_unknown" not in smcost(f"{LINE} --reserved-memory 4GB").warning_codes


def test_copies_that_cannot_carry_their_traffic_are_named(smcost, write):
    columns = "component,memory_mb,max_copies,target,rps,service_time_ms,concurrency"
    write("two.csv", f"{columns}\nslow,1024,1,60,5,900,2\nfast,1024,1,600,5,40,4\n")
    outcome = smcost(f"{LINE} -f json")
    late = [one for one in outcome.document["warnings"] if one["code"] == "beyond_timeout"]
    assert [one["message"].split(":")[0] for one in late] == ["slow"]
    assert outcome.document["components"][0]["latency"]["p99_ms"] is None


def test_traffic_is_taken_over_the_minutes_that_all_have(smcost, write, write_trace):
    write_trace("a.csv", [60] * 300)
    write_trace("b.csv", [30] * 200)
    columns = "component,memory_mb,max_copies,target,traffic,rps"
    write("two.csv", f"{columns}\na,1024,2,60,a.csv,\nb,1024,2,60,b.csv,\nc,1024,2,60,,1\n")
    horizon = smcost(f"{LINE} -f json").document["horizon"]
    assert horizon["hours"] == pytest.approx(200 / 60, abs=1e-4)


def test_traffic_of_other_days_is_refused(smcost, write, write_trace):
    write_trace("a.csv", [60] * 30)
    write("b.csv", "timestamp,invocations\n1999-01-01T00:00:00Z,5\n1999-01-01T00:01:00Z,5\n")
    columns = "component,memory_mb,max_copies,target,traffic"
    write("two.csv", f"{columns}\na,1024,2,60,a.csv\nb,1024,2,60,b.csv\n")
    outcome = smcost(LINE)
    assert outcome.exit_code == 3
    assert "no minute in common" in outcome.refusal[0]
    assert "two.csv, row 3" in outcome.refusal[0]


def test_a_day_of_the_world_cup_in_flight(smcost, write):
    """Two models on one trace, one scaled by requests in flight, one by invocations."""
    path = TRACES / "wc98_may.csv"
    if not path.is_file():
        pytest.skip("wc98_may.csv of the reference data is not beside the checkout")
    lines = path.read_text(encoding="utf-8").splitlines()
    write("cup.csv", "\n".join([lines[0], *lines[1 + 1440 * 10 : 1 + 1440 * 11]]) + "\n")
    columns = (
        "component,accelerators,memory_mb,min_copies,max_copies,target,concurrency_target,traffic,"
        "traffic_scale,service_time_ms,concurrency"
    )
    rows = "chat,1,8192,1,8,,3,cup.csv,0.2,900,4\ntag,0,2048,0,4,120,,cup.csv,0.01,100,4\n"
    write("two.csv", f"{columns}\n{rows}")
    document = smcost(f"{LINE} -f json --quiet").document
    chat, tag = document["components"]
    assert chat["metric"] == "concurrent_requests_per_copy"
    assert (chat["share_of_target"], tag["share_of_target"] is None) == (None, False)
    assert chat["copies"]["max"] > 1
    assert chat["latency"]["p50_ms"] > 800
    instances = document["instances"]
    assert instances["mean_lower_bound"] <= instances["mean_first_fit"]
    assert json.dumps(document).count("NaN") == 0
