"""Extra instance-hours of a release, formula by formula, and who takes traffic when."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smcost.cost import Tariff, monthly_cost
from smcost.deployment import (
    Deployment,
    DeploymentKind,
    FleetAt,
    Releases,
    default_step,
    falls_back,
)
from smcost.errors import UsageError

D = Decimal
ALL, CANARY, LINEAR, ROLLING = DeploymentKind


def deployment(kind=LINEAR, step="default", wait_s=300.0, termination_wait_s=300.0, **changes):
    if step == "default":
        step = default_step(kind)
    given = {"kind": kind, "step": step, "wait_s": wait_s, "provisioning_s": 300.0}
    return Deployment(**given | {"termination_wait_s": termination_wait_s} | changes)


#: Name -> kind, step, wait, termination wait, instances, instance-hours. Provisioning 300 s.
FORMULAS = {
    "all at once without baking bills one fleet": (ALL, None, 0, 0, 10, 0),
    "all at once with baking: N (P + W)": (ALL, None, 300, 0, 10, 10 * 600 / 3600),
    "all at once with a termination wait: N (P + T)": (ALL, None, 0, 600, 10, 10 * 900 / 3600),
    "canary: N (P + W + T)": (CANARY, "1/10", 600, 300, 10, 10 * 1200 / 3600),
    "canary: its size does not matter": (CANARY, "1/2", 600, 300, 10, 10 * 1200 / 3600),
    "linear 20 % has five waits: N (P + 5 W + T)": (LINEAR, "1/5", 300, 300, 10, 5.8333333),
    "linear 30 % has four waits": (LINEAR, "3/10", 300, 300, 10, 10 * 1800 / 3600),
    "linear 50 % has two": (LINEAR, "1/2", 300, 0, 6, 6 * 900 / 3600),
    "rolling 20 %: 2 at a time, five times": (ROLLING, "1/5", 300, 0, 10, 10 * 600 / 3600),
    "rolling 30 % of 10: 3 at a time, four times": (ROLLING, "3/10", 300, 0, 10, 2.0),
    "rolling 5 % of 3: one at a time": (ROLLING, "1/20", 0, 0, 3, 3 * 300 / 3600),
    "rolling one instance": (ROLLING, "1/5", 300, 0, 1, 600 / 3600),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_extra_instance_hours_of_a_release(name):
    kind, step, wait_s, termination_wait_s, count, hours = FORMULAS[name]
    found = deployment(
        kind,
        None if step is None else Fraction(step),
        wait_s=float(wait_s),
        termination_wait_s=float(termination_wait_s),
    )
    assert float(found.extra_instance_hours(D(count))) == pytest.approx(hours)


def test_linear_in_steps_of_20_percent_with_ten_instances_is_5_83_instance_hours():
    assert round(deployment().extra_instance_hours(D(10)), 2) == D("5.83")


def test_a_mean_count_counts_as_it_is_but_for_a_rolling_update():
    assert deployment().extra_instance_hours(D("2.5")) == D("2.5") * 2100 / 3600
    rolling = deployment(ROLLING, termination_wait_s=0.0)
    assert rolling.extra_instance_hours(D("2.5")) == rolling.extra_instance_hours(D(3))


@pytest.mark.parametrize(
    ("kind", "peak"), [(ALL, 20), (CANARY, 20), (LINEAR, 20), (ROLLING, 12)], ids=str
)
def test_the_quota_allows_both_fleets_or_a_batch_more(kind, peak):
    wait_s = 0.0 if kind is ROLLING else 300.0
    assert deployment(kind, termination_wait_s=wait_s).peak_instances(10) == peak


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"kind": ALL, "step": Fraction(1, 5)}, "--deployment-step"),
        ({"kind": CANARY, "step": Fraction(51, 100)}, "--deployment-step"),
        ({"kind": CANARY, "step": Fraction(0)}, "--deployment-step"),
        ({"kind": LINEAR, "step": Fraction(9, 100)}, "--deployment-step"),
        ({"kind": ROLLING, "step": Fraction(4, 100), "termination_wait_s": 0.0}, "--deployment-s"),
        ({"kind": LINEAR, "step": None}, "--deployment-step"),
        ({"wait_s": 3601.0}, "--deployment-wait"),
        ({"wait_s": -1.0}, "--deployment-wait"),
        ({"termination_wait_s": 3601.0}, "--deployment-termination-wait"),
        ({"kind": ROLLING}, "--deployment-termination-wait"),
    ],
)
def test_what_sagemaker_does_not_take_is_refused(changes, place):
    with pytest.raises(UsageError) as caught:
        deployment(**changes)
    assert caught.value.place.startswith(place)


def test_an_update_of_more_than_eight_hours_is_refused():
    with pytest.raises(UsageError, match=r"10\.1 h"):
        deployment(step=Fraction(1, 10), wait_s=3600.0, termination_wait_s=0.0).duration_s(D(2))


#: Name -> deployment, instances before and after, who takes traffic from when on.
STAGES = {
    "all at once": (deployment(ALL), 4, 2, [(0, 4), (300, 2)]),
    # A tenth on 2 new ones: they could take 20, the 4 old ones 4 / 0.9.
    "canary": (deployment(CANARY), 4, 2, [(0, 4), (300, 4), (600, 2)]),
    "canary on a small new fleet": (
        deployment(CANARY, Fraction(1, 2)),
        9,
        1,
        [(0, 9), (300, 2), (600, 1)],
    ),
    "linear": (
        deployment(LINEAR, Fraction(2, 5)),
        6,
        2,
        # 40 %: 2 / 0.4 = 5 new, 6 / 0.6 = 10 old; 80 %: 2 / 0.8.
        [(0, 6), (300, 5), (600, 2), (900, 2)],
    ),
    "rolling": (
        deployment(ROLLING, Fraction(1, 2), termination_wait_s=0.0),
        6,
        4,
        [(0, 6), (300, 5), (900, 4)],
    ),
    "nothing changes where both fleets are alike": (
        deployment(ALL),
        3,
        3,
        [(0, 3), (300, 3)],
    ),
}


@pytest.mark.parametrize("name", STAGES)
def test_who_takes_traffic_when(name):
    found, before, after, stages = STAGES[name]
    assert list(found.stages(before, after)) == stages


kinds = st.sampled_from(DeploymentKind)


@given(kinds, st.integers(1, 60), st.integers(1, 60), st.sampled_from(["1/10", "1/5", "2/5"]))
def test_an_update_ends_with_the_new_fleet_and_never_has_less_than_the_smaller(
    kind, before, after, step
):
    found = deployment(
        kind,
        None if kind is ALL else Fraction(step),
        wait_s=60.0,
        termination_wait_s=0.0 if kind is ROLLING else 60.0,
    )
    stages = found.stages(before, after)
    times = [from_s for from_s, _ in stages]
    assert times == sorted(times)
    assert times[-1] <= found.duration_s(D(before))
    assert stages[0][1] == before
    assert stages[-1][1] == after
    assert min(count for _, count in stages) >= min(before, after)


@given(kinds, st.integers(1, 500))
def test_both_fleets_never_bill_less_than_nothing_nor_more_than_a_second_one(kind, count):
    found = deployment(kind, termination_wait_s=0.0 if kind is ROLLING else 300.0)
    extra = found.extra_instance_hours(D(count))
    batch = found.batch(D(count)) if kind is ROLLING else 0
    assert 0 <= extra <= (count + batch) * D(repr(found.duration_s(D(count)))) / 3600


@pytest.mark.parametrize("per_month", ["0", "-1", "NaN", "50000"])
def test_a_number_of_releases_that_is_none_is_refused(per_month):
    with pytest.raises(UsageError, match="no number of deployments"):
        Releases(deployment=deployment(), per_month=D(per_month))


def test_only_inf1_falls_back():
    assert falls_back("ml.inf1.xlarge")
    assert not falls_back("ml.inf2.xlarge")
    assert not falls_back("ml.m5.xlarge")


def bill(hours="7200", count=None, **changes):
    tariff = Tariff(instance_type="ml.m5.xlarge", usd_per_hour=D("0.23"), **changes)
    return monthly_cost(
        tariff,
        instance_hours=D(hours),
        invocations=D(0),
        hours_per_month=D(720),
        deployed_count=count,
    )


def test_releases_meet_the_mean_count_unless_another_is_given():
    releases = Releases(deployment=deployment(), per_month=D(4), at=FleetAt.MEAN)
    assert bill(releases=releases).lines[1].quantity == D("23.3333")
    assert bill(releases=releases, count=D(20)).lines[1].quantity == D("46.6667")


def test_a_shadow_variant_is_billed_all_the_time_and_has_storage_too():
    found = bill(shadow_count=2, volume_gb=30, usd_per_gb_month=D("0.14"))
    names = [line.name for line in found.lines]
    assert names == [
        "Instances ml.m5.xlarge", "Endpoint storage", "Shadow variant ml.m5.xlarge",
    ]  # fmt: skip
    assert found.lines[1].quantity == 12 * 30
    assert found.lines[2].usd == D("331.20")
