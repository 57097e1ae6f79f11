"""Batch transform: instances for the time of a job only."""

import math
from dataclasses import dataclass
from decimal import Decimal

from smcost.errors import UsageError
from smcost.units import SECONDS_PER_HOUR

_MOST_JOBS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMonth:
    """The jobs of a month.

    Attributes
    ----------
    jobs
        In a month. [count]
    instances
        Of each job: the fewest that are done with it before the next one. [instances]
    hours_per_job
        From launch to end of one. [h]
    instance_hours
        Of all of them. [h]
    """

    jobs: Decimal
    instances: int
    hours_per_job: Decimal
    instance_hours: Decimal


def batch_month(
    *,
    invocations: Decimal,
    rps_per_instance: float,
    jobs: Decimal,
    startup_s: float,
    hours_per_month: Decimal,
) -> BatchMonth:
    """What the requests of a month take, gathered into jobs of equal size.

    Parameters
    ----------
    invocations
        Of a month. [count]
    rps_per_instance
        What an instance does that is busy all the time. [s^-1]
    jobs
        In a month. [count]
    startup_s
        Of every instance of a job, billed. [s]
    hours_per_month
        720 or 730. [h]

    Raises
    ------
    UsageError
        A number of jobs that is none, or so many that not even their start-ups fit between them.

    >>> month = batch_month(invocations=Decimal(1_080_000), rps_per_instance=10.0,
    ...     jobs=Decimal(30), startup_s=360.0, hours_per_month=Decimal(720))
    >>> str(month.hours_per_job), str(month.instance_hours)
    ('1.1', '33.0')
    """
    if not jobs.is_finite() or not 0 < jobs <= _MOST_JOBS:
        raise UsageError(
            f"{jobs} jobs a month are no schedule",
            remedy=f"Give a number above 0, at most {_MOST_JOBS:,}; 30 is one a day",
            place="--batch-jobs-per-month",
        )
    between_h = hours_per_month / jobs
    start_h = Decimal(repr(startup_s)) / SECONDS_PER_HOUR
    if between_h <= start_h:
        raise UsageError(
            f"{jobs.normalize():f} jobs a month leave {float(between_h):.3g} h for each, and an "
            f"instance takes {float(start_h):.3g} h to start",
            remedy="Give fewer",
            place="--batch-jobs-per-month",
        )
    work_h = invocations / Decimal(repr(rps_per_instance)) / SECONDS_PER_HOUR / jobs
    instances = max(1, math.ceil(work_h / (between_h - start_h)))
    hours_per_job = start_h + work_h / instances
    return BatchMonth(
        jobs=jobs,
        instances=instances,
        hours_per_job=hours_per_job,
        instance_hours=jobs * instances * hours_per_job,
    )
