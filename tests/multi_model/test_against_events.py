"""Hit rate, waits and percentiles against an event simulation of one instance.

The simulation shares nothing with the formulas: requests, workers, loading slots and the cache are
followed event by event. A model that is loading is in memory already and is not unloaded.
"""

import heapq
from collections import OrderedDict, deque

import numpy as np
import pytest

from smcost.multi_model.fleet import fleet

HIT, MISS, JOINED = range(3)


class Instance:
    """One instance: what is in memory, what is loading, who waits for what."""

    def __init__(self, problem, service_s):
        self.load_s = problem.hosted.load_s
        self.places = int(problem.memory_bytes)
        self.idle = problem.profile.workers
        self.slots = problem.loads_at_once
        self.service_s = service_s
        self.held = OrderedDict.fromkeys(reversed(range(self.places)))
        self.loading, self.for_slot, self.for_worker = {}, deque(), deque()
        self.events, self.done_s = [], np.zeros(service_s.size)

    def arrive(self, request, model, now_s):
        if model in self.held:
            self.held.move_to_end(model)
        if model in self.loading:
            self.loading[model].append(request)
            return JOINED
        if model in self.held:
            self.serve(request, now_s)
            return HIT
        while len(self.held) >= self.places:
            left = next((old for old in self.held if old not in self.loading), None)
            if left is None:
                break
            del self.held[left]
        self.held[model], self.loading[model] = None, [request]
        self.for_slot.append(model)
        self.load(now_s)
        return MISS

    def load(self, now_s):
        while self.for_slot and self.slots:
            model = self.for_slot.popleft()
            self.slots -= 1
            heapq.heappush(self.events, (now_s + self.load_s[model], "loaded", model))

    def serve(self, request, now_s):
        if not self.idle:
            self.for_worker.append(request)
            return
        self.idle -= 1
        heapq.heappush(self.events, (now_s + self.service_s[request], "served", request))

    def next(self):
        now_s, what, number = heapq.heappop(self.events)
        if what == "loaded":
            self.slots += 1
            for request in self.loading.pop(int(number)):
                self.serve(request, now_s)
            self.load(now_s)
            return
        self.idle += 1
        self.done_s[number] = now_s
        if self.for_worker:
            self.serve(self.for_worker.popleft(), now_s)


def simulated(problem, rps, requests=20_000, warm_up=4_000, seed=3):
    rng = np.random.default_rng(seed)
    at_s = np.cumsum(rng.exponential(1 / rps, requests))
    model = rng.choice(problem.hosted.count, requests, p=problem.hosted.share)
    instance = Instance(problem, problem.profile.service.sample(rng, requests))
    kind = np.zeros(requests, dtype=int)
    for request in range(requests):
        while instance.events and instance.events[0][0] <= at_s[request]:
            instance.next()
        kind[request] = instance.arrive(request, int(model[request]), at_s[request])
    while instance.events:
        instance.next()
    latency_s = (instance.done_s - at_s)[warm_up:]
    return kind[warm_up:], np.quantile(latency_s, [0.95, 0.99])


#: Models, exponent, memory, rps, load, slots; how far the percentiles may be off.
CASES = {
    "few hits, slots to spare": (200, 0.8, 120, 40, 0.5, 16, 0.02),
    "waits for slots": (200, 0.8, 180, 40, 1.0, 2, 0.15),
    "only the p99 is cold": (200, 0.8, 190, 60, 1.0, 4, 0.03),
    "slow loads, often joined": (100, 0.9, 80, 10, 2.0, 4, 0.03),
}


@pytest.mark.parametrize("name", CASES)
def test_formulas_agree_with_events(problem, name):
    count, exponent, memory, rps, load_s, slots, off = CASES[name]
    asked = problem(
        count=count,
        exponent=exponent,
        memory=float(memory),
        rps=rps,
        load_s=load_s,
        loads_at_once=slots,
    )
    kind, percentiles_s = simulated(asked, rps)
    found = fleet(asked, 1)
    assert 1 - found.state.hit_rate == pytest.approx(np.mean(kind == MISS), abs=0.006)
    assert found.cold_share == pytest.approx(np.mean(kind != HIT), abs=0.008)
    formula_s = [found.loads.percentile_s(fraction) for fraction in (0.95, 0.99)]
    assert formula_s == pytest.approx(percentiles_s, rel=off)


def test_where_formulas_see_loads_pile_up_they_do(problem):
    asked = problem(count=100, memory=80.0, rps=10, load_s=2.0, loads_at_once=1)
    found = fleet(asked, 1)
    assert found.loads.piles_up
    assert not found.verdict.met
    _, percentiles_s = simulated(asked, 10)
    assert percentiles_s[0] > 60
