"""A file of traffic pull is read back as minutes to fit to, or refused where it was changed."""

import re
from pathlib import Path

import numpy as np
import pytest

from smcost.emit.observation_csv import observation_csv
from smcost.errors import InputError
from smcost.read.observed_csv import observed_minutes_of, read_observation

SAVED = Path(__file__).resolve().parents[1] / "golden" / "traffic-pull.csv"


def read_observed(path):
    return observed_minutes_of(read_observation(path))


@pytest.fixture
def changed(tmp_path):
    """The saved file with something replaced."""

    def write_file(old="", new="", count=1):
        text = SAVED.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "churn.csv"
        path.write_text(text.replace(old, new, count), encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def refusal(changed):
    def refused(old, new, count=1):
        path = changed(old, new, count)
        with pytest.raises(InputError) as caught:
            read_observed(path)
        assert str(path) in (caught.value.place or "")
        assert caught.value.remedy == "Give a file that smcost traffic pull wrote, unchanged"
        return caught.value

    return refused


def test_minutes_of_which_something_is_known_are_kept():
    minutes = read_observed(SAVED)
    assert (minutes.endpoint, minutes.variant, minutes.region) == (
        "churn",
        "AllTraffic",
        "eu-west-1",
    )
    assert (minutes.instance_type, minutes.step_s) == ("ml.m5.xlarge", 60)
    assert len(minutes) == 11
    assert [n for n in range(11) if minutes.invocations[n] == 0] == [4]
    assert not np.isnan(minutes.invocations).any()
    assert minutes.instances[0] == 2
    assert minutes.fractions.tolist() == [0.5, 0.9, 0.95, 0.99]
    assert minutes.model_latency_s[0].tolist() == [0.04, 0.06, 0.0750005, 0.12]
    assert minutes.model_latency_mean_s[0] == 0.045
    assert minutes.cpu_percent.tolist() == [180.25] * 11
    assert np.isnan(minutes.overhead_mean_s).all()


def test_every_kind_of_failure_is_read(changed):
    lines = SAVED.read_text(encoding="utf-8").splitlines()
    header = next(line for line in lines if line.startswith("timestamp")).split(",")
    kinds = ("errors_4xx", "errors_5xx", "model_errors")
    row = next(line for line in lines if line.startswith("2026-11-24T11:57:00Z"))
    cells = row.split(",")
    for figure, kind in enumerate(kinds, start=3):
        cells[header.index(kind)] = str(figure)
    minutes = read_observed(changed(row, ",".join(cells)))
    assert [getattr(minutes, kind)[-1] for kind in kinds] == [3, 4, 5]


def test_written_again_it_is_the_same_file():
    rows = re.sub(r"(?m)^# note:.*\n", "", SAVED.read_text(encoding="utf-8"))
    assert observation_csv(read_observation(SAVED)) == rows


def test_routing_is_written_and_read_again(changed):
    path = changed("routing: RANDOM", "routing: LEAST_OUTSTANDING_REQUESTS")
    found = read_observation(path)
    assert found.routing == "LEAST_OUTSTANDING_REQUESTS"
    assert "# routing: LEAST_OUTSTANDING_REQUESTS\n" in observation_csv(found)


def test_without_a_type_it_is_not_known(changed):
    assert read_observed(changed("# instance type: ml.m5.xlarge\n")).instance_type is None


def test_routing_of_an_older_file_is_not_known(changed):
    assert read_observation(changed("# routing: RANDOM\n")).routing is None


@pytest.mark.parametrize("key", ["endpoint", "variant", "region", "period", "from", "to", "pulled"])
def test_a_line_above_that_is_missing_is_named(refusal, key):
    assert f"'# {key}: ...'" in refusal(f"# {key}: ", "# x: ").cause


def test_a_plain_traffic_file_is_none(tmp_path):
    path = tmp_path / "week.csv"
    path.write_text("timestamp,invocations\n2024-01-01T00:00:00Z,5\n2024-01-01T00:01:00Z,6\n")
    with pytest.raises(InputError, match="no column invocations_per_instance"):
        read_observed(path)


@pytest.mark.parametrize(
    ("old", "new", "cause", "place"),
    [
        ("period: 60 s", "period: a minute", "no number of seconds", "period"),
        ("period: 60 s", "period: 0 s", "no number of seconds", "period"),
        ("period: 60 s", "period: 7 s", "no periods of 7 s", ""),
        ("to: 2026-11-24T11:58", "to: 2026-11-24T11:40", "no periods of 60 s", ""),
        ("to: 2026-11-24T11:58", "to: 9999-01-01T00:00", "4,192,920,734 periods", ""),
        ("pulled: 2026", "pulled: soon", "no time", "pulled"),
        ("11:50:00Z,", "11:50:30Z,", "none of the periods", "row 18"),
        ("11:50:00Z,", "12:50:00Z,", "none of the periods", "row 18"),
        ("2026-11-24T11:50:00Z,", "noon,", "no time", "row 18"),
        (",104,", ",many,", "no number of 0 or more", "row 25, column invocations"),
        (",104,", ",-1,", "no number of 0 or more", "row 25, column invocations"),
        (",104,", ",nan,", "no number of 0 or more", "row 25, column invocations"),
        (",104,", ",1e999,", "no number of 0 or more", "row 25, column invocations"),
        (",cpu_percent,", ",cpu,", "no column cpu_percent", "row 13"),
        ("11:57:00Z,104,52", "11:57:00Z", "no number of 0 or more", "row 25, column gpu_percent"),
    ],
)
def test_a_file_that_was_changed_is_refused_where(refusal, old, new, cause, place):
    error = refusal(old, new)
    assert cause in error.cause
    assert (error.place or "").endswith(place)


def test_latencies_that_cannot_be_are_refused(changed):
    with pytest.raises(InputError, match="higher percentile"):
        read_observed(changed(",60000,", ",30000,"))
