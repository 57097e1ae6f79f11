"""Which tool wrote a file is told by its content, whatever its name."""

import gzip
import json

import pytest

from smcost.errors import InputError
from smcost.read.load_test_files import read_foreign

K6 = {
    "metrics": {
        "http_req_duration": {"avg": 4, "med": 3.5, "p(90)": 5, "p(95)": 7},
        "http_reqs": {"count": 1587, "rate": 528.4},
    }
}
LLMETER = {
    "clients": 2,
    "n_requests": 20,
    "total_test_time": 2.0,
    "requests_per_minute": 1200.0,
    "time_to_last_token-p50": 0.089,
}
AIPERF = {
    "aiperf_version": "0.13.0",
    "request_latency": {"unit": "ms", "avg": 5, "p50": 5},
    "request_throughput": {"unit": "requests/sec", "avg": 1.45},
}
GENAI_PERF = {key: value for key, value in AIPERF.items() if key != "aiperf_version"}
LOCUST = (
    "Type,Name,Request Count,Failure Count,Average Response Time,Requests/s,50%,90%,95%,99%\n"
    ",Aggregated,781,7,71.4,55.7,72,76,80,81\n"
)
HISTORY = (
    "Timestamp,User Count,Type,Name,50%,90%,95%,99%,Total Request Count,Total Failure Count,"
    "Total Average Response Time\n"
    "1795562937,4,,Aggregated,72,76,80,81,0,0,71.4\n"
    "1795562967,4,,Aggregated,72,76,80,81,781,7,71.4\n"
)
AIPERF_CSV = (
    "Metric,avg,p50,p99\nRequest Latency (ms),5,5,9\n\nMetric,Value\n"
    "Request Throughput (requests/sec),1.45\n"
)


@pytest.fixture
def read(tmp_path):
    def of(content, name="x"):
        path = tmp_path / name
        content = content if isinstance(content, str | bytes) else json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_foreign(path)

    return of


@pytest.mark.parametrize(
    ("content", "tool"),
    [
        (K6, "k6"),
        (LLMETER, "LLMeter"),
        (AIPERF, "AIPerf"),
        (GENAI_PERF, "GenAI-Perf"),
        (LOCUST, "Locust"),
        (HISTORY, "Locust"),
        ("# a comment\n\n" + LOCUST, "Locust"),
        (AIPERF_CSV, "AIPerf or GenAI-Perf"),
        (gzip.compress(LOCUST.encode()), "Locust"),
        ("\ufeff" + json.dumps(K6, indent=1), "k6"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_a_tool_is_known_by_what_it_wrote(read, content, tool):
    found = read(content)
    assert [level.tool for level in found.levels] == [tool]
    assert found.recommender is None


@pytest.mark.parametrize(
    "content", [{"Status": "COMPLETED", "InferenceRecommendations": []}, {"Steps": []}]
)
def test_a_job_is_handed_on_whole(read, content):
    found = read(content)
    assert found.recommender.values == content
    assert not found.levels


@pytest.mark.parametrize(
    ("content", "cause", "remedy"),
    [
        ('{"id": "1"}\n{"id": "2"}\n', "Every line is a JSON of its own", "the summary"),
        ('{"id": "1"}\n{"id"', "This is no JSON", "the whole output"),
        ({"hello": 1}, "The file is of no known tool", "Known are describe-inference"),
        ("Name,# requests\nx,1\n", "The file is of no known tool", "Locust (X_stats.csv"),
        ("# nothing but this\n", "The file is of no known tool", "LLMeter (stats.json)"),
        ("instance_type,offered_rps,p99_ms\na,1,2\n", "a capacity file already", "--capacity"),
        (
            {"metrics": [{"name": "http_reqs", "values": {}}]},
            "k6's machine-readable summary",
            "--new-machine-readable-summary=false",
        ),
        (
            {"clients": 1, "n_requests": 2, "total_test_time": 3},
            "LLMeter's summary.json",
            "stats.json",
        ),
        (b"PK\x03\x04\x00", "a NUL byte", "UTF-8"),
        ("", "The file is empty", "Check"),
    ],
)
def test_what_is_of_no_tool_is_refused_by_name(read, content, cause, remedy):
    with pytest.raises(InputError) as caught:
        read(content, "there.x")
    assert cause in caught.value.cause
    assert remedy in caught.value.remedy
    assert "there.x" in caught.value.place
