"""What is lost, what is left, and the arithmetic of N - 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.availability import Loss, Lost
from smcost.errors import UsageError

INSTANCE, ZONE = Loss(what=Lost.INSTANCE), Loss(what=Lost.ZONE)
TWO_ZONES = Loss(what=Lost.ZONE, zones=2)
losses = st.one_of(
    st.just(INSTANCE), st.integers(2, 6).map(lambda n: Loss(what=Lost.ZONE, zones=n))
)

#: Count, lost with an instance, with one of three zones, with one of two.
LOST = [
    (1, 1, 1, 1),
    (2, 1, 1, 1),
    (3, 1, 1, 2),
    (4, 1, 2, 2),
    (5, 1, 2, 3),
    (6, 1, 2, 3),
    (7, 1, 3, 4),
    (18, 1, 6, 9),
]


@pytest.mark.parametrize(("count", "instance", "zone", "half"), LOST)
def test_how_many_are_lost(count, instance, zone, half):
    assert [loss.lost(count) for loss in (INSTANCE, ZONE, TWO_ZONES)] == [instance, zone, half]


#: Peak per minute, MAX_RPS at the SLO, then N without a loss, less an instance, less one of three
#: zones: (N - lost) x MAX_RPS x 60 >= peak.
RULE = [
    (390, 2.313, 3, 4, 5),  # the example of docs/availability.md
    (416, 2.313, 3, 4, 5),  # 3 x 2.313 x 60 = 416.34: just enough
    (417, 2.313, 4, 5, 6),
    (600, 10.0, 1, 2, 2),  # exactly what one can do
    (601, 10.0, 2, 3, 3),
    (6_000, 10.0, 10, 11, 15),
    (57_509, 78.1, 13, 14, 20),  # World Cup 1998
    (0, 10.0, 1, 2, 2),
]


@pytest.mark.parametrize(("peak", "max_rps", "none", "instance", "zone"), RULE)
def test_the_rule_by_hand(peak, max_rps, none, instance, zone):
    most = 60 * max_rps
    assert max(1, int(np.ceil(peak / most))) == none
    assert INSTANCE.needed_at(peak, most) == instance
    assert ZONE.needed_at(peak, most) == zone
    for loss, count in ((INSTANCE, instance), (ZONE, zone)):
        assert (count - loss.lost(count)) * most >= peak
        fewer = count - 1
        assert (fewer - loss.lost(fewer)) * most < max(peak, 1e-9)


@given(losses, st.integers(1, 2_000))
def test_needed_is_the_smallest_count_that_leaves_enough(loss, enough):
    count = loss.needed(enough)
    assert count - loss.lost(count) >= enough
    assert count - 1 - loss.lost(count - 1) < enough


@given(losses, st.integers(1, 2_000))
def test_one_more_instance_never_leaves_fewer(loss, count):
    assert 1 <= loss.lost(count) <= count
    assert count + 1 - loss.lost(count + 1) >= count - loss.lost(count)


@given(st.integers(1, 2_000), st.integers(2, 5))
def test_more_zones_never_lose_more_and_none_less_than_an_instance(count, zones):
    fewer, more = (Loss(what=Lost.ZONE, zones=n).lost(count) for n in (zones, zones + 1))
    assert fewer >= more >= INSTANCE.lost(count)


@given(losses, st.lists(st.integers(1, 99), min_size=1, max_size=9))
def test_many_counts_are_as_each(loss, counts):
    many = loss.lost_of(np.array(counts, dtype=np.int64)).tolist()
    assert many == [loss.lost(count) for count in counts]


def test_a_replacement_takes_detection_and_start_up_or_as_long_as_the_zone_is_lost():
    assert INSTANCE.replaced_after_s(300.0) == 360
    long = Loss(what=Lost.ZONE, detection_s=0.0, lasts_s=3600.0)
    assert long.replaced_after_s(300.0) == 3600
    assert long.replaced_after_s(4000.0) == 4000


@pytest.mark.parametrize("zones", [0, 1, 7])
def test_zones_of_which_none_can_be_lost_are_refused(zones):
    with pytest.raises(UsageError, match="no number of zones") as refused:
        Loss(what=Lost.ZONE, zones=zones)
    assert refused.value.place == "--zones"
