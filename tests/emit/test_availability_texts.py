"""What surviving a loss costs, as text."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from smcost.availability import Loss, Lost
from smcost.emit.availability_json import availability_entry
from smcost.emit.availability_sections import availability_sections
from smcost.estimate.availability_answer import AvailabilityAnswer
from smcost.recommend.result import SurvivalAnswer

ASKED = SimpleNamespace(
    availability=AvailabilityAnswer(
        loss=Loss(what=Lost.INSTANCE),
        replaced_after_s=360.0,
        moments=(),
        peak_per_minute=1_200,
        max_rps_at_slo=2.3125,
        rule_count=10,
    )
)
PRICES = (
    SurvivalAnswer(
        survives=None, minimum=9, target_per_minute=150.0, expected_usd=Decimal("1490.40")
    ),
    SurvivalAnswer(survives=Lost.INSTANCE, minimum=10, expected_usd=Decimal("1656.00")),
    SurvivalAnswer(survives=Lost.ZONE),
)


@pytest.mark.parametrize(
    ("scheduled", "title"),
    [
        (False, "What surviving costs"),
        # With minimums by the clock the answer is none of the rows.
        (True, "What surviving costs (without a schedule)"),
    ],
)
def test_prices_are_said_to_be_without_a_schedule_where_there_is_one(scheduled, title):
    availability, prices = availability_sections(ASKED, PRICES, scheduled=scheduled)
    assert prices.title == title
    assert prices.rows == (
        ("nothing", "9", "150", "1,490.40", "0.00"),
        ("one instance", "10", "fixed", "1,656.00", "165.60"),
        ("one zone", "infeasible", "", "", ""),
    )
    assert availability.sentences == (
        "Survives the loss of one instance at the worst moments of the trace, judged alone over "
        "the stretch around it; replacements serve after 360 s.",
        "By (N - lost) x MAX_RPS x 60 >= peak: one instance answers 2.312 a second within the "
        "limits, so that 1,200 invocations/min with one instance lost take 10 instances.",
    )


def test_without_prices_or_the_question_there_is_no_section():
    assert len(availability_sections(ASKED)) == 1
    assert availability_sections(None) == []
    assert availability_sections(SimpleNamespace(availability=None), PRICES) == []


def test_prices_in_json_are_null_where_infeasible():
    rows = availability_entry(ASKED, PRICES).model_dump()["prices"]
    assert [row["extra_usd"] for row in rows] == [0.0, 165.6, None]
    assert [row["survives"] for row in rows] == ["none", "instance", "zone"]
    assert rows[2]["expected_usd"] is None
    # Nothing to compare with where surviving nothing is infeasible too.
    alone = availability_entry(ASKED, PRICES[1:]).model_dump()["prices"]
    assert alone[0]["extra_usd"] is None
