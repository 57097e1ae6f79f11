"""The bundled Terraform module, as texts to be written somewhere."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from smcost.errors import OutputError

_PACKAGE = "smcost.bundled_terraform"
_FOLDER = "terraform"


def bundled_folder(package: str, folder: str) -> Traversable:
    """Find a folder that travels with the program.

    A wheel carries it as a package; a checkout and an editable install have it beside ``smcost``.

    Parameters
    ----------
    package
        Its name inside a wheel, ``smcost.bundled_terraform``.
    folder
        Its name in a checkout, ``terraform``.

    Raises
    ------
    OutputError
        It is in neither place.
    """
    try:
        return resources.files(package)
    except ModuleNotFoundError:
        beside = Path(__file__).resolve().parents[2] / folder
    if not beside.is_dir():
        raise OutputError(
            f"The bundled folder {folder} is missing from this installation",
            remedy="Install smcost again",
            place=package,
        )
    return beside


def module_files() -> dict[str, str]:
    """Read the module: file name -> text, in the order of the names.

    Raises
    ------
    OutputError
        The installation lacks the module.
    """
    found = sorted(bundled_folder(_PACKAGE, _FOLDER).iterdir(), key=lambda entry: entry.name)
    files = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in found
        if entry.name.endswith(".tf") or entry.name == "README.md"
    }
    if "main.tf" not in files:
        raise OutputError(
            "The bundled Terraform module is incomplete: it has no main.tf",
            remedy="Install smcost again",
            place=_PACKAGE,
        )
    return files
