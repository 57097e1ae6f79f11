"""Files that cannot be read or make no sense: exit 3 (4 for prices), place, cause and remedy."""

import gzip

import pytest

FIXED = "estimate --count 2"
HEADER = "timestamp,invocations\n"
ROWS = "2024-01-01T00:00:00Z,5\n2024-01-01T00:01:00Z,7\n"

#: Name -> content of traffic.csv, what the cause says.
TRAFFIC = {
    "empty": (b"", "empty"),
    "header alone": (HEADER, "no rows"),
    "no header": (ROWS, "column"),
    "wrong column": ("timestamp,calls\n" + ROWS, "column"),
    "negative count": (HEADER + ROWS + "2024-01-01T00:02:00Z,-1\n", "row 4"),
    "NaN": (HEADER + ROWS + "2024-01-01T00:02:00Z,NaN\n", "row 4"),
    "infinity": (HEADER + ROWS + "2024-01-01T00:02:00Z,inf\n", "row 4"),
    "words": (HEADER + ROWS + "2024-01-01T00:02:00Z,many\n", "row 4"),
    "one row": (HEADER + "2024-01-01T00:00:00Z,5\n", "only one time"),
    "mixed steps": (HEADER + ROWS + "2024-01-01T00:01:30Z,5\n2024-01-01T00:02:30Z,5\n", "step"),
    "1970": (HEADER + ROWS.replace("2024", "1970"), "1980 to 2200"),
    "2262": (HEADER + ROWS.replace("2024", "2262"), "1980 to 2200"),
    "no times": (HEADER + "yesterday,5\ntoday,6\n", "row 2"),
    "differing duplicates": (HEADER + ROWS + "2024-01-01T00:01:00Z,8\n", "same time"),
    "UTF-16": ((HEADER + ROWS).encode("utf-16"), "UTF-16"),
    "NUL bytes": (HEADER.encode() + b"2024-01-01T00:00:00Z,\x005\n", "NUL"),
    "binary": (bytes(range(256)) * 4, "NUL"),
    "Latin-1": (HEADER.encode() + b"2024-01-01T00:00:00Z,\xe95\n", "UTF-8"),
}

PRICE_HEADER = "region,instance_type,component,usd_per_hour,source,as_of\n"
RATE_HEADER = "region,item,unit,usd,source,as_of\n"
CAPACITY_HEADER = "instance_type,workers,service_time_ms,service_cv\n"

#: Name -> flag, content, exit code, what the cause says.
OTHERS = {
    "price of 0": ("--prices", PRICE_HEADER + "us-east-1,ml.m5.xlarge,Hosting,0,me,2024\n", 4, "0"),
    "price in words": (
        "--prices",
        PRICE_HEADER + "us-east-1,ml.m5.xlarge,Hosting,dear,me,2024\n",
        3,
        "usd_per_hour",
    ),
    "unknown component": (
        "--prices",
        PRICE_HEADER + "us-east-1,ml.m5.xlarge,Cluster,1,me,2024\n",
        3,
        "Cluster",
    ),
    "prices without header": (
        "--prices",
        "us-east-1,ml.m5.xlarge,Hosting,1,me,2024\n",
        3,
        "header",
    ),
    "two prices": (
        "--prices",
        PRICE_HEADER + "".join(f"us-east-1,ml.m5.xlarge,Hosting,{n},me,2024\n" for n in (1, 2)),
        4,
        "Several prices",
    ),
    "rate of an unknown item": ("--rates", RATE_HEADER + "us-east-1,air,GB,1,me,2024\n", 3, "air"),
    "capacity without workers": ("--capacity", CAPACITY_HEADER + "ml.m5.xlarge,0,45,1\n", 3, "0"),
    "capacity without rows": ("--capacity", CAPACITY_HEADER, 3, "no data row"),
    "current that is no JSON": ("--current", "instances: 2\n", 3, "no JSON"),
    "current that is no estimate": ("--current", '{"command": "recommend"}', 3, "not an estimate"),
    "current that is a list": ("--current", "[1]", 3, "not an estimate"),
}


@pytest.mark.parametrize(
    "command", [f"{FIXED} --traffic", "traffic show"], ids=["estimate", "show"]
)
@pytest.mark.parametrize(("content", "cause"), TRAFFIC.values(), ids=TRAFFIC)
def test_traffic_that_cannot_be_meant_is_refused(smcost, write, command, content, cause):
    write("traffic.csv", content)
    outcome = smcost(f"{command} traffic.csv")
    assert (outcome.exit_code, outcome.stdout) == (3, ""), outcome.stderr
    said, _ = outcome.refusal
    assert said.startswith("traffic.csv")
    assert cause in said


@pytest.mark.parametrize(("flag", "content", "exit_code", "cause"), OTHERS.values(), ids=OTHERS)
def test_other_files_that_cannot_be_meant_are_refused(
    smcost, write, flag, content, exit_code, cause
):
    write("given", content)
    outcome = smcost(f"{FIXED} {flag} given")
    assert (outcome.exit_code, outcome.stdout) == (exit_code, ""), outcome.stderr
    assert cause in outcome.refusal[0]


@pytest.mark.parametrize("flag", ["--traffic", "--prices", "--rates", "--capacity", "--current"])
def test_a_folder_and_a_missing_file_are_refused(smcost, alone, flag):
    (alone / "folder").mkdir()
    for name in ("folder", "missing.csv"):
        outcome = smcost(f"{FIXED} --volume-gb 9 {flag} {name}")
        assert (outcome.exit_code, outcome.stdout) == (3, "")
        assert outcome.refusal[0].startswith(name)


def test_a_gz_that_is_none_and_one_that_is_cut_are_refused(smcost, write):
    write("plain.csv.gz", HEADER + ROWS)
    write("cut.csv.gz", gzip.compress((HEADER + ROWS * 999).encode())[:-20])
    for name in ("plain.csv.gz", "cut.csv.gz"):
        outcome = smcost(f"traffic show {name}")
        assert (outcome.exit_code, outcome.stdout) == (3, ""), outcome.stderr
        assert outcome.refusal[0].startswith(name)


def test_a_real_gz_is_read(smcost, write):
    write("good.csv.gz", gzip.compress((HEADER + ROWS).encode()))
    outcome = smcost("traffic show good.csv.gz -f json")
    assert outcome.document["total_invocations"] == 12


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("cuont = 2\n", "cuont"),
        ("[estimat]\ncount = 2\n", "[estimat]"),
        ("[prices.shwo]\nregion = 'eu-west-1'\n", "prices.shwo"),
        ("file = 'x.csv'\n", "file"),
        ("count = \n", "cannot be read"),
        ("count = 2024-01-01\n", "count is"),
    ],
)
def test_settings_that_no_command_knows_are_refused(smcost, write, content, cause):
    write("smcost.toml", content)
    outcome = smcost(FIXED)
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    said, _ = outcome.refusal
    assert "smcost.toml" in said
    assert cause in said


def test_the_nearest_setting_is_suggested_as_it_is_written(smcost, write):
    write("smcost.toml", "startup-tme = '5s'\n")
    assert "startup-time" in smcost(FIXED).refusal[1]


def test_a_bare_number_in_the_settings_is_refused_as_on_the_command_line(smcost, write):
    write("smcost.toml", "startup-time = 300\n")
    outcome = smcost(FIXED)
    assert outcome.exit_code == 2
    assert "'300' has no unit" in outcome.refusal[0]


def test_a_capacity_file_of_several_types_asks_for_one(smcost, write):
    write("c.csv", CAPACITY_HEADER + "ml.m5.xlarge,4,45,0.5\nml.m5.large,2,45,0.5\n")
    several = smcost(f"{FIXED} --capacity c.csv")
    assert several.exit_code == 2
    assert "--instance-type" in several.refusal[1]
    other = smcost(f"{FIXED} --capacity c.csv --instance-type ml.c5.large")
    assert other.exit_code == 2
    assert "ml.m5.xlarge, ml.m5.large" in other.refusal[1]
    assert smcost(f"{FIXED} --capacity c.csv --instance-type ml.m5.large").exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "tool", "way"),
    [
        (
            "pulled.csv",
            "# endpoint: churn\ntimestamp,invocations,instances\n2026-09-25T00:00:00Z,5,1\n",
            "smcost traffic pull",
            "capacity import pulled.csv -o capacity.csv",
        ),
        (
            "x_stats.csv",
            "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
            "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,"
            "66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\n",
            "Locust",
            "capacity import x_stats.csv --instance-type TYPE -o capacity.csv",
        ),
    ],
)
def test_what_another_tool_wrote_is_no_capacity_and_the_way_to_one_is_named(
    smcost, write, name, content, tool, way
):
    write(name, content)
    outcome = smcost(f"{FIXED} --rps 5 --capacity {name}")
    assert outcome.exit_code == 3
    cause, remedy = outcome.refusal
    assert f"{tool}" in cause
    assert way in remedy
