"""The data and the Terraform module are found in a checkout, an editable install and a wheel.

Each form is asked from a folder that is not the repository, by a fresh interpreter.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROBE = """
import smcost
from smcost.read.bundled import bundled_catalogue, bundled_rates, data_folder, terraform_folder
assert bundled_catalogue().price("us-east-1", "ml.m5.xlarge").usd_per_hour > 0
assert bundled_rates().usd("us-east-1", "storage_gb_month").usd > 0
assert (data_folder() / "README.md").is_file()
assert any(entry.name.endswith(".tf") for entry in terraform_folder().iterdir())
print(smcost.__file__)
print(data_folder())
"""


def _setuptools_is_recent() -> bool:
    """Whether the build backend of pyproject.toml is already there: tests are offline."""
    if importlib.util.find_spec("setuptools") is None or importlib.util.find_spec("pip") is None:
        return False
    wanted = re.search(r"setuptools>=(\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert wanted is not None
    have = importlib.metadata.version("setuptools").split(".")[0]
    return int(have) >= int(wanted[1])


needs_build_backend = pytest.mark.skipif(
    not _setuptools_is_recent(),
    reason="building offline needs pip and the setuptools that pyproject.toml asks for",
)
needs_module = pytest.mark.skipif(
    not any((ROOT / "terraform").glob("*.tf")), reason="terraform/ holds no module yet"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Copy what the build reads, so that no build folder appears in the repository."""
    copy = tmp_path / "source"
    copy.mkdir()
    leave = shutil.ignore_patterns("__pycache__", "_kernels.*")
    for folder in ("smcost", "data", "terraform", "kernels"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=leave)
    for file in ("pyproject.toml", "setup.py", "MANIFEST.in", "LICENSE", "README.md"):
        if (ROOT / file).is_file():
            shutil.copy(ROOT / file, copy / file)
    if not (copy / "README.md").exists():
        (copy / "README.md").write_text("smcost\n", encoding="utf-8")
    return copy


def pip(command: str, *arguments: str, compiler: str | None = None) -> None:
    env = os.environ if compiler is None else os.environ | {"CC": compiler, "CXX": compiler}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pip", command, "--quiet", "--no-index", "--no-deps"),
            *("--no-build-isolation", "--disable-pip-version-check", *arguments),
        ],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def pip_install(*arguments: str, compiler: str | None = "false") -> None:
    """Without a compiler unless one is asked for: these tests look for data."""
    pip("install", *arguments, compiler=compiler)


def probe(cwd: Path, *, site: Path | None = None, path: Path | None = None) -> tuple[Path, str]:
    """Run the probe elsewhere; ``site`` is read like site-packages, with its ``.pth`` files.

    The interpreter starts without its own site-packages (``-S``), where another smcost may be:
    reading the bundled data needs nothing but the standard library.

    Returns
    -------
    package, data
        Where smcost was imported from, and where its data was found.
    """
    code = f"import site; site.addsitedir({str(site)!r})\n{PROBE}" if site else PROBE
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if path is not None:
        env["PYTHONPATH"] = str(path)
    cwd.mkdir()
    run = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=env,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    package, data = run.stdout.splitlines()
    return Path(package), data


@needs_module
def test_a_checkout_finds_the_folders_beside_the_package(tmp_path):
    package, data = probe(tmp_path / "elsewhere", path=ROOT)
    assert package == ROOT / "smcost" / "__init__.py"
    assert data == str(ROOT / "data")


@needs_module
@needs_build_backend
def test_an_editable_install_finds_the_folders_of_the_checkout(tmp_path, source):
    site = tmp_path / "site"
    pip_install("--target", str(site), "--editable", str(source))
    package, data = probe(tmp_path / "elsewhere", site=site)
    assert package == source / "smcost" / "__init__.py"
    assert data == str(source / "data")


@needs_module
@needs_build_backend
def test_a_wheel_carries_the_folders_inside(tmp_path, source):
    site = tmp_path / "site"
    pip_install("--target", str(site), str(source))
    shutil.rmtree(source)
    package, data = probe(tmp_path / "elsewhere", site=site)
    assert package == site / "smcost" / "__init__.py"
    assert data == str(site / "smcost" / "bundled_data")
    assert (package.parent / "py.typed").is_file()
    assert not list(site.rglob("test_*.py"))


needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None and shutil.which("gcc") is None, reason="there is no C compiler"
)
#: Whether the kernels are there, and the response of one request: in service for a second.
REPLAY = """
import sys
# Where this environment has smcost editable, its finder would lend the kernels of the checkout.
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
sys.path.insert(0, sys.argv[1])
import smcost, numpy as np
from smcost.queueing.exact.compiled import compiled
from smcost.queueing.exact.given import serve_given
assert smcost.__file__.startswith(sys.argv[1]), smcost.__file__
one = np.array([1.0])
print(compiled(), serve_given(arrivals_s=one, services_s=one, choices=None,
                              in_service=np.array([1]), step_s=60.0, workers=1))
"""


def replays(site: Path, **environment: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", REPLAY, str(site)],
        capture_output=True,
        text=True,
        cwd=site,
        env=os.environ | environment,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@needs_build_backend
@needs_compiler
def test_a_wheel_is_compiled_for_every_later_python(tmp_path, source):
    pip("wheel", "--wheel-dir", str(tmp_path), str(source))
    [wheel] = tmp_path.glob("*.whl")
    assert "-cp311-abi3-" in wheel.name
    assert wheel.stat().st_size < 5_000_000
    site = tmp_path / "site"
    shutil.unpack_archive(wheel, site, "zip")
    [kernels] = (site / "smcost").glob("_kernels.*")
    assert "abi3" in kernels.name or kernels.suffix == ".pyd"
    assert replays(site, SMCOST_NO_KERNELS="0") == "True [1.]"
    assert replays(site, SMCOST_NO_KERNELS="1") == "False [1.]"


@needs_build_backend
def test_without_a_compiler_it_installs_and_answers_in_python(tmp_path, source):
    site = tmp_path / "site"
    pip_install("--target", str(site), str(source), compiler="false")
    assert not list((site / "smcost").glob("_kernels.*"))
    assert replays(site) == "False [1.]"


@needs_build_backend
def test_the_sources_of_the_kernels_are_in_the_source_distribution(tmp_path, source):
    run = subprocess.run(
        [sys.executable, "setup.py", "-q", "sdist", "--dist-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=source,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    [archive] = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path / "unpacked")
    [root] = (tmp_path / "unpacked").iterdir()
    there = {path.name for path in (root / "kernels").iterdir()}
    assert there == {path.name for path in (ROOT / "kernels").iterdir()}
    assert (root / "setup.py").is_file()
