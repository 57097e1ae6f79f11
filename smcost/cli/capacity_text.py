"""Reports on capacities as text, in every format but CSV."""

from collections.abc import Sequence

from smcost.capacity.at_slo import ProfileReport, latency_curve
from smcost.remarks import Assumption, Caveat


def capacity_text(
    name: str,
    reports: Sequence[ProfileReport],
    form: str,
    *,
    limits: str = "",
    caveats: Sequence[Caveat] = (),
    assumptions: Sequence[Assumption] = (),
) -> str:
    """Levels, what holds within the limits, and a plot of each profile; or the JSON document.

    Parameters
    ----------
    name
        Of the file.
    reports
        A report for each profile.
    form
        ``table``, ``markdown`` or ``json``.
    limits
        The limits asked for, as words; empty: none.
    caveats, assumptions
        What was chosen while the file was read.
    """
    if form == "json":
        from smcost.emit.capacity_json import capacity_json

        return capacity_json(name, reports, caveats=caveats, assumptions=assumptions)
    from smcost.cli.render import sections_text
    from smcost.emit.capacity_sections import capacity_plot, capacity_section, reading_section

    parts = []
    if assumptions:
        parts.append(sections_text([reading_section(assumptions)], form))
    for report in reports:
        plot = capacity_plot(latency_curve(report.profile))
        section = sections_text([capacity_section(report, limits)], form)
        fenced = f"```\n{plot}```\n" if form == "markdown" else plot
        parts.append(f"{section}\n{fenced}")
    return "\n".join(parts)
