"""Requests in flight at each instance, from 10 s to 10 s: what concurrency and CPU come from.

The fluid model of a queue whose departures follow the stationary law at its present content:

    x' = r - mu u(x),    x(u) = mu u E[T(u)]   (Little's law)

r arrivals per second at one instance, mu its highest rate, E[T(u)] the mean response at utilisation
u, queueing included. Content follows the traffic within a response time, a backlog grows and drains
at the rate that it should, and no request is lost. One implicit step for each 10 s: services of
milliseconds need no smaller ones.

References
----------
W.-P. Wang, D. Tipper, S. Banerjee, "A simple approximation for modeling nonstationary queues",
INFOCOM 1996, 255-262 (the pointwise stationary fluid flow approximation).
"""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from smcost.capacity import Profile, Routing
from smcost.queueing.service import FloatArray

#: Length of a step: the period of the metric of high resolution. [s]
TICK_S = 10
#: Contents that differ by less are the same. [requests]
_SAME = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Occupancy:
    """What one instance holds, against what it held before plus what came, over one step.

    Attributes
    ----------
    before
        Content at the start of a step plus arrivals in it, increasing, shape ``(S, K)``.
        Row s is of fleets of ``2**s`` instances and more; RANDOM routing has one row. [requests]
    after
        Content at its end, shape ``(S, K)``. [requests]
    most
        What it answers in a step when busy all the time; beyond the last point that leaves.
        [requests]
    least_outstanding
        Whether requests go to the instances that hold least.
    """

    before: FloatArray
    after: FloatArray
    most: float
    least_outstanding: bool

    def steady(self, per_step: float, instances: int) -> float:
        """Requests in flight at each of so many instances, under steady arrivals at each of them.

        ``inf`` where that is all it can answer, or more. [requests]
        """
        row = min(instances.bit_length(), self.before.shape[0]) - 1
        answered = self.before[row] - self.after[row]
        if per_step >= answered[-1]:
            return float("inf")
        return float(np.interp(per_step, answered, self.after[row]))

    def steady_rate(self, in_flight: float) -> float:
        """Requests in a step at each instance under which a single one holds so many: the inverse.

        That of the highest rate where it holds more than any table has. [requests]
        """
        answered = self.before[0] - self.after[0]
        return float(np.interp(in_flight, self.after[0], answered))


def occupancy(profile: Profile, routing: Routing, largest: int) -> Occupancy:
    """Tables for fleets of up to ``largest`` instances.

    Notes
    -----
    E[T(u)] is the integral of the tail of the response. Beyond the last utilisation u of the
    tables the content doubles while the rate goes from mu u to mu.
    """
    least = routing is not Routing.RANDOM
    sizes = [2**power for power in range(max(1, largest).bit_length())] if least else [1]
    rows = [_row(profile, routing, size) for size in sizes]
    answered, content = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    return Occupancy(
        before=content + answered,
        after=content,
        most=TICK_S * profile.max_rps,
        least_outstanding=least,
    )


def _row(profile: Profile, routing: Routing, size: int) -> tuple[FloatArray, FloatArray]:
    """Requests answered in a step and content at each utilisation, shapes ``(K,)``."""
    table = profile.response_table(routing, size)
    # The integral of the tail by the trapezoidal rule.
    mean_s = ((table.tail[:, 1:] + table.tail[:, :-1]) / 2) @ np.diff(table.response_s)
    content = table.utilisation * profile.max_rps * mean_s
    # A mean that falls with load, as a cold start's, must not make content fall.
    content = np.maximum.accumulate(content)
    utilisation = np.append(table.utilisation, 1.0)
    return TICK_S * profile.max_rps * utilisation, np.append(content, 2 * content[-1])


class Fleet:
    """The instances of a variant and what each holds; those that came together are alike."""

    def __init__(self, tables: Occupancy) -> None:
        self._before = tables.before.tolist()
        self._after = tables.after.tolist()
        self._most, self._least_outstanding = tables.most, tables.least_outstanding
        #: Size and content of each cohort, oldest first.
        self._cohorts: list[tuple[int, float]] = []

    def step(self, arrived: float, instances: int) -> tuple[float, float]:
        """One step: requests in flight at its end, and answered within it, of the whole fleet.

        The newest instances leave first and finish elsewhere; those that join are empty.
        """
        self._resize(instances)
        row = min(instances.bit_length(), len(self._before)) - 1
        before, after = self._before[row], self._after[row]
        level = self._level(arrived) if self._least_outstanding else 0.0
        share = arrived / instances
        held, answered, cohorts = 0.0, 0.0, []
        for size, content in self._cohorts:
            full = max(content, level) if self._least_outstanding else content + share
            left = _left(full, before, after, self._most)
            cohorts.append((size, left))
            held += size * left
            answered += size * (full - left)
        self._cohorts = _merged(cohorts)
        return held, answered

    def _resize(self, instances: int) -> None:
        cohorts = self._cohorts
        excess = -instances
        for size, _ in cohorts:
            excess += size
        if excess < 0:
            cohorts.append((-excess, 0.0))
        while excess > 0:
            size, content = cohorts.pop()
            if size > excess:
                cohorts.append((size - excess, content))
            excess -= min(size, excess)

    def _level(self, arrived: float) -> float:
        """Content up to which the arrivals fill the emptiest instances."""
        ordered = sorted(self._cohorts, key=lambda cohort: cohort[1])
        held, size, level = arrived, 0, 0.0
        for number, (alike, content) in enumerate(ordered):
            held += alike * content
            size += alike
            level = held / size
            if number + 1 == len(ordered) or level <= ordered[number + 1][1]:
                break
        return level


def _left(full: float, before: list[float], after: list[float], most: float) -> float:
    """Content at the end of a step, from that at its start plus what came."""
    if full >= before[-1]:
        return full - most
    at = bisect_right(before, full) - 1
    slope = (after[at + 1] - after[at]) / (before[at + 1] - before[at])
    return after[at] + (full - before[at]) * slope


def _merged(cohorts: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Neighbours that hold the same become one."""
    found: list[tuple[int, float]] = []
    for size, content in cohorts:
        if found and abs(found[-1][1] - content) <= _SAME:
            other, held = found[-1]
            found[-1] = (other + size, (other * held + size * content) / (other + size))
        else:
            found.append((size, content))
    return found
