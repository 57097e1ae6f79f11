"""Which of several metrics counts requests; CloudWatch's answer has labels, not metric names."""

import re
from collections.abc import Sequence

from smcost.errors import InputError
from smcost.read.metric_results import Result

#: Metric names that count requests: SageMaker and Lambda, load balancers, API Gateway.
_COUNTING = {"invocations", "requestcount", "count"}
_IDENTIFIERS = {"invocations", "inv"}
_STATISTIC = re.compile(
    r"average|avg|mean|minimum|min|maximum|max|samplecount|(?:p|tm|wm|tc|ts)\d+(?:\.\d+)?|iqm|pr",
    re.IGNORECASE,
)
_PER_INSTANCE = re.compile(r"invocations?per(?:instance|copy)", re.IGNORECASE)
_PER_INSTANCE_REMEDY = (
    "Ask for Invocations: how many instances there were varies, and is not in the answer"
)


def counting_result(results: Sequence[Result], metric_id: str | None, place: str) -> Result:
    """The result that counts requests.

    Parameters
    ----------
    metric_id
        Its Id or label; ``None`` takes the only one whose label says so.

    Raises
    ------
    InputError
        None or several, naming all; InvocationsPerInstance; another statistic than Sum.
    """
    names = ", ".join(result.name for result in results) or "none"
    if metric_id is not None:
        found = [each for each in results if metric_id in (each.identifier, each.label)]
        if len(found) != 1:
            raise InputError(
                f"{len(found)} results are called {metric_id!r}; there are {names}",
                remedy="Give the Id of one of them with --metric-id",
                place=place,
            )
        refuse_other_metric(found[0], place, named=True)
        return found[0]
    found = [each for each in results if _counts(each)]
    if len(found) == 1:
        return found[0]
    if len(results) == 1:
        refuse_other_metric(results[0], place)
    raise InputError(
        f"{len(found) or 'None'} of the results {'are' if len(found) > 1 else 'is'} Invocations "
        f"by its label; there are {names}",
        remedy="Say which with --metric-id ID",
        place=place,
    )


def refuse_other_metric(result: Result, place: str, *, named: bool = False) -> None:
    """Refuse what plainly is something else than a sum of requests.

    Parameters
    ----------
    named
        Whether somebody said that this is the one, whatever it is called.

    Raises
    ------
    InputError
    """
    where = f"{place}, {result.name}"
    if _PER_INSTANCE.search(result.name):
        raise InputError(
            "This is a rate per instance, not the invocations of the fleet",
            remedy=_PER_INSTANCE_REMEDY,
            place=where,
        )
    statistic = next((word for word in _words(result) if _STATISTIC.fullmatch(word)), None)
    if statistic is not None:
        raise InputError(
            f"This is the statistic {statistic}, and Sum is wanted",
            remedy="Ask for the Sum of Invocations",
            place=where,
        )
    if not named and not _counts(result):
        raise InputError(
            "The label does not say that these are Invocations",
            remedy="Say so with --metric-id, if they are",
            place=where,
        )


def _words(result: Result) -> list[str]:
    # Not at hyphens: an endpoint may well be called max-p99.
    return re.findall(r"[^\s,:;/|()\[\]]+", result.label or result.identifier)


def _counts(result: Result) -> bool:
    if _PER_INSTANCE.search(result.name):
        return False
    words = [word.lower() for word in _words(result)]
    if any(_STATISTIC.fullmatch(word) for word in words):
        return False
    if words == ["count"] or set(words) & (_COUNTING - {"count"}):
        return True
    return result.identifier.lower() in _IDENTIFIERS and not result.label
