"""An estimate as the other kinds of endpoint are held against it."""

from dataclasses import dataclass, replace
from decimal import Decimal

from smcost.capacity import Profile
from smcost.cost import CostCase, Tariff, data_lines, monthly_cost
from smcost.estimate.configuration import Estimate
from smcost.replay.counts import Delays
from smcost.replay.latency import LatencyTerms
from smcost.slo import Slo
from smcost.traffic.minutes import MinuteCounts
from smcost.units import BYTES_PER_GB
from smcost.variant import Variant

_FRACTIONS = (0.95, 0.99)
#: ``--max-failed`` where no SLO is given.
DEFAULT_MAY_FAIL = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The estimate that the kinds are held against, as they see it.

    Attributes
    ----------
    variant, minutes, delays
        What runs, the traffic, and how long help takes.
    tariff
        Instances, storage and data alone: what else is on the bill is no matter of the kind.
    invocations
        Of a month. [count]
    hours_per_month, instance_hours
        The month, and what the fleet is billed for in it. [h]
    rps_per_instance
        What an instance does that is busy all the time. [s^-1]
    fastest_s
        p95 and p99 of one instance at its best load, where known, by fraction. [s]
    terms, slo
        Overhead, and what must hold, if anything.
    """

    variant: Variant
    minutes: MinuteCounts
    delays: Delays
    tariff: Tariff
    invocations: Decimal
    hours_per_month: Decimal
    instance_hours: Decimal
    rps_per_instance: float
    fastest_s: dict[float, float]
    terms: LatencyTerms
    slo: Slo | None

    @property
    def may_fail(self) -> float:
        """Share of the requests that may be lost. [fraction]"""
        return DEFAULT_MAY_FAIL if self.slo is None else self.slo.max_failed

    @property
    def case(self) -> CostCase:
        """The fleet's own lines."""
        return self.of_hours(self.instance_hours)

    @property
    def fixed_usd(self) -> Decimal:
        """The fleet without what every invocation costs alike. [USD]"""
        return self.case.usd - self.data_usd

    @property
    def single_usd(self) -> Decimal:
        """The same for one instance all the time, the least that a real-time endpoint is. [USD]"""
        return self.of_hours(self.hours_per_month).usd - self.data_usd

    @property
    def data_usd(self) -> Decimal:
        """Data in and out, which other kinds pay alike. [USD]"""
        return sum(
            (line.usd for line in data_lines(self.tariff, self.invocations)), Decimal("0.00")
        )

    @property
    def data_usd_per_invocation(self) -> Decimal:
        """The same for one of them, not rounded. [USD]"""
        tariff = self.tariff
        each_way = (
            (tariff.bytes_in, tariff.usd_per_gb_in),
            (tariff.bytes_out, tariff.usd_per_gb_out),
        )
        usd = (size * rate for size, rate in each_way if size is not None and rate is not None)
        return sum(usd, Decimal(0)) / BYTES_PER_GB

    def of_hours(self, instance_hours: Decimal, usd_per_hour: Decimal | None = None) -> CostCase:
        """The same lines for so many instance-hours, perhaps at another price."""
        tariff = self.tariff
        if usd_per_hour is not None:
            tariff = replace(tariff, usd_per_hour=usd_per_hour)
        return monthly_cost(
            tariff,
            instance_hours=instance_hours,
            invocations=self.invocations,
            hours_per_month=self.hours_per_month,
        )

    def break_even(
        self, usd_per_invocation: Decimal, fixed_usd: Decimal = Decimal(0)
    ) -> tuple[Decimal | None, Decimal | None]:
        """Invocations a month at which a kind costs as much as the fleet, and as one instance.

        ``None`` where one more costs no more than here. ``fixed_usd`` is what the kind costs
        without any. Data that is paid alike cancels out.
        """
        if usd_per_invocation <= 0:
            return None, None
        fleet, single = (
            max(usd - fixed_usd, Decimal(0)) / usd_per_invocation
            for usd in (self.fixed_usd, self.single_usd)
        )
        return fleet, single

    def month_of(self, horizon_hours: float) -> Decimal:
        """What a figure of the horizon becomes in a month, given in hours. [h]"""
        months = self.hours_per_month / Decimal(repr(self.minutes.hours))
        return Decimal(repr(horizon_hours)) * months


def fleet_of(
    result: Estimate,
    minutes: MinuteCounts,
    delays: Delays,
    tariff: Tariff,
    profile: Profile,
    *,
    terms: LatencyTerms,
    slo: Slo | None,
) -> Fleet:
    """What the kinds are held against: an estimate on traffic, with a capacity.

    Parameters as in :func:`smcost.estimate.estimate`.
    """
    hours, month = result.instance_hours.expected, result.cost.hours_per_month
    assert hours is not None
    return Fleet(
        variant=result.variant,
        minutes=minutes,
        delays=delays,
        tariff=replace(tariff, capture=None, releases=None, shadow_count=0),
        invocations=minutes.total * month / Decimal(repr(minutes.hours)),
        hours_per_month=month,
        instance_hours=hours,
        rps_per_instance=profile.peak_rps,
        fastest_s={f: profile.fastest_s(f) for f in _FRACTIONS if profile.knows(f)},
        terms=terms,
        slo=slo,
    )
