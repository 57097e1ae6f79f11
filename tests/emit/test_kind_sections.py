"""The comparison of kinds in words: counts, bounds and reasons, of rows made by hand."""

from decimal import Decimal

import pytest

from smcost.emit.kind_sections import _count, _p99, _reasons, _row, _shared
from smcost.estimate.kinds import P99, KindAnswer, KindsAnswer, SharedFigures
from smcost.kinds.limits import EndpointKind, Obstacle, ObstacleCode
from smcost.kinds.shared import Sharing

D = Decimal
SLOW = Obstacle(code=ObstacleCode.LATENCY, message="too slow")
LARGE = Obstacle(code=ObstacleCode.PAYLOAD, message="too large")


def answer(*obstacles, **values):
    given = {"kind": EndpointKind.SERVERLESS, "name": "serverless, 2 GB", "case": None}
    return KindAnswer(**{**given, "obstacles": obstacles, **values})


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, ""),
        (D("0.4"), "0"),
        (D(999_999), "999,999"),
        (D(1_000_000), "1.00 M"),
        (D("1012e6"), "1,012.00 M"),
    ],
)
def test_a_count_of_invocations(value, told):
    assert _count(value) == told


@pytest.mark.parametrize(
    ("p99", "p99_s", "told"),
    [
        (P99.NONE, 0.1, "none"),
        (P99.NOT_PROMISED, None, "no promise"),
        (P99.MODELLED, None, "not known"),
        (P99.NOT_PROMISED, 0.121, ">= 121 ms"),
        (P99.MODELLED, 0.121, "121 ms"),
    ],
)
def test_a_p99_is_modelled_bounded_or_none(p99, p99_s, told):
    assert _p99(answer(p99=p99, p99_s=p99_s)) == told


def test_without_a_price_it_never_runs_or_is_not_known():
    assert _row(answer(LARGE))[1::4] == ("none", "no")
    assert _row(answer(SLOW))[1::4] == ("not known", "no")
    assert _row(answer())[1::4] == ("not known", "yes")


def test_what_costs_more_and_what_costs_less_have_their_sign():
    assert _row(answer(against_usd=D("1234.5")))[2] == "+1,234.50"
    assert _row(answer(against_usd=D("-0.5")))[2] == "-0.50"
    assert _row(answer(against_usd=D(0)))[2] == ""


def test_a_reason_stands_once_for_all_rows_of_a_kind():
    rows = (answer(SLOW), answer(SLOW, LARGE), answer(SLOW, kind=EndpointKind.REAL_TIME))
    found = _reasons(KindsAnswer(asked=None, rows=rows, asynchronous_break_even_h=D(0)))
    assert found == (
        ("serverless", "too slow"),
        ("serverless", "too large"),
        ("real time", "too slow"),
    )


@pytest.mark.parametrize(
    ("in_memory", "first", "told"),
    [
        (None, 3, "cheaper from 3 models on; how many fit into memory is not known"),
        (6, None, "not cheaper up to 10 models; an instance's memory holds 6 at once, and there"),
        (10, 2, "cheaper from 2 models on; an instance's memory holds 10 at once (docs"),
    ],
)
def test_models_that_share(in_memory, first, told):
    figures = SharedFigures(
        sharing=Sharing(models=10, in_memory=in_memory),
        instance_hours=D(720),
        whole_usd=D("165.60"),
        separate_usd=D(1656),
        break_even_models=first,
    )
    assert told in _shared(figures)
    assert "cost 165.60, on their own 1,656.00" in _shared(figures)
