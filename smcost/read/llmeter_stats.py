"""LLMeter's ``stats.json``, of LLMeter 0.1 and 0.2: one per run, one run per number of clients.

Times are in seconds. The whole answer is ``time_to_last_token``; ``time_to_first_token`` is another
thing and is not read. Each client sends its next request when the last one is answered.
"""

from smcost.errors import InputError
from smcost.read.json_part import JsonPart
from smcost.read.load_test import LoadTest
from smcost.units import SECONDS_PER_MINUTE

_LATENCY = "time_to_last_token"
_PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def is_llmeter(document: JsonPart) -> bool:
    """Whether the JSON is a ``stats.json``: told by its keys."""
    return {"clients", "requests_per_minute"} <= document.values.keys()


def is_llmeter_summary(document: JsonPart) -> bool:
    """Whether it is the ``summary.json`` beside it, which has no statistics."""
    return {"clients", "total_test_time", "n_requests"} <= document.values.keys()


def read_llmeter(document: JsonPart) -> list[LoadTest]:
    """The one level of a run.

    Raises
    ------
    InputError
        A value is missing or none; the run was interrupted or nothing was answered.
    """
    latencies_s = {
        fraction: value
        for key, fraction in _PERCENTILES.items()
        if (value := document.number(f"{_LATENCY}-{key}")) is not None
    }
    if not latencies_s:
        raise InputError(
            f"There is no percentile of {_LATENCY}: nothing was answered, or not to its end",
            remedy="Look into the responses.jsonl beside it for the errors",
            place=document.place,
        )
    requests = document.number("total_requests")
    return [
        LoadTest(
            tool="LLMeter",
            place=document.place,
            sent_rps=document.needed("requests_per_minute") / SECONDS_PER_MINUTE,
            latencies_s=latencies_s,
            concurrency=document.needed("clients"),
            in_flight=True,
            open_loop=False,
            mean_s=document.number(f"{_LATENCY}-average"),
            failed_fraction=document.number("failed_requests_rate"),
            requests=None if requests is None else int(requests),
        )
    ]
