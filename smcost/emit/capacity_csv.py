"""A capacity as the CSV that ``--capacity`` reads. Returns text, never prints."""

import csv
import io
import math
from collections.abc import Iterable, Sequence

from smcost.capacity import Profile, RateOf, RatesProfile, SweepProfile, WorkersProfile
from smcost.errors import UsageError
from smcost.queueing.service_measured import PercentileService, SampledService

_Record = dict[str, str]


def capacity_csv(profiles: Iterable[Profile], comments: Sequence[str] = ()) -> str:
    """Comment lines, a header and the rows of profiles of one kind.

    Parameters
    ----------
    profiles
        What was measured, at least one, all of one kind.
    comments
        Where it is from, a line each, without the ``#``.

    Raises
    ------
    UsageError
        The profiles are of several kinds, and a file has one.
    """
    known = list(profiles)
    if len({profile.kind for profile in known}) > 1:
        raise UsageError(
            "A capacity file has profiles of one kind",
            remedy="Write a file for each kind",
        )
    records = [record for profile in known for record in _records(profile)]
    # Columns that every record lacks are left out; their order is that of the first that has them.
    columns = list(dict.fromkeys(column for record in records for column in record))
    buffer = io.StringIO()
    for comment in comments:
        buffer.write(f"# {' '.join(comment.split())}\n")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([record.get(column, "") for column in columns] for record in records)
    return buffer.getvalue()


def _records(profile: Profile) -> list[_Record]:
    if isinstance(profile, WorkersProfile):
        return _workers(profile)
    if isinstance(profile, SweepProfile):
        return [
            {
                "instance_type": profile.instance_type,
                "concurrency": _figure(profile.concurrency[level]),
                "throughput_rps": _figure(profile.throughput_rps[level]),
                **_mean(float(profile.means_s[level])),
                **_measured(profile, level),
            }
            for level in range(profile.concurrency.size)
        ]
    assert isinstance(profile, RatesProfile)
    saturated = profile.rate_of is RateOf.SATURATION
    saturation = {"rate_of": profile.rate_of.value} if saturated else {}
    return [
        {
            "instance_type": profile.instance_type,
            "offered_rps": _figure(profile.offered_rps[level]),
            **_measured(profile, level),
            **saturation,
        }
        for level in range(profile.offered_rps.size)
    ]


def _measured(profile: RatesProfile | SweepProfile, level: int) -> _Record:
    latencies_s = profile.latencies_s[level]
    record = {
        f"p{100 * fraction:g}_ms": _figure(1000 * latency_s)
        for fraction, latency_s in zip(profile.fractions, latencies_s, strict=True)
    }
    if profile.errors_known:
        record["error_rate"] = _figure(profile.error_rate[level])
    if profile.requests[level] > 0:
        record["n"] = _figure(profile.requests[level])
    return {**record, "latency_of": profile.latency_of.value}


def _workers(profile: WorkersProfile) -> list[_Record]:
    service = profile.service
    first = {"instance_type": profile.instance_type, "workers": str(profile.workers)}
    last = {"service_law": service.law.value, "latency_of": profile.latency_of.value}
    if isinstance(service, SampledService):
        times = [{"service_time_ms": _figure(1000 * sample_s)} for sample_s in service.samples_s]
    elif isinstance(service, PercentileService):
        percentiles = zip(service.fractions, service.latencies_s, strict=True)
        times = [{f"p{100 * at:g}_ms": _figure(1000 * latency_s) for at, latency_s in percentiles}]
    else:
        mean, cv = _figure(1000 * service.mean_s), _figure(service.cv)
        times = [{"service_time_ms": mean, "service_cv": cv}]
    return [{**first, **time, **last} for time in times]


def _mean(mean_s: float) -> _Record:
    return {} if math.isnan(mean_s) else {"mean_ms": _figure(1000 * mean_s)}


def _figure(value: float) -> str:
    """Nine digits: more than any test can tell."""
    return f"{value:.9g}"
