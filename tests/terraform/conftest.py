"""Terraform itself as the judge of what we write. Offline: nothing here needs a provider."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

MODULE = Path(__file__).resolve().parents[2] / "terraform"
_VARIABLE = re.compile(r'^variable "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run of Terraform left."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Errors and warnings of a run with ``-json``."""
        messages = [json.loads(line) for line in self.stdout.splitlines()]
        return [message["diagnostic"] for message in messages if message["type"] == "diagnostic"]


class Terraform:
    """Terraform in one working directory, cut off from network and user settings."""

    def __init__(self, folder: Path, executable: str) -> None:
        self.folder = folder
        self._executable = executable

    def run(self, *arguments: str) -> Result:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "AWS_"))}
        settings = {
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": os.devnull,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        done = subprocess.run(
            [self._executable, *arguments],
            cwd=self.folder,
            env=clean | settings,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        return Result(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def declare(self, variables_tf: str) -> None:
        """Make a root module of variable blocks and one output each."""
        names = _VARIABLE.findall(variables_tf)
        outputs = "".join(f'output "{name}" {{\n  value = var.{name}\n}}\n' for name in names)
        (self.folder / "variables.tf").write_text(variables_tf, encoding="utf-8")
        (self.folder / "outputs.tf").write_text(outputs, encoding="utf-8")

    def plan(self, variable_file: str) -> Result:
        return self.run("plan", "-json", "-input=false", f"-var-file={variable_file}", "-out=plan")

    def planned(self) -> dict[str, Any]:
        """Read the variables of the saved plan."""
        shown = json.loads(self.run("show", "-json", "plan").stdout)
        return {name: given.get("value") for name, given in shown["variables"].items()}


@pytest.fixture(scope="session")
def executable() -> str:
    found = shutil.which("terraform")
    if found is None:
        pytest.skip("terraform is not installed")
    return found


@pytest.fixture(scope="session")
def make_terraform(executable: str) -> Callable[[Path], Terraform]:
    return lambda folder: Terraform(folder, executable)


@pytest.fixture
def terraform(tmp_path: Path, make_terraform: Callable[[Path], Terraform]) -> Terraform:
    return make_terraform(tmp_path)


@pytest.fixture(scope="session")
def module() -> Path:
    return MODULE


@pytest.fixture(scope="session")
def required() -> dict[str, str]:
    """Values for the four variables without a default."""
    return {
        "name": "reviews",
        "sm_role_arn": "arn:aws:iam::123456789012:role/sagemaker",
        "image_uri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/reviews:1",
        "model_data_s3": "s3://example-models/reviews/model.tar.gz",
    }


@pytest.fixture
def plan_with(terraform: Terraform, required: dict[str, str]) -> Callable[..., Result]:
    """Plan the module's variable blocks with the required four and the text given."""

    def plan(text: str, *, json_file: bool = False) -> Result:
        terraform.declare((MODULE / "variables.tf").read_text(encoding="utf-8"))
        given = terraform.folder / ("given.tfvars.json" if json_file else "given.tfvars")
        given.write_text(text, encoding="utf-8", newline="")
        four = terraform.folder / "terraform.tfvars.json"
        four.write_text(json.dumps(required), encoding="utf-8")
        return terraform.plan(given.name)

    return plan


@pytest.fixture
def plan_values(
    terraform: Terraform, plan_with: Callable[..., Result], required: dict[str, str]
) -> Callable[..., dict[str, Any]]:
    """Run a variable file through the module's own variable blocks; return what Terraform read.

    ``plan_values(text)`` for tfvars, ``plan_values(text, json=True)`` for tfvars.json. It fails on
    any diagnostic, warnings included, because an undeclared key is only a warning, and on tfvars
    that ``terraform fmt`` would rewrite. The result holds every variable, defaults filled in,
    except the required four.
    """

    def values(text: str, json: bool = False) -> dict[str, Any]:
        result = plan_with(text, json_file=json)
        assert result.diagnostics == []
        assert result.exit_code == 0, result.stderr
        if not json:
            formatted = terraform.run("fmt", "-check", "-diff", "given.tfvars")
            assert formatted.exit_code == 0, formatted.stdout
        return {k: v for k, v in terraform.planned().items() if k not in required}

    return values


@pytest.fixture
def refusals(plan_with: Callable[..., Result]) -> Callable[[str], Sequence[str]]:
    """Plan a variable file and return the errors' texts."""

    def errors(text: str) -> Sequence[str]:
        diagnostics = plan_with(text).diagnostics
        return [entry["detail"] for entry in diagnostics if entry["severity"] == "error"]

    return errors
