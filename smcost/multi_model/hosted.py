"""The models behind one endpoint: how large each is, how often asked for, how long it loads."""

import math
from dataclasses import dataclass

import numpy as np

from smcost.errors import UsageError
from smcost.queueing.service import FloatArray, Service, ServiceTime
from smcost.queueing.service_mixture import mixed

#: Beyond it neither the table nor the arithmetic below means anything.
MOST_MODELS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hosted:
    """Models with what a cache of them must know.

    Attributes
    ----------
    names
        One each, ``M`` of them.
    share
        Part of all requests that asks for the model, sums to 1, shape ``(M,)``. [fraction]
    size_bytes
        Memory that the loaded model takes, shape ``(M,)``. [B]
    load_s
        From the request that finds it missing until it can answer, download and loading
        together, shape ``(M,)``. [s]
    service_s
        Mean busy time of a worker for one request of the model, shape ``(M,)``; ``None``: that of
        the instance's capacity for all. [s]

    Raises
    ------
    UsageError
        No models or too many, shapes that differ, a size, share or time that is not positive and
        finite (a share may be 0).
    """

    names: tuple[str, ...]
    share: FloatArray
    size_bytes: FloatArray
    load_s: FloatArray
    service_s: FloatArray | None = None

    def __post_init__(self) -> None:
        count = len(self.names)
        if not 1 <= count <= MOST_MODELS:
            raise UsageError(
                f"{count:,} models are outside 1 to {MOST_MODELS:,}",
                remedy="Describe the models that one endpoint is to host",
            )
        wanted = {"share": self.share, "size_bytes": self.size_bytes, "load_s": self.load_s}
        if self.service_s is not None:
            wanted["service_s"] = self.service_s
        for name, values in wanted.items():
            least = 0.0 if name in ("share", "load_s") else math.ulp(0.0)
            if values.shape != (count,) or not np.all((values >= least) & np.isfinite(values)):
                raise UsageError(
                    f"The {name} of {count} models is not one number above 0 for each",
                    remedy="Give every model a size, a popularity and a load time",
                )
        if not math.isclose(float(self.share.sum()), 1.0, rel_tol=1e-9):
            raise UsageError(
                "The popularities do not add up to all requests",
                remedy="Give at least one model a popularity above 0",
            )

    @property
    def count(self) -> int:
        """Number of models."""
        return len(self.names)

    @property
    def work(self) -> FloatArray:
        """Part of the workers' time that goes to the model, sums to 1, shape ``(M,)``. [fraction]

        The share where all take the same time.
        """
        if self.service_s is None:
            return self.share
        busy_s = self.share * self.service_s
        return np.asarray(busy_s / busy_s.sum())

    @property
    def total_bytes(self) -> float:
        """Memory that all of them take together. [B]"""
        return float(self.size_bytes.sum())


def zipf_shares(count: int, exponent: float) -> FloatArray:
    """Popularities that fall as ``1 / rank ** exponent``, most popular first, shape ``(count,)``.

    Parameters
    ----------
    count
        Models, >= 1.
    exponent
        0 makes all equally popular.

    References
    ----------
    L. Breslau, P. Cao, L. Fan, G. Phillips, S. Shenker, "Web caching and Zipf-like
    distributions", INFOCOM 1999: exponents of 0.64 to 0.83 for web pages.

    >>> zipf_shares(3, 1.0).round(4).tolist()
    [0.5455, 0.2727, 0.1818]
    """
    weight = np.arange(1, count + 1, dtype=np.float64) ** -exponent
    return np.asarray(weight / weight.sum())


def service_of_all(hosted: Hosted, each: ServiceTime) -> Service:
    """The service time over the requests of all models.

    Parameters
    ----------
    hosted
        With ``service_s``.
    each
        Law and coefficient of variation of the requests of one model.
    """
    assert hosted.service_s is not None
    return mixed(hosted.share, hosted.service_s, each)
