"""An ALB access log is read by the arrival of its requests, not by their answers.

The examples are those of AWS's page "Access logs for your Application Load Balancer", with
addresses and names changed.
"""

import gzip

import pytest

from smcost.errors import InputError
from smcost.read.alb_log import is_alb_log
from smcost.read.traffic_file import Reading, read_traffic_file
from smcost.remarks import WarningCode

T0 = 1_704_067_200  # 2024-01-01T00:00Z


def line(
    created="2024-01-01T00:00:00.000000Z",
    answered="2024-01-01T00:00:59.186641Z",
    *,
    kind="http",
    actions="forward",
    target="10.0.0.1:80",
    agent="curl/7.46.0",
    more="",
):
    return (
        f"{kind} {answered} app/my-loadbalancer/50dc6c495c0c9188 192.0.2.7:2817 {target} 0.000 "
        f'0.001 0.000 200 200 34 366 "GET {kind}://www.example.com:80/a?b=%20 HTTP/1.1" "{agent}" '
        "ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:"
        'targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad" "www.example.com" '
        f'"arn:aws:acm:us-east-2:123456789012:certificate/1" 0 {created} "{actions}" "-" "-" '
        f'"10.0.0.1:80" "200" "-" "-"{more}\n'
    )


@pytest.fixture
def read(tmp_path):
    def read_log(content, name="alb.log", **how):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_traffic_file(path, Reading(**how))

    return read_log


@pytest.fixture
def refusal(read):
    def refused(content, **how):
        with pytest.raises(InputError) as caught:
            read(content, **how)
        return caught.value

    return refused


def at(second, fraction=0):
    return f"2024-01-01T00:{second // 60:02}:{second % 60:02}.{fraction:06}Z"


def test_requests_are_counted_when_they_arrived(read):
    found = read("".join(line(at(second, 500_000)) for second in (130, 10, 70, 59)))
    assert found.trace.start_s == T0
    assert found.trace.invocations.tolist() == [2, 1, 1]
    assert found.trace.offsets_s.tolist() == [10.5, 59.5, 10.5, 10.5]
    assert found.source == "ALB access log, request_creation_time"
    assert found.caveats == ()


@pytest.mark.parametrize("how", [{}, {"requests": True}], ids=["plain", "--requests"])
@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_zipped_or_not_and_with_or_without_the_flag(read, pack, how):
    assert read(pack(line() + line()), **how).trace.total == 2


@pytest.mark.parametrize("kind", ["http", "https", "h2", "grpcs", "ws", "wss"])
def test_every_kind_of_connection(read, kind):
    assert read(line(kind=kind)).trace.total == 1


def test_fields_that_came_later_are_ignored(read):
    later = ' TID_1234abcd5678ef90 "-" "-" "-"'
    assert read(line() + line(more=later)).trace.total == 2


@pytest.mark.parametrize(
    "agent",
    ["Mozilla/5.0 (X11; Linux x86_64)", "", "-", r"say \x22hi\x22", "forward 2024-01-01T00:00:00Z"],
)
def test_quoted_fields_may_hold_anything_but_quotes(read, agent):
    assert read(line(agent=agent)).trace.total == 1


@pytest.mark.parametrize(
    ("actions", "counted"),
    [
        ("forward", True),
        ("waf,forward", True),
        ("authenticate,forward", True),
        ("redirect", False),
        ("fixed-response", False),
        ("waf", False),
        ("waf-failed", False),
        ("authenticate", False),
        ("-", False),
    ],
)
def test_only_what_was_forwarded_is_traffic(read, actions, counted):
    found = read(line() + line(actions=actions))
    assert found.trace.total == 1 + counted
    assert [caveat.code for caveat in found.caveats] == (
        [] if counted else [WarningCode.NOT_FORWARDED]
    )


def test_how_many_were_left_out_is_said(read):
    found = read(line() + 3 * line(actions="redirect"))
    assert found.caveats[0].message.startswith("3 of 4 entries were not forwarded")


def test_a_target_that_is_not_known_is_a_lambda_and_counts(read):
    assert read(line(target="-")).trace.total == 1


def test_nothing_forwarded_is_no_traffic(refusal):
    assert "None of the 2 entries was forwarded" in refusal(2 * line(actions="redirect")).cause


@pytest.mark.parametrize(
    "bad",
    [
        "garbage\n",
        line(created="-"),
        line(created="yesterday"),
        line()[:200] + "\n",
        line().split(' "forward"')[0] + "\n",
        "timestamp,invocations\n",
    ],
    ids=["garbage", "no time", "a word", "cut", "old", "csv"],
)
def test_a_line_that_is_no_entry_is_refused_with_its_number(refusal, bad):
    error = refusal(line() + "\n" + line() + bad)
    assert error.cause.startswith("Found ")
    assert error.cause.endswith("which is no entry of an ALB access log")
    assert (error.place or "").endswith("alb.log, row 4")


def test_a_classic_load_balancers_log_is_none(refusal):
    old = (
        '2015-05-13T23:39:43.945958Z my-loadbalancer 192.0.2.7:2817 10.0.0.1:80 0.000073 200 "-"\n'
    )
    assert not is_alb_log(old)
    refusal(old)


@pytest.mark.parametrize(("flag", "value"), [("period_s", 60), ("metric_id", "inv")])
def test_what_only_cloudwatch_has_is_refused(refusal, flag, value):
    assert "has no meaning for an access log" in refusal(line(), **{flag: value}).cause


# --- folders ----------------------------------------------------------------------------------


def test_a_folder_as_s3_delivers_it_is_one_log(tmp_path):
    for day, node in ((1, "a"), (1, "b"), (2, "a")):
        folder = tmp_path / f"2024/01/0{day}"
        folder.mkdir(parents=True, exist_ok=True)
        text = line(f"2024-01-0{day}T00:00:30.000000Z")
        (folder / f"{node}.log.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "ELBAccessLogTestFile").write_text("Enable AccessLog for ELB")
    (tmp_path / ".hidden").write_text("x")
    trace = read_traffic_file(tmp_path).trace
    assert (trace.total, trace.steps) == (3, 1441)
    assert trace.invocations[[0, -1]].tolist() == [2, 1]


def test_a_folder_with_anything_else_is_refused_with_the_files_name(tmp_path):
    (tmp_path / "a.log").write_text(line())
    (tmp_path / "week.csv").write_text("timestamp,invocations\n")
    with pytest.raises(InputError) as caught:
        read_traffic_file(tmp_path)
    assert (caught.value.place or "").endswith("week.csv, row 1")


def test_a_folder_of_two_kinds_would_count_twice(tmp_path):
    (tmp_path / "a.log").write_text(line())
    (tmp_path / "b.log").write_text(
        '192.0.2.7 - - [01/Jan/2024:00:00:01 +0000] "GET / H" 200 5 x\n'
    )
    with pytest.raises(InputError, match="logs of 2 kinds"):
        read_traffic_file(tmp_path)


def test_an_empty_folder_is_no_traffic(tmp_path):
    with pytest.raises(InputError, match="no file in this folder"):
        read_traffic_file(tmp_path)
