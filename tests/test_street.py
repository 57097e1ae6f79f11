"""The street has one direction, two doors and small houses."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import smcost

PACKAGE = Path(smcost.__file__).parent
ROOT = PACKAGE.parent
FILES = sorted(PACKAGE.rglob("*.py"))
#: Modules that only a door may load, and that `smcost --help` must not wait for.
SLOW = ("pandas", "boto3", "botocore", "scipy")
#: Everything but the doors and the console.
PURE = [
    path
    for path in FILES
    if path.relative_to(PACKAGE).parts[0] not in {"read", "emit", "cli", "__main__.py"}
]


def named(path):
    return path.relative_to(PACKAGE).as_posix()


def run_python(code):
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def test_every_room_has_its_place_in_both_contracts():
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("an installed package has no pyproject.toml beside it")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    order, kept_out = settings["tool"]["importlinter"]["contracts"]
    placed = {name for layer in order["layers"] for name in re.split(r" [|:] ", layer)}
    rooms = {f"smcost.{path.relative_to(PACKAGE).parts[0].removesuffix('.py')}" for path in PURE}
    rooms.discard("smcost.__init__")
    assert rooms - placed == set()
    assert rooms - set(kept_out["source_modules"]) == set()


def test_no_import_runs_against_the_order(tmp_path):
    """The contracts of pyproject.toml, by import-linter itself."""
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    if not (ROOT / "pyproject.toml").is_file():
        pytest.skip("an installed package has no pyproject.toml beside it")
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; "
        f"sys.exit(lint_imports(config_filename='pyproject.toml', cache_dir={str(tmp_path)!r}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "kept" in found.stdout.lower()


def test_a_wrong_import_would_be_noticed(tmp_path):
    """The contract is not empty: the same layers refuse a small street built the wrong way."""
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    house = tmp_path / "street"
    house.mkdir()
    (house / "__init__.py").write_text("")
    (house / "cost.py").write_text("import street.cli\n")
    (house / "cli.py").write_text("")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_packages = ["street"]\n[[tool.importlinter.contracts]]\n'
        'name = "x"\ntype = "layers"\nlayers = ["street.cli", "street.cost"]\n'
    )
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(config_filename='pyproject.toml', no_cache=True))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "street.cost is not allowed to import street.cli" in found.stdout


def test_asking_for_help_waits_for_no_slow_package():
    code = (
        "import sys, json, contextlib, io\n"
        "sys.argv = ['smcost', '--help']\n"
        "from smcost.cli.main import main\n"
        "with contextlib.redirect_stdout(io.StringIO()) as said:\n"
        "    try:\n"
        "        status = main()\n"
        "    except SystemExit as leaving:\n"
        "        status = leaving.code\n"
        "print(json.dumps([status, said.getvalue(), sorted(sys.modules)]))\n"
    )
    status, said, modules = json.loads(run_python(code))
    assert status in (0, None)
    assert "recommend" in said
    assert [name for name in SLOW if name in modules] == []


@pytest.mark.parametrize("module", ["smcost.estimate", "smcost.recommend.recommend"])
def test_the_pure_rooms_load_no_slow_package(module):
    modules = json.loads(
        run_python(f"import {module}, sys, json; print(json.dumps([*sys.modules]))")
    )
    assert module in modules
    assert [name for name in (*SLOW, "typer", "rich", "pydantic") if name in modules] == []


def test_every_room_is_found():
    assert {"errors.py", "recommend/search.py", "cli/main.py"} <= {named(path) for path in FILES}
    assert "recommend/search.py" in {named(path) for path in PURE}


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_file_is_longer_than_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_room_is_called_utils(path):
    rooms = {*path.relative_to(PACKAGE).with_suffix("").parts}
    assert not {"utils", "helpers", "common", "models", "misc"} & rooms


def definitions(path):
    """The module itself and its public classes, functions and methods, with their names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield path.stem, tree
    bodies = [tree.body]
    while bodies:
        for node in bodies.pop():
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
            if public:
                yield node.name, node
            if public and isinstance(node, ast.ClassDef):
                bodies.append(node.body)


@pytest.mark.parametrize("path", PURE, ids=named)
def test_everything_public_in_a_pure_room_says_what_it_is(path):
    silent = [name for name, node in definitions(path) if not ast.get_docstring(node)]
    assert silent == []


@pytest.mark.parametrize("path", PURE, ids=named)
def test_a_pure_room_neither_prints_nor_swallows_errors(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", node.lineno
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in ("everything", "Exception", "BaseException"), node.lineno


@pytest.mark.parametrize("path", PURE, ids=named)
def test_a_pure_room_shares_no_dataclass_that_can_be_changed(path):
    """A private working value may change; whatever leaves its file is frozen and keyword-only."""
    for name, node in definitions(path):
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in map(ast.unparse, node.decorator_list):
            if decorator.startswith("dataclass"):
                assert "frozen=True" in decorator, name
                assert "kw_only=True" in decorator, name
                assert "slots=True" in decorator, name
