"""``smcost capacity show``: what it prints, its document, and what it refuses."""

import json
from pathlib import Path

import jsonschema
import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "examples"
RATES = EXAMPLES / "rates.csv"
SWEEP = EXAMPLES / "sweep.csv"


def profiles(outcome):
    assert outcome.exit_code == 0, outcome.stderr
    return outcome.document["profiles"]


@pytest.mark.parametrize("name", ["capacity.csv", "rates.csv", "sweep.csv"])
@pytest.mark.parametrize("limits", ["", "--p99 300ms", "--p95 1ms --p99 2ms"])
def test_the_document_validates_against_its_schema(smcost, name, limits):
    schema = smcost("schema capacity-show").document
    document = smcost(f"capacity show {EXAMPLES / name} {limits} -f json").document
    jsonschema.validate(document, schema)
    assert document["command"] == "capacity show"
    assert document["provenance"]["capacity"] == name
    assert document["provenance"]["prices"] is None


def test_an_open_loop_test_is_bound_by_its_errors_before_its_latency(smcost):
    [strict] = profiles(smcost(f"capacity show {RATES} --p99 250ms -f json"))
    [loose] = profiles(smcost(f"capacity show {RATES} --p99 250ms --max-failed 1% -f json"))
    assert strict["kind"] == "rates"
    assert strict["max_rps_tested"] == loose["max_rps_tested"] == 120
    assert strict["max_rps_at_slo"] == 100
    assert loose["max_rps_at_slo"] == 120


def test_a_sweep_takes_less_within_a_limit_than_it_is_stable_for(smcost):
    first, second = profiles(smcost(f"capacity show {SWEEP} --p99 8s -f json"))
    assert (first["kind"], first["max_rps_tested"], second["max_rps_tested"]) == ("sweep", 4.4, 6.3)
    assert 2.5 < first["max_rps_at_slo"] < 4.4
    assert first["max_rps_at_slo"] < second["max_rps_at_slo"] < 6.3


def test_without_a_limit_there_is_no_rate_and_no_reason(smcost):
    for entry in profiles(smcost(f"capacity show {SWEEP} -f json")):
        assert entry["max_rps_at_slo"] is entry["reason"] is None


def test_a_limit_that_nothing_keeps_is_a_result_with_its_reason(smcost):
    [entry] = profiles(smcost(f"capacity show {RATES} --p99 10ms -f json"))
    assert entry["max_rps_at_slo"] is None
    assert entry["reason"] == "The latency is above a limit at every load"
    assert "No rate keeps p99 10ms" in smcost(f"capacity show {RATES} --p99 10ms").stdout


def test_a_percentile_that_was_not_measured_is_not_invented(smcost, write):
    write("p95.csv", "instance_type,offered_rps,p95_ms\nml.m5.large,10,20\n")
    [entry] = profiles(smcost("capacity show p95.csv --p99 500ms -f json"))
    assert entry["max_rps_at_slo"] is None
    assert "The p99 was not measured" in entry["reason"]


def test_warnings_stand_at_their_type_and_on_stderr(smcost, write):
    write(
        "two.csv",
        "instance_type,concurrency,throughput_rps,p99_ms,n\n"
        "ml.g5.xlarge,1,0.5,4000,30\nml.g5.xlarge,2,0.52,4100,30\nml.g5.2xlarge,1,0.5,4000,600\n",
    )
    outcome = smcost("capacity show two.csv -f json")
    first, second = profiles(outcome)
    assert [entry["code"] for entry in first["warnings"]] == ["small_sample"]
    assert second["warnings"] == []
    assert outcome.document["warnings"] == first["warnings"]
    assert outcome.warning_codes == {"small_sample"}
    assert smcost("capacity show two.csv --quiet").stderr == ""


@pytest.mark.parametrize(
    ("name", "axis", "percentile"),
    [
        ("capacity.csv", "utilisation", "p99 ms"),
        ("rates.csv", "offered rps", "p99 ms"),
        ("sweep.csv", "concurrency", "p99 ms"),
    ],
)
def test_the_table_has_the_levels_and_a_plot_of_the_highest_percentile(
    smcost, name, axis, percentile
):
    shown = smcost(f"capacity show {EXAMPLES / name} --p99 8s --quiet").stdout
    assert f"({axis})" in shown
    assert f"({percentile})" in shown
    assert "One instance keeps p99 8s, failures 0.1% up to " in shown
    assert max(map(len, shown.splitlines())) <= 110


def test_a_test_of_one_level_is_drawn_too(smcost, write):
    write("one.csv", "instance_type,offered_rps,p50_ms\nml.m5.large,10,20\n")
    shown = smcost("capacity show one.csv").stdout
    assert "(p50 ms)" in shown
    assert any("\u2801" <= character <= "\u28ff" for character in shown)


def test_markdown_has_a_heading_for_each_type_and_fences_the_plots(smcost):
    shown = smcost(f"capacity show {SWEEP} -f markdown").stdout
    assert shown.count("## ml.g5.") == 2
    assert shown.count("```") == 4


def test_types_are_picked_by_name_in_the_order_given(smcost):
    line = f"capacity show {SWEEP} -f json --instance-type ml.g5.2xlarge"
    assert [entry["instance_type"] for entry in profiles(smcost(line))] == ["ml.g5.2xlarge"]
    both = profiles(smcost(f"{line} --instance-type ml.g5.xlarge --instance-type ml.g5.2xlarge"))
    assert [entry["instance_type"] for entry in both] == ["ml.g5.2xlarge", "ml.g5.xlarge"]


@pytest.mark.parametrize(
    ("flags", "exit_code", "cause"),
    [
        ("--instance-type ml.p5.48xlarge", 2, "has no row for ml.p5.48xlarge"),
        ("--p95 500ms --p99 300ms", 2, "The p95 limit is above the p99 limit"),
        ("--p99 300", 2, "300"),
        ("--max-failed 0.01", 2, "has no percent sign"),
        ("-f csv", 2, "no format 'csv'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_remedy(smcost, flags, exit_code, cause):
    outcome = smcost(f"capacity show {SWEEP} {flags}")
    assert outcome.exit_code == exit_code
    assert cause in outcome.refusal[0]
    assert outcome.stdout == ""


def test_a_file_that_is_none_is_refused(smcost, write):
    write("no.csv", "instance_type,colour\nml.m5.large,red\n")
    outcome = smcost("capacity show no.csv")
    assert outcome.exit_code == 3
    assert "of no known kind" in outcome.refusal[0]


def test_a_file_written_is_what_would_be_printed(smcost, alone):
    printed = smcost(f"capacity show {RATES} -f json").stdout
    smcost(f"capacity show {RATES} -f json -o shown.json")
    assert json.loads((alone / "shown.json").read_text()) == json.loads(printed)


def test_the_examples_say_that_nobody_measured_them():
    text = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    for name in ("rates.csv", "sweep.csv"):
        paragraph = text[text.index(f"`examples/{name}`") :].split("\n\n")[0]
        assert "made up" in paragraph
        assert "Nobody measured it" in paragraph


def test_failures_that_were_not_measured_are_not_printed_as_none(smcost, write):
    write("rates.csv", "instance_type,offered_rps,p99_ms\nml.m5.large,10,20\n")
    assert "0.0000%" not in smcost("capacity show rates.csv").stdout
    assert "not known" in smcost("capacity show rates.csv").stdout
    shown = smcost("recommend --rps 5 --capacity rates.csv --p99 300ms").stdout
    assert "none, for want of an error_rate" in shown
