"""What CloudWatch has of a variant: one question for all metrics, in as many calls as it takes."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smcost.errors import SmcostError
from smcost.read.aws.access import Aws
from smcost.read.aws.operations import GET_METRIC_DATA
from smcost.read.aws.variant import LiveVariant, live_variant
from smcost.read.metric_results import Result, join_results, messages_of
from smcost.remarks import Caveat, WarningCode
from smcost.traffic.observation import METRICS, Observation, Span, calls, idle_as_zero, span_of


def observe(
    aws: Aws,
    endpoint: str,
    variant: str | None = None,
    *,
    days: int,
    now_s: float,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Observation, list[Caveat]]:
    """Ask for all metrics of a variant.

    Parameters
    ----------
    variant
        Its name; ``None`` where there is exactly one.
    now_s
        When it is asked. [s since 1970-01-01T00:00Z]
    progress
        Told what is being asked.

    Returns
    -------
    Every period since then or since the endpoint was made, and what CloudWatch said about it.

    Raises
    ------
    UsageError
        Days that CloudWatch does not keep, or no such variant.
    AwsError
        A call failed, the answer is not complete, or nothing was invoked.
    """
    # Checked before anything is asked.
    span_of(days, now_s=now_s)
    live = live_variant(aws, endpoint, variant)
    span = span_of(days, now_s=now_s, created_s=live.created_s)
    columns = {metric.column: np.full(span.periods, np.nan) for metric in METRICS}
    said: list[str] = []
    parts = calls(span, len(METRICS))
    for number, part in enumerate(parts, start=1):
        progress(f"call {number} of {len(parts)}")
        for result in _ask(aws, live, part, said):
            _put(columns[result.identifier], result, span)
            said += result.messages
    _refuse_nothing(columns, live, days)
    idle_as_zero(columns)
    observation = Observation(
        endpoint=endpoint,
        variant=live.variant,
        region=aws.region,
        instance_type=live.instance_type,
        routing=live.routing,
        span=span,
        pulled_s=int(now_s),
        columns=columns,
    )
    caveats = [
        Caveat(code=WarningCode.AWS_MESSAGE, message=f"CloudWatch says: {message}")
        for message in dict.fromkeys(said)
    ]
    return observation, caveats


def _ask(aws: Aws, live: LiveVariant, span: Span, said: list[str]) -> Iterable[Result]:
    """Every metric in turn; what the answer says beside them all is added to ``said``."""
    entries = aws.pages(
        GET_METRIC_DATA,
        "MetricDataResults",
        lambda page: said.extend(messages_of(page.get("Messages"))),
        MetricDataQueries=[_query(metric.column, live, span.period_s) for metric in METRICS],
        StartTime=datetime.fromtimestamp(span.start_s, UTC),
        EndTime=datetime.fromtimestamp(span.end_s, UTC),
        ScanBy="TimestampAscending",
    )
    results = join_results(entries, _refuse)
    for metric in METRICS:
        if metric.column not in results:
            raise _refuse(
                "MetricDataResults", f"The answer has no {metric.column}", "Run the command again"
            )
        results[metric.column].refuse_unfinished(_refuse)
    return (results[metric.column] for metric in METRICS)


def _query(column: str, live: LiveVariant, period_s: int) -> dict[str, Any]:
    metric = next(metric for metric in METRICS if metric.column == column)
    dimensions = {"EndpointName": live.endpoint, "VariantName": live.variant}
    return {
        "Id": column,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [
                    {"Name": name, "Value": value} for name, value in dimensions.items()
                ],
            },
            "Period": period_s,
            "Stat": metric.statistic,
        },
    }


def _refuse(where: str, cause: str, remedy: str) -> SmcostError:
    return Aws.refused(GET_METRIC_DATA, f"{where}: {cause}", remedy)


def _put(column: NDArray[np.float64], result: Result, span: Span) -> None:
    """Lay the data points of a metric on the periods."""
    for stamp_s, value in zip(result.stamps_s, result.values, strict=True):
        at, off = divmod(stamp_s - span.start_s, span.period_s)
        asked = not off and 0 <= at < span.periods
        if not asked or not 0 <= value < np.inf:
            moment = datetime.fromtimestamp(stamp_s, UTC)
            wrong = "is no figure of this metric" if asked else "was not asked for"
            raise _refuse(
                result.identifier,
                f"Found {value:g} at {moment:%Y-%m-%dT%H:%M:%SZ}, which {wrong}",
                "Run the command once more; if it stays, report it",
            )
        column[int(at)] = value


def _refuse_nothing(columns: dict[str, NDArray[np.float64]], live: LiveVariant, days: int) -> None:
    if not np.isnan(columns["invocations"]).all():
        return
    alive = [name for name, column in columns.items() if not np.isnan(column).all()]
    seen = f", though it has {', '.join(alive[:3])}" if alive else ""
    raise Aws.refused(
        GET_METRIC_DATA,
        f"There are no Invocations of {live.endpoint}, variant {live.variant}, in the last {days} "
        f"days{seen}",
        "Invoke it first, or give more --days; one with inference components counts per component",
    )
