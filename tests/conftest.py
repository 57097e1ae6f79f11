"""The command line in this process: arguments in; exit code, stdout and stderr out."""

import json
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

KEPT = {"SMCOST_REWRITE_GOLDEN", "SMCOST_NO_KERNELS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run of smcost left."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.stdout, parse_constant=_refuse_constant)

    @property
    def warning_codes(self) -> set[str]:
        lines = [line for line in self.stderr.splitlines() if line.startswith("warning [")]
        return {line.split("[")[1].split("]")[0] for line in lines}

    @property
    def refusal(self) -> tuple[str, str]:
        """Cause and remedy; fails where stderr is not exactly one sentence of each."""
        lines = [line for line in self.stderr.splitlines() if not line.startswith("warning [")]
        assert "Traceback" not in self.stderr
        assert len(lines) == 2, self.stderr
        cause, remedy = lines
        assert cause.startswith("error: "), cause
        assert remedy.startswith("  fix: "), remedy
        for sentence in (cause, remedy):
            assert sentence.endswith("."), sentence
            assert not sentence.endswith(".."), sentence
        return cause.removeprefix("error: "), remedy.removeprefix("  fix: ")


def _refuse_constant(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty current folder, no settings from outside, a known width: the same everywhere."""
    for name in os.environ:
        if name.startswith("SMCOST_") and name not in KEPT:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.setenv("COLUMNS", "100")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def smcost(alone: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """``smcost("estimate --count 2")``: split at blanks, but for what is in double quotes."""
    from smcost.cli.main import main

    def run(*arguments: str) -> Outcome:
        line = " ".join(arguments)
        given = shlex.split(line) if '"' in line else line.split()
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(given)
        streams = capsys.readouterr()
        code = left.value.code
        assert isinstance(code, int)
        return Outcome(exit_code=code, stdout=streams.out, stderr=streams.err)

    return run


@pytest.fixture
def write(alone: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file into the current folder."""

    def to_file(name: str, content: str | bytes) -> Path:
        path = alone / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to_file


@pytest.fixture
def write_trace(write: Callable[[str, str | bytes], Path]) -> Callable[..., Path]:
    """Write a traffic CSV: one row per step from Monday 2024-01-01, ``None`` for no row."""

    def to_file(name: str, counts: Sequence[float | None], *, step_s: int = 60) -> Path:
        start = datetime(2024, 1, 1, tzinfo=UTC)
        rows = ["timestamp,invocations"]
        for step, count in enumerate(counts):
            if count is not None:
                moment = start + timedelta(seconds=step * step_s)
                rows.append(f"{moment:%Y-%m-%dT%H:%M:%SZ},{count}")
        return write(name, "\n".join(rows) + "\n")

    return to_file
