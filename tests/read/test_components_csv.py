"""Component files: what they may say, and every way they can be wrong."""

import pytest

from smcost.components.component import Amounts
from smcost.errors import InputError
from smcost.read.components_csv import read_components
from smcost.scaling.policy import Metric

HEADER = "component,memory_mb,max_copies,target,rps"


def read(write, text):
    return read_components(write("components.csv", text), "ml.g5.xlarge")


def test_a_row_with_everything(write):
    text = (
        "# of the team\n"
        "component,cpu_cores,accelerators,memory_mb,min_copies,max_copies,concurrency_target,"
        "traffic,traffic_scale,service_time_ms,concurrency,service_cv,startup_s\n"
        "chat,2.5,1,16384,0,6,3.5,data/week.csv,0.5,800,4,1,240\n"
    )
    (one,) = read(write, text)
    component = one.component
    assert component.needs == Amounts(2_500, 1, 16_384)
    assert (component.minimum, component.maximum, component.target) == (0, 6, 3.5)
    assert (component.metric, component.startup_s) == (Metric.CONCURRENCY, 240)
    assert (component.profile.workers, component.profile.service.mean_s) == (4, 0.8)
    assert component.profile.service.cv == 1
    assert (one.traffic.name, one.traffic.parent.name) == ("week.csv", "data")
    assert (one.rps, one.traffic_scale, one.startup_given) == (None, 0.5, True)


def test_a_row_with_the_least(write):
    (one,) = read(write, f"{HEADER}\nchat,1024,2,60,0.5\n")
    assert one.component.needs == Amounts(0, 0, 1_024)
    assert (one.component.minimum, one.component.profile) == (1, None)
    assert (one.component.metric, one.component.startup_s) == (Metric.INVOCATIONS, 180)
    assert (one.rps, one.traffic, one.startup_given) == (0.5, None, False)


def test_empty_cells_of_optional_columns_are_the_defaults(write):
    text = f"{HEADER},min_copies,service_time_ms,concurrency,startup_s\nchat,1024,2,60,1,,,,\n"
    (one,) = read(write, text)
    assert (one.component.minimum, one.component.profile, one.startup_given) == (1, None, False)


@pytest.mark.parametrize(
    ("text", "cause", "place"),
    [
        pytest.param("", "empty", "components.csv", id="nothing"),
        pytest.param(f"{HEADER}\n", "no data row", "components.csv", id="a header alone"),
        pytest.param(
            "component,target\na,1\n", "lacks memory_mb, max_copies", "header", id="lacks"
        ),
        pytest.param(
            f"{HEADER},min_copy\na,1024,1,60,1,0\n", "min_copy is no column", "row 2", id="misspelt"
        ),
        pytest.param(
            f"{HEADER}\na,1024,1,60,1\na,1024,1,60,1\n", "a stands there twice", "row 3", id="twice"
        ),
        pytest.param(f"{HEADER}\n,1024,1,60,1\n", "an empty cell", "component", id="no name"),
        pytest.param(f"{HEADER}\na b,1024,1,60,1\n", "no name of a component", "row 2", id="name"),
        pytest.param(f"{HEADER}\na,,1,60,1\n", "an empty cell", "memory_mb", id="no memory"),
        pytest.param(f"{HEADER}\na,64,1,60,1\n", "64 MB are less", "row 2", id="64 MB"),
        pytest.param(f"{HEADER}\na,10.5,1,60,1\n", "10.5", "memory_mb", id="half an MB"),
        pytest.param(f"{HEADER}\na,16GB,1,60,1\n", "'16GB'", "memory_mb", id="a unit"),
        pytest.param(f"{HEADER}\na,1024,0,60,1\n", "no bounds", "row 2", id="no copies"),
        pytest.param(f"{HEADER}\na,1024,1,-1,1\n", "-1", "target", id="a negative target"),
        pytest.param(f"{HEADER}\na,1024,1,0,1\n", "target of 0", "row 2", id="target 0"),
        pytest.param(
            f"{HEADER}\na,1024,1,,1\n", "a has neither target nor", "row 2", id="untracked"
        ),
        pytest.param(
            f"{HEADER}\na,1024,1,60,\n", "neither traffic nor rps", "row 2", id="no traffic"
        ),
        pytest.param(
            f"{HEADER},traffic\na,1024,1,60,1,x.csv\n", "both traffic and rps", "row 2", id="both"
        ),
        pytest.param(
            f"{HEADER},concurrency_target\na,1024,1,60,1,3\n", "both target and", "row 2", id="two"
        ),
        pytest.param(
            "component,memory_mb,max_copies,concurrency_target,rps\na,1024,1,3,1\n",
            "needs to know how long they stay",
            "row 2",
            id="in flight without a service time",
        ),
        pytest.param(
            f"{HEADER},accelerators\na,1024,1,60,1,0.5\n", "0.5", "accelerators", id="half a device"
        ),
        pytest.param(
            f"{HEADER},cpu_cores\na,1024,1,60,1,0.1\n", "0.1 cores are fewer", "row 2", id="cores"
        ),
        pytest.param(
            f"{HEADER},service_time_ms\na,1024,1,60,1,9\n",
            "a has half of a capacity",
            "row 2",
            id="half a capacity",
        ),
        pytest.param(
            f"{HEADER},service_cv\na,1024,1,60,1,0.5\n", "alone", "service_cv", id="a cv alone"
        ),
        pytest.param(
            f"{HEADER}\na,1024,1,60,1e12\n", "at most 1,000,000,000", "rps", id="too many"
        ),
        pytest.param(f"{HEADER}\na,1024,1,60,-1\n", "0 or more", "rps", id="negative"),
        pytest.param(
            f"{HEADER},traffic_scale\na,1024,1,60,1,0\n", "above 0", "traffic_scale", id="scale 0"
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(write, text, cause, place):
    with pytest.raises(InputError) as error:
        read(write, text)
    assert cause in str(error.value)
    assert place in error.value.place
    assert error.value.remedy


def test_an_idle_component_is_one_too(write):
    (listed,) = read(write, f"{HEADER}\na,1024,1,60,0\n")
    assert listed.rps == 0
