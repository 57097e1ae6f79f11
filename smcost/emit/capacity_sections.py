"""What ``capacity show`` prints: a section and a small plot for each profile."""

import math
from collections.abc import Sequence

from smcost.capacity import Kind, Profile, RatesProfile, SweepProfile, WorkersProfile
from smcost.capacity.at_slo import Curve, ProfileReport
from smcost.emit.section import Section, figure, milliseconds
from smcost.queueing.service import FloatArray
from smcost.remarks import Assumption
from smcost.units import plain

_COLUMNS, _LINES = 56, 8
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
_LATENCY_OF = {
    "total": "latency of the whole request",
    "model": "latency of the model alone",
    "first_byte": "latency of the first byte",
}
_LEVELS = {
    Kind.WORKERS: "utilisation",
    Kind.RATES: "offered rps",
    Kind.SWEEP: "concurrency",
}


def capacity_section(report: ProfileReport, limits: str) -> Section:
    """One profile: what was measured, and how much it takes within ``limits`` (empty: none)."""
    profile = report.profile
    columns, rows = _levels(profile)
    return Section(
        title=f"{profile.instance_type}: {profile.kind.value}, {_LATENCY_OF[profile.latency_of]}",
        sentences=(_tested(profile), *_at_slo(report, limits)),
        columns=columns,
        rows=rows,
    )


def reading_section(assumptions: Sequence[Assumption]) -> Section:
    """What was assumed while a file was read."""
    rows = tuple((told.name, told.value, told.source) for told in assumptions)
    return Section(title="How it was read", columns=("assumption", "value", "source"), rows=rows)


def capacity_plot(curve: Curve) -> str:
    """The curve drawn with characters, by plotille. [ms]"""
    import plotille

    levels, latencies_ms = curve.levels.tolist(), (1000 * curve.latencies_s).tolist()
    plot = plotille.Figure()
    plot.width, plot.height = _COLUMNS, _LINES
    plot.with_colors = False
    plot.origin = False
    # Labels stand ten columns apart, and at every line; what lies on the edge is not drawn.
    plot.set_x_limits(min_=0, max_=_COLUMNS / 10 * _step(10.2 / _COLUMNS * levels[-1]))
    plot.set_y_limits(min_=0, max_=_LINES * _step(1.02 * max(latencies_ms) / _LINES))
    plot.x_label = _LEVELS[curve.kind]
    plot.y_label = f"p{100 * curve.fraction:g} ms"
    plot.y_ticks_fkt = lambda low, _: figure(low)
    plot.x_ticks_fkt = lambda low, _: figure(low)
    plot.plot(levels, latencies_ms)
    if len(levels) == 1:
        plot.scatter(levels, latencies_ms)
    # Braille patterns without a dot are blanks too.
    return "\n".join(line.rstrip(" \u2800") for line in plot.show().splitlines()) + "\n"


def _step(least: float) -> float:
    """The smallest round number that is no less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in _ROUND if power * factor >= least * (1 - 1e-9))


def _tested(profile: Profile) -> str:
    if isinstance(profile, RatesProfile) and profile.offered_rps.size == 1:
        return f"One rate was tested, {plain(profile.max_rps)} rps; nothing is promised beyond it."
    if isinstance(profile, RatesProfile):
        return (
            f"An open-loop test up to {plain(profile.max_rps)} rps; nothing is promised beyond the "
            "highest rate whose errors pass."
        )
    if isinstance(profile, SweepProfile):
        return (
            f"A closed-loop test up to concurrency {profile.concurrency[-1]:g}; stable below "
            f"{plain(profile.max_rps)} rps, the throughput there."
        )
    return f"All workers are busy all the time at {figure(profile.max_rps)} rps."


def _at_slo(report: ProfileReport, limits: str) -> tuple[str, ...]:
    if not limits:
        return ()
    if report.max_rps_at_slo is None:
        return (f"No rate keeps {limits}. {report.reason}.",)
    # Rounded down to four digits: the promise must hold.
    unit = 10.0 ** (math.floor(math.log10(report.max_rps_at_slo)) - 3)
    kept = math.floor(report.max_rps_at_slo / unit + 1e-6) * unit
    return (f"One instance keeps {limits} up to {figure(kept)} rps, {60 * kept:,.0f} per minute.",)


def _levels(profile: Profile) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Columns and rows of what was measured."""
    if isinstance(profile, WorkersProfile):
        service = profile.service
        columns = (">workers", ">service time", ">cv", "law", ">own p95", ">own p99")
        own = [milliseconds(service.quantile_s(fraction)) for fraction in (0.95, 0.99)]
        mean = milliseconds(service.mean_s)
        row = (str(profile.workers), mean, f"{service.cv:.3g}", service.law.value, *own)
        return columns, (row,)
    if isinstance(profile, SweepProfile):
        first: tuple[FloatArray, ...] = (profile.concurrency, profile.throughput_rps)
        return _table(profile, (">concurrency", ">rps"), first)
    assert isinstance(profile, RatesProfile)
    return _table(profile, (">offered rps",), (profile.offered_rps,))


def _table(
    profile: RatesProfile | SweepProfile, names: tuple[str, ...], first: tuple[FloatArray, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    percentiles = [f">p{100 * fraction:g}" for fraction in profile.fractions]
    rows = [
        (
            *(f"{column[i]:,.6g}" for column in first),
            *(milliseconds(float(latency_s)) for latency_s in profile.latencies_s[i]),
            f"{profile.error_rate[i]:.4%}" if profile.errors_known else "not known",
            f"{profile.requests[i]:,.0f}" if profile.requests[i] else "",
        )
        for i in range(profile.error_rate.size)
    ]
    return (*names, *percentiles, ">failed", ">requests"), tuple(rows)
