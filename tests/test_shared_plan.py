"""One commitment on the sum of several curves, against hand computation and separate ones."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.commitment import Usage, best_commitment, coverage, repeated
from smcost.estimate.savings_plan import PlanKind
from smcost.outcome import Outcome
from smcost.prices import PaymentOption
from smcost.shared_plan import added, shared_plans

D = Decimal
MONTH = D(720)
GIVEN = PlanKind()
YEAR = PlanKind(term_years=1, payment=PaymentOption.NO_UPFRONT)


def usage(instances, *, first=0, price="0.23", discount="0.31", instance_type="ml.m5.xlarge"):
    instances = np.array(instances, dtype=np.float64)
    return Usage(
        instance_type=instance_type,
        hour_s=3600 * np.arange(first, first + instances.size),
        instances=instances,
        weight=np.ones(instances.size),
        usd_per_hour=D(price),
        plan_usd_per_hour=D(price) * (1 - D(discount)),
    )


def outcome(name, *usages, repeats=False, kinds=(GIVEN,)):
    return Outcome(name=name, usages=tuple(zip(kinds, usages, strict=True)), repeats=repeats)


def only(*outcomes):
    [found] = shared_plans(outcomes, MONTH)
    return found


DAY = [1] * 8 + [3] * 12 + [1] * 4
NIGHT = [3] * 8 + [1] * 12 + [3] * 4


def test_day_and_night_together_are_steady():
    """0.69 x 0.23 = 0.1587 an instance: 4 of them always, or 1 of them twice."""
    found = only(outcome("shop", usage(DAY)), outcome("batch", usage(NIGHT)))
    assert found.shared.commitment_usd == D("0.635")
    assert found.separate_commitment_usd == D("0.318")
    assert found.more_commitment_usd == D("0.317")
    assert found.shared.saving_usd == D("205.20")
    assert found.separate_saving_usd == D("102.56")
    assert found.more_saving_usd == D("102.64")
    assert (found.names, found.hours) == (("shop", "batch"), 24)


def test_equal_curves_gain_nothing_but_the_rounding():
    found = only(outcome("a", usage(DAY)), outcome("b", usage(DAY)))
    assert abs(found.more_commitment_usd) <= D("0.001")
    assert abs(found.more_saving_usd) < 1


def test_only_the_hours_that_all_know_count():
    found = only(outcome("a", usage([2] * 48)), outcome("b", usage([2] * 24, first=24)))
    assert found.hours == 24
    assert found.shared.commitment_usd == D("0.635")


def test_traces_of_other_days_have_no_sum_and_it_says_why():
    found = only(outcome("a", usage([2] * 24)), outcome("b", usage([2] * 24, first=999)))
    assert found.shared is None
    assert "no hour in common" in found.refused
    assert "same days" in found.refused
    assert found.more_saving_usd == 0


def test_a_typical_day_is_laid_over_the_days_of_a_trace():
    trace = outcome("trace", usage(DAY * 3, first=24 * 100))
    night = outcome("night", usage(NIGHT), repeats=True)
    steady = outcome("steady", usage([1]), repeats=True)
    found = only(trace, night, steady)
    assert found.hours == 72
    assert found.shared.commitment_usd == D("0.793")


def test_a_day_that_begins_at_noon_keeps_its_hours():
    laid = repeated(usage(range(24), first=12), 3600 * np.arange(24 * 7, 24 * 8))
    assert [*laid.instances] == [*range(12, 24), *range(12)]


def test_fleets_that_repeat_take_the_longest_of_them():
    found = only(
        outcome("steady", usage([2]), repeats=True), outcome("day", usage(DAY), repeats=True)
    )
    assert found.hours == 24


def test_each_kind_of_plan_has_those_endpoints_that_have_a_rate_of_it():
    both = outcome("both", usage([2] * 24), usage([2] * 24, discount="0.27"), kinds=(GIVEN, YEAR))
    one = outcome("one", usage([1] * 24, discount="0.27"), kinds=(YEAR,))
    none = Outcome(name="none")
    plans = shared_plans([both, one, none], MONTH)
    assert [(plan.kind, plan.names) for plan in plans] == [
        (GIVEN, ("both",)),
        (YEAR, ("both", "one")),
    ]
    assert shared_plans([none], MONTH) == ()


def test_usages_of_one_price_become_one_and_others_stay():
    small = usage([1, 2], price="0.1", instance_type="ml.m5.large")
    found = added([usage([1, 2]), small, usage([3, 4])])
    assert [[*each.instances] for each in found] == [[4, 6], [1, 2]]


def test_adding_changes_neither_the_commitment_nor_what_it_covers():
    parts = [usage(DAY), usage(NIGHT), usage([1] * 24, price="0.1", instance_type="ml.m5.large")]
    whole = added(parts)
    best = best_commitment(parts)
    assert best_commitment(whole) == best
    assert coverage(whole, best).used_usd == pytest.approx(coverage(parts, best).used_usd)


curves = st.lists(
    st.lists(st.integers(0, 5), min_size=12, max_size=12).filter(any), min_size=1, max_size=4
)


@settings(max_examples=25)
@given(curves)
def test_together_never_saves_less_than_apart(rows):
    """But for cents: each line of each endpoint is rounded to them."""
    found = only(*(outcome(f"e{n}", usage(row)) for n, row in enumerate(rows)))
    assert found.more_saving_usd >= -D("0.01") * (1 + len(rows))


@settings(max_examples=25)
@given(curves, st.randoms(use_true_random=False))
def test_the_order_of_the_endpoints_changes_nothing(rows, random):
    parts = [outcome(f"e{n}", usage(row)) for n, row in enumerate(rows)]
    one = only(*parts)
    random.shuffle(parts)
    other = only(*parts)
    assert one.shared.commitment_usd == other.shared.commitment_usd
    assert one.separate_saving_usd == other.separate_saving_usd
    assert one.shared.saving_usd == other.shared.saving_usd
