"""Empirical service times in a capacity file: percentiles of one row, or a row per sample."""

import pytest

from smcost.errors import InputError
from smcost.queueing.service_measured import PercentileService, SampledService
from smcost.read.capacity_file import read_capacity_file
from smcost.remarks import WarningCode

PERCENTILES = "instance_type,workers,service_law,p50_ms,p90_ms,p95_ms,p99_ms"
SAMPLES = "instance_type,workers,service_law,service_time_ms"


@pytest.fixture
def read(tmp_path):
    def read_lines(*lines: str):
        path = tmp_path / "capacity.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return read_capacity_file(path).profiles

    return read_lines


def refusal(read, *lines: str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(*lines)
    return caught.value


def test_percentiles_of_an_unloaded_instance(read):
    profile = read(PERCENTILES, "ml.c5.large,2,empirical,40,60,70,")["ml.c5.large"]
    assert profile.workers == 2
    assert profile.service == PercentileService(
        fractions=(0.5, 0.9, 0.95), latencies_s=(0.04, 0.06, 0.07)
    )
    assert profile.knows(0.95)
    assert not profile.knows(0.99)  # It was not measured.


def test_a_row_for_each_sample(read):
    rows = [f"ml.c5.large,2,empirical,{10 + i}" for i in range(200)]
    profile = read(SAMPLES, *rows)["ml.c5.large"]
    assert isinstance(profile.service, SampledService)
    assert profile.service.samples_s.tolist() == pytest.approx(
        [0.01 + i / 1000 for i in range(200)]
    )
    assert profile.knows(0.99)
    assert not profile.knows(0.999)
    assert [caveat.code for caveat in profile.caveats()] == [WarningCode.SMALL_SAMPLE]


def test_500_samples_are_enough(read):
    rows = [f"ml.c5.large,2,empirical,{10 + i}" for i in range(500)]
    assert read(SAMPLES, *rows)["ml.c5.large"].caveats() == ()


def test_types_by_law_and_by_measurement_stand_in_one_file(read):
    header = "instance_type,workers,service_time_ms,service_cv,service_law,p50_ms,p99_ms"
    profiles = read(header, "ml.c5.large,2,45,0.5,gamma,,", "ml.m5.large,2,,,empirical,40,90")
    assert [profile.service.law for profile in profiles.values()] == ["gamma", "empirical"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((PERCENTILES, "ml.c5.large,2,empirical,40,,,"), "no distribution"),
        ((PERCENTILES, "ml.c5.large,2,empirical,40,30,,"), "no distribution"),
        ((PERCENTILES, "ml.c5.large,2,empirical,,,,"), "service_time_ms is no column"),
        ((SAMPLES, "ml.c5.large,2,empirical,40"), "1 samples"),
        ((SAMPLES, "ml.c5.large,2,empirical,40", "ml.c5.large,4,empirical,41"), "workers is 4"),
        ((SAMPLES, "ml.c5.large,2,empirical,40", "ml.c5.large,2,empirical,"), "an empty cell"),
        ((SAMPLES, "ml.c5.large,2,empirical,40", "ml.c5.large,2,gamma,40"), "stands there twice"),
        ((SAMPLES, "ml.c5.large,2,gamma,40", "ml.m5.large,2,empirical,40"), "service_cv is no"),
    ],
)
def test_what_is_no_measurement_is_refused(read, lines, message):
    error = refusal(read, *lines)
    assert message in error.cause
    assert "capacity.csv, row" in error.place
