"""Other kinds of endpoint as sections: what each costs, why it will not do, what it cannot."""

from collections.abc import Iterator
from decimal import Decimal

from smcost.emit.section import Section, figure, milliseconds, usd
from smcost.estimate.kinds import (
    P99,
    KindAnswer,
    KindsAnswer,
    ServerlessFigures,
    SharedFigures,
)
from smcost.kinds.asynchronous import BacklogReplay
from smcost.kinds.batch import BatchMonth
from smcost.kinds.limits import CANNOT, EndpointKind
from smcost.units import SECONDS_PER_MINUTE

_KINDS = {
    EndpointKind.REAL_TIME: "real time",
    EndpointKind.SERVERLESS: "serverless",
    EndpointKind.ASYNCHRONOUS: "asynchronous",
    EndpointKind.BATCH_TRANSFORM: "batch transform",
    EndpointKind.MULTI_MODEL: "multi-model",
}


def kind_sections(answer: KindsAnswer) -> list[Section]:
    """The table of kinds, the reasons against them on this job, and their limits."""
    sections = [
        Section(
            title="Other kinds of endpoint",
            sentences=tuple(_sentences(answer)),
            columns=(
                *("kind", ">USD/month", ">against this", ">cheaper below", ">p99", "possible"),
            ),
            rows=tuple(map(_row, answer.rows)),
        )
    ]
    reasons = _reasons(answer)
    if reasons:
        sections.append(
            Section(title="Why a kind will not do", columns=("kind", "reason"), rows=reasons)
        )
    limits = tuple((_KINDS[kind], text) for kind, texts in CANNOT.items() for text in texts)
    cannot = Section(title="What each kind cannot do", columns=("kind", "limit"), rows=limits)
    return [*sections, cannot]


def _row(row: KindAnswer) -> tuple[str, ...]:
    return (
        row.name,
        "none" if _never_runs(row) else "not known" if row.case is None else usd(row.case.usd),
        "" if not row.against_usd else f"{row.against_usd:+,.2f}",
        _count(row.break_even),
        _p99(row),
        "yes" if row.possible else "no",
    )


def _never_runs(row: KindAnswer) -> bool:
    return any(obstacle.never_runs for obstacle in row.obstacles)


def _count(value: Decimal | None) -> str:
    """Invocations a month, in millions where they are many."""
    if value is None:
        return ""
    return f"{value / 1_000_000:,.2f} M" if value >= 1_000_000 else f"{value:,.0f}"


def _p99(row: KindAnswer) -> str:
    if row.p99 is P99.NONE:
        return "none"
    if row.p99_s is None:
        return "no promise" if row.p99 is P99.NOT_PROMISED else "not known"
    told = milliseconds(row.p99_s)
    return told if row.p99 is P99.MODELLED else f">= {told}"


def _reasons(answer: KindsAnswer) -> tuple[tuple[str, str], ...]:
    """Each reason once for all rows of a kind that it stands against."""
    found: dict[tuple[str, str], None] = {}
    for row in answer.rows:
        provisioned = isinstance(row.figures, ServerlessFigures) and row.figures.provisioned
        name = _KINDS[row.kind] + (" provisioned" if provisioned else "")
        found |= dict.fromkeys((name, obstacle.message) for obstacle in row.obstacles)
    return tuple(found)


def _sentences(answer: KindsAnswer) -> Iterator[str]:
    yield (
        "Instances, storage and data alone. Cheaper below: invocations a month, against this fleet "
        "as it is. A p99 with >= is a bound from below, and no promise."
    )
    single = [row for row in answer.rows if row.break_even_single != row.break_even]
    if single:
        told_of = "; ".join(f"{row.name} below {_count(row.break_even_single)}" for row in single)
        yield f"Cheaper than a single instance: {told_of}."
    told: dict[str, None] = {}
    for row in answer.rows:
        if isinstance(row.figures, ServerlessFigures):
            told |= dict.fromkeys([_serverless(row.figures, answer)])
        elif isinstance(row.figures, BacklogReplay):
            told |= dict.fromkeys([_asynchronous(row, row.figures, answer)])
        elif isinstance(row.figures, BatchMonth):
            told |= dict.fromkeys([_batch(row, row.figures)])
        elif isinstance(row.figures, SharedFigures):
            told |= dict.fromkeys([_shared(row.figures)])
    yield from told
    yield from answer.notes


def _serverless(figures: ServerlessFigures, answer: KindsAnswer) -> str:
    held = f" with {figures.provisioned} provisioned" if figures.provisioned else ""
    account = answer.asked.account_concurrency
    shared = "" if account is None else f" (the account shares {account:,} in this region)"
    return (
        f"Serverless{held}: at most {figures.most_in_flight:,} requests in flight{shared}; "
        f"{figures.cold_share:.3%} of the requests meet a cold start, "
        f"{figures.worst_window_cold_share:.3%} in the worst window, and "
        f"{figures.throttled_share:.3%} are throttled."
    )


def _asynchronous(row: KindAnswer, replay: BacklogReplay, answer: KindsAnswer) -> str:
    assert row.instance_hours is not None
    waits = [
        f"{wait_s / SECONDS_PER_MINUTE:,.1f} min"
        for wait_s in (replay.mean_wait_s, replay.p95_wait_s, replay.longest_wait_s)
    ]
    wakes = f"{replay.wakes:,} start{'' if replay.wakes == 1 else 's'} from none"
    return (
        f"Asynchronous: {figure(float(row.instance_hours))} instance-hours, {wakes} on this "
        f"traffic; requests wait {waits[0]} on average, 95% up to {waits[1]}, the last of all "
        f"{waits[2]}. Cheaper below {figure(float(answer.asynchronous_break_even_h))} "
        "instance-hours."
    )


def _batch(row: KindAnswer, month: BatchMonth) -> str:
    assert row.instance_hours is not None
    return (
        f"Batch transform: {month.jobs.normalize():f} jobs of "
        f"{figure(float(month.hours_per_job))} h on {month.instances} "
        f"instance{'' if month.instances == 1 else 's'}, "
        f"{figure(float(row.instance_hours))} instance-hours."
    )


def _shared(figures: SharedFigures) -> str:
    models, first = figures.sharing.models, figures.break_even_models
    pays = f"cheaper from {first} models on" if first else f"not cheaper up to {models} models"
    memory = figures.sharing.in_memory
    if memory is None:
        fits = "how many fit into memory is not known"
    else:
        fits = f"an instance's memory holds {memory} at once"
        if memory < models:
            fits += ", and there are as many instances as hold all of them"
    return (
        f"Multi-model: {models} models like this on one endpoint cost {usd(figures.whole_usd)}, on "
        f"their own {usd(figures.separate_usd)}; {pays}; {fits} (docs/multi-model.md)."
    )
