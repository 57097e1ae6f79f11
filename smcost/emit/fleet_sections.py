"""A fleet as sections: totals, what matters most, the plan they share, and every endpoint."""

from collections.abc import Sequence
from decimal import Decimal

from smcost.emit.fleet_plan_section import plan_section
from smcost.emit.section import Section, milliseconds, usd
from smcost.fleet import Fleet, Totals, changes, names_told
from smcost.outcome import ALWAYS, Failure, Figures, Outcome
from smcost.shared_plan import SharedPlan

_UNKNOWN = "not known"
#: In place of a table of thousands of rows.
_MOST_ROWS = 200


def fleet_sections(
    fleet: Fleet, plans: Sequence[SharedPlan], file: str, *, recommends: bool
) -> list[Section]:
    """What ``--file`` prints; ``recommends``: configurations were looked for, not priced."""
    sections = [Section(title=_headline(fleet, file), sentences=_totals(fleet, recommends))]
    if fleet.totals.compared_count or (recommends and fleet.answered):
        sections.append(_savings_section(fleet, recommends))
    if not recommends and fleet.answered:
        sections.append(_bills_section(fleet))
    sections += [plan_section(plan, len(fleet.answered)) for plan in plans]
    if fleet.answered:
        sections.append(_endpoints_section(fleet, recommends))
        sections += _kinds_sections(fleet, recommends)
    if fleet.unanswered:
        sections.append(_failures_section(fleet.unanswered))
    if fleet.answered:
        sections.append(_assumptions_section(fleet))
    return sections


def _headline(fleet: Fleet, file: str) -> str:
    number, failed = len(fleet.outcomes), len(fleet.unanswered)
    text = f"{file}: {number:,} endpoint{'' if number == 1 else 's'}"
    return text if not failed else f"{text}, {failed:,} of them without an answer"


def _totals(fleet: Fleet, recommends: bool) -> tuple[str, ...]:
    totals, sentences = fleet.totals, []
    name = "Recommended" if recommends else "Estimated"
    month = f"{fleet.hours_per_month.normalize():f} hours"
    if totals.compared_count:
        share = 100 * totals.saving_usd / totals.today_usd if totals.today_usd else Decimal(0)
        verb = "saves" if totals.saving_usd >= 0 else "costs"
        more = "" if totals.saving_usd >= 0 else " more"
        sentences.append(
            f"Today {usd(totals.today_usd)} USD per month of {month}, {name.lower()} "
            f"{usd(totals.compared_usd)}: {verb} {usd(abs(totals.saving_usd))}{more} "
            f"({abs(share):.1f}%){_of(totals.compared_count, fleet, 'both are known')}."
        )
        sentences += _turning_off(totals)
    if fleet.answered:
        sentences.append(
            f"{name} in all {usd(totals.expected_usd)} USD per month of {month} (floor "
            f"{usd(totals.floor_usd)}, ceiling {usd(totals.ceiling_usd)})"
            f"{_of(totals.expected_count, fleet, 'the expected cost is known')}."
        )
    return tuple(sentences)


def _turning_off(totals: Totals) -> list[str]:
    if not totals.turning_off_usd:
        return []
    off, always = totals.turning_off_usd, totals.compared_usd + totals.turning_off_usd
    return [
        f"Turning off outside their windows saves {usd(off)} of that: always on it would be "
        f"{usd(always)}."
    ]


def _of(count: int, fleet: Fleet, known: str) -> str:
    """How many are in a sum, where not all are."""
    every = len(fleet.outcomes)
    return "" if count == every else f", over the {count:,} of {every:,} of which {known}"


def _savings_section(fleet: Fleet, recommends: bool) -> Section:
    title = "Biggest savings"
    if not fleet.totals.compared_count:
        return Section(
            title=title,
            sentences=(
                "What runs today is not known of any: add a table [endpoints.NAME.today], or "
                "current or endpoint to theirs.",
            ),
        )
    if not fleet.biggest_savings:
        return Section(title=title, sentences=("Nothing here saves anything.",))
    columns = ("endpoint", ">saving", ">today", _answer_column(recommends), "what to change")
    rows = [
        (outcome.name, *_amounts(outcome), _change(outcome)) for outcome in fleet.biggest_savings
    ]
    return Section(title=f"{title}, USD per month", columns=columns, rows=tuple(rows))


def _answer_column(recommends: bool) -> str:
    return ">recommended" if recommends else ">estimated"


def _amounts(outcome: Outcome) -> tuple[str, str, str]:
    return _amount(outcome.saving_usd), _amount(outcome.today_usd), _amount(outcome.expected_usd)


def _change(outcome: Outcome) -> str:
    if outcome.today is None or outcome.answer is None:
        return ""
    rows = list(changes(outcome.today.variant, outcome.answer.variant))
    if outcome.today.runs != outcome.answer.runs:
        lost = _unanswered(outcome.answer)
        runs = f"{outcome.answer.runs}, {lost}" if lost else outcome.answer.runs
        rows.append(("runs", outcome.today.runs, runs))
    return "; ".join(f"{name} {today} -> {answer}" for name, today, answer in rows) or "nothing"


def _bills_section(fleet: Fleet) -> Section:
    total = fleet.totals.expected_usd
    rows = []
    for outcome in fleet.biggest_bills:
        cost = outcome.expected_usd
        share = "" if cost is None or not total else f"{100 * cost / total:.1f}%"
        rows.append((outcome.name, _cost(outcome.answer), share, _configured(outcome)))
    return Section(
        title="Biggest bills, USD per month",
        columns=("endpoint", ">expected", ">of all", "configuration"),
        rows=tuple(rows),
    )


def _configured(outcome: Outcome) -> str:
    assert outcome.answer is not None
    variant = outcome.answer.variant
    if variant.fixed:
        return f"{variant.minimum} x {variant.instance_type}, fixed"
    by = f"target {variant.target_told}" if variant.policies else "by schedule"
    return f"{variant.lowest} to {variant.highest} x {variant.instance_type}, {by}"


def _endpoints_section(fleet: Fleet, recommends: bool) -> Section:
    ordered = fleet.by_saving if recommends else fleet.by_bill
    compared = bool(fleet.totals.compared_count)
    money: tuple[str, ...] = (_answer_column(recommends),)
    if compared:
        money = (">saving", ">today", *money)
    rows = [_endpoint(outcome, compared) for outcome in ordered[:_MOST_ROWS]]
    columns = (
        "endpoint", *money, "instance type", ">min", ">max", ">target", "runs", ">worst p99", "SLO",
    )  # fmt: skip
    windows = any(row[columns.index("runs")] != ALWAYS for row in rows)
    told = [
        n
        for n, column in enumerate(columns)
        if any(row[n] for row in rows) and (windows or column != "runs")
    ]
    left = len(ordered) - len(rows)
    return Section(
        title="Endpoints, USD per month",
        sentences=(f"{left:,} more are in -f csv and -f json.",) if left else (),
        columns=tuple(columns[n] for n in told),
        rows=tuple(tuple(row[n] for n in told) for row in rows),
    )


def _endpoint(outcome: Outcome, compared: bool) -> tuple[str, ...]:
    found = outcome.answer
    assert found is not None
    saving, today, _ = _amounts(outcome)
    variant, latency = found.variant, found.latency
    return (
        outcome.name,
        *((saving, today) if compared else ()),
        _cost(found),
        variant.instance_type,
        variant.minimum_told,
        str(variant.highest),
        variant.target_told,
        found.runs,
        "" if latency is None else milliseconds(latency.worst_window_p99_s),
        _slo(outcome),
    )


def _kinds_sections(fleet: Fleet, recommends: bool) -> list[Section]:
    """The cheapest other kind of each that asked for the comparison; nothing where none did."""
    ordered = fleet.by_saving if recommends else fleet.by_bill
    asked = [(one.name, one.other_kind) for one in ordered if one.other_kind is not None]
    if not asked:
        return []
    rows = [
        (
            name,
            other.name or "none does the job at a known price",
            "" if other.usd is None else usd(other.usd),
            "" if other.against_usd is None else f"{other.against_usd:+,.2f}",
        )
        for name, other in asked[:_MOST_ROWS]
    ]
    sentences = ["Instances, storage and data alone; why the others will not do is in -f json."]
    left = len(asked) - len(rows)
    if left:
        sentences.append(f"{left:,} more are in -f csv and -f json.")
    return [
        Section(
            title="Cheapest other kind of endpoint that is possible, USD per month",
            sentences=tuple(sentences),
            columns=("endpoint", "kind", ">USD/month", ">against this"),
            rows=tuple(rows),
        )
    ]


def _slo(outcome: Outcome) -> str:
    """Whether the answer holds it, whom it does not answer, and whether today's does."""
    words = {True: "holds", False: "broken", None: ""}
    answer, today = outcome.answer, None if outcome.today is None else outcome.today.meets_slo
    assert answer is not None
    now, lost = words[answer.meets_slo], _unanswered(answer)
    told = [f"{now} while on" if now and lost else now, lost]
    if now and today is not None and today is not answer.meets_slo:
        told.append(f"today {words[today]}")
    return ", ".join(part for part in told if part)


def _unanswered(found: Figures) -> str:
    """The part of the requests that find it turned off, if there are any."""
    return f"{found.unanswered_share:.1%} unanswered" if found.unanswered_share else ""


def _cost(found: Figures | None) -> str:
    if found is None or (found.expected_usd is None and found.bounds_usd is None):
        return _UNKNOWN
    if found.expected_usd is not None:
        return usd(found.expected_usd)
    assert found.bounds_usd is not None
    low, high = found.bounds_usd
    return f"{usd(low)} to {usd(high)}"


def _amount(value: Decimal | None) -> str:
    return _UNKNOWN if value is None else usd(value)


def _failures_section(failed: Sequence[Outcome]) -> Section:
    sentences = [
        f"{outcome.name} [{outcome.exit_code}] {_told(outcome.failure)}"
        for outcome in failed[:_MOST_ROWS]
    ]
    left = len(failed) - len(sentences)
    if left:
        sentences.append(f"{left:,} more are in -f csv and -f json.")
    return Section(title="Without an answer", sentences=tuple(sentences))


def _told(failure: Failure | None) -> str:
    return "" if failure is None else failure.told


def _assumptions_section(fleet: Fleet) -> Section:
    sentences = []
    differing = fleet.differing_assumptions
    if differing:
        told = names_told(differing, most=len(differing))
        sentences.append(f"Not the same for every endpoint, and in the JSON of each: {told}.")
    rows = tuple((item.name, item.value) for item in fleet.shared_assumptions)
    return Section(
        title="Assumptions, the same for every endpoint",
        sentences=tuple(sentences),
        columns=("what", "value") if rows else (),
        rows=rows,
    )
