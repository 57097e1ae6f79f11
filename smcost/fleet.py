"""Many endpoints in one report: what each came to, the totals, and what saves most.

Totals add up what the endpoints' own answers say, to the cent; an endpoint without an answer is in
none of them. The commitment that they could share is in :mod:`smcost.shared_plan`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from smcost.outcome import Outcome
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.variant import Variant

_NOTHING = Decimal("0.00")
#: How many stand at the head of a report.
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums per month. [USD]

    Attributes
    ----------
    expected_usd, expected_count
        Over the answers whose expected cost is known, and how many they are.
    floor_usd, ceiling_usd
        Over all answers.
    compared_count, today_usd, compared_usd
        Over the endpoints of which both today's cost and that of the answer are known: how many,
        what runs, and the answers.
    turning_off_usd
        Of what is saved over these, the part that comes from not running always.
    """

    expected_usd: Decimal
    expected_count: int
    floor_usd: Decimal
    ceiling_usd: Decimal
    compared_count: int
    today_usd: Decimal
    compared_usd: Decimal
    turning_off_usd: Decimal

    @property
    def saving_usd(self) -> Decimal:
        """Of the answers against today, over the endpoints that are compared. [USD]"""
        return self.today_usd - self.compared_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """The outcomes, in the order of the file."""

    outcomes: tuple[Outcome, ...]
    hours_per_month: Decimal

    @property
    def answered(self) -> tuple[Outcome, ...]:
        """Those with an answer."""
        return tuple(outcome for outcome in self.outcomes if outcome.answer is not None)

    @property
    def unanswered(self) -> tuple[Outcome, ...]:
        """Those without."""
        return tuple(outcome for outcome in self.outcomes if outcome.answer is None)

    @property
    def exit_code(self) -> int:
        """The smallest of those that are not 0: the more basic a mistake, the smaller its code."""
        return min((outcome.exit_code for outcome in self.unanswered), default=0)

    @property
    def totals(self) -> Totals:
        """Sums over the endpoints."""
        expected = [o.expected_usd for o in self.outcomes if o.expected_usd is not None]
        bounds = [
            outcome.answer.bounds_usd
            for outcome in self.outcomes
            if outcome.answer is not None and outcome.answer.bounds_usd is not None
        ]
        compared = [
            (outcome.today_usd, outcome.expected_usd, outcome.turning_off_usd)
            for outcome in self.outcomes
            if outcome.today_usd is not None and outcome.expected_usd is not None
        ]
        return Totals(
            expected_usd=sum(expected, _NOTHING),
            expected_count=len(expected),
            floor_usd=sum((low for low, _ in bounds), _NOTHING),
            ceiling_usd=sum((high for _, high in bounds), _NOTHING),
            compared_count=len(compared),
            today_usd=sum((today for today, _, _ in compared), _NOTHING),
            compared_usd=sum((answer for _, answer, _ in compared), _NOTHING),
            turning_off_usd=sum((off for _, _, off in compared), _NOTHING),
        )

    @property
    def biggest_savings(self) -> tuple[Outcome, ...]:
        """The three that save most, none that saves nothing; equal ones by their name."""
        saving = [o for o in self.outcomes if o.saving_usd is not None and o.saving_usd > 0]
        return tuple(sorted(saving, key=_by_saving)[:_SHOWN])

    @property
    def biggest_bills(self) -> tuple[Outcome, ...]:
        """The three that cost most; equal ones by their name."""
        return tuple(sorted(self.answered, key=_by_bill)[:_SHOWN])

    @property
    def by_saving(self) -> tuple[Outcome, ...]:
        """The answered: what saves most first, then what has no saving known, by its bill."""
        return tuple(sorted(self.answered, key=lambda o: (*_by_saving(o)[:2], *_by_bill(o))))

    @property
    def by_bill(self) -> tuple[Outcome, ...]:
        """The answered, what costs most first."""
        return tuple(sorted(self.answered, key=_by_bill))

    @property
    def shared_assumptions(self) -> tuple[Assumption, ...]:
        """Those whose value is the same in every answer, in the order of the first."""
        if not self.answered:
            return ()
        first, *others = (outcome.assumptions for outcome in self.answered)
        rest = [{(item.name, item.value) for item in assumptions} for assumptions in others]
        return tuple(
            item for item in first if all((item.name, item.value) in known for known in rest)
        )

    @property
    def differing_assumptions(self) -> tuple[str, ...]:
        """Names of those that are not the same everywhere, each once."""
        shared = {(item.name, item.value) for item in self.shared_assumptions}
        return tuple(
            dict.fromkeys(
                item.name
                for outcome in self.answered
                for item in outcome.assumptions
                if (item.name, item.value) not in shared
            )
        )

    def caveats_by_code(self) -> dict[WarningCode, list[tuple[Caveat, tuple[str, ...]]]]:
        """Under each code the warnings that say the same, with the names of their endpoints.

        That a commitment should be sized on all endpoints is left out: here it is.
        """
        names: dict[WarningCode, dict[Caveat, dict[str, None]]] = {}
        for outcome in self.outcomes:
            for caveat in outcome.caveats:
                if caveat.code is not WarningCode.COMMITMENT_ACCOUNT_WIDE:
                    alike = names.setdefault(caveat.code, {})
                    alike.setdefault(caveat, {})[outcome.name] = None
        return {
            code: [(caveat, tuple(found)) for caveat, found in alike.items()]
            for code, alike in names.items()
        }


def _by_saving(outcome: Outcome) -> tuple[bool, Decimal, str]:
    saving_usd = outcome.saving_usd
    return saving_usd is None, -(saving_usd or _NOTHING), outcome.name


def _by_bill(outcome: Outcome) -> tuple[Decimal, str]:
    """By the expected cost; where that is not known by the ceiling, which it cannot exceed."""
    assert outcome.answer is not None
    bounds = outcome.answer.bounds_usd or (_NOTHING, _NOTHING)
    cost = bounds[1] if outcome.expected_usd is None else outcome.expected_usd
    return -cost, outcome.name


def changes(today: Variant, answer: Variant) -> tuple[tuple[str, str, str], ...]:
    """What differs between two configurations: its name, today's value and the answer's.

    The initial count is left out: no cost hangs on it.
    """
    scaled = today.only_invocations and answer.only_invocations
    rows = (
        ("instance type", today.instance_type, answer.instance_type),
        ("minimum", today.minimum_told, answer.minimum_told),
        ("maximum", str(today.highest), str(answer.highest)),
        ("target" if scaled else "scaling", today.target_told, answer.target_told),
        ("routing", today.routing.value, answer.routing.value),
    )
    return tuple(row for row in rows if row[1] != row[2])


def names_told(names: Sequence[str], most: int = 5) -> str:
    """``a, b, c``; of more than ``most`` the first and how many follow."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
