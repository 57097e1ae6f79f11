"""Other kinds of endpoint as entries of the JSON documents."""

from decimal import Decimal

from smcost.emit import kind_schema
from smcost.emit.json_values import line_entries, milliseconds
from smcost.estimate.kinds import KindAnswer, KindsAnswer, ServerlessFigures, SharedFigures
from smcost.kinds.asynchronous import BacklogReplay
from smcost.kinds.batch import BatchMonth
from smcost.kinds.limits import CANNOT


def kind_entries(answer: KindsAnswer) -> list[kind_schema.KindEntry]:
    """Every kind, this fleet first."""
    return [_entry(row, answer) for row in answer.rows]


def _entry(row: KindAnswer, answer: KindsAnswer) -> kind_schema.KindEntry:
    figures = row.figures
    return kind_schema.KindEntry(
        kind=row.kind,
        name=row.name,
        usd=None if row.case is None else float(row.case.usd),
        against_fleet_usd=_rounded(row.against_usd, 2),
        break_even_invocations=_rounded(row.break_even, 0),
        break_even_single_invocations=_rounded(row.break_even_single, 0),
        instance_hours=_rounded(row.instance_hours, 4),
        p99=row.p99,
        p99_ms=None if row.p99_s is None else milliseconds(row.p99_s),
        possible=row.possible,
        obstacles=[
            kind_schema.ObstacleEntry(code=each.code, message=each.message)
            for each in row.obstacles
        ],
        cannot=list(CANNOT[row.kind]),
        lines=line_entries(row.case),
        serverless=_serverless(figures) if isinstance(figures, ServerlessFigures) else None,
        asynchronous=(
            _asynchronous(figures, answer) if isinstance(figures, BacklogReplay) else None
        ),
        batch=_batch(figures) if isinstance(figures, BatchMonth) else None,
        shared=_shared(figures) if isinstance(figures, SharedFigures) else None,
    )


def _serverless(figures: ServerlessFigures) -> kind_schema.ServerlessEntry:
    return kind_schema.ServerlessEntry(
        memory_gb=figures.memory_gb,
        provisioned_concurrency=figures.provisioned,
        most_in_flight=figures.most_in_flight,
        throttled_fraction=round(figures.throttled_share, 6),
        cold_fraction=round(figures.cold_share, 6),
        worst_window_cold_fraction=round(figures.worst_window_cold_share, 6),
    )


def _asynchronous(figures: BacklogReplay, answer: KindsAnswer) -> kind_schema.AsynchronousEntry:
    return kind_schema.AsynchronousEntry(
        mean_wait_s=round(figures.mean_wait_s, 3),
        p95_wait_s=figures.p95_wait_s,
        longest_wait_s=figures.longest_wait_s,
        expired_fraction=round(figures.expired_share, 6),
        wakes=figures.wakes,
        break_even_instance_hours=round(float(answer.asynchronous_break_even_h), 4),
    )


def _batch(figures: BatchMonth) -> kind_schema.BatchEntry:
    return kind_schema.BatchEntry(
        jobs=float(figures.jobs),
        instances=figures.instances,
        hours_per_job=round(float(figures.hours_per_job), 4),
    )


def _shared(figures: SharedFigures) -> kind_schema.SharedEntry:
    return kind_schema.SharedEntry(
        models=figures.sharing.models,
        in_memory=figures.sharing.in_memory,
        whole_usd=float(figures.whole_usd),
        separate_usd=float(figures.separate_usd),
        break_even_models=figures.break_even_models,
    )


def _rounded(value: Decimal | None, places: int) -> float | None:
    return None if value is None else round(float(value), places)
