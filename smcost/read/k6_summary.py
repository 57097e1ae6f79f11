"""k6's end-of-test summary as JSON: ``--summary-export`` and ``handleSummary(data)``.

Of k6 0.47 to 2.3.
``http_req_duration`` is in milliseconds; without ``summaryTrendStats`` k6 gives median, p(90) and
p(95), and no p(99). ``http_req_failed`` is the rate of failures; its ``passes`` are the failed.
"""

from smcost.errors import InputError
from smcost.read.json_part import JsonPart
from smcost.read.load_test import LoadTest
from smcost.remarks import Caveat, WarningCode

_PERCENTILES = {"med": 0.5, "p(50)": 0.5, "p(90)": 0.9, "p(95)": 0.95, "p(99)": 0.99}


def is_k6(document: JsonPart) -> bool:
    """Whether the JSON is a k6 summary: told by its keys."""
    metrics = document.values.get("metrics")
    return isinstance(metrics, dict) and bool({"http_req_duration", "http_reqs"} & metrics.keys())


def is_k6_machine_readable(document: JsonPart) -> bool:
    """Whether it is the newer shape, whose metrics are a list."""
    found: object = document.values.get("results", document.values)
    if not isinstance(found, dict):
        return False
    metrics = found.get("metrics")
    return isinstance(metrics, list) and any(
        isinstance(entry, dict) and entry.get("name") == "http_reqs" for entry in metrics
    )


def read_k6(document: JsonPart) -> list[LoadTest]:
    """The one level of a k6 run.

    Raises
    ------
    InputError
        A value is missing or none.
    """
    metrics = document.part("metrics")
    duration, requests = _values(metrics, "http_req_duration"), _values(metrics, "http_reqs")
    failed = _values(metrics, "http_req_failed")
    rate = failed.number("rate")
    dropped = _values(metrics, "dropped_iterations").number("count") or 0.0
    return [
        LoadTest(
            tool="k6",
            place=document.place,
            sent_rps=requests.needed("rate"),
            latencies_s=_latencies_s(duration),
            concurrency=_constant_users(metrics),
            in_flight=False,
            # Only executors with an arrival rate drop iterations.
            open_loop=dropped > 0,
            mean_s=duration.needed("avg") / 1000,
            failed_fraction=failed.number("value") if rate is None else rate,
            requests=int(requests.needed("count")),
            caveats=_dropped_caveats(dropped),
        )
    ]


def _values(metrics: JsonPart, name: str) -> JsonPart:
    """A metric's values: of its own in --summary-export, under ``values`` in handleSummary."""
    metric = metrics.part(name)
    return metric.part("values") if "values" in metric.values else metric


def _latencies_s(duration: JsonPart) -> dict[float, float]:
    found = {
        fraction: value / 1000
        for key, fraction in _PERCENTILES.items()
        if (value := duration.number(key)) is not None
    }
    if not found:
        raise InputError(
            f"http_req_duration has none of {', '.join(_PERCENTILES)}",
            remedy="Run k6 with --summary-trend-stats 'avg,med,p(90),p(95),p(99)'",
            place=duration.place,
        )
    return found


def _constant_users(metrics: JsonPart) -> float | None:
    """Virtual users, where their number never changed."""
    users = _values(metrics, "vus")
    least, most = users.number("min"), users.number("max")
    return most if least == most else None


def _dropped_caveats(dropped: float) -> tuple[Caveat, ...]:
    if dropped == 0:
        return ()
    message = (
        f"k6 dropped {dropped:,.0f} iterations for want of virtual users: the rate is what it "
        "managed to send, and the limit may be its own"
    )
    return (Caveat(code=WarningCode.CEILING_NOT_REACHED, message=message),)
