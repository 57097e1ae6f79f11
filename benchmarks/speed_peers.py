"""SimPy and Ciw as their users would write the same queues, and how long they take."""

import random
import time
from collections.abc import Callable, Generator, Iterable

import ciw
import simpy


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


class _Fleet:
    """Resources of a SimPy environment, and the response times."""

    def __init__(self, instances: int, workers: int) -> None:
        self.env = simpy.Environment()
        self.resources = [simpy.Resource(self.env, workers) for _ in range(instances)]
        self.responses_s: list[float] = []

    def request(
        self, resource: simpy.Resource, service_s: float
    ) -> Generator[simpy.Event, None, None]:
        begun_s = self.env.now
        with resource.request() as turn:
            yield turn
            yield self.env.timeout(service_s)
        self.responses_s.append(self.env.now - begun_s)

    def least(self) -> simpy.Resource:
        return min(self.resources, key=lambda one: one.count + len(one.queue))

    def run(self, source: Generator[simpy.Event, None, None]) -> float:
        """Seconds."""
        self.env.process(source)
        return _seconds(self.env.run)


def simpy_given(
    arrivals_s: Iterable[float],
    services_s: Iterable[float],
    choices: Iterable[float] | None,
    instances: int,
    workers: int,
) -> float:
    """Seconds for given requests; least outstanding without choices."""
    fleet = _Fleet(instances, workers)
    given = list(zip(arrivals_s, services_s, choices or arrivals_s, strict=True))

    def source() -> Generator[simpy.Event, None, None]:
        for arrival_s, service_s, choice in given:
            yield fleet.env.timeout(arrival_s - fleet.env.now)
            if instances == 1:
                resource = fleet.resources[0]
            elif choices is None:
                resource = fleet.least()
            else:
                resource = fleet.resources[int(choice * instances)]
            fleet.env.process(fleet.request(resource, service_s))

    return fleet.run(source())


def simpy_all_in(
    size: int, rate_rps: float, mu: float, sigma: float, instances: int, workers: int, least: bool
) -> float:
    """Seconds with random numbers of Python's ``random``, as a SimPy model has them."""
    fleet, draw = _Fleet(instances, workers), random.Random(1)

    def source() -> Generator[simpy.Event, None, None]:
        for _ in range(size):
            yield fleet.env.timeout(draw.expovariate(rate_rps))
            resource = fleet.least() if least else fleet.resources[draw.randrange(instances)]
            fleet.env.process(fleet.request(resource, draw.lognormvariate(mu, sigma)))

    return fleet.run(source())


def ciw_central(size: int, rate_rps: float, workers: int) -> float:
    """Seconds for M/M/c with a mean service time of 1 s; Ciw draws its own random numbers."""
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=rate_rps)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[workers],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    return _seconds(lambda: simulation.simulate_until_max_customers(size, method="Finish"))
