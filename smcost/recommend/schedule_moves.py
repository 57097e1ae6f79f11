"""Weeks of minimums by half hours, and the small changes by which one is made cheaper."""

from dataclasses import replace

from smcost.scaling.timetable import (
    MINUTES_PER_DAY,
    SLOT_MINUTES,
    SLOTS_PER_DAY,
    TimedMinimum,
    Timetable,
)

#: Minimums from Monday 00:00 on, ``(336,)``.
Week = tuple[int, ...]

EVERY_DAY, WEEKDAYS, WEEKEND = tuple(range(7)), tuple(range(5)), (5, 6)
#: Days that people put together.
GROUPS = (EVERY_DAY, WEEKDAYS, WEEKEND)
#: A schedule of more windows a week is not understood at a glance.
MOST_WINDOWS = 3
#: Half hours by which a window is longer at either end than the trace asks for.
MARGIN_SLOTS = 1
MARGIN_MINUTES = MARGIN_SLOTS * SLOT_MINUTES
#: Low minimums tried for each target; in small fleets that is all of them.
MOST_LOWS = 8


def lows(floor: int, high: int) -> list[int]:
    """Lower minimums to try below a high one, evenly by ratio where there are many.

    >>> lows(2, 6), lows(1, 256)
    ([2, 3, 4, 5], [1, 2, 4, 8, 16, 32, 64, 128])
    """
    if high - floor <= MOST_LOWS:
        return list(range(floor, high))
    ratio = high / floor
    return sorted({round(floor * ratio ** (step / MOST_LOWS)) for step in range(MOST_LOWS)})


def usual(timetable: Timetable, changed_slots: frozenset[int], *, by_day: bool) -> bool:
    """Whether it has few windows that a person would choose, away from changing clocks.

    ``changed_slots`` are half hours of the day in which no window may begin or end; ``by_day``
    allows any days to stand together.
    """
    edges = {
        minute // SLOT_MINUTES % SLOTS_PER_DAY
        for window in timetable.windows
        for minute in (window.start_minute, window.start_minute + window.length_minutes)
    }
    return (
        len(timetable.windows) <= MOST_WINDOWS
        and not edges & changed_slots
        and all(_usual(window, by_day=by_day) for window in timetable.windows)
    )


def _usual(window: TimedMinimum, *, by_day: bool) -> bool:
    """Whether it lies on days that go together; over more than a day, on whole ones."""
    if window.length_minutes <= MINUTES_PER_DAY:
        return by_day or window.days in GROUPS
    whole, more = divmod(window.length_minutes - 2 * MARGIN_MINUTES, MINUTES_PER_DAY)
    begins = window.start_minute + MARGIN_MINUTES == MINUTES_PER_DAY
    return begins and more == 0 and (by_day or whole in map(len, GROUPS))


def widened(week: Week) -> Week:
    """Every level half an hour earlier and later too, the higher one where two meet."""
    shifts = range(-MARGIN_SLOTS, MARGIN_SLOTS + 1)
    return tuple(map(max, *(week[shift:] + week[:shift] for shift in shifts)))


def carved(week: Week, days: tuple[int, ...], begin: int, end: int, low: int) -> Week:
    """The week with at most ``low`` in a stretch of some days, which may go over midnight."""
    lowered = list(week)
    for day in days:
        for slot in range(begin, end):
            at = day * SLOTS_PER_DAY + slot % SLOTS_PER_DAY
            lowered[at] = min(lowered[at], low)
    return tuple(lowered)


def capped(week: Week, days: tuple[int, ...], most: int) -> Week:
    """The week with at most so many on some days."""
    return tuple(
        min(level, most) if slot // SLOTS_PER_DAY in days else level
        for slot, level in enumerate(week)
    )


def lower_of(one: Week | None, other: Week | None) -> Week | None:
    """The lower level of two weeks everywhere, where there are two."""
    if one is None or other is None:
        return None
    return tuple(map(min, one, other))


def _later(timetable: Timetable, number: int) -> Timetable | None:
    """A window that begins half an hour later."""
    window = timetable.windows[number]
    start, length = window.start_minute + SLOT_MINUTES, window.length_minutes - SLOT_MINUTES
    if length == 0 or start == MINUTES_PER_DAY:
        return None
    return timetable.with_window(number, replace(window, start_minute=start, length_minutes=length))


def _sooner(timetable: Timetable, number: int) -> Timetable | None:
    """A window that ends half an hour sooner."""
    window = timetable.windows[number]
    length = window.length_minutes - SLOT_MINUTES
    if length == 0:
        return None
    return timetable.with_window(number, replace(window, length_minutes=length))


def _lower(timetable: Timetable, number: int) -> Timetable | None:
    """A window with one instance fewer, but more than outside."""
    window = timetable.windows[number]
    if window.minimum - 1 <= timetable.otherwise:
        return None
    return timetable.with_window(number, replace(window, minimum=window.minimum - 1))


def _lower_outside(timetable: Timetable, number: int) -> Timetable | None:
    """One instance fewer outside all windows."""
    if number > 0 or timetable.otherwise == 1:
        return None
    return replace(timetable, otherwise=timetable.otherwise - 1)


#: Each: a timetable and the number of a window -> the smaller one, ``None`` where there is none.
CHANGES = (_later, _sooner, _lower, _lower_outside)
