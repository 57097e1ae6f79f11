"""Access logs of API Gateway, in every format that its documentation lists."""

import json

import pytest

from smcost.errors import InputError
from smcost.read.api_gateway_log import read_api_gateway_log
from smcost.read.traffic_file import Reading, read_traffic_file

T0 = 1_704_067_200  # 2024-01-01T00:00Z


def clf(second, zone="+0000", hour=0):
    return f"01/Jan/2024:{hour:02}:{second // 60:02}:{second % 60:02} {zone}"


def entry(second, **more):
    return {
        "requestId": "c6af9ac6-7b61",
        "extendedRequestId": "Fxd=",
        "ip": "192.0.2.7",
        "requestTime": clf(second),
        "httpMethod": "POST",
        "resourcePath": "/predict",
        "status": "200",
        "protocol": "HTTP/1.1",
        "responseLength": "12",
        **more,
    }


#: Format -> the line of a request in a given second.
FORMATS = {
    "CLF, REST": lambda s: f'192.0.2.7 - - [{clf(s)}] "POST /predict HTTP/1.1" 200 12 c6af Fxd=',
    "CLF, HTTP": lambda s: f'192.0.2.7 - - [{clf(s)}] "POST /predict HTTP/1.1" 200 12 c6af',
    "CLF, caller": lambda s: f'192.0.2.7 AROA:x AROA:x [{clf(s)}] "POST /a b HTTP/1.1" 403 - c6af',
    "JSON": lambda s: json.dumps(entry(s)),
    "JSON of other names": lambda s: json.dumps({"request": {"id": "x", "request_time": clf(s)}}),
    "XML": lambda s: (
        f'<request id="c6af"> <ip>192.0.2.7</ip> <requestTime>{clf(s)}</requestTime> '
        "<httpMethod>POST</httpMethod> <status>200</status></request>"
    ),
    "CSV, REST": lambda s: f"192.0.2.7,-,-,{clf(s)},POST,/predict,HTTP/1.1,200,12,c6af,Fxd=",
    "CSV, HTTP": lambda s: f"192.0.2.7,{clf(s)},POST,POST /predict,HTTP/1.1,200,12,c6af",
    "exported by CloudWatch Logs": lambda s: f"2024-01-01T00:00:00.123Z {json.dumps(entry(s))}",
}


@pytest.fixture
def read(tmp_path):
    def read_log(content, **how):
        path = tmp_path / "access.log"
        path.write_text(content, encoding="utf-8")
        return read_traffic_file(path, Reading(**how))

    return read_log


@pytest.mark.parametrize("how", [{}, {"requests": True}], ids=["plain", "--requests"])
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_read(read, form, how):
    found = read("".join(f"{FORMATS[form](second)}\n" for second in (10, 59, 130)), **how)
    assert found.trace.start_s == T0
    assert found.trace.invocations.tolist() == [2, 0, 1]


def test_whole_seconds_are_no_bursts(read):
    """Requests of one second are not taken to have come in its first moment."""
    found = read("".join(f"{FORMATS['CLF, REST'](10)}\n" for _ in range(9)))
    assert found.trace.offsets_s is None
    assert found.source == "API Gateway access log, request time in whole seconds"


@pytest.mark.parametrize("epoch", [1_704_067_210_250, "1704067210250"], ids=["number", "text"])
def test_milliseconds_go_before_whole_seconds(read, epoch):
    found = read(json.dumps(entry(10, requestTimeEpoch=epoch)) + "\n")
    assert found.trace.offsets_s.tolist() == [10.25]


def test_zones_are_minded(read):
    lines = (
        FORMATS["CLF, REST"](0).replace(clf(0), clf(0, "+0530", 5)).replace(":00:00 +", ":30:00 +")
    )
    assert read(lines + "\n").trace.start_s == T0


def test_the_answer_of_filter_log_events_is_read(read):
    events = [{"timestamp": 1, "message": json.dumps(entry(s)), "eventId": "1"} for s in (5, 70)]
    assert read(json.dumps({"events": events}, indent=4)).trace.invocations.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("document", "cause"),
    [
        ({"events": [{"message": json.dumps(entry(5))}], "nextToken": "x"}, "The events go on"),
        ({"events": [{"timestamp": 1}]}, "no entry of an API Gateway access log"),
        ({"events": []}, "no request"),
    ],
)
def test_events_that_are_incomplete_or_none_are_refused(read, document, cause):
    with pytest.raises(InputError, match=cause):
        read(json.dumps(document))


@pytest.mark.parametrize(
    "bad",
    [
        "garbage",
        json.dumps({"requestId": "x"}),
        json.dumps(entry(1, requestTime="today")),
        json.dumps(entry(1, requestTime="41/Jan/2024:00:00:00 +0000")),
        "{",
        '192.0.2.7 - - [-] "POST / HTTP/1.1" 200 12 c6af',
    ],
)
def test_a_line_of_another_format_is_refused_with_its_number(read, bad):
    with pytest.raises(InputError) as caught:
        read(f"{FORMATS['JSON'](1)}\n\n{bad}\n")
    assert "which is no entry of an API Gateway access log" in caught.value.cause
    assert (caught.value.place or "").endswith("access.log, row 3")


def test_no_request_is_no_traffic():
    with pytest.raises(InputError, match="no request"):
        read_api_gateway_log([], "x.log")


def test_a_long_line_is_shown_by_its_beginning():
    with pytest.raises(InputError) as caught:
        read_api_gateway_log(["x" * 500], "x.log")
    assert len(caught.value.cause) < 150
