"""The module that travels with the program."""

import pytest

from smcost.emit import terraform_module
from smcost.emit.terraform_module import bundled_folder, module_files
from smcost.errors import OutputError

PACKAGE = "smcost.bundled_terraform"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An installation that carries the module as a package, as a wheel does."""
    monkeypatch.setattr(terraform_module.resources, "files", lambda name: tmp_path)
    return tmp_path


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout without any bundled package; its terraform folder is not made yet."""

    def no_package(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(terraform_module.resources, "files", no_package)
    monkeypatch.setattr(terraform_module, "__file__", str(tmp_path / "smcost" / "emit" / "m.py"))
    return tmp_path


def test_the_bundled_module_is_the_folder_of_the_repository(module):
    own = {"README.md", *(file.name for file in module.glob("*.tf"))}
    assert set(module_files()) == own
    assert module_files() == {name: (module / name).read_text("utf-8") for name in own}


def test_the_files_come_in_the_order_of_their_names():
    assert list(module_files()) == sorted(module_files())


def test_a_checkout_is_found_beside_the_package(checkout):
    folder = checkout / "terraform"
    folder.mkdir()
    (folder / "main.tf").write_text("# ours\n", "utf-8")
    assert bundled_folder(PACKAGE, "terraform") == folder
    assert module_files() == {"main.tf": "# ours\n"}


def test_only_the_module_and_its_readme_are_taken(installed):
    for name in ("main.tf", "README.md", "terraform.tfstate", "secret.tfvars", "main.tf.bak"):
        (installed / name).write_text(name, "utf-8")
    assert list(module_files()) == ["README.md", "main.tf"]


def test_a_missing_folder_is_an_output_error(checkout):
    with pytest.raises(OutputError, match="missing from this installation") as refused:
        module_files()
    assert refused.value.exit_code == 6


def test_a_folder_without_the_module_is_an_output_error(installed):
    (installed / "README.md").write_text("lost", "utf-8")
    with pytest.raises(OutputError, match=r"no main\.tf"):
        module_files()
