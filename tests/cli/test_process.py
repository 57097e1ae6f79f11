"""The program as the shell sees it: a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(alone):
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


def start(environment, *arguments, **streams):
    return subprocess.Popen(
        [sys.executable, "-m", "smcost", *arguments], env=environment, **streams
    )


def finished(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "smcost", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def on_a_terminal(environment, *arguments):
    """What the program writes when stdout is a terminal of 80 columns."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    ours, its = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as reading:
        process = start(environment, *arguments, stdout=its, stderr=subprocess.PIPE)
        os.close(its)
        pieces = []
        while True:
            try:
                piece = reading.read(65536)
            except OSError:  # Linux says EIO where others say end of file
                break
            if not piece:
                break
            pieces.append(piece)
        process.communicate(timeout=120)
    assert process.returncode == 0
    return b"".join(pieces).decode()


@pytest.mark.parametrize(
    ("line", "exit_code"),
    [
        ("--version", 0),
        ("estimate --count 2", 0),
        ("estimate", 2),
        ("traffic show missing.csv", 3),
        ("estimate --count 2 --region nowhere-1", 4),
        ("estimate --count 2 -o nowhere/x", 6),
        ("recommend --rps 5 --service-time 80ms --concurrency 4 --p99 50ms", 11),
    ],
)
def test_the_exit_code_reaches_the_shell(environment, line, exit_code):
    done = finished(environment, *line.split())
    assert done.returncode == exit_code, done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stdout) == (exit_code in (0, 11))


@pytest.mark.parametrize("line", ["traffic synth --rps 5 --days 60", "--help", "estimate --help"])
def test_a_reader_that_leaves_early_is_no_error(environment, line):
    process = start(environment, *line.split(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=120) == 0


def test_a_terminal_gets_colour_unless_it_asks_for_none(environment):
    line = ("estimate", "--count", "2")
    assert "\x1b[1m" in on_a_terminal(environment, *line)
    assert "\x1b" not in on_a_terminal({**environment, "NO_COLOR": "1"}, *line)


def test_a_pipe_gets_no_colour_and_no_wrapping_even_if_colour_is_forced(environment):
    done = finished(
        {**environment, "FORCE_COLOR": "1", "COLUMNS": "20"}, "estimate", "--count", "2"
    )
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) > 80


def test_machine_formats_are_the_same_on_a_terminal(environment):
    line = ("estimate", "--count", "2", "-f", "json")
    shown = on_a_terminal(environment, *line).replace("\r\n", "\n")
    assert shown == finished(environment, *line).stdout
