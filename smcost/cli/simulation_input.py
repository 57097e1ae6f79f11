"""Flags of the simulation -> how much of it, and with which luck."""

import math
import os

from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.cli.traffic_input import TrafficInput
from smcost.errors import UsageError
from smcost.estimate import Exact
from smcost.remarks import Assumption
from smcost.units import parse_duration_s


def threads(flags: Flags) -> int:
    """Those of the engine: its share where endpoints are answered side by side, or processors()."""
    return processors() if flags.threads is None else flags.threads


def processors() -> int:
    """Processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def simulated_requests(flags: Flags) -> float:
    """The budget in requests: counted, not timed, so that the answer is not one of the moment.

    Raises
    ------
    UsageError
        A budget without a unit, or a negative seed.
    """
    # Only now: a plain estimate must not wait for the search and its engine.
    from smcost.recommend.budget import requests_in

    _refuse_negative_seed(flags)
    budget_s = parse_duration_s(flags.budget, "--budget")
    return math.inf if flags.exact else requests_in(budget_s)


def exact_input(flags: Flags, given: TrafficInput) -> Exact | None:
    """Whether ``estimate`` replays every request: asked for, or the only way to know the bursts."""
    _refuse_negative_seed(flags)
    if not flags.exact and given.poisson:
        return None
    return Exact(seed=flags.seed, burstiness=given.burstiness, threads=threads(flags))


def simulation_assumption(sources: Sources, flags: Flags, requests: float) -> Assumption:
    """How much may be simulated, and by which engine."""
    from smcost.queueing.exact.compiled import compiled

    engine = "compiled" if compiled() else "in Python"
    value = "none"
    if math.isinf(requests):
        value = f"every request, {engine}, seed {flags.seed}"
    elif requests:
        value = f"up to {requests:,.0f} requests where formulas may not decide, {engine}, seed "
        value += f"{flags.seed}"
    return sources.assumption("simulation", value, "exact" if flags.exact else "budget")


def _refuse_negative_seed(flags: Flags) -> None:
    if flags.seed < 0:
        raise UsageError(
            f"A seed of {flags.seed} is negative", remedy="Give 0 or more", place="--seed"
        )
