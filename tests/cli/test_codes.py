"""Every code of a closed list can be met on the command line and is described in docs/codes.md."""

import json
from pathlib import Path

import pytest

from smcost.capacity.fit import RefusalCode
from smcost.cli.not_yet import COMMANDS, FLAGS
from smcost.errors import EXIT_INFEASIBLE, EXIT_POLICY_HIT, SmcostError
from smcost.kinds.limits import ObstacleCode
from smcost.multi_model import Binds, Obstacle
from smcost.multi_model import sensitivity as multi_model_sensitivity
from smcost.recommend.result import AlternativeKind, Constraint, Factor, ReasonCode
from smcost.remarks import WarningCode

CODES = Path(__file__).resolve().parents[2] / "docs" / "codes.md"
ABLE = "--service-time 45ms --concurrency 4"
SLOW = "--service-time 500ms --concurrency 2 --p99 2s"
DAY = "--rps 30 --peak-rps 90"
HEADER = "timestamp,invocations\n"
PRICES = "region,instance_type,component,usd_per_hour,source,as_of\n"


#: Closed lists of models that share an endpoint; some of their codes are of other lists too.
SHARED = sorted({*Binds, *Obstacle, *multi_model_sensitivity.Factor} - {*Constraint, *ReasonCode})
MODELS = f"multi-model --model-count 9 --model-size 2GB --load-time 3s --p99 1s {ABLE}"


def lines(*times_and_counts):
    return HEADER + "".join(f"2024-01-01T{text}\n" for text in times_and_counts)


def burst(minutes, begin, usual):
    """Half an hour ten times as busy as the rest."""
    counts = (usual * (10 if begin <= m < begin + 30 else 1) for m in range(minutes))
    return lines(*(f"{m // 60:02}:{m % 60:02}:00Z,{count}" for m, count in enumerate(counts)))


#: A day whose ninth and tenth hour rise in two steps that the autoscaler follows, and a quiet one.
STAIRS = HEADER + "".join(
    f"2024-01-0{1 + m // 1440}T{m // 60 % 24:02}:{m % 60:02}:00Z,"
    f"{18_000 if 585 <= m < 660 else 12_000 if 560 <= m < 585 else 6_000}\n"
    for m in range(2880)
)

#: Three days that are busy from their last half hour until ten past one at night.
EVENINGS = HEADER + "".join(
    f"2024-01-0{1 + m // 1440}T{m // 60 % 24:02}:{m % 60:02}:00Z,"
    f"{20_000 if m % 1440 < 70 else max(600, 650 * (m % 1440 - 1410))}\n"
    for m in range(3 * 1440)
)

#: Irregular rushes of a minute or two.
RUSHES = [
    0, 350, 290, 230, 0, 0, 350, 280, 110, 0, 140, 910, 1650, 1330, 0, 110, 350, 1610, 530, 1540,
    980, 0, 2830, 510, 650, 50, 2200, 2980, 120, 350, 0, 1330, 790, 30, 1710, 490, 2400, 1650, 0,
    40, 1830, 0, 0, 2330,
]  # fmt: skip

RATES = "instance_type,offered_rps,p95_ms,p99_ms,error_rate,n\n"
SWEEP = "instance_type,concurrency,throughput_rps,mean_ms,p99_ms\n"


def rates(*rows):
    return RATES + "".join(f"ml.m5.large,{row}\n" for row in rows)


def sweep(*rows):
    return SWEEP + "".join(f"ml.g5.xlarge,{row}\n" for row in rows)


def job(*recommendations, **more):
    """What Inference Recommender says: ``(instances, MaxInvocations, CostPerInference)`` each."""
    found = [
        {
            "EndpointConfiguration": {"InstanceType": "ml.m5.large", "InitialInstanceCount": count},
            "Metrics": {
                "MaxInvocations": most,
                "ModelLatency": 40,
                "CostPerHour": 0.115 * count,
                "CostPerInference": usd,
            },
        }
        for count, most, usd in recommendations
    ]
    limits = [{"Percentile": "P99", "ValueInMilliseconds": 100}]
    stops = {"StoppingConditions": {"ModelLatencyThresholds": limits}}
    return json.dumps({"Status": "COMPLETED", "InferenceRecommendations": found, **stops, **more})


#: AWS's answer to up to 4,000 invocations per minute.
SCALING = {
    "ScalingPolicyObjective": {"MinInvocationsPerMinute": 200, "MaxInvocationsPerMinute": 4000},
    "DynamicScalingConfiguration": {
        "MinCapacity": 2,
        "MaxCapacity": 11,
        "ScalingPolicies": [
            {
                "TargetTracking": {
                    "MetricSpecification": {
                        "Predefined": {
                            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                        }
                    },
                    "TargetValue": 371.0,
                }
            }
        ],
    },
}


METRIC_DATA = """{"MetricDataResults": [{"Id": "inv", "Label": "Invocations", "Values": %s,
"Timestamps": [1704067200, 1704067260], "StatusCode": "Complete",
"Messages": [{"Code": "%s", "Value": "%s"}]}]}"""


def statistics(*sums):
    points = [
        {"Timestamp": 1_704_067_200 + 60 * n, "Sum": count, "Unit": "None"}
        for n, count in enumerate(sums)
    ]
    return json.dumps({"Label": "Invocations", "Datapoints": points})


def alb(action):
    return (
        "https 2024-01-01T00:00:01.5Z app/a/1 10.0.0.1:2817 10.0.0.2:80 0.000 0.001 0.000 200 200 "
        '34 366 "POST https://a.example:443/ HTTP/1.1" "curl" ECDHE TLSv1.2 arn "Root=1-5" "-" '
        f'"-" 0 2024-01-01T00:00:01.4Z "{action}" "-" "-"\n'
    )


COMPONENTS = "component,memory_mb,accelerators,min_copies,max_copies,target,rps\n"
ON_G6 = "components --components given --instance-type ml.g6.xlarge"

#: Code -> arguments, and what the file they name as "given" holds, or the command that writes it,
#: or the endpoint whose minutes it holds.
WARNINGS = {
    "no_schedule": (
        f"recommend --traffic week.csv {ABLE} --p99 300ms --target 2000 --budget 0s --schedule UTC",
        "smcost traffic synth --rps 5 -o week.csv",
    ),
    "schedule_from_one_week": (
        "recommend --traffic week.csv --service-time 100ms --concurrency 4 --p99 500ms "
        "--target 1200 --budget 0s --schedule UTC",
        "smcost traffic synth --rps 10 -o week.csv --spike 8h:20:12h --spike 32h:20:12h "
        "--spike 56h:20:12h --spike 80h:20:12h --spike 104h:20:12h",
    ),
    "overhead_missing": (
        "estimate --count 1 --rps 1 --instance-type ml.m5.large --capacity given",
        "instance_type,workers,service_time_ms,service_cv,latency_of\nml.m5.large,4,45,0.5,model\n",
    ),
    "fit_extrapolated": (
        "capacity import given",
        {"law": (0.3, 0.5), "workers": 1, "peak": 0.6, "days": 1},
    ),
    "fit_ambiguous": (
        "capacity import given",
        {"law": (2.0, 0.5), "workers": 16, "peak": 0.7, "days": 1},
    ),
    "price_not_hosting": ("estimate --count 1 --region af-south-1 --instance-type ml.c5.2xlarge",),
    "price_hand_kept": (
        "estimate --count 1 --prices given",
        PRICES + "us-east-1,ml.m5.xlarge,unspecified,0.2,a wiki page,2020\n",
    ),
    "type_not_listed": (
        "estimate --count 1 --prices given --instance-type ml.zz9.xlarge",
        PRICES + "us-east-1,ml.zz9.xlarge,Hosting,9,a colleague,2026\n",
    ),
    "price_stale": (
        "estimate --count 1 --prices given --max-price-age 30d",
        PRICES + "us-east-1,ml.m5.xlarge,Hosting,0.2,a list,2020-Q3\n",
    ),
    "price_of_hosting": (
        "estimate --count 1 --rps 1 --service-time 45ms --concurrency 4 --compare-kinds",
    ),
    "rate_unknown": (
        "estimate --count 1 --rps 1 --region eu-west-1 --payload-in 1KB --payload-out 1KB "
        "--data-capture 10%",
    ),
    "deployment_falls_back": (
        "estimate --count 1 --prices given --instance-type ml.inf1.xlarge "
        "--deployments-per-month 1 --deployment canary",
        PRICES + "us-east-1,ml.inf1.xlarge,Hosting,0.3,a colleague,2026\n",
    ),
    "loss_breaks_slo": (f"estimate --count 1 --rps 2 {SLOW} --survive instance",),
    "deployment_breaks_slo": (
        f"estimate --min 3 --max 20 --target 2000 --traffic given {ABLE} --p99 300ms "
        "--deployments-per-month 1",
        STAIRS,
    ),
    "commitment_account_wide": ("estimate --count 1 --savings-plan-discount 0.31",),
    "requests_unanswered": (
        f'estimate --count 1 {DAY} --non-prod "mon-fri 08:00-20:00 Europe/Berlin"',
    ),
    "opening_breaks_slo": (
        f"recommend --traffic given {ABLE} --p99 300ms --budget 0s "
        '--non-prod "daily 01:00-24:00 UTC"',
        EVENINGS,
    ),
    "break_too_short": (
        'estimate --count 1 --non-prod "daily 08:00-12:00; daily 12:05-20:00 UTC"',
    ),
    "schedule_left_out": ('estimate --count 1 --non-prod "daily 03:00-20:00 Europe/Berlin"',),
    "commitment_extrapolated": (f"estimate --count 1 {DAY} --savings-plan-discount 0.31",),
    "rate_inferred": ("estimate --count 1 --volume-gb 30",),
    "expected_unknown": ("estimate --min 1 --max 2",),
    "short_horizon": (
        "estimate --count 1 --traffic given",
        lines("00:00:00Z,5", "00:01:00Z,5"),
    ),
    "naive_times": ("traffic show given", lines("00:00:00,5", "00:01:00,5")),
    "traffic_gaps": (
        "traffic show given",
        lines("00:00:00Z,5", "00:01:00Z,5", "00:09:00Z,5", "00:10:00Z,5"),
    ),
    "suspected_outage": (
        "traffic show given",
        lines(*(f"00:{m:02}:00Z,{0 if 20 <= m < 40 else 60}" for m in range(60))),
    ),
    "traffic_of_other": (
        "estimate --count 1 --region us-east-1 --traffic given -f json",
        "# source: CloudWatch\n# endpoint: churn\n# variant: A\n# region: eu-west-1\n"
        + lines("00:00:00Z,5", "00:01:00Z,5"),
    ),
    "coarse_step": ("traffic show given", lines("00:00:00Z,5", "00:05:00Z,5")),
    "odd_step": ("traffic show given", lines("00:00:00Z,5", "00:00:07Z,5")),
    "counts_rounded": ("traffic show given", lines("00:00:00Z,5.5", "00:01:00Z,5.5")),
    "duplicates": ("traffic show given", lines("00:00:00Z,5", "00:01:00Z,5", "00:01:00Z,5")),
    "unsorted": ("traffic show given", lines("00:01:00Z,5", "00:00:00Z,5")),
    "single_instance": (f"recommend --rps 5 {ABLE} --p99 300ms",),
    "beyond_timeout": (f"estimate --count 1 --rps 500 {ABLE}",),
    "screening_weak": (
        "recommend --budget 0s --rps 1.5 --service-time 500ms --concurrency 1 --p99 6500ms --max 1",
    ),
    "deploy_resets_count": (
        f"recommend --traffic given {ABLE} --p99 300ms --budget 0s",
        burst(1440, 600, 3_000),
    ),
    "maximum_too_small": (f"estimate --min 1 --max 2 --target 600 {DAY}",),
    "target_odd": (f"recommend --rps 0.1 {ABLE} --p99 300ms --target 10",),
    "capacity_odd": (
        "recommend --rps 5 --service-time 0.045ms --concurrency 4 --p99 300ms --min-instances 2",
    ),
    "thin_margin": ("recommend --rps 5 --capacity given --p99 40.2ms", rates("10,30,40,0,500")),
    "small_sample": ("capacity show given", rates("10,30,40,0,30")),
    "latency_falls": ("capacity show given", rates("10,30,40,0,500", "20,20,30,0,500")),
    "errors_measured": ("capacity show given", rates("10,30,40,0.001,500")),
    "latency_unit": ("capacity show given", rates("10,826019,1085446,0,500")),
    "entries_left_out": (
        "capacity show given",
        job((1, 600, 3.1944e-6), EndpointPerformances=[{"Metrics": {"MaxInvocations": 9}}]),
    ),
    "inference_cost_odd": ("capacity show given", job((2, 600, 3.1944e-6))),
    "saturation_rate": ("capacity show given", job((1, 600, 3.1944e-6))),
    "throughput_derived": ("capacity show given", sweep("1,0.5,2000,4000", "2,0.8,2500,5000")),
    "ceiling_not_reached": ("capacity show given", sweep("1,0.5,2100,4000", "2,0.8,2600,5000")),
    "throughput_falls": ("capacity show given", sweep("1,0.5,2100,4000", "2,0.4,5100,9000")),
    "current_differs": (
        f"recommend --rps 40 {ABLE} --p99 300ms --current given",
        f"smcost estimate --count 9 --rps 30 {ABLE} -f json -o given",
    ),
    "scheduled_action_failed": (
        f"estimate --min 2 --max 4 {DAY} {ABLE} --target 2000 "
        '--scheduled-action "cron(0 8 * * ? *) min=6"',
    ),
    "never_scales_out": (
        f"estimate --min 1 --max 4 {DAY} {ABLE} --cpu-target 90% --cpu-at-full-load 85%",
    ),
    "aws_asked_otherwise": (
        f"recommend --rps 5 {ABLE} --p99 300ms --aws-recommendation given",
        json.dumps(SCALING),
    ),
    "aws_message": ("traffic show given", METRIC_DATA % ("[5.0, 6.0]", "Note", "Read me")),
    "statistic_odd": ("traffic show given", statistics(*[1.0] * 60)),
    "not_forwarded": ("traffic show given", alb("forward") + alb("redirect")),
    "type_assumed": (f"recommend {DAY} {ABLE} --p99 300ms --budget 0s",),
    "hot_model": (f"{MODELS} --zipf 2 --rps 60 --instance-type ml.m5.xlarge",),
    "load_beyond_timeout": (f"{MODELS} --zipf 0 --rps 1 --load-time 70s",),
    "placement_decides": (f"{MODELS} --zipf 0 --rps 1",),
    "multi_model_type": (
        f"{MODELS} --rps 1 --instance-type ml.g5.12xlarge --model-memory 20GB --prices given",
        PRICES + "us-east-1,ml.g5.12xlarge,Hosting,7,a colleague,2026\n",
    ),
    "nothing_to_simulate": (
        "recommend --rps 5 --capacity given --p99 300ms --burstiness 4",
        rates("10,30,40,0,500"),
    ),
    "reserve_unknown": (ON_G6, COMPONENTS + "a,9000,0,1,1,60,0.5\n"),
    "copies_not_placed": (f"{ON_G6} --max-instances 1", COMPONENTS + "a,1024,1,1,4,60,5\n"),
    # A third of a request a minute: none in the first fifteen that another's copy leaves room for.
    "requests_meet_no_copy": (
        f"{ON_G6} --max-instances 1",
        COMPONENTS + "a,1024,1,1,1,60,0.5\nb,1024,1,0,1,60,0.5\n",
    ),
    "routing_unknown": (
        "recommend --rps 5 --capacity given --p99 300ms --routing least-outstanding",
        rates("10,30,40,0,500"),
    ),
}

#: Code -> what of the running endpoint is told otherwise, on "recommend --endpoint".
RUNNING = {
    "type_changes": {"configured": {"InstanceType": "ml.m5.large"}},
    "schedule_stays": {
        "bounds": (2, 4),
        "actions": [
            {
                "ScheduledActionName": "night",
                "Schedule": "cron(0 20 * * ? *)",
                "ScalableTargetAction": {"MinCapacity": 1},
            }
        ],
    },
    "endpoint_not_replayed": {
        "bounds": (1, 4),
        "policies": [{"PolicyName": "backlog", "PolicyType": "StepScaling"}],
    },
    "endpoint_changing": {"endpoint": {"EndpointStatus": "RollingBack"}},
    "other_variants": {
        "configuration": {
            "ShadowProductionVariants": [
                {
                    "VariantName": "next",
                    "ModelName": "next",
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 1,
                }
            ]
        }
    },
    "quota_too_small": {"quotas": {"ml.m5.xlarge for endpoint usage": 1.0}},
    "quota_unchecked": {"quotas": {}},
}

#: Printed by traffic pull alone, which has no JSON, and where a list meets a cache: tests/aws and
#: test_prices_import.py meet them.
PULLED = {"span_shortened", "price_list_older", "prices_compete", "savings_plans_unread"}

#: Reason -> exit code, arguments, and what the file they name as "given" holds.
NINE_TYPES = [
    *(
        f"ml.m5.{size}"
        for size in ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge")
    ),
    *(f"ml.c5.{size}" for size in ("large", "xlarge", "2xlarge")),
]
REASONS = {
    "service_time_above_limit": (11, f"recommend {DAY} {ABLE} --p99 20ms"),
    "bounds_too_tight": (11, f"recommend {DAY} {ABLE} --p99 300ms --max 1"),
    # Latency falls under load, and one request a second never loads an instance to 10 rps.
    "fleet_too_large": (
        11,
        "recommend --rps 1 --capacity given --p99 100ms",
        rates("10,30,400,0,500", "20,30,40,0,500"),
    ),
    # Three requests a minute: thin traffic, which the formulas put just within the limit.
    "simulation_disagrees": (
        11,
        "recommend --rps 0.05 --service-time 24s --concurrency 4 --timeout 300s --p99 65500ms "
        "--min 1 --max 1 --seed 6",
    ),
    "percentile_not_measured": (
        11,
        "recommend --rps 1 --capacity given --p95 300ms",
        "instance_type,offered_rps,p99_ms\nml.m5.large,10,20\n",
    ),
    "errors_at_every_level": (
        0,
        "recommend --rps 1 --capacity given --p99 300ms",
        rates("10,30,40,0,500") + "ml.c5.large,10,30,40,0.01,500\n",
    ),
    "no_price": (
        0,
        "recommend --rps 1 --capacity given --p99 300ms",
        rates("10,30,40,0,500") + "ml.zz9.xlarge,10,30,40,0,500\n",
    ),
    # Nine types that do the same; the dearest of them need not be searched.
    "costs_more": (
        0,
        "recommend --rps 1 --capacity given --p99 300ms",
        "instance_type,workers,service_time_ms,service_cv\n"
        + "".join(f"{name},4,45,0.5\n" for name in NINE_TYPES),
    ),
}

#: Constraint -> arguments that are bound by it.
CONSTRAINTS = {
    "p95": f"recommend {DAY} {ABLE} --p95 85ms",
    "p99": f"recommend {DAY} {ABLE} --p99 120ms",
    "max_failed": f"recommend --traffic burst {ABLE} --p99 300ms --timeout 310ms",
    "min_instances": f"recommend {DAY} {ABLE} --p99 300ms --min-instances 9",
    "trough": f"recommend --rps 200 {ABLE} --p99 300ms --budget 0s",
    "pinned": f"recommend {DAY} {ABLE} --p99 300ms --min 9",
    "instance_lost": f"recommend --rps 2 --peak-rps 9 {SLOW} --survive instance --budget 0s",
    "zone_lost": f"recommend --rps 2 --peak-rps 9 {SLOW} --survive zone --budget 0s",
    # With 13 the alarm stays silent; with 12 it fires, and the help it orders is billed.
    "cost": "recommend --traffic rushes --gaps zero --service-time 500ms --concurrency 2 "
    "--p99 20s --target 72 --min-instances 10 --budget 0s",
}


@pytest.mark.parametrize("code", RUNNING)
def test_every_warning_of_a_running_endpoint_can_be_met(smcost, endpoint_story, answered, code):
    answered(endpoint_story(**RUNNING[code]).answers)
    asked = f"--rps 5 --instance-type ml.m5.xlarge {ABLE} --p99 300ms --budget 0s"
    outcome = smcost(f"recommend --endpoint churn-endpoint {asked} -f json")
    assert outcome.exit_code == 0, outcome.stderr
    assert code in outcome.warning_codes
    assert code in {entry["code"] for entry in outcome.document["warnings"]}


@pytest.mark.parametrize("code", sorted({code.value for code in WarningCode} - PULLED - {*RUNNING}))
def test_every_warning_can_be_met(smcost, write, synthetic, minutes, code):
    line, *content = WARNINGS[code]
    if content and isinstance(content[0], dict):
        write("given", synthetic.saved(minutes(**content[0])))
    elif content and content[0].startswith("smcost "):
        assert smcost(content[0].removeprefix("smcost ")).exit_code == 0
    elif content:
        write("given", content[0])
    outcome = smcost(f"{line} -f json")
    assert outcome.exit_code == 0, outcome.stderr
    assert code in outcome.warning_codes
    assert code in {entry["code"] for entry in outcome.document["warnings"]}


@pytest.mark.parametrize("reason", [reason.value for reason in ReasonCode])
def test_every_reason_for_a_rejection_can_be_met(smcost, write, reason):
    exit_code, line, *content = REASONS[reason]
    if content:
        write("given", content[0])
    outcome = smcost(f"{line} -f json")
    assert outcome.exit_code == exit_code, outcome.stderr
    assert [entry["reason_code"] for entry in outcome.document["rejected"]] == [reason]


@pytest.mark.parametrize("constraint", [c.value for c in Constraint])
def test_every_constraint_can_bind(smcost, write, constraint):
    write("burst", burst(300, 120, 600))
    write("rushes", lines(*(f"00:{m:02}:00Z,{count}" for m, count in enumerate(RUSHES))))
    outcome = smcost(f"{CONSTRAINTS[constraint]} -f json")
    binding = outcome.document["binding"]
    assert binding["constraint"] == constraint
    assert binding["explanation"].endswith(".")


def exit_codes():
    errors = {error.exit_code for error in SmcostError.__subclasses__()}
    return sorted({0, SmcostError.exit_code, EXIT_POLICY_HIT, EXIT_INFEASIBLE, *errors})


@pytest.mark.parametrize(
    "code",
    [
        *(*WarningCode, *ReasonCode, *Constraint, *AlternativeKind, *Factor, *RefusalCode),
        *ObstacleCode,
        *SHARED,
        *map(str, exit_codes()),
    ],
    ids=str,
)
def test_every_code_has_a_row_in_the_documentation(code):
    rows = [line for line in CODES.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    [row] = [row for row in rows if row.startswith(f"| `{code}` |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 3
    assert all(cells)


def test_the_documentation_has_no_code_that_is_gone():
    text = CODES.read_text(encoding="utf-8")
    known = {
        *(*WarningCode, *ReasonCode, *Constraint, *AlternativeKind, *Factor, *RefusalCode),
        *ObstacleCode,
        *SHARED,
        *map(str, exit_codes()),
    }
    documented = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert documented - known == set()


def test_a_promised_flag_or_command_is_not_also_there(smcost):
    shown = {command: smcost(f"{command} --help").stdout for command in ("estimate", "recommend")}
    for text in shown.values():
        assert set(text.split()) & set(FLAGS) == set()
    for words in COMMANDS:
        assert smcost(*words).exit_code == 2
