"""Least-outstanding routing: a central queue, made pessimistic by as much as it was seen to err.

Each request goes to the instance with the fewest outstanding. Seen as one central FIFO queue of
all workers it is served optimally, which routing without jockeying is not: a request can wait at
one instance while a worker of another idles. The response percentile of the central queue is
therefore too low, the more so the fewer workers an instance has, the less its service time varies
and the more instances there are: a constant service time has a cliff, on which the central queue
makes nobody wait and routing makes one in a hundred. Largest excess of p99 seen, utilisation 0.3 to
0.98, half a million requests a cell:

===================  =====  =====  =====  =====  ======
fleets of 2 to 16    W = 1  W = 2  W = 4  W = 8  W = 16
===================  =====  =====  =====  =====  ======
constant, cv < 0.25  53 %   38 %   25 %   16 %   9 %
cv 0.25 to 1         26 %   13 %   7 %    3 %    3 %
cv above 1           45 %   17 %   2 %    1 %
===================  =====  =====  =====  =====  ======

===================  =====  =====  =====  =====  ======
64 and 128           W = 1  W = 2  W = 4  W = 8  W = 16
===================  =====  =====  =====  =====  ======
constant, cv < 0.25  71 %   48 %   44 %   34 %   17 %
cv 0.25 to 1         35 %   18 %   8 %    3 %
===================  =====  =====  =====  =====  ======

Constant rows were measured with cv 0; those in between with lognormal service of cv 0.26 (the
worst; a half of it at cv 0.5) and 1 and with exponential service; the last with lognormal service
of cv 2. What is used is at least that. An earlier survey of fleets up to 16 on a coarser grid of
utilisations had 43 % and 19 % for constant service with 1 and 4 workers: too small by up to 7 %, in
the cells between. Fleets above 128 are not measured.
"""

import math
from functools import lru_cache

import numpy as np

from smcost.queueing.load_dependent import Sweep, sweep_response_table
from smcost.queueing.mgc import response_table
from smcost.queueing.response_table import ResponseTable
from smcost.queueing.service import Service

_WORKERS = (1, 2, 4, 8, 16)
#: Fleets to which the two rows of each law belong; between them linear in the logarithm.
_FLEETS = (16, 64)
_CONSTANT = ((0.54, 0.40, 0.26, 0.17, 0.10), (0.72, 0.50, 0.45, 0.35, 0.18))
_MODERATE = ((0.27, 0.14, 0.07, 0.04, 0.03), (0.36, 0.19, 0.09, 0.04, 0.03))
#: Larger fleets share a central queue with the next smaller of four an octave.
_EVERY_SIZE = 8
_VARIABLE = ((0.55, 0.25, 0.08, 0.05, 0.05), (0.55, 0.25, 0.08, 0.05, 0.05))


def excess(cv: float, workers: int, instances: int) -> float:
    """Share by which the p99 of least-outstanding routing may exceed the central queue's.

    >>> excess(cv=0.5, workers=4, instances=8)
    0.07
    """
    rows = _VARIABLE if cv > 1 else _CONSTANT if cv < 0.25 else _MODERATE
    of_fleets = [float(np.interp(workers, _WORKERS, row)) for row in rows]
    return float(np.interp(math.log(instances), np.log(_FLEETS), of_fleets))


def tabulated_size(instances: int) -> int:
    """The fleet whose central queue stands for one of so many instances: no larger, so no faster.

    >>> [tabulated_size(n) for n in (2, 8, 9, 11, 100)]
    [2, 8, 8, 10, 96]
    """
    if instances <= _EVERY_SIZE:
        return instances
    step: int = 2 ** (int(math.log2(instances)) - 2)
    return instances // step * step


@lru_cache(maxsize=512)
def least_outstanding_table(service: Service, workers: int, instances: int) -> ResponseTable:
    """Response tail of a fleet under least-outstanding routing, on the safe side.

    Parameters
    ----------
    service
        Law of the service time.
    workers
        Workers of one instance. [count]
    instances
        Instances in service. [count]

    Notes
    -----
    The smaller of two tails: that of RANDOM, than which it is not slower, and that of the central
    queue of all workers with every response stretched by the excess above.
    """
    alone = response_table(service, workers)
    if instances == 1:
        return alone
    central = response_table(service, workers * tabulated_size(instances))
    return _not_slower_than(alone, central, 1 + excess(service.cv, workers, instances))


def least_outstanding_sweep_table(sweep: Sweep, instances: int) -> ResponseTable:
    """The same for stations whose throughput depends on their load.

    Notes
    -----
    With k requests spread evenly over n instances each works on k / n, so that the fleet is one
    station with X_n(k) = n X(k / n) and F_n(k) = F(k / n). Uneven spread is covered by the excess
    of a service time of moderate variability on one worker per tested concurrency.
    """
    alone = sweep_response_table(sweep)
    if instances == 1:
        return alone
    pooled = sweep_response_table(_pooled(sweep, tabulated_size(instances)))
    return _not_slower_than(alone, pooled, 1 + excess(0.5, sweep.throughput_rps.size, instances))


def _pooled(sweep: Sweep, instances: int) -> Sweep:
    tested = np.arange(0, sweep.throughput_rps.size + 1, dtype=np.float64)
    share = np.arange(1, instances * sweep.throughput_rps.size + 1) / instances
    throughput = np.interp(share, tested, np.concatenate(([0.0], sweep.throughput_rps)))
    columns = [np.interp(share, tested[1:], column) for column in sweep.latencies_s.T]
    return Sweep(
        throughput_rps=instances * throughput,
        fractions=sweep.fractions,
        latencies_s=np.column_stack(columns),
    )


def _not_slower_than(alone: ResponseTable, pooled: ResponseTable, stretch: float) -> ResponseTable:
    """Point by point the smaller tail of ``alone`` and of ``pooled`` with times stretched."""
    stretched_s = pooled.response_s * stretch
    moved = np.array([np.interp(alone.response_s, stretched_s, row) for row in pooled.tail])
    return ResponseTable(
        utilisation=alone.utilisation,
        response_s=alone.response_s,
        tail=np.minimum(alone.tail, moved),
    )
