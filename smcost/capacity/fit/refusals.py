"""Why observed minutes do not tell a capacity. Each is named, and says what would."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from smcost.capacity.fit.cells import FEWEST_MINUTES as FEWEST_IN_CELL
from smcost.capacity.fit.cells import Cells
from smcost.capacity.fit.evidence import BACKLOG, Evidence
from smcost.capacity.fit.shift import shift
from smcost.capacity.observed import ObservedMinutes

#: Minutes and requests below which there is nothing to fit.
FEWEST_MINUTES, FEWEST_REQUESTS = 120, 5_000
#: The longest step whose percentiles still belong to one load. [s]
LONGEST_STEP_S = 900
#: The busiest twentieth must see so many times the demand of the quietest.
LEAST_RANGE = 1.5
#: Levels of load that make a curve.
FEWEST_LEVELS = 4
#: Share of the busy minutes with errors beyond which they are the rule.
FAILING_SHARE = 0.2
#: Below this utilisation in the busiest minutes hardly anybody waited.
LEAST_UTILISATION = 0.4
#: Above this one in the quietest there was never an unloaded minute.
MOST_UTILISATION = 0.85
#: Largest ratio of the numbers of workers that explain the minutes equally well.
MOST_WORKERS_RATIO = 1.5
#: Error beyond chance, over all levels and statistics, and of any one of them.
MOST_ERROR, MOST_ERROR_OF_ONE = 0.04, 0.15
#: Drift of the error of one statistic from the quietest level to the busiest.
MOST_TREND = 0.08
#: Latency at high load this much below that at low load.
_FALLS = 0.9


class RefusalCode(StrEnum):
    """The closed list of ``refusals[].code``; each is described in ``docs/codes.md``."""

    COARSE_PERCENTILES = "coarse_percentiles"
    INSTANCES_UNKNOWN = "instances_unknown"
    NO_PERCENTILES = "no_percentiles"
    TOO_FEW_MINUTES = "too_few_minutes"
    ERRORS_UNDER_LOAD = "errors_under_load"
    SINGLE_LOAD_LEVEL = "single_load_level"
    LATENCY_SHIFTED = "latency_shifted"
    LATENCY_FALLS_WITH_LOAD = "latency_falls_with_load"
    ALWAYS_SATURATED = "always_saturated"
    NEVER_LOADED = "never_loaded"
    CONCURRENCY_UNTOLD = "concurrency_untold"
    NO_SUCH_SERVICE = "no_such_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why there is no capacity: one sentence of cause, one of remedy, without full stops."""

    code: RefusalCode
    cause: str
    remedy: str


def of_minutes(observed: ObservedMinutes, minutes: Evidence) -> Refusal | None:
    """What makes the minutes useless before anything is computed."""
    left, total = minutes.requests.size, len(observed)
    lost = minutes.left_out
    if observed.step_s > LONGEST_STEP_S:
        return Refusal(
            code=RefusalCode.COARSE_PERCENTILES,
            cause=f"A percentile over {observed.step_s} s mixes quiet and busy times",
            remedy="Pull at most 15 days, for which CloudWatch keeps minutes",
        )
    if minutes.failing > FAILING_SHARE:
        return Refusal(
            code=RefusalCode.ERRORS_UNDER_LOAD,
            cause=f"In {minutes.failing:.0%} of the busier minutes more than 1 % of the requests "
            "failed (5xx, 4xx or model errors), and what is refused takes no service time",
            remedy="Find out why they fail, and pull days without such errors; a container that "
            "sheds load is load-tested",
        )
    if left >= FEWEST_MINUTES and minutes.requests.sum() >= FEWEST_REQUESTS:
        return None
    if lost.get("instances not known", 0) > total / 2:
        return Refusal(
            code=RefusalCode.INSTANCES_UNKNOWN,
            cause=f"In {lost['instances not known']:,} of {total:,} minutes the number of "
            "instances is not known",
            remedy="Pull InvocationsPerInstance beside Invocations: their ratio is the number",
        )
    if lost.get("no latency percentiles", 0) > total / 2:
        return Refusal(
            code=RefusalCode.NO_PERCENTILES,
            cause=f"{lost['no latency percentiles']:,} of {total:,} minutes have no percentile of "
            "ModelLatency",
            remedy="Pull p50, p90, p95 and p99 of ModelLatency",
        )
    return Refusal(
        code=RefusalCode.TOO_FEW_MINUTES,
        cause=f"{left:,} usable minutes with {minutes.requests.sum():,.0f} requests are too few",
        remedy=f"Pull more days: at least {FEWEST_MINUTES} minutes, {FEWEST_REQUESTS:,} requests",
    )


def of_levels(minutes: Evidence, cells: Cells | None) -> Refusal | None:
    """What the levels of load themselves say against a fit."""
    backlog = minutes.left_out.get(BACKLOG, 0)
    if backlog > minutes.requests.size:
        return Refusal(
            code=RefusalCode.ALWAYS_SATURATED,
            cause=f"In {backlog:,} minutes, more than in all others, a backlog made requests wait",
            remedy="Pull days on which the fleet kept up with its traffic",
        )
    low, high = np.quantile(minutes.rate_rps, (0.05, 0.95))
    levels = 0 if cells is None else np.unique(cells.level).size
    if high < LEAST_RANGE * low:
        return Refusal(
            code=RefusalCode.SINGLE_LOAD_LEVEL,
            cause=f"Demand on one instance hardly varies, {low:.3g} to {high:.3g} rps, so that "
            "nobody can tell how latency depends on it",
            remedy="Pull days with quiet and busy hours, or test several rates",
        )
    if cells is None or levels < FEWEST_LEVELS:
        return Refusal(
            code=RefusalCode.SINGLE_LOAD_LEVEL,
            cause=f"Only {levels} of the levels of demand on one instance have "
            f"{FEWEST_IN_CELL} minutes with a fleet of one size, and {FEWEST_LEVELS} are a curve",
            remedy="Pull more days, or test several rates",
        )
    changed = shift(minutes, cells)
    if changed is not None:
        at = datetime.fromtimestamp(changed.at_s, UTC)
        return Refusal(
            code=RefusalCode.LATENCY_SHIFTED,
            cause=f"At the same load {changed.name} is {changed.ratio - 1:+.0%} from "
            f"{at:%a %Y-%m-%d %H:%M} UTC on: another model, container or payload",
            remedy=f"Pull fewer --days: only those after {at:%Y-%m-%d %H:%M} UTC",
        )
    return _falling(cells)


def _falling(cells: Cells) -> Refusal | None:
    third = np.quantile(cells.rate_rps, (1 / 3, 2 / 3))
    # Means over the levels of statistics that every level has.
    known = np.isfinite(cells.statistics).all(axis=0)
    quiet = cells.statistics[cells.rate_rps <= third[0]][:, known].mean(axis=0)
    busy = cells.statistics[cells.rate_rps >= third[1]][:, known].mean(axis=0)
    ratio = np.exp(busy - quiet)
    if ratio.size == 0 or ratio.min() > _FALLS:
        return None
    names = np.array(["mean", *(f"p{100 * fraction:g}" for fraction in cells.fractions)])[known]
    return Refusal(
        code=RefusalCode.LATENCY_FALLS_WITH_LOAD,
        cause=f"At high load the {names[ratio.argmin()]} is {1 - ratio.min():.0%} below that at "
        "low load: caches that warm up, batching, or cheaper requests in busy hours",
        remedy="Load-test with requests like those of the busiest hour",
    )
