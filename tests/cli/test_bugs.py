"""A bug must look like a bug: exit 1, two sentences, a traceback only when asked for."""

import pytest


@pytest.fixture
def broken(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("the moon is full")

    monkeypatch.setattr("smcost.cli.estimate_answer.estimate", fail)


@pytest.mark.usefixtures("broken")
def test_a_bug_is_reported_in_two_sentences(smcost):
    outcome = smcost("estimate --count 2")
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    cause, remedy = outcome.refusal
    assert "This is a bug in smcost (RuntimeError: the moon is full)" in cause
    assert "--debug" in remedy


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("line", ["--debug estimate --count 2", "estimate --count 2 --debug"])
def test_debug_shows_where_a_bug_is_from_anywhere_on_the_line(smcost, line):
    outcome = smcost(line)
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "Traceback (most recent call last)" in outcome.stderr
    assert outcome.stderr.splitlines()[-1].startswith("  fix: Report it")


@pytest.mark.parametrize(
    ("line", "exit_code"), [("estimate --debug", 2), ("estimate --count 2 --region x --debug", 4)]
)
def test_debug_does_not_change_the_exit_code_of_an_error(smcost, line, exit_code):
    outcome = smcost(line)
    assert outcome.exit_code == exit_code
    assert "Traceback" in outcome.stderr
    assert "\n  fix: " in outcome.stderr
