"""What data capture, deployments and Savings Plans come to, for the answer of a question."""

from dataclasses import replace

from smcost.availability import Loss
from smcost.capacity import Profile
from smcost.cli.flags import Flags
from smcost.cli.kind_input import kind_assumptions, kinds_asked
from smcost.cli.lever_input import share
from smcost.cli.question import Question
from smcost.cli.simulation_input import threads
from smcost.cli.sources import Sources
from smcost.estimate import Estimate, Exact, watched_metrics
from smcost.estimate.kind_answers import kinds_answer
from smcost.estimate.kind_fleet import fleet_of
from smcost.estimate.levers import Levers, Priced, levers
from smcost.estimate.non_production import NonProductionAnswer
from smcost.estimate.stretch import Service
from smcost.remarks import Caveat, WarningCode


def lever_answer(
    question: Question,
    sources: Sources,
    flags: Flags,
    result: Estimate | None,
    profile: Profile | None,
    full_cpu: float | None = None,
    loss: Loss | None = None,
    non_production: NonProductionAnswer | None = None,
) -> Levers:
    """All that was asked for beside the bill; nothing where there is no result.

    ``profile`` is the capacity without the levels at which too many requests failed, ``loss`` what
    is to be survived.

    Raises
    ------
    UsageError
        A Savings Plan without traffic for a fleet that has room to scale.
    """
    if result is None:
        return Levers()
    service = None
    if profile is not None:
        service = Service(
            profile=profile,
            terms=question.terms,
            slo=question.slo,
            exact=Exact(
                seed=flags.seed, burstiness=question.given.burstiness, threads=threads(flags)
            ),
        )
    watched = None
    if question.given.minutes is not None:
        watched = watched_metrics(
            result.variant,
            question.given.minutes,
            profile,
            full_cpu=full_cpu,
            seed=flags.seed,
            burstiness=question.given.burstiness,
        )
    priced = Priced(
        result=result,
        tariff=question.paid.tariff,
        minutes=question.given.minutes,
        delays=question.delays,
        watched=watched,
        non_production=non_production,
    )
    found = levers(
        priced,
        service=service,
        capture_part=share(flags.capture_part, "--capture-part"),
        offers=question.paid.offers,
        loss=loss,
    )
    found = _with_kinds(question, sources, flags, result, profile, found)
    if flags.savings_plans and not any(plan.kind.payment for plan in found.plans):
        return replace(found, caveats=(*found.caveats, _no_rate(question, flags)))
    return found


def _with_kinds(
    question: Question,
    sources: Sources,
    flags: Flags,
    result: Estimate,
    profile: Profile | None,
    found: Levers,
) -> Levers:
    """The other kinds of endpoint, where they are asked for."""
    minutes = question.given.minutes
    if not flags.compare_kinds or minutes is None or profile is None:
        return found
    asked = kinds_asked(flags, question.paid.kinds, profile)
    fleet = fleet_of(
        result,
        minutes,
        question.delays,
        question.paid.tariff,
        profile,
        terms=question.terms,
        slo=question.slo,
    )
    return replace(
        found,
        kinds=kinds_answer(result, fleet, asked),
        assumptions=kind_assumptions(sources, flags, asked, profile),
    )


def _no_rate(question: Question, flags: Flags) -> Caveat:
    message = (
        f"No Savings Plans rate of {question.able.instance_type} below its price on demand is "
        f"known in {flags.region}, so that --savings-plans finds none for it"
    )
    return Caveat(code=WarningCode.RATE_UNKNOWN, message=message)
