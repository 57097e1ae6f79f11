"""--capacity takes a CSV or the JSON of a job; any other JSON is refused with what to do."""

import json

import pytest

from smcost.errors import InputError
from smcost.read.capacity_file import read_capacity_file
from smcost.read.inference_recommender import LatencyReading

JOB = {
    "Status": "COMPLETED",
    "CreationTime": 1793491200.0,
    "InferenceRecommendations": [
        {
            "RecommendationId": "a/1",
            "EndpointConfiguration": {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1},
            "Metrics": {"MaxInvocations": 600, "ModelLatency": 47},
        }
    ],
}


@pytest.fixture
def write(tmp_path):
    def to_file(text):
        path = tmp_path / "capacity"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def test_a_csv_has_nothing_that_was_chosen(write):
    found = read_capacity_file(write("instance_type,offered_rps,p99_ms\nml.m5.large,10,40\n"))
    assert list(found.profiles) == ["ml.m5.large"]
    assert (found.from_job, found.caveats, found.assumptions) == (False, (), ())


def test_comments_before_the_header_are_passed_over_and_rows_keep_their_numbers(write):
    comments = '# made by hand, of two tests\n# 50% empirical "quoted\n\n'
    header = "instance_type,workers,service_time_ms,service_cv\n"
    found = read_capacity_file(write(f"{comments}{header}ml.m5.large,4,45,0.5\n"))
    assert found.profiles["ml.m5.large"].workers == 4
    with pytest.raises(InputError) as caught:
        read_capacity_file(write(f"{comments}{header}ml.m5.large,4,x,0.5\n"))
    assert ", row 5, column service_time_ms" in caught.value.place


def test_comments_alone_are_no_capacity(write):
    with pytest.raises(InputError, match="comments but no header"):
        read_capacity_file(write("# one\n# two\n"))


def test_a_job_has_its_types_its_ids_and_what_was_chosen(write):
    found = read_capacity_file(write(json.dumps(JOB)), LatencyReading(fraction=0.95))
    assert found.from_job
    assert found.profiles["ml.m5.large"].max_rps == pytest.approx(10)
    assert found.recommendation_ids == {"a/1": "ml.m5.large"}
    assert found.caveats
    assert found.assumptions


@pytest.mark.parametrize("text", ['{"metrics": {}}', "[1, 2]", '{"a": 1', '{"a": 1}\n{"a": 2}'])
def test_any_other_json_is_refused(write, text):
    with pytest.raises(InputError) as caught:
        read_capacity_file(write(text))
    assert caught.value.remedy
    assert "capacity" in caught.value.place


def test_a_load_test_is_sent_to_the_import(write):
    with pytest.raises(InputError) as caught:
        read_capacity_file(write('{"metrics": {"http_reqs": {}}}'))
    assert "smcost capacity import FILE --instance-type TYPE" in caught.value.remedy
