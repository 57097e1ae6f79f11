"""What ``estimate`` and ``recommend`` both ask: traffic, capacity, prices, policy, SLO."""

from dataclasses import dataclass
from decimal import Decimal

from smcost.cli.capacity_input import CapacityInput, capacity_input
from smcost.cli.cost_input import CostInput, cost_input
from smcost.cli.flags import Flags
from smcost.cli.policy_input import delays_input, routing_input, slo_input, terms_input
from smcost.cli.sources import Sources
from smcost.cli.traffic_input import TrafficInput, traffic_input
from smcost.cost import Cost
from smcost.errors import InputError, UsageError
from smcost.remarks import Assumption, Caveat, Remarks
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Slo
from smcost.units import parse_duration_s
from smcost.variant import Routing

#: Far beyond any account's quota; keeps slips of the keyboard out of the arithmetic.
_LARGEST_FLEET = 1_000_000
_SMALLEST_TARGET_PER_MINUTE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The flags as values. The groups of assumptions are printed where they were used."""

    able: CapacityInput
    given: TrafficInput
    paid: CostInput
    slo: Slo | None
    terms: LatencyTerms
    delays: Delays
    routing: Routing
    scale_in_cooldown_s: float
    scale_out_cooldown_s: float
    current_usd: Decimal | None
    scaling_assumptions: tuple[Assumption, ...]
    latency_assumptions: tuple[Assumption, ...]

    def saving_usd(self, cost: Cost | None) -> Decimal | None:
        """What the result saves against ``--current``, where both are known."""
        if self.current_usd is None or cost is None or cost.expected is None:
            return None
        return self.current_usd - cost.expected.usd

    def remarks(
        self,
        *,
        scaling: bool,
        latency: bool,
        caveats: tuple[Caveat, ...],
        extra: tuple[Assumption, ...] = (),
    ) -> Remarks:
        """Everything that travels beside a result, without what played no part in it."""
        return Remarks(
            assumptions=(
                *self.able.assumptions,
                *self.paid.assumptions,
                *self.given.assumptions,
                *(self.scaling_assumptions if scaling else ()),
                *(self.latency_assumptions if latency else ()),
                *extra,
            ),
            caveats=(*self.paid.caveats, *self.given.caveats, *caveats),
            prices=self.paid.provenance,
            traffic=self.given.origin,
            capacity=self.able.origin,
        )


def ask(sources: Sources, flags: Flags) -> Question:
    """Turn flags into values: first what costs nothing to check, then the files.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price.
    """
    _refuse_absurd(flags)
    able = capacity_input(sources, flags)
    slo, slo_assumptions = slo_input(sources, flags)
    terms, terms_assumptions = terms_input(sources, flags)
    routing, routing_assumption = routing_input(sources, flags)
    delays, scaling_assumptions = delays_input(sources, flags, able.instance_type)
    cooldowns_s = (
        parse_duration_s(flags.scale_in_cooldown, "--scale-in-cooldown"),
        parse_duration_s(flags.scale_out_cooldown, "--scale-out-cooldown"),
    )
    has_traffic = flags.traffic is not None or flags.rps is not None
    paid = cost_input(sources, flags, instance_type=able.instance_type, has_traffic=has_traffic)
    return Question(
        able=able,
        given=traffic_input(sources, flags),
        paid=paid,
        slo=slo,
        terms=terms,
        delays=delays,
        routing=routing,
        scale_in_cooldown_s=cooldowns_s[0],
        scale_out_cooldown_s=cooldowns_s[1],
        current_usd=_current(flags, paid.hours_per_month),
        scaling_assumptions=scaling_assumptions,
        latency_assumptions=(routing_assumption, *terms_assumptions, *slo_assumptions),
    )


def _refuse_absurd(flags: Flags) -> None:
    counts = {
        "--count": flags.count,
        "--min": flags.minimum,
        "--max": flags.maximum,
        "--min-instances": flags.min_instances,
    }
    for flag, count in counts.items():
        if count is not None and count > _LARGEST_FLEET:
            raise UsageError(
                f"No account has {count} instances",
                remedy=f"Give at most {_LARGEST_FLEET}",
                place=flag,
            )
    if flags.target is not None and 0 < flags.target < _SMALLEST_TARGET_PER_MINUTE:
        raise UsageError(
            f"A target of {flags.target:g} invocations per instance per minute is next to nothing",
            remedy=f"Give {_SMALLEST_TARGET_PER_MINUTE:g} or more",
            place="--target",
        )


def _current(flags: Flags, hours_per_month: Decimal) -> Decimal | None:
    """Today's expected cost, from an estimate with the same month."""
    if flags.current is None:
        return None
    from smcost.read.estimate_json import read_current

    current = read_current(flags.current)
    if current.hours_per_month != hours_per_month:
        raise InputError(
            f"The estimate is for {current.hours_per_month} hours per month, this run for "
            f"{hours_per_month}",
            remedy="Give both the same --hours-per-month",
            place=str(flags.current),
        )
    return current.expected_usd
