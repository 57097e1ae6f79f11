"""Traffic that was pulled from one endpoint is not silently that of another."""

import pytest

PULLED = (
    "# source: CloudWatch\n# endpoint: {}\n# variant: {}\n# region: {}\n"
    "timestamp,invocations\n2024-01-01T00:00:00Z,5\n2024-01-01T00:01:00Z,5\n"
)


@pytest.mark.parametrize(
    ("whose", "told"),
    [
        (("churn-endpoint", "AllTraffic", "us-east-1"), None),
        (("fraud", "AllTraffic", "us-east-1"), "endpoint fraud, not churn-endpoint"),
        (("churn-endpoint", "next", "us-east-1"), "variant next, not AllTraffic"),
        (("churn-endpoint", "AllTraffic", "eu-west-1"), "region eu-west-1, not us-east-1"),
    ],
)
@pytest.mark.parametrize("command", ["estimate", "recommend"])
def test_traffic_of_another_endpoint_is_told(
    smcost, write, endpoint_story, answered, command, whose, told
):
    write("pulled.csv", PULLED.format(*whose))
    answered(endpoint_story().answers)
    able = "--service-time 45ms --concurrency 4 --p99 300ms"
    found = smcost(f"{command} --endpoint churn-endpoint --traffic pulled.csv {able}")
    assert found.exit_code == 0, found.stderr
    assert ("traffic_of_other" in found.warning_codes) is (told is not None)
    assert told is None or f"The traffic is that of {told}" in found.stderr


def test_without_an_endpoint_only_a_region_that_was_given_counts(smcost, write):
    write("pulled.csv", PULLED.format("churn", "A", "eu-west-1"))
    asked = "estimate --instance-type ml.m5.xlarge --count 1 --traffic pulled.csv"
    assert "traffic_of_other" not in smcost(asked).warning_codes
    assert "traffic_of_other" in smcost(f"{asked} --region us-east-1").warning_codes
    assert "traffic_of_other" not in smcost(f"{asked} --region eu-west-1").warning_codes
