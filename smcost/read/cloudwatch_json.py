"""Counts out of what ``aws cloudwatch get-metric-data`` or ``get-metric-statistics`` printed.

Neither says which metric it holds but by its label, nor the period, nor the statistic of the first
form: all three are checked as far as the numbers tell, and asked for where they do not. Periods
without data are absent, not zero.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from smcost.errors import InputError, SmcostError
from smcost.read.metric_choice import counting_result, refuse_other_metric
from smcost.read.metric_results import (
    Refuse,
    Result,
    join_results,
    messages_of,
    number_of,
    seconds_of,
)
from smcost.read.traffic_csv import naive_times
from smcost.remarks import Caveat, WarningCode
from smcost.traffic.assemble import Duplicates, assemble
from smcost.traffic.origin import Origin
from smcost.traffic.periods import every_period
from smcost.traffic.trace import Trace

_AS_PRINTED = "Give the answer of aws cloudwatch get-metric-data or get-metric-statistics"
#: From so many periods on, counts of 0 and 1 alone look like an average.
_ENOUGH = 60
_UNITS = ("None", "Count", "")


def read_documents(text: str, place: str) -> list[dict[str, Any]]:
    """Read one JSON object or several, one after the other or in a list, as pages are saved.

    Raises
    ------
    InputError
        No JSON, or something else than objects.
    """
    decoder, at, found = json.JSONDecoder(), 0, []
    text = text.strip()
    while at < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise InputError(
                f"This is no JSON: {error.msg}",
                remedy="Save the output whole: it may be cut off",
                place=f"{place}, row {error.lineno}, column {error.colno}",
            ) from error
        at += len(text[at:]) - len(text[at:].lstrip())
        found += document if isinstance(document, list) else [document]
    if not found:
        raise InputError("The list is empty", remedy=_AS_PRINTED, place=place)
    for document in found:
        if not isinstance(document, dict):
            raise InputError(
                f"Found {document!r:.40}, where an object is wanted",
                remedy=_AS_PRINTED,
                place=place,
            )
    return found


def read_cloudwatch(
    documents: Sequence[dict[str, Any]],
    place: str,
    *,
    duplicates: Duplicates = "refuse",
    period_s: int | None = None,
    metric_id: str | None = None,
) -> tuple[Trace, list[Caveat], str]:
    """Read a trace from CloudWatch's answer.

    Parameters
    ----------
    documents
        The answer; several are pages of one, in their order.
    period_s
        The period that was asked for; ``None`` takes the smallest distance of two times. [s]
    metric_id
        Id or label of the result to read; ``None`` takes the one that counts invocations.

    Returns
    -------
    The trace, what should be known about it, and what it was read from.

    Raises
    ------
    InputError
        Naming the entry, what was found and what was wanted.
    """

    def refuse(where: str, cause: str, remedy: str) -> SmcostError:
        return InputError(cause, remedy=remedy, place=f"{place}, {where}")

    if all("MetricDataResults" in document for document in documents):
        result = _of_metric_data(documents, metric_id, place, refuse)
        form = "GetMetricData"
    elif all("Datapoints" in document for document in documents):
        result = _of_statistics(documents, place, refuse)
        form = "GetMetricStatistics"
    else:
        keys = ", ".join(sorted({str(key) for document in documents for key in document})[:8])
        raise InputError(
            f"This JSON has the keys {keys or '(none)'}, so it is no answer of CloudWatch",
            remedy=_AS_PRINTED,
            place=place,
        )
    _check_counts(result, place)
    grid = every_period(result.stamps_s, result.values, period_s, place)
    trace, caveats = assemble(
        grid.stamps_s,
        grid.counts,
        absent=grid.absent,
        duplicates=duplicates,
        origin=Origin(
            name=f"{place}, {result.name}",
            rows=grid.rows,
            time_column="time",
            value_column="Values" if form == "GetMetricData" else "Sum",
        ),
    )
    # Also where no period is missing: minutes asked for every five have a grid without a hole.
    inferred = ", period inferred" if period_s is None else ""
    return (
        trace,
        [*_caveats(result, place), *caveats],
        f"CloudWatch {form}, {result.name}{inferred}",
    )


def _of_metric_data(
    documents: Sequence[dict[str, Any]], metric_id: str | None, place: str, refuse: Refuse
) -> Result:
    if documents[-1].get("NextToken"):
        raise InputError(
            "The answer goes on: there is a NextToken, and no page after it",
            remedy="Save all pages: leave --max-items and --no-paginate out, or add the next ones",
            place=f"{place}, NextToken",
        )
    entries: list[object] = []
    for document in documents:
        found = document["MetricDataResults"]
        entries += found if isinstance(found, list) else [found]
    # Only the one that is read must be complete, but nobody knows which before all are joined.
    everything = join_results(entries, refuse)
    chosen = counting_result(list(everything.values()), metric_id, place)
    chosen.refuse_unfinished(refuse)
    for document in documents:
        chosen.messages += messages_of(document.get("Messages"))
    return chosen


def _of_statistics(documents: Sequence[dict[str, Any]], place: str, refuse: Refuse) -> Result:
    label = str(documents[0].get("Label", ""))
    if any(str(document.get("Label", "")) != label for document in documents):
        raise InputError(
            "The answers have different labels", remedy="Give one metric per file", place=place
        )
    result = Result(identifier=label or "Datapoints", label="")
    points = _points(documents, refuse)
    for index, point in enumerate(points):
        where = f"Datapoints[{index}]"
        found = point if isinstance(point, dict) else {}
        seconds, value = seconds_of(found.get("Timestamp")), number_of(found.get("Sum"))
        if seconds is None:
            raise refuse(where, f"Found {point!r:.60}, which has no time", _AS_PRINTED)
        if value is None:
            if "Sum" in found:
                raise refuse(
                    where, f"Found Sum {found['Sum']!r:.40}, which is no number", _AS_PRINTED
                )
            others = ", ".join(key for key in found if key not in ("Timestamp", "Unit"))
            raise refuse(
                where,
                f"There is no Sum, but {others or 'nothing else'}",
                "Ask for --statistics Sum of Invocations",
            )
        if str(found.get("Unit", "")) not in _UNITS:
            raise refuse(
                where,
                f"The unit is {found['Unit']}, so these are no counts",
                "Ask for --statistics Sum of Invocations",
            )
        result.stamps_s.append(seconds[0])
        result.values.append(value)
        result.naive += seconds[1]
    refuse_other_metric(result, place)
    return result


def _points(documents: Sequence[dict[str, Any]], refuse: Refuse) -> list[object]:
    """Those of all answers; ``null`` is an answer without any."""
    points: list[object] = []
    for document in documents:
        found = document["Datapoints"]
        if not isinstance(found, list | None):
            raise refuse("Datapoints", f"Found {found!r:.40}, where a list is wanted", _AS_PRINTED)
        points += found or ()
    return points


def _check_counts(result: Result, place: str) -> None:
    if not result.values:
        raise InputError(
            f"{result.name} has no data point",
            remedy="Check endpoint, variant, region and span; an asynchronous endpoint publishes "
            "no Invocations",
            place=place,
        )
    for index, value in enumerate(result.values):
        if math.isfinite(value) and not value.is_integer():
            raise InputError(
                f"Found {value:g}, and a sum of invocations is a whole number",
                remedy="Ask for the statistic Sum of Invocations, not for an Average, a rate or "
                "InvocationsPerInstance",
                place=f"{place}, {result.name}, data point {index + 1}",
            )


def _caveats(result: Result, place: str) -> list[Caveat]:
    caveats = [
        Caveat(code=WarningCode.AWS_MESSAGE, message=f"CloudWatch says: {message}")
        for message in result.messages
    ]
    if result.naive:
        caveats.append(naive_times(result.naive, place))
    if len(result.values) >= _ENOUGH and np.isin(result.values, (0, 1)).all():
        message = (
            "No count is above 1. The Average of Invocations is always 1: check that the "
            "statistic is Sum"
        )
        caveats.append(Caveat(code=WarningCode.STATISTIC_ODD, message=message))
    return caveats
