"""smcost capacity import, and what it writes given to the commands that read it."""

import json

import pytest

JOB = {
    "Status": "COMPLETED",
    "CreationTime": "2026-11-20T09:12:11.123000+00:00",
    "JobArn": "arn:aws:sagemaker:us-east-1:111122223333:inference-recommendations-job/x",
    "StoppingConditions": {
        "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 100}]
    },
    "InferenceRecommendations": [
        {
            "RecommendationId": "x/1",
            "EndpointConfiguration": {"InstanceType": "ml.m5.large", "InitialInstanceCount": 3},
            "Metrics": {"MaxInvocations": 1113, "ModelLatency": 171, "CpuUtilization": 88.4},
        },
        {
            "RecommendationId": "x/2",
            "EndpointConfiguration": {"InstanceType": "ml.c5.xlarge", "InitialInstanceCount": 1},
            "Metrics": {"MaxInvocations": 1986, "ModelLatency": 47},
        },
    ],
}
UNTOLD = {key: value for key, value in JOB.items() if key != "StoppingConditions"}


def llmeter(clients, rpm, ms):
    times = {f"time_to_last_token-{p}": f * ms / 1000 for p, f in (("p50", 1), ("p99", 2))}
    return {
        "clients": clients,
        "requests_per_minute": rpm,
        "failed_requests_rate": 0.0,
        "total_requests": 600,
        "time_to_last_token-average": ms / 1000,
        **times,
    }


@pytest.fixture
def job(write):
    write("job.json", json.dumps(JOB))


@pytest.fixture
def three_runs(write):
    for clients, rpm, ms in ((2, 60, 2000), (8, 160, 3000), (16, 165, 5800)):
        write(f"c{clients}.json", json.dumps(llmeter(clients, rpm, ms)))


def test_a_job_becomes_a_capacity_file_with_where_it_is_from(smcost, job):
    outcome = smcost("capacity import job.json")
    assert outcome.exit_code == 0
    *comments, header, first, second = outcome.stdout.splitlines()
    assert header == "instance_type,offered_rps,p95_ms,latency_of,rate_of"
    assert first == "ml.m5.large,6.18333333,171,model,saturation"
    assert second == "ml.c5.xlarge,33.1,47,model,saturation"
    assert comments[0].startswith("# from job.json: SageMaker Inference Recommender")
    assert any("latency_unit: ModelLatency is taken as milliseconds" in line for line in comments)
    assert all(line.startswith("# ") for line in comments)
    assert {"latency_unit", "saturation_rate"} <= outcome.warning_codes
    assert "arn:" not in outcome.stdout + outcome.stderr
    assert "111122223333" not in outcome.stdout + outcome.stderr


def test_the_file_and_the_job_itself_answer_the_same(smcost, job):
    assert smcost("capacity import job.json -o capacity.csv").exit_code == 0
    figures = []
    for given in ("capacity.csv", "job.json"):
        shown = smcost(f"capacity show {given} --p95 200ms -f json").document["profiles"]
        asked = f"recommend --rps 20 --peak-rps 60 --capacity {given} --p95 200ms --budget 0s"
        answer = smcost(f"{asked} -f json").document
        figures.append(
            (
                [(entry["instance_type"], round(entry["max_rps_at_slo"], 6)) for entry in shown],
                answer["recommendation"],
                answer["latency"],
                answer["cost"]["expected_usd"],
            )
        )
    assert figures[0] == figures[1]


def test_a_job_given_as_capacity_says_what_was_assumed(smcost, job):
    outcome = smcost(
        "estimate --count 9 --rps 20 --capacity job.json --instance-type ml.m5.large -f json"
    )
    assert outcome.exit_code == 0, outcome.stderr
    told = {entry["name"]: entry["value"] for entry in outcome.document["assumptions"]}
    assert told["percentile of ModelLatency"].startswith("p95, that of the job's limit")
    assert "only one rate was tested" in told["latency at lower rates"]
    codes = {entry["code"] for entry in outcome.document["warnings"]}
    assert {"latency_unit", "saturation_rate"} <= codes
    assert outcome.document["provenance"]["capacity"] == (
        "job.json: one tested rate, 371 invocations/min"
    )


def test_beyond_the_tested_rate_everything_is_late(smcost, job):
    line = "estimate --count 3 --capacity job.json --instance-type ml.m5.large --p95 200ms -f json"
    within = smcost(f"{line} --rps 18").document["latency"]
    assert within["p95_ms"] == pytest.approx(171, abs=0.5)
    assert within["failed_fraction"] == 0
    beyond = smcost(f"{line} --rps 19").document["latency"]
    assert beyond["failed_fraction"] > 0.5


def test_both_flags_are_asked_for_and_obeyed_everywhere(smcost, write):
    write("job.json", json.dumps(UNTOLD))
    asked = "recommend --rps 9 --capacity job.json --p95 200ms --budget 0s -f json"
    for line in ("capacity import job.json", "capacity show job.json", asked):
        cause, remedy = smcost(line).refusal
        assert cause.startswith("job.json: AWS does not say which percentile")
        assert "--latency-percentile p95" in remedy
        assert smcost(line).exit_code == 3
        assert smcost(f"{line} --latency-percentile p95").exit_code == 0
    shown = smcost("capacity show job.json --latency-percentile p99 --latency-unit us -f json")
    assert shown.exit_code == 0
    assert "taken as microseconds, as --latency-unit says, but" in shown.stderr


def test_the_settings_may_say_how_to_read_a_job_and_do_not_disturb_a_csv(
    smcost, write, monkeypatch
):
    write("job.json", json.dumps(UNTOLD))
    write("capacity.csv", "instance_type,offered_rps,p99_ms\nml.m5.large,10,40\n")
    monkeypatch.setenv("SMCOST_LATENCY_PERCENTILE", "p99")
    assert smcost("capacity show job.json").exit_code == 0
    assert smcost("capacity show capacity.csv").exit_code == 0
    for line in ("capacity show capacity.csv", "estimate --count 1 --rps 1"):
        outcome = smcost(f"{line} --latency-percentile p99")
        assert outcome.exit_code == 2
        assert "for a job of Inference Recommender alone" in outcome.refusal[0]


def test_several_files_are_one_sweep(smcost, three_runs):
    outcome = smcost(
        "capacity import c16.json c2.json c8.json --instance-type ml.g5.xlarge --instances 2"
    )
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.stdout.splitlines() == [
        "# from c16.json: LLMeter, latency of whole requests at the client",
        "# from c2.json: LLMeter, latency of whole requests at the client",
        "# from c8.json: LLMeter, latency of whole requests at the client",
        "# 2 instances behind the tested endpoint: concurrency and throughput are divided by it",
        "instance_type,concurrency,throughput_rps,mean_ms,p50_ms,p99_ms,error_rate,n,latency_of",
        "ml.g5.xlarge,1,0.5,2000,2000,4000,0,600,total",
        "ml.g5.xlarge,4,1.33333333,3000,3000,6000,0,600,total",
        "ml.g5.xlarge,8,1.375,5800,5800,11600,0,600,total",
    ]


def test_what_was_imported_is_recommended_for(smcost, three_runs):
    files = "c2.json c8.json c16.json"
    smcost(f"capacity import {files} --instance-type ml.g5.xlarge -o sweep.csv")
    outcome = smcost("recommend --rps 2 --capacity sweep.csv --p99 20s --budget 0s -f json")
    assert outcome.exit_code == 0, outcome.stderr
    assert outcome.document["recommendation"]["instance_type"] == "ml.g5.xlarge"


#: Trap -> runs (clients, requests per minute, ms, changes), the code on stderr.
TRAPS = {
    "small_sample": [(2, 60, 2000, {"total_requests": 30})],
    "errors_measured": [(2, 60, 2000, {"failed_requests_rate": 0.01})],
    "ceiling_not_reached": [(2, 60, 2000, {}), (8, 200, 2000, {})],
    "throughput_falls": [(2, 60, 2000, {}), (8, 40, 9000, {})],
    "latency_falls": [(2, 60, 2000, {}), (8, 62, 1000, {})],
    "throughput_derived": [(2, 60, 2000, {}), (8, 60, 8000, {})],
    "latency_unit": [(2, 0.2, 600_000, {})],
}


@pytest.mark.parametrize("code", TRAPS)
def test_every_trap_of_a_load_test_is_warned_of(smcost, write, code):
    names = []
    for clients, rpm, ms, change in TRAPS[code]:
        names.append(f"c{clients}.json")
        write(names[-1], json.dumps({**llmeter(clients, rpm, ms), **change}))
    outcome = smcost(f"capacity import {' '.join(names)} --instance-type ml.g5.xlarge")
    assert outcome.exit_code == 0, outcome.stderr
    assert code in outcome.warning_codes
    quiet = smcost(f"capacity import {' '.join(names)} --instance-type ml.g5.xlarge --quiet")
    assert (quiet.stdout, quiet.stderr) == (outcome.stdout, "")


def test_a_sound_test_has_no_warning(smcost, write):
    for clients, rpm, ms in ((1, 60, 990), (4, 160, 1480), (8, 165, 2880)):
        write(f"c{clients}.json", json.dumps(llmeter(clients, rpm, ms)))
    outcome = smcost("capacity import c1.json c4.json c8.json --instance-type ml.g5.xlarge")
    assert (outcome.exit_code, outcome.stderr) == (0, "")


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_it_can_be_looked_at_without_a_file(smcost, job, form):
    imported = smcost(f"capacity import job.json -f {form}")
    assert imported.exit_code == 0
    assert imported.stdout == smcost(f"capacity show job.json -f {form}").stdout


#: Arguments, exit code, parts of cause and remedy.
REFUSED = [
    ("capacity import", 2, "Neither a file nor an endpoint is given", ""),
    ("capacity import nowhere.json", 3, "nowhere.json: There is no such file", "Check the path"),
    ("capacity import c2.json", 2, "does not say which instance type", "--instance-type"),
    (
        "capacity import job.json --instance-type ml.m5.large",
        2,
        "--instance-type: --instance-type is for load tests alone",
        "Leave it out",
    ),
    (
        "capacity import job.json --instances 2 --kind sweep",
        2,
        "--instances, --kind are for load tests alone",
        "Leave it out",
    ),
    (
        "capacity import c2.json job.json --instance-type ml.m5.large",
        3,
        "c2.json: Load tests stand beside answers",
        "one by one",
    ),
    (
        "capacity import job.json job.json",
        3,
        "ml.m5.large stands in another of the files too",
        "one by one",
    ),
    (
        "capacity import c2.json --instance-type x --latency-unit ms",
        2,
        "for a job of Inference Recommender alone",
        "load tests say both",
    ),
    (
        "capacity import c2.json c8.json --instance-type x --concurrency 4",
        2,
        "One concurrency is given for 2 levels",
        "one by one",
    ),
    ("capacity import c2.json --instance-type x --instances 0", 2, "0 is outside", "1 or more"),
    ("capacity import c2.json --instance-type x --kind workers", 2, "has no workers", "sweep"),
    ("capacity import c2.json --instance-type x --kind waves", 2, "'waves' is not known", "sweep"),
    ("capacity import job.json --latency-unit ns", 2, "'ns' is not known", "us, ms"),
    ("capacity import job.json --latency-percentile p42", 2, "'p42' is not known", "p50, p90"),
    ("capacity import job.json -f tfvars", 2, "no format 'tfvars'", "csv, table"),
    ("capacity import job.json -o no/such/folder.csv", 6, "cannot be written", "folder"),
    ("capacity import c2.json --instance-type x --instances 3", 3, "shared evenly", "multiple"),
    (
        "capacity import c2.json --instance-type x --concurrency 1",
        3,
        "2 requests were waiting for an answer on average, more than the 1 clients",
        "Check the number of clients",
    ),
    ("capacity import half.json", 3, "half.json, row 1: This is no JSON", "whole output"),
    ("capacity import running.json", 3, "running.json, Status: The job is IN_PROGRESS", "Wait"),
    ("capacity show c2.json", 3, "no describe-inference-recommendations-job", "capacity import"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[0])
def test_what_makes_no_sense_is_refused_with_a_remedy(smcost, write, job, three_runs, case, alone):
    line, exit_code, cause, remedy = case
    write("half.json", json.dumps(JOB)[:-40])
    write("running.json", json.dumps({**JOB, "Status": "IN_PROGRESS"}))
    outcome = smcost(line)
    assert (outcome.exit_code, outcome.stdout) == (exit_code, "")
    told = outcome.refusal
    assert cause in told[0]
    assert remedy in told[1]


def test_nothing_is_written_where_the_file_is_refused(smcost, write, alone):
    write("capacity.csv", "old")
    write("running.json", json.dumps({**JOB, "Status": "FAILED"}))
    assert smcost("capacity import running.json -o capacity.csv").exit_code == 3
    assert (alone / "capacity.csv").read_text(encoding="utf-8") == "old"


POLICY = {
    "RecommendationId": "x/2",
    "ScalingPolicyObjective": {"MinInvocationsPerMinute": 200, "MaxInvocationsPerMinute": 3600},
    "DynamicScalingConfiguration": {
        "MinCapacity": 2,
        "MaxCapacity": 11,
        "ScaleInCooldown": 600,
        "ScaleOutCooldown": 60,
        "ScalingPolicies": [
            {
                "TargetTracking": {
                    "MetricSpecification": {
                        "Predefined": {
                            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                        }
                    },
                    "TargetValue": 993.0,
                }
            }
        ],
    },
}
ASKED = "recommend --rps 20 --peak-rps 60 --p95 200ms --budget 0s --aws-recommendation aws.json"


def test_aws_s_answer_stands_beside_ours_on_the_type_its_id_is_of(smcost, write, job):
    write("aws.json", json.dumps(POLICY))
    outcome = smcost(f"{ASKED} --capacity job.json -f json")
    assert outcome.exit_code == 0, outcome.stderr
    [theirs] = [
        entry for entry in outcome.document["alternatives"] if entry["kind"] == "aws_recommendation"
    ]
    assert theirs["instance_type"] == "ml.c5.xlarge"
    assert (theirs["min_capacity"], theirs["max_capacity"]) == (2, 11)
    assert theirs["target_invocations_per_instance"] == 993
    assert (theirs["scale_in_cooldown_s"], theirs["scale_out_cooldown_s"]) == (600, 60)
    assert theirs["expected_usd"] > 0
    assert theirs["breaks"] == ""
    assert "aws_asked_otherwise" not in outcome.warning_codes
    table = smcost(f"{ASKED} --capacity job.json")
    [row] = [line for line in table.stdout.splitlines() if "AWS's recommendation" in line]
    assert "993" in row
    without = smcost(f"{ASKED.rsplit(' ', 2)[0]} --capacity job.json -f json").document
    kept = [e for e in outcome.document["alternatives"] if e["kind"] != "aws_recommendation"]
    assert kept == without["alternatives"]
    assert outcome.document["recommendation"] == without["recommendation"]


@pytest.mark.parametrize(
    ("change", "more", "exit_code", "cause"),
    [
        ({"RecommendationId": "y/7"}, "--capacity job.json", 2, "is of an unknown type, and in"),
        (
            {},
            "--capacity job.json --instance-type ml.m5.large",
            2,
            "is for ml.c5.xlarge, and in question are ml.m5.large",
        ),
        ({"DynamicScalingConfiguration": None}, "--capacity job.json", 3, "aws.json: There is no"),
    ],
)
def test_an_answer_for_another_type_or_none_is_refused(
    smcost, write, job, change, more, exit_code, cause
):
    write("aws.json", json.dumps({**POLICY, **change}))
    outcome = smcost(f"{ASKED} {more}")
    assert outcome.exit_code == exit_code
    assert cause in outcome.refusal[0]


def test_with_one_type_in_question_the_answer_is_for_it(smcost, write):
    write("aws.json", json.dumps({**POLICY, "RecommendationId": None}))
    outcome = smcost(f"{ASKED} --service-time 45ms --concurrency 4 --instance-type ml.m5.large")
    assert outcome.exit_code == 0, outcome.stderr
    assert "AWS's recommendation" in outcome.stdout


def test_an_answer_for_a_type_that_failed_at_every_level_is_refused(smcost, write):
    rows = "ml.m5.large,10,40,0.5\nml.c5.xlarge,20,40,0\n"
    write("capacity.csv", "instance_type,offered_rps,p95_ms,error_rate\n" + rows)
    write("aws.json", json.dumps({**POLICY, "RecommendationId": None}))
    outcome = smcost(f"{ASKED} --capacity capacity.csv --instance-type ml.m5.large")
    assert outcome.exit_code == 2
