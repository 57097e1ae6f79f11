"""Locust's ``--csv`` files, of Locust 1.0 to 2.x: times in milliseconds, cumulative unless said.

``X_stats.csv`` has a row per request name and one ``Aggregated`` over the whole run, but not the
number of users. ``X_stats_history.csv`` has a row per second with the users, the totals since the
start (or since ``--reset-stats``) and percentiles: also since the start, or, with
``--csv-full-history``, of the last ten seconds.
"""

import itertools
from collections.abc import Mapping, Sequence

from smcost.errors import InputError
from smcost.read.csv_table import Row, parse_table
from smcost.read.load_test import LoadTest

_ALL = "Aggregated"
_PERCENTILES = {"50%": 0.5, "90%": 0.9, "95%": 0.95, "99%": 0.99}
_STATS = (
    *("Type", "Name", "Request Count", "Failure Count", "Average Response Time", "Requests/s"),
    *_PERCENTILES,
)
_HISTORY = (
    *("Timestamp", "User Count", "Type", "Name", *_PERCENTILES),
    *("Total Request Count", "Total Failure Count", "Total Average Response Time"),
)
#: Share of the requests that must be of the last number of users where percentiles are of all.
_MOSTLY = 0.9
#: Percentiles of the last seconds are Locust's ``CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW``. [s]
_WINDOW_S = 10
_ROUNDED = "Locust rounds response times to two significant digits"


def locust_kind(header: Sequence[str]) -> str | None:
    """``stats`` or ``history``; ``None``: the header is not of Locust."""
    if {"User Count", "Name", "Total Request Count"} <= set(header):
        return "history"
    return "stats" if {"Name", "Request Count", "Requests/s"} <= set(header) else None


def read_locust_stats(text: str, place: str) -> list[LoadTest]:
    """The ``Aggregated`` row of ``X_stats.csv``.

    Raises
    ------
    InputError
        No such row, or a cell that is no number.
    """
    rows = list(parse_table(text, place, _STATS))
    row = next((row for row in rows if row.cells["Name"] == _ALL), None)
    if row is None:
        raise _no_total(place)
    requests = _whole(row, "Request Count")
    _refuse_idle(requests, place)
    return [
        LoadTest(
            tool="Locust",
            place=place,
            sent_rps=float(row.number("Requests/s")),
            latencies_s=_latencies_s(row),
            concurrency=None,
            in_flight=False,
            open_loop=False,
            mean_s=float(row.number("Average Response Time")) / 1000,
            failed_fraction=_whole(row, "Failure Count") / requests,
            requests=requests,
            notes=(_ROUNDED, *_several({row.cells["Name"] for row in rows} - {_ALL})),
        )
    ]


def read_locust_history(text: str, place: str) -> list[LoadTest]:
    """``X_stats_history.csv``: a level for each number of users that was kept up.

    Raises
    ------
    InputError
        Percentiles are of several numbers of users together, none was kept up, or a cell is no
        number.
    """
    rows = list(parse_table(text, place, _HISTORY))
    names = {row.cells["Name"] for row in rows} - {_ALL}
    total = [row for row in rows if row.cells["Name"] == _ALL and row.number("User Count") > 0]
    if not total:
        raise _no_total(place)
    plateaus = [
        list(group)
        for _, group in itertools.groupby(
            _since_reset(total), key=lambda row: int(row.number("User Count"))
        )
    ]
    notes = (_ROUNDED, *_several(names))
    if names:
        kept = [found for found in plateaus if _seconds(found) >= 2 * _WINDOW_S]
        if not kept:
            raise _too_short(place)
        return [_recent(found, place, notes) for found in kept]
    return [_cumulative(plateaus, place, notes)]


def _cumulative(plateaus: Sequence[Sequence[Row]], place: str, notes: tuple[str, ...]) -> LoadTest:
    """The last number of users, where nearly all requests are of it."""
    last = plateaus[-1]
    requests = _whole(last[-1], "Total Request Count")
    _refuse_idle(requests, place)
    here = requests - _whole(last[0], "Total Request Count")
    if len(last) < 2 or here == 0:
        raise _too_short(place)
    if len(plateaus) > 1 and here < _MOSTLY * requests:
        users = sorted({int(found[0].number("User Count")) for found in plateaus})
        raise InputError(
            f"Percentiles are of the whole run, and only {here / requests:.0%} of its requests "
            f"were made by the last number of users (there were {_span(users)})",
            remedy="Test longer, or with --reset-stats or --csv-full-history, or one run per "
            "number of users",
            place=place,
        )
    failed = _whole(last[-1], "Total Failure Count")
    return LoadTest(
        tool="Locust",
        place=place,
        sent_rps=here / _seconds(last),
        latencies_s=_latencies_s(last[-1]),
        concurrency=float(last[-1].number("User Count")),
        in_flight=False,
        open_loop=False,
        mean_s=float(last[-1].number("Total Average Response Time")) / 1000,
        failed_fraction=failed / requests,
        requests=requests,
        notes=notes,
    )


def _recent(plateau: Sequence[Row], place: str, notes: tuple[str, ...]) -> LoadTest:
    """One number of users: counted over all of its time, percentiles of its last seconds."""
    first, last = plateau[0], plateau[-1]
    users = int(last.number("User Count"))
    counts = [_whole(row, "Total Request Count") for row in (first, last)]
    sums_ms = [
        count * float(row.number("Total Average Response Time"))
        for count, row in zip(counts, (first, last), strict=True)
    ]
    here = counts[1] - counts[0]
    if here == 0:
        raise InputError(
            f"No request was answered while there were {users} users",
            remedy="Leave that number out of the test",
            place=last.place,
        )
    failed = _whole(last, "Total Failure Count") - _whole(first, "Total Failure Count")
    since = next(
        row
        for row in plateau
        if float(last.number("Timestamp") - row.number("Timestamp")) <= _WINDOW_S
    )
    return LoadTest(
        tool="Locust",
        place=f"{place}, {users} users",
        sent_rps=here / _seconds(plateau),
        latencies_s=_latencies_s(last),
        concurrency=float(users),
        in_flight=False,
        open_loop=False,
        mean_s=(sums_ms[1] - sums_ms[0]) / here / 1000,
        failed_fraction=failed / here,
        requests=counts[1] - _whole(since, "Total Request Count"),
        notes=(*notes, f"percentiles are of the last {_WINDOW_S} s at each number of users"),
    )


def _since_reset(rows: Sequence[Row]) -> Sequence[Row]:
    """Rows after the totals last fell: ``--reset-stats``."""
    counts = [_whole(row, "Total Request Count") for row in rows]
    falls = [at for at in range(1, len(counts)) if counts[at] < counts[at - 1]]
    return rows[falls[-1] :] if falls else rows


def _latencies_s(row: Row) -> Mapping[float, float]:
    return {fraction: float(row.number(column)) / 1000 for column, fraction in _PERCENTILES.items()}


def _seconds(rows: Sequence[Row]) -> float:
    return float(rows[-1].number("Timestamp") - rows[0].number("Timestamp"))


def _whole(row: Row, column: str) -> int:
    found = row.number(column)
    if found != found.to_integral_value() or found < 0:
        raise row.refuse(column, found=row.cells[column], wanted="a whole number")
    return int(found)


def _several(names: set[str]) -> tuple[str, ...]:
    if len(names) < 2:
        return ()
    return (f"requests of {len(names)} names are taken together ({', '.join(sorted(names))})",)


def _span(users: Sequence[int]) -> str:
    return f"{users[0]} to {users[-1]}"


def _refuse_idle(requests: int, place: str) -> None:
    if requests == 0:
        raise InputError(
            "The test made no request", remedy="Check the locustfile and its host", place=place
        )


def _no_total(place: str) -> InputError:
    return InputError(
        f"There is no row named {_ALL} with users at work",
        remedy="Give the file as locust --csv wrote it, of a run to its end",
        place=place,
    )


def _too_short(place: str) -> InputError:
    return InputError(
        "No number of users was kept up long enough to count by",
        remedy=f"Keep each for {2 * _WINDOW_S} s at least",
        place=place,
    )
