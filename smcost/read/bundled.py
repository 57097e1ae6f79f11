"""The data and the Terraform module that travel with smcost, in every form of install.

A wheel carries them as ``smcost/bundled_data`` and ``smcost/bundled_terraform``. In a checkout and
in an editable install they are the folders ``data`` and ``terraform`` beside the package.
"""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from smcost.errors import InputError
from smcost.prices import Catalogue, InstanceType, Rates
from smcost.read.csv_table import Row, parse_table
from smcost.read.price_csv import parse_prices
from smcost.read.rates_csv import parse_rates

_TYPE_COLUMNS = ("instance_type", "deployable", "vcpu", "memory_gib", "gpus", "nvme")
_YES_NO = {"yes": True, "no": False, "": None}


def data_folder() -> Traversable:
    """Return the folder with ``prices`` and ``examples``.

    Raises
    ------
    InputError
        The installation is damaged.
    """
    return _folder("bundled_data", beside="data")


def terraform_folder() -> Traversable:
    """Return the folder of the Terraform module.

    Raises
    ------
    InputError
        The installation is damaged.
    """
    return _folder("bundled_terraform", beside="terraform")


@cache
def bundled_catalogue() -> Catalogue:
    """Return the price snapshot, read once.

    Add the user's file by ``bundled_catalogue().with_user_prices(read_prices(path))``.

    Raises
    ------
    InputError, PriceError
        The installation is damaged.
    """
    regions = parse_table(*_text("regions.csv"), ("region", "partition"))
    types = parse_table(*_text("instance_types.csv"), _TYPE_COLUMNS)
    return Catalogue(
        parse_prices(*_text("prices.csv")),
        instance_types={row.text("instance_type"): _instance_type(row) for row in types},
        regions={row.text("region"): row.text("partition") for row in regions},
    )


@cache
def bundled_rates() -> Rates:
    """Return the bundled rates, read once.

    Raises
    ------
    InputError, PriceError
        The installation is damaged.
    """
    return Rates(parse_rates(*_text("rates.csv")))


def _folder(name: str, *, beside: str) -> Traversable:
    package = files("smcost")
    inside = package / name
    if inside.is_dir():
        return inside
    # Only a checkout or an editable install has the project file there: an installed package must
    # not pick up somebody else's folder called "data" beside it.
    if isinstance(package, Path) and (package.parent / "pyproject.toml").is_file():
        folder = package.parent / beside
        if folder.is_dir():
            return folder
    raise InputError(
        f"This installation of smcost lacks its folder {name}",
        remedy="Install smcost again",
        place=str(package),
    )


def _text(name: str) -> tuple[str, str]:
    """Return the content of a bundled CSV and how errors name it."""
    file = data_folder() / "prices" / name
    return file.read_text(encoding="utf-8"), str(file)


def _instance_type(row: Row) -> InstanceType:
    return InstanceType(
        name=row.text("instance_type"),
        deployable=row.text("deployable") == "yes",
        vcpu=int(row.number("vcpu")) if row.cells["vcpu"] else None,
        memory_gib=float(row.number("memory_gib")) if row.cells["memory_gib"] else None,
        gpus=int(row.number("gpus")) if row.cells["gpus"] else None,
        nvme=_YES_NO[row.cells["nvme"]],
    )
