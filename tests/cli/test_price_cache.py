"""The price cache on disk: replaced whole or not at all, by one process or by many."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from smcost.cli import price_cache
from smcost.cli.price_cache import cache_file, cache_folder, cached_region, store
from smcost.errors import InputError, OutputError, PriceError
from smcost.prices import Component, Price
from smcost.prices.cached import CachedRegion

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"


def region_of(usd, *names):
    prices = [
        Price(
            region=REGION,
            instance_type=name,
            component=Component.HOSTING,
            usd_per_hour=Decimal(usd),
            source="AWS",
            as_of="2026-09-25",
            fetched_at="2026-11-24T09:30:00Z",
        )
        for name in names or ("ml.m5.xlarge",)
    ]
    return CachedRegion(region=REGION, prices=tuple(prices), rates=(), savings=())


OLD, NEW = region_of("0.1"), region_of("0.2")


@pytest.fixture
def folder(alone):
    return cache_folder()


def left(folder):
    """Everything in the folder but the lock."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_what_is_stored_is_found_again(folder):
    assert cached_region(REGION) is None
    assert store(REGION, lambda: OLD) == folder / "us-east-1.csv"
    assert cached_region(REGION) == OLD
    store(REGION, lambda: NEW)
    assert cached_region(REGION) == NEW
    assert left(folder) == ["us-east-1.csv"]


def test_the_folder_is_the_systems_unless_another_is_named(monkeypatch, alone):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: alone / "caches" / name)
    monkeypatch.delenv("SMCOST_CACHE_DIR")
    assert cache_folder() == alone / "caches" / "smcost" / "prices"
    monkeypatch.setenv("SMCOST_CACHE_DIR", "")
    assert cache_folder() == alone / "caches" / "smcost" / "prices"
    monkeypatch.setenv("SMCOST_CACHE_DIR", str(alone / "mine"))
    assert cache_folder() == alone / "mine" / "prices"


def test_the_tests_never_see_the_cache_of_whoever_runs_them():
    assert "pytest" in str(cache_folder())
    code = "from smcost.cli.price_cache import cache_folder; print(cache_folder())"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert Path(said.strip()) == cache_folder()


@pytest.mark.parametrize("region", ["..", "../../etc/passwd", "us-east-1/..", "", "US", "a b"])
def test_a_region_code_never_leads_out_of_the_folder(folder, region):
    with pytest.raises(PriceError):
        cache_file(region)
    assert cached_region(region) is None
    with pytest.raises(PriceError):
        store(region, lambda: OLD)


#: Every call to the operating system on the way from old to new.
CALLS = [
    "tempfile.mkstemp",
    "os.fdopen",
    "os.fsync",
    "pathlib.Path.chmod",
    "pathlib.Path.replace",
    "pathlib.Path.mkdir",
]


@pytest.mark.parametrize("call", CALLS)
def test_whichever_call_fails_the_old_file_stays_whole(folder, monkeypatch, call):
    store(REGION, lambda: OLD)
    before = (folder / "us-east-1.csv").read_bytes()

    def fail(*_arguments, **_names):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(call, fail)
        with pytest.raises(OutputError) as caught:
            store(REGION, lambda: NEW)
    assert caught.value.exit_code == 6
    assert "No space left on device" in caught.value.cause
    assert "SMCOST_CACHE_DIR" in caught.value.remedy
    assert (folder / "us-east-1.csv").read_bytes() == before
    assert left(folder) == ["us-east-1.csv"]
    store(REGION, lambda: NEW)
    assert cached_region(REGION) == NEW


def test_a_full_disk_in_the_middle_of_the_text_leaves_the_old_file(folder, monkeypatch):
    store(REGION, lambda: OLD)

    class Full:
        def __init__(self, handle, *_mode, **_names):
            self.handle = handle

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            os.close(self.handle)

        def write(self, text):
            os.write(self.handle, text[: len(text) // 2])
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.fdopen", Full)
        with pytest.raises(OutputError):
            store(REGION, lambda: NEW)
    assert cached_region(REGION) == OLD
    assert left(folder) == ["us-east-1.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError("No", remedy="Stop")])
def test_an_interrupt_or_an_error_of_the_content_leaves_the_old_file_and_no_lock(folder, error):
    store(REGION, lambda: OLD)

    def stop():
        raise error

    with pytest.raises((KeyboardInterrupt, InputError)):
        store(REGION, stop)
    assert cached_region(REGION) == OLD
    store(REGION, lambda: NEW)
    assert cached_region(REGION) == NEW


def test_an_interrupt_at_the_rename_leaves_no_half_file_behind(folder, monkeypatch):
    store(REGION, lambda: OLD)

    def stop(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("pathlib.Path.replace", stop)
        with pytest.raises(KeyboardInterrupt):
            store(REGION, lambda: NEW)
    assert cached_region(REGION) == OLD
    assert left(folder) == ["us-east-1.csv"]


def test_what_a_killed_process_left_is_cleared_away_by_the_next(folder):
    store(REGION, lambda: OLD)
    (folder / ".us-east-1.csv.abc123").write_text("kind,reg")
    (folder / ".us-east-2.csv.abc123").write_text("of another region")
    assert cached_region(REGION) == OLD
    store(REGION, lambda: NEW)
    assert left(folder) == [".us-east-2.csv.abc123", "us-east-1.csv"]


def test_the_file_is_as_readable_as_any_other(folder):
    store(REGION, lambda: OLD)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((folder / "us-east-1.csv").stat().st_mode) == 0o666 & ~umask


def test_whoever_waits_too_long_for_another_process_is_told(folder, monkeypatch):
    from filelock import FileLock

    folder.mkdir(parents=True)
    monkeypatch.setattr(price_cache, "_PATIENCE_S", 0.1)
    with FileLock(folder / "us-east-1.lock"), pytest.raises(OutputError) as caught:
        store(REGION, lambda: NEW)
    assert "Another process" in caught.value.cause
    assert cached_region(REGION) is None


def test_reading_waits_for_nobody(folder):
    from filelock import FileLock

    store(REGION, lambda: OLD)
    with FileLock(folder / "us-east-1.lock"):
        assert cached_region(REGION) == OLD


def test_a_file_where_the_folder_should_be_is_an_error_with_the_way_out(alone, monkeypatch):
    (alone / "taken").write_text("")
    monkeypatch.setenv("SMCOST_CACHE_DIR", str(alone / "taken"))
    assert cached_region(REGION) is None
    with pytest.raises(OutputError) as caught:
        store(REGION, lambda: NEW)
    assert "SMCOST_CACHE_DIR" in caught.value.remedy


def test_a_folder_where_the_file_should_be_is_an_error(folder):
    (folder / "us-east-1.csv").mkdir(parents=True)
    with pytest.raises(InputError, match="This is a folder"):
        cached_region(REGION)
    with pytest.raises(OutputError):
        store(REGION, lambda: NEW)


def test_a_cache_that_may_not_be_looked_at_is_not_taken_for_none(folder, monkeypatch):
    store(REGION, lambda: OLD)

    def refuse(*_arguments, **_names):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.stat", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        cached_region(REGION)


WRITER = """
import sys
from dataclasses import replace
from decimal import Decimal
from smcost.cli.price_cache import cached_region, store
from smcost.prices import Component, Price
from smcost.prices.cached import CachedRegion

name, rounds, merging = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "merging"

def rows(usd, names):
    return CachedRegion(region="us-east-1", rates=(), savings=(), prices=tuple(
        Price(region="us-east-1", instance_type=each, component=Component.HOSTING,
              usd_per_hour=Decimal(usd), source=name, as_of="2026-09-25",
              fetched_at="2026-11-24T09:30:00Z") for each in names))

for number in range(1, rounds + 1):
    if merging:
        fresh = rows(str(number), [f"ml.{name}{number}.large"])
        store("us-east-1", lambda: (cached_region("us-east-1") or fresh).joined(fresh))
    else:
        store("us-east-1", lambda: rows(str(number), [f"ml.m{n}.large" for n in range(200)]))
"""


def start(name, rounds, how):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, name, str(rounds), how], cwd=ROOT, stderr=subprocess.PIPE
    )


def finish(process):
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said.decode()


def test_of_two_processes_at_once_a_reader_always_sees_one_whole_file_of_one_of_them(folder):
    processes = [start(name, 15, "whole") for name in ("one", "two")]
    seen = set()
    while any(process.poll() is None for process in processes):
        found = cached_region(REGION)
        if found is not None:
            assert len(found.prices) == 200
            [origin] = {(row.source, row.usd_per_hour) for row in found.prices}
            seen.add(origin)
    for process in processes:
        finish(process)
    found = cached_region(REGION)
    assert found is not None
    assert {(row.source, str(row.usd_per_hour)) for row in found.prices} in (
        {("one", "15")},
        {("two", "15")},
    )
    assert left(folder) == ["us-east-1.csv"]


def test_lists_of_one_type_each_fetched_at_once_are_all_there_afterwards(folder):
    processes = [start(name, 10, "merging") for name in ("a", "b")]
    for process in processes:
        finish(process)
    found = cached_region(REGION)
    assert found is not None
    assert {row.instance_type for row in found.prices} == {
        f"ml.{name}{number}.large" for name in "ab" for number in range(1, 11)
    }


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(folder):
    store(REGION, lambda: replace(OLD))
    for delay_s in (0.25, 0.3, 0.35, 0.4, 0.5, 0.6):
        process = start("one", 10_000, "whole")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(delay_s)
        process.kill()
        process.communicate()
        found = cached_region(REGION)
        assert found is not None
        assert len(found.prices) in (1, 200)
        assert len({(row.source, row.usd_per_hour) for row in found.prices}) == 1
    store(REGION, lambda: NEW)
    assert left(folder) == ["us-east-1.csv"]


def test_a_slip_in_the_name_of_the_folders_variable_is_refused(smcost, monkeypatch):
    monkeypatch.setenv("SMCOST_CACHE_DIRS", "x")
    outcome = smcost("estimate --count 1")
    assert outcome.exit_code == 2
    assert outcome.refusal[1] == "Did you mean SMCOST_CACHE_DIR."
