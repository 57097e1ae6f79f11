"""What one instance can do."""

import numpy as np
import pytest

from smcost.capacity import WorkersProfile
from smcost.errors import UsageError
from smcost.queueing.mgc import MAX_UTILISATION
from smcost.queueing.service import ServiceTime

SERVICE = ServiceTime(mean_s=0.045, cv=0.5)


def profile(workers: int) -> WorkersProfile:
    return WorkersProfile(instance_type="ml.m5.xlarge", workers=workers, service=SERVICE)


def test_an_instance_is_busy_all_the_time_at_workers_over_service_time():
    # 4 workers at 45 ms: 88.9 requests a second, 5333 a minute.
    assert profile(4).max_rps == pytest.approx(4 / 0.045)
    assert profile(4).max_per_minute == pytest.approx(60 * 4 / 0.045)


def test_an_idle_instance_answers_after_the_service_time_and_a_busy_one_later():
    table = profile(4).response_table()
    idle, busy = table.late_fraction(np.array([0.0, 0.9]), SERVICE.quantile_s(0.95))
    assert idle == pytest.approx(0.05, rel=1e-3)
    assert busy > 0.1
    assert table.utilisation[-1] == MAX_UTILISATION


def test_more_workers_at_the_same_utilisation_answer_sooner():
    load, limit_s = np.array([0.8]), 0.2
    fractions = [profile(n).response_table().late_fraction(load, limit_s)[0] for n in (1, 2, 4, 8)]
    assert fractions == sorted(fractions, reverse=True)
    assert fractions[0] > 2 * fractions[-1]


@pytest.mark.parametrize("workers", [0, -1, 10_001])
def test_a_concurrency_outside_the_possible_is_refused(workers):
    with pytest.raises(UsageError, match=f"concurrency of {workers} is outside"):
        profile(workers)
