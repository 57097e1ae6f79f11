"""What CloudWatch has of a variant as the CSV that ``--traffic`` reads. Returns text, never prints.

Lines ``# key: value`` say where it is from; an empty cell is a period without data. No ARN and no
account id is in it.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

from smcost.remarks import Caveat
from smcost.traffic.observation import METRICS, Observation


def observation_csv(observation: Observation, caveats: Iterable[Caveat] = ()) -> str:
    """One row per period: ``timestamp``, the metrics' columns, and ``instances`` after two."""
    span = observation.span
    notes = {
        "source": "CloudWatch",
        "endpoint": observation.endpoint,
        "variant": observation.variant,
        "region": observation.region,
        "instance type": observation.instance_type or "",
        "routing": observation.routing or "",
        "period": f"{span.period_s} s",
        "from": _moment(span.start_s),
        "to": _moment(span.end_s),
        "pulled": _moment(observation.pulled_s),
    }
    lines = [f"# {key}: {value}" for key, value in notes.items() if value]
    lines += [f"# note: {caveat.message}" for caveat in caveats]
    columns = {metric.column: observation.columns[metric.column] for metric in METRICS}
    header = list(columns)
    header.insert(2, "instances")
    columns["instances"] = observation.instances
    lines.append(",".join(["timestamp", *header]))
    cells = [[_figure(value) for value in columns[name].tolist()] for name in header]
    stamps = [_moment(stamp) for stamp in observation.stamps_s.tolist()]
    lines += [",".join(row) for row in zip(stamps, *cells, strict=True)]
    return "\n".join(lines) + "\n"


def _moment(stamp_s: int) -> str:
    return f"{datetime.fromtimestamp(stamp_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _figure(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.10g}"
