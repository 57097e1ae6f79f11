"""How long a fleet takes, how much memory, and how both grow with the number of endpoints.

    python benchmarks/fleet.py [--numbers 10,100,1000] [--jobs 1,2] [--commands estimate,recommend]
                               [--flags "--budget 0s"]

Every endpoint has 14 days of minutes of its own: a day's load with its peak in the afternoon, quiet
weekends and Poisson noise, at a rate and a peak of its own, as CSV. Prints Markdown tables: wall
time, processor time of all processes, the largest resident memory of the process that reports and
of its children, and each per endpoint. Exits with 1 where the answers of one process and of several
differ.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from smcost.emit.trace_csv import trace_csv
from smcost.traffic.synthetic import day_shape, noisy, weekend

DAYS = 14
DEFAULTS = """\
[defaults]
instance-type = "ml.m5.xlarge"
service-time = "45ms"
concurrency = 4
p99 = "300ms"
savings-plan-discount = "31%"
"""
ENDPOINT = """
[endpoints.e{number:05}]
traffic = "e{number:05}.csv"
[endpoints.e{number:05}.today]
min = 2
max = 12
target = 1200
"""
#: The installed one: beside sources that were not compiled in place, ``-m`` alone would take those.
SMCOST = [sys.executable, "-P", "-m", "smcost"]
_COMPILED = "from smcost.queueing.exact.compiled import compiled; raise SystemExit(not compiled())"


def write_fleet(folder: Path, number: int) -> Path:
    """Write ``number`` endpoints, each with its traffic; those of a smaller fleet are the same."""
    text = [DEFAULTS]
    for endpoint in range(number):
        path = folder / f"e{endpoint:05}.csv"
        if not path.exists():
            random = np.random.default_rng(endpoint)
            mean = float(random.lognormal(1.6, 1.0))
            trace = day_shape(mean, mean * float(random.uniform(1.5, 3.0)), days=DAYS)
            path.write_text(trace_csv(noisy(weekend(trace, 0.5), random)), encoding="utf-8")
        text.append(ENDPOINT.format(number=endpoint))
    file = folder / f"fleet-{number}.toml"
    file.write_text("".join(text), encoding="utf-8")
    return file


def resident_mb(pid: int) -> float:
    """Of one process; 0 where it has ended. [MB]"""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return float(lines[0].split()[1]) / 1024 if lines else 0.0


def children(pid: int) -> list[int]:
    """All that a process has started, and what those have."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            direct = [int(word) for word in task.read_text(encoding="utf-8").split()]
        except OSError:
            continue
        for child in direct:
            found += [child, *children(child)]
    return found


class Watch(threading.Thread):
    """Looks at the memory of a process and its children ten times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.own_mb, self.all_mb, self.done = pid, 0.0, 0.0, threading.Event()

    def run(self) -> None:
        """Until the run is over."""
        while not self.done.wait(0.1):
            own = resident_mb(self.pid)
            self.own_mb = max(self.own_mb, own)
            self.all_mb = max(self.all_mb, own + sum(map(resident_mb, children(self.pid))))


def measured(command: str, file: Path, jobs: int, flags: list[str]) -> tuple[list[str], bytes]:
    """One run: a row of the table, and what it printed."""
    line = [*SMCOST, command, "--file", str(file), "--jobs", str(jobs), "--quiet", *flags]
    before, start = os.times(), time.perf_counter()
    with subprocess.Popen(line, stdout=subprocess.PIPE) as run:
        watch = Watch(run.pid)
        watch.start()
        said = run.communicate()[0]
        watch.done.set()
    wall_s, after = time.perf_counter() - start, os.times()
    if run.returncode:
        raise SystemExit(f"{line} left {run.returncode}")
    number = int(file.stem.split("-")[1])
    busy_s = after.children_user + after.children_system
    busy_s -= before.children_user + before.children_system
    row = [
        command,
        f"{number:,}",
        str(jobs),
        f"{wall_s:.1f} s",
        f"{busy_s:.1f} s",
        f"{1000 * wall_s / number:.0f} ms",
        f"{watch.own_mb:.0f} MB",
        f"{watch.all_mb:.0f} MB",
    ]
    return row, said


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", default="10,100")
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--commands", default="estimate,recommend")
    parser.add_argument("--flags", default="-f csv")
    options = parser.parse_args()
    if subprocess.run([sys.executable, "-P", "-c", _COMPILED], check=False).returncode:
        parser.error("the kernels are not built, or SMCOST_NO_KERNELS is set")
    machine = f"{platform.machine()}, {os.cpu_count()} processors"
    print(f"{machine}, Python {platform.python_version()}\n")
    header = ("command", "endpoints", "jobs", "wall", "processor", "wall per endpoint")
    header += ("memory of the report", "memory with workers")
    print(f"| {' | '.join(header)} |\n|{'---|' * len(header)}", flush=True)
    alike = True
    with tempfile.TemporaryDirectory() as folder:
        for number in map(int, options.numbers.split(",")):
            file = write_fleet(Path(folder), number)
            for command in options.commands.split(","):
                answers = set()
                for jobs in map(int, options.jobs.split(",")):
                    row, said = measured(command, file, jobs, options.flags.split())
                    answers.add(said)
                    print(f"| {' | '.join(row)} |", flush=True)
                alike = alike and len(answers) == 1
    print("\nThe answers are the same." if alike else "\nThe answers differ.")
    return 0 if alike else 1


if __name__ == "__main__":
    sys.exit(main())
