"""Real traces keep their totals, and what is odd about each is found."""

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smcost.read.traffic_csv import read_traffic
from smcost.remarks import WarningCode
from smcost.traffic.gaps import gaps, suspected_outages
from smcost.traffic.minutes import to_minutes
from smcost.traffic.summary import summarise

TRACES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "traces"
pytestmark = pytest.mark.skipif(
    not TRACES.is_dir(), reason="real traces are kept beside the repository, in ../shared"
)

#: Step, and peak to mean to one digit, as their collection documents them.
DOCUMENTED = {
    "azure_llm_conv_2023": (60, 1.6),
    "mooncake_conversation": (60, 1.2),
    "gentd26_diffusion_qps": (57, 3.3),
    "servegen_m-large": (600, 3.0),
    "servegen_mm-image": (600, 1.4),
    "wc98_may": (60, 38.9),
    "nasa_http_1995": (60, 9.9),
    "nab_elb_request_count": (300, 10.6),
    "nab_twitter_amzn": (300, 31.4),
}


def read(name):
    return read_traffic(TRACES / f"{name}.csv")


def utc(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize("name", DOCUMENTED)
def test_no_invocation_is_lost_between_the_file_and_the_minutes(name):
    with (TRACES / f"{name}.csv").open() as file:
        expected = sum(float(row["invocations"]) for row in csv.DictReader(file))
    trace, _ = read(name)
    assert trace.total == pytest.approx(expected, abs=0.51)
    assert to_minutes(trace).total == to_minutes(trace, "zero").total == trace.total


@pytest.mark.parametrize("name", DOCUMENTED)
def test_step_and_peak_to_mean_are_the_documented_ones(name):
    summary = summarise(read(name)[0])
    assert (summary.step_s, round(summary.peak_to_mean, 1)) == DOCUMENTED[name]


@pytest.mark.parametrize("name", ["azure_llm_conv_2023", "mooncake_conversation"])
def test_requests_counted_by_the_minute_are_the_published_counts(name):
    path = TRACES / f"requests_{name}.csv.gz"
    with gzip.open(path, "rt") as file:
        rows = sum(1 for _ in file) - 1
    requests, _ = read_traffic(path, requests=True)
    published, _ = read(name)
    assert requests.total == rows
    assert requests.invocations.tolist() == published.invocations.tolist()


def test_the_log_of_nasa_stopped_for_82_hours():
    (gap,) = gaps(read("nasa_http_1995")[0])
    assert (gap.start_s, gap.steps) == (utc("1995-07-28T17:33"), 4947)


def test_the_outage_of_nasa_in_august_1995_is_found():
    trace, _ = read("nasa_http_1995")
    longest = max(suspected_outages(trace), key=lambda interval: interval.steps)
    assert (longest.start_s, longest.steps) == (utc("1995-08-01T18:53"), 2263)
    kept = to_minutes(trace).start_s
    assert not ((kept >= longest.start_s) & (kept < longest.end_s)).any()


def test_beside_the_known_outage_nasa_loses_less_than_one_percent():
    outages = suspected_outages(read("nasa_http_1995")[0])
    assert sum(interval.steps for interval in outages) - 2263 < 0.01 * 84_334


@pytest.mark.parametrize(
    "name",
    sorted(DOCUMENTED.keys() - {"nasa_http_1995", "nab_twitter_amzn"}),
)
def test_no_outage_is_suspected_in_traces_without_zeros(name):
    assert suspected_outages(read(name)[0]) == ()


def test_the_silence_of_twitter_in_march_2015_is_found():
    found = suspected_outages(read("nab_twitter_amzn")[0])
    assert found[0].steps == 26
    assert len(found) <= 2


@pytest.mark.parametrize(("name", "steps"), [("wc98_may", 10), ("nab_elb_request_count", 8)])
def test_the_few_absent_steps_are_found(name, steps):
    assert sum(interval.steps for interval in gaps(read(name)[0])) == steps


def test_an_odd_step_with_fractional_counts_is_mentioned():
    _, caveats = read("gentd26_diffusion_qps")
    assert [caveat.code for caveat in caveats] == [
        WarningCode.COUNTS_ROUNDED,
        WarningCode.ODD_STEP,
    ]


def test_coarse_traces_say_so():
    assert [caveat.code for caveat in read("servegen_m-large")[1]] == [WarningCode.COARSE_STEP]
