"""smcost.toml and SMCOST_*: what they take, and whom an error names."""

import re
from pathlib import Path

import pytest

from smcost.cli.names import variable_of

SETTINGS = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
FIXED = "estimate --count 2"
ASK = "recommend --rps 20 --service-time 45ms --concurrency 4"


def example():
    text = SETTINGS.read_text(encoding="utf-8")
    return re.search(r"```toml\n(.*?)```", text, flags=re.DOTALL)[1]


def source(outcome, name):
    [found] = [entry for entry in outcome.document["assumptions"] if entry["name"] == name]
    return found["source"]


def refused(outcome, place, cause):
    assert outcome.exit_code in (2, 3), outcome.stderr
    said, _ = outcome.refusal
    assert said.startswith(f"{place}: ")
    assert cause in said


def test_the_example_of_the_documentation_works(smcost, write):
    write("smcost.toml", example())
    answer = smcost(f"{ASK} -f json").document
    assert answer["recommendation"]["min_capacity"] >= 2
    assert answer["provenance"]["prices"]["region"] == "eu-west-1"
    assert smcost("estimate").stdout.startswith("2 x ml.m5.xlarge in eu-west-1, fixed")
    assert smcost("prices show").stdout.startswith("region,instance_type,")
    assert "initial_count " in smcost("estimate -f tfvars").stdout


def test_one_text_does_for_a_list_of_one(smcost, write):
    write("smcost.toml", "instance-type = 'ml.c5.large'\n")
    assert smcost(FIXED).stdout.startswith("2 x ml.c5.large")


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("region = ['eu-west-1']\n", "text or a number"),
        ("count = true\n", "text or a number"),
        ("instance-type = 5\n", "text or a list of texts"),
        ("tfvars-map = [1]\n", "text or a list of texts"),
        ("quiet = 'yes'\n", "true or false"),
        ("quiet = 1\n", "true or false"),
    ],
)
def test_a_setting_of_another_kind_is_refused(smcost, write, content, wanted):
    write("smcost.toml", content)
    outcome = smcost("estimate")
    key = content.split(" ")[0]
    refused(outcome, f"smcost.toml, {key}", f"{wanted} is wanted")
    assert outcome.exit_code == 3


@pytest.mark.parametrize(
    ("content", "line", "place", "cause"),
    [
        ("startup-time = '300'\n", FIXED, "startup-time", "has no unit"),
        ("rps = 'many'\n", FIXED, "rps", "'many' is no number"),
        ("[estimate]\ncount = 0\n", "estimate", "count", "0 instances"),
        ("min = 2000000\n", f"{ASK} --p99 1s", "min", "No account has"),
        ("[prices.show]\nformat = 'html'\n", "prices show", "format", "no format"),
        ("instance-type = ['ml.c5.large', 'ml.c5.xlarge']\n", FIXED, "instance-type", "cannot"),
    ],
)
def test_an_error_names_the_key_of_the_settings(smcost, write, content, line, place, cause):
    write("smcost.toml", content)
    refused(smcost(line), f"smcost.toml, {place}", cause)


@pytest.mark.parametrize(
    ("name", "value", "line", "cause"),
    [
        ("SMCOST_COUNT", "two", "estimate", "'two' is no whole number"),
        ("SMCOST_COUNT", "0", "estimate", "0 instances"),
        ("SMCOST_P99", "300", ASK, "has no unit"),
        ("SMCOST_MIN", "2000000", f"{ASK} --p99 1s", "No account has"),
        ("SMCOST_QUIET", "perhaps", FIXED, "perhaps"),
        ("SMCOST_TFVARS_MAP", "nonsense", f"{FIXED} -f tfvars", "which name becomes which"),
    ],
)
def test_an_error_names_the_variable(smcost, monkeypatch, name, value, line, cause):
    monkeypatch.setenv(name, value)
    outcome = smcost(line)
    assert outcome.exit_code == 2
    assert cause in outcome.refusal[0]
    assert outcome.refusal[0].startswith(f"environment {name}: ")


def test_an_unknown_type_or_region_names_where_it_was_set(smcost, monkeypatch, write):
    write("smcost.toml", "instance-type = 'ml.m5.xlrge'\n")
    outcome = smcost(FIXED)
    assert outcome.exit_code == 4
    assert outcome.refusal[0].startswith("smcost.toml, instance-type: 'ml.m5.xlrge'")
    monkeypatch.setenv("SMCOST_REGION", "mars-1")
    outcome = smcost(f"{FIXED} --instance-type ml.m5.xlarge")
    assert outcome.exit_code == 4
    assert outcome.refusal[0].startswith("environment SMCOST_REGION: 'mars-1'")
    assert smcost(f"{FIXED} --region mars-2").refusal[0].startswith("'mars-2'")


def test_a_flag_that_was_typed_is_named_though_a_variable_is_set(smcost, monkeypatch):
    monkeypatch.setenv("SMCOST_COUNT", "3")
    refused(smcost("estimate --count 0"), "--count", "0 instances")
    refused(smcost("estimate --count=0"), "--count", "0 instances")
    monkeypatch.setenv("SMCOST_FORMAT", "json")
    refused(smcost(f"{FIXED} -f html"), "--format", "no format")


def test_the_switches_can_stand_in_the_environment(smcost, monkeypatch, write):
    monkeypatch.setenv("SMCOST_QUIET", "1")
    monkeypatch.setenv("SMCOST_OFFLINE", "1")
    monkeypatch.setenv("SMCOST_EXPLAIN", "1")
    outcome = smcost("estimate --min 1 --max 2")
    assert outcome.stderr == ""
    assert "SageMaker pricing page" in outcome.stdout
    monkeypatch.setenv("SMCOST_QUIET", "0")
    assert smcost("estimate --min 1 --max 2").warning_codes == {"expected_unknown"}
    monkeypatch.setenv("SMCOST_REQUESTS", "true")
    write("requests.csv", "timestamp\n2024-01-01T00:00:00Z\n2024-01-01T00:01:00Z\n")
    assert "2" in smcost("traffic show requests.csv").stdout


def test_the_switches_can_stand_in_the_settings(smcost, write):
    write("smcost.toml", "quiet = true\nexplain = true\n")
    outcome = smcost("estimate --min 1 --max 2")
    assert outcome.stderr == ""
    assert "SageMaker pricing page" in outcome.stdout


def test_output_and_renaming_can_stand_in_the_environment(smcost, monkeypatch, alone):
    monkeypatch.setenv("SMCOST_OUTPUT", "there.tfvars")
    monkeypatch.setenv("SMCOST_TFVARS_MAP", "instance_count=size instance_type=kind")
    assert smcost(FIXED).stdout == ""
    written = (alone / "there.tfvars").read_text(encoding="utf-8")
    assert re.search(r"^size +=", written, flags=re.MULTILINE)
    assert re.search(r"^kind +=", written, flags=re.MULTILINE)


def test_a_variable_that_no_command_knows_is_refused_with_the_nearest(smcost, monkeypatch):
    monkeypatch.setenv("SMCOST_CUONT", "2")
    outcome = smcost("estimate")
    assert outcome.exit_code == 2
    assert outcome.refusal[0].startswith("environment SMCOST_CUONT: ")
    assert outcome.refusal[1] == "Did you mean SMCOST_COUNT."
    assert smcost("estimate --help").exit_code == 0


def test_the_variable_of_the_golden_files_is_no_setting(smcost, monkeypatch):
    monkeypatch.setenv("SMCOST_REWRITE_GOLDEN", "0")
    assert smcost(FIXED).exit_code == 0


def test_minimum_and_maximum_are_called_as_their_flags(smcost, monkeypatch):
    assert variable_of("minimum") == "SMCOST_MIN"
    monkeypatch.setenv("SMCOST_MIN", "1")
    monkeypatch.setenv("SMCOST_MAX", "4")
    assert smcost("estimate -f json").document["configuration"]["max_capacity"] == 4


@pytest.mark.parametrize(
    ("given", "capacity", "slo"),
    [
        ("flag", "flag --service-time and flag --concurrency", "flag --p99"),
        ("environment", "environment SMCOST_SERVICE_TIME and ", "environment SMCOST_P99"),
        ("settings", "smcost.toml, service-time and ", "smcost.toml, p99"),
    ],
)
def test_capacity_and_slo_name_their_true_origin(smcost, write, monkeypatch, given, capacity, slo):
    values = {"service-time": "45ms", "concurrency": "4", "p99": "300ms", "region": "us-west-2"}
    line = "recommend --rps 20 -f json"
    if given == "flag":
        line += "".join(f" --{key} {value}" for key, value in values.items())
    elif given == "environment":
        for key, value in values.items():
            monkeypatch.setenv(variable_of(key), value)
    else:
        write("smcost.toml", "".join(f"{key} = '{value}'\n" for key, value in values.items()))
    outcome = smcost(line)
    assert outcome.document["provenance"]["capacity"].startswith(capacity)
    assert source(outcome, "SLO") == slo
    assert source(outcome, "region") == slo.replace("P99", "REGION").replace("p99", "region")


def test_a_capacity_file_from_elsewhere_says_so(smcost, write, monkeypatch):
    header = "instance_type,workers,service_time_ms,service_cv\n"
    write("c.csv", f"{header}ml.m5.xlarge,4,45,0.5\n")
    monkeypatch.setenv("SMCOST_CAPACITY", "c.csv")
    outcome = smcost("recommend --rps 20 --p99 300ms -f json")
    origin = outcome.document["provenance"]["capacity"]
    assert origin.startswith("c.csv (environment SMCOST_CAPACITY): 4 workers")


def test_the_region_and_the_disk_of_the_type_name_their_sources(smcost):
    outcome = smcost("estimate --count 2 --instance-type ml.g5.xlarge -f json")
    assert source(outcome, "region") == "default"
    assert source(outcome, "endpoint storage") == "data/README.md"


def test_help_and_version_work_beside_broken_settings(smcost, write):
    write("smcost.toml", "region = ")
    for line in ("--help", "estimate --help", "--version"):
        assert smcost(line).exit_code == 0
    assert smcost("estimate --count 2").exit_code == 3


def test_a_typed_rate_goes_before_a_file_from_the_environment(smcost, monkeypatch, write_trace):
    write_trace("usual.csv", [60] * 30)
    monkeypatch.setenv("SMCOST_TRAFFIC", "usual.csv")
    typed = smcost("estimate --count 2 --rps 3 -f json").document
    assert typed["provenance"]["traffic"].startswith("synthetic, mean 3 rps")
    usual = smcost("estimate --count 2 -f json").document
    assert usual["provenance"]["traffic"].startswith("usual.csv")


def test_a_typed_file_goes_before_a_rate_from_the_environment(smcost, monkeypatch, write_trace):
    write_trace("usual.csv", [60] * 30)
    monkeypatch.setenv("SMCOST_RPS", "3")
    typed = smcost("estimate --count 2 --traffic usual.csv -f json").document
    assert typed["provenance"]["traffic"].startswith("usual.csv")
