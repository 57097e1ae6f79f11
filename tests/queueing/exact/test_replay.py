"""The replay of minutes: laws, stories, threads, and the plain simulator on the same minutes."""

import numpy as np
import pytest

from smcost.errors import UsageError
from smcost.queueing.exact import parts
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.exact.histogram import BINS, bins_of
from smcost.queueing.exact.quantile_table import tabulated
from smcost.queueing.exact.random_numbers import (
    ARRIVALS,
    WORK,
    ranks_and_choices,
    sorted_uniforms,
    stream_key,
)
from smcost.queueing.exact.replay import exact_replay
from smcost.queueing.exact.stations import SweepStation, WorkersStation, workers_station
from smcost.queueing.service import ServiceTime
from smcost.queueing.simulation import WorkersInstance, simulate_fleet

SERVICE = ServiceTime(mean_s=0.5, cv=0.5)
#: Two workers of 0.5 s serve 4 a second.
STATION = workers_station(SERVICE, 2)


def constant_table(value_s):
    return tabulated(lambda p: np.full(p.shape, value_s), lambda p: np.full(p.shape, value_s))


#: Departs at 1, 2, 3 a second; what a request finds can be read from its latency.
TELLTALE = SweepStation(
    throughput_rps=np.array([1.0, 2.0, 3.0]),
    latencies=tuple(constant_table(value_s) for value_s in (0.25, 0.5, 1.0)),
)


def replay(counts, in_service=2, **changes):
    counts = np.array(counts)
    values = {
        "counts": counts,
        "in_service": np.full(counts.shape, in_service) if np.isscalar(in_service) else in_service,
        "station": STATION,
        "least_outstanding": False,
        "seed": 1,
        "limits_s": np.array([0.5, 1.0, 2.0]),
        "timeout_s": 60.0,
        "drop_timed_out": False,
        "window": np.arange(counts.size) // 10,
        "section": np.arange(counts.size) % 10,
    }
    return exact_replay(**values | changes)


def random_counts(minutes, *, per_minute=300, seed=3):
    return np.random.default_rng(seed).poisson(per_minute, minutes)


@pytest.mark.parametrize("least_outstanding", [False, True])
def test_what_is_counted_is_what_the_plain_simulator_finds(least_outstanding):
    counts = random_counts(30)
    in_service = np.random.default_rng(4).integers(1, 5, 30)
    places = [sorted_uniforms(stream_key(8, 50 + t, ARRIVALS), n) for t, n in enumerate(counts)]
    luck = [ranks_and_choices(stream_key(8, 50 + t, WORK), n) for t, n in enumerate(counts)]
    ranks, choices = (np.concatenate(of_kind) for of_kind in zip(*luck, strict=True))
    arrivals_s = np.concatenate([60 * (t + place) for t, place in enumerate(places)])
    responses_s = simulate_fleet(
        arrivals_s=arrivals_s,
        work=STATION.service.at(ranks),
        choices=None if least_outstanding else choices,
        instances=in_service,
        step_s=60.0,
        new_instance=lambda: WorkersInstance(2),
    )
    found = replay(counts, in_service, seed=8, first_minute=50, least_outstanding=least_outstanding)
    minute = np.repeat(np.arange(30), counts)
    for number, limit_s in enumerate((0.5, 1.0, 2.0)):
        late = np.bincount(minute[responses_s > limit_s], minlength=30)
        assert found.late[:, number].tolist() == late.tolist()
    # Rounding may put a response on the other side of an edge.
    expected = np.bincount(bins_of(responses_s), minlength=BINS)
    assert np.abs(found.histogram.sum(axis=0).astype(int) - expected).sum() <= 2


@pytest.mark.parametrize("station", [STATION, TELLTALE], ids=["workers", "sweep"])
@pytest.mark.parametrize("least_outstanding", [False, True])
def test_every_recorded_request_is_counted_once(station, least_outstanding):
    counts = random_counts(35)
    found = replay(counts, station=station, least_outstanding=least_outstanding, record_from=12)
    assert found.histogram.shape == (4, BINS)
    recorded = np.where(np.arange(35) >= 12, counts, 0)
    by_window = [recorded[10 * w : 10 * w + 10].sum() for w in range(4)]
    assert found.histogram.sum(axis=1).tolist() == by_window
    by_section = [recorded[s::10].sum() for s in range(10)]
    assert found.sections.sum(axis=1).tolist() == by_section
    assert np.all(found.late[:12] == 0)
    assert np.all(np.diff(found.late, axis=1) <= 0)
    assert np.all(found.late[12:] <= counts[12:, None])
    assert not found.saturated


def test_times_within_the_minute_can_be_given():
    # Two instances with a constant second: four at once, four at once, one alone.
    station = WorkersStation(workers=1, service=constant_table(1.0))
    offsets_s = np.array([5.0, 5.0, 5.0, 5.0, 59.5, 59.5, 0.0, 0.0, 30.0])
    found = replay(
        [6, 3],
        station=station,
        offsets_s=offsets_s,
        least_outstanding=True,
        limits_s=np.array([0.9, 1.0, 1.5, 2.0]),
    )
    assert found.late.tolist() == [[6, 2, 2, 0], [3, 2, 0, 0]]


def test_a_constant_service_is_not_late_by_rounding():
    station = WorkersStation(workers=50, service=constant_table(0.1))
    found = replay(
        random_counts(5), station=station, limits_s=np.array([0.1]), first_minute=1_000_000
    )
    assert found.late.sum() == 0


def test_a_stretch_replayed_alone_is_what_it_is_in_the_whole():
    counts = random_counts(60)
    counts[25:28] = 0  # The fleet runs empty.
    whole = replay(counts, first_minute=100, burstiness=3.0)
    alone = replay(counts[27:], first_minute=127, burstiness=3.0)
    assert np.array_equal(alone.late, whole.late[27:])
    other = replay(counts[27:], first_minute=128, burstiness=3.0)
    assert not np.array_equal(other.late, whole.late[27:])


def test_bursts_make_more_requests_late():
    counts = np.full(50, 320)
    smooth, bursty = (replay(counts, in_service=2, burstiness=d).late[:, 1].sum() for d in (1, 8))
    assert bursty > 1.2 * smooth


@pytest.fixture
def short_parts(monkeypatch):
    monkeypatch.setattr(parts, "PART_MINUTES", 20)
    monkeypatch.setattr(parts, "WARM_UP_MINUTES", 5)


@pytest.mark.usefixtures("short_parts")
@pytest.mark.skipif(not compiled(), reason="the kernels are not built or are off")
@pytest.mark.parametrize("station", [STATION, TELLTALE], ids=["workers", "sweep"])
@pytest.mark.parametrize("least_outstanding", [False, True])
@pytest.mark.parametrize("per_minute", [60, 300, 700])
def test_the_number_of_threads_changes_no_digit(station, least_outstanding, per_minute):
    # 700 a minute overload both: every guess is wrong.
    scene = {"station": station, "least_outstanding": least_outstanding, "burstiness": 2.0}
    counts = random_counts(190, per_minute=per_minute)
    one, *others = (replay(counts, threads=threads, **scene) for threads in (1, 2, 3))
    for other in others:
        assert np.array_equal(one.late, other.late)
        assert np.array_equal(one.histogram, other.histogram)
        assert np.array_equal(one.sections, other.sections)
    assert one.late.sum() > 0


@pytest.mark.usefixtures("short_parts")
def test_the_partition_changes_no_digit(monkeypatch):
    counts = random_counts(70, per_minute=470)
    cut = replay(counts, least_outstanding=True)
    monkeypatch.setattr(parts, "PART_MINUTES", 1000)
    whole = replay(counts, least_outstanding=True)
    assert np.array_equal(cut.late, whole.late)
    assert np.array_equal(cut.histogram, whole.histogram)


def test_after_an_hour_of_warm_up_most_guesses_are_right():
    horizon = []
    counts = random_counts(1_500, per_minute=300)
    original = parts.replay_parts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "smcost.queueing.exact.replay.replay_parts",
            lambda stretch, threads: horizon.append(stretch) or original(stretch, threads),
        )
        replay(counts)
    [stretch] = horizon
    guess, _ = parts._guess(stretch, parts.PART_MINUTES)
    true = parts.replay_stretch(parts.cut(stretch, 0, parts.PART_MINUTES), b"").state
    assert guess == true


@pytest.mark.usefixtures("short_parts")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_fleet_given_up_counts_every_later_request_as_late(threads):
    counts = np.full(70, 600)
    counts[3], counts[30] = 0, 7
    found = replay(
        counts, in_service=1, least_outstanding=True, most_waiting=5_000, threads=threads
    )
    assert found.saturated
    # 360 a minute more than it serves: 5,000 wait after 15 of such minutes, one of them empty.
    assert np.all(found.late[16:] == counts[16:, None])
    assert found.histogram.sum() == counts.sum()
    assert found.histogram[-1, -1] == counts[60:].sum()


def test_dropped_work_lets_an_overload_end_sooner():
    counts = [1_000, 0, 100, 100]
    kept = replay(counts, timeout_s=5.0, limits_s=np.array([5.0]))
    dropped = replay(counts, timeout_s=5.0, drop_timed_out=True, limits_s=np.array([5.0]))
    assert dropped.late[0, 0] < kept.late[0, 0]
    assert np.all(dropped.late <= kept.late)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"in_service": np.array([1, 0])}, "without an instance"),
        ({"in_service": np.array([1])}, "differ in length"),
        ({"window": np.array([0])}, "differ in length"),
        ({"counts": np.array([1, -1])}, "fewer than no"),
        ({"section": np.array([0, -1])}, "out of range"),
        ({"first_minute": -1}, "out of range"),
        ({"first_minute": 10**8}, "out of range"),
        ({"burstiness": 0.9}, "dispersion"),
        ({"offsets_s": np.array([1.0])}, "do not fit"),
        ({"offsets_s": np.array([1.0, 2.0, 61.0])}, "do not fit"),
        ({"offsets_s": np.array([2.0, 1.0, 3.0])}, "do not fit"),
        ({"offsets_s": np.array([1.0, 2.0, np.nan])}, "do not fit"),
    ],
)
def test_what_makes_no_sense_is_refused(change, message):
    with pytest.raises(UsageError, match=message):
        replay(**{"counts": [2, 1]} | change)


def test_no_minute_is_refused():
    with pytest.raises(UsageError, match="none at all"):
        replay(np.array([], dtype=np.int64))


def test_stations_that_are_none_are_refused():
    table = constant_table(1.0)
    with pytest.raises(UsageError, match="serves nobody"):
        WorkersStation(workers=0, service=table)
    with pytest.raises(UsageError, match="belong together"):
        SweepStation(throughput_rps=np.array([1.0, 2.0]), latencies=(table,))
    with pytest.raises(UsageError, match="not positive"):
        SweepStation(throughput_rps=np.array([0.0]), latencies=(table,))
