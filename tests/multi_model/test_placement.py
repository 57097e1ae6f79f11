"""Which instance keeps which model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smcost.errors import UsageError
from smcost.multi_model import Hosted, service_of_all, zipf_shares
from smcost.multi_model.placement import Placement, place
from smcost.queueing.service import ServiceTime


def test_a_model_has_as_many_copies_as_its_share_asks_for(hosted):
    """Of 4 instances 60 % of the requests want 2.4, hence 3; 25 % exactly one."""
    copies = place(hosted(3, share=[0.6, 0.25, 0.15]), 4, Placement.STICKY)
    counts = np.bincount(copies.model).tolist()
    assert counts == [3, 1, 1]
    assert copies.share[copies.model == 0] == pytest.approx([0.2] * 3)


def test_no_model_is_twice_on_an_instance(hosted):
    copies = place(hosted(50, 1.5), 9, Placement.STICKY)
    pairs = [*zip(copies.instance.tolist(), copies.model.tolist(), strict=True)]
    assert len(pairs) == len(set(pairs))


def test_more_instances_than_models_leave_some_empty(hosted):
    copies = place(hosted(2, 0.0), 5, Placement.STICKY)
    assert copies.model.size == 6
    assert copies.first.size <= 5


def test_spread_puts_everything_everywhere(hosted):
    copies = place(hosted(3, 1.0), 7, Placement.SPREAD)
    assert copies.alike.tolist() == [7]
    assert copies.load() * 7 == pytest.approx([1.0])


@settings(max_examples=40, deadline=None)
@given(weight=st.lists(st.floats(0.001, 1), min_size=1, max_size=60), instances=st.integers(1, 30))
def test_nothing_is_lost_and_no_instance_is_far_above_the_mean(weight, instances):
    share = np.array(weight) / sum(weight)
    models = Hosted(
        names=tuple(map(str, range(share.size))),
        share=share,
        size_bytes=np.ones(share.size),
        load_s=np.zeros(share.size),
    )
    copies = place(models, instances, Placement.STICKY)
    sums = np.bincount(copies.model, weights=copies.share, minlength=share.size)
    assert sums == pytest.approx(share)
    # No copy has more than an instance's part, so no instance more than one part above the least.
    assert copies.load().max() <= 2 / instances + 1e-9


def counts(models, instances, memory, busy=0.0):
    """Copies of each model."""
    copies = place(models, instances, Placement.STICKY, memory, busy)
    return np.bincount(copies.model, minlength=models.count).tolist()


COPIES = {
    # Instances, memory of each, instances that traffic keeps busy: copies of three models with
    # 60, 25 and 15 % of the requests, each of size 1.
    "all that an even load wants": (4, 2.0, 0.0, [3, 1, 1]),
    "no room for a second copy of any": (4, 0.9, 0.0, [1, 1, 1]),
    "one instance is left for one more": (4, 1.0, 0.0, [2, 1, 1]),
    "traffic cannot do without, room or not": (4, 0.9, 4.0, [3, 1, 1]),
    "traffic of two instances wants two": (4, 0.9, 2.0, [2, 1, 1]),
    "never more than an even load wants": (2, 0.9, 9.0, [2, 1, 1]),
    "memory of one for all": (4, 3.0, 0.0, [3, 1, 1]),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_further_copy_wants_room_or_traffic(hosted, name):
    instances, memory, busy, wanted = COPIES[name]
    assert counts(hosted(3, share=[0.6, 0.25, 0.15]), instances, memory, busy) == wanted


@pytest.mark.parametrize("instances", range(3, 30))
def test_one_large_model_to_an_instance_always_fits(hosted, instances):
    """Of three alike N instances want 3 ceil(N / 3) copies: no instance gets two of them."""
    copies = place(hosted(3, 0.0), instances, Placement.STICKY, 1.1)
    assert np.bincount(copies.instance).max() == 1
    assert copies.model.size == instances
    assert set(copies.model.tolist()) == {0, 1, 2}


def test_small_popular_models_do_not_crowd_out_a_large_one(hosted):
    """Of 3, 3 and 8 two instances of 9 hold all, if the small ones stand together."""
    models = hosted(3, share=[0.5, 0.4, 0.1], size=[3.0, 3.0, 8.0])
    copies = place(models, 2, Placement.STICKY, 9.0)
    held = np.bincount(copies.instance, weights=models.size_bytes[copies.model])
    assert sorted(held.tolist()) == [6.0, 8.0]


def test_a_model_that_nobody_asks_for_takes_no_room(hosted):
    """Both instances have room for two copies of the other two, though not for a third model."""
    assert counts(hosted(3, share=[0.6, 0.4, 0.0]), 2, 2.0) == [2, 1, 1]


def test_a_copy_that_finds_room_takes_its_part_of_the_load(hosted):
    """Two copies of one model: 30 % each, beside 25 and 15 %."""
    copies = place(hosted(3, share=[0.6, 0.25, 0.15]), 4, Placement.STICKY, 1.0)
    assert sorted(copies.load().tolist()) == pytest.approx([0.15, 0.25, 0.3, 0.3])


@settings(max_examples=40, deadline=None)
@given(
    weight=st.lists(st.sampled_from([0.0, 0.1, 1.0, 4.0]), min_size=1, max_size=9),
    instances=st.integers(2, 12),
    memory=st.floats(1.0, 4.0),
    busy=st.floats(0.0, 12.0),
)
def test_all_requests_find_a_copy_whatever_the_memory(hosted, weight, instances, memory, busy):
    share = (np.array(weight) + 1e-3) / (sum(weight) + 1e-3 * len(weight))
    models = hosted(len(weight), share=share)
    copies = place(models, instances, Placement.STICKY, memory, busy)
    pairs = {*zip(copies.instance.tolist(), copies.model.tolist(), strict=True)}
    assert len(pairs) == copies.model.size
    assert np.bincount(copies.model, weights=copies.share) == pytest.approx(share)
    assert copies.instance.max() < instances
    if len(weight) <= instances and busy == 0:
        assert np.bincount(copies.instance).max() <= memory


def test_popularities_by_hand():
    assert zipf_shares(3, 1.0) == pytest.approx([6 / 11, 3 / 11, 2 / 11])
    assert zipf_shares(4, 0.0) == pytest.approx([0.25] * 4)


def test_service_times_of_a_mixture_by_hand():
    """Half 1 s, half 3 s, constant each: mean 2 s, variance 1 s^2."""
    models = Hosted(
        names=("a", "b"),
        share=np.array([0.5, 0.5]),
        size_bytes=np.ones(2),
        load_s=np.ones(2),
        service_s=np.array([1.0, 3.0]),
    )
    found = service_of_all(models, ServiceTime(mean_s=9.0, cv=0.0))
    assert (found.mean_s, found.cv) == pytest.approx((2.0, 0.5))
    found = service_of_all(models, ServiceTime(mean_s=9.0, cv=1.0))
    assert (found.mean_s, found.cv) == pytest.approx((2.0, np.sqrt(1.5)))


WRONG = {
    "no models": {"names": (), "share": [], "size_bytes": [], "load_s": []},
    "a size of 0": {"size_bytes": [0.0, 1.0]},
    "an endless size": {"size_bytes": [np.inf, 1.0]},
    "a negative load": {"load_s": [-1.0, 1.0]},
    "a share too few": {"share": [1.0]},
    "shares that are not all": {"share": [0.5, 0.4]},
    "a service time of 0": {"service_s": [0.0, 1.0]},
}


@pytest.mark.parametrize("name", WRONG)
def test_nonsense_is_refused(name):
    right = {"names": ("a", "b"), "share": [0.5, 0.5], "size_bytes": [1.0, 1.0], "load_s": [1, 1]}
    given = {
        key: value if key == "names" else np.array(value, dtype=float)
        for key, value in (right | WRONG[name]).items()
    }
    with pytest.raises(UsageError):
        Hosted(**given)
