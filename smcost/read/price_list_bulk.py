"""Prices of one region from the public bulk price lists, without credentials.

For each offer the index of regions comes first, which names the current file of the region; that
file has to be of the offer, of the region, and not older than the index says. Savings Plans have
files of the same kind beside them.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol

import msgspec

from smcost.errors import AwsError, InputError, PriceError
from smcost.prices import Listing
from smcost.read.price_list_download import Downloader, Progress
from smcost.read.price_list_gather import Gathering
from smcost.read.price_list_offer import OfferHeader, read_offer, read_plan_file
from smcost.read.price_list_rates import CLOUDWATCH, S3, SAGEMAKER

SOURCE = "AWS Price List bulk file"
OFFER_INDEX = "/offers/v1.0/aws/{offer}/current/region_index.json"
PLAN_INDEX = "/savingsPlan/v1.0/aws/AWSMachineLearningSavingsPlans/current/region_index.json"
_AGAIN = "AWS may be publishing at this moment: run the command once more in a few minutes"


class Fetch(Protocol):
    """Brings one file, named by its path at the address, whole into ``target``."""

    def __call__(self, path: str, target: Path, progress: Progress) -> None:
        """Bring it, or raise AwsError."""


class _OfferRegion(msgspec.Struct, frozen=True, rename="camel"):
    region_code: str
    current_version_url: str = ""
    version_url: str = ""

    @property
    def path(self) -> str:
        return self.current_version_url or self.version_url


class _Index(msgspec.Struct, frozen=True, rename="camel"):
    """An index of regions: offers have them by code, Savings Plans in a list."""

    publication_date: str
    regions: dict[str, _OfferRegion] | list[_OfferRegion]

    def path(self, region: str) -> str | None:
        listed = self.regions.values() if isinstance(self.regions, dict) else self.regions
        return next((each.path for each in listed if each.region_code == region), None)

    @property
    def codes(self) -> list[str]:
        listed = self.regions.values() if isinstance(self.regions, dict) else self.regions
        return [each.region_code for each in listed]


@dataclass(slots=True)
class _Files:
    """Files come one after another into one folder; their progress is added up."""

    fetch: Fetch
    folder: Path
    progress: Progress
    form: str
    number: int = 0
    before_bytes: int = 0

    def bring(self, path: str) -> Path:
        """Bring one file and return where it lies."""
        self.number += 1
        target = self.folder / f"{self.number}.{path.rpartition('.')[2]}"
        self.fetch(path, target, self._add)
        self.before_bytes += target.stat().st_size
        return target

    def index(self, path: str) -> _Index:
        """Bring and decode an index of regions."""
        target = self.bring(path)
        try:
            return msgspec.json.decode(target.read_bytes(), type=_Index)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise AwsError(
                f"The index of regions is of another form than AWS documents ({error})",
                remedy="Look at the proxy: something other than AWS may have answered",
                place=path,
            ) from error

    def in_form(self, path: str) -> str:
        """The path of the same file in the form that is wanted; indices name the JSON."""
        return f"{path.removesuffix('.json')}.{self.form}"

    def _add(self, done_bytes: int, total_bytes: int | None) -> None:
        total = None if total_bytes is None else self.before_bytes + total_bytes
        self.progress(self.before_bytes + done_bytes, total)


def pull_from_bulk(
    region: str,
    instance_type: str | None = None,
    *,
    fetch: Fetch | None = None,
    progress: Progress = lambda _done_bytes, _total_bytes: None,
    form: Literal["json", "csv"] = "json",
) -> Listing:
    """Fetch and read the price lists of one region.

    Parameters
    ----------
    instance_type
        Only this one; ``None``: every type.
    fetch
        Brings a file; ``None``: from AWS, see :class:`Downloader`.
    progress
        Called with the bytes had so far, of all files, and the bytes known to come.
    form
        Which form of the files to take; their numbers are the same.

    Raises
    ------
    AwsError
        A file did not come whole, or is not what the index announces.
    PriceError
        The region has no price list or no Hosting price.
    OutputError
        There is no room for temporary files.
    """
    gathering = Gathering(source=SOURCE, region=region, instance_type=instance_type)
    with TemporaryDirectory(prefix="smcost-") as folder:
        files = _Files(
            fetch=fetch or Downloader(), folder=Path(folder), progress=progress, form=form
        )
        _gather_offer(files, gathering, SAGEMAKER, region)
        _gather_plans(files, gathering, region)
        for offer in (S3, CLOUDWATCH):
            _gather_offer(files, gathering, offer, region)
    return gathering.listing_with_hosting(region)


def _gather_offer(files: _Files, gathering: Gathering, offer: str, region: str) -> None:
    index = files.index(OFFER_INDEX.format(offer=offer))
    path = index.path(region)
    if path is None:
        if offer == SAGEMAKER:
            raise _no_region(region, index.codes)
        return
    path = files.in_form(path)
    file = files.bring(path)
    with _of_aws(path):
        header = read_offer(file, gathering)
    _check(header, index=index, path=path, offer=offer, region=region)


def _gather_plans(files: _Files, gathering: Gathering, region: str) -> None:
    index = files.index(PLAN_INDEX)
    path = index.path(region)
    # Savings Plans are not sold everywhere: a region that the index lacks has none.
    if path is None:
        return
    path = files.in_form(path)
    file = files.bring(path)
    with _of_aws(path):
        header = read_plan_file(file, region, gathering)
    _check(header, index=index, path=path, offer=header.offer, region=region)


def _check(header: OfferHeader, *, index: _Index, path: str, offer: str, region: str) -> None:
    """Refuse a file that is not the one that the index announces."""
    if header.offer != offer:
        wrong = f"is of {header.offer!r}, and one of {offer!r} was announced"
    elif region not in header.regions:
        found = ", ".join(sorted(header.regions)) or "no region"
        wrong = f"is of {found}, and one of {region} was announced"
    elif header.published < (announced := _announced(path) or index.publication_date):
        wrong = f"is of {header.published}, older than was announced ({announced})"
    else:
        return
    raise AwsError(f"The file {wrong}", remedy=_AGAIN, place=path)


def _announced(path: str) -> str | None:
    """The publication that a path such as ``/offers/../20260116160258/eu-west-2/`` names."""
    found = re.search(r"/(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/", path)
    return found and "{}-{}-{}T{}:{}:{}Z".format(*found.groups())


@contextmanager
def _of_aws(path: str) -> Iterator[None]:
    """What is wrong with a file that was just fetched is AWS's matter, not the user's."""
    try:
        yield
    except InputError as error:
        raise AwsError(error.cause, remedy=_AGAIN, place=path) from error


def _no_region(region: str, known: list[str]) -> PriceError:
    near = get_close_matches(region, sorted(known), n=3, cutoff=0.6)
    return PriceError(
        f"The price list of AmazonSageMaker has no region {region!r}",
        remedy=f"Nearest are {', '.join(near)}" if near else "Give a region that AWS has",
    )
