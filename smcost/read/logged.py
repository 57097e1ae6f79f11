"""Requests out of an access log, whatever its format."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smcost.errors import InputError
from smcost.read.masking import masked


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logged:
    """Requests of one or several access logs.

    Attributes
    ----------
    source
        What the log is: ``"ALB access log"``.
    stamps_s
        When each request arrived, in the order of the log; float64 ``(n,)``.
        [s since 1970-01-01T00:00Z]
    whole_seconds
        Whether the log has no fractions of a second, so that the order within one is not known.
    left_out
        Entries that are no request for the target: redirects, refusals. [count]
    """

    source: str
    stamps_s: NDArray[np.float64]
    whole_seconds: bool
    left_out: int = 0

    @classmethod
    def joined(cls, parts: "list[Logged]", place: str) -> "Logged":
        """All requests of several files.

        Raises
        ------
        InputError
            The files are logs of different kinds.
        """
        sources = sorted({part.source for part in parts})
        if len(sources) != 1:
            raise InputError(
                f"The folder holds logs of {len(sources)} kinds: {', '.join(sources)}",
                remedy="Give one folder per kind, since the same request may be in both",
                place=place,
            )
        return cls(
            source=sources[0],
            stamps_s=np.concatenate([part.stamps_s for part in parts]),
            whole_seconds=all(part.whole_seconds for part in parts),
            left_out=sum(part.left_out for part in parts),
        )


def refused_line(line: str, row: int, place: str, wanted: str, remedy: str) -> InputError:
    """An error about a line that is not of the log's format; shows its beginning.

    Logs of AWS name the account and the ARNs of their target; neither is shown.
    """
    found = masked(line)
    shown = repr(found[:60]) + (" ..." if len(found) > 60 else "")
    return InputError(
        f"Found {shown}, which is no {wanted}", remedy=remedy, place=f"{place}, row {row}"
    )
