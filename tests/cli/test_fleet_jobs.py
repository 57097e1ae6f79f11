"""The same answers from one process, from several, and from a Dask cluster that loses a worker."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from smcost.cli import fleet_run
from smcost.cli.fleet_options import Backend, FleetFlags
from smcost.errors import UsageError, WorkerError

ROOT = Path(__file__).resolve().parents[2]
DEFAULTS = """\
[defaults]
instance-type = "ml.m5.xlarge"
service-time = "45ms"
concurrency = 4
p99 = "300ms"
savings-plan-discount = "31%"
"""


def fleet(number, more=""):
    tables = [
        f"[endpoints.e{n}]\nrps = {3 + n % 7}\npeak-rps = {8 + n}\ntoday.count = 3\n{more}"
        for n in range(number)
    ]
    lost = "[endpoints.lost]\ntraffic = 'none.csv'\n"
    return DEFAULTS + "".join([*tables[: number // 2], lost, *tables[number // 2 :]])


@pytest.fixture
def workers_end():
    """Loky keeps its processes for the next call, which no other test has."""
    yield
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def command(*flags, jobs=1):
    line = [sys.executable, "-m", "smcost", "recommend", "--file", "fleet.toml", "--quiet"]
    return [*line, "-f", "json", *(["--jobs", str(jobs)] if jobs else []), *flags]


def finished(*flags, jobs=1):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command(*flags, jobs=jobs), env=environment, capture_output=True, timeout=300, check=False
    )


@pytest.mark.usefixtures("workers_end")
def test_two_processes_say_the_same_bytes_as_one(smcost, write):
    write("fleet.toml", fleet(1, "budget = '0.1s'\n"))
    one = smcost("recommend --file fleet.toml -f json")
    two = smcost("recommend --file fleet.toml -f json --jobs 2")
    assert one.exit_code == two.exit_code == 3
    assert one.stdout == two.stdout
    assert one.stderr == two.stderr


@pytest.fixture
def jobs(write, smcost, monkeypatch):
    """The jobs of a small fleet, as the command makes them."""
    from smcost.cli import fleet_answer

    kept = []
    right = fleet_answer.outcomes

    def keep(found, run, backend):
        kept.extend(found)
        return right(found, run, backend)

    monkeypatch.setattr(fleet_answer, "outcomes", keep)
    write("fleet.toml", "[endpoints.a]\ncount = 1\n[endpoints.b]\ncount = 2\n")
    assert smcost("estimate --file fleet.toml --quiet").exit_code == 0
    return kept


def here(number):
    return FleetFlags(file=Path("fleet.toml"), jobs=number, backend="processes", scheduler=None)


def test_processors_are_shared_out_among_the_processes(jobs, monkeypatch):
    monkeypatch.setattr(fleet_run, "processors", lambda: 8)
    seen = []
    monkeypatch.setattr(
        fleet_run, "_in_processes", lambda found, count: seen.append((found, count)) or iter(())
    )
    many = [replace(jobs[0], name=str(n)) for n in range(20)]
    for number in (2, 5, 16, 64):
        fleet_run.outcomes(many, here(number), Backend.PROCESSES)
    assert [(count, found[0].flags.threads) for found, count in seen] == [
        (2, 4), (5, 1), (16, 1), (20, 1),
    ]  # fmt: skip


def test_one_process_answers_without_any_other(jobs):
    found = fleet_run.outcomes(jobs, here(1), Backend.PROCESSES)
    assert [outcome.name for outcome in found] == ["a", "b"]


@pytest.mark.usefixtures("workers_end")
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_process_that_is_killed_loses_no_endpoint_but_its_own(tmp_path, monkeypatch):
    def answer(job):
        with (tmp_path / job.name).open("a") as tries:
            tries.write("x")
        if job.name == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        return SimpleNamespace(name=job.name, exit_code=0)

    monkeypatch.setattr(fleet_run, "outcome_of", answer)
    monkeypatch.setattr(fleet_run, "_TRIES", 1)
    names = ["a", "deadly", "b"]
    jobs = [SimpleNamespace(name=name, place=f"fleet.toml, endpoints.{name}") for name in names]
    found = list(fleet_run._in_processes(jobs, 2))
    assert [outcome.name for outcome in found] == names
    assert [outcome.exit_code for outcome in found] == [0, 7, 0]
    assert found[1].failure.place == "fleet.toml, endpoints.deadly"
    assert "ended before it was done" in found[1].failure.cause
    assert 1 <= (tmp_path / "deadly").stat().st_size <= 2


def ways_of_asking(monkeypatch, broken):
    """How endpoints are asked where those of ``broken`` end the process that they are in."""
    asked = []

    def side_by_side(left, count):
        asked.append((count, "".join(left)))
        for name in [*left]:
            if name in broken:
                return
            del left[name]
            yield SimpleNamespace(name=name, exit_code=0)

    def by_itself(job):
        asked.append((1, job.name))
        return SimpleNamespace(name=job.name, exit_code=7 if job.name in broken else 0)

    monkeypatch.setattr(fleet_run, "_until_broken", side_by_side)
    monkeypatch.setattr(fleet_run, "_by_itself", by_itself)
    return asked


def test_one_by_one_only_until_it_is_known_which_it_was(monkeypatch):
    asked = ways_of_asking(monkeypatch, {"b", "d"})
    found = list(fleet_run._in_processes([SimpleNamespace(name=name) for name in "abcde"], 4))
    assert [(each.name, each.exit_code) for each in found] == [
        ("a", 0), ("b", 7), ("c", 0), ("d", 7), ("e", 0),
    ]  # fmt: skip
    assert [how for how in asked if how[1]] == [
        (4, "abcde"), (4, "bcde"), (1, "b"), (4, "cde"), (4, "de"), (1, "d"), (4, "e"),
    ]  # fmt: skip


def test_dask_that_is_not_installed_is_named_with_its_extra(jobs, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    run = replace(here(1), backend="dask", scheduler="tcp://127.0.0.1:1")
    with pytest.raises(UsageError) as caught:
        list(fleet_run.outcomes(jobs, run, Backend.DASK))
    assert "smcost[dask]" in caught.value.remedy


def test_another_version_on_a_worker_is_refused(jobs, monkeypatch):
    from smcost.cli import fleet_dask

    wanted = fleet_dask.identity()
    assert set(wanted) == {"smcost", "engine", "numpy", "scipy", "price cache"}
    assert fleet_dask.answered_alike(jobs[0], wanted).name == "a"
    monkeypatch.setattr(fleet_dask, "identity", lambda: wanted | {"smcost": "0.0.9"})
    with pytest.raises(WorkerError, match=r"smcost 0\.0\.9, not"):
        fleet_dask.answered_alike(jobs[0], wanted)


def test_prices_of_another_cache_are_refused(jobs, cache_folder):
    from smcost.cli import fleet_dask

    wanted = fleet_dask.identity()
    assert wanted["price cache"] == "none"
    cache_folder.mkdir(parents=True)
    (cache_folder / "eu-west-1.csv").write_text("kind\n")
    with pytest.raises(WorkerError, match=r"price cache [0-9a-f]{12}, not none"):
        fleet_dask.answered_alike(jobs[0], wanted)


@pytest.fixture
def cluster(alone):
    """Two workers of one thread each, as processes on the loopback."""
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=50,
    ) as found:
        yield found


def worker_pids(cluster):
    return [nanny.pid for nanny in cluster.workers.values()]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_loses_a_worker_says_the_same_bytes(write, cluster):
    write("fleet.toml", fleet(60, "budget = '1s'\n"))
    one = finished()
    assert one.returncode == 3, one.stderr
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = command("--backend", "dask", "--scheduler", cluster.scheduler_address, jobs=0)
    with subprocess.Popen(
        line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        killed = []

        def kill_one():
            # Midway: when the scheduler knows that some of the work is done, and not all.
            while run.poll() is None and not killed:
                tasks = cluster.scheduler.tasks.values()
                if any(task.state == "processing" for task in tasks):
                    time.sleep(0.5)
                    killed.append(worker_pids(cluster)[0])
                    os.kill(killed[0], signal.SIGKILL)
                time.sleep(0.05)

        killer = threading.Thread(target=kill_one)
        killer.start()
        said, errors = run.communicate(timeout=300)
        killer.join()
    assert killed, "nothing was being answered when it was to be killed"
    assert killed[0] not in worker_pids(cluster)
    assert run.returncode == 3, errors
    assert said == one.stdout
    assert errors == one.stderr


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_is_not_there_is_an_error_of_its_own(write, alone):
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    write("fleet.toml", fleet(1))
    found = finished("--backend", "dask", "--scheduler", "tcp://127.0.0.1:1", jobs=0)
    assert (found.returncode, found.stdout) == (7, b"")
    lines = found.stderr.decode().splitlines()
    assert lines[0] == "error: --scheduler tcp://127.0.0.1:1: No Dask scheduler answers there."
    assert len(lines) == 2


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_workers_without_smcost_of_this_version_are_refused(write, cluster, monkeypatch):
    write("fleet.toml", fleet(1))
    from distributed import Client

    def pretend():
        from smcost.cli import fleet_dask

        fleet_dask.__version__ = "0.0.9"

    with Client(cluster.scheduler_address, set_as_default=False) as client:
        client.run(pretend)
    found = finished("--backend", "dask", "--scheduler", cluster.scheduler_address, jobs=0)
    assert (found.returncode, found.stdout) == (7, b"")
    assert b"smcost 0.0.9, not " in found.stderr
