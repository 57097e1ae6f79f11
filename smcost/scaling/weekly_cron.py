"""Moments of every week as AWS's cron expressions."""

#: Names of the days as AWS's cron has them, the week beginning on Monday.
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MINUTES_PER_DAY = 1_440
MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY


def day_names(days: frozenset[int]) -> str:
    """``MON-FRI``, ``SAT-SUN``; 0 is Monday."""
    found = []
    for day in sorted(days):
        if day - 1 in days:
            continue
        last = day
        while last + 1 in days:
            last += 1
        found.append(DAYS[day] if day == last else f"{DAYS[day]}-{DAYS[last]}")
    return ",".join(found)


def _cron_days(days: set[int]) -> str:
    """``MON-FRI``, ``SAT,SUN``: the week of AWS's cron begins on Sunday, and no range goes back."""
    found = [*([day_names(frozenset(days - {6}))] if days - {6} else [])]
    return ",".join([*found, *(["SUN"] if 6 in days else [])])


def weekly_crons(minutes: list[int]) -> tuple[str, ...]:
    """One expression for each time of the day, in order.

    ``minutes``: of the week since Monday 00:00, before or after it counted round. [min]
    """
    days: dict[int, set[int]] = {}
    for minute in minutes:
        day, time = divmod(minute % MINUTES_PER_WEEK, MINUTES_PER_DAY)
        days.setdefault(time, set()).add(day)
    return tuple(
        f"cron({time % 60} {time // 60} "
        + ("* * ? *)" if len(on) == 7 else f"? * {_cron_days(on)} *)")
        for time, on in sorted(days.items())
    )
