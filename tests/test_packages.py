"""Every package of the source is in the wheel: the list in pyproject.toml is explicit."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_folder_with_code_is_listed_as_a_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(settings["tool"]["setuptools"]["packages"])
    mapped = {"smcost.bundled_data", "smcost.bundled_terraform"}
    folders = {path.parent for path in (ROOT / "smcost").rglob("*.py")}
    found = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert listed == found | mapped
