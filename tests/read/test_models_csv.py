"""The models CSV: what is read, and what is refused with row and column."""

import gzip

import pytest

from smcost.errors import InputError
from smcost.read.models_csv import parse_models, read_models

FILE = """# exported
model,size_mb,load_time_ms,weight
churn,100,2000,3
fraud,2048,9000.5,1
"""


def test_sizes_times_and_popularities():
    found = parse_models(FILE, "models.csv")
    assert found.hosted.names == ("churn", "fraud")
    assert found.hosted.share.tolist() == [0.75, 0.25]
    assert found.hosted.size_bytes.tolist() == [100 * 2**20, 2 * 2**30]
    assert found.hosted.load_s.tolist() == [2.0, 9.0005]
    assert found.hosted.service_s is None
    assert found.rps is None


def test_invocations_per_minute_add_up_to_the_traffic():
    found = parse_models(FILE.replace("weight", "invocations_per_minute"), "models.csv")
    assert found.rps == pytest.approx(4 / 60)


def test_downloads_add_to_the_load_and_models_may_have_their_own_service_time():
    text = (
        "service_time_ms,download_time_ms,weight,load_time_ms,size_mb,model,team\n"
        "45,1500,1,500,10,a,x\n90,0,0,700,20,b,y\n"
    )
    found = parse_models(text, "models.csv").hosted
    assert found.load_s.tolist() == [2.0, 0.7]
    assert found.service_s.tolist() == [0.045, 0.09]
    assert found.share.tolist() == [1.0, 0.0]


def test_a_gzipped_file_is_read(tmp_path):
    path = tmp_path / "models.csv.gz"
    path.write_bytes(gzip.compress(FILE.encode()))
    assert read_models(path).hosted.count == 2


#: Name -> what in the file is replaced by what, and what the error's place and cause say.
WRONG = {
    "no size": ("size_mb", "size", "header", "lacks size_mb"),
    "no popularity": ("weight", "team", "header", "neither weight nor"),
    "a name twice": ("fraud", "churn", "row 4, column model", "second time"),
    "an empty name": ("fraud", " ", "row 4, column model", "empty cell"),
    "a size of 0": ("2048", "0", "row 4, column size_mb", "above 0"),
    "a negative size": ("2048", "-1", "row 4, column size_mb", "from 0"),
    "a size in bytes": ("2048", "2147483648", "row 4, column size_mb", "10,000,000"),
    "a size in words": ("2048", "2GB", "row 4, column size_mb", "a number"),
    "a load of hours": ("9000.5", "36000000", "row 4, column load_time_ms", "3,600,000"),
    "no load time": ("9000.5", "", "row 4, column load_time_ms", "empty cell"),
    "a negative weight": (",3\n", ",-3\n", "row 3, column weight", "from 0"),
    "not a number": (",3\n", ",NaN\n", "row 3, column weight", "a number"),
    "a cell too many": (",3\n", ",3,4\n", "row 3", "5 cells"),
}


@pytest.mark.parametrize("name", WRONG)
def test_nonsense_is_refused_with_its_place(name):
    old, new, place, cause = WRONG[name]
    with pytest.raises(InputError) as refused:
        parse_models(FILE.replace(old, new), "models.csv")
    assert place in refused.value.place
    assert cause in refused.value.cause


def test_two_popularities_are_refused():
    text = "model,size_mb,load_time_ms,weight,invocations_per_minute\na,1,1,1,1\n"
    with pytest.raises(InputError, match="both weight and invocations_per_minute"):
        parse_models(text, "models.csv")


def test_models_that_nobody_asks_for_are_refused():
    text = FILE.replace(",3\n", ",0\n").replace(",1\n", ",0\n")
    with pytest.raises(InputError, match="no model is ever asked for"):
        parse_models(text, "models.csv")


def test_a_header_alone_is_refused():
    with pytest.raises(InputError, match="no data row"):
        parse_models(FILE.partition("churn")[0], "models.csv")
