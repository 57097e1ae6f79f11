"""What cannot be known is refused, each case by its name."""

from dataclasses import replace

import numpy as np
import pytest

from smcost.capacity.fit import Estimated, Goodness, Level, RefusalCode, fit_capacity
from smcost.capacity.fit.judged import judged, workers_text
from smcost.capacity.observed import not_observed
from smcost.queueing.service import ServiceTime

PLAIN = {"law": (0.2, 0.3), "workers": 4, "peak": 0.7, "days": 1}


def contended(services_s, share, load):
    return services_s * (1 + load)


def two_kinds(services_s, share, load):
    rank = np.random.default_rng(1).random(services_s.size)
    return services_s * np.where(rank < 0.2, 3.0, 0.5)


def drifting(services_s, share, load):
    """Two kinds, the slow one more and more often."""
    rank = np.random.default_rng(1).random(services_s.size)
    return services_s * np.where(rank < 0.05 + 0.15 * share, 5.0, 0.5)


def deployed(services_s, share, load):
    return services_s * np.where(share < 1.1, 1.0, 1.2)


def cheaper_by_day(services_s, share, load):
    return services_s * (1.5 - load)


#: Endpoints whose minutes do not tell: the first three are those the fit exists to refuse.
UNKNOWABLE = [
    ("never_loaded", {"peak": 0.35}),
    ("single_load_level", {"peak": 0.6, "trough": 0.5}),
    ("no_such_service", {"bend": contended}),
    ("no_such_service", {"bend": two_kinds}),
    ("latency_shifted", {"bend": deployed, "days": 2}),
    ("latency_shifted", {"bend": drifting, "days": 2}),
    ("latency_falls_with_load", {"bend": cheaper_by_day}),
    ("always_saturated", {"peak": 1.3, "trough": 0.8}),
    ("concurrency_untold", {"law": (0.3, 0.5), "workers": 16, "peak": 0.6}),
]


def name_of(value):
    """Not that of a function in memory: every process must collect the same tests."""
    if isinstance(value, str):
        return value
    return "-".join(getattr(each, "__name__", str(each)) for each in value.values())


@pytest.mark.parametrize(("code", "values"), UNKNOWABLE, ids=name_of)
def test_what_cannot_be_known_is_refused_by_name(fit_of, code, values):
    fit = fit_of(**PLAIN | values)
    assert [refusal.code for refusal in fit.refusals] == [RefusalCode(code)]
    assert fit.profile("ml.m5.xlarge") is None


def test_the_time_of_a_change_is_told(fit_of):
    [refusal] = fit_of(**PLAIN | {"bend": deployed, "days": 2}).refusals
    # 1.1 days after Monday 2024-01-01 is 02:24 on Tuesday.
    assert "Tue 2024-01-02 02:00" in refusal.cause or "Tue 2024-01-02 03:00" in refusal.cause
    assert "+20%" in refusal.cause or "+2" in refusal.cause
    assert "--days" in refusal.remedy


def test_the_best_explanation_of_a_refused_endpoint_is_still_shown(fit_of):
    fit = fit_of(**PLAIN | {"peak": 0.35})
    assert fit.estimated is not None
    assert fit.tested_utilisation < 0.4


def test_service_that_slows_under_load_is_called_so(fit_of):
    [refusal] = fit_of(**PLAIN, bend=contended).refusals
    assert "drifts by +" in refusal.cause
    assert "slows" in refusal.cause


@pytest.fixture
def good(minutes):
    return minutes(workers=1, law=(0.3, 0.5), peak=0.8, days=1)


def codes(observed):
    return [refusal.code.value for refusal in fit_capacity(observed).refusals]


def test_hours_are_no_minutes(good):
    hours = replace(good, step_s=3600, start_s=good.start_s * 60)
    assert codes(hours) == ["coarse_percentiles"]


def test_an_unknown_number_of_instances_is_refused(good):
    assert codes(replace(good, instances=not_observed(len(good)))) == ["instances_unknown"]


def test_missing_percentiles_are_refused(good):
    nothing = np.full(good.model_latency_s.shape, np.nan)
    assert codes(replace(good, model_latency_s=nothing)) == ["no_percentiles"]


@pytest.mark.parametrize("minutes_kept", [1, 50, 119])
def test_too_few_minutes_are_refused(good, minutes_kept):
    some = np.arange(len(good)) < minutes_kept
    assert codes(good.kept(some)) == ["too_few_minutes"]


def test_too_few_requests_are_refused(good):
    assert codes(replace(good, invocations=np.full(len(good), 1.0))) == ["too_few_minutes"]


@pytest.mark.parametrize("kind", ["errors_5xx", "errors_4xx", "model_errors"])
def test_errors_under_load_are_refused(good, kind):
    busy = good.invocations >= np.median(good.invocations)
    errors = np.where(busy, 0.1 * good.invocations, 0.0)
    assert codes(replace(good, **{kind: errors})) == ["errors_under_load"]


def test_a_few_errors_are_left_out_and_warned_of(good):
    errors = np.zeros(len(good))
    errors[700:720] = good.invocations[700:720]
    refused = np.roll(errors, 100)
    fit = fit_capacity(replace(good, errors_5xx=errors, errors_4xx=refused))
    assert fit.refusals == ()
    assert fit.left_out["more than 1 % of 5xx"] == 20
    assert fit.left_out["more than 1 % of 4xx"] >= 20
    (said,) = [each.message for each in fit.caveats if each.code.value == "errors_measured"]
    assert "1 % of 5xx or 4xx" in said


def level(utilisation):
    return Level(
        rate_rps=10 * utilisation,
        utilisation=utilisation,
        minutes=100,
        requests=1e4,
        observed_s=(0.1,),
        fitted_s=(0.1,),
    )


def estimate(*alike, more=False):
    return Estimated(
        service=ServiceTime(mean_s=0.1, cv=0.5),
        workers=alike[0],
        mean_interval_s=(0.099, 0.101),
        cv_interval=(0.49, 0.51),
        workers_alike=alike,
        more_workers=more,
    )


GOOD = Goodness(
    error=0.01,
    worst=0.01,
    worst_where="p99 at 8 rps",
    trend=0.0,
    trend_of="p50",
    misfit=1.0,
    freedom=50,
)


#: Levels, goodness, estimate and what is said of them; None: nothing against it.
JUDGED = [
    ((0.1, 0.8), {}, estimate(4), None),
    ((0.1, 0.4), {}, estimate(4), None),
    ((0.1, 0.39), {}, estimate(4), "never_loaded"),
    ((0.86, 0.9), {}, estimate(4), "always_saturated"),
    ((0.1, 0.6), {}, estimate(4, 5, 6), None),
    ((0.1, 0.6), {}, estimate(4, 5, 6, 7), "concurrency_untold"),
    ((0.1, 0.6), {}, estimate(4, more=True), "concurrency_untold"),
    ((0.1, 0.8), {"error": 0.041}, estimate(4), "no_such_service"),
    ((0.1, 0.8), {"worst": -0.16}, estimate(4), "no_such_service"),
    ((0.1, 0.8), {"trend": 0.09}, estimate(4), "no_such_service"),
    ((0.1, 0.8), {"trend": -0.09}, estimate(4), "no_such_service"),
    ((0.1, 0.8), {"trend": 0.07}, estimate(4), None),
]


@pytest.mark.parametrize(("levels", "changes", "estimated", "code"), JUDGED)
def test_verdicts(levels, changes, estimated, code):
    found = judged(tuple(map(level, levels)), replace(GOOD, **changes), estimated)
    assert [refusal.code.value for refusal in found] == ([] if code is None else [code])


def test_nothing_fitted_is_no_such_service():
    assert [refusal.code.value for refusal in judged((), None, None)] == ["no_such_service"]


@pytest.mark.parametrize(
    ("estimated", "text"),
    [(estimate(4), "4"), (estimate(4, 5), "4 to 5"), (estimate(4, more=True), "4 or more")],
)
def test_workers_are_told_as_a_range(estimated, text):
    assert workers_text(estimated) == text


@pytest.mark.parametrize("code", list(RefusalCode))
def test_every_code_is_provoked_here(code):
    """By one of the tests above, which name it in so many words."""
    from pathlib import Path

    assert f'"{code.value}"' in Path(__file__).read_text(encoding="utf-8")


def test_one_flood_does_not_hide_the_levels(good):
    flood = np.array(good.invocations)
    flood[700] *= 100
    found, usual = fit_capacity(replace(good, invocations=flood)), fit_capacity(good)
    assert found.refusals == ()
    assert found.estimated.workers == usual.estimated.workers
    assert found.estimated.service.mean_s == pytest.approx(usual.estimated.service.mean_s, rel=0.02)
