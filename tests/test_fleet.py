"""Totals, what stands at the head of a report, and its exit code, of outcomes made by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.capacity import Routing
from smcost.fleet import Fleet, changes, names_told
from smcost.outcome import Failure, Figures, Outcome
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.scaling.schedule import ScheduledAction
from smcost.variant import Variant

D = Decimal
ZERO = D("0.00")


def variant(minimum=1, maximum=4, target=600.0, instance_type="ml.m5.xlarge", **other):
    return Variant(
        instance_type=instance_type,
        minimum=minimum,
        maximum=maximum,
        initial_count=minimum,
        target_per_minute=target,
        **other,
    )


def figures(usd, bounds=(1, 9), *, holds=None, **values):
    return Figures(
        variant=variant(**values),
        expected_usd=None if usd is None else D(usd),
        bounds_usd=None if bounds is None else (D(bounds[0]), D(bounds[1])),
        latency=None,
        meets_slo=holds,
    )


def answered(name, usd, today=None, **values):
    return Outcome(
        name=name,
        answer=figures(usd),
        today=None if today is None else figures(today),
        **values,
    )


def failed(name, exit_code):
    failure = Failure(exit_code=exit_code, cause="it is so", remedy="Mend it", place="a.csv")
    return Outcome(name=name, failure=failure)


def fleet(*outcomes):
    return Fleet(outcomes=outcomes, hours_per_month=D(720))


def test_totals_by_hand():
    totals = fleet(
        answered("a", "10.10", "20.20"),
        answered("b", "5.05"),
        answered("c", None, "7.00"),
        answered("d", "3.00", "2.00"),
        failed("e", 3),
    ).totals
    assert (totals.expected_usd, totals.expected_count) == (D("18.15"), 3)
    assert (totals.floor_usd, totals.ceiling_usd) == (4, 36)
    assert (totals.compared_count, totals.today_usd) == (2, D("22.20"))
    assert (totals.compared_usd, totals.saving_usd) == (D("13.10"), D("9.10"))


def test_nothing_is_known_of_a_fleet_that_failed():
    found = fleet(failed("a", 4), failed("b", 11))
    assert found.totals.expected_usd == found.totals.saving_usd == ZERO
    assert found.biggest_savings == found.biggest_bills == found.shared_assumptions == ()
    assert [outcome.name for outcome in found.unanswered] == ["a", "b"]


@pytest.mark.parametrize(
    ("codes", "code"),
    [((), 0), ((0, 0), 0), ((0, 11), 11), ((11, 4), 4), ((5, 3, 11), 3), ((3, 2), 2), ((1, 2), 1)],
)
def test_the_exit_code_is_that_of_the_most_basic_mistake(codes, code):
    outcomes = [
        answered(f"e{n}", "1") if each == 0 else failed(f"e{n}", each)
        for n, each in enumerate(codes)
    ]
    assert fleet(*outcomes).exit_code == code


def test_the_three_biggest_come_first_and_what_saves_nothing_is_none_of_them():
    found = fleet(
        answered("a", "5", "6"),
        answered("b", "1", "9"),
        answered("c", "8", "7"),
        answered("d", "2", "3"),
        answered("e", "4", "4"),
        answered("f", "100"),
        answered("g", "3", "10"),
    )
    assert [o.name for o in found.biggest_savings] == ["b", "g", "a"]
    assert [o.name for o in found.biggest_bills] == ["f", "c", "a"]
    assert [o.name for o in found.by_saving] == ["b", "g", "a", "d", "e", "c", "f"]
    assert [o.name for o in found.by_bill] == ["f", "c", "a", "e", "g", "d", "b"]


def test_a_bill_that_is_not_known_counts_with_its_ceiling():
    unknown = Outcome(name="wide", answer=figures(None, (1, 50)))
    assert [o.name for o in fleet(answered("a", "40"), unknown).by_bill] == ["wide", "a"]


def test_what_an_outcome_saves_is_known_where_both_sides_are():
    assert answered("a", "3", "5").saving_usd == 2
    assert answered("a", "3").saving_usd is None
    assert answered("a", None, "5").saving_usd is None
    assert failed("a", 3).saving_usd is None


def test_what_turning_off_saves_is_told_apart_over_the_compared():
    def off(name, saved, today=None):
        found = answered(name, "3.00", today)
        return replace(found, answer=replace(found.answer, turning_off_usd=saved, runs="by day"))

    assert off("a", None).turning_off_usd == failed("b", 3).turning_off_usd == ZERO
    found = fleet(off("a", D("1.25"), "9.00"), off("b", D("2.50")), answered("c", "1", "2"))
    assert found.totals.turning_off_usd == D("1.25")


def test_a_failure_says_where_why_and_what_to_do():
    told = failed("a", 3).failure
    assert told.told == "a.csv: it is so. Mend it."
    assert replace(told, place=None).told == "it is so. Mend it."


def test_what_is_the_same_for_all_is_told_once_and_the_rest_by_name():
    def item(name, value, source="default"):
        return Assumption(name=name, value=value, source=source)

    found = fleet(
        answered("a", "1", assumptions=(item("region", "x"), item("shape", "day"))),
        failed("b", 3),
        answered("c", "1", assumptions=(item("region", "x", "flag"), item("shape", "flat"))),
    )
    assert found.shared_assumptions == (item("region", "x"),)
    assert found.differing_assumptions == ("shape",)


def test_warnings_are_gathered_by_code_and_the_account_is_looked_at_already():
    def caveat(code, message):
        return Caveat(code=code, message=message)

    gaps, wide = WarningCode.TRAFFIC_GAPS, WarningCode.COMMITMENT_ACCOUNT_WIDE
    found = fleet(
        answered("a", "1", caveats=(caveat(gaps, "3 steps"), caveat(wide, "all of it"))),
        answered("b", "1", caveats=(caveat(gaps, "9 steps"), caveat(gaps, "again"))),
        answered("c", "1", caveats=(caveat(gaps, "3 steps"),)),
    ).caveats_by_code()
    first, second, third = (caveat(gaps, words) for words in ("3 steps", "9 steps", "again"))
    assert found == {gaps: [(first, ("a", "c")), (second, ("b",)), (third, ("b",))]}


def test_what_to_change_names_only_what_differs():
    assert changes(variant(), variant()) == ()
    assert changes(variant(), variant(minimum=2, target=2270.0)) == (
        ("minimum", "1", "2"),
        ("target", "600", "2270"),
    )
    routed = variant(
        instance_type="ml.c5.large", routing=Routing.LEAST_OUTSTANDING_REQUESTS, maximum=9
    )
    assert [row[0] for row in changes(variant(), routed)] == ["instance type", "maximum", "routing"]


def test_a_schedule_is_a_change_of_scaling_and_its_bounds_count():
    from smcost.read.scaling_specs import parse_action

    action = parse_action("cron(0 8 * * ? *) min=3 max=9")
    assert isinstance(action, ScheduledAction)
    scheduled = variant(maximum=4, target=None, schedule=(action,))
    assert changes(variant(target=None), scheduled) == (
        ("maximum", "4", "9"),
        ("scaling", "fixed", "schedule"),
    )


def test_a_minimum_that_the_clock_lowers_is_still_the_one_to_set():
    """min_capacity of CSV, JSON and tfvars, which a deployment at noon needs."""
    night = ScheduledAction(schedule="cron(30 8 * * ? *)", minimum=1)
    today, scheduled = (
        variant(minimum=6, maximum=12),
        variant(minimum=6, maximum=12, schedule=(night,)),
    )
    assert changes(today, scheduled) == (
        ("minimum", "6", "6, by schedule from 1"),
        ("scaling", "600", "600/min, schedule"),
    )


def test_of_many_names_some_are_told():
    assert names_told(["a", "b"]) == "a, b"
    assert names_told(list("abcdefgh")) == "a, b, c, d, e and 3 more"
    assert names_told(list("abcdef"), most=6) == "a, b, c, d, e, f"


amounts = st.none() | st.decimals("0.00", "99999.99", places=2)
outcomes = st.lists(st.tuples(amounts, amounts, st.sampled_from([0, 0, 0, 3, 4, 11])), max_size=12)


def made(rows):
    return [
        failed(f"e{n}", code)
        if code
        else Outcome(
            name=f"e{n}",
            answer=figures(usd),
            today=None if today is None else figures(today),
        )
        for n, (usd, today, code) in enumerate(rows)
    ]


@settings(max_examples=40)
@given(outcomes)
def test_a_total_is_the_sum_of_what_is_known(rows):
    found = made(rows)
    totals = fleet(*found).totals
    assert totals.expected_usd == sum((o.expected_usd or ZERO for o in found), ZERO)
    assert totals.saving_usd == sum((o.saving_usd or ZERO for o in found), ZERO)
    assert totals.saving_usd == totals.today_usd - totals.compared_usd


@settings(max_examples=40)
@given(outcomes, st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_no_answer(rows, random):
    found = made(rows)
    shuffled = [*found]
    random.shuffle(shuffled)
    one, other = fleet(*found), fleet(*shuffled)
    for name in ("totals", "exit_code", "biggest_savings", "biggest_bills", "by_bill"):
        assert getattr(one, name) == getattr(other, name)
    assert [o.name for o in one.by_saving] == [o.name for o in other.by_saving]
    assert len(one.answered) + len(one.unanswered) == len(rows)
