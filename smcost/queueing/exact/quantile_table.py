"""Quantile functions as tables that are looked up without a logarithm.

Below u = 1/2 the octaves [2^-41, 2^-40) ... [2^-2, 2^-1) of u are divided into equal cells, above
it those of 1 - u: exponent and first mantissa bits of the double number the cell. Quantiles are
exact at the nodes and linear in between. With the 128 cells an octave of :func:`service_table`
mean, coefficient of variation and p99.9 of the law are kept to better than 1e-4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from smcost.errors import UsageError
from smcost.queueing.load_dependent import Sweep
from smcost.queueing.measured import quantiles_beyond_s
from smcost.queueing.service import FloatArray, Service

_OCTAVES = 40
#: Cells per octave, as powers of two: one law, and one of many concurrencies.
_FINE_BITS = 7
_COARSE_BITS = 5
Quantiles = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantileTable:
    """A quantile function.

    Attributes
    ----------
    cell_bits
        Cells per octave, as a power of two.
    cells
        Value at a cell's lower end and step to its upper one, lower half first, shape
        ``(2 * (40 * 2**cell_bits + 1), 2)``.
    """

    cell_bits: int
    cells: FloatArray

    def __post_init__(self) -> None:
        if self.cells.shape != (2 * (_OCTAVES * 2**self.cell_bits + 1), 2):
            raise UsageError(
                f"Cells of shape {self.cells.shape} are no table with {self.cell_bits} bits",
                remedy="Build it by tabulated()",
            )

    def at(self, ranks: FloatArray) -> FloatArray:
        """Quantiles at ranks on [0, 1), shape as ``ranks``."""
        upper = ranks >= 0.5
        bits = np.where(upper, 1.0 - ranks, ranks).view(np.int64)
        shift = 52 - self.cell_bits
        cell = (bits >> shift) - ((1023 - _OCTAVES - 1) << self.cell_bits)
        inside = (bits & ((1 << shift) - 1)).astype(np.float64) * 2.0**-shift
        inside[cell < 0] = 0.0
        chosen = self.cells[np.maximum(cell, 0) + np.where(upper, self.cells.shape[0] // 2, 0)]
        return np.asarray(chosen[..., 0] + inside * chosen[..., 1])


def tabulated(lower: Quantiles, upper: Quantiles, cell_bits: int = _FINE_BITS) -> QuantileTable:
    """The table of a law given by its percentiles and by the values exceeded.

    Parameters
    ----------
    lower
        From a probability of not exceeding, within (0, 1/2], to the value; shape kept.
    upper
        From a probability of exceeding, within (0, 1/2], to the value; shape kept.
    cell_bits
        Cells per octave, as a power of two.
    """
    cells = 2**cell_bits
    octaves = 2.0 ** np.arange(-_OCTAVES - 1, -1)
    nodes = (octaves[:, None] * (1 + np.arange(cells) / cells)).ravel()
    nodes = np.append(nodes, 0.5)
    halves = []
    for quantiles in (lower, upper):
        values = quantiles(nodes)
        halves.append(np.column_stack((values, np.diff(values, append=values[-1]))))
    return QuantileTable(cell_bits=cell_bits, cells=np.concatenate(halves))


@lru_cache(maxsize=64)
def service_table(service: Service) -> QuantileTable:
    """The table of a service time. [s]"""
    return tabulated(service.quantiles_s, service.upper_quantiles_s)


@lru_cache(maxsize=1)
def exponential_table() -> QuantileTable:
    """The table of the exponential law of mean 1."""
    return tabulated(lambda below: -np.log1p(-below), lambda beyond: -np.log(beyond))


def latency_tables(sweep: Sweep) -> tuple[QuantileTable, ...]:
    """The tables of F(1) ... F(K) of a sweep. [s]"""
    return tuple(_measured_table(sweep.fractions, row) for row in sweep.latencies_s)


def _measured_table(fractions: FloatArray, latencies_s: FloatArray) -> QuantileTable:
    return tabulated(
        lambda below: quantiles_beyond_s(fractions, latencies_s, np.log1p(-below)),
        lambda beyond: quantiles_beyond_s(fractions, latencies_s, np.log(beyond)),
        _COARSE_BITS,
    )
