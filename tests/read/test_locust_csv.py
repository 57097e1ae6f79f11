"""Locust's CSV files: what is counted, what is rounded, and which percentiles are of what."""

import pytest

from smcost.errors import InputError
from smcost.read.locust_csv import locust_kind, read_locust_history, read_locust_stats

#: What Locust 2.47.0 wrote of 4 users against a server of 20 to 30 ms on this machine.
_FIGURES = (
    "781,7,72,71.35828540840905,45.22343999997247,87.04922499964596,2.0,55.74691092133373,"
    "0.49965221056253023,72,72,75,76,76,80,80,81,87,87,87"
)
STATS = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response "
    "Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,"
    f"99%,99.9%,99.99%,100%\nPOST,/invocations,{_FIGURES}\n,Aggregated,{_FIGURES}\n"
)
HEADER = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,"
    "99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average "
    "Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size"
)


def row(second, users, total, *, failed=0, mean=50, p=(50, 80, 90, 99), name="Aggregated"):
    p50, p90, p95, p99 = p
    kind = "" if name == "Aggregated" else "POST"
    percentiles = f"{p50},{p50},{p50},{p50},{p90},{p95},{p95},{p99},{p99},{p99},{p99}"
    return (
        f"{1_795_562_936 + second},{users},{kind},{name},1.0,0.0,{percentiles},{total},{failed},"
        f"{p50},{mean},1,{p99},2.0"
    )


def history(*rows):
    nobody = f"1795562935,0,,Aggregated,0.0,0.0{11 * ',N/A'},0,0,0,0.0,0,0,0"
    return "\n".join([HEADER, nobody, *rows]) + "\n"


def refusal(read, text):
    with pytest.raises(InputError) as caught:
        read(text, "x.csv")
    assert caught.value.remedy
    assert caught.value.place.startswith("x.csv")
    return caught.value


def test_both_files_are_known_by_their_headers():
    assert locust_kind(STATS.splitlines()[0].split(",")) == "stats"
    assert locust_kind(HEADER.split(",")) == "history"
    assert locust_kind(["instance_type", "concurrency"]) is None


def test_the_aggregated_row_of_a_real_run():
    [level] = read_locust_stats(STATS, "x.csv")
    assert level.sent_rps == pytest.approx(55.7469109)
    assert level.latencies_s == {0.5: 0.072, 0.9: 0.076, 0.95: 0.080, 0.99: 0.081}
    assert level.mean_s == pytest.approx(0.0713582854)
    assert level.failed_fraction == pytest.approx(7 / 781)
    assert level.requests == 781
    assert level.concurrency is None
    assert not level.in_flight
    # Little's law on the real run: its 4 users were never idle.
    assert level.sent_rps * level.mean_s == pytest.approx(4, rel=0.01)


def test_failed_requests_are_no_throughput():
    [level] = read_locust_stats(STATS, "x.csv")
    assert level.answered_rps == pytest.approx(55.7469109 * (781 - 7) / 781)


def test_several_names_are_said_to_be_taken_together():
    two = STATS.replace(
        ",Aggregated", "GET,/ping,1,0,1,1,1,1,2,1,0,1,1,1,1,1,1,1,1,1,1,1\n,Aggregated"
    )
    assert (
        "2 names are taken together (/invocations, /ping)"
        in read_locust_stats(two, "x")[0].notes[1]
    )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (STATS.replace("Aggregated", "Total"), "There is no row named Aggregated"),
        (STATS.replace(",781,", ",0,"), "The test made no request"),
        (STATS.replace(",781,", ",x,"), "is 'x'"),
        (STATS.replace(",781,", ",7.5,"), "a whole number is wanted"),
        (STATS.replace("99%,99.9%", "98.5%,99.9%"), "The header lacks 99%"),
        (STATS.replace(",80,80,81,", ",80,80,N/A,"), "is 'N/A'"),
    ],
)
def test_a_stats_file_that_is_none_is_refused(text, cause):
    assert cause in refusal(read_locust_stats, text).cause


def test_a_constant_number_of_users_is_one_level_counted_over_its_own_time():
    rows = [row(second, 4, 100 * second, failed=second) for second in range(1, 31)]
    [level] = read_locust_history(history(*rows), "x.csv")
    assert level.concurrency == 4
    assert level.sent_rps == pytest.approx(100)
    assert level.failed_fraction == pytest.approx(0.01)
    assert level.requests == 3000
    assert level.latencies_s == {0.5: 0.05, 0.9: 0.08, 0.95: 0.09, 0.99: 0.099}
    assert level.mean_s == pytest.approx(0.05)


def test_a_short_ramp_before_is_no_matter_and_a_long_one_is_refused():
    ramp = [row(1, 1, 5), row(2, 2, 20)]
    kept = [row(second, 4, 20 + 100 * (second - 3)) for second in range(3, 34)]
    [level] = read_locust_history(history(*ramp, *kept), "x.csv")
    assert (level.concurrency, level.sent_rps) == (4, pytest.approx(100))
    long = [row(1, 1, 2000), row(2, 2, 4000)]
    later = [row(second, 4, 4000 + 100 * (second - 3)) for second in range(3, 34)]
    error = refusal(read_locust_history, history(*long, *later))
    assert "only 43% of its requests were made by the last number of users" in error.cause
    assert "(there were 1 to 4)" in error.cause
    assert "--reset-stats or --csv-full-history" in error.remedy


def test_a_reset_of_the_totals_makes_percentiles_those_of_the_last_number():
    ramp = [row(1, 1, 2000), row(2, 2, 4000)]
    kept = [row(second, 4, 100 * (second - 3)) for second in range(3, 34)]
    [level] = read_locust_history(history(*ramp, *kept), "x.csv")
    assert (level.concurrency, level.requests) == (4, 3000)
    assert level.sent_rps == pytest.approx(100)


def stairs():
    """1, 2 and 4 users, 30 s each but for 2, with 10, 19 and 30 answers per second."""
    rows, total, spent = [], 0, 0.0
    for start, users, rate, seconds, p99 in (
        (0, 1, 10, 30, 99),
        (30, 2, 19, 5, 150),
        (35, 4, 30, 30, 200),
    ):
        for second in range(seconds):
            total += rate
            spent += rate * p99 / 2
            mean = spent / total
            moment = start + second
            rows.append(
                row(
                    moment, users, total, mean=mean, p=(p99 / 2, p99, p99, p99), name="/invocations"
                )
            )
            rows.append(row(moment, users, total, mean=mean, p=(p99 / 2, p99, p99, p99)))
    return history(*rows)


def test_with_full_history_every_number_of_users_kept_up_is_a_level():
    first, last = read_locust_history(stairs(), "x.csv")
    assert (first.concurrency, last.concurrency) == (1, 4)
    assert (first.sent_rps, last.sent_rps) == (pytest.approx(10), pytest.approx(30))
    assert (first.latencies_s[0.99], last.latencies_s[0.99]) == (0.099, 0.2)
    assert last.mean_s == pytest.approx(0.1)
    # The percentiles are of the last ten seconds, and so is the number of requests behind them.
    assert (first.requests, last.requests) == (100, 300)
    assert last.place == "x.csv, 4 users"
    assert any("last 10 s" in note for note in last.notes)


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        ([row(1, 0, 0)], "There is no row named Aggregated with users"),
        ([row(1, 4, 0), row(2, 4, 0)], "The test made no request"),
        ([row(1, 4, 10)], "No number of users was kept up"),
        ([row(1, 4, 10, name="/a"), row(1, 4, 10)], "No number of users was kept up"),
        (
            [
                *(row(s, 4, 10, name="/a") for s in (1, 30)),
                *(row(s, 4, 10) for s in (1, 30)),
            ],
            "No request was answered while there were 4 users",
        ),
    ],
)
def test_a_history_that_tells_nothing_is_refused(rows, cause):
    assert cause in refusal(read_locust_history, history(*rows)).cause
