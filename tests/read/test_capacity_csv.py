"""A capacity file of kind workers is read strictly; other kinds are refused by their name."""

import gzip

import pytest

from smcost.capacity import WorkersProfile
from smcost.errors import InputError
from smcost.queueing.service import ServiceLaw, ServiceTime
from smcost.read.capacity_csv import read_capacity

HEADER = "instance_type,workers,service_time_ms,service_cv,service_law"
ROW = "ml.m5.xlarge,4,45,0.5,gamma"


@pytest.fixture
def write(tmp_path):
    def write_file(*lines: str):
        path = tmp_path / "capacity.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write_file


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
    ("lines", "kind"),
    [
        (("instance_type,offered_rps,p99_ms", "ml.m5.xlarge,100,80"), "rates"),
        (("instance_type, concurrency ,throughput_rps", "ml.m5.xlarge,4,80"), "sweep"),
        (('{"InferenceRecommendations": []}',), "Inference Recommender JSON"),
        (("", "  {", '"JobName": "a"}'), "Inference Recommender JSON"),
    ],
)
def test_another_kind_is_refused_by_its_name(write, lines, kind):
    error = refusal(write(*lines))
    assert f"of kind {kind} is not read" in error.cause
    assert "kind workers" in error.remedy
    assert error.place.endswith("capacity.csv")


@pytest.mark.parametrize("column", HEADER.removesuffix(",service_law").split(","))
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
