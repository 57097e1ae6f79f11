"""``--non-prod`` and its companions -> windows, the way to turn off, the answer."""

from bisect import bisect_left
from dataclasses import replace

from smcost.capacity import Profile
from smcost.cli.choice import choice
from smcost.cli.flags import Flags
from smcost.cli.names import flag_of
from smcost.cli.question import Question
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.estimate import Estimate, Exact, estimate, replay_variant, watched_metrics
from smcost.estimate.non_production import NonProductionAnswer, non_production
from smcost.estimate.office_month import Seen
from smcost.estimate.turning_off import NonProduction, Way, lead_s, one_size, turned_down
from smcost.office_hours import REFERENCE_MONDAY, REFERENCE_WEEKS
from smcost.read.office_hours_spec import parse_office_hours
from smcost.recommend.result import Infeasible, Recommendation
from smcost.remarks import Assumption, Caveat, WarningCode
from smcost.replay.counts import Delays
from smcost.replay.metrics import Watched
from smcost.units import SECONDS_PER_MINUTE, parse_duration_s, plain
from smcost.variant import Variant

#: What is not priced beside it -> why, or what to do instead.
_ALONE = {
    "scheduled_action": "Give one of them; --non-prod-way minimum prints the actions it needs",
    "deployments_per_month": "Price the releases without it: what is created anew takes one along",
    "shadow_count": "Price the shadow variant without it",
    "schedule": "Ask for each without the other",
    "survive": "Ask for each without the other",
    "compare_kinds": "Ask for each without the other",
}

_NOBODY_OUTSIDE = Assumption(
    name="requests outside the windows", value="none, as no traffic is given", source="model"
)


def non_production_input(sources: Sources, flags: Flags) -> NonProduction | None:
    """When the endpoint runs and how it is turned off; ``None``: it is always on.

    Raises
    ------
    UsageError
        A text that cannot be read, a flag without the one it belongs to, or one that is not priced
        together with it.
    """
    if flags.non_prod is None:
        for name in ("non_prod_way", "non_prod_tail"):
            if sources.typed(name):
                raise UsageError(
                    f"{flag_of(name)} changes nothing without --non-prod",
                    remedy="Add --non-prod, or leave it out",
                    place=flag_of(name),
                )
        return None
    for name, remedy in _ALONE.items():
        if getattr(flags, name):
            raise UsageError(
                f"{flag_of(name)} is not priced together with --non-prod",
                remedy=remedy,
                place=flag_of(name),
            )
    way = choice(Way, flags.non_prod_way, "--non-prod-way")
    return NonProduction(
        hours=parse_office_hours([flags.non_prod]),
        way=way,
        idle_tail_s=parse_duration_s(flags.non_prod_tail, "--non-prod-tail"),
    )


def turned_off(
    variant: Variant,
    question: Question,
    wanted: NonProduction,
    profile: Profile | None,
    exact: Exact | None = None,
    watched: Watched | None = None,
) -> tuple[Estimate, NonProductionAnswer]:
    """The bill of the way that was asked for, how it answers while it is on, and every way.

    Parameters as of :func:`smcost.estimate.estimate`.
    """
    tariff, month = question.paid.tariff, question.paid.hours_per_month
    answer, seen = non_production(
        variant,
        tariff,
        wanted,
        hours_per_month=month,
        delays=question.delays,
        minutes=question.given.minutes,
        watched=watched,
    )
    deployed = variant
    if wanted.way is Way.MINIMUM:
        deployed = turned_down(variant, wanted.hours, question.delays)
    result = estimate(
        deployed,
        tariff,
        hours_per_month=month,
        minutes=None if seen is None else seen.minutes,
        replay=None if seen is None else seen.replay,
        delays=question.delays,
        profile=profile,
        terms=question.terms,
        slo=question.slo,
        window=question.window,
        exact=exact,
    )
    chosen = answer.chosen
    return replace(result, cost=chosen.cost, instance_hours=chosen.instance_hours), answer


def windows_to_size(sources: Sources, flags: Flags) -> NonProduction | None:
    """The windows that ``recommend`` sizes an endpoint for that is deleted outside of them.

    Raises
    ------
    UsageError
        Another way, besides what is refused anywhere.
    """
    wanted = non_production_input(sources, flags)
    if wanted is None:
        return None
    if wanted.way is not Way.DELETE:
        raise UsageError(
            f"recommend sizes for the windows alone, and {wanted.way} answers outside of them, too",
            remedy="Leave it out, all ways are shown; or give the answer to estimate with this way",
            place="--non-prod-way",
        )
    return wanted


def sized_for_windows(
    question: Question,
    result: Estimate | None,
    wanted: NonProduction,
    flags: Flags,
    profile: Profile,
) -> NonProductionAnswer | None:
    """Every way of turning off what is recommended, as ``estimate`` prices it."""
    minutes = question.given.minutes
    if result is None or minutes is None:
        return None
    watched = watched_metrics(
        result.variant,
        minutes,
        profile,
        seed=flags.seed,
        burstiness=question.given.burstiness,
    )
    answer, seen = non_production(
        result.variant,
        question.paid.tariff,
        wanted,
        hours_per_month=question.paid.hours_per_month,
        delays=question.delays,
        minutes=minutes,
        watched=watched,
        always=_around_the_clock(result.variant, question, flags, profile, watched),
    )
    if seen is None:
        return answer
    openings = _openings(result.variant, question, profile, seen, watched)
    return replace(answer, caveats=answer.caveats + openings)


def _around_the_clock(
    variant: Variant, question: Question, flags: Flags, profile: Profile, watched: Watched | None
) -> Variant | None:
    """It never turned off, with the smallest minimum that holds the SLO on all of the traffic.

    A minimum that costs nothing within the windows costs outside of them. ``None``: it is the
    same, pinned, or none holds.
    """
    if flags.minimum is not None or one_size(variant):
        return None

    def least(minimum: int) -> Variant:
        return replace(variant, minimum=minimum, initial_count=max(minimum, variant.initial_count))

    def holds(minimum: int) -> bool:
        found = estimate(
            least(minimum),
            question.paid.tariff,
            hours_per_month=question.paid.hours_per_month,
            minutes=question.given.minutes,
            delays=question.delays,
            watched=watched,
            profile=profile,
            terms=question.terms,
            slo=question.slo,
        )
        return bool(found.meets_slo)

    counts = range(flags.min_instances, variant.maximum + 1)
    number = bisect_left(counts, True, key=holds)
    same = number == len(counts) or counts[number] == variant.minimum
    return None if same else least(counts[number])


def billed_for_windows(
    result: Recommendation | Infeasible, off: NonProductionAnswer | None
) -> Recommendation | Infeasible:
    """The recommendation with the bill of the way that stands in it."""
    if off is None or isinstance(result, Infeasible):
        return result
    chosen = off.chosen
    billed = replace(result.estimate, cost=chosen.cost, instance_hours=chosen.instance_hours)
    return replace(result, estimate=billed)


def _openings(
    variant: Variant,
    question: Question,
    profile: Profile,
    seen: Seen,
    watched: Watched | None,
) -> tuple[Caveat, ...]:
    """Whether it holds where every window begins with the initial count, by the formulas.

    The search lets a window go on where the one before ended; told is only what that changes.
    """
    kept = None if watched is None else watched.where(seen.inside)
    on = replay_variant(variant, seen.minutes, question.delays, kept)
    anew, going_on = (
        estimate(
            variant,
            question.paid.tariff,
            hours_per_month=question.paid.hours_per_month,
            minutes=seen.minutes,
            replay=replay,
            profile=profile,
            terms=question.terms,
            slo=question.slo,
        )
        for replay in (seen.replay, on)
    )
    if anew.meets_slo or not going_on.meets_slo:
        return ()
    message = (
        f"Created anew for every window with its initial count of {variant.initial_count}, it does "
        "not hold the SLO (by the formulas), which it holds where a window goes on with the "
        "instances of the one before: create it with more, or begin the windows earlier"
    )
    return (Caveat(code=WarningCode.OPENING_BREAKS_SLO, message=message),)


def sizing_assumptions(
    sources: Sources, wanted: NonProduction, delays: Delays
) -> tuple[Assumption, ...]:
    """Those of any answer, and what is judged."""
    judged = (
        "those within the windows; a window goes on where the one before ended, but is billed as "
        "created anew"
    )
    return (
        Assumption(name="minutes judged", value=judged, source="model"),
        *non_production_assumptions(sources, wanted, delays, traffic=True),
    )


def non_production_assumptions(
    sources: Sources, wanted: NonProduction, delays: Delays, *, traffic: bool
) -> tuple[Assumption, ...]:
    """What the hours on and the ways off rest on; ``traffic``: whether there is any."""
    monday = REFERENCE_MONDAY.date()
    weeks = (
        f"the mean of {REFERENCE_WEEKS} whole weeks from Monday {monday} in {wanted.hours.timezone}"
    )
    tail = f"{plain(wanted.idle_tail_s / SECONDS_PER_MINUTE)} min after the last request"
    return (
        sources.assumption("non-production hours", wanted.hours.told, "non_prod"),
        sources.assumption("turned off by", wanted.way.value, "non_prod_way"),
        Assumption(name="an ordinary month", value=weeks, source="model"),
        Assumption(
            name="begun before an opening",
            value=f"{plain(lead_s(delays) / SECONDS_PER_MINUTE)} min, the start-up time",
            source="model; schedules have whole minutes",
        ),
        Assumption(
            name="deletion",
            value="billed until the call that deletes",
            source="which states bill is not documented",
        ),
        sources.assumption(
            "scale to zero", tail, "non_prod_tail", "default; observed in an AWS sample"
        ),
        Assumption(
            name="wake-up from zero",
            value="the minute of the failed request, 1 min of alarm, the start-up time",
            source="observed in an AWS sample",
        ),
        *(() if traffic else (_NOBODY_OUTSIDE,)),
    )
