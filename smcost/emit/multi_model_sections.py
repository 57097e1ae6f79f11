"""Models that share an endpoint as sections, and the sentences that say why."""

import math
from dataclasses import dataclass
from decimal import Decimal

from smcost.emit.section import Section, figure, milliseconds, usd
from smcost.emit.sections import assumptions_section
from smcost.multi_model import Answer, Binds, Obstacle, Point, Problem, Saving
from smcost.multi_model.lru import Simulated
from smcost.multi_model.sensitivity import Otherwise
from smcost.remarks import Remarks
from smcost.units import BYTES_PER_GB

#: Hit rates above it would read 100.00%.
_ALL = 0.99995


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MultiModelResult:
    """An answer with what it was asked.

    ``saving`` is ``None`` where nothing meets the SLO, ``sensitivity`` empty unless asked for.
    """

    problem: Problem
    instance_type: str
    region: str
    found: Answer
    saving: Saving | None
    sensitivity: tuple[Otherwise, ...]
    hours_per_month: Decimal

    @property
    def why(self) -> str:
        """What asks for so many instances, or why no number will do: a sentence."""
        return _why_none(self) if self.found.best is None else _why(self, self.found.best)


def multi_model_sections(
    result: MultiModelResult, remarks: Remarks, *, explain: bool
) -> list[Section]:
    """What ``smcost multi-model`` prints."""
    sections = [_answer_section(result), _hit_section(result), _curve_section(result)]
    if result.saving is not None:
        sections.append(_saving_section(result.saving))
    if explain and result.sensitivity:
        sections.append(_sensitivity_section(result.sensitivity))
    return [*sections, assumptions_section(remarks, explain=explain)]


def _answer_section(result: MultiModelResult) -> Section:
    found, models = result.found, _models(result.problem.hosted.count)
    if found.best is None:
        title = f"No number of {result.instance_type} carries {models} in {result.region}"
        return Section(title=title, sentences=(result.why,))
    best = found.best
    title = (
        f"{best.instances} x {result.instance_type} in {result.region} for {models}, "
        f"{usd(best.usd)} USD per month"
    )
    rows = (
        ("memory, if no request had to queue", _count(found.for_memory)),
        ("throughput, if every model were loaded", _count(found.for_throughput)),
        ("both", str(best.instances)),
        ("both, with one instance lost", _count(found.surviving)),
        (f"both, placed {_other(result)}", _count(found.other_placement)),
    )
    return Section(
        title=title, sentences=(result.why,), columns=("needed for", ">instances"), rows=rows
    )


def _other(result: MultiModelResult) -> str:
    return "spread" if result.problem.placement.value == "sticky" else "sticky"


def _models(count: float) -> str:
    said = f"{count:,}" if isinstance(count, int) else figure(count)
    return "1 model" if said == "1" else f"{said} models"


def _count(count: int | None) -> str:
    return "no number" if count is None else f"{count:,}"


def _hit_section(result: MultiModelResult) -> Section:
    found, problem = result.found, result.problem
    shown = found.best or found.nearest
    assert shown is not None
    total_gb = problem.hosted.total_bytes / BYTES_PER_GB
    room_gb = problem.memory_bytes * shown.instances / BYTES_PER_GB
    room = (
        f"All models take {figure(total_gb)} GB; {_instances(shown.instances)} {figure(room_gb)} "
        f"GB for models and {_models(shown.loaded_per_instance)} in memory each on average, "
        f"{figure(shown.held_bytes / BYTES_PER_GB)} GB in all."
    )
    if shown.cold_share == 0:
        all_hit = "Every model stays in memory once it is loaded: all requests but the first hit."
        return Section(title="Memory", sentences=(room, all_hit))
    sentences = (
        room,
        _hit_sentence(shown, found.checked),
        f"{_waiting(shown)} of the requests wait for a model, those that join a load included; "
        f"{figure(shown.loads_per_hour)} loads an hour.",
        f"Of the slowest 5% of the requests {shown.cold_beyond_p95:.0%} waited for a model, of the "
        f"slowest 1% {shown.cold_beyond_p99:.0%}.",
    )
    return Section(title="Memory", sentences=sentences)


def _hit_sentence(shown: Point, checked: Simulated) -> str:
    return (
        f"Hit rate {shown.hit_rate:.2%} by Che's approximation, {checked.hit_rate:.2%} in an exact "
        f"LRU simulation of {checked.requests:,} requests (standard error "
        f"{checked.standard_error:.2%})."
    )


def _instances(count: int) -> str:
    return "1 instance has" if count == 1 else f"{count:,} instances have"


def _waiting(point: Point) -> str:
    return f"{'At least ' if point.loads_pile_up else ''}{point.cold_share:.2%}"


def _why(result: MultiModelResult, best: Point) -> str:
    found, problem = result.found, result.problem
    fewer = next((p for p in found.curve if p.instances == best.instances - 1), None)
    if fewer is None or found.binds is Binds.MIN_INSTANCES:
        return f"{best.instances:,}, the least there are to be (--min-instances), meets the SLO."
    reason = {
        Binds.MEMORY: "Memory decides",
        Binds.THROUGHPUT: "Throughput decides",
        Binds.BOTH: "Memory and throughput decide together",
        Binds.MIN_INSTANCES: "",
    }[found.binds or Binds.BOTH]
    said = (
        f"{reason}. With {fewer.instances:,}, {_broken(fewer)}: {fewer.hit_rate:.2%} of the "
        f"requests find their model loaded, {_waiting(fewer).lower()} wait for one"
    )
    if fewer.loads_pile_up:
        said += ", and in the busiest minutes loads come faster than they are done"
    else:
        said += (
            f", worst-window p95 {milliseconds(fewer.worst_p95_s)}, "
            f"p99 {milliseconds(fewer.worst_p99_s)}"
        )
    return f"{said}.{'' if found.binds is Binds.THROUGHPUT else _rule(problem)}"


def _broken(point: Point) -> str:
    if point.breaks == "max_failed":
        return "more requests fail than --max-failed allows"
    return f"the {point.breaks} does not hold"


def _rule(problem: Problem) -> str:
    """What a limit below the load time means for the hit rate."""
    shortest_s = float(problem.hosted.load_s.min())
    below = [o for o in problem.slo.objectives if o.limit_s < shortest_s + problem.terms.overhead_s]
    if not below:
        return ""
    tightest = max(below, key=lambda objective: objective.fraction)
    return (
        f" A {tightest.name} shorter than a load ({figure(shortest_s)} s or more) lets at most "
        f"{tightest.allowed_late:.0%} of the requests wait for a model."
    )


def _why_none(result: MultiModelResult) -> str:
    found, problem = result.found, result.problem
    nearest = found.nearest
    assert nearest is not None
    if found.obstacle is Obstacle.SERVICE_TIME:
        return (
            "The service time alone breaks the SLO: even an idle instance with the model in memory "
            "answers too late, so no number of instances will do"
        )
    if found.obstacle is Obstacle.COLD_LOADS:
        gb = problem.hosted.total_bytes / BYTES_PER_GB
        return (
            f"Every instance is asked for every model, and {1 - nearest.hit_rate:.2%} of the "
            f"requests find theirs missing however many instances there are.{_rule(problem)} "
            f"What helps is memory in each instance (all models take {figure(gb)} GB), shorter "
            "loads, or an endpoint of their own for some"
        )
    return f"Not even {nearest.instances:,} instances meet the SLO: {_broken(nearest)}"


def _curve_section(result: MultiModelResult) -> Section:
    """Narrow enough for 80 columns, so that its words are told above."""
    columns = (">fleet", ">density", ">hits", ">waiting", ">p95", ">p99", ">USD", "SLO")
    timeout_s = result.problem.terms.timeout_s
    best = result.found.best
    rows = tuple(_curve_row(point, best, timeout_s) for point in result.found.curve)
    sentences = (
        "Density: size of all models over the memory of all instances; hits: requests whose model "
        "is loaded; waiting: requests that wait for one; p95 and p99 of the worst window; USD per "
        "month.",
    )
    return Section(title="Density against latency", sentences=sentences, columns=columns, rows=rows)


def _curve_row(point: Point, best: Point | None, timeout_s: float) -> tuple[str, ...]:
    chosen = best is not None and point.instances == best.instances
    breaks = "failures" if point.breaks == "max_failed" else f"not {point.breaks}"
    return (
        f"{point.instances:,}",
        f"{point.overcommitment:.2f}",
        "100%" if point.hit_rate > _ALL else f"{point.hit_rate:.2%}",
        "pile up" if point.loads_pile_up else f"{point.cold_share:.2%}",
        *(_latency(value_s, timeout_s) for value_s in (point.worst_p95_s, point.worst_p99_s)),
        usd(point.usd),
        breaks if not point.meets else "cheapest" if chosen else "holds",
    )


def _latency(value_s: float, timeout_s: float) -> str:
    return f"> {timeout_s:g} s" if math.isinf(value_s) else milliseconds(value_s)


def _saving_section(saving: Saving) -> Section:
    separate = saving.separate
    count = f"{separate.instances:,} x {separate.instance_type}"
    more = ""
    if separate.more_than_least:
        more = f" ({_models(separate.more_than_least)} with more than the least)"
    if separate.never:
        more += f" ({_models(separate.never)} alone never so fast, counted with the least)"
    at_least = "" if separate.sized and not separate.never else "at least "
    amount = abs(saving.saving_usd)
    part = amount / saving.separate_usd if saving.separate_usd else Decimal(0)
    verb = "saves" if saving.saving_usd >= 0 else "costs"
    # What is a lower bound of the endpoints is an upper one of what sharing costs more.
    bound = at_least if saving.saving_usd >= 0 else at_least.replace("least", "most")
    beyond = "of that" if saving.saving_usd >= 0 else "more"
    return Section(
        title="Against one endpoint per model",
        sentences=(
            f"{count}{more}, {at_least}{usd(saving.separate_usd)} USD per month: sharing {verb} "
            f"{bound}{usd(amount)} USD, {part:.1%} {beyond}.",
            f"As many instances pay from {saving.break_even_models:,} models on.",
        ),
    )


def _sensitivity_section(rows: tuple[Otherwise, ...]) -> Section:
    return Section(
        title="If it is otherwise",
        columns=("assumption", "value", ">instances"),
        rows=tuple((row.factor.value, row.value, _count(row.instances)) for row in rows),
    )
