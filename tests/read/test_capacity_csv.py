"""A capacity file of any kind is read strictly; what is no such file is refused by its name."""

import gzip

import numpy as np
import pytest

from smcost.capacity import LatencyOf, RatesProfile, SweepProfile, WorkersProfile
from smcost.errors import InputError
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.read.capacity_file import read_capacity_file

HEADER = "instance_type,workers,service_time_ms,service_cv,service_law"
ROW = "ml.m5.xlarge,4,45,0.5,gamma"


@pytest.fixture
def write(tmp_path):
    def write_file(*lines: str):
        path = tmp_path / "capacity.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write_file


def read_capacity(path):
    return read_capacity_file(path).profiles


def refusal(path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_capacity(path)
    assert caught.value.remedy
    return caught.value


def test_a_row_becomes_a_profile_in_seconds(write):
    assert read_capacity(write(HEADER, ROW)) == {
        "ml.m5.xlarge": WorkersProfile(
            instance_type="ml.m5.xlarge",
            workers=4,
            service=ServiceTime(mean_s=0.045, cv=0.5, law=ServiceLaw.GAMMA),
        )
    }


def test_types_keep_the_order_of_the_file(write):
    rows = [ROW.replace("m5", family) for family in ("m7i", "c5", "g5")]
    assert list(read_capacity(write(HEADER, *rows))) == [
        "ml.m7i.xlarge",
        "ml.c5.xlarge",
        "ml.g5.xlarge",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        (HEADER.removesuffix(",service_law"), ROW.removesuffix(",gamma")),
        (HEADER, ROW.removesuffix("gamma")),
        (HEADER, ROW.replace("gamma", "lognormal")),
    ],
)
def test_a_law_that_is_not_given_is_lognormal(write, lines):
    assert read_capacity(write(*lines))["ml.m5.xlarge"].service.law is ServiceLaw.LOGNORMAL


def test_a_whole_number_of_workers_may_be_written_with_a_decimal_point(write):
    assert read_capacity(write(HEADER, ROW.replace(",4,", ",4.0,")))["ml.m5.xlarge"].workers == 4


def test_columns_may_come_in_another_order_with_others_between(write):
    header = "note,service_cv,workers,instance_type,service_time_ms"
    profile = read_capacity(write(header, "load test 7,0,2,ml.c5.large,20"))["ml.c5.large"]
    assert (profile.workers, profile.service.mean_s, profile.service.cv) == (2, 0.02, 0)


def test_a_gzipped_file_is_read_too(tmp_path):
    path = tmp_path / "capacity.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{ROW}\n".encode()))
    assert list(read_capacity(path)) == ["ml.m5.xlarge"]


def test_a_missing_file_is_named(tmp_path):
    error = refusal(tmp_path / "nowhere.csv")
    assert error.cause == "There is no such file"
    assert error.place.endswith("nowhere.csv")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("instance_type,workers,offered_rps,p99_ms", "of two kinds, workers and rates"),
        ("instance_type,offered_rps,concurrency,throughput_rps", "of two kinds, rates and sweep"),
        ("instance_type,rps,p99_ms", "of no known kind"),
    ],
)
def test_a_file_is_of_exactly_one_kind(write, header, found):
    error = refusal(write(header, ",".join("1" for _ in header.split(","))))
    assert error.cause.endswith(found)
    assert "workers, offered_rps, or concurrency" in error.remedy
    assert error.place.endswith("capacity.csv, header")


RATES = "instance_type,offered_rps,p50_ms,p95_ms,p99_ms,error_rate,n,latency_of"
SWEEP = "instance_type,concurrency,throughput_rps,p95_ms,mean_ms,latency_of"


def test_an_open_loop_test_becomes_a_profile_in_order_of_its_rates(write):
    rows = ["a,20,10,20,30,0.002,900,model", "a,10,11,21,,,,model"]
    [profile] = read_capacity(write(RATES, *rows)).values()
    assert isinstance(profile, RatesProfile)
    assert profile.offered_rps.tolist() == [10, 20]
    # The p99 is missing in one row: not measured.
    assert profile.fractions.tolist() == [0.5, 0.95]
    assert profile.latencies_s.tolist() == [[0.011, 0.021], [0.010, 0.020]]
    assert profile.error_rate.tolist() == [0, 0.002]
    assert profile.requests.tolist() == [0, 900]
    assert profile.latency_of is LatencyOf.MODEL


def test_a_closed_loop_test_becomes_a_profile_in_order_of_its_concurrencies(write):
    rows = ["a,4,1.6,3000,2500,", "a,1,0.5,2000,,", "b,2,1,900,800,total"]
    first, second = read_capacity(write(SWEEP, *rows)).values()
    assert isinstance(first, SweepProfile)
    assert first.concurrency.tolist() == [1, 4]
    assert first.throughput_rps.tolist() == [0.5, 1.6]
    assert first.fractions.tolist() == [0.95]
    assert first.latencies_s.tolist() == [[2], [3]]
    assert np.isnan(first.means_s[0])
    assert first.means_s[1] == 2.5
    assert first.error_rate.tolist() == first.requests.tolist() == [0, 0]
    assert (second.instance_type, second.latency_of) == ("b", LatencyOf.TOTAL)


def test_quoted_column_names_tell_the_kind_too(write):
    quoted = ",".join(f'"{name}"' for name in RATES.split(","))
    assert isinstance(read_capacity(write(quoted, "a,1,2,3,4,,,"))["a"], RatesProfile)


def test_percentiles_missing_somewhere_each_leave_nothing_measured(write):
    error = refusal(write(RATES, "a,10,,20,,,,", "a,20,10,,,,,"))
    assert error.cause == "No percentile of a is measured at every level"
    assert "p50_ms, p90_ms, p95_ms, p99_ms" in error.remedy


@pytest.mark.parametrize(
    ("header", "rows", "cause"),
    [
        (RATES, ["a,10,1,2,3,,,", "a,10.0,1,2,3,,,"], "offered_rps 10.0 of a stands there twice"),
        (SWEEP, ["a,2,1,1,,", "a,2,1,1,,"], "concurrency 2 of a stands there twice"),
        (RATES, ["a,10,3,2,4,,,"], "a higher percentile below a lower one"),
        (RATES, ["a,10,1,2,3,1.5,,"], "an error rate outside 0 to 1"),
        (RATES, ["a,10,1,2,3,-0.1,,"], "an error rate outside 0 to 1"),
        (RATES, ["a,0,1,2,3,,,"], "not increasing numbers above 0"),
        (RATES, ["a,10,0,2,3,,,"], "a latency that is missing or not above 0"),
        (SWEEP, ["a,1,0,900,,"], "a throughput that is not above 0"),
        (SWEEP, ["a,1,-1,900,,"], "a throughput that is not above 0"),
        (SWEEP, ["a,1,1,900,0,"], "a mean latency that is not above 0"),
        (SWEEP, ["a,1.5,1,900,,"], "concurrency is 1.5, and a whole number is wanted"),
        (RATES, ["a,10,1,2,fast,,,"], "p99_ms is 'fast', and a number"),
        (RATES, ["a,10,1,2,3,0.1%,,"], "error_rate is '0.1%', and a number"),
        (RATES, ["a,10,1,2,3,,,client"], "latency_of is 'client', and one of total, model, first"),
        (f"{RATES},rate_of", ["a,10,1,2,3,,,,mean"], "rate_of is 'mean', and one of offered, sat"),
    ],
)
def test_levels_that_make_no_sense_are_refused_with_their_row(write, header, rows, cause):
    error = refusal(write(header, *rows))
    assert cause in error.cause
    assert "capacity.csv, row " in error.place


@pytest.mark.parametrize("types", [("a", "a"), ("a", "b")])
def test_latencies_of_different_things_never_mix(write, types):
    rows = [f"{types[0]},10,1,2,3,,,total", f"{types[1]},20,1,2,3,,,first_byte"]
    error = refusal(write(RATES, *rows))
    assert error.cause == "The file mixes latencies of first_byte and total"
    assert error.place.endswith(", row 3, column latency_of")


def test_what_is_not_said_is_total_and_mixes_with_nothing_else(write):
    error = refusal(write(RATES, "a,10,1,2,3,,,", "b,20,1,2,3,,,model"))
    assert error.cause == "The file mixes latencies of model and total"


def test_workers_may_be_of_the_model_alone(write):
    profile = read_capacity(write(f"{HEADER},latency_of", f"{ROW},model"))["ml.m5.xlarge"]
    assert profile.latency_of is LatencyOf.MODEL


@pytest.mark.parametrize("column", ["instance_type", "service_time_ms", "service_cv"])
def test_every_column_but_the_law_is_required(write, column):
    header = ",".join(name for name in HEADER.split(",") if name != column)
    assert f"lacks {column};" in refusal(write(header, "1,2,3,4")).cause


def test_the_same_type_twice_is_refused_where_it_stands_again(write):
    error = refusal(write(HEADER, ROW, ROW.replace("45", "50")))
    assert error.cause == "ml.m5.xlarge stands there twice"
    assert error.place.endswith(", row 3")


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (",4,", ",0,", "A concurrency of 0 is outside 1 to 10000"),
        (",4,", ",-3,", "A concurrency of -3 is outside 1 to 10000"),
        (",45,", ",0,", "A mean service time of 0.0 s is not a positive time"),
        (",45,", ",-45,", "A mean service time of -0.045 s is not a positive time"),
        (",0.5,", ",-0.5,", "A coefficient of variation of -0.5 is outside 0 to 20"),
        (",gamma", ",deterministic", "cannot have a coefficient of variation of 0.5"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_row(write, old, new, cause):
    error = refusal(write(HEADER, "", ROW.replace(old, new)))
    assert cause in error.cause
    assert error.place.endswith("capacity.csv, row 3")


@pytest.mark.parametrize(
    ("old", "new", "column", "found"),
    [
        (",4,", ",2.5,", "workers", "2.5"),
        (",4,", ",,", "workers", "an empty cell"),
        (",45,", ",45ms,", "service_time_ms", "'45ms'"),
        (",0.5,", ",,", "service_cv", "an empty cell"),
        (",gamma", ",weibull", "service_law", "'weibull'"),
        (",gamma", ",Gamma", "service_law", "'Gamma'"),
        ("ml.m5.xlarge,", ",", "instance_type", "an empty cell"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_its_column(write, old, new, column, found):
    error = refusal(write(HEADER, ROW.replace(old, new)))
    assert f"{column} is {found}" in error.cause
    assert error.place.endswith(f", row 2, column {column}")


def test_an_unknown_law_is_refused_with_the_known_ones(write):
    cause = refusal(write(HEADER, ROW.replace("gamma", "weibull"))).cause
    assert "lognormal, gamma, deterministic" in cause


def test_a_header_alone_is_refused(write):
    assert "no data row" in refusal(write(HEADER)).cause


@pytest.mark.parametrize(
    ("column", "header"),
    [
        ("throughput_rps", "instance_type,concurrency,p99_ms"),
        ("instance_type", "offered_rps,p99_ms"),
    ],
)
def test_every_column_of_a_kind_is_required(write, column, header):
    assert f"lacks {column};" in refusal(write(header, "1,2,3"[: 2 * header.count(",") + 1])).cause


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ("errors", "error_rate"),
        ("p99", "p99_ms"),
        ("p999_ms", "p99_ms"),
        ("latency_p99_us", "p99_ms"),
        ("p95_s", "p95_ms"),
        ("requests", "n, the number"),
    ],
)
def test_a_column_that_looks_like_one_of_ours_is_not_ignored(write, column, wanted):
    """900 of 1,000 failed in a column named errors: ignored, the test would look sound."""
    error = refusal(write(f"instance_type,offered_rps,p99_ms,{column}", "ml.m5.large,10,20,900"))
    assert f"{column} is no column that is read" in error.cause
    assert wanted in error.cause


def test_a_column_of_another_kind_of_thing_is_ignored(write):
    path = write("instance_type,offered_rps,p99_ms,test,price", "ml.m5.large,10,20,monday,0.1")
    assert list(read_capacity(path)) == ["ml.m5.large"]


def test_a_concurrency_that_nobody_can_have_is_refused(write):
    path = write("instance_type,concurrency,throughput_rps,p99_ms", "ml.g5.xlarge,100000000,5,900")
    assert "more than any server works on" in refusal(path).cause


@pytest.mark.parametrize(
    ("column", "meant"), [("error_rat", "error_rate"), ("p95_sm", "p95_ms"), ("mean_m", "mean_ms")]
)
def test_a_misspelt_optional_column_is_told_what_it_is_meant_to_be(write, column, meant):
    """Ignored, 30 % of failures would have passed for none."""
    path = write(f"instance_type,offered_rps,p99_ms,{column}", "ml.m5.large,10,20,0.3")
    assert meant in refusal(path).cause


def test_whether_failures_were_measured_is_kept(write):
    measured = write("instance_type,offered_rps,p99_ms,error_rate", "ml.m5.large,10,20,0")
    assert read_capacity(measured)["ml.m5.large"].errors_known
    unmeasured = write("instance_type,offered_rps,p99_ms", "ml.m5.large,10,20")
    assert not read_capacity(unmeasured)["ml.m5.large"].errors_known
