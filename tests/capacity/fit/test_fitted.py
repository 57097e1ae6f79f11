"""The fit finds what only the simulation knows, and obeys the laws of a measurement."""

from dataclasses import replace

import numpy as np
import pytest

from smcost.capacity import LatencyOf, Routing
from smcost.capacity.fit import fit_capacity
from smcost.capacity.observed import not_observed
from smcost.queueing.service import ServiceLaw
from smcost.remarks import WarningCode

GAMMA = ServiceLaw.GAMMA
#: Quick ones; benchmarks/fit.py has a hundred times the requests.
KNOWN = [
    {"law": (0.3, 0.5), "workers": 2, "peak": 0.8, "days": 2},
    {"law": (0.3, 1.0), "workers": 1, "peak": 0.8, "days": 2},
    {"law": (0.5, 0.3), "workers": 4, "instances": 2, "peak": 0.8, "days": 1},
    {"law": (0.5, 1.0, GAMMA), "workers": 3, "peak": 0.75, "days": 1},
    {"law": (0.5, 0.8), "workers": 2, "instances": 3, "peak": 0.85, "days": 1,
     "least_outstanding": True},
]  # fmt: skip


@pytest.mark.parametrize("values", KNOWN, ids=str)
def test_it_recovers_the_service_law_and_the_workers(fit_of, values):
    fit = fit_of(**values)
    mean_s, cv, *_ = values["law"]
    assert fit.refusals == ()
    assert fit.estimated.service.mean_s == pytest.approx(mean_s, rel=0.03)
    assert fit.estimated.service.cv == pytest.approx(cv, rel=0.15)
    assert values["workers"] in fit.estimated.workers_alike
    assert fit.tested_utilisation == pytest.approx(values["peak"], rel=0.05)


def test_the_interval_contains_the_truth(fit_of):
    estimated = fit_of(**KNOWN[0]).estimated
    assert estimated.mean_interval_s[0] <= 0.3 <= estimated.mean_interval_s[1]
    assert estimated.cv_interval[0] <= 0.5 <= estimated.cv_interval[1]


def test_a_good_fit_errs_by_no_more_than_chance(fit_of):
    goodness = fit_of(**KNOWN[0]).goodness
    assert goodness.error < 0.02
    assert goodness.misfit < 2
    assert abs(goodness.trend) < 0.03


def test_the_law_is_told_where_it_shows(fit_of):
    assert fit_of(**KNOWN[0]).estimated.service.law is ServiceLaw.LOGNORMAL
    assert fit_of(**KNOWN[3]).estimated.service.law is GAMMA


def test_the_profile_is_of_the_model_and_of_the_type_named(fit_of):
    profile = fit_of(**KNOWN[0]).profile("ml.c5.xlarge")
    assert profile.instance_type == "ml.c5.xlarge"
    assert profile.latency_of is LatencyOf.MODEL
    assert profile.workers == 2


def test_the_overhead_is_reported_beside_it(fit_of):
    assert fit_of(**KNOWN[0]).overhead_s == pytest.approx(0.004)


def test_levels_go_from_the_quietest_to_the_busiest(fit_of):
    fit = fit_of(**KNOWN[0])
    rates = [level.rate_rps for level in fit.levels]
    assert rates == sorted(rates)
    assert sum(level.minutes for level in fit.levels) == fit.minutes
    assert sum(level.requests for level in fit.levels) == pytest.approx(fit.requests)
    top = fit.levels[-1]
    assert top.fitted_s[1] == pytest.approx(top.observed_s[1], rel=0.05)


def test_the_order_of_statistics_holds_in_every_level(fit_of):
    for level in fit_of(**KNOWN[0]).levels:
        known = np.array(level.observed_s[1:])
        assert np.all(np.diff(known[np.isfinite(known)]) > 0)


def test_minutes_that_say_nothing_change_nothing(minutes, fit_of):
    """An outage in the middle is left out, and the rest tells the same."""
    values = KNOWN[0]
    observed = minutes(**values)
    keep = np.ones(len(observed), dtype=bool)
    keep[600:640] = False
    found = fit_capacity(observed.kept(keep)).estimated
    assert found.workers == fit_of(**values).estimated.workers
    assert found.service.mean_s == pytest.approx(
        fit_of(**values).estimated.service.mean_s, rel=0.01
    )


def test_no_number_of_minutes_makes_the_model_surer_than_its_error(fit_of):
    fit = fit_of(workers=1, law=(0.5, 0.8), peak=0.7, days=6)
    low_s, high_s = fit.estimated.mean_interval_s
    least = np.hypot(fit.goodness.error, fit.goodness.trend)
    assert np.log(high_s / low_s) / 2 >= max(0.0195, least)


def test_more_days_make_it_surer(fit_of):
    one = fit_of(workers=1, law=(0.5, 0.8), peak=0.7, days=1).estimated
    many = fit_of(workers=1, law=(0.5, 0.8), peak=0.7, days=6).estimated
    width = [np.log(each.cv_interval[1] / each.cv_interval[0]) for each in (one, many)]
    assert width[1] < width[0]


def test_the_same_minutes_give_the_same_answer(minutes, fit_of):
    values = KNOWN[0]
    again = fit_capacity(minutes(**values))
    assert again.estimated == fit_of(**values).estimated
    assert again.goodness == fit_of(**values).goodness


def test_an_autoscaled_fleet_tells_as_much(minutes):
    fit = fit_capacity(
        minutes(workers=4, law=(0.5, 0.5), instances=3, peak=0.7, fleet=by_day, days=1)
    )
    assert fit.estimated.workers_alike == (4,)
    assert fit.left_out["count of instances changing"] > 0


def by_day(share):
    return np.where((share > 0.35) & (share < 0.75), 4.0, 2.0)


def test_overload_at_the_peak_is_left_out_and_the_rest_fitted(fit_of):
    fit = fit_of(workers=2, law=(0.3, 0.5), peak=1.1, days=1)
    assert fit.refusals == ()
    assert fit.estimated.workers == 2
    assert fit.estimated.service.mean_s == pytest.approx(0.3, rel=0.03)
    assert fit.left_out["backlog"] > 0
    assert fit.tested_utilisation < 0.95


def test_routing_makes_a_difference(minutes, fit_of):
    """Least-outstanding minutes read as random ones look like more workers, or like nothing."""
    values = {"workers": 1, "law": (0.4, 0.5), "instances": 4, "peak": 0.8, "days": 1}
    observed = minutes(**values, least_outstanding=True)
    right = fit_capacity(observed, Routing.LEAST_OUTSTANDING_REQUESTS)
    assert right.estimated.workers == 1
    wrong = fit_capacity(observed, Routing.RANDOM)
    assert wrong.refusals or wrong.estimated.workers > 1


def test_untested_load_is_warned_of(fit_of):
    fit = fit_of(workers=1, law=(0.3, 0.5), peak=0.6, days=1)
    codes = [caveat.code for caveat in fit.caveats]
    assert WarningCode.FIT_EXTRAPOLATED in codes
    assert fit.refusals == ()


def test_five_minute_steps_are_fitted_and_warned_of(minutes):
    observed = minutes(workers=1, law=(0.3, 0.5), peak=0.8, days=1)
    fit = fit_capacity(replace(observed, step_s=300, start_s=observed.start_s * 5))
    assert WarningCode.COARSE_STEP in [caveat.code for caveat in fit.caveats]


def test_percentiles_rounded_as_by_a_histogram_tell_the_same(minutes):
    """To the middle of steps of 10 %, which is coarser than any known of CloudWatch."""
    observed = minutes(**KNOWN[0])
    step = np.log(1.1)
    rounded = np.exp(step * (np.floor(np.log(observed.model_latency_s) / step) + 0.5))
    found = fit_capacity(replace(observed, model_latency_s=rounded)).estimated
    assert found.workers == 2
    assert found.service.mean_s == pytest.approx(0.3, rel=0.03)
    assert found.service.cv == pytest.approx(0.5, rel=0.15)


def test_percentiles_alone_suffice(minutes):
    observed = minutes(**KNOWN[0])
    found = fit_capacity(replace(observed, model_latency_mean_s=not_observed(len(observed))))
    assert found.estimated.workers == 2
    assert found.estimated.service.mean_s == pytest.approx(0.3, rel=0.03)
