"""``smcost terraform DIR``: writes the module that the tfvars are for."""

from pathlib import Path
from typing import Annotated

import typer

from smcost.cli.output import say, write_whole
from smcost.errors import OutputError

EXAMPLES = """Examples:

  smcost terraform endpoint

  smcost recommend ... -o endpoint/smcost.tfvars

  cd endpoint && terraform init && terraform plan -var-file=smcost.tfvars

  As a child module it reads no file: its README.md says how to pass the values then.
"""


def terraform_command(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to; made if it is not there.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace files of the same name.")] = False,
) -> None:
    """Write the corrected module: model, endpoint configuration, endpoint and its autoscaling."""
    from smcost.emit.terraform_module import module_files

    files = module_files()
    existing = [name for name in files if (folder / name).exists()]
    if existing and not force:
        raise OutputError(
            f"{', '.join(existing)} would be replaced",
            remedy="Name another folder, or add --force",
            place=str(folder),
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The folder cannot be made ({error.strerror or error})",
            remedy="Name one that can",
            place=str(folder),
        ) from error
    for name, text in files.items():
        write_whole(folder / name, text)
    say(f"wrote {', '.join(files)} to {folder}")
