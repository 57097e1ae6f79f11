"""What ``smcost components`` says in words, where it depends on the answer."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from smcost.components.answer import endpoint_answer
from smcost.components.component import Amounts, Component
from smcost.components.copies import CopyScaling
from smcost.components.demand import Demand
from smcost.components.endpoint import Endpoint
from smcost.components.instance_scaling import InstanceScaling, Placement, ScaleIn
from smcost.cost import Tariff
from smcost.emit.components_csv import components_csv
from smcost.emit.components_json import components_json
from smcost.emit.components_sections import TERRAFORM_NOTE, components_sections
from smcost.remarks import PriceProvenance, Remarks

PRICES = PriceProvenance(source="a list", component="Hosting", as_of="2026", region="us-east-1")
REMARKS = Remarks(assumptions=(), caveats=(), prices=PRICES, traffic="made up")


def answered(*rows, **instances):
    """``(name, devices, minimum, counts)`` each, at four devices an instance and 1 USD an hour."""
    demands = tuple(
        Demand(
            component=Component(
                name=name,
                needs=Amounts(0, devices, 1_024),
                minimum=minimum,
                maximum=8,
                target=10.0,
            ),
            invocations=np.array(counts, dtype=np.int64),
        )
        for name, devices, minimum, counts in rows
    )
    minutes = demands[0].invocations.size
    return endpoint_answer(
        Endpoint(
            room=Amounts(8_000, 4, 16_384),
            tariff=Tariff(instance_type="ml.g5.12xlarge", usd_per_hour=Decimal(1)),
            hours_per_month=Decimal(720),
            demands=demands,
            start_s=60 * np.arange(minutes, dtype=np.int64),
            instances=InstanceScaling(**instances),
            copies=CopyScaling(),
        )
    )


def sections(answer):
    return {
        section.title: section for section in components_sections(answer, REMARKS, explain=False)
    }


BUSY, PAUSE = [10] * 30, [0] * 90
SLEEPER = ("llm", 1, 0, BUSY + PAUSE + BUSY)
WAVES = [("a", 1, 1, [10] * 30 + [60] * 60 + [10] * 90), ("b", 1, 1, [20] * 180)]


@pytest.fixture(scope="module")
def asleep():
    return answered(SLEEPER, minimum=0)


def test_terraform_is_said_first_and_in_the_document(asleep):
    first = components_sections(asleep, REMARKS, explain=False)[0]
    assert first.sentences == (f"{TERRAFORM_NOTE}.",)
    assert first.title == "1 inference component on 0 to 2 x ml.g5.12xlarge in us-east-1"
    assert json.loads(components_json(asleep, REMARKS))["terraform"]["note"] == TERRAFORM_NOTE


def test_zero_has_its_wake_up_its_gap_and_its_saving(asleep):
    waking, gap, saving = sections(asleep)["Scaling to zero"].sentences
    assert "6 min billed until the copy serves, 0.1000 USD" in waking
    assert "26.5 min after the last invocation, 0.5417 USD together" in waking
    assert "shorter than 24 min saves nothing" in gap
    # A gap of 90 min saves 66 of the 150 min; nine minutes of ten requests fail.
    assert "saves 316.80 USD a month" in saving
    assert "25,920 requests fail for it" in saving


def test_no_saving_is_told_of_what_never_wakes(asleep):
    zero = replace(asleep.zero, never_wakes=("llm", "b"))
    told = sections(replace(asleep, zero=zero))["Scaling to zero"].sentences
    assert "llm, b never wakes again" in told[-1]
    assert not any("saves 3" in sentence for sentence in told)
    (alone,) = sections(replace(asleep, zero=replace(zero, keeps_instance=True)))[
        "Scaling to zero"
    ].sentences
    assert alone == told[-1]
    document = json.loads(components_json(replace(asleep, zero=zero), REMARKS))
    assert document["zero"]["never_wakes"] == ["llm", "b"]


def test_a_kept_instance_says_that_nothing_is_saved():
    (kept,) = sections(answered(SLEEPER, minimum=1))["Scaling to zero"].sentences
    assert "keeps an instance all the time" in kept
    # The copy alone starts: six minutes of ten requests, 288 times a month.
    assert "saves 0.00 USD a month, and 17,280 requests fail" in kept


def test_nobody_at_zero_has_no_section_about_it():
    found = sections(answered(("llm", 1, 1, BUSY)))
    assert "Scaling to zero" not in found
    assert "Client latency of requests that met a copy" not in found


def test_an_endpoint_that_is_never_there_bills_nothing():
    found = sections(answered(("llm", 1, 0, [0] * 60), minimum=0))
    assert found["Instances"].sentences == ("No instance is billed.",)
    assert found["Requests a month"].rows == (("llm", "0", "0", "", "0.0"),)
    assert found["Load of a copy, while there is one"].rows[0][2:4] == ("", "")


@pytest.mark.parametrize(
    ("placement", "scale_in", "others"),
    [
        (Placement.SPREAD, ScaleIn.IDLE_RELEASE, ("BINPACK", "CONSOLIDATION")),
        (Placement.BINPACK, ScaleIn.CONSOLIDATION, ("SPREAD", "IDLE_RELEASE")),
    ],
)
def test_alternatives_are_named_by_what_is_otherwise(placement, scale_in, others):
    answer = answered(*WAVES, placement=placement, scale_in=scale_in)
    rows = sections(answer)["The same traffic otherwise, a month"].rows
    assert rows[0][0] == f"as asked: {placement.value}, {scale_in.value}"
    assert [row[0] for row in rows[1:]] == [*others, "an endpoint for each, with its own minimum"]
    for row, other in zip(rows[1:], answer.alternatives, strict=True):
        assert Decimal(row[3].replace(",", "")) == other.usd - answer.cost.expected.usd


def test_the_csv_and_the_document_say_the_same(asleep):
    (row,) = csv.DictReader(io.StringIO(components_csv(asleep)))
    (entry,) = json.loads(components_json(asleep, REMARKS))["components"]
    assert float(row["copies_mean"]) == entry["copies"]["mean"]
    assert float(row["failed_at_zero"]) == entry["failed_at_zero"] == 25_920
    assert float(row["usd"]) == entry["usd"]
    assert row["utilisation"] == row["p99_ms"] == ""
    assert (entry["utilisation"], entry["latency"]) == (None, None)
