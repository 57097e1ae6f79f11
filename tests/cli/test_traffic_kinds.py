"""Traffic of every kind on the command line: what the output says it is, and how its flags act."""

import json

import pytest

T0 = 1_704_067_200  # 2024-01-01T00:00Z
ABLE = "--service-time 45ms --concurrency 4 --instance-type ml.m5.xlarge"


def metric_data(*labels, minutes=(0, 1, 2)):
    return json.dumps(
        {
            "MetricDataResults": [
                {
                    "Id": f"m{number}",
                    "Label": label,
                    "Timestamps": [T0 + 60 * minute for minute in minutes],
                    "Values": [60.0 * number] * len(minutes),
                    "StatusCode": "Complete",
                }
                for number, label in enumerate(labels, start=1)
            ]
        }
    )


def alb(second):
    return (
        f"https 2024-01-01T00:59:00.5Z app/a/1 192.0.2.7:2817 10.0.0.2:80 0.000 0.001 0.000 200 "
        '200 34 366 "POST https://a.example:443/ HTTP/1.1" "curl" ECDHE TLSv1.2 arn "Root=1" "-" '
        f'"-" 0 2024-01-01T00:{second // 60:02}:{second % 60:02}.25Z "forward" "-" "-"\n'
    )


def assumption(document, name):
    [found] = [each for each in document["assumptions"] if each["name"] == name]
    return found


def test_cloudwatchs_answer_is_named_with_the_result_that_was_read(smcost, write):
    write("inv.json", metric_data("ModelLatency", "Invocations"))
    document = smcost("estimate --count 2 --traffic inv.json -f json").document
    assert document["provenance"]["traffic"] == (
        'inv.json (CloudWatch GetMetricData, m2 "Invocations", period inferred), '
        "step 60 s, 360 invocations"
    )


def test_the_result_can_be_chosen_by_flag_environment_and_settings(smcost, write, monkeypatch):
    write("inv.json", metric_data("one", "two"))
    line = "traffic show inv.json -f json"
    refused = smcost(line)
    assert refused.exit_code == 3
    assert "--metric-id" in refused.refusal[1]
    assert smcost(f"{line} --metric-id m1").document["total_invocations"] == 180
    monkeypatch.setenv("SMCOST_METRIC_ID", "m2")
    assert smcost(line).document["total_invocations"] == 360
    monkeypatch.delenv("SMCOST_METRIC_ID")
    write("smcost.toml", '[traffic.show]\nmetric-id = "two"\n')
    assert smcost(line).document["total_invocations"] == 360


def test_the_period_is_a_duration(smcost, write):
    write("inv.json", metric_data("Invocations", minutes=(0, 5, 15)))
    line = "traffic show inv.json -f json"
    assert smcost(line).document["step_s"] == 300
    given = smcost(f"{line} --period 60s").document
    assert (given["step_s"], sum(gap["steps"] for gap in given["gaps"])) == (60, 13)


@pytest.mark.parametrize("period", ["60", "0s", "1500ms", "2d", "soon"])
def test_a_period_that_is_none_is_refused(smcost, write, period):
    write("inv.json", metric_data("Invocations"))
    for line in ("traffic show inv.json", "estimate --count 1 --traffic inv.json"):
        refused = smcost(f"{line} --period {period}")
        assert refused.exit_code == 2
        assert "--period" in refused.refusal[0]


def test_a_load_balancers_log_is_replayed_as_it_came(smcost, write):
    write("alb.log", "".join(alb(3 * n) for n in range(200)))
    line = f"estimate --count 2 {ABLE} --traffic alb.log -f json"
    document = smcost(line).document
    assert document["provenance"]["traffic"].startswith(
        "alb.log (ALB access log, request_creation_time), step 60 s, 200 invocations"
    )
    arrivals = assumption(document, "arrivals within a minute")
    assert (arrivals["value"], arrivals["source"]) == ("as logged", "flag --traffic")
    asked = assumption(smcost(f"{line} --requests").document, "arrivals within a minute")
    assert asked["source"] == "flag --requests"


def test_a_log_of_whole_seconds_is_counted_and_not_taken_for_bursts(smcost, write):
    lines = [
        f'192.0.2.7 - - [01/Jan/2024:00:{n // 60:02}:{n % 60:02} +0000] "GET / H" 200 5 x\n' * 2
        for n in range(120)
    ]
    write("clf.log", "".join(lines))
    document = smcost(f"estimate --count 2 {ABLE} --traffic clf.log -f json").document
    assert "request time in whole seconds" in document["provenance"]["traffic"]
    assert assumption(document, "arrivals within a minute")["value"].startswith("Poisson")


def test_a_folder_of_logs_is_one_traffic(smcost, write, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.log").write_text(alb(number) + alb(70))
    shown = smcost(f"traffic show {folder} -f json").document
    assert shown["total_invocations"] == 4
    assert shown["dispersion_per_s"] is not None


def test_the_tfvars_say_where_the_traffic_is_from(smcost, write):
    notes = "# source: CloudWatch\n# endpoint: churn\n# variant: A\n# region: eu-west-1\n"
    rows = "".join(f"2024-01-01T00:{n:02}:00Z,60\n" for n in range(60))
    write("churn.csv", f"{notes}timestamp,invocations,instances\n" + rows.replace("60\n", "60,2\n"))
    text = smcost(f"recommend --traffic churn.csv {ABLE} --p99 300ms -f tfvars").stdout
    assert "# traffic: churn.csv (CloudWatch, endpoint churn, variant A, eu-west-1), step" in text
