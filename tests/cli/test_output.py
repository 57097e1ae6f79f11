"""Where results go: whole or not at all; stdout for data, stderr for the rest."""

import errno
import os
import stat
from pathlib import Path

import pytest

FIXED = "estimate --count 2"
SLOW = "recommend --rps 5 --service-time 80ms --concurrency 4 --p99 50ms"


def refused(outcome, place):
    assert outcome.exit_code == 6
    assert outcome.stdout == ""
    cause, remedy = outcome.refusal
    assert cause.startswith(place)
    assert "folder" in remedy


def test_a_result_goes_into_the_file_and_not_to_stdout(smcost, alone):
    printed = smcost(f"{FIXED} -f csv")
    written = smcost(f"{FIXED} -f csv -o cost.csv")
    assert written.stdout == ""
    assert (alone / "cost.csv").read_text(encoding="utf-8") == printed.stdout
    assert [path.name for path in alone.iterdir()] == ["cost.csv"]


def test_a_missing_folder_is_refused_and_not_made(smcost, alone):
    refused(smcost(f"{FIXED} -o nowhere/cost.txt"), "nowhere/cost.txt")
    assert list(alone.iterdir()) == []


def test_a_folder_is_no_file_to_write(smcost, alone):
    (alone / "folder").mkdir()
    refused(smcost(f"{FIXED} -o folder"), "folder")
    assert list((alone / "folder").iterdir()) == []
    assert [path.name for path in alone.iterdir()] == ["folder"]


@pytest.mark.parametrize("step", ["mkstemp", "fdopen", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
    smcost, write, alone, monkeypatch, step
):
    write("cost.txt", "old\n")

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    where = {"mkstemp": "tempfile.mkstemp", "fdopen": "os.fdopen"}.get(step)
    if where:
        monkeypatch.setattr(where, refuse)
    else:
        monkeypatch.setattr(Path, "replace", refuse)
    outcome = smcost(f"{FIXED} -o cost.txt")
    monkeypatch.undo()
    refused(outcome, "cost.txt")
    assert "Permission denied" in outcome.refusal[0]
    assert (alone / "cost.txt").read_text(encoding="utf-8") == "old\n"
    assert [path.name for path in alone.iterdir()] == ["cost.txt"]


def test_a_full_disk_leaves_the_old_file(smcost, write, alone, monkeypatch):
    write("cost.txt", "old\n")
    whole = os.fdopen

    class Full:
        def __init__(self, handle, *arguments, **named):
            self.file = whole(handle, *arguments, **named)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, text):
            self.file.write(text[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fdopen", Full)
    outcome = smcost(f"{FIXED} -o cost.txt")
    monkeypatch.undo()
    refused(outcome, "cost.txt")
    assert (alone / "cost.txt").read_text(encoding="utf-8") == "old\n"
    assert [path.name for path in alone.iterdir()] == ["cost.txt"]


def test_a_replaced_file_keeps_its_mode_and_a_new_one_gets_the_usual(smcost, write, alone):
    old = write("old.txt", "x")
    old.chmod(0o640)
    umask = os.umask(0o027)
    try:
        smcost(f"{FIXED} -o old.txt")
        smcost(f"{FIXED} -o new.txt")
    finally:
        os.umask(umask)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE((alone / "new.txt").stat().st_mode) == 0o640


def test_a_device_is_written_to_and_not_replaced(smcost):
    assert smcost(f"{FIXED} -o {os.devnull}").exit_code == 0
    assert not Path(os.devnull).is_file()


def test_terraform_refuses_to_replace_files_until_it_is_forced(smcost, alone):
    assert smcost("terraform module").exit_code == 0
    main = alone / "module" / "main.tf"
    main.write_text("mine", encoding="utf-8")
    outcome = smcost("terraform module")
    refused(outcome, "module")
    assert "main.tf" in outcome.refusal[0]
    assert main.read_text(encoding="utf-8") == "mine"
    assert smcost("terraform module --force").exit_code == 0
    assert main.read_text(encoding="utf-8") != "mine"


def test_terraform_cannot_make_a_folder_below_a_file(smcost, write):
    write("file", "")
    outcome = smcost("terraform file/module")
    assert outcome.exit_code == 6
    assert "cannot be made" in outcome.refusal[0]


def test_an_infeasible_result_is_no_error_and_is_told_by_its_exit_code(smcost):
    outcome = smcost(f"{SLOW} -f json")
    assert outcome.exit_code == 11
    assert outcome.document["feasible"] is False
    assert outcome.stderr.splitlines()[-1].startswith("infeasible: The p99 of the service time")
    assert smcost(SLOW).stdout.startswith("Infeasible\n")


@pytest.mark.parametrize("form", ["csv", "tfvars", "tfvars.json"])
def test_an_infeasible_result_has_no_curve_and_no_variables(smcost, write, alone, form):
    write("old", "kept")
    outcome = smcost(f"{SLOW} -f {form} -o old")
    assert (outcome.exit_code, outcome.stdout) == (11, "")
    assert smcost(f"{SLOW} -f {form}").stdout == ""
    assert (alone / "old").read_text(encoding="utf-8") == "kept"


def test_warnings_go_to_stderr_in_every_format_and_quiet_silences_them(smcost):
    line = "estimate --min 1 --max 2 --target 60"
    for form in ("table", "json", "csv", "markdown", "tfvars", "tfvars.json"):
        outcome = smcost(f"{line} -f {form}")
        assert outcome.warning_codes == {"expected_unknown"}
        assert "warning [" not in outcome.stdout
    quiet = smcost(f"{line} --quiet -f json")
    assert quiet.stderr == ""
    assert [entry["code"] for entry in quiet.document["warnings"]] == ["expected_unknown"]


def test_nothing_is_wrapped_or_coloured_off_a_terminal(smcost):
    outcome = smcost("estimate --count 2 --explain")
    assert "\x1b" not in outcome.stdout
    assert "SageMaker pricing page; which states bill is not documented\n" in outcome.stdout


def test_variables_are_renamed_for_another_module(smcost):
    outcome = smcost(f"{FIXED} -f tfvars --tfvars-map instance_count=size")
    assert "size                     = 2\n" in outcome.stdout
    assert "instance_count" not in outcome.stdout


def test_the_saving_is_told_against_the_current_estimate(smcost, alone):
    smcost("estimate --count 4 -f json -o today.json")
    outcome = smcost(f"{FIXED} --current today.json -f json")
    assert outcome.document["saving_usd"] == pytest.approx(331.2)
    assert "Saves 331.20 USD" in smcost(f"{FIXED} --current today.json").stdout
    assert (
        "Costs 331.20 USD per month more"
        in smcost("estimate --count 6 --current today.json").stdout
    )


def test_a_saving_between_months_of_different_length_is_refused(smcost):
    smcost("estimate --count 4 --hours-per-month 730 -f json -o today.json")
    outcome = smcost(f"{FIXED} --current today.json")
    assert outcome.exit_code == 3
    assert "730" in outcome.refusal[0]
