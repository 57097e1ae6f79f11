"""Where results go: whole or not at all; stdout for data, stderr for the rest."""

import errno
import gzip
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


@pytest.mark.parametrize(
    ("name", "form"), [("x.csv.gz", "csv"), ("x.json.gz", "json"), ("x.JSON.GZ", "json")]
)
def test_a_file_that_ends_in_gz_is_compressed_and_the_ending_before_names_the_format(
    smcost, alone, name, form
):
    printed = smcost(f"{FIXED} -f {form}")
    assert smcost(f"{FIXED} -o {name}").exit_code == 0
    first = (alone / name).read_bytes()
    assert gzip.decompress(first).decode() == printed.stdout
    assert first[4:8] == bytes(4)
    assert [path.name for path in alone.iterdir()] == [name]


def test_a_compressed_trace_is_read_again(smcost, alone):
    assert smcost("traffic synth --rps 5 --days 7 -o t.csv.gz").exit_code == 0
    assert (alone / "t.csv.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert smcost("traffic show t.csv.gz").exit_code == 0


@pytest.mark.parametrize("form", ["table", "markdown"])
@pytest.mark.parametrize("name", ["x.json", "x.csv", "x.csv.gz", "x.tfvars"])
def test_a_table_is_not_written_where_a_program_reads(smcost, alone, form, name):
    outcome = smcost(f"{FIXED} -f {form} -o {name}")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "can read" in outcome.refusal[0]
    assert list(alone.iterdir()) == []


@pytest.mark.parametrize(
    ("rest", "noted"),
    [("x.foo", True), ("t.png", True), ("x.txt", False), ("x", False), ("x.foo -f csv", False)],
)
def test_an_ending_that_names_no_format_is_noted(smcost, rest, noted):
    outcome = smcost(f"{FIXED} -o {rest}")
    assert outcome.exit_code == 0
    assert ("so it is written as table" in outcome.stderr) is noted


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
    assert "old was left as it was" in outcome.stderr.splitlines()
    assert smcost(f"{SLOW} -f {form}").stdout == ""
    assert (alone / "old").read_text(encoding="utf-8") == "kept"
    assert "new was not written" in smcost(f"{SLOW} -f {form} -o new").stderr.splitlines()
    assert not (alone / "new").exists()


def test_an_infeasible_result_is_written_where_there_is_something_to_write(smcost, alone):
    outcome = smcost(f"{SLOW} -o answer.json")
    assert outcome.exit_code == 11
    assert "left as it was" not in outcome.stderr
    assert '"feasible": false' in (alone / "answer.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("x.tfvars", "tfvars"),
        ("x.tfvars.json", "tfvars.json"),
        ("x.json", "json"),
        ("x.csv", "csv"),
        ("x.md", "markdown"),
        ("X.JSON", "json"),
        ("x.txt", "table"),
        ("x", "table"),
    ],
)
def test_the_ending_of_the_file_names_the_format(smcost, alone, name, form):
    assert smcost(f"{FIXED} -o {name}").exit_code == 0
    assert (alone / name).read_text(encoding="utf-8") == smcost(f"{FIXED} -f {form}").stdout


@pytest.mark.parametrize("how", ["flag", "environment", "settings"])
def test_a_format_that_somebody_chose_goes_before_the_ending(
    smcost, alone, write, monkeypatch, how
):
    if how == "environment":
        monkeypatch.setenv("SMCOST_FORMAT", "csv")
    elif how == "settings":
        write("smcost.toml", "format = 'csv'\n")
    assert smcost(f"{FIXED} -o x.json {'-f csv' if how == 'flag' else ''}").exit_code == 0
    assert (alone / "x.json").read_text(encoding="utf-8").startswith("case,")


def test_a_table_is_kept_out_of_a_file_of_variables(smcost, alone):
    for form in ("table", "markdown"):
        for name in ("x.tfvars", "x.tfvars.json"):
            outcome = smcost(f"{FIXED} -f {form} -o {name}")
            assert outcome.exit_code == 2
            assert outcome.refusal[0].startswith("--format")
    assert list(alone.iterdir()) == []


def test_an_ending_that_the_command_cannot_serve_is_refused(smcost):
    outcome = smcost("prices show -o x.tfvars")
    assert outcome.exit_code == 2
    assert "no format 'tfvars', which x.tfvars asks for" in outcome.refusal[0]


def test_show_commands_take_the_format_from_the_ending_too(smcost, alone, write_trace):
    write_trace("trace.csv", [60] * 90)
    smcost("traffic show trace.csv -o trace.json")
    smcost("prices show -o prices.csv")
    assert '"command": "traffic show"' in (alone / "trace.json").read_text(encoding="utf-8")
    assert (alone / "prices.csv").read_text(encoding="utf-8").startswith("region,")


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


ABLE = "--service-time 45ms --concurrency 4 --instance-type ml.m5.xlarge"


def comments(outcome):
    return [line for line in outcome.stdout.splitlines() if line.startswith("# ")]


def test_the_variables_say_where_they_come_from(smcost):
    line = f"recommend --rps 20 {ABLE} --p95 200ms --p99 300ms -f tfvars"
    first, traffic, capacity, price, cost, warned = comments(smcost(line))
    assert first.startswith("# smcost ")
    assert first.endswith(
        " recommend, us-east-1: p95 <= 200 ms and p99 <= 300 ms in every day (UTC), "
        "failures allowed 0.1%"
    )
    assert traffic == (
        "# traffic: synthetic, mean 20 rps; 2024-01-01 00:00 to 2024-01-02 00:00 UTC"
    )
    assert capacity.startswith("# capacity: flag --service-time")
    assert price.startswith("# price: Hosting, as of 2026; ")
    assert cost.startswith("# cost per month of 720 h, USD: expected 165.60, floor 165.60, ")
    assert warned == "# warnings: single_instance"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--slo-attainment 90% --max-failed 1%", "in 90% of days (UTC), failures allowed 1%"),
        ("--slo-window hour --slo-attainment 99.5%", "in 99.5% of hours (UTC), failures"),
        ("--slo-window horizon", "<= 300 ms over the whole horizon, failures allowed 0.1%"),
    ],
)
def test_the_variables_name_the_whole_slo(smcost, flags, said):
    line = f"recommend --rps 20 {ABLE} --p99 300ms {flags} -f tfvars"
    assert said in comments(smcost(line))[0]


def test_the_variables_of_a_bare_configuration_say_what_is_not_known(smcost):
    first, traffic, _, cost, warned = comments(smcost(f"{FIXED} -f tfvars"))
    assert first.endswith(" estimate, us-east-1")
    assert traffic == "# traffic: none"
    assert "expected 331.20, floor 331.20, ceiling 331.20" in cost
    assert warned == "# warnings: none"


def test_the_volume_is_among_the_variables_where_it_was_asked_for(smcost):
    assert "volume_size_in_gb        = 30\n" in smcost(f"{FIXED} --volume-gb 30 -f tfvars").stdout
    assert "volume" not in smcost(f"{FIXED} -f tfvars").stdout
    renamed = smcost(f"{FIXED} --volume-gb 30 -f tfvars --tfvars-map volume_size_in_gb=disk")
    assert "disk                     = 30\n" in renamed.stdout


def test_a_capacity_without_a_type_is_told(smcost):
    line = "recommend --rps 20 --service-time 45ms --concurrency 4 --p99 300ms"
    assert "type_assumed" in smcost(line).warning_codes
    assert "type_assumed" not in smcost(f"{line} --instance-type ml.m5.xlarge").warning_codes
    able = "--service-time 45ms --concurrency 4"
    for given, assumed in (
        (able, True),
        (f"{able} --instance-type ml.m5.large", False),
        ("", False),
    ):
        codes = smcost(f"estimate --count 1 --rps 1 {given}").warning_codes
        assert ("type_assumed" in codes) is assumed


@pytest.mark.parametrize("line", ["estimate --count 1", "prices show"])
def test_an_ending_that_names_no_format_is_said_unless_quiet(smcost, line):
    assert "names no format that is known" in smcost(f"{line} -o x.zzz").stderr
    assert "names no format" not in smcost(f"{line} -o x.zzz --quiet").stderr


def test_that_an_estimate_without_traffic_is_nothing_to_compare_with_is_said(smcost):
    outcome = smcost("estimate --min 1 --max 2 -f json -o today.json")
    assert "the JSON will not do for --current" in outcome.stderr
    assert smcost("estimate --count 1 --current today.json").exit_code == 3


def test_a_floor_that_makes_no_sense_is_not_taken_for_a_failed_load_test(smcost):
    outcome = smcost(f"recommend --rps 20 {ABLE} --p99 300ms --min-instances 0")
    assert "below 1" in outcome.refusal[0]
