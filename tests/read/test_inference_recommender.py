"""Inference Recommender's answer becomes a capacity of one instance, or is refused by name."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.capacity import Kind, LatencyOf, RateOf
from smcost.capacity.at_slo import reported
from smcost.errors import InputError
from smcost.read.capacity_file import read_capacity_file
from smcost.read.inference_recommender import LatencyReading, read_recommended
from smcost.read.json_part import parse_json
from smcost.read.recommender_unit import LatencyUnit
from smcost.remarks import WarningCode
from smcost.slo import Objective

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "aws-json"
AS_P95 = LatencyReading(fraction=0.95)

#: The advanced example of AWS's developer guide, 2021 (a869fa5, CC-BY-SA-4.0), shortened.
ADVANCED = {
    "JobName": "job-name",
    "Status": "COMPLETED",
    "CreationTime": "2021-10-26T19:38:30.957000+00:00",
    "StoppingConditions": {
        "MaxInvocations": 1200,
        "ModelLatencyThresholds": [{"Percentile": "P95", "ValueInMilliseconds": 100}],
    },
    "InferenceRecommendations": [
        {
            "RecommendationId": "job-name/1",
            "Metrics": {
                "CostPerHour": 0.6899999976158142,
                "CostPerInference": 1.0332434612791985e-05,
                "MaximumInvocations": 1113,
                "ModelLatency": 100000,
            },
            "EndpointConfiguration": {
                "EndpointName": "endpoint-name",
                "VariantName": "variant-name",
                "InstanceType": "ml.c5d.xlarge",
                "InitialInstanceCount": 3,
            },
        }
    ],
}


def read(document, reading=LatencyReading()):  # noqa: B008  (frozen)
    text = document if isinstance(document, str) else json.dumps(document)
    return read_recommended(parse_json(text, "job.json"), reading)


def changed(**metrics):
    """The example with other metrics; ``None`` takes one away."""
    document = copy.deepcopy(ADVANCED)
    found = document["InferenceRecommendations"][0]["Metrics"]
    found.update(metrics)
    for key in [key for key, value in metrics.items() if value is None]:
        del found[key]
    return document


def refusal(document, reading=LatencyReading()):  # noqa: B008
    with pytest.raises(InputError) as caught:
        read(document, reading)
    assert caught.value.remedy
    assert caught.value.place.startswith("job.json")
    return caught.value


def codes(found):
    return {caveat.code for caveat in found.caveats}


def test_totals_of_the_fleet_are_divided_and_per_minute_becomes_per_second():
    [(name, profile)] = read(ADVANCED).profiles.items()
    assert (name, profile.kind, profile.latency_of) == (
        "ml.c5d.xlarge",
        Kind.RATES,
        LatencyOf.MODEL,
    )
    assert profile.offered_rps.tolist() == [pytest.approx(1113 / 3 / 60)]
    assert profile.fractions.tolist() == [0.95]
    assert profile.latencies_s.tolist() == [[pytest.approx(0.1)]]
    assert not profile.errors_known


def test_the_one_point_answers_up_to_its_rate_and_promises_nothing_beyond_or_untested():
    [profile] = read(ADVANCED).profiles.values()
    within, below = (Objective(fraction=0.95, limit_s=limit) for limit in (0.1, 0.099))
    assert reported(profile, [within], 0.001).max_rps_at_slo == pytest.approx(1113 / 180)
    assert reported(profile, [below], 0.001).max_rps_at_slo is None
    assert not profile.promises_in_overload
    assert profile.knows(0.95)
    assert not profile.knows(0.99)
    p99 = reported(profile, [Objective(fraction=0.99, limit_s=1.0)], 0.001)
    assert "p99 was not measured" in p99.reason


def test_both_spellings_say_the_same():
    newer = changed(MaximumInvocations=None, MaxInvocations=1113)
    assert (
        read(newer).profiles["ml.c5d.xlarge"].max_rps
        == read(ADVANCED).profiles["ml.c5d.xlarge"].max_rps
    )


def test_the_percentile_is_that_of_the_limit_and_said_to_be():
    found = read(ADVANCED)
    told = next(a for a in found.assumptions if a.name == "percentile of ModelLatency")
    assert told.value.startswith("p95, that of the job's limit")
    chosen = read(ADVANCED, LatencyReading(fraction=0.99))
    assert chosen.profiles["ml.c5d.xlarge"].fractions.tolist() == [0.99]


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        ([], "has no latency limit"),
        (
            [
                {"Percentile": "P95", "ValueInMilliseconds": 100},
                {"Percentile": "P99", "ValueInMilliseconds": 200},
            ],
            "has limits on two",
        ),
    ],
)
def test_a_percentile_that_nobody_tells_is_asked_for(limits, why):
    document = copy.deepcopy(ADVANCED)
    document["StoppingConditions"]["ModelLatencyThresholds"] = limits
    error = refusal(document)
    assert why in error.cause
    assert "--latency-percentile p95" in error.remedy
    assert read(document, AS_P95).profiles


def test_the_unit_is_chosen_by_rule_and_printed_and_the_flag_overrides_it():
    [told] = [c for c in read(ADVANCED).caveats if c.code is WarningCode.LATENCY_UNIT]
    assert told.message.startswith("ModelLatency is taken as microseconds: 100,000 ms is longer")
    flagged = read(ADVANCED, LatencyReading(unit=LatencyUnit.MILLISECONDS))
    assert flagged.profiles["ml.c5d.xlarge"].latencies_s.tolist() == [[pytest.approx(100.0)]]
    [against] = [c for c in flagged.caveats if c.code is WarningCode.LATENCY_UNIT]
    assert "taken as milliseconds, as --latency-unit says, but 100,000 ms is" in against.message
    agreed = read(ADVANCED, LatencyReading(unit=LatencyUnit.MICROSECONDS))
    assert WarningCode.LATENCY_UNIT not in codes(agreed)


def test_an_unknown_unit_is_asked_for():
    untold = changed(ModelLatency=3162, MaximumInvocations=9, CostPerInference=None)
    del untold["CreationTime"]
    assert "--latency-unit" in refusal(untold).remedy
    assert read(untold, LatencyReading(unit=LatencyUnit.MICROSECONDS)).profiles


@pytest.mark.parametrize("nothing", ["NaN", '"NaN"', '"nan"', "null", "Infinity"])
def test_not_a_number_in_any_form_leaves_the_entry_out(nothing):
    good = ADVANCED["InferenceRecommendations"][0]
    text = json.dumps(
        {
            **ADVANCED,
            "InferenceRecommendations": [
                changed(ModelLatency=-7)["InferenceRecommendations"][0],
                good,
            ],
        }
    ).replace("-7", nothing)
    found = read(text)
    assert list(found.profiles) == ["ml.c5d.xlarge"]
    [out] = [c for c in found.caveats if c.code is WarningCode.ENTRIES_LEFT_OUT]
    assert "its ModelLatency is not a number" in out.message


def test_utilisations_may_be_anything():
    text = json.dumps(changed(CpuUtilization=-7, MemoryUtilization=-8)).replace("-7", "NaN")
    assert read(text.replace("-8", '"NaN"')).profiles


def other(**configuration):
    entry = copy.deepcopy(ADVANCED["InferenceRecommendations"][0])
    entry["RecommendationId"] = "job-name/2"
    entry["EndpointConfiguration"] = configuration
    return entry


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (
            other(ServerlessConfig={"MemorySizeInMB": 2048, "MaxConcurrency": 5}),
            "it is serverless",
        ),
        (other(EndpointName="e"), "does not say on which instance type"),
        (
            {**other(InstanceType="ml.m5.large", InitialInstanceCount=1), "FailureReason": "OOM"},
            "it failed (OOM)",
        ),
        (
            {**other(InstanceType="ml.m5.large", InitialInstanceCount=1), "Metrics": {}},
            "its MaxInvocations is not a number",
        ),
    ],
)
def test_what_cannot_be_used_is_left_out_and_named(entry, why):
    document = copy.deepcopy(ADVANCED)
    document["InferenceRecommendations"].append(entry)
    found = read(document)
    assert list(found.profiles) == ["ml.c5d.xlarge"]
    [out] = [c for c in found.caveats if c.code is WarningCode.ENTRIES_LEFT_OUT]
    assert out.message.startswith("job-name/2 is left out: ")
    assert why in out.message
    alone = {**ADVANCED, "InferenceRecommendations": [entry]}
    assert why in refusal(alone).cause


def test_no_arn_and_no_account_is_repeated():
    role = "arn:aws:iam::123456789012:role/sm"
    why = f"{role} of 123456789012 may not read it."
    failed = {**other(InstanceType="ml.m5.large", InitialInstanceCount=1), "FailureReason": why}
    document = copy.deepcopy(ADVANCED)
    document["InferenceRecommendations"].append(failed)
    told = [caveat.message for caveat in read(document).caveats]
    told += [refusal({**ADVANCED, "Status": "FAILED", "FailureReason": why}).cause]
    told += [refusal(changed(ModelLatency=role)).cause]
    assert sum("(arn)" in message for message in told) == 3
    assert not any("123456789012" in message or "arn:" in message for message in told)


def test_an_existing_endpoint_is_kept_where_its_type_is_known():
    known = {
        "Metrics": {"MaxInvocations": 184, "ModelLatency": 131200},
        "EndpointConfiguration": {"InstanceType": "ml.m5.large", "InitialInstanceCount": 2},
    }
    unknown = {**known, "EndpointConfiguration": {"EndpointName": "fraud-prod"}}
    document = {**ADVANCED, "EndpointPerformances": [known, unknown]}
    found = read(document)
    assert found.profiles["ml.m5.large"].max_rps == pytest.approx(184 / 2 / 60)
    [out] = [c for c in found.caveats if c.code is WarningCode.ENTRIES_LEFT_OUT]
    assert out.message.startswith("existing endpoint 2 is left out")


def test_of_two_on_one_type_the_one_with_the_higher_rate_per_instance_is_kept():
    faster = other(InstanceType="ml.c5d.xlarge", InitialInstanceCount=2)
    document = copy.deepcopy(ADVANCED)
    document["InferenceRecommendations"].append(faster)
    found = read(document)
    assert found.profiles["ml.c5d.xlarge"].max_rps == pytest.approx(1113 / 2 / 60)
    messages = [c.message for c in found.caveats if c.code is WarningCode.ENTRIES_LEFT_OUT]
    assert len(messages) == 1
    assert "job-name/1 of ml.c5d.xlarge is left out: job-name/2 does 556.5" in messages[0]


def test_the_rate_is_called_a_ceiling_and_half_of_it_advised():
    [told] = [c for c in read(ADVANCED).caveats if c.code is WarningCode.SATURATION_RATE]
    assert "(ml.c5d.xlarge: 185)" in told.message
    assert read(ADVANCED).profiles["ml.c5d.xlarge"].rate_of is RateOf.SATURATION


@pytest.mark.parametrize(("most", "stopped"), [(1114, False), (1113, True), (1000, True)])
def test_a_job_that_stopped_at_its_own_limit_has_not_looked_for_more(most, stopped):
    document = copy.deepcopy(ADVANCED)
    document["StoppingConditions"]["MaxInvocations"] = most
    assert (WarningCode.CEILING_NOT_REACHED in codes(read(document))) is stopped


#: AWS's published figures (developer guide a869fa5 and 2022 examples): USD/h, per minute of all
#: instances, USD per inference. CostPerInference = CostPerHour / (MaxInvocations x 60).
PUBLISHED = {
    "ml.c5d.xlarge x 3": (0.6899999976158142, 1113, 1.0332434612791985e-05),
    "ml.g4dn.xlarge": (0.7360000014305115, 1645, 7.456940238625975e-06),
    "ml.c5.xlarge": (0.20399999618530273, 648, 5.246913588052848e-06),
    "ml.c5d.large": (0.11500000208616257, 655, 2.92620870823157e-06),
    "ml.m5.large": (0.11500000208616257, 570, 3.3625731248321244e-06),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_costs_per_inference_show_that_the_rate_is_of_the_fleet_per_minute(name):
    usd_per_hour, per_minute, usd = PUBLISHED[name]
    assert usd == pytest.approx(usd_per_hour / (per_minute * 60), rel=1e-4)
    document = changed(
        CostPerHour=usd_per_hour, MaximumInvocations=per_minute, CostPerInference=usd
    )
    assert WarningCode.INFERENCE_COST_ODD not in codes(read(document))


@pytest.mark.parametrize(
    ("factor", "meaning"),
    [(1 / 3, "of one instance and not of all 3"), (1 / 60, "per second"), (2.0, "2 x CostPerHour")],
)
def test_a_cost_per_inference_that_does_not_fit_is_warned_of(factor, meaning):
    odd = changed(CostPerInference=factor * 1.0332434612791985e-05)
    [told] = [c for c in read(odd).caveats if c.code is WarningCode.INFERENCE_COST_ODD]
    assert meaning in told.message


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED", "STOPPED", "PENDING"])
def test_a_job_that_is_not_completed_is_refused(status):
    error = refusal({**ADVANCED, "Status": status, "FailureReason": "no quota"})
    assert error.cause == f"The job is {status}, and not COMPLETED (no quota)"
    assert error.place == "job.json, Status"


def test_a_count_that_is_missing_or_none_is_refused_and_not_taken_for_one():
    for count in (None, 0, 1.5, "3"):
        document = copy.deepcopy(ADVANCED)
        configuration = document["InferenceRecommendations"][0]["EndpointConfiguration"]
        configuration["InitialInstanceCount"] = count
        place = "InferenceRecommendations[0].EndpointConfiguration.InitialInstanceCount"
        assert refusal(document).place == f"job.json, {place}"


@pytest.mark.parametrize(
    ("key", "value"), [("ModelLatency", "fast"), ("MaximumInvocations", True), ("CostPerHour", [])]
)
def test_a_metric_of_another_sort_is_refused_with_its_place(key, value):
    place = refusal(changed(**{key: value})).place
    assert place == f"job.json, InferenceRecommendations[0].Metrics.{key}"


def test_a_limit_on_an_unknown_percentile_and_a_time_that_is_none_are_refused():
    document = copy.deepcopy(ADVANCED)
    document["StoppingConditions"]["ModelLatencyThresholds"][0]["Percentile"] = "P42"
    assert "one of P50, P90, P95, P99 is wanted" in refusal(document).cause
    assert "a time is wanted" in refusal({**ADVANCED, "CreationTime": "yesterday"}).cause
    assert "a time is wanted" in refusal({**ADVANCED, "CreationTime": 1e300}).cause


STEP = {
    "StepType": "BENCHMARK",
    "Status": "COMPLETED",
    "InferenceBenchmark": {
        "Metrics": {"MaxInvocations": 1986, "ModelLatency": 47, "CostPerHour": 0.204},
        "EndpointConfiguration": {"InstanceType": "ml.c5.xlarge", "InitialInstanceCount": 1},
        "InvocationStartTime": 1793492401.0,
    },
}


def test_the_steps_of_a_job_are_read_too():
    failed = {
        "Status": "FAILED",
        "InferenceBenchmark": {
            "FailureReason": "no memory",
            "EndpointConfiguration": {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1},
        },
    }
    found = read({"Steps": [STEP, failed]}, AS_P95)
    assert found.profiles["ml.c5.xlarge"].max_rps == pytest.approx(33.1)
    assert found.profiles["ml.c5.xlarge"].latencies_s.tolist() == [[pytest.approx(0.047)]]
    [out] = [c.message for c in found.caveats if c.code is WarningCode.ENTRIES_LEFT_OUT]
    assert out == "step 2 is left out: it failed (no memory)"
    assert "further steps are missing" in refusal({"Steps": [STEP], "NextToken": "x"}).cause


def test_ids_lead_to_types():
    assert read(ADVANCED).recommendation_ids == {"job-name/1": "ml.c5d.xlarge"}


@given(
    st.integers(1, 50),
    st.integers(1, 30_000),
    st.floats(1.0, 5e4),
    st.sampled_from(LatencyUnit),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
)
def test_any_entry_gives_its_rate_per_instance_and_its_latency(count, most, latency, unit, at):
    document = changed(MaximumInvocations=most, ModelLatency=latency)
    document["InferenceRecommendations"][0]["EndpointConfiguration"]["InitialInstanceCount"] = count
    [profile] = read(document, LatencyReading(unit=unit, fraction=at)).profiles.values()
    assert profile.max_rps * 60 * count == pytest.approx(most)
    assert profile.latencies_s[0, 0] == pytest.approx(latency * unit.seconds)
    assert profile.fractions.tolist() == [at]


#: Sample -> instance type, invocations per minute of one instance, ms.
OF_SAMPLES = {
    "default.2021": [
        ("ml.c5.xlarge", 648, 263.596),
        ("ml.c5d.large", 655, 826.019),
        ("ml.m5.large", 570, 1085.446),
    ],
    "advanced.2021": [("ml.c5d.xlarge", 371, 100)],
    "existing-endpoint.2022": [("ml.g4dn.xlarge", 1645, 171)],
    "epoch": [
        ("ml.c5.xlarge", 1986, 47),
        ("ml.m5.xlarge", 1810, 52),
        ("ml.g4dn.xlarge", 2760, 31),
    ],
    "iso8601": [
        ("ml.c5.xlarge", 1986, 47),
        ("ml.m5.xlarge", 1810, 52),
        ("ml.g4dn.xlarge", 2760, 31),
    ],
    "": [("ml.c5d.xlarge", 371, 171)],
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="without the reference data beside the checkout")
@pytest.mark.parametrize("name", OF_SAMPLES)
def test_every_real_sample_is_read_in_its_own_unit(name):
    middle = f".{name}" if name else ""
    path = SAMPLES / f"describe-inference-recommendations-job{middle}.json"
    found = read_capacity_file(path, AS_P95)
    assert [
        (kind, 60 * profile.max_rps, 1000 * profile.latencies_s[0, 0])
        for kind, profile in found.profiles.items()
    ] == [(kind, pytest.approx(most), pytest.approx(ms)) for kind, most, ms in OF_SAMPLES[name]]
    assert WarningCode.LATENCY_UNIT in codes(found)
    assert WarningCode.INFERENCE_COST_ODD not in codes(found)
