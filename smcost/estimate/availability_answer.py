"""Whether a configuration survives a loss, at its worst moments and by the rule of thumb."""

from dataclasses import dataclass, replace

from smcost.availability import Loss
from smcost.capacity.at_slo import max_rps_within
from smcost.estimate.configuration import replay_variant
from smcost.estimate.loss import LossJudge, MomentOfLoss
from smcost.estimate.stretch import Service
from smcost.remarks import Caveat, WarningCode
from smcost.replay.counts import Delays
from smcost.replay.metrics import Watched
from smcost.traffic.minutes import MinuteCounts
from smcost.units import per_minute
from smcost.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityAnswer:
    """Whether a configuration survives a loss.

    Attributes
    ----------
    loss, replaced_after_s
        What is lost, and when replacements serve. [s]
    moments
        The worst ones of the trace, worst first.
    peak_per_minute
        Invocations of the busiest minute. [count]
    max_rps_at_slo, rule_count
        Rate of one instance within the limits, and by it the count that carries the peak with the
        lost ones missing; ``None`` without an SLO, or where no rate is within. [s^-1, instances]
    """

    loss: Loss
    replaced_after_s: float
    moments: tuple[MomentOfLoss, ...]
    peak_per_minute: int
    max_rps_at_slo: float | None
    rule_count: int | None

    @property
    def breaks(self) -> tuple[str, ...] | None:
        """All that some moment breaks; empty: it survives; ``None`` without an SLO."""
        found = [moment.latency.breaks for moment in self.moments]
        if any(breaks is None for breaks in found):
            return None
        return tuple(dict.fromkeys(name for breaks in found for name in breaks or ()))


def availability_answer(
    variant: Variant,
    minutes: MinuteCounts | None,
    delays: Delays,
    watched: Watched | None,
    service: Service | None,
    loss: Loss | None,
) -> AvailabilityAnswer | None:
    """Replay a variant, judge it by a loss, and say what the rule of thumb asks for.

    ``None`` where no loss is given, or traffic or service are not known.
    """
    if loss is None or service is None or minutes is None:
        return None
    in_service = replay_variant(variant, minutes, delays, watched).in_service
    judge = LossJudge(minutes, delays, variant.routing, service, loss)
    peak = int(minutes.invocations.max())
    rate = _max_rps_at_slo(service)
    return AvailabilityAnswer(
        loss=loss,
        replaced_after_s=loss.replaced_after_s(delays.startup_s),
        moments=judge.moments(in_service),
        peak_per_minute=peak,
        max_rps_at_slo=rate,
        rule_count=None if rate is None else loss.needed_at(peak, per_minute(rate)),
    )


def _max_rps_at_slo(service: Service) -> float | None:
    """Of one instance by itself, its overhead taken off the limits. [s^-1]"""
    objectives = () if service.slo is None else service.slo.objectives
    left_s = [o.limit_s - service.terms.overhead_s for o in objectives]
    if not left_s or min(left_s) <= 0:
        return None
    inner = [replace(o, limit_s=limit) for o, limit in zip(objectives, left_s, strict=True)]
    return max_rps_within(service.profile, inner) or None


def loss_caveats(answer: AvailabilityAnswer | None) -> tuple[Caveat, ...]:
    """Say that a loss breaks what the configuration keeps without."""
    if answer is None or not answer.breaks:
        return ()
    worst = next(moment for moment in answer.moments if moment.latency.breaks)
    left = "nobody" if not worst.count_left else f"{worst.count_left} of {worst.count_before}"
    message = (
        f"The loss of {answer.loss.what.told} breaks {' and '.join(answer.breaks)} in the stretch "
        f"around it: it leaves {left} for {answer.replaced_after_s:,.0f} s; smcost recommend "
        f"--survive {answer.loss.what.value} finds what does not break"
    )
    return (Caveat(code=WarningCode.LOSS_BREAKS_SLO, message=message),)
