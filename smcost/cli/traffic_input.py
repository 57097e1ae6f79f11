"""Traffic flags -> the minutes to replay, with their assumptions and warnings."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from smcost.cli.components_flags import ComponentsFlags
from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.cli.traffic_reading import reading
from smcost.errors import UsageError
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.traffic.bursts import index_of_dispersion
from smcost.traffic.minutes import GapTreatment, MinuteCounts, to_minutes
from smcost.traffic.trace import Trace

_SHORT_HORIZON_DAYS = 7
_LARGEST_SCALE = 1e6
_LARGEST_DISPERSION = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficInput:
    """The minutes to replay (``None``: no traffic was given), where from, and what to know.

    ``burstiness`` is the index of dispersion of the requests per second, given or measured;
    ``repeats``: the hours stand for all others, as those of a typical day do, or of no traffic.
    """

    minutes: MinuteCounts | None
    origin: str | None
    assumptions: tuple[Assumption, ...]
    caveats: tuple[Caveat, ...]
    burstiness: float = 1.0
    repeats: bool = False

    @property
    def poisson(self) -> bool:
        """Whether arrivals within a minute are what the formulas take them for."""
        return self.burstiness == 1 and (self.minutes is None or self.minutes.offsets_s is None)


def traffic_input(sources: Sources, flags: Flags) -> TrafficInput:
    """Read or make the traffic.

    Raises
    ------
    UsageError, InputError
        Two origins at once, a value that makes no sense, or a file that cannot be read.
    """
    if not 1 <= flags.burstiness <= _LARGEST_DISPERSION:
        raise UsageError(
            f"A burstiness of {flags.burstiness:g} is no index of dispersion of bursts",
            remedy=f"Give 1 (Poisson within the minute) to {_LARGEST_DISPERSION:g}",
            place="--burstiness",
        )
    treatment = gap_treatment(flags)
    how = reading(flags.duplicates, flags.requests, flags.period, flags.metric_id)
    flags = _one_origin(sources, flags)
    if flags.traffic is None:
        return _synthetic(sources, flags)
    from smcost.read.traffic_file import read_traffic_file
    from smcost.traffic.gaps import gap_caveats

    found = read_traffic_file(flags.traffic, how)
    trace, kind = found.trace, f" ({found.source})" if found.source else ""
    caveats = [*found.caveats, *gap_caveats(trace)]
    burstiness, arrivals = _bursts(sources, flags, trace)
    minutes = to_minutes(_scaled(trace, flags.traffic_scale), gaps=treatment)
    caveats += short_horizon(minutes)
    assumptions = [sources.assumption("gaps and suspected outages", flags.gaps, "gaps")]
    return TrafficInput(
        minutes=minutes,
        origin=(
            f"{flags.traffic.name}{kind}, step {trace.step_s} s{_scale_note(flags.traffic_scale)}, "
            f"{minutes.total:,} invocations"
        ),
        burstiness=burstiness,
        assumptions=(*assumptions, arrivals),
        caveats=tuple(caveats),
    )


def gap_treatment(flags: Flags | ComponentsFlags) -> GapTreatment:
    """``--gaps``, beside a ``--traffic-scale`` that makes sense.

    Raises
    ------
    UsageError
    """
    if flags.traffic_scale > _LARGEST_SCALE:
        raise UsageError(
            f"A traffic scale of {flags.traffic_scale:g} is no growth factor",
            remedy=f"Give one of at most {_LARGEST_SCALE:.0e}",
            place="--traffic-scale",
        )
    if flags.gaps not in ("exclude", "zero"):
        raise UsageError(
            f"{flags.gaps!r} is not known", remedy="Use exclude or zero", place="--gaps"
        )
    return cast("GapTreatment", flags.gaps)


def _one_origin(sources: Sources, flags: Flags) -> Flags:
    """A file or a rate: the nearer goes before what settings and environment hold."""
    if flags.traffic is None or (flags.rps is None and flags.peak_rps is None):
        return flags
    file, rate = sources.rank("traffic"), sources.rank("rps", "peak_rps")
    if file == rate:
        raise UsageError(
            "Both a traffic file and a rate are given",
            remedy="Give --traffic, or --rps with or without --peak-rps",
        )
    if file > rate:
        return replace(flags, rps=None, peak_rps=None)
    return replace(flags, traffic=None)


def _synthetic(sources: Sources, flags: Flags) -> TrafficInput:
    from smcost.traffic.synthetic import constant, day_shape

    rps, peak_rps, scale = flags.rps, flags.peak_rps, flags.traffic_scale
    if rps is None:
        if peak_rps is not None:
            raise UsageError(
                "A peak is given without a mean", remedy="Add --rps, the mean", place="--peak-rps"
            )
        return TrafficInput(minutes=None, origin=None, assumptions=(), caveats=(), repeats=True)
    # Windows of the week need a week, and so do actions that may run on some of its days alone.
    days = 7 if flags.non_prod is not None or flags.scheduled_action else 1
    if peak_rps is None:
        trace, shape = constant(rps, days), "constant"
    else:
        trace = day_shape(rps, peak_rps, days)
        shape = "one day, a cosine bell with its peak at 14:00 UTC"
        if days > 1:
            shape += ", the same on every day of a week"
    origin = f"synthetic, mean {rps:g} rps" + (f", peak {peak_rps:g} rps" if peak_rps else "")
    return TrafficInput(
        minutes=to_minutes(_scaled(trace, scale)),
        origin=origin + _scale_note(scale),
        burstiness=flags.burstiness,
        assumptions=(
            sources.assumption("traffic shape", shape, "rps"),
            _arrivals(sources, flags),
        ),
        caveats=(),
        repeats=True,
    )


def _scaled(trace: Trace, scale: float) -> Trace:
    return trace if scale == 1 else trace.scaled(scale)


def _scale_note(scale: float) -> str:
    return "" if scale == 1 else f", times {scale:g}"


def _bursts(sources: Sources, flags: Flags, trace: Trace) -> tuple[float, Assumption]:
    """Index of dispersion of the arrivals, and what is assumed of them.

    A log that is scaled keeps its bursts as far as they are measured.
    """
    if trace.offsets_s is None:
        return flags.burstiness, _arrivals(sources, flags)
    if flags.burstiness != 1:
        raise UsageError(
            "The times of the requests say how bursty they are",
            remedy="Leave --burstiness out, or count the requests per minute",
            place="--burstiness",
        )
    # An access log is known to be one without the flag.
    name, flag = "arrivals within a minute", "requests" if flags.requests else "traffic"
    if flags.traffic_scale == 1:
        return 1.0, sources.assumption(name, "as logged", flag)
    measured = max(1.0, index_of_dispersion(trace) or 1.0)
    value = f"seconds with an index of dispersion of {measured:.3g}, as measured in the log"
    return measured, sources.assumption(name, value, flag)


def _arrivals(sources: Sources, flags: Flags) -> Assumption:
    value = "Poisson given the minute's count; bursts below a minute would raise p99"
    if flags.burstiness != 1:
        value = (
            f"seconds with an index of dispersion of {flags.burstiness:g}, given the minute's count"
        )
    return sources.assumption("arrivals within a minute", value, "burstiness", "model")


def short_horizon(minutes: MinuteCounts) -> list[Caveat]:
    """A warning where observed traffic covers less than a week."""
    if minutes.invocations.size >= _SHORT_HORIZON_DAYS * 1440:
        return []
    hours = Decimal(minutes.invocations.size) / 60
    message = (
        f"The traffic covers {hours:,.1f} h, less than a week: a month is that stretch "
        "repeated, without the nights or weekends it does not hold"
    )
    return [Caveat(code=WarningCode.SHORT_HORIZON, message=message)]
