"""Delays, routing, latency terms and SLO flags -> values, with their assumptions."""

from enum import StrEnum

from smcost.capacity import Routing
from smcost.cli.choice import choice
from smcost.cli.components_flags import ComponentsFlags
from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.read.bundled import bundled_catalogue
from smcost.remarks import Assumption
from smcost.replay.counts import START_MINUTES, Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Objective, Slo, SloWindow
from smcost.units import parse_duration_s, parse_share

_ROUTINGS = {
    "random": (Routing.RANDOM, "independent queues"),
    "least-outstanding": (
        Routing.LEAST_OUTSTANDING_REQUESTS,
        "each request to the instance with fewest outstanding, known without delay",
    ),
}


class TimedOutWork(StrEnum):
    """What the container does with a request that has timed out; AWS does not say."""

    KEPT = "kept"
    DROPPED = "dropped"

    @property
    def meaning(self) -> str:
        """As an assumption."""
        if self is TimedOutWork.KEPT:
            return "the container finishes it all the same"
        return "the container stops working on it"


_STARTUP_CPU_S, _STARTUP_GPU_S = 300.0, 360.0


def delays_input(
    sources: Sources, flags: Flags, instance_type: str
) -> tuple[Delays, tuple[Assumption, ...]]:
    """Start-up and reaction time."""
    startup_s, startup_source = _startup(sources, flags, instance_type)
    reaction_s = parse_duration_s(flags.reaction_time, "--reaction-time")
    return Delays(reaction_s=reaction_s, startup_s=startup_s), (
        Assumption(name="start-up time", value=f"{startup_s:g} s", source=startup_source),
        sources.assumption(
            "publication and reaction",
            f"{reaction_s:g} s",
            "reaction_time",
            "default; 1 to 2 min were observed",
        ),
        Assumption(
            name="alarms",
            value="out after 3 of 3 min above the target, in after 15 of 15 below 0.9 x target",
            source="observed on repost.aws; not configurable",
        ),
        Assumption(
            name="scale-out step",
            value="ceil(in service x metric / target), one activity at a time",
            source="inferred from the AWS documentation",
        ),
        Assumption(
            name="scale-in step",
            value="the same, if one instance fewer would not exceed the target; newest leave first",
            source="inferred from the AWS documentation",
        ),
        sources.assumption(
            "scale-in cooldown", flags.scale_in_cooldown, "scale_in_cooldown", "default of AWS"
        ),
        Assumption(
            name="start of the replay",
            value=f"what the mean of the first {START_MINUTES} minutes wants",
            source="model",
        ),
    )


def _startup(sources: Sources, flags: Flags, instance_type: str) -> tuple[float, str]:
    """As given, or as learned on this very type, or the default; and where it is from. [s]"""
    known = bundled_catalogue().instance_types.get(instance_type)
    gpu = known is not None and bool(known.gpus)
    default = f"default for a type {'with' if gpu else 'without'} GPU; 134 to 525 s were measured"
    learned_on = flags.startup_learned_on
    if flags.startup_time is None or learned_on not in (None, instance_type):
        beside = "" if learned_on is None else f"; the endpoint's scale-outs are of {learned_on}"
        return _STARTUP_GPU_S if gpu else _STARTUP_CPU_S, default + beside
    startup_s = parse_duration_s(flags.startup_time, "--startup-time")
    return startup_s, sources.of("startup_time", default)


def routing_of(text: str) -> Routing:
    """The strategy that ``--routing`` names.

    Raises
    ------
    UsageError
        Neither random nor least-outstanding.
    """
    if text not in _ROUTINGS:
        raise UsageError(
            f"{text!r} is not known", remedy=f"Use {' or '.join(_ROUTINGS)}", place="--routing"
        )
    return _ROUTINGS[text][0]


def routing_input(sources: Sources, flags: Flags | ComponentsFlags) -> tuple[Routing, Assumption]:
    """How requests find an instance.

    Raises
    ------
    UsageError
        Neither random nor least-outstanding.
    """
    routing = routing_of(flags.routing)
    meaning = _ROUTINGS[flags.routing][1]
    return routing, sources.assumption(
        "routing", f"{routing.value}: {meaning}", "routing", "default of the SageMaker API"
    )


def terms_input(
    sources: Sources, flags: Flags | ComponentsFlags
) -> tuple[LatencyTerms, tuple[Assumption, ...]]:
    """Overhead, invocation timeout, and what becomes of the work on requests beyond it."""
    timed_out = choice(TimedOutWork, flags.timed_out_work, "--timed-out-work")
    terms = LatencyTerms(
        drops_timed_out=timed_out is TimedOutWork.DROPPED,
        overhead_s=parse_duration_s(flags.overhead, "--overhead"),
        timeout_s=parse_duration_s(flags.timeout, "--timeout"),
    )
    if terms.timeout_s == 0:
        raise UsageError("A timeout of 0 fails everything", remedy="Use 60s", place="--timeout")
    return terms, (
        sources.assumption("overhead", flags.overhead, "overhead"),
        sources.assumption("invocation timeout", flags.timeout, "timeout"),
        sources.assumption(
            "timed-out work", timed_out.meaning, "timed_out_work", "default; not documented"
        ),
    )


def slo_input(sources: Sources, flags: Flags) -> tuple[Slo | None, tuple[Assumption, ...]]:
    """The SLO, or ``None`` where no percentile was given.

    Raises
    ------
    UsageError
        A limit without a unit, p95 above p99, a share without a percent sign.
    """
    window = choice(SloWindow, flags.slo_window, "--slo-window")
    attainment = parse_share(flags.slo_attainment, "--slo-attainment")
    failed = parse_share(flags.max_failed, "--max-failed")
    objectives = tuple(
        Objective(fraction=fraction, limit_s=parse_duration_s(limit, flag))
        for fraction, limit, flag in ((0.95, flags.p95, "--p95"), (0.99, flags.p99, "--p99"))
        if limit is not None
    )
    if not objectives:
        return None, ()
    slo = Slo(objectives=objectives, window=window, attainment=attainment, max_failed=failed)
    origin = sources.of_all(*(name for name in ("p95", "p99") if sources.given(name)))
    limits = " and ".join(f"{o.name} <= {1000 * o.limit_s:g} ms" for o in objectives)
    return slo, (
        Assumption(name="SLO", value=limits, source=origin),
        sources.assumption("SLO window", f"every {window.value} (UTC)", "slo_window"),
        sources.assumption("SLO attainment", flags.slo_attainment, "slo_attainment"),
        sources.assumption("failures allowed", flags.max_failed, "max_failed"),
    )
