"""Each documented limit of each kind, at its edge and just beyond it."""

import pytest

from smcost.kinds.limits import (
    CANNOT,
    EndpointKind,
    Job,
    Obstacle,
    ObstacleCode,
    account_concurrency,
    asynchronous_obstacles,
    batch_obstacles,
    multi_model_obstacles,
    real_time_obstacles,
    serverless_obstacles,
    smallest_size_gb,
)

MB, GB = 2**20, 2**30


def job(**changed):
    given = {"instance_type": "ml.m5.xlarge", "accelerated": False, "service_s": 0.1}
    return Job(**{**given, **changed})


def codes(found):
    return [obstacle.code for obstacle in found]


@pytest.mark.parametrize(
    ("obstacles", "within", "beyond", "code"),
    [
        pytest.param(
            serverless_obstacles,
            {"bytes_in": 4 * MB},
            {"bytes_in": 4 * MB + 1},
            ObstacleCode.PAYLOAD,
            id="serverless request of 4 MB",
        ),
        pytest.param(
            serverless_obstacles,
            {"bytes_out": 4 * MB},
            {"bytes_out": 4 * MB + 1},
            ObstacleCode.PAYLOAD,
            id="serverless response of 4 MB",
        ),
        pytest.param(
            serverless_obstacles,
            {"service_s": 60.0},
            {"service_s": 60.1},
            ObstacleCode.TIME,
            id="serverless 60 s",
        ),
        pytest.param(
            serverless_obstacles,
            {"model_bytes": 6 * GB},
            {"model_bytes": 6 * GB + 1},
            ObstacleCode.MODEL_TOO_LARGE,
            id="serverless 6 GB of memory",
        ),
        pytest.param(
            serverless_obstacles,
            {"accelerated": None},
            {"accelerated": True},
            ObstacleCode.ACCELERATOR,
            id="serverless without GPU",
        ),
        pytest.param(
            serverless_obstacles,
            {"captures": False},
            {"captures": True},
            ObstacleCode.FEATURE,
            id="serverless without data capture",
        ),
        pytest.param(
            serverless_obstacles,
            {"shadowed": False},
            {"shadowed": True},
            ObstacleCode.FEATURE,
            id="serverless without several variants",
        ),
        pytest.param(
            asynchronous_obstacles,
            {"bytes_in": GB},
            {"bytes_in": GB + 1},
            ObstacleCode.PAYLOAD,
            id="asynchronous request of 1 GB",
        ),
        pytest.param(
            asynchronous_obstacles,
            {"service_s": 3600.0},
            {"service_s": 3601.0},
            ObstacleCode.TIME,
            id="asynchronous hour",
        ),
        pytest.param(
            batch_obstacles,
            {"bytes_in": 100 * MB},
            {"bytes_in": 100 * MB + 1},
            ObstacleCode.PAYLOAD,
            id="batch record of 100 MB",
        ),
        pytest.param(
            batch_obstacles,
            {"service_s": 3600.0},
            {"service_s": 3601.0},
            ObstacleCode.TIME,
            id="batch hour a record",
        ),
    ],
)
def test_a_limit_holds_up_to_its_edge(obstacles, within, beyond, code):
    assert codes(obstacles(job(**within))) == []
    (found,) = obstacles(job(**beyond))
    assert found.code is code
    assert found.never_runs
    assert not found.message.endswith(".")


def test_asynchronous_and_batch_take_what_serverless_refuses():
    large = job(bytes_in=20 * MB, service_s=300.0, accelerated=True, model_bytes=20 * GB)
    assert set(codes(serverless_obstacles(large))) == {
        ObstacleCode.ACCELERATOR,
        ObstacleCode.PAYLOAD,
        ObstacleCode.TIME,
        ObstacleCode.MODEL_TOO_LARGE,
    }
    assert codes(asynchronous_obstacles(large)) == codes(batch_obstacles(large)) == []


def test_the_service_time_there_is_what_counts():
    assert codes(serverless_obstacles(job(service_s=40.0))) == []
    assert codes(serverless_obstacles(job(service_s=40.0), 2.0)) == [ObstacleCode.TIME]


def test_what_is_not_given_is_no_obstacle():
    bare = job(service_s=None)
    for obstacles in (serverless_obstacles, asynchronous_obstacles, batch_obstacles):
        assert obstacles(bare) == ()


@pytest.mark.parametrize(
    ("model_bytes", "size_gb"),
    [(1, 1), (GB, 1), (GB + 1, 2), (int(5.5 * GB), 6), (6 * GB, 6), (6 * GB + 1, None)],
)
def test_the_smallest_size_is_at_least_as_large_as_the_model(model_bytes, size_gb):
    assert smallest_size_gb(model_bytes) == size_gb


@pytest.mark.parametrize(
    ("region", "most"),
    [("us-east-1", 1000), ("eu-west-1", 1000), ("eu-west-3", 500), ("eu-south-2", None)],
)
def test_the_account_shares_what_the_guide_says(region, most):
    assert account_concurrency(region) == most


def test_only_what_the_kind_refuses_never_runs():
    refused = {code for code in ObstacleCode if Obstacle(code=code, message="x").never_runs}
    assert {code.value for code in refused} == {
        *("accelerator", "payload", "time", "model_too_large", "feature")
    }


@pytest.mark.parametrize("kind", EndpointKind)
def test_every_kind_says_what_it_cannot_do(kind):
    assert CANNOT[kind]
    if kind is not EndpointKind.REAL_TIME:
        assert any("no p99" in limit for limit in CANNOT[kind])


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (EndpointKind.REAL_TIME, ("25 MB", "60 s")),
        (EndpointKind.SERVERLESS, ("4 MB", "60 s", "6 GB", "10 GB", "200", "no GPU", "VPC")),
        (EndpointKind.ASYNCHRONOUS, ("1 GB", "1 h", "6 h")),
        (EndpointKind.BATCH_TRANSFORM, ("100 MB", "no online answers")),
        (EndpointKind.MULTI_MODEL, ("429", "Triton")),
    ],
)
def test_the_documented_limits_are_named(kind, wanted):
    text = "; ".join(CANNOT[kind])
    assert [word for word in wanted if word not in text] == []


@pytest.mark.parametrize(
    ("accelerated", "gpus", "allowed"),
    [
        pytest.param(False, 0, True, id="CPU"),
        pytest.param(True, 1, True, id="one GPU"),
        pytest.param(True, 4, False, id="four GPUs"),
        pytest.param(True, 0, False, id="Inferentia, no GPU"),
        pytest.param(True, None, False, id="Inferentia, not in the catalogue"),
        pytest.param(None, None, True, id="nobody knows"),
    ],
)
def test_the_types_of_multi_model_endpoints(accelerated, gpus, allowed):
    asked = job(instance_type="ml.x", accelerated=accelerated, gpus=gpus)
    found = multi_model_obstacles(asked, None)
    assert [each.code for each in found] == [ObstacleCode.ACCELERATOR] * (not allowed)
    assert all(each.never_runs and "ml.x" in each.message for each in found)


@pytest.mark.parametrize(("in_memory", "fits"), [(None, True), (1, True), (0, False)])
def test_a_model_that_no_instance_holds_shares_none(in_memory, fits):
    asked = job(model_bytes=14 * GB)
    found = multi_model_obstacles(asked, in_memory)
    assert [each.code for each in found] == [ObstacleCode.MODEL_TOO_LARGE] * (not fits)
    assert fits or "the model takes 14 GB" in found[0].message


@pytest.mark.parametrize(
    ("changed", "timeout_s", "code"),
    [
        ({"service_s": 60.0}, 60.0, None),
        ({"service_s": 60.1}, 60.0, ObstacleCode.TIME),
        ({"service_s": 60.1}, 480.0, None),
        ({"service_s": None}, 60.0, None),
        ({"bytes_in": 25 * MB}, 60.0, None),
        ({"bytes_out": 25 * MB + 1}, 60.0, ObstacleCode.PAYLOAD),
    ],
)
def test_a_real_time_request_has_a_minute_and_25_mb(changed, timeout_s, code):
    found = real_time_obstacles(job(**changed), timeout_s)
    assert [each.code for each in found] == ([] if code is None else [code])


def test_a_reason_names_what_it_was_and_what_there_is():
    (found,) = real_time_obstacles(job(service_s=90.0), 60.0)
    assert found.message == "a mean service time of 90 s is beyond the timeout of 60 s"
    (found,) = real_time_obstacles(job(bytes_in=30 * MB), 60.0)
    assert "30 MB is more than the 25 MB that a real-time endpoint takes" in found.message
