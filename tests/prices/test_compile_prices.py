"""The rule that compiles the bundled snapshot, clause by clause, and the snapshot it made."""

import importlib.util
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "data" / "compile_prices.py"
OBSERVED = ROOT.parent / "shared" / "data" / "prices"

_spec = importlib.util.spec_from_file_location("compile_prices", SCRIPT)
compiler = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = compiler
_spec.loader.exec_module(compiler)


def row(usd: str, component: str = "Hosting", as_of: str = "2026-09-25", source: str = "list"):
    return compiler.Observation(
        region="us-east-1",
        instance_type="ml.m5.xlarge",
        component=component,
        usd_per_hour=usd,
        source=source,
        as_of=as_of,
    )


def chosen(*rows):
    return compiler.choose(rows)[0]


@pytest.mark.parametrize(
    ("as_of", "first", "last"),
    [
        ("2026", (2026, 1, 1), (2026, 12, 31)),
        ("2026-Q3", (2026, 7, 1), (2026, 9, 30)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2026-09-25", (2026, 9, 25), (2026, 9, 25)),
    ],
)
def test_a_date_means_every_day_it_may_mean(as_of, first, last):
    assert compiler.held_between(as_of) == (date(*first), date(*last))


def test_a_date_of_no_known_form_stops_the_script():
    with pytest.raises(ValueError, match="summer"):
        compiler.held_between("summer")


@pytest.mark.parametrize(
    ("newer", "older", "clearly"),
    [
        ("2026-09-25", "2025-12-05", True),
        ("2026-Q3", "2026-06-30", True),
        ("2026-Q3", "2026-08-17", False),
        ("2026", "2026-01-01", False),
        ("2026-09-25", "2026-09-25", False),
    ],
)
def test_clearly_newer_means_on_every_reading_of_the_dates(newer, older, clearly):
    assert row("1", as_of=newer).clearly_newer_than(row("1", as_of=older)) is clearly


def test_the_better_component_wins_over_the_newer_one_that_agrees():
    hosting = row("0.2300", as_of="2023-12")
    assert chosen(row("0.2310", "Studio-Notebook"), hosting) is hosting


def test_a_row_more_than_one_percent_from_a_clearly_newer_one_is_contradicted():
    stale, new = row("37.688", as_of="2023-12"), row("25.251", "Studio-Notebook")
    snapshot, reasons = compiler.choose([stale, new])
    assert snapshot is new
    assert len(reasons) == 1
    assert "contradicted: Hosting 37.688" in reasons[0]


def test_exactly_one_percent_is_no_contradiction():
    hosting = row("1.01", as_of="2023-12")
    assert chosen(hosting, row("1.00", "Training")) is hosting


def test_a_row_of_about_the_same_date_contradicts_nothing():
    hosting = row("1.00", as_of="2026-Q3")
    assert chosen(hosting, row("1.50", "Training", as_of="2026-08-17")) is hosting


def test_a_table_kept_by_hand_contradicts_nobody():
    hosting = row("1.00", as_of="2023-12")
    table = row("1.50", "unspecified", source="a table (hand-kept)")
    assert chosen(hosting, table) is hosting


def test_a_contradicted_row_contradicts_nobody():
    oldest = row("1.00", "Hosting", as_of="2024")
    middle = row("1.50", "Training", as_of="2025")
    newest = row("1.00", "Studio-Notebook", as_of="2026")
    assert chosen(oldest, middle, newest) is oldest


def test_among_differing_rows_of_one_rank_the_clearly_newest_wins():
    old, new = row("1.000", as_of="2025"), row("1.005", as_of="2026")
    snapshot, reasons = compiler.choose([old, new])
    assert snapshot is new
    assert "superseded" in reasons[0]


def test_undecided_rows_are_left_out_and_the_next_rank_is_asked():
    a, b = row("1.000", source="a"), row("1.005", source="b")
    studio = row("1.002", "Studio-Notebook", as_of="2025")
    snapshot, reasons = compiler.choose([a, b, studio])
    assert snapshot is studio
    assert "undecided" in reasons[0]
    assert compiler.choose([a, b])[0] is None


def test_among_equal_rows_the_newest_is_named_as_the_source():
    old, new = row("2.80", as_of="2026-06-19"), row("2.8", as_of="2026-09-04")
    assert chosen(old, new) is new
    assert chosen(new, old) is new


def test_types_that_cannot_host_and_cluster_prices_never_enter():
    cluster = row("25.91", "Cluster")
    assert compiler.compile_prices([cluster], frozenset({"ml.m5.xlarge"})) == ([], [])
    assert compiler.compile_prices([row("0.23")], frozenset()) == ([], [])


def observed_rate(item: str, usd: str, region: str = "us-east-1") -> dict[str, str]:
    fixed = {"unit": "GB-Mo", "source": "a list", "as_of": "2026-09-25"}
    return {"region": region, "item": item, "usd": usd, **fixed}


def test_storage_is_inferred_only_where_training_and_notebook_storage_agree():
    training, notebook = "Training ML storage (gp2)", "Notebook storage"
    (agreed,) = compiler.compile_rates(
        [observed_rate(training, "0.14"), observed_rate(notebook, "0.14")]
    )
    assert (agreed["item"], agreed["usd"]) == ("storage_gb_month", "0.14")
    assert agreed["source"].startswith("inferred:")
    differing = [observed_rate(training, "0.14"), observed_rate(notebook, "0.15")]
    assert compiler.compile_rates(differing) == []
    assert compiler.compile_rates([observed_rate(training, "0.14")]) == []


def test_observed_endpoint_storage_is_taken_as_it_is():
    endpoint = observed_rate("Endpoint ML storage (Host:VolumeUsage.gp2)", "0.154")
    others = [observed_rate("Training ML storage", "0.1"), observed_rate("Notebook", "0.1")]
    (rate,) = compiler.compile_rates([endpoint, *others])
    assert (rate["usd"], rate["source"]) == ("0.154", "a list")


def test_a_rate_per_thousand_requests_is_one_per_request():
    row = observed_rate("S3 PUT/COPY/POST/LIST", "0.005") | {"unit": "1000 requests"}
    (rate,) = compiler.compile_rates([row])
    assert (rate["item"], rate["unit"], rate["usd"]) == ("s3_put_request", "Requests", "0.000005")


def test_s3_storage_is_that_of_the_first_tier():
    names = ["S3 Standard storage first tier", "S3 Standard Storage Next 450 TB per GB Mo"]
    (rate,) = compiler.compile_rates([observed_rate(name, "0.023") for name in names])
    assert (rate["item"], rate["unit"]) == ("s3_storage_gb_month", "GB-Mo")


def test_the_serverless_rate_is_per_gb_of_the_size_that_was_read_in_the_price_list():
    names = ["ServerlessInf:Mem-3GB", "ServerlessInf:Mem-2GB", "Serverless inference 1 GB"]
    rows = [observed_rate(name, "0.00006") | {"unit": "second"} for name in names]
    (rate,) = compiler.compile_rates(rows)
    assert (rate["item"], rate["unit"]) == ("serverless_gb_second", "GB-second")
    assert rate["usd"] == "0.00002"


def test_upfront_fees_and_provisioned_concurrency_are_no_endpoint_rates():
    names = [
        "TrainingPlanUpfrontFee ml.p5.48xlarge",
        "ServerlessProvisionedConcurrency-Duration 2GB",
        "S3 GET",
    ]
    assert compiler.compile_rates([observed_rate(name, "1") for name in names]) == []


@pytest.mark.parametrize(
    ("family", "nvme"),
    [("m5", "no"), ("m5dn", "yes"), ("c6gn", "no"), ("g6e", "yes"), ("g4ad", ""), ("dl1", "")],
)
def test_the_disk_follows_from_the_family_or_is_left_open(family, nvme):
    assert compiler.nvme(f"ml.{family}.xlarge") == nvme


@pytest.mark.skipif(
    not OBSERVED.is_dir(),
    reason="no observations: the folder shared beside the repository is absent",
)
def test_the_script_makes_the_committed_files_byte_by_byte(tmp_path):
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(OBSERVED), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    committed = ROOT / "data" / "prices"
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in committed.glob("*.csv")}
    assert run.stderr.count("contradicted:") == run.stderr.count("left out:") == 4
