"""Policies on other metrics, steps and schedules on the command line."""

from pathlib import Path

import pytest

from smcost.queueing.exact.compiled import compiled

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policies.md"
ABLE = "--service-time 100ms --concurrency 4"
DAY = "--rps 40 --peak-rps 120"
SCALED = f"estimate --min 2 --max 20 {DAY} {ABLE}"
MORNING = '--scheduled-action "cron(0 8 * * ? *) Europe/Berlin min=4 max=20"'


def test_requests_in_flight_are_tracked(smcost):
    outcome = smcost(f"{SCALED} --concurrency-target 3 -f json")
    found = outcome.document
    [policy] = found["configuration"]["policies"]
    assert policy["metric"] == "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    assert policy["target_value"] == 3.0
    assert found["configuration"]["target_invocations_per_instance"] is None
    names = [entry["name"] for entry in found["assumptions"]]
    assert "alarms on concurrency" in names
    assert "alarms" not in names
    assert 331.2 < found["cost"]["expected_usd"] < 3_312


def test_a_target_in_per_cent_of_each_core_becomes_one_of_all_of_them(smcost):
    found = smcost(f"{SCALED} --cpu-target 60% --cpu-at-full-load 85% -f json").document
    [policy] = found["configuration"]["policies"]
    # ml.m5.xlarge has four vCPU.
    assert (policy["metric"], policy["target_value"]) == ("CPUUtilization", 240.0)
    [busy] = [e for e in found["assumptions"] if e["name"] == "CPU of a busy instance"]
    assert busy["value"].startswith("340 % of a core, of 4 cores")
    assert busy["source"] == "flag --cpu-at-full-load"


def test_cpu_per_invocation_is_the_same_by_another_name(smcost):
    """40 invocations a second of 85 ms of CPU are 3.4 CPU seconds a second."""
    by_share = smcost(f"{SCALED} --cpu-target 60% --cpu-at-full-load 85% -f json").document
    by_time = smcost(f"{SCALED} --cpu-target 60% --cpu-per-invocation 85ms -f json").document
    assert by_time["cost"] == by_share["cost"]


def test_several_at_once_and_a_schedule_are_all_told(smcost):
    steps = '--step "cpu > 70% for 3 of 5: 0..15 +10%, 15.. +30%; cooldown 120s; at-least 2"'
    line = f"{SCALED} --target 1200 --concurrency-target 3 --cpu-at-full-load 85% {steps} {MORNING}"
    found = smcost(f"{line} -f json").document
    tracking, flying, stairs = found["configuration"]["policies"]
    assert tracking["metric"] == "SageMakerVariantInvocationsPerInstance"
    assert flying["metric"].endswith("HighResolution")
    assert (stairs["policy_type"], stairs["threshold"]) == ("StepScaling", 280.0)
    assert stairs["steps"] == [
        {"lower_bound": 0.0, "upper_bound": 60.0, "adjustment": 10},
        {"lower_bound": 60.0, "upper_bound": None, "adjustment": 30},
    ]
    assert (stairs["min_adjustment_magnitude"], stairs["scale_in_cooldown_s"]) == (2, 120.0)
    assert found["configuration"]["schedule"] == ["cron(0 8 * * ? *) Europe/Berlin min=4 max=20"]
    printed = smcost(line).stdout
    assert "target 1200/min, target 3 in flight, steps on cpu > 280, 1 scheduled action" in printed


def test_a_schedule_alone_scales(smcost):
    night = '--scheduled-action "cron(0 20 * * ? *) Europe/Berlin min=2 max=2"'
    found = smcost(f"estimate --min 2 --max 2 {DAY} {MORNING} {night} -f json").document
    # 2024-01-01 to 07, 07:00 to 19:00 UTC.
    assert found["horizon"]["instance_hours"] == pytest.approx(7 * (2 * 24 + 2 * 12))


@pytest.mark.parametrize("day", ["MON", "SAT"])
def test_what_runs_on_one_day_of_the_week_is_priced_as_one_in_seven(smcost, day):
    """docs/policies.md: a rate has no days of its own, and whichever it is costs the same."""
    flags = " ".join(
        f'--scheduled-action "cron(0 {hour} ? * {day} *) min={count} max={count}"'
        for hour, count in ((8, 10), (20, 1))
    )
    found = smcost(
        f"estimate --instance-type ml.m5.xlarge --rps 1 --min 1 --max 10 {flags} -f json"
    ).document
    assert found["horizon"]["hours"] == 168
    by_hand = (168 + 9 * 12) / 168 * 720 * 0.23
    assert found["cost"]["expected_usd"] == pytest.approx(by_hand, abs=0.005)
    assert f"= {by_hand:.2f} USD a month." in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("flags", "cause"),
    [
        ("--cpu-target 60%", "how much of it an invocation takes is not known"),
        ("--cpu-target 60", "no percent sign"),
        ("--cpu-target 0% --cpu-at-full-load 85%", "never met"),
        ("--target 600 --cpu-at-full-load 85%", "no policy looks at CPU"),
        (
            "--cpu-target 60% --cpu-at-full-load 85% --cpu-per-invocation 30ms",
            "given twice",
        ),
        ("--cpu-target 60% --cpu-per-invocation 300ms", "has 4 vCPU"),
        ("--concurrency-target 0", "cannot be tracked"),
        ('--step "memory > 70: 0.. +1"', "is no step policy"),
        ('--step "cpu > 70: 0.. +1"', "in another unit"),
        ('--step "invocations > 70%: 0.. +1"', "in another unit"),
        ('--step "invocations > 70: 0.. +1, 5.. =3"', "steps that cannot be read"),
        ('--step "invocations > 70: 0.. one"', "steps that cannot be read"),
        ('--step "invocations > 70: 0.. +1; warmup 3"', "which is not known"),
        ('--step "invocations > 70: 0..5 +1"', "above the highest bound"),
        ('--scheduled-action "tomorrow min=3"', "is no scheduled action"),
        ('--scheduled-action "cron(0 8 * * ? *) UTC UTC min=3"', "which is not known"),
        ('--scheduled-action "cron(0 8 * * ? *) min=x"', "a bound of"),
        ('--scheduled-action "cron(0 8 * * ? *) min=3 end=noon"', "a time of"),
        ('--scheduled-action "cron(0 8 * * * *) min=3"', "must be ?"),
        ('--scheduled-action "cron(0 8 * * ? *) Mars/Base min=3"', "no time zone"),
    ],
)
def test_what_cannot_be_followed_is_refused(smcost, flags, cause):
    outcome = smcost(f"{SCALED} {flags}")
    assert outcome.exit_code == 2
    assert cause in outcome.refusal[0]


def test_a_fixed_count_goes_with_no_policy(smcost):
    for flags in ("--concurrency-target 3", MORNING):
        assert smcost(f"estimate --count 2 {DAY} {ABLE} {flags}").exit_code == 2


def test_a_metric_of_queues_wants_a_capacity(smcost):
    outcome = smcost(f"estimate --min 2 --max 20 {DAY} --concurrency-target 3")
    assert "what one instance can do is not known" in outcome.refusal[0]


def test_tfvars_name_the_metric_and_refuse_what_the_module_does_not_carry(smcost):
    printed = smcost(f"{SCALED} --concurrency-target 3 -f tfvars").stdout
    assert (
        'autoscaling_metric       = "SageMakerVariantConcurrentRequestsPerModelHighResolution"'
        in printed
    )
    scheduled = smcost(f"{SCALED} --target 600 {MORNING} -f tfvars").stdout
    assert 'schedule     = "cron(0 8 * * ? *)"' in scheduled
    outcome = smcost(f"{SCALED} --target 600 --concurrency-target 3 -f tfvars")
    assert outcome.exit_code == 2
    assert "carries one target tracking policy" in outcome.refusal[0]


def test_todays_policies_come_back_from_an_estimate(smcost):
    steps = '--step "invocations > 900 for 3: 0.. +2"'
    today = smcost(f"{SCALED} --concurrency-target 3 {steps} {MORNING} -f json -o today.json")
    assert today.exit_code == 0
    found = smcost(
        f"recommend {DAY} {ABLE} --p99 500ms --budget 0s --current today.json -f json"
    ).document
    assert [p["policy_type"] for p in found["current"]["policies"]] == [
        "TargetTrackingScaling", "StepScaling",
    ]  # fmt: skip
    assert found["current"]["schedule"] == ["cron(0 8 * * ? *) Europe/Berlin min=4 max=20"]


def test_settings_take_a_list_of_specs(smcost, write):
    write(
        "smcost.toml",
        '[estimate]\nscheduled-action = ["cron(0 8 * * ? *) min=4 max=20", '
        '"cron(0 20 * * ? *) min=2 max=20"]\n',
    )
    found = smcost(f"{SCALED} --target 1200 -f json").document
    assert len(found["configuration"]["schedule"]) == 2


RECOMMEND = (
    f"recommend {DAY} {ABLE} --instance-type ml.m5.xlarge --p99 400ms --min-instances 2 --budget 0s"
)


def test_recommend_pins_the_metric_with_its_target(smcost):
    found = smcost(f"{RECOMMEND} --concurrency-target 2 -f json").document
    recommended = found["recommendation"]
    assert recommended["target_invocations_per_instance"] is None
    [policy] = recommended["policies"]
    assert (policy["metric"][-14:], policy["target_value"]) == ("HighResolution", 2.0)
    assert {row["target_invocations_per_instance"] for row in found["windows"]} == {None}
    names = [entry["name"] for entry in found["assumptions"]]
    assert "alarms on concurrency" in names
    assert "alarms" not in names
    block = smcost(f"{RECOMMEND} --concurrency-target 2").stdout
    assert "autoscaling_target_value = 2\n" in block
    assert "HighResolution" in block


@pytest.mark.skipif(not compiled(), reason="in Python the other metric is for short traces alone")
def test_recommend_says_what_the_faster_metric_is_worth(smcost):
    outcome = smcost(f"{RECOMMEND} -f json")
    [other] = [a for a in outcome.document["alternatives"] if a["kind"] == "other_metric"]
    assert other["policies"][0]["metric"].endswith("HighResolution")
    assert other["breaks_if_slower"] is not None
    cost = outcome.document["cost"]["expected_usd"]
    worth = f"{abs(cost - other['expected_usd']):,.2f} USD per month"
    assert worth in smcost(RECOMMEND).stdout
    pinned = smcost(f"{RECOMMEND} --target 1200 -f json").document
    assert all(a["kind"] != "other_metric" for a in pinned["alternatives"])


def test_one_policy_is_recommended(smcost):
    outcome = smcost(f"{RECOMMEND} --concurrency-target 2 --target 600")
    assert outcome.exit_code == 2
    assert "Two targets" in outcome.refusal[0]
