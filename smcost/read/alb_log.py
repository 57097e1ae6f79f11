"""Access logs of an Application Load Balancer: one entry per request.

Format: "Access logs for your Application Load Balancer" of the Elastic Load Balancing user guide.
Fields are separated by blanks, some are quoted, and new ones are added at the end. The second field
is the time of the response; ``request_creation_time``, the 22nd, is that of the request's arrival.
"""

import io
import re
from array import array
from datetime import UTC, datetime

import numpy as np

from smcost.errors import InputError
from smcost.read.logged import Logged, refused_line

#: type time elb client:port target:port, three processing times, two status codes, two sizes,
#: "request" "user_agent" cipher protocol target_group "trace_id" "domain" "certificate" priority.
#: A quote within a field is written as \x22.
_ENTRY = re.compile(
    r'(?:http|https|h2|grpcs|ws|wss) \S+ \S+ \S+ \S+ (?:\S+ ){7}"[^"]*" "[^"]*" \S+ \S+ \S+ '
    r'"[^"]*" "[^"]*" "[^"]*" \S+ (?P<created>\S+) "(?P<actions>[^"]*)"'
)
_BEGINNING = re.compile(r"(?:http|https|h2|grpcs|ws|wss) \d{4}-\d\d-\d\dT\S+ \S+ ")
_REMEDY = (
    "Give the log as Elastic Load Balancing writes it, with request_creation_time in field 22 "
    "and actions_executed in field 23"
)


def is_alb_log(line: str) -> bool:
    """Whether a line looks like the beginning of an entry."""
    return _BEGINNING.match(line) is not None


def read_alb_log(text: io.TextIOBase, place: str) -> Logged:
    """Read the arrivals of the requests that were forwarded to a target.

    Entries whose actions do not end in ``forward`` are left out and counted: the load balancer
    answered them itself (redirect, fixed-response, authenticate) or AWS WAF refused them.

    Raises
    ------
    InputError
        A line that is no entry, with its number; no entry that was forwarded.
    """
    stamps_s, left_out = array("d"), 0
    for row, line in enumerate(text, start=1):
        if line.isspace():
            continue
        entry = _ENTRY.match(line)
        created_s = None if entry is None else _seconds(entry["created"])
        if entry is None or created_s is None:
            raise refused_line(line, row, place, "entry of an ALB access log", _REMEDY)
        # An empty field or "-" is a request that was malformed before any action.
        if entry["actions"].split(",")[-1] == "forward":
            stamps_s.append(created_s)
        else:
            left_out += 1
    if not stamps_s:
        raise InputError(
            f"None of the {left_out} entries was forwarded to a target",
            remedy="Give the log of the load balancer that stands before the endpoint",
            place=place,
        )
    return Logged(
        source="ALB access log, request_creation_time",
        stamps_s=np.array(stamps_s, dtype=np.float64),
        whole_seconds=False,
        left_out=left_out,
    )


def _seconds(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
