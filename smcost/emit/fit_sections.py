"""What ``capacity import --endpoint`` prints: the levels of load, the estimate, and its worth."""

import math
from collections.abc import Sequence

from smcost.capacity.fit import Estimated, Fit, Goodness
from smcost.capacity.fit.judged import workers_text
from smcost.capacity.startup import StartupTimes
from smcost.emit.section import Section, figure, moment

_SHOWN = ("p50", "p95", "p99")


def fit_sections(fit: Fit, startup: StartupTimes | None) -> list[Section]:
    """Evidence, estimate or refusal, start-up time."""
    found = [_levels(fit)]
    if fit.refusals:
        found.append(_refused(fit))
    if fit.estimated is not None and fit.goodness is not None:
        found.append(_estimate(fit, fit.estimated, fit.goodness))
    if startup is not None:
        found.append(Section(title="Start-up time", sentences=startup_sentences(startup)))
    return found


def evidence_sentences(fit: Fit) -> tuple[str, ...]:
    """When, how much, and what was left out."""
    left_out = ", ".join(f"{minutes:,} {reason}" for reason, minutes in fit.left_out.items())
    return (
        f"{fit.minutes:,} minutes with {fit.requests:,} requests between {moment(fit.start_s)} and "
        f"{moment(fit.end_s)} UTC, {fit.routing.value} routing assumed.",
        f"Minutes left out: {left_out or 'none'}.",
    )


def estimate_sentences(fit: Fit, estimated: Estimated, goodness: Goodness) -> tuple[str, ...]:
    """Workers, service time and variability with intervals, goodness and the tested range."""
    service = estimated.service
    low_s, high_s = estimated.mean_interval_s
    low, high = estimated.cv_interval
    return (
        _workers(estimated),
        f"Service time {1000 * service.mean_s:.4g} ms ({1000 * low_s:.4g} to "
        f"{1000 * high_s:.4g}), cv {service.cv:.3g} ({low:.3g} to {high:.3g}), "
        f"{service.law.value}; the ranges are of chance and of the misfit seen.",
        *_quiet_mean(fit),
        f"One instance is busy all the time at {figure(estimated.workers / service.mean_s)} rps; "
        f"it was seen up to {figure(fit.tested_rps)} rps, {fit.tested_utilisation:.0%} of that.",
        f"Error {goodness.error:.1%} beyond chance, worst {goodness.worst:+.1%} "
        f"({goodness.worst_where}); weighted squares {goodness.misfit:.2f} per degree of freedom "
        f"({goodness.freedom}).",
        *(() if math.isnan(fit.overhead_s) else (_overhead(fit),)),
    )


def _overhead(fit: Fit) -> str:
    mean_ms = f"{1000 * fit.overhead_s:.3g}"
    return (
        f"This is ModelLatency; OverheadLatency adds {mean_ms} ms on average: "
        f"--overhead {mean_ms}ms."
    )


def _quiet_mean(fit: Fit) -> tuple[str, ...]:
    """The mean where hardly anybody waits, as CloudWatch has it beside the fitted one."""
    if not fit.levels or "mean" not in fit.names:
        return ()
    at = fit.names.index("mean")
    seen_s, fitted_s = fit.levels[0].observed_s[at], fit.levels[0].fitted_s[at]
    if math.isnan(seen_s) or math.isnan(fitted_s):
        return ()
    return (
        f"In the quietest minutes the average ModelLatency was {1000 * seen_s:.4g} ms; the fit "
        f"gives {1000 * fitted_s:.4g} ms ({fitted_s / seen_s - 1:+.1%}).",
    )


def _workers(estimated: Estimated) -> str:
    noun = "worker" if estimated.workers == 1 else "workers"
    alone = len(estimated.workers_alike) == 1 and not estimated.more_workers
    others = "no other number explains" if alone else f"{workers_text(estimated)} explain"
    return f"{estimated.workers} {noun}; {others} the minutes as well."


def startup_sentences(startup: StartupTimes) -> tuple[str, ...]:
    """What scaling activities say, and the flag to give."""
    trouble = []
    if startup.unsuccessful:
        trouble.append(f"{startup.unsuccessful} scale-outs failed or were not fulfilled.")
    if startup.not_scaled:
        named = ", ".join(f"{code} {times} x" for code, times in startup.not_scaled.items())
        trouble.append(f"Not scaled: {named}.")
    if not startup.count:
        return ("No successful scale-out is on record; the default stays an assumption.", *trouble)
    since, until = (moment(int(at_s)) for at_s in (startup.since_s, startup.until_s))
    seen = (
        f"The only successful scale-out, {since} UTC, took {startup.median_s:.0f} s"
        if startup.count == 1
        else f"{startup.count} successful scale-outs between {since} and {until} UTC took "
        f"{startup.median_s:.0f} s (median), {startup.p90_s:.0f} s (p90)"
    )
    return (
        f"{seen}, SageMaker's update of the endpoint included: "
        f"--startup-time {startup.p90_s:.0f}s.",
        *trouble,
    )


def _levels(fit: Fit) -> Section:
    shown = [name for name in _SHOWN if name in fit.names]
    columns = (">rps", ">utilisation", ">minutes", *(f">{name} ms" for name in shown))
    fitted = fit.estimated is not None
    rows = []
    for level in fit.levels:
        cells = [figure(level.rate_rps), _share(level.utilisation), f"{level.minutes:,}"]
        cells += [_ms(level.observed_s[fit.names.index(name)]) for name in shown]
        if fitted:
            cells += [_ms(level.fitted_s[fit.names.index(name)]) for name in shown]
        rows.append(tuple(cells))
    return Section(
        title=f"{fit.endpoint}, {fit.variant}, {fit.instance_type or 'type not known'}: "
        "latency against demand on one instance",
        sentences=evidence_sentences(fit),
        columns=(*columns, *(f">fitted {name}" for name in shown if fitted)),
        rows=tuple(rows),
    )


def _refused(fit: Fit) -> Section:
    return Section(
        title="Refused: these minutes do not tell the capacity",
        sentences=tuple(f"{refusal.cause}. {refusal.remedy}." for refusal in fit.refusals),
    )


def _estimate(fit: Fit, estimated: Estimated, goodness: Goodness) -> Section:
    title = "Best explanation, not to be relied on" if fit.refusals else "Estimate"
    return Section(title=title, sentences=estimate_sentences(fit, estimated, goodness))


def fit_summary(fit: Fit, startup: StartupTimes | None) -> tuple[str, ...]:
    """Workers, service time with intervals, and the flags to give; nothing where refused."""
    if fit.estimated is None or fit.goodness is None:
        return ()
    workers, service, *_ = estimate_sentences(fit, fit.estimated, fit.goodness)
    overhead = () if math.isnan(fit.overhead_s) else (_overhead(fit),)
    return (workers, service, *overhead, *(() if startup is None else startup_sentences(startup)))


def fit_comments(fit: Fit, startup: StartupTimes | None) -> Sequence[str]:
    """The same for the head of a capacity CSV."""
    assert fit.estimated is not None
    assert fit.goodness is not None
    head = f"fitted to ModelLatency of {fit.endpoint}, variant {fit.variant}, {fit.region}"
    return (
        head,
        *evidence_sentences(fit),
        *estimate_sentences(fit, fit.estimated, fit.goodness),
        *(f"{caveat.code.value}: {caveat.message}" for caveat in fit.caveats),
        *(() if startup is None else startup_sentences(startup)),
    )


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.0%}"


def _ms(value_s: float) -> str:
    return "" if math.isnan(value_s) else figure(1000 * value_s)
