"""Answers of DescribeScalingActivities, from a file that the CLI printed or from the service."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from smcost.capacity.startup import ScalingActivity
from smcost.errors import InputError, SmcostError
from smcost.read.metric_results import seconds_of
from smcost.read.text_file import read_text

#: Makes the error of whoever reads: where, what was found, what to do.
Refuse = Callable[[str, str, str], SmcostError]
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
#: 2100-01-01T00:00Z: what is later is in milliseconds, or no time at all.
_LATEST_S = 4_102_444_800
_REMEDY = "Save what aws application-autoscaling describe-scaling-activities prints, unchanged"


def read_scaling_activities(path: Path, endpoint: str, variant: str) -> list[ScalingActivity]:
    """Activities of a variant in a saved answer.

    Raises
    ------
    InputError
        The file is no such answer or only a page of one, or has none of that variant.
    """
    try:
        answer = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(
            f"It is no JSON ({error.msg}, line {error.lineno})", remedy=_REMEDY, place=str(path)
        ) from error
    entries = answer.get("ScalingActivities") if isinstance(answer, Mapping) else None
    if not isinstance(entries, list):
        raise InputError(
            "There is no list ScalingActivities in it", remedy=_REMEDY, place=str(path)
        )

    if answer.get("NextToken"):
        raise InputError(
            "The answer goes on: it has a NextToken, and the next page is not in the file",
            remedy="Ask again without --max-items and --no-paginate",
            place=f"{path}, NextToken",
        )

    def refuse(where: str, cause: str, remedy: str) -> SmcostError:
        return InputError(cause, remedy=remedy, place=f"{path}, {where}")

    found = scaling_activities(entries, endpoint, variant, refuse)
    if entries and not found:
        raise InputError(
            f"None of the {len(entries)} activities is of {endpoint}, variant {variant}",
            remedy=f"Ask for --resource-id {_resource(endpoint, variant)}",
            place=str(path),
        )
    return found


def scaling_activities(
    entries: Iterable[object], endpoint: str, variant: str, refuse: Refuse
) -> list[ScalingActivity]:
    """Activities that set the instance count of a variant.

    Raises
    ------
    SmcostError
        By ``refuse``: an entry that is none, a time that is none or beyond 2100.
    """
    found = []
    for number, entry in enumerate(entries):
        where = f"ScalingActivities[{number}]"
        if not isinstance(entry, Mapping):
            raise refuse(where, "The entry is no object", _REMEDY)
        other = entry.get("ScalableDimension", DIMENSION) != DIMENSION
        if not other and entry.get("ResourceId") == _resource(endpoint, variant):
            found.append(_activity(entry, where, refuse))
    return found


def _resource(endpoint: str, variant: str) -> str:
    return f"endpoint/{endpoint}/variant/{variant}"


def _activity(entry: Mapping[str, object], where: str, refuse: Refuse) -> ScalingActivity:
    start = _seconds(entry, "StartTime", where, refuse)
    if start is None:
        raise refuse(where, "There is no StartTime", _REMEDY)
    reasons = entry.get("NotScaledReasons")
    codes = [
        str(reason.get("Code"))
        for reason in (reasons if isinstance(reasons, list) else [])
        if isinstance(reason, Mapping)
    ]
    return ScalingActivity(
        start_s=start,
        end_s=_seconds(entry, "EndTime", where, refuse),
        status=str(entry.get("StatusCode", "")),
        description=str(entry.get("Description", "")),
        cause=str(entry.get("Cause", "")),
        not_scaled=tuple(codes),
    )


def _seconds(entry: Mapping[str, object], key: str, where: str, refuse: Refuse) -> float | None:
    if entry.get(key) is None:
        return None
    moment = seconds_of(entry[key])
    if moment is None or not 0 <= moment[0] < _LATEST_S:
        raise refuse(f"{where}.{key}", f"Found {entry[key]!r:.40}, which is no time", _REMEDY)
    return moment[0]
