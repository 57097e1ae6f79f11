"""Flags of ``smcost estimate`` -> its answer."""

import math
from dataclasses import dataclass, replace

from smcost.capacity import Profile
from smcost.cli.availability_input import availability_input
from smcost.cli.deployed_input import Running, as_deployed, refuse_crossed, running_input
from smcost.cli.deployed_remarks import (
    deployed_assumptions,
    deployed_caveats,
    not_replayed,
    obstacles,
    pull_hint,
    refuse_to_replay,
    size_assumptions,
)
from smcost.cli.flags import Flags
from smcost.cli.lever_answer import lever_answer
from smcost.cli.non_production_input import (
    non_production_assumptions,
    non_production_input,
    turned_off,
)
from smcost.cli.output import Stage
from smcost.cli.question import Question, ask
from smcost.cli.quota_input import quota_remarks
from smcost.cli.render import estimate_text
from smcost.cli.scaling_input import ScalingInput, scaling_input
from smcost.cli.simulation_input import exact_input, simulation_assumption
from smcost.cli.size_input import size_input
from smcost.cli.sources import Sources
from smcost.cli.traffic_owner import owner_caveats
from smcost.deployed import Deployed
from smcost.errors import UsageError
from smcost.estimate import Estimate, estimate, replay_variant, watched_metrics
from smcost.estimate.levers import Levers
from smcost.estimate.non_production import NonProductionAnswer
from smcost.estimate.turning_off import NonProduction
from smcost.remarks import Assumption, Caveat, Remarks, WarningCode
from smcost.replay.metrics import Watched
from smcost.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateAnswer:
    """An estimate with all that is said of it; nothing of it has been printed."""

    result: Estimate
    remarks: Remarks
    question: Question
    flags: Flags
    levers: Levers

    @property
    def text(self) -> str:
        """In the wanted format."""
        return estimate_text(self.result, self.remarks, self.question, self.flags, self.levers)


def estimate_answer(sources: Sources, flags: Flags, stage: Stage) -> EstimateAnswer:
    """Check the flags, replay and price; print nothing.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price.
    """
    with stage("Asking AWS"):
        running = running_input(
            sources, flags, "give --min, --max and --target in place of --endpoint"
        )
    if running is not None:
        if flags.traffic is not None or flags.rps is not None:
            refuse_to_replay(running.deployed, obstacles(sources, flags, running.deployed))
        sources, flags = as_deployed(sources, flags, running, with_size=True)
        refuse_crossed(sources, flags)
    bounds = size_input(flags)
    wanted = non_production_input(sources, flags)
    survived = availability_input(sources, flags, compares=False)
    with stage("Reading"):
        question = ask(sources, flags)
    scaling = scaling_input(sources, flags, question.able, question.cooldowns_s)
    told = scaling.fitting(question.scaling_assumptions, flags.target)
    question = replace(question, scaling_assumptions=told)
    with stage("Replaying"):
        deployed = None if running is None else running.deployed
        result, off = _answer(question, flags, bounds, scaling, deployed, wanted)
        found = lever_answer(
            question,
            sources,
            flags,
            result,
            _passing(question),
            scaling.full_cpu,
            survived.asked,
            off,
        )
    known, told_of_it = _running_remarks(running, sources, flags, result, stage)
    simulated = result.latency is not None and result.latency.method == "simulated"
    remarks = question.remarks(
        scaling=not result.variant.fixed and result.horizon is not None,
        latency=result.latency is not None,
        extra=(
            *known,
            *(scaling.assumptions if result.horizon is not None else ()),
            *((simulation_assumption(sources, flags, math.inf),) if simulated else ()),
            *(
                ()
                if wanted is None
                else non_production_assumptions(
                    sources, wanted, question.delays, traffic=question.given.minutes is not None
                )
            ),
            *found.assumptions,
            *survived.assumptions,
        ),
        caveats=(
            *told_of_it,
            *owner_caveats(question.given.origin, sources, flags, running),
            *question.capacity_caveats(exact=flags.exact),
            *result.caveats,
            *found.caveats,
            *(() if off is None else off.caveats),
        ),
        endpoint=None if running is None else running.provenance,
    )
    return EstimateAnswer(
        result=result, remarks=remarks, question=question, flags=flags, levers=found
    )


def _answer(
    question: Question,
    flags: Flags,
    bounds: tuple[int, int],
    scaling: ScalingInput,
    deployed: Deployed | None,
    wanted: NonProduction | None,
) -> tuple[Estimate, NonProductionAnswer | None]:
    initial = bounds[0] if deployed is None else deployed.initial_count
    variant = Variant(
        instance_type=question.able.instance_type,
        minimum=bounds[0],
        maximum=bounds[1],
        initial_count=min(max(initial, bounds[0]), max(bounds)),
        target_per_minute=flags.target,
        routing=question.routing,
        scale_in_cooldown_s=question.scale_in_cooldown_s,
        scale_out_cooldown_s=question.scale_out_cooldown_s,
        further_policies=scaling.policies,
        schedule=scaling.schedule,
    )
    _refuse_half_questions(variant, question, flags.format, flags.survive)
    watched = _watched(variant, question, flags, scaling)
    if deployed is None:
        variant = _with_initial_count(variant, question, watched)
    exact = exact_input(flags, question.given)
    if wanted is not None:
        return turned_off(variant, question, wanted, _passing(question), exact, watched)
    result = estimate(
        variant,
        question.paid.tariff,
        hours_per_month=question.paid.hours_per_month,
        minutes=question.given.minutes,
        delays=question.delays,
        profile=_passing(question),
        terms=question.terms,
        slo=question.slo,
        window=question.window,
        exact=exact,
        watched=watched,
    )
    return result, None


def _watched(
    variant: Variant, question: Question, flags: Flags, scaling: ScalingInput
) -> Watched | None:
    """What policies on requests in flight and CPU look at."""
    minutes = question.given.minutes
    if minutes is None:
        return None
    return watched_metrics(
        variant,
        minutes,
        _passing(question),
        full_cpu=scaling.full_cpu,
        seed=flags.seed,
        burstiness=question.given.burstiness,
    )


def _passing(question: Question) -> Profile | None:
    """The capacity without the levels at which too many requests failed."""
    profile = question.able.profile
    return None if profile is None else profile.passing(question.max_failed)


def _refuse_half_questions(
    variant: Variant, question: Question, wanted: str, survive: str | None
) -> None:
    minutes = question.given.minutes
    if minutes is not None and variant.minimum < variant.maximum and variant.fixed:
        raise UsageError(
            "There is traffic and room to scale, but no target to scale by",
            remedy="Give --target, invocations per instance per minute, another policy, or --count",
            place="--target",
        )
    if variant.minimum < variant.maximum and variant.fixed and wanted.startswith("tfvars"):
        raise UsageError(
            "Without a target the module does not scale, so a minimum below the maximum is lost",
            remedy="Give --target, or --count for a fleet of fixed size",
            place="--target",
        )
    known = minutes is not None and question.able.profile is not None
    if survive is not None and not known:
        raise UsageError(
            "What a loss does is replayed, which needs both traffic and a capacity",
            remedy="Add --traffic or --rps, and --service-time with --concurrency, or drop it",
            place="--survive",
        )
    if question.slo is not None and not known:
        raise UsageError(
            "A latency limit is given, but latency needs both traffic and a capacity",
            remedy="Add --traffic or --rps, and --service-time with --concurrency, or drop it",
        )


def _with_initial_count(variant: Variant, question: Question, watched: Watched | None) -> Variant:
    """With traffic the initial count is the p95 of the replayed count, as recommend has it."""
    minutes = question.given.minutes
    if minutes is None:
        return variant
    import numpy as np

    in_service = replay_variant(variant, minutes, question.delays, watched).in_service
    return replace(variant, initial_count=int(np.percentile(in_service, 95, method="higher")))


def _running_remarks(
    running: Running | None, sources: Sources, flags: Flags, result: Estimate, stage: Stage
) -> tuple[tuple[Assumption, ...], tuple[Caveat, ...]]:
    """What is to be known of the running endpoint, and why nothing is expected without traffic."""
    if running is None:
        return (), _expected_unknown(result, "add --traffic or --rps")
    deployed = running.deployed
    with stage("Asking AWS for quotas"):
        quotas, quota_warnings = quota_remarks(running.aws, {"The": result.variant})
    unfollowed = not_replayed(deployed, obstacles(sources, flags, deployed))
    hint = f"bring its traffic with {pull_hint(deployed)} and add --traffic traffic.csv"
    return (
        (
            *size_assumptions(sources, result.variant),
            *deployed_assumptions(running, flags),
            *quotas,
        ),
        (
            *deployed_caveats(deployed),
            *(unfollowed or _expected_unknown(result, hint)),
            *quota_warnings,
        ),
    )


def _expected_unknown(result: Estimate, remedy: str) -> tuple[Caveat, ...]:
    if result.cost.expected is not None:
        return ()
    message = (
        "Without traffic only floor and ceiling are known, and the JSON will not do for --current; "
        f"{remedy}"
    )
    return (Caveat(code=WarningCode.EXPECTED_UNKNOWN, message=message),)
