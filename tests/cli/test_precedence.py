"""Flag > SMCOST_* > smcost.toml here > user file > default, as the assumptions' sources tell."""

import pytest

LINE = "estimate --count 2 --rps 5 --service-time 45ms --concurrency 4 -f json"


def assumption(outcome, name):
    [found] = [entry for entry in outcome.document["assumptions"] if entry["name"] == name]
    return found["value"], found["source"]


@pytest.fixture
def user_file(alone):
    folder = alone.parent / "home" / ".config" / "smcost"
    folder.mkdir(parents=True)

    def write_there(text):
        (folder / "smcost.toml").write_text(text, encoding="utf-8")

    return write_there


@pytest.fixture(autouse=True)
def config_folder(alone, monkeypatch):
    """The user's folder differs by system: here it is the same everywhere."""
    monkeypatch.setattr(
        "platformdirs.user_config_path", lambda name: alone.parent / "home" / ".config" / name
    )


def test_each_source_goes_before_the_next(smcost, write, user_file, monkeypatch):
    seen = [assumption(smcost(LINE), "overhead")]
    user_file('overhead = "1ms"\n')
    seen.append(assumption(smcost(LINE), "overhead"))
    write("smcost.toml", 'overhead = "2ms"\n')
    seen.append(assumption(smcost(LINE), "overhead"))
    monkeypatch.setenv("SMCOST_OVERHEAD", "3ms")
    seen.append(assumption(smcost(LINE), "overhead"))
    seen.append(assumption(smcost(f"{LINE} --overhead 4ms"), "overhead"))
    assert seen == [
        ("0ms", "default"),
        ("1ms", "smcost.toml, overhead"),
        ("2ms", "smcost.toml, overhead"),
        ("3ms", "environment SMCOST_OVERHEAD"),
        ("4ms", "flag --overhead"),
    ]


def test_a_table_of_the_command_goes_before_the_top_of_the_same_file(smcost, write):
    write("smcost.toml", 'overhead = "2ms"\n[estimate]\noverhead = "5ms"\n')
    assert assumption(smcost(LINE), "overhead") == ("5ms", "smcost.toml, overhead")


def test_the_file_here_goes_before_a_section_of_the_users_own(smcost, write, user_file):
    user_file('[estimate]\noverhead = "1ms"\n')
    write("smcost.toml", 'overhead = "2ms"\n')
    assert assumption(smcost(LINE), "overhead") == ("2ms", "smcost.toml, overhead")


def test_settings_are_named_as_the_flags_are(smcost, write):
    write("smcost.toml", "min = 2\nmax = 6\nhours-per-month = 730\nformat = 'json'\n")
    document = smcost("estimate --target 300 --rps 5").document
    bounds = document["configuration"]
    assert (bounds["min_capacity"], bounds["max_capacity"]) == (2, 6)
    assert document["cost"]["hours_per_month"] == 730


def test_settings_hold_for_every_command_that_has_the_flag(smcost, write):
    write("smcost.toml", "region = 'eu-west-1'\n[prices.show]\nformat = 'csv'\n")
    shown = smcost("prices show --instance-type ml.m5.xlarge").stdout
    assert shown.splitlines()[1].startswith("eu-west-1,ml.m5.xlarge,Hosting,")
    assert smcost("estimate --count 2").stdout.startswith("2 x ml.m5.xlarge in eu-west-1")


def test_a_list_in_the_settings_is_a_repeated_flag(smcost, write):
    write("smcost.toml", "instance-type = ['ml.c5.large']\n")
    assert "ml.c5.large" in smcost("estimate --count 2").stdout


def test_a_chosen_value_is_told_apart_from_an_equal_default(smcost):
    assert assumption(smcost(LINE), "hours per month") == ("720", "24 x 30")
    chosen = smcost(f"{LINE} --hours-per-month 720")
    assert assumption(chosen, "hours per month") == ("720", "flag --hours-per-month")
