"""``smcost multi-model``: every format, every refusal, and real traffic."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from smcost.capacity import WorkersProfile
from smcost.cli.hosted_input import with_own_service
from smcost.multi_model import Hosted
from smcost.queueing.service import ServiceTime
from smcost.queueing.service_mixture import MixedService

TRACES = Path(__file__).resolve().parents[3] / "shared" / "data" / "traces"
ABLE = "--service-time 45ms --concurrency 4"
MANY = "--model-count 40 --model-size 2GB --load-time 4s --zipf 0.8"
ASK = f"multi-model {MANY} --rps 2 --instance-type ml.m5.xlarge {ABLE}"
FILE = "model,size_mb,load_time_ms,weight\n"


@pytest.fixture
def answered(smcost):
    """The document of a command that must succeed."""

    def of(line, exit_code=0):
        outcome = smcost(f"{line} -f json")
        assert outcome.exit_code == exit_code, outcome.stderr
        return outcome.document

    return of


def test_the_document_fits_its_schema_and_adds_up(smcost, answered):
    document = answered(f"{ASK} --p95 300ms --p99 6s")
    schema = smcost("schema multi-model").document
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    best = document["recommendation"]
    assert document["feasible"]
    # 80 GB in all, 12.8 GB of an ml.m5.xlarge: six whole models in each.
    assert document["models"]["total_gb"] == 80
    assert document["models"]["memory_gb_per_instance"] == pytest.approx(12.8)
    assert best["usd"] == pytest.approx(best["instances"] * 0.23 * 720)
    assert best in document["curve"]
    apart = document["separate_endpoints"]
    assert (apart["instances"], apart["usd"]) == (40, 40 * 165.6)
    assert apart["saving_usd"] == pytest.approx(40 * 165.6 - best["usd"])
    assert apart["break_even_models"] == best["instances"] + 1
    found = document["simulated"]
    assert found["hit_rate_by_che"] == pytest.approx(found["hit_rate"], abs=0.02)
    assert {row["factor"] for row in document["sensitivity"]} == {
        "popularity", "load_time", "model_memory", "loads_at_once",
    }  # fmt: skip
    names = {entry["name"] for entry in document["assumptions"]}
    assert {"placement", "memory for models", "unloading", "loads at once", "disk"} <= names
    assert "timed-out work" not in names


def test_the_table_says_what_decides_and_what_it_costs(smcost):
    outcome = smcost(f"{ASK} --p99 1s")
    assert outcome.exit_code == 0
    title, why, *_ = outcome.stdout.splitlines()
    assert title == "7 x ml.m5.xlarge in us-east-1 for 40 models, 1,159.20 USD per month"
    assert why.strip().startswith("Memory decides. With 6, the p99 does not hold: ")
    assert "lets at most 1% of the requests wait for a model" in why
    for text in ("Density against latency", "cheapest", "from 8 models on"):
        assert text in outcome.stdout
    assert "If it is otherwise" not in outcome.stdout


def test_markdown_and_csv_hold_the_curve(smcost):
    text = smcost(f"{ASK} --p99 1s -f markdown --explain").stdout
    assert "## Density against latency" in text
    assert "## If it is otherwise" in text
    rows = [*csv.DictReader(io.StringIO(smcost(f"{ASK} --p99 1s -f csv").stdout))]
    met = [row for row in rows if row["meets_slo"] == "true"]
    assert met[0]["instances"] == "7"
    assert met[0]["usd"] == "1159.20"
    assert rows[0]["loads_pile_up"] in ("true", "false")


def test_a_file_of_models_with_their_rates_needs_no_traffic(write, answered):
    rows = "".join(f"m{n},1024,3000,{60 * (12 - n)}\n" for n in range(12))
    write("models.csv", FILE.replace("weight", "invocations_per_minute") + rows)
    document = answered(
        f"multi-model --models models.csv --instance-type ml.m5.xlarge {ABLE} --p99 1s"
    )
    assert document["recommendation"]["instances"] == 1
    assert document["provenance"]["traffic"].startswith("models.csv: 78 rps")


def test_models_with_their_own_service_times_change_the_throughput(write, answered):
    def needed(service_ms):
        rows = "".join(f"m{n},100,3000,1,{service_ms}\n" for n in range(12))
        write("models.csv", FILE.replace("weight", "weight,service_time_ms") + rows)
        return answered(f"multi-model --models models.csv --rps 100 {ABLE} --p99 2s")[
            "instances_for_throughput"
        ]

    assert needed(10) < needed(90)


def test_a_dearer_or_cheaper_type_of_single_endpoints(write, answered):
    """Without a capacity of that type every model has one instance, and that is said."""
    ask = f"{ASK} --p99 1s --single-instance-type ml.m5.large"
    document = answered(ask)
    apart = document["separate_endpoints"]
    assert (apart["sized_by_traffic"], apart["instances"]) == (False, 40)
    assert apart["usd"] == pytest.approx(40 * 0.115 * 720)
    [found] = [e for e in document["assumptions"] if e["name"] == "one endpoint per model"]
    assert "lower bound" in found["value"]
    write(
        "capacity.csv",
        "instance_type,workers,service_time_ms,service_cv\nml.m5.xlarge,4,45,0.5\n"
        "ml.m5.large,2,45,0.5\n",
    )
    sized = answered(
        f"multi-model {MANY} --rps 600 --instance-type ml.m5.xlarge --capacity capacity.csv "
        "--p99 1s --single-instance-type ml.m5.large"
    )["separate_endpoints"]
    assert sized["sized_by_traffic"]
    assert sized["instances"] > 40


@pytest.mark.parametrize(
    ("flags", "obstacle", "says"),
    [
        ("--p99 1s --placement spread", "cold_loads", "however many instances there are"),
        ("--p99 20ms", "service_time_above_limit", "service time alone"),
        ("--p99 1s --traffic-scale 50000", "fleet_too_large", "Not even 1,000 instances"),
    ],
)
def test_where_no_number_will_do_it_is_a_result_with_exit_11(smcost, flags, obstacle, says):
    outcome = smcost(f"{ASK} {flags} -f json")
    assert outcome.exit_code == 11, outcome.stderr
    document = outcome.document
    assert (document["feasible"], document["recommendation"]) == (False, None)
    assert document["obstacle"] == obstacle
    assert document["nearest"] is not None
    assert says in document["explanation"]
    assert f"infeasible: {document['explanation']}" in outcome.stderr


def test_a_gpu_wants_its_memory_told_and_then_says_what_is_not_modelled(smcost, answered):
    ask = ASK.replace("ml.m5.xlarge", "ml.g4dn.xlarge") + " --p99 1s"
    outcome = smcost(ask)
    assert outcome.exit_code == 2
    assert "The GPU memory of ml.g4dn.xlarge is not known here" in outcome.stderr
    document = answered(f"{ask} --model-memory 14GB")
    assert document["models"]["memory_gb_per_instance"] == 14
    assert "507" in " ".join(entry["value"] for entry in document["assumptions"])


def test_storage_is_billed_for_every_instance(smcost):
    stored = smcost(f"{ASK} --p99 6s --volume-gb 100 -f csv")
    [row] = [row for row in csv.DictReader(io.StringIO(stored.stdout)) if row["instances"] == "3"]
    assert float(row["usd"]) > 3 * 165.6
    assert "rate_inferred" in stored.warning_codes


REFUSED = {
    "no models": ("multi-model --rps 1 --p99 1s " + ABLE, "models are not given"),
    "half of the models": (f"multi-model --model-count 4 --rps 1 --p99 1s {ABLE}", "not given"),
    "a file and a count": (f"{ASK} --models x.csv --p99 1s", "A file of models and"),
    "no limit": (ASK, "No latency limit"),
    "no capacity": (f"multi-model {MANY} --rps 1 --p99 1s", "capacity of one instance"),
    "no traffic": (f"multi-model {MANY} {ABLE} --p99 1s", "traffic is not given"),
    "a size without unit": (f"{ASK} --p99 1s --model-size 200", "has no unit"),
    "a model of nothing": (f"{ASK} --p99 1s --model-size 0B", "0 B"),
    "a model too large": (f"{ASK} --p99 1s --model-size 13GB", "takes 13 GB, and ml.m5.xlarge"),
    "no models at all": (f"{ASK} --p99 1s --model-count 0", "0 models"),
    "a negative exponent": (f"{ASK} --p99 1s --zipf -1", "exponent of -1"),
    "more memory than there is": (f"{ASK} --p99 1s --model-memory 20GB", "cannot have 20GB"),
    "no memory": (f"{ASK} --p99 1s --model-memory 0%", "No memory is left"),
    "memory without unit": (f"{ASK} --p99 1s --model-memory 12", "has no unit"),
    "an unknown placement": (f"{ASK} --p99 1s --placement random", "'random' is not known"),
    "no loads": (f"{ASK} --p99 1s --loads-at-once 0", "loads 0 models"),
    "no instances": (f"{ASK} --p99 1s --min-instances 0", "answers nobody"),
    "tfvars": (f"{ASK} --p99 1s -f tfvars", "no format 'tfvars'"),
    "p95 above p99": (f"{ASK} --p95 2s --p99 1s", "p95 limit is above"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_sense_is_refused_before_anything_is_computed(smcost, name):
    line, cause = REFUSED[name]
    outcome = smcost(line)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert cause in outcome.refusal[0]


def test_a_model_of_a_file_that_does_not_fit_names_the_file(smcost, write):
    write("models.csv", FILE + "small,10,1,1\nhuge,20000,1,1\n")
    outcome = smcost(
        f"multi-model --models models.csv --rps 1 --p99 1s --instance-type ml.m5.xlarge {ABLE}"
    )
    assert outcome.exit_code == 3
    assert "models.csv: The model huge takes 19.53 GB" in outcome.stderr


def test_settings_hold_its_flags(smcost, write):
    write("smcost.toml", '[multi-model]\nmodel-memory = "1GB"\nloads-at-once = 3\n')
    outcome = smcost(f"{ASK} --p99 1s")
    assert outcome.exit_code == 2
    assert outcome.refusal[0].startswith("--model-size: The model model-1 takes 2 GB")


@pytest.mark.parametrize("trace", ["nasa_http_1995", "servegen_m-large"])
def test_real_traffic_of_all_models_together(smcost, trace):
    path = TRACES / f"{trace}.csv"
    if not path.is_file():
        pytest.skip("the reference traces are not beside the checkout")
    outcome = smcost(
        f"multi-model --model-count 400 --model-size 200MB --load-time 4s --traffic {path} "
        f"--instance-type ml.m5.xlarge {ABLE} --p95 300ms --slo-window horizon -f csv"
    )
    met = [row for row in csv.DictReader(io.StringIO(outcome.stdout)) if row["meets_slo"] == "true"]
    # 400 x 200 MB are 6.1 times 12.8 GB; at most a twentieth may wait.
    assert int(met[0]["instances"]) in (6, 7)
    assert float(met[0]["worst_window_p95_ms"]) <= 300
    assert "placement_decides" in outcome.warning_codes


def test_models_with_service_times_of_their_own_are_a_mixture():
    """Of the law of the capacity only the shape and the cv stay."""
    profile = WorkersProfile(
        instance_type="ml.m5.xlarge", workers=4, service=ServiceTime(mean_s=0.045, cv=0.5)
    )
    models = Hosted(
        names=("fast", "slow"),
        share=np.array([0.98, 0.02]),
        size_bytes=np.ones(2),
        load_s=np.ones(2),
        service_s=np.array([0.01, 3.0]),
    )
    service = with_own_service(profile, models, "models.csv").service
    assert service == MixedService(weights=(0.98, 0.02), means_s=(0.01, 3.0), cv_of_each=0.5)
    assert with_own_service(profile, replace(models, service_s=None), None) is profile
