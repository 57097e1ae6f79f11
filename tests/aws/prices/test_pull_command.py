"""``smcost prices pull``: the command, against loopback servers of both sources."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[3]
SAGEMAKER = "/offers/v1.0/aws/AmazonSageMaker"
REGION = "eu-west-1"
PULL = f"prices pull --region {REGION}"
SHOW = f"prices show --region {REGION} -f json"


@pytest.fixture
def bulk(smcost, at, bulk_server, price_list, monkeypatch):
    """The bulk files of a small region; set up after all that empties the environment."""
    at("2026-11-24T09:30:00+00:00")
    monkeypatch.setenv("SMCOST_PRICE_LIST_URL", bulk_server.url)
    bulk_server.files = price_list.files()
    return bulk_server


@pytest.fixture
def old(bulk, smcost, price_list, cache_folder):
    """A cache that is there before: other figures than what is served now."""
    assert smcost(PULL).exit_code == 0
    price_list.published = "2026-10-10T00:00:00Z"
    price_list.instance("ml.c5.large", "Hosting", "0.115")
    bulk.files = price_list.files()
    bulk.asked.clear()
    return (cache_folder / f"{REGION}.csv").read_bytes()


def region_file(bulk):
    return next(path for path in bulk.files if SAGEMAKER in path and path.endswith("index.json")
                and "current" not in path)  # fmt: skip


def cached(smcost):
    """The figures by type, component and layer that ``prices show`` has."""
    rows = smcost(SHOW).document["prices"]
    return {
        (row["instance_type"], row["component"]): row["usd_per_hour"]
        for row in rows
        if row["layer"] == "cache"
    }


def test_a_pull_fills_the_cache_and_says_with_what(smcost, bulk, cache_folder):
    outcome = smcost(f"{PULL} -f json")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    [stored] = outcome.document["regions"]
    assert stored["prices"] == {
        "Hosting": 2,
        "AsyncInf": 2,
        "BatchTransform": 2,
        "Studio-Notebook": 2,
        "Training": 2,
    }
    assert stored["rates"] == 10
    assert stored["savings_plans"] == 12
    assert stored["left_out"]
    assert (stored["published"], stored["fetched_at"]) == ("2026-09-25", "2026-11-24T09:30:00Z")
    assert stored["cache_file"] == str(cache_folder / f"{REGION}.csv")
    schema = json.loads(smcost("schema prices-pull").stdout)
    jsonschema.validate(outcome.document, schema, cls=jsonschema.Draft202012Validator)


def test_afterwards_everything_works_without_the_network(smcost, bulk):
    assert smcost(PULL).exit_code == 0
    bulk.files = {}
    bulk.asked.clear()
    line = f"estimate --count 1 --region {REGION} --instance-type ml.m5.xlarge --volume-gb 30"
    document = smcost(f"{line} --offline -f json").document
    unit_prices = [line["unit_price_usd"] for line in document["cost"]["lines"]]
    assert unit_prices == [0.257, 0.154]
    assert document["provenance"]["prices"] == {
        "source": "AWS Price List bulk file",
        "component": "Hosting",
        "as_of": "2026-09-25",
        "region": REGION,
        "fetched_at": "2026-11-24T09:30:00Z",
        "rates": [
            {
                "item": "storage_gb_month",
                "source": "AWS Price List bulk file",
                "as_of": "2026-09-25",
                "fetched_at": "2026-11-24T09:30:00Z",
            }
        ],
    }
    assert bulk.asked == []


def test_savings_plans_are_shown_with_what_they_save(smcost, bulk):
    smcost(PULL)
    document = smcost(f"{SHOW} --instance-type ml.m5.xlarge").document
    assert len(document["savings_plans"]) == 6
    row = document["savings_plans"][0]
    assert (row["term_years"], row["usd_per_hour"], row["as_of"]) == (1, 0.19275, "2026-09-25")
    said = smcost(f"prices show --region {REGION} --instance-type ml.m5.xlarge").stdout
    assert f"Savings Plans in {REGION}, USD per hour" in said
    assert "25.0%" in said
    assert "3 years" in said
    assert "no upfront" in said


def test_rates_are_shown_of_the_region(smcost, bulk):
    smcost(PULL)
    rates = smcost(SHOW).document["rates"]
    used = {row["item"]: row["usd"] for row in rates if row["used"] and row["layer"] == "cache"}
    assert used["storage_gb_month"] == 0.154
    assert used["s3_storage_gb_month"] == 0.023
    assert f"Rates in {REGION}, USD" in smcost(f"prices show --region {REGION}").stdout


def test_the_pricing_api_gives_the_same_figures(smcost, bulk, serve_api, price_list):
    smcost(PULL)
    from_bulk = cached(smcost)
    serve_api(price_list)
    outcome = smcost(f"{PULL} --source api -f json")
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.document["regions"][0]["source"] == "AWS Price List API"
    assert cached(smcost) == from_bulk


def test_without_leave_for_savings_plans_those_of_unchanged_prices_stay(
    smcost, bulk, serve_api, price_list
):
    assert smcost(PULL).exit_code == 0
    line = f"prices show --region {REGION} --instance-type ml.m5.xlarge -f json"
    before = smcost(line).document["savings_plans"]
    aws = serve_api(price_list)
    aws.answers("DescribeSavingsPlansOfferingRates", aws.faults["denied"])
    outcome = smcost(f"{PULL} --source api -f json")
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.warning_codes == {"savings_plans_unread"}
    assert [each["code"] for each in outcome.document["warnings"]] == ["savings_plans_unread"]
    assert smcost(line).document["savings_plans"] == before != []
    [hosting] = [
        record
        for record in price_list.records
        if record["product"]["attributes"].get("usagetype") == "EU-Host:ml.m5.xlarge"
    ]
    [term] = hosting["terms"]["OnDemand"].values()
    [dimension] = term["priceDimensions"].values()
    dimension["pricePerUnit"] = {"USD": "0.3"}
    assert smcost(f"{PULL} --source api").exit_code == 0
    assert smcost(line).document["savings_plans"] == []


def test_a_whole_pull_replaces_the_region_and_what_is_gone_is_gone(smcost, bulk, old, price_list):
    price_list.records = [
        record
        for record in price_list.records
        if record["product"]["attributes"].get("instanceName") != "ml.g4dn.xlarge"
    ]
    bulk.files = price_list.files()
    [stored] = smcost(f"{PULL} -f json").document["regions"]
    assert stored["replaced_published"] == "2026-09-25"
    assert stored["kept_prices"] == 0
    assert {name for name, _ in cached(smcost)} == {"ml.m5.xlarge", "ml.c5.large"}


def test_a_pull_of_one_type_leaves_the_others_as_they_were(smcost, bulk, old, at):
    at("2026-11-25T10:00:00+00:00")
    [stored] = smcost(f"{PULL} --instance-type ml.c5.large -f json").document["regions"]
    assert stored["prices"] == {"Hosting": 1}
    assert stored["kept_prices"] == 10
    rows = [row for row in smcost(SHOW).document["prices"] if row["layer"] == "cache"]
    fetched = {row["instance_type"]: (row["fetched_at"][:10], row["as_of"]) for row in rows}
    assert fetched == {
        "ml.m5.xlarge": ("2026-11-24", "2026-09-25"),
        "ml.g4dn.xlarge": ("2026-11-24", "2026-09-25"),
        "ml.c5.large": ("2026-11-25", "2026-10-10"),
    }


def test_a_damaged_cache_is_mended_by_a_whole_pull_and_refused_by_one_of_a_type(
    smcost, bulk, old, cache_folder
):
    path = cache_folder / f"{REGION}.csv"
    path.write_bytes(old[: len(old) // 2])
    outcome = smcost(f"{PULL} --instance-type ml.c5.large")
    assert outcome.exit_code == 3
    assert "The price cache is damaged" in outcome.refusal[0]
    assert path.read_bytes() == old[: len(old) // 2]
    assert smcost(PULL).exit_code == 0
    assert len(cached(smcost)) == 11


#: Flags -> exit code, what is said. Nothing is asked of anybody.
REFUSED = {
    "--offline": (2, "the network is refused"),
    "--offline --source api": (2, "the network is refused"),
    "--source web": (2, "'web' is not known"),
    "--profile work": (2, "a profile changes nothing"),
    "--instance-type ml.m5.large --instance-type ml.m5.xlarge": (2, "Several instance types"),
    "-f csv": (2, "no format 'csv'"),
    "--region ../x": (4, "is no AWS region code"),
    "--prices x.csv": (2, "--prices"),
}


@pytest.mark.parametrize("flags", REFUSED)
def test_a_flag_that_makes_no_sense_is_refused_before_anything_is_asked(smcost, bulk, flags):
    exit_code, said = REFUSED[flags]
    outcome = smcost(f"{PULL} {flags}")
    assert outcome.exit_code == exit_code
    assert said in outcome.refusal[0]
    assert bulk.asked == []


def test_a_profile_of_the_environment_is_no_mistake_with_the_public_files(
    smcost, bulk, monkeypatch
):
    monkeypatch.setenv("SMCOST_PROFILE", "work")
    assert smcost(PULL).exit_code == 0


def test_settings_choose_the_source(smcost, bulk, write, serve_api, price_list):
    serve_api(price_list)
    write("smcost.toml", "[prices.pull]\nsource = 'api'\n")
    assert smcost(PULL).exit_code == 0
    assert bulk.asked == []


def test_the_policy_is_printed_and_nothing_is_asked(smcost, bulk, loopback_aws):
    outcome = smcost(f"{PULL} --show-iam --source api")
    actions = outcome.document["Statement"][0]["Action"]
    assert actions == ["pricing:GetProducts", "savingsplans:DescribeSavingsPlansOfferingRates"]
    assert (bulk.asked, loopback_aws.asked) == ([], [])


def breaks_off(handler, server):
    handler.send(server.files[handler.path], until=200)


def no_json(handler, _server):
    handler.send(b'{"products": ')


def hotel(handler, _server):
    handler.send(b"<html>Welcome</html>", kind="text/html")


def gone(handler, _server):
    handler.send(b"", status=404)


FAULTS = {
    "a region file cut off each time": ([breaks_off] * 9, 5),
    "half a JSON": ([no_json], 5),
    "a hotel's page": ([hotel], 5),
    "gone": ([gone], 5),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_goes_wrong_the_old_cache_is_as_it_was(
    smcost, bulk, old, cache_folder, monkeypatch, fault
):
    monkeypatch.setattr("smcost.read.price_list_download._PAUSE_S", 0)
    monkeypatch.setattr("time.sleep", lambda _s: None)
    faults, exit_code = FAULTS[fault]
    bulk.faults = {region_file(bulk): list(faults)}
    outcome = smcost(PULL)
    assert outcome.exit_code == exit_code, outcome.stderr
    assert outcome.stdout == ""
    assert len(outcome.refusal) == 2
    assert (cache_folder / f"{REGION}.csv").read_bytes() == old


@pytest.mark.parametrize(
    "fault", ["throttled", "expired", "broken", "page", "nothing", "cut", "denied"]
)
def test_a_failing_api_leaves_the_old_cache_too(
    smcost, old, cache_folder, loopback_aws, monkeypatch, fault
):
    monkeypatch.setattr("time.sleep", lambda _s: None)
    loopback_aws.answers("GetProducts", loopback_aws.faults[fault])
    outcome = smcost(f"{PULL} --source api")
    assert outcome.exit_code == 5, outcome.stderr
    assert "123456789012" not in outcome.stderr
    assert (cache_folder / f"{REGION}.csv").read_bytes() == old


def test_a_list_without_hosting_prices_is_an_error_and_is_not_stored(
    smcost, bulk, old, price_list, cache_folder
):
    price_list.records = [
        record
        for record in price_list.records
        if record["product"]["attributes"].get("component") != "Hosting"
    ]
    price_list.plan_rates = []
    bulk.files = price_list.files()
    outcome = smcost(PULL)
    assert outcome.exit_code == 4
    assert "Hosting" in outcome.refusal[0]
    assert (cache_folder / f"{REGION}.csv").read_bytes() == old


def test_a_type_that_the_list_has_not_is_an_error_and_nothing_is_stored(
    smcost, bulk, old, cache_folder
):
    outcome = smcost(f"{PULL} --instance-type ml.m5.xlrage")
    assert outcome.exit_code == 4
    assert (cache_folder / f"{REGION}.csv").read_bytes() == old


def test_a_region_that_the_index_has_not_is_an_error_with_the_nearest(smcost, bulk, cache_folder):
    outcome = smcost("prices pull --region eu-wset-1")
    assert outcome.exit_code == 4
    assert REGION in outcome.refusal[1]
    assert not list(cache_folder.glob("*.csv"))


def start(*arguments, **streams):
    return subprocess.Popen(
        [sys.executable, "-m", "smcost", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        **streams,
    )


class Stall:
    """Send so many bytes of a file, and then nothing until the other side is gone."""

    def __init__(self, share):
        self.share = share
        self.reached = False

    def __call__(self, handler, server):
        data = server.files[handler.path]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.send_header("ETag", '"a"')
        handler.end_headers()
        handler.wfile.write(data[: int(len(data) * self.share)])
        handler.wfile.flush()
        self.reached = True
        handler.connection.settimeout(20)
        handler.rfile.read(1)
        handler.close_connection = True


def stalled(bulk, path, share):
    """A real ``prices pull`` that hangs at a point of a file."""
    stall = Stall(share)
    bulk.faults = {path: [stall]}
    process = start(*PULL.split(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not stall.reached:
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda s: s.name
)
def test_a_pull_killed_while_it_fetches_leaves_the_old_cache(smcost, bulk, old, cache_folder, how):
    paths = [path for path in bulk.files if path.endswith(".json")]
    if how is not signal.SIGKILL:
        paths = paths[1:2]
    for number, path in enumerate(paths):
        process = stalled(bulk, path, (0, 0.5, 1)[number % 3] * 0.99)
        process.send_signal(how)
        out, said = process.communicate(timeout=30)
        assert process.returncode != 0
        assert b"Traceback" not in said
        assert out == b""
        assert (cache_folder / f"{REGION}.csv").read_bytes() == old
        assert [p.name for p in cache_folder.iterdir() if p.suffix != ".lock"] == [f"{REGION}.csv"]
    bulk.faults = {}
    assert smcost(PULL).exit_code == 0
    assert len(cached(smcost)) == 11


def test_a_pull_killed_after_any_time_leaves_the_old_cache_or_the_new_one(
    smcost, bulk, old, cache_folder
):
    path = cache_folder / f"{REGION}.csv"
    begun = time.monotonic()
    assert start(*PULL.split(), stdout=subprocess.DEVNULL).wait(timeout=60) == 0
    whole_s = time.monotonic() - begun
    new = cached(smcost)
    for share in (0.5, 0.85, 0.95, 1.0):
        path.write_bytes(old)
        process = start(*PULL.split(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole_s * share)
        process.kill()
        process.wait(timeout=30)
        assert path.read_bytes() == old or cached(smcost) == new
    assert smcost(PULL).exit_code == 0
    left = [p.name for p in cache_folder.iterdir() if p.suffix != ".lock"]
    assert left == [f"{REGION}.csv"]


def test_two_pulls_at_once_leave_one_whole_file(smcost, bulk, old, cache_folder):
    processes = [
        start(*PULL.split(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)
    ]
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert len(cached(smcost)) == 11
    left = [p.name for p in cache_folder.iterdir() if p.suffix != ".lock"]
    assert left == [f"{REGION}.csv"]


def test_two_pulls_of_a_type_each_at_once_are_both_there(smcost, bulk, old):
    names = ("ml.c5.large", "ml.g4dn.xlarge")
    processes = [
        start(*PULL.split(), "--instance-type", name, stdout=subprocess.DEVNULL) for name in names
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    rows = [row for row in smcost(SHOW).document["prices"] if row["layer"] == "cache"]
    dates = {row["instance_type"]: row["as_of"] for row in rows}
    assert dates == {
        "ml.m5.xlarge": "2026-09-25",
        "ml.c5.large": "2026-10-10",
        "ml.g4dn.xlarge": "2026-10-10",
    }


def test_a_terminal_sees_bytes_come_and_a_pipe_sees_nothing(bulk):
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    ours, its = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as reading:
        process = start(*PULL.split(), stdout=subprocess.DEVNULL, stderr=its)
        os.close(its)
        pieces = []
        while True:
            try:
                piece = reading.read(65536)
            except OSError:  # Linux says EIO where others say end of file
                break
            if not piece:
                break
            pieces.append(piece)
        assert process.wait(timeout=60) == 0
    shown = b"".join(pieces).decode()
    assert "Fetching" in shown
    assert "kB" in shown or "bytes" in shown
    for quiet in ([], ["--quiet"]):
        done = start(*PULL.split(), *quiet, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert done.communicate(timeout=60)[1] == b""
