"""Results of CloudWatch's GetMetricData, of one page or many, from a file or from the service."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from smcost.errors import SmcostError
from smcost.read.masking import masked

#: Makes the error of whoever reads: where, what was found, what to do.
Refuse = Callable[[str, str, str], SmcostError]
_AGAIN = "Ask for it again, in parts if it is long, until every StatusCode is Complete"


@dataclass(slots=True, kw_only=True)
class Result:
    """All data points of one query, in the order in which they came, and how it ended."""

    identifier: str
    label: str
    stamps_s: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    naive: int = 0
    statuses: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Label and Id, as a person finds them in the answer."""
        return f'{self.identifier} "{self.label}"' if self.label else self.identifier

    def refuse_unfinished(self, refuse: Refuse) -> None:
        """Refuse a result that is not complete.

        A query cut by a page says PartialData there and goes on in the next one, so only its last
        entry must be Complete; InternalError and Forbidden are final wherever they stand.

        Raises
        ------
        SmcostError
            By ``refuse``.
        """
        bad = [status for status in self.statuses if status not in ("Complete", "PartialData")]
        if not bad and self.statuses[-1:] == ["Complete"]:
            return
        status = (bad or self.statuses or ["absent"])[-1]
        said = f": {'; '.join(self.messages)}" if self.messages else ""
        raise refuse(
            self.identifier,
            f"The StatusCode of {self.name} is {status}, not Complete{said}",
            _AGAIN,
        )


def join_results(entries: Iterable[object], refuse: Refuse) -> dict[str, Result]:
    """Join the entries of all pages by their Id; whether they are complete is not judged here.

    Raises
    ------
    SmcostError
        By ``refuse``: an entry that is none, a value that is no number, times and values that
        differ in number.
    """
    results: dict[str, Result] = {}
    for number, entry in enumerate(entries):
        where = f"MetricDataResults[{number}]"
        if not isinstance(entry, Mapping):
            raise refuse(where, "The entry is no object", "Give the answer as AWS printed it")
        identifier = str(entry.get("Id", f"number {number}"))
        label = str(entry.get("Label", ""))
        result = results.setdefault(identifier, Result(identifier=identifier, label=label))
        _append(result, entry, where, refuse)
    return results


def messages_of(messages: object) -> list[str]:
    """``Code: Value`` of each message of an answer, in one line, without ARNs and account ids."""
    if not isinstance(messages, list):
        return []
    return [
        masked(f"{message.get('Code', 'message')}: {message.get('Value', '')}")
        for message in messages
        if isinstance(message, Mapping)
    ]


def number_of(value: object) -> float | None:
    """A number of a JSON document; ``None``: it is none, or an integer beyond every float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def seconds_of(stamp: object) -> tuple[float, bool] | None:
    """Seconds since 1970 of a time in any style of the CLI or boto3, and whether it has no zone.

    CLI v1 prints epoch seconds, v2 ISO 8601 with ``Z``, an offset or fractions; boto3 gives
    datetimes. ``None``: it is no time.

    >>> seconds_of("2024-01-01T01:00:00.000+01:00"), seconds_of(1704067200)
    ((1704067200.0, False), (1704067200.0, False))
    """
    seconds = number_of(stamp)
    if seconds is not None:
        return seconds, False
    moment = stamp
    if isinstance(stamp, str):
        try:
            moment = datetime.fromisoformat(stamp.strip())
        except ValueError:
            return None
    if not isinstance(moment, datetime):
        return None
    naive = moment.tzinfo is None
    return (moment.replace(tzinfo=UTC) if naive else moment).timestamp(), naive


def _append(result: Result, entry: Mapping[str, object], where: str, refuse: Refuse) -> None:
    stamps, values = entry.get("Timestamps"), entry.get("Values")
    if not isinstance(stamps, list) or not isinstance(values, list) or len(stamps) != len(values):
        raise refuse(
            where,
            "Timestamps and Values are no two lists of one length",
            "Give the answer as AWS printed it",
        )
    for index, (stamp, value) in enumerate(zip(stamps, values, strict=True)):
        seconds = seconds_of(stamp)
        if seconds is None:
            raise refuse(
                f"{where}.Timestamps[{index}]",
                f"Found {stamp!r:.40}, which is no time",
                "Give ISO 8601 or seconds since 1970, as the CLI prints them",
            )
        number = number_of(value)
        if number is None:
            raise refuse(
                f"{where}.Values[{index}]",
                f"Found {value!r:.40}, which is no number",
                "Give the answer as AWS printed it",
            )
        result.stamps_s.append(seconds[0])
        result.values.append(number)
        result.naive += seconds[1]
    result.statuses.append(str(entry.get("StatusCode", "Complete")))
    result.messages += messages_of(entry.get("Messages"))
