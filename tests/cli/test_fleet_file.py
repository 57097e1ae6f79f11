"""What a fleet file may say, what is refused and how, and which of several values counts."""

import re
from pathlib import Path

import pytest

from smcost.cli.fleet_file import read_fleet_file
from smcost.errors import InputError

ONE = "[endpoints.a]\ncount = 1\n"

#: Content -> what stands behind the file's name, what the cause says, what the remedy says.
REFUSED = {
    "": ("", "There is no endpoint", "[endpoints.NAME]"),
    "[defaults]\nrps = 1\n": ("", "There is no endpoint", "[endpoints.NAME]"),
    "[endpoints]\n": ("", "There is no endpoint", "[endpoints.NAME]"),
    "[endpoints\n": ("", "This is no TOML", "docs/fleet.md"),
    "{}": ("", "This is no TOML", "docs/fleet.md"),
    ONE + ONE: ("", "This is no TOML", "docs/fleet.md"),
    "region = 'us-east-1'\n" + ONE: (", region", "region stands beside", "[defaults]"),
    "[default]\nrps = 1\n" + ONE: (", default", "[default] stands beside", "[defaults]"),
    "[churn]\nrps = 1\n": (", churn", "[churn] stands beside", "[defaults]"),
    "defaults = 3\n" + ONE: (", defaults", "a table is wanted", "docs/fleet.md"),
    "[[endpoints]]\nrps = 1\n": (", endpoints", "a table is wanted", "docs/fleet.md"),
    "[endpoints]\na = 3\n": (", endpoints.a", "a table is wanted", "docs/fleet.md"),
    "[endpoints.a]\ntrafic = 'x'\n": (", endpoints.a.trafic", "no key trafic", "Use traffic"),
    "[defaults]\nqqq = 'x'\n" + ONE: (", defaults.qqq", "no key qqq", "Known are"),
    "[endpoints.a.sizes]\nmin = 1\n": (", endpoints.a.sizes", "no table", "named today"),
    "[defaults.today]\ncount = 1\n" + ONE: (", defaults.today", "no table", "named today"),
    "[endpoints.a]\ncount = 'many'\n": (", endpoints.a.count", "a whole number is", "docs/fleet"),
    "[endpoints.a]\ncount = 2.5\n": (", endpoints.a.count", "a whole number is", "docs/fleet"),
    "[endpoints.a]\ncount = true\n": (", endpoints.a.count", "text or a number", "docs/fleet"),
    "[endpoints.a]\nrps = '5/s'\n": (", endpoints.a.rps", "a number is wanted", "docs/fleet"),
    "[endpoints.a]\nrps = [5]\n": (", endpoints.a.rps", "text or a number", "docs/fleet"),
    "[endpoints.a]\nrequests = 1\n": (", endpoints.a.requests", "true or false", "docs/fleet"),
    "[endpoints.a]\nstep = 5\n": (", endpoints.a.step", "a list of texts", "docs/fleet"),
    "[endpoints.a]\np99 = 2024-01-01\n": (", endpoints.a.p99", "text or a number", "docs/fleet"),
    "[endpoints.a]\nhours-per-month = 730\n": (
        ", endpoints.a.hours-per-month", "the same for all", "[defaults]",
    ),
    "[defaults]\ncurrent = 'a.json'\n" + ONE: (
        ", defaults.current", "belongs to one endpoint", "[endpoints.NAME]",
    ),
    "[defaults]\nendpoint = 'churn'\n" + ONE: (
        ", defaults.endpoint", "belongs to one endpoint", "[endpoints.NAME]",
    ),
    "[defaults]\nformat = 'json'\n" + ONE: (", defaults.format", "no key format", "Known are"),
    "[defaults]\noutput = 'x'\n" + ONE: (", defaults.output", "no key output", ""),
    "[defaults]\njobs = 2\n" + ONE: (", defaults.jobs", "no key jobs", ""),
    "[endpoints.'']\nrps = 1\n": (", endpoints", "no name for an endpoint", "letters"),
    '[endpoints."a\\nb"]\nrps = 1\n': (", endpoints", "no name for an endpoint", "letters"),
    **{
        f'[endpoints."{sign}1"]\nrps = 1\n': (", endpoints", "no name for an", "digit first")
        for sign in "=+-@"
    },
    ONE + "today = 3\n": (", endpoints.a.today", "a table is wanted", "docs/fleet.md"),
    ONE + "today = {}\n": (", endpoints.a.today", "neither of fixed size", "count, or min"),
    ONE + "today = { min = 1 }\n": (", endpoints.a.today", "neither of", "min and max"),
    ONE + "today = { target = 6 }\n": (", endpoints.a.today", "neither of", "min and max"),
    ONE + "today = { count = 1, min = 1, max = 2 }\n": (", endpoints.a.today", "neither of", ""),
    ONE + "today = { count = 1, target = 5 }\n": (", endpoints.a.today", "neither of", ""),
    ONE + "today = { min = 1, max = 2 }\n": (", endpoints.a.today", "no target", "Add target"),
    ONE + "today = { count = 'x' }\n": (", endpoints.a.today.count", "whole number", ""),
    ONE + "today = { counts = 1 }\n": (", endpoints.a.today.counts", "no key", "Use count"),
}  # fmt: skip


@pytest.fixture(scope="module")
def known():
    """What an endpoint may say, with the kind of it."""
    from smcost.cli.fleet_input import _known

    return {name: kind for name, (kind, _) in _known().items()}


@pytest.mark.parametrize("content", REFUSED, ids=repr)
def test_a_file_that_makes_no_sense_is_refused_whole(write, content, known):
    write("fleet.toml", content)
    place, cause, remedy = REFUSED[content]
    with pytest.raises(InputError) as caught:
        read_fleet_file(Path("fleet.toml"), known)
    assert caught.value.exit_code == 3
    assert caught.value.place == f"fleet.toml{place}"
    assert cause in caught.value.cause
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("content", "place", "cause", "remedy"),
    [
        ("[endpoints]\na = 3\n", "endpoints.a", "a table is wanted", "docs/fleet.md"),
        (
            f"[defaults]\nhours-per-month = 7300\n{ONE}",
            "defaults.hours-per-month",
            "not a month",
            "730",
        ),
    ],
)
def test_a_refused_file_leaves_three_and_no_output(smcost, write, content, place, cause, remedy):
    write("fleet.toml", content)
    outcome = smcost("estimate --file fleet.toml")
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    said, told = outcome.refusal
    assert said.startswith(f"fleet.toml, {place}: ")
    assert cause in said
    assert remedy in told


def test_a_file_that_cannot_be_read_is_refused(smcost, write, alone):
    for name, cause in (("none.toml", "No such file"), (".", "Is a directory")):
        outcome = smcost(f"estimate --file {name}")
        assert outcome.exit_code == 3
        assert cause in outcome.refusal[0]
    write("fleet.toml", b"\xff\xfe[endpoints.a]\n")
    assert "This is no TOML" in smcost("estimate --file fleet.toml").refusal[0]


@pytest.mark.parametrize(
    ("line", "place", "cause"),
    [
        ("--file fleet.toml --jobs 0", "--jobs", "0 processes"),
        ("--file fleet.toml --jobs -1", "--jobs", "-1 processes"),
        ("--file fleet.toml --jobs 5000", "--jobs", "5000 processes"),
        ("--file fleet.toml --jobs two", "--jobs", "'two' is no whole number"),
        ("--file fleet.toml --backend spark", "--backend", "'spark' is not known"),
        ("--file fleet.toml --backend dask", "--backend", "where the Dask scheduler is"),
        ("--file fleet.toml --scheduler tcp://a:1", "--scheduler", "on this machine"),
        ("--file fleet.toml --backend dask --scheduler here", "--scheduler", "no address"),
        ("--file fleet.toml --backend dask --scheduler tcp://a", "--scheduler", "no address"),
        (
            "--file fleet.toml --backend dask --scheduler tcp://a:1 --jobs 2",
            "--jobs",
            "as many processes as it has workers",
        ),
        ("--file fleet.toml --endpoint churn", "--endpoint", "belongs to one endpoint"),
        ("--file fleet.toml --current a.json", "--current", "belongs to one endpoint"),
        ("--file fleet.toml --tfvars-map a=b", "--tfvars-map", "belongs to one endpoint"),
        ("--file fleet.toml -f tfvars", "--format", "has no format 'tfvars'"),
        ("--count 1 --jobs 2", "--jobs", "changes nothing for a single endpoint"),
        ("--count 1 --backend dask", "--backend", "changes nothing for a single endpoint"),
        ("--count 1 --scheduler tcp://a:1", "--scheduler", "changes nothing for a single"),
        ("--file fleet.toml --hours-per-month 9999", "--hours-per-month", "not a month"),
    ],
)
def test_flags_of_the_run_are_checked_before_anything_is_answered(
    smcost, write, line, place, cause
):
    write("fleet.toml", ONE)
    outcome = smcost(f"estimate {line}")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    said, _ = outcome.refusal
    assert said.startswith(f"{place}: ")
    assert cause in said


@pytest.fixture
def priced(smcost, write):
    """The first endpoint's document: ``priced(text, "--region eu-west-1")``."""

    def ask(text, line=""):
        write("fleet.toml", text)
        outcome = smcost(f"estimate --file fleet.toml -f json {line}")
        [entry, *_] = outcome.document["endpoints"]
        assert entry["error"] is None, entry
        return entry["document"]

    return ask


def assumed(document, name):
    [found] = [a for a in document["assumptions"] if a["name"] == name]
    return found["value"], found["source"]


def test_what_is_nearer_goes_before_what_is_farther(priced, write, monkeypatch):
    bare = "[endpoints.a]\ncount = 1\nrps = 1\nservice-time = '9ms'\nconcurrency = 1\n"
    seen = [assumed(priced(bare), "overhead")]
    write("smcost.toml", 'overhead = "1ms"\n')
    seen.append(assumed(priced(bare), "overhead"))
    monkeypatch.setenv("SMCOST_OVERHEAD", "2ms")
    seen.append(assumed(priced(bare), "overhead"))
    shared = "[defaults]\noverhead = '3ms'\n"
    seen.append(assumed(priced(shared + bare), "overhead"))
    own = f"{shared}{bare}overhead = '4ms'\n"
    seen.append(assumed(priced(own), "overhead"))
    seen.append(assumed(priced(own, "--overhead 5ms"), "overhead"))
    assert seen == [
        ("0ms", "default"),
        ("1ms", "smcost.toml, overhead"),
        ("2ms", "environment SMCOST_OVERHEAD"),
        ("3ms", "fleet.toml, defaults.overhead"),
        ("4ms", "fleet.toml, endpoints.a.overhead"),
        ("5ms", "flag --overhead"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "low", "high"),
    [
        ("[defaults]\nmin = 1\nmax = 9\ntarget = 60\n[endpoints.a]\ncount = 3\n", "", 3, 3),
        ("[defaults]\ncount = 3\n[endpoints.a]\nmin = 1\nmax = 9\ntarget = 60\n", "", 1, 9),
        ("[endpoints.a]\nmin = 1\nmax = 9\ntarget = 60\n", "--count 4", 4, 4),
        ("[endpoints.a]\ncount = 2\ntoday.count = 5\n", "", 2, 2),
        ("[endpoints.a]\ntoday.count = 5\n", "", 5, 5),
        ("[endpoints.a]\ntoday = { min = 2, max = 3, target = 6 }\n", "", 2, 3),
        ("[endpoints.a]\ntoday = { min = 2, max = '2' }\n", "--rps 1 --count 1", 1, 1),
    ],
)
def test_a_fleet_is_sized_in_the_way_that_is_nearest(priced, text, line, low, high):
    found = priced(text, line)["configuration"]
    assert (found["min_capacity"], found["max_capacity"]) == (low, high)


@pytest.mark.parametrize("own", ["count = 3", "today.count = 3"])
@pytest.mark.parametrize("of_cpu", ["cpu-at-full-load = '90%'", "cpu-per-invocation = '20ms'"])
def test_a_fleet_of_fixed_size_drops_all_that_cpu_is_scaled_by(priced, own, of_cpu):
    text = (
        "[defaults]\ncpu-target = '60%'\nrps = 3\nservice-time = '90ms'\n"
        f"concurrency = 4\n{of_cpu}\n[endpoints.a]\n{own}\n"
    )
    assert priced(text)["configuration"]["max_capacity"] == 3


def test_traffic_of_its_own_goes_before_a_rate_for_all(priced, write_trace):
    write_trace("a.csv", [60] * 1440)
    text = "[defaults]\nrps = 5\npeak-rps = 9\n[endpoints.a]\ncount = 1\ntraffic = 'a.csv'\n"
    assert priced(text)["provenance"]["traffic"].startswith("a.csv, ")
    turned = "[defaults]\ntraffic = 'a.csv'\n[endpoints.a]\ncount = 1\nrps = 5\n"
    assert priced(turned)["provenance"]["traffic"].startswith("synthetic, mean 5 rps")
    assert priced(turned, "--rps 7")["provenance"]["traffic"].startswith("synthetic, mean 7 rps")


def test_two_ways_in_one_table_are_a_mistake_of_that_endpoint(smcost, write, write_trace):
    write_trace("a.csv", [60] * 1440)
    write(
        "fleet.toml",
        "[endpoints.a]\ncount = 1\nrps = 1\ntraffic = 'a.csv'\n[endpoints.b]\ncount = 1\n",
    )
    outcome = smcost("estimate --file fleet.toml -f json")
    entry, fine = outcome.document["endpoints"]
    assert (outcome.exit_code, entry["exit_code"], fine["exit_code"]) == (2, 2, 0)
    assert "Both a traffic file and a rate" in entry["error"]["cause"]
    assert entry["error"]["place"].startswith("fleet.toml, endpoints.a")


def test_paths_are_relative_to_the_file_and_told_so(smcost, write, write_trace, alone):
    (alone / "team").mkdir()
    write_trace("team/a.csv", [60] * 1440)
    write("team/bad.csv", "timestamp,invocations\n2024-01-01T00:00:00Z,many\n")
    write(
        "team/fleet.toml",
        "[defaults]\ncount = 1\n[endpoints.a]\ntraffic = 'a.csv'\n"
        "[endpoints.b]\ntraffic = 'bad.csv'\n[endpoints.c]\ntraffic = 'none.csv'\n",
    )
    outcome = smcost("estimate --file team/fleet.toml -f json")
    fine, bad, none = outcome.document["endpoints"]
    assert fine["exit_code"] == 0
    assert bad["error"]["place"].startswith("bad.csv, row 2")
    assert none["error"]["place"] == "none.csv"
    assert str(alone) not in outcome.stdout


def test_a_key_of_the_other_command_is_passed_over(smcost, write):
    write(
        "fleet.toml",
        "[defaults]\nservice-time = '45ms'\nconcurrency = 4\np99 = '300ms'\nrps = 1\n"
        "budget = '0s'\nmin-instances = 2\n[endpoints.a]\ncount = 4\nrouting = 'random'\n",
    )
    document = smcost("recommend --file fleet.toml -f json").document
    assert document["endpoints"][0]["answer"]["min_capacity"] == 2
    document = smcost("estimate --file fleet.toml -f json").document
    assert document["endpoints"][0]["answer"]["min_capacity"] == 4


def test_settings_of_one_endpoint_do_not_reach_into_a_fleet(priced, write, monkeypatch):
    write("smcost.toml", "endpoint = 'churn'\noffline = true\n")
    monkeypatch.setenv("SMCOST_CURRENT", "none.json")
    assert priced(ONE)["configuration"]["max_capacity"] == 1


#: Table -> where in it the mistake is told, what the cause and what the remedy say.
WRONG_TODAY = {
    "{ count = 0 }": ("", "minimum of 0", "Give min 1 or more"),
    "{ min = 3, max = 2, target = 5 }": ("", "above the maximum", "Give min and max the other"),
    "{ min = 1, max = 2, target = -5 }": ("", "-5.0 invocations", "Give target a number above 0"),
    "{ count = 1, routing = 'fastest' }": (".routing", "'fastest' is not known", "random"),
}


@pytest.mark.parametrize("command", ["recommend", "estimate"])
def test_today_that_makes_no_sense_fails_its_endpoint_there(smcost, write, command):
    text = (
        "[defaults]\nservice-time = '45ms'\nconcurrency = 4\np99 = '300ms'\nrps = 1\n"
        "budget = '0s'\ncount = 2\n"
    )
    tables = [f"[endpoints.e{n}]\ntoday = {today}\n" for n, today in enumerate(WRONG_TODAY)]
    write("fleet.toml", text + "".join(tables))
    outcome = smcost(f"{command} --file fleet.toml -f json")
    for n, (place, cause, remedy) in enumerate(WRONG_TODAY.values()):
        entry = outcome.document["endpoints"][n]
        assert entry["exit_code"] == 2
        assert entry["error"]["place"] == f"fleet.toml, endpoints.e{n}.today{place}"
        assert cause in entry["error"]["cause"]
        assert remedy in entry["error"]["remedy"]


def test_today_s_type_without_a_price(smcost, write):
    today = "today = { count = 1, instance-type = 'ml.zz9.large' }\n"
    text = "[defaults]\nservice-time = '45ms'\nconcurrency = 4\np99 = '300ms'\nrps = 1\n"
    write("fleet.toml", f"{text}budget = '0s'\n[endpoints.a]\n{today}")
    outcome = smcost("recommend --file fleet.toml -f json")
    [entry] = outcome.document["endpoints"]
    # The proposal stands; what today costs is not known, and said.
    assert entry["exit_code"] == 0
    assert entry["saving_usd"] is None
    assert "rate_unknown" in outcome.warning_codes
    [entry] = smcost("estimate --file fleet.toml -f json").document["endpoints"]
    assert entry["exit_code"] == 4
    assert entry["error"]["place"] == "fleet.toml, endpoints.a.today.instance-type"


def test_which_type_runs_today_has_to_be_told_where_several_are_asked_about(smcost, write):
    write("able.csv", "instance_type,workers,service_time_ms,service_cv\nml.m5.large,2,45,0.5\n")
    text = (
        "[endpoints.a]\ncapacity = 'able.csv'\np99 = '300ms'\nrps = 1\nbudget = '0s'\n"
        "today = { count = 2%s }\n"
    )
    write("fleet.toml", text % "")
    [entry] = smcost("recommend --file fleet.toml -f json").document["endpoints"]
    assert "which of them runs today" in entry["error"]["cause"]
    assert entry["error"]["place"] == "fleet.toml, endpoints.a.today"
    write("fleet.toml", text % ", instance-type = 'ml.m5.large'")
    [entry] = smcost("recommend --file fleet.toml -f json").document["endpoints"]
    assert entry["today"]["instance_type"] == "ml.m5.large"
    assert entry["saving_usd"] > 0


def test_the_example_of_the_page_is_a_fleet(tmp_path):
    page = Path(__file__).resolve().parents[2] / "docs" / "fleet.md"
    text = page.read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, flags=re.DOTALL)[1]
    (tmp_path / "fleet.toml").write_text(example, encoding="utf-8")
    kinds = {"traffic": Path, "capacity": Path, "concurrency": int}
    known = {name: kinds.get(name, str) for name in ("region", "p99", "service_time", *kinds)}
    file = read_fleet_file(tmp_path / "fleet.toml", known)
    assert [*file.endpoints] == ["checkout", "search"]
    assert file.defaults["concurrency"] == 4
    assert file.endpoints["checkout"].own["traffic"] == tmp_path / "traffic" / "checkout.csv"
    assert file.endpoints["search"].today == {"count": 6, "instance_type": "ml.c5.xlarge"}
