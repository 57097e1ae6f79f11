"""Every error a user can meet, each class with its exit code.

One sentence of cause, one of remedy, and the place (file, row, column, flag) where there is one.
Only :mod:`smcost.cli` catches them.
"""

from typing import ClassVar


class SmcostError(Exception):
    """An error with a cause, a remedy and an exit code.

    Parameters
    ----------
    cause
        One sentence without a full stop: what is wrong, and what was found.
    remedy
        One sentence without a full stop: what to do about it.
    place
        Where: ``"traffic.csv, row 17, column invocations"``, ``"--max"``.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, cause: str, *, remedy: str, place: str | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
        self.place = place

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.cause}. {self.remedy}."


class UsageError(SmcostError):
    """A flag or its value makes no sense: min > max, a bare number, two that exclude each other."""

    exit_code = 2


class InputError(SmcostError):
    """The content of an input file cannot be read or makes no sense."""

    exit_code = 3


class PriceError(SmcostError):
    """No price, several equal-ranking prices, an unknown instance type or region, a price of 0."""

    exit_code = 4


class AwsError(SmcostError):
    """AWS refused, failed or answered with something that is no answer."""

    exit_code = 5


class AwsDeniedError(AwsError):
    """The credentials may not make a call."""


class OutputError(SmcostError):
    """The output cannot be written; nothing was left half written."""

    exit_code = 6


class WorkerError(SmcostError):
    """The processes or the cluster that were to share the work failed, or run another smcost."""

    exit_code = 7


#: Not errors but results that a script must be able to tell from success.
EXIT_POLICY_HIT = 10
EXIT_INFEASIBLE = 11
