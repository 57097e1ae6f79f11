"""How long one waits for the help and for a plain estimate, against importing numpy.

    python benchmarks/start_up.py

Ratios within one run, because a figure in milliseconds says more about the machine than about the
program. Everything is byte-compiled first, each command is run seven times in turn with the others,
and the fastest run counts: what slows a run down is something else on the machine. Exits with 1
where a ratio is above what is wanted.
"""

import compileall
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 7
NUMPY = ("-c", "import numpy")
#: Name -> arguments of python, and how many times as long as NUMPY it may take.
WANTED = {
    "smcost --help": (("-m", "smcost", "--help"), 2.0),
    "smcost estimate --count 2": (("-m", "smcost", "estimate", "--count", "2"), 4.0),
}


def seconds(arguments: tuple[str, ...], folder: str) -> float:
    """Wall-clock time of one run of python. [s]"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": folder}
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )
    return time.perf_counter() - started


def main() -> int:
    """Measure and print; 1 where something takes longer than wanted."""
    compileall.compile_dir(ROOT / "smcost", quiet=1)
    commands = {"import numpy": NUMPY} | {name: given for name, (given, _) in WANTED.items()}
    fastest_s = dict.fromkeys(commands, float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS):
            for name, arguments in commands.items():
                fastest_s[name] = min(fastest_s[name], seconds(arguments, folder))
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.platform()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, fastest of {RUNS}"
    )
    numpy_s = fastest_s["import numpy"]
    print(f"import numpy: {1000 * numpy_s:.0f} ms")
    slow = False
    for name, (_, wanted) in WANTED.items():
        ratio = fastest_s[name] / numpy_s
        slow |= ratio > wanted
        print(f"{name}: {1000 * fastest_s[name]:.0f} ms, {ratio:.2f} x (wanted: {wanted:g} x)")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
