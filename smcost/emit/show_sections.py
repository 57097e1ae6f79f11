"""What ``traffic show`` prints, as sections."""

from collections.abc import Sequence

from smcost.emit.section import Section, figure, moment
from smcost.traffic.gaps import Interval
from smcost.traffic.summary import Summary

_INTERVALS_SHOWN = 10


def traffic_sections(
    name: str, summary: Summary, gaps: Sequence[Interval], outages: Sequence[Interval]
) -> list[Section]:
    """What ``smcost traffic show`` prints, before the plot."""
    ratio = "no traffic" if summary.peak_to_mean is None else f"{summary.peak_to_mean:.1f}"
    rows = (
        ("from", f"{moment(summary.start_s)} UTC"),
        ("to", f"{moment(summary.end_s)} UTC"),
        ("step", f"{summary.step_s} s"),
        ("invocations", f"{summary.total_invocations:,}"),
        ("mean", f"{figure(summary.mean_rps)} rps, {60 * summary.mean_rps:,.1f} per minute"),
        ("peak", f"{figure(summary.peak_rps)} rps, {60 * summary.peak_rps:,.1f} per minute"),
        ("peak to mean", ratio),
        *_bursts(summary.dispersion),
    )
    sections = [Section(title=f"Traffic {name}", columns=("", ""), rows=rows)]
    for title, intervals in (("Gaps", gaps), ("Suspected outages", outages)):
        if intervals:
            sections.append(_intervals_section(title, intervals))
    return sections


def _bursts(dispersion: float | None) -> tuple[tuple[str, str], ...]:
    if dispersion is None:
        return ()
    return (("bursts", f"index of dispersion {dispersion:.3g} per second (1: Poisson)"),)


def _intervals_section(title: str, intervals: Sequence[Interval]) -> Section:
    longest = sorted(intervals, key=lambda interval: -interval.steps)[:_INTERVALS_SHOWN]
    shown = "" if len(longest) == len(intervals) else f", the {len(longest)} longest"
    return Section(
        title=f"{title}: {len(intervals)}{shown}",
        columns=("from", "to (UTC)", ">steps"),
        rows=tuple(
            (moment(interval.start_s), moment(interval.end_s), f"{interval.steps:,}")
            for interval in sorted(longest, key=lambda interval: interval.start_s)
        ),
    )
