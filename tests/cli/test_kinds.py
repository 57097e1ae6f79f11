"""The comparison with other kinds of endpoint on the command line, in every format."""

import csv
import io

import jsonschema
import pytest

from smcost.kinds.limits import ObstacleCode

ABLE = "--service-time 45ms --concurrency 4"
DAY = "--rps 3 --peak-rps 9"
COMPARE = "--compare-kinds --model-size 1.5GB"
SCALED = f"estimate --instance-type ml.m5.xlarge --min 1 --max 4 --target 600 {DAY} {ABLE}"
ASK = f"recommend --instance-type ml.m5.xlarge {DAY} {ABLE} --p99 300ms --budget 0s"
BOTH = pytest.mark.parametrize("line", [SCALED, ASK], ids=["estimate", "recommend"])
RATES = """region,item,unit,usd,source,as_of
us-east-1,serverless_reserved_gb_second,GB-second,0.000005,a price page,2026
us-east-1,serverless_reserved_execution_gb_second,GB-second,0.000012,a price page,2026
"""
KINDS = ["real_time", "serverless", "asynchronous", "batch_transform", "multi_model"]
#: A request in twenty minutes.
SPARSE = "timestamp,invocations\n" + "".join(
    f"2024-01-01T{m // 60:02}:{m % 60:02}:00Z,{int(m % 20 == 7)}\n" for m in range(1440)
)


def rows_of(document, kind):
    return [row for row in document["endpoint_kinds"] if row["kind"] == kind]


@pytest.fixture
def compared(smcost):
    return lambda line, more="": smcost(f"{line} {COMPARE} {more} -f json")


def test_nothing_is_there_that_was_not_asked_for(smcost):
    assert "endpoint_kinds" not in smcost(f"{SCALED} -f json").document
    assert "Other kinds" not in smcost(SCALED).stdout


@BOTH
def test_every_kind_stands_in_the_document_and_fits_its_schema(smcost, compared, line):
    document = compared(line).document
    assert [row["kind"] for row in document["endpoint_kinds"]] == KINDS
    schema = smcost(f"schema {line.split()[0]}").document
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    names = {entry["name"] for entry in document["assumptions"]}
    wanted = {"serverless service time", "cold start", "serverless keep-alive"}
    assert wanted | {"asynchronous scaling", "batch transform jobs"} <= names
    rates = {rate["item"] for rate in document["provenance"]["prices"]["rates"]}
    assert "serverless_gb_second" in rates


@pytest.mark.parametrize(
    ("line", "form"), [(SCALED, "markdown"), (ASK, "table")], ids=["estimate", "recommend"]
)
def test_every_kind_has_its_rows(smcost, line, form):
    text = smcost(f"{line} {COMPARE} -f {form}").stdout
    for title in ("Other kinds of endpoint", "What each kind cannot do"):
        assert f"\n## {title}\n" in text if form == "markdown" else f"\n{title}\n" in text
    for name in ("real time, this fleet", "serverless, 2 GB", "batch transform, 30 jobs"):
        assert name in text


def test_the_csv_has_the_lines_of_every_kind(smcost):
    text = smcost(f"{SCALED} {COMPARE} --payload-in 1KB --payload-out 1KB -f csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    found = [row for row in rows if row["case"] == "serverless, 2 GB"]
    assert [row["name"] for row in found] == ["Execution, 2 GB", "Data in", "Data out"]
    assert found[0]["unit_price_usd"] == "0.00002"
    assert {"asynchronous, 0 instances when idle", "multi-model, one of 10 alike"} <= {
        row["case"] for row in rows
    }


def test_a_format_without_the_comparison_says_so(smcost):
    said = "-f csv has no other kinds of endpoint: -f table, json and markdown do"
    assert said in smcost(f"{ASK} {COMPARE} -f csv").stderr.splitlines()
    assert "kinds of endpoint" not in smcost(f"{ASK} -f csv").stderr
    assert smcost(f"{ASK} {COMPARE} -f csv --quiet").stderr == ""


def test_a_fleet_file_lists_the_cheapest_of_each(smcost, write):
    table = "rps = 3\nservice-time = '45ms'\nconcurrency = 4\ncount = 1\n"
    write("fleet.toml", f"[endpoints.a]\n{table}compare-kinds = true\n[endpoints.b]\n{table}")
    rows = list(csv.DictReader(io.StringIO(smcost("estimate --file fleet.toml -f csv").stdout)))
    assert [row["other_kind"] for row in rows] == ["batch transform, 30 jobs", ""]
    against = float(rows[0]["other_kind_usd"]) - float(rows[0]["expected_usd"])
    assert float(rows[0]["other_kind_against_usd"]) == pytest.approx(against)


def test_without_a_size_of_the_model_all_six_are_priced(smcost):
    outcome = smcost(f"{SCALED} --compare-kinds -f json")
    rows = rows_of(outcome.document, "serverless")
    assert [row["serverless"]["memory_gb"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["usd"] for row in rows] == sorted(row["usd"] for row in rows)
    assert "give --model-size" in smcost(f"{SCALED} --compare-kinds").stdout


@pytest.mark.parametrize(
    ("more", "size_gb"),
    [
        ("--model-size 3GB", 3),
        ("--model-size 3.1GB", 4),
        ("--model-size 1GB --serverless-memory 5GB", 5),
        ("--serverless-memory 2GB", 2),
    ],
)
def test_one_size_where_it_is_known_or_given(smcost, more, size_gb):
    document = smcost(f"{SCALED} --compare-kinds {more} -f json").document
    (row,) = rows_of(document, "serverless")
    assert row["serverless"]["memory_gb"] == size_gb


def test_rates_that_are_not_known_are_named_and_leave_no_price(smcost):
    line = SCALED.replace("estimate", "estimate --region eu-west-1")
    outcome = smcost(f"{line} {COMPARE} -f json")
    assert "rate_unknown" in outcome.warning_codes
    (row,) = rows_of(outcome.document, "serverless")
    assert row["usd"] is row["break_even_invocations"] is None
    assert row["lines"] == []
    assert row["possible"]
    messages = [w["message"] for w in outcome.document["warnings"] if w["code"] == "rate_unknown"]
    assert len(messages) == 3
    assert "serverless_gb_second is known in eu-west-1" in messages[0]
    assert "not known" in smcost(f"{line} {COMPARE}").stdout


def test_provisioned_concurrency_is_there_where_its_rates_are(smcost, write):
    write("rates.csv", RATES)
    write("sparse.csv", SPARSE)
    line = "estimate --count 1 --traffic sparse.csv --service-time 300ms --concurrency 1 --p99 2s"
    outcome = smcost(f"{line} {COMPARE} --rates rates.csv -f json")
    assert "rate_unknown" not in outcome.warning_codes
    demand, held = rows_of(outcome.document, "serverless")
    assert [entry["code"] for entry in demand["obstacles"]] == ["cold_starts"]
    assert demand["serverless"]["cold_fraction"] == 1.0
    assert held["serverless"]["provisioned_concurrency"] == 1
    assert held["possible"]
    assert [entry["name"] for entry in held["lines"]][:2] == [
        "Provisioned, 1 x 2 GB",
        "Execution on provisioned",
    ]
    assert held["usd"] == pytest.approx(720 * 3600 * 2 * 0.000005, abs=0.05)


def test_a_longer_keep_alive_and_a_shorter_start_keep_the_slo(smcost, write):
    write("sparse.csv", SPARSE)
    line = "estimate --count 1 --traffic sparse.csv --service-time 300ms --concurrency 1 --p99 2s"
    for more in ("--serverless-keep-alive 30min", "--cold-start 500ms"):
        (row,) = rows_of(smcost(f"{line} {COMPARE} {more} -f json").document, "serverless")
        assert row["possible"], more


#: Code -> what meets it.
SPARSELY = "--traffic sparse.csv --count 1 --p99 2s --compare-kinds"
ONE = f"--count 1 --rps 1 {ABLE} --compare-kinds"
OBSTACLES = {
    "accelerator": f"--instance-type ml.g5.xlarge {ONE}",
    "payload": f"--payload-in 5MB --payload-out 1KB {ONE}",
    "time": "--count 1 --rps 0.01 --service-time 70s --concurrency 4 --compare-kinds",
    "model_too_large": f"--model-size 7GB {ONE}",
    "feature": f"--data-capture 10% --payload-in 1KB --payload-out 1KB {ONE}",
    "concurrency": "--count 9 --rps 60 --service-time 5s --concurrency 90 --compare-kinds",
    "cold_starts": f"--service-time 300ms --concurrency 1 {SPARSELY}",
    "latency": f"--service-time 300ms --concurrency 1 {SPARSELY}",
    "backlog": "--count 1 --rps 9 --service-time 1s --concurrency 1 --compare-kinds",
}


@pytest.mark.parametrize("code", [code.value for code in ObstacleCode])
def test_every_obstacle_can_be_met(smcost, write, code):
    write("sparse.csv", SPARSE)
    document = smcost(f"estimate {OBSTACLES[code]} -f json").document
    rows = [
        row
        for row in document["endpoint_kinds"]
        if code in {entry["code"] for entry in row["obstacles"]}
    ]
    assert rows
    for row in rows:
        assert not row["possible"]
        never = code in ("accelerator", "payload", "time", "model_too_large", "feature")
        assert (row["usd"] is None) == never


def test_the_reasons_stand_below_the_table(smcost):
    text = smcost(f"estimate {OBSTACLES['payload']}").stdout
    assert "Why a kind will not do" in text
    assert "a payload of 5 MB is more than the 4 MB that a serverless endpoint takes" in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("--cold-start 3s", "changes nothing without --compare-kinds"),
        ("--shared-models 4", "changes nothing without --compare-kinds"),
        ("--compare-kinds --serverless-memory 7GB", "no memory size"),
        ("--compare-kinds --serverless-memory 1.5GB", "no memory size"),
        ("--compare-kinds --serverless-memory 2", "has no unit"),
        ("--compare-kinds --model-size 0GB", "takes no memory"),
        ("--compare-kinds --model-size 3GB --serverless-memory 2GB", "does not fit into 2 GB"),
        ("--compare-kinds --serverless-service-factor 0", "hardly meant"),
        ("--compare-kinds --serverless-max-concurrency 201", "outside 1 to 200"),
        ("--compare-kinds --cold-start -1s", "is negative"),
        ("--compare-kinds --serverless-keep-alive 10", "has no unit"),
        ("--compare-kinds --async-backlog-target 0", "cannot be followed"),
        ("--compare-kinds --batch-jobs-per-month nan", "no schedule"),
        ("--compare-kinds --batch-jobs-per-month 20000", "to start"),
        ("--compare-kinds --shared-models 1", "do not share"),
    ],
)
def test_a_flag_that_makes_no_sense_is_refused(smcost, more, said):
    outcome = smcost(f"estimate --count 1 --rps 1 {ABLE} {more}")
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    cause, remedy = outcome.refusal
    assert said in cause
    assert remedy


@pytest.mark.parametrize("given", ["", "--rps 1", "--service-time 45ms --concurrency 4"])
def test_it_needs_traffic_and_a_capacity(smcost, given):
    outcome = smcost(f"estimate --count 1 {given} --compare-kinds")
    assert outcome.exit_code == 2
    cause, remedy = outcome.refusal
    assert "compared on traffic and a capacity" in cause
    assert "--traffic" in remedy


def test_a_setting_turns_it_on_and_dependent_ones_wait(smcost, write):
    write("smcost.toml", "cold-start = '2s'\n")
    assert "endpoint_kinds" not in smcost(f"{SCALED} -f json").document
    write("smcost.toml", "compare-kinds = true\nmodel-size = '1GB'\ncold-start = '2s'\n")
    document = smcost(f"{SCALED} -f json").document
    assert [row["kind"] for row in document["endpoint_kinds"]] == KINDS
    (start,) = [entry for entry in document["assumptions"] if entry["name"] == "cold start"]
    assert (start["value"], start["source"]) == ("2s", "smcost.toml, cold-start")


def test_an_infeasible_answer_compares_nothing(smcost):
    outcome = smcost(f"{ASK.replace('--p99 300ms', '--p99 1ms')} {COMPARE} -f json")
    assert outcome.exit_code == 11
    assert "endpoint_kinds" not in outcome.document


def test_the_comparison_moves_neither_bill_nor_recommendation(smcost, compared):
    alone, beside = smcost(f"{ASK} -f json").document, compared(ASK).document
    assert alone["cost"] == beside["cost"]
    assert alone["recommendation"] == beside["recommendation"]


def test_the_price_of_the_component_goes_first(smcost, write):
    write(
        "prices.csv",
        "region,instance_type,component,usd_per_hour,source,as_of\n"
        "us-east-1,ml.m5.xlarge,Hosting,0.23,a list,2026\n"
        "us-east-1,ml.m5.xlarge,BatchTransform,0.46,a list,2020\n",
    )
    outcome = smcost(f"{SCALED} {COMPARE} --prices prices.csv --max-price-age 3650d -f json")
    (batch,) = rows_of(outcome.document, "batch_transform")
    assert batch["lines"][0]["unit_price_usd"] == 0.46
    (told,) = [
        entry["value"]
        for entry in outcome.document["assumptions"]
        if entry["name"] == "price of a batch transform instance"
    ]
    assert told == "0.46 USD/h (BatchTransform); start-up billed"
    (stands_in,) = [
        entry["message"]
        for entry in outcome.document["warnings"]
        if entry["code"] == "price_of_hosting"
    ]
    assert stands_in.startswith("No price of AsyncInf is known for ml.m5.xlarge in us-east-1")
    stale = smcost(f"{SCALED} {COMPARE} --prices prices.csv --max-price-age 900d -f json")
    assert any("2020" in w["message"] for w in stale.document["warnings"])


def test_it_fits_into_a_terminal_of_eighty_columns(smcost):
    from smcost.emit.narrow import narrow
    from smcost.emit.section import Section

    text = smcost(f"{SCALED} {COMPARE} -f markdown").stdout
    table = text.split("## Other kinds of endpoint")[1].split("##")[0]
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in table.splitlines()
        if line.startswith("| ")
    ]
    columns = tuple(
        (">" if mark == "--:" else "") + name for name, mark in zip(rows[0], rows[1], strict=True)
    )
    section = Section(title="kinds", columns=columns, rows=tuple(rows[2:]))
    assert narrow(section, 78).widths
