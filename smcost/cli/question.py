"""What ``estimate`` and ``recommend`` both ask: traffic, capacity, prices, policy, SLO."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from smcost.capacity import Kind, Routing
from smcost.capacity.traps import rates_caveat, routing_caveat
from smcost.cli.capacity_input import CapacityInput, capacity_inputs, one_capacity
from smcost.cli.choice import choice
from smcost.cli.cost_input import CostInput, cost_input
from smcost.cli.current_input import current_caveats, current_input
from smcost.cli.flags import Flags
from smcost.cli.kind_input import refuse_lonely_kinds
from smcost.cli.policy_input import delays_input, routing_input, slo_input, terms_input
from smcost.cli.price_input import KnownPrices, known_prices
from smcost.cli.sources import Sources
from smcost.cli.traffic_input import TrafficInput, traffic_input
from smcost.cost import Cost
from smcost.errors import PriceError, UsageError
from smcost.prices.age import StalePriceError
from smcost.read.estimate_json import Current
from smcost.recommend.result import ReasonCode, Rejected
from smcost.remarks import Assumption, Caveat, EndpointProvenance, Remarks
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Slo, SloWindow
from smcost.units import parse_duration_s, parse_share

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
    max_failed: float
    window: SloWindow
    terms: LatencyTerms
    delays: Delays
    routing: Routing
    scale_in_cooldown_s: float
    scale_out_cooldown_s: float
    current: Current | None
    scaling_assumptions: tuple[Assumption, ...]
    latency_assumptions: tuple[Assumption, ...]

    @property
    def cooldowns_s(self) -> tuple[float, float]:
        """After a scale-in, and after a scale-out. [s]"""
        return self.scale_in_cooldown_s, self.scale_out_cooldown_s

    def capacity_caveats(self, *, exact: bool) -> tuple[Caveat, ...]:
        """The traps that the measured capacity shows, those beyond its last passing level too."""
        profile = self.able.profile
        if profile is None:
            return ()
        found = [*self.able.caveats, *profile.caveats()]
        if profile.kind is Kind.RATES:
            if self.routing is Routing.LEAST_OUTSTANDING_REQUESTS:
                found.append(routing_caveat(profile.instance_type))
            if exact or not self.given.poisson:
                found.append(rates_caveat(profile.instance_type))
        return tuple(found)

    def saving_usd(self, cost: Cost | None) -> Decimal | None:
        """What the result saves against ``--current``, where both are known."""
        if self.current is None or cost is None or cost.expected is None:
            return None
        return self.current.expected_usd - cost.expected.usd

    def remarks(
        self,
        *,
        scaling: bool,
        latency: bool,
        caveats: tuple[Caveat, ...],
        extra: tuple[Assumption, ...] = (),
        endpoint: EndpointProvenance | None = None,
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
            caveats=(
                *self.paid.caveats,
                *self.given.caveats,
                *self._current_caveats(),
                *caveats,
            ),
            prices=self.paid.provenance,
            traffic=self.given.origin,
            capacity=self.able.origin,
            endpoint=endpoint,
        )

    def _current_caveats(self) -> tuple[Caveat, ...]:
        if self.current is None:
            return ()
        return current_caveats(self.current, self.given, self.able)


def ask(sources: Sources, flags: Flags) -> Question:
    """Turn flags into values: first what costs nothing to check, then the files.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price, or more than one instance type.
    """
    _refuse_absurd(flags)
    refuse_lonely_kinds(sources, flags)
    able = one_capacity(sources, flags)
    asked = _asked(sources, flags, able, _prices(flags))
    return asked(traffic_input(sources, flags))


def ask_each(sources: Sources, flags: Flags) -> tuple[list[Question], list[Rejected]]:
    """One question for each instance type that has a price, and the types that have none.

    Raises
    ------
    SmcostError
        As :func:`ask`; a missing price only where no type has one, one too old anywhere.
    """
    _refuse_absurd(flags)
    refuse_lonely_kinds(sources, flags)
    asked, rejected, errors = [], [], []
    prices = _prices(flags)
    for able in capacity_inputs(sources, flags):
        try:
            asked.append(_asked(sources, flags, able, prices))
        except StalePriceError:
            # Without it a dearer type might win: whoever wants fresh prices wants all of them so.
            raise
        except PriceError as error:
            errors.append(error)
            rejected.append(
                Rejected(
                    instance_type=able.instance_type,
                    reason_code=ReasonCode.NO_PRICE,
                    reason=error.cause,
                )
            )
    if not asked:
        raise errors[0]
    given = traffic_input(sources, flags)
    return [question(given) for question in asked], rejected


def _prices(flags: Flags) -> Callable[[], KnownPrices]:
    """The price files and the cache, read when they are first needed, and once."""
    return cache(lambda: known_prices(flags.region, prices=flags.prices, rates=flags.rates))


def _asked(
    sources: Sources, flags: Flags, able: CapacityInput, prices: Callable[[], KnownPrices]
) -> Callable[[TrafficInput], Question]:
    """The question of one instance type, but for the traffic, which is read last and once."""
    slo, slo_assumptions = slo_input(sources, flags)
    terms, terms_assumptions = terms_input(sources, flags)
    routing, routing_assumption = routing_input(sources, flags)
    delays, scaling_assumptions = delays_input(sources, flags, able.instance_type)
    cooldowns_s = (
        parse_duration_s(flags.scale_in_cooldown, "--scale-in-cooldown"),
        parse_duration_s(flags.scale_out_cooldown, "--scale-out-cooldown"),
    )
    has_traffic = flags.traffic is not None or flags.rps is not None
    paid = cost_input(
        sources,
        flags,
        prices(),
        instance_type=able.instance_type,
        has_traffic=has_traffic,
        provisioning_s=delays.startup_s,
    )
    current = current_input(flags, paid.hours_per_month)

    def question(given: TrafficInput) -> Question:
        return Question(
            able=able,
            given=given,
            paid=paid,
            slo=slo,
            max_failed=parse_share(flags.max_failed, "--max-failed"),
            window=choice(SloWindow, flags.slo_window, "--slo-window"),
            terms=terms,
            delays=delays,
            routing=routing,
            scale_in_cooldown_s=cooldowns_s[0],
            scale_out_cooldown_s=cooldowns_s[1],
            current=current,
            scaling_assumptions=scaling_assumptions,
            latency_assumptions=(routing_assumption, *terms_assumptions, *slo_assumptions),
        )

    return question


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
