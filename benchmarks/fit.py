"""How well the fit finds the service law of an endpoint that only shows its minutes.

    python benchmarks/fit.py [--quick] [--only recover,refuse]

Prints Markdown tables. *Recover*: endpoints of known law, workers, routing and fleet under a day's
load for some days, simulated request by request; the goal is the mean within 3 %, the coefficient
of variation within 15 %, and the number of workers among those that the fit says explain the
minutes as well. *Refuse*: endpoints whose minutes cannot tell, and the reason that must be given.
Exits with 1 where a goal is missed.
"""

import argparse
import platform
import sys
import time
from dataclasses import replace

import numpy as np
from synthetic_endpoint import Endpoint, observed

from smcost.capacity.fit import Fit, fit_capacity
from smcost.capacity.profile import Routing
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.service import ServiceLaw, ServiceTime

MEAN_GOAL, CV_GOAL = 0.03, 0.15
GAMMA = ServiceLaw.GAMMA


def law(mean_s: float, cv: float, shape: ServiceLaw = ServiceLaw.LOGNORMAL) -> ServiceTime:
    """A service time."""
    return ServiceTime(mean_s=mean_s, cv=cv, law=shape)


def scaled_fleet(share: np.ndarray) -> np.ndarray:
    """Two instances at night, four by day, as an autoscaler would have it."""
    return np.where((share > 0.35) & (share < 0.75), 4.0, 2.0)


#: Every service law, with few and many workers, at low and high load, alone and as a fleet.
RECOVER = [
    Endpoint(service=law(0.045, 0.5), workers=4, instances=2, peak=0.75),
    Endpoint(service=law(0.02, 0.3), workers=2, peak=0.85, days=2),
    Endpoint(service=law(0.2, 1.0), workers=1, peak=0.8, days=7),
    Endpoint(service=law(0.2, 0.5), workers=1, peak=0.5),
    Endpoint(service=law(0.2, 0.5), workers=2, peak=0.8),
    Endpoint(service=law(0.2, 0.1), workers=2, peak=0.9, days=2),
    Endpoint(service=law(0.2, 0.3), workers=4, instances=2, peak=0.8),
    Endpoint(service=law(0.1, 0.5), workers=8, peak=0.6),
    Endpoint(service=law(0.1, 0.5), workers=8, peak=0.7),
    Endpoint(service=law(0.3, 0.7), workers=16, peak=0.75),
    Endpoint(service=law(0.3, 0.7), workers=32, peak=0.85),
    Endpoint(service=law(0.5, 2.0), workers=8, peak=0.7),
    Endpoint(service=law(0.5, 2.0), workers=2, peak=0.6, days=7),
    Endpoint(service=law(2.0, 0.5), workers=4, instances=3, peak=0.75, days=7),
    Endpoint(service=law(0.2, 1.0, GAMMA), workers=4, peak=0.8),
    Endpoint(service=law(0.2, 0.5, GAMMA), workers=1, instances=4, peak=0.75),
    Endpoint(service=law(0.05, 0.25, GAMMA), workers=3, peak=0.7, days=2),
    Endpoint(service=law(0.1, 0.5), workers=4, instances=3, peak=0.7, fleet=scaled_fleet),
    Endpoint(service=law(0.1, 0.5), workers=2, peak=1.15),
    Endpoint(service=law(0.1, 0.5), workers=4, instances=4, peak=0.9, least_outstanding=True),
    Endpoint(service=law(0.2, 1.0), workers=1, instances=4, peak=0.8, least_outstanding=True),
    Endpoint(service=law(0.2, 1.0, GAMMA), workers=2, instances=8, peak=0.85,
             least_outstanding=True, days=2),
]  # fmt: skip


def cold_cache(services_s: np.ndarray, _share: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Cheaper requests in busy hours."""
    return services_s * (1.5 - load)


def contended(services_s: np.ndarray, _share: np.ndarray, load: np.ndarray) -> np.ndarray:
    """Service that slows as the instance fills."""
    return services_s * (1 + load)


def deployed(services_s: np.ndarray, share: np.ndarray, _load: np.ndarray) -> np.ndarray:
    """Another model after a day and a half."""
    return services_s * np.where(share < 1.6, 1.0, 1.2)


def two_kinds(services_s: np.ndarray, _share: np.ndarray, _load: np.ndarray) -> np.ndarray:
    """A fifth of the requests asks for ten times as much."""
    rank = np.random.default_rng(1).random(services_s.size)
    return services_s * np.where(rank < 0.2, 5.0, 0.5)


def drifting(services_s: np.ndarray, share: np.ndarray, _load: np.ndarray) -> np.ndarray:
    """The same, but more of them day by day."""
    rank = np.random.default_rng(1).random(services_s.size)
    return services_s * np.where(rank < 0.05 + 0.15 * share, 5.0, 0.5)


_PLAIN = Endpoint(service=law(0.1, 0.3), workers=4, peak=0.7)
#: Reason, and an endpoint that must be refused for it.
REFUSE = [
    ("never_loaded", replace(_PLAIN, peak=0.35)),
    ("never_loaded", replace(_PLAIN, workers=16, peak=0.3)),
    ("single_load_level", replace(_PLAIN, peak=0.6, trough=0.5)),
    ("no_such_service", replace(_PLAIN, bend=contended)),
    ("no_such_service", replace(_PLAIN, bend=two_kinds)),
    ("latency_shifted", replace(_PLAIN, bend=deployed)),
    ("latency_shifted", replace(_PLAIN, bend=drifting)),
    ("latency_falls_with_load", replace(_PLAIN, bend=cold_cache)),
    ("concurrency_untold", replace(_PLAIN, service=law(0.1, 0.5), workers=8, peak=0.5)),
    ("always_saturated", replace(_PLAIN, peak=1.3, trough=0.8)),
]


def routing_of(endpoint: Endpoint) -> Routing:
    """What the fit is told of it."""
    return Routing.LEAST_OUTSTANDING_REQUESTS if endpoint.least_outstanding else Routing.RANDOM


def described(endpoint: Endpoint) -> str:
    """The truth, as the first cells of a row."""
    service = endpoint.service
    routing = "LOR" if endpoint.least_outstanding else "RANDOM"
    fleet = "2-4" if endpoint.fleet else f"{endpoint.instances}"
    return (
        f"{1000 * service.mean_s:g} ms | {service.cv:g} | {service.law.value} | "
        f"{endpoint.workers} | {fleet} {routing} | {endpoint.peak:.0%}"
    )


def recover(quick: bool) -> bool:
    """One row for each endpoint; whether all goals are met."""
    print(
        "\n| mean | cv | law | workers | fleet | peak | requests | mean found | cv found | law "
        "| workers alike | error | refused | s |\n" + "|---" * 14 + "|"
    )
    good = True
    for endpoint in RECOVER[:: 4 if quick else 1]:
        minutes = observed(endpoint)
        begun = time.perf_counter()
        fit = fit_capacity(minutes, routing_of(endpoint))
        took_s = time.perf_counter() - begun
        row, fine = recovered(endpoint, fit)
        good &= fine
        total = float(np.nansum(minutes.invocations))
        print(f"| {described(endpoint)} | {total:.2g} | {row} | {took_s:.1f} |", flush=True)
    return good


def recovered(endpoint: Endpoint, fit: Fit) -> tuple[str, bool]:
    """The other cells, and whether the goals are met."""
    found = fit.estimated
    refused = ", ".join(refusal.code.value for refusal in fit.refusals) or "no"
    if found is None or fit.goodness is None:
        return f"- | - | - | - | - | **{refused}**", False
    mean = found.service.mean_s / endpoint.service.mean_s - 1
    cv = found.service.cv / endpoint.service.cv - 1
    alike = ", ".join(map(str, found.workers_alike)) + ("..." if found.more_workers else "")
    fine = (
        abs(mean) <= MEAN_GOAL
        and abs(cv) <= CV_GOAL
        and endpoint.workers in found.workers_alike
        and not fit.refusals
    )
    mark = "" if fine else "**"
    return (
        f"{mark}{mean:+.2%}{mark} | {cv:+.1%} | {found.service.law.value} | {alike} "
        f"| {fit.goodness.error:.1%} | {refused}",
        fine,
    )


def refuse(quick: bool) -> bool:
    """One row for each endpoint that cannot be known; whether each is refused for its reason."""
    print(
        "\n| mean | cv | law | workers | fleet | peak | must be refused as | refused as |\n"
        + "|---" * 8
        + "|"
    )
    good = True
    for code, endpoint in REFUSE[:: 2 if quick else 1]:
        fit = fit_capacity(observed(endpoint), routing_of(endpoint))
        codes = [refusal.code.value for refusal in fit.refusals]
        good &= code in codes
        print(f"| {described(endpoint)} | {code} | {', '.join(codes) or '**not**'} |", flush=True)
    return good


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a quarter of the endpoints")
    parser.add_argument("--only", default="recover,refuse")
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, kernels {'compiled' if compiled() else 'absent'}")
    parts = {"recover": recover, "refuse": refuse}
    good = [parts[name](given.quick) for name in given.only.split(",")]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
