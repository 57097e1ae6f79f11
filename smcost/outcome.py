"""What came of one endpoint of a fleet: its figures, or why it has none."""

from dataclasses import dataclass
from decimal import Decimal

from smcost.commitment import Usage
from smcost.estimate import Latency
from smcost.estimate.savings_plan import PlanKind
from smcost.remarks import Assumption, Caveat
from smcost.variant import Variant

_NOTHING = Decimal("0.00")
#: When an endpoint runs that is never turned off.
ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One configuration of an endpoint; what is not known is ``None``. Per month. [USD]

    ``bounds_usd``: the minimum and the maximum all the time. ``runs``: when, in words.
    ``turning_off_usd``: what is saved by not running always, which is in the costs already.
    ``unanswered_share``: of all requests those that then find no instance. [fraction]
    """

    variant: Variant
    expected_usd: Decimal | None
    bounds_usd: tuple[Decimal, Decimal] | None
    latency: Latency | None
    meets_slo: bool | None
    runs: str = ALWAYS
    turning_off_usd: Decimal | None = None
    unanswered_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an endpoint has no answer; ``exit_code`` is what smcost asked for it alone leaves."""

    exit_code: int
    cause: str
    remedy: str
    place: str | None = None

    @property
    def told(self) -> str:
        """``churn.csv, row 17: cause. Remedy.``"""
        where = "" if self.place is None else f"{self.place}: "
        return f"{where}{self.cause}. {self.remedy}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherKind:
    """The cheapest other kind of endpoint that can do the job, per month; ``None``: none can.

    Instances, storage and data alone, as the answer has them too: ``against_usd`` is what it costs
    more than that. [USD]
    """

    name: str | None = None
    usd: Decimal | None = None
    against_usd: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one endpoint came to.

    Attributes
    ----------
    name
        As the fleet file calls it.
    answer, failure
        What it is or should be, or why that is not known; one of the two.
    today
        What runs, where the file or AWS tells it.
    usages
        What it is billed for hour by hour, for each kind of Savings Plan asked about.
    repeats
        Whether those hours stand for all others: a fleet of fixed size, or a typical day.
    assumptions, caveats
        What its answer rests on, and what to know of it.
    document
        Its own JSON document, as text; ``None``: not asked for, or there is none.
    other_kind
        Of the comparison of kinds; ``None``: not asked for.
    """

    name: str
    answer: Figures | None = None
    failure: Failure | None = None
    today: Figures | None = None
    usages: tuple[tuple[PlanKind, Usage], ...] = ()
    repeats: bool = False
    assumptions: tuple[Assumption, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    document: str | None = None
    other_kind: OtherKind | None = None

    @property
    def exit_code(self) -> int:
        """Of smcost asked for it alone."""
        return 0 if self.failure is None else self.failure.exit_code

    @property
    def expected_usd(self) -> Decimal | None:
        """Of the answer, per month. [USD]"""
        return None if self.answer is None else self.answer.expected_usd

    @property
    def today_usd(self) -> Decimal | None:
        """Of what runs, per month. [USD]"""
        return None if self.today is None else self.today.expected_usd

    @property
    def turning_off_usd(self) -> Decimal:
        """What is saved by not running always; nothing where that is not known. [USD]"""
        known = None if self.answer is None else self.answer.turning_off_usd
        return _NOTHING if known is None else known

    @property
    def saving_usd(self) -> Decimal | None:
        """Of the answer against today, per month; ``None`` where one of them is not known. [USD]"""
        if self.expected_usd is None or self.today_usd is None:
            return None
        return self.today_usd - self.expected_usd
