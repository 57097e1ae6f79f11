"""Compile the bundled price snapshot from a folder of observations, by one stated rule.

    python data/compile_prices.py OBSERVATIONS data/prices

The observations are prices that several people read at several times; the rule below picks at most
one per region and instance type. What is left out is printed with the reason. The output depends
on nothing but the input: no clock, no order of rows.

The rule, for each region and each type that an endpoint accepts:

1. Rows of a component that cannot stand in for Hosting (``Cluster``, ``Notebook``) are left out.
2. From the newest row to the oldest: a row that is more than 1 % away from a *clearly newer* row
   is contradicted and left out. Clearly newer means that the latest day the one may be from
   precedes the earliest day of the other: 2026-Q3 and 2026-08-17 contradict nothing. A table kept
   by hand contradicts nobody, as its date says when it was saved and not when it was right.
3. The best component wins (``smcost.prices.Component.rank``).
4. Among rows of that rank that differ, the clearly newest wins; if there is none, all of them are
   left out and the next rank is asked. Among equal ones, the newest is named as the source.

1 % is three times the largest difference (0.33 %) seen between components at one time, and a
fifteenth of the smallest stale price found (15 %).
"""

import argparse
import calendar
import csv
import io
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from smcost.prices import Component, RateItem
from smcost.prices.rates import INFERRED

MAX_DISAGREEMENT = Decimal("0.01")
HAND_KEPT = "(hand-kept)"

ENDPOINT_ITEMS = {
    RateItem.STORAGE_GB_MONTH: ("Endpoint ML storage",),
    RateItem.DATA_IN_GB: ("Endpoint Data IN", "Hosting:IN data processed"),
    RateItem.DATA_OUT_GB: ("Endpoint Data OUT", "Hosting:OUT data processed"),
    RateItem.S3_STORAGE_GB_MONTH: ("S3 Standard storage first tier",),
    RateItem.S3_PUT_REQUEST: ("S3 PUT/COPY/POST/LIST",),
    # The one size that was read in the Price List itself; the others are from a fixture or of no
    # stated region.
    RateItem.SERVERLESS_GB_SECOND: ("ServerlessInf:Mem-3GB",),
}
#: Observed per so many of an item's own unit.
UNITS = {"1000 requests": 1000}
#: Priced for so many GB of memory; linear in it.
MEMORY_GB = {"ServerlessInf:Mem-3GB": 3}

#: Families with their own NVMe disk that do not show it by a "d" after the generation, and those
#: without. Sources in data/README.md; what is in neither and is no CPU family is unknown.
NVME_FAMILY = re.compile(r"g(4dn|5|6e?|7e?)|p(4de?|5|5en?|6-b[23]00)|trn(1n?|2)")
EBS_FAMILY = re.compile(r"p[23]|inf[12]")
CPU_FAMILY = re.compile(r"[cmrt]\d+(?P<suffix>[a-z]*)")
SPEC_COLUMNS = ("vcpu", "memory_gib", "gpus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One row of ``observed_prices.csv``; ``usd_per_hour`` is kept as written."""

    region: str
    instance_type: str
    component: str
    usd_per_hour: str
    source: str
    as_of: str

    @property
    def usd(self) -> Decimal:
        """The price as a number. [USD/h]"""
        return Decimal(self.usd_per_hour)

    @property
    def hand_kept(self) -> bool:
        """Whether the source is a table that somebody keeps by hand."""
        return self.source.endswith(HAND_KEPT)

    def clearly_newer_than(self, other: "Observation") -> bool:
        """Whether every day this may be from is after every day the other may be from."""
        return held_between(self.as_of)[0] > held_between(other.as_of)[1]

    def disagrees_with(self, other: "Observation") -> bool:
        """Whether the two differ by more than 1 % of the other."""
        return abs(self.usd - other.usd) > MAX_DISAGREEMENT * other.usd

    def __str__(self) -> str:
        return f"{self.component} {self.usd_per_hour} of {self.as_of} ({self.source})"


def held_between(as_of: str) -> tuple[date, date]:
    """Return the first and the last day that a date of any precision may mean.

    Raises
    ------
    ValueError
        It is none of ``2026``, ``2026-Q3``, ``2026-08``, ``2026-08-17``.
    """
    if found := re.fullmatch(r"(\d{4})", as_of):
        first_month, last_month = 1, 12
    elif found := re.fullmatch(r"(\d{4})-Q([1-4])", as_of):
        last_month = 3 * int(found[2])
        first_month = last_month - 2
    elif found := re.fullmatch(r"(\d{4})-(\d{2})", as_of):
        first_month = last_month = int(found[2])
    else:
        day = date.fromisoformat(as_of)
        return day, day
    year = int(found[1])
    last_day = calendar.monthrange(year, last_month)[1]
    return date(year, first_month, 1), date(year, last_month, last_day)


def _newest_first(observations: Iterable[Observation]) -> list[Observation]:
    """Sort by the latest possible day, then by everything else, so that ties are decided."""
    by_text = sorted(observations, key=lambda o: (o.component, o.source, o.usd))
    return sorted(by_text, key=lambda o: held_between(o.as_of)[::-1], reverse=True)


def drop_contradicted(
    observations: Iterable[Observation],
) -> tuple[list[Observation], list[str]]:
    """Apply step 2: return the rows that nothing clearly newer contradicts, and the reasons."""
    kept: list[Observation] = []
    reasons: list[str] = []
    for row in _newest_first(observations):
        against = [
            witness
            for witness in kept
            if not witness.hand_kept
            and witness.clearly_newer_than(row)
            and row.disagrees_with(witness)
        ]
        if against:
            reasons.append(f"contradicted: {row} by {against[0]}")
        else:
            kept.append(row)
    return kept, reasons


def choose(observations: Iterable[Observation]) -> tuple[Observation | None, list[str]]:
    """Apply steps 2 to 4 to the rows of one region and type.

    Returns
    -------
    chosen, reasons
        The row for the snapshot, or ``None``; and why others were left out.
    """
    kept, reasons = drop_contradicted(observations)
    ranks = sorted({Component(row.component).rank for row in kept})
    for rank in ranks:
        equals = [row for row in kept if Component(row.component).rank == rank]
        newest, *others = _newest_first(equals)
        rivals = [row for row in others if row.usd != newest.usd]
        if all(newest.clearly_newer_than(rival) for rival in rivals):
            reasons += [f"superseded: {rival} by {newest}" for rival in rivals]
            return newest, reasons
        reasons.append(f"undecided: {newest} against {rivals[0]}")
    return None, reasons


def compile_prices(
    observations: Iterable[Observation], deployable: frozenset[str]
) -> tuple[list[Observation], list[str]]:
    """Apply the whole rule; the result is sorted by region and type."""
    by_key: dict[tuple[str, str], list[Observation]] = {}
    for row in observations:
        if row.instance_type in deployable and row.component in set(Component):
            by_key.setdefault((row.region, row.instance_type), []).append(row)
    snapshot: list[Observation] = []
    dropped: list[str] = []
    for (region, instance_type), rows in sorted(by_key.items()):
        chosen, reasons = choose(rows)
        dropped += [f"{region} {instance_type} {reason}" for reason in reasons]
        if chosen is not None:
            snapshot.append(chosen)
        else:
            dropped.append(f"{region} {instance_type} has no price left")
    return snapshot, dropped


def compile_rates(observed: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Pick endpoint storage, data in and out, S3 and serverless of the observed rates.

    Where a region's endpoint storage was not observed but its training and notebook storage were,
    at one price, that price is taken and marked as inferred: where all three were observed, they
    are equal.
    """
    rates = []
    for row in observed:
        for item, names in ENDPOINT_ITEMS.items():
            if row["item"].startswith(names):
                rates.append(_rate(row, item, row["source"]))
    with_storage = {r["region"] for r in rates if r["item"] == RateItem.STORAGE_GB_MONTH}
    for region in sorted({row["region"] for row in observed} - with_storage):
        rates += _inferred_storage([row for row in observed if row["region"] == region])
    return sorted(rates, key=lambda rate: (rate["region"], rate["item"]))


def _inferred_storage(observed: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    training = [row for row in observed if row["item"].startswith("Training ML storage")]
    notebook = [row for row in observed if row["item"].startswith("Notebook")]
    if not training or not notebook or training[0]["usd"] != notebook[0]["usd"]:
        return []
    source = (
        f"{INFERRED} training storage ({training[0]['source']}) and notebook storage "
        f"({notebook[0]['source'].rstrip(', ')}) cost this here; in eu-west-1 endpoint, training "
        "and notebook storage cost the same"
    )
    return [_rate(training[0], RateItem.STORAGE_GB_MONTH, source)]


def _rate(row: Mapping[str, str], item: RateItem, source: str) -> dict[str, str]:
    fixed = {"region": row["region"], "item": str(item), "unit": item.unit}
    usd = Decimal(row["usd"]) / UNITS.get(row["unit"], 1) / MEMORY_GB.get(row["item"], 1)
    return {**fixed, "usd": f"{usd:f}", "source": source, "as_of": row["as_of"]}


def nvme(instance_type: str) -> str:
    """Say whether a type has its own NVMe disk: ``yes``, ``no``, or empty where not known."""
    family = instance_type.split(".")[1]
    cpu = CPU_FAMILY.fullmatch(family)
    if NVME_FAMILY.fullmatch(family) or (cpu and "d" in cpu["suffix"]):
        return "yes"
    if EBS_FAMILY.fullmatch(family) or cpu:
        return "no"
    return ""


def compile_types(
    specs: Sequence[Mapping[str, str]], deployable: frozenset[str]
) -> list[dict[str, str]]:
    """List every type that an endpoint accepts or that specifications name."""
    by_name = {row["instance_type"]: row for row in specs}
    return [
        {
            "instance_type": name,
            "deployable": "yes" if name in deployable else "no",
            **{column: by_name.get(name, {}).get(column, "") for column in SPEC_COLUMNS},
            "nvme": nvme(name),
        }
        for name in sorted(deployable | by_name.keys())
    ]


def compile_regions(regions: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """List the regions that have SageMaker endpoints, with their partition."""
    return [
        {"region": row["region"], "partition": row["partition"]}
        for row in sorted(regions, key=lambda row: row["region"])
        if row["sagemaker_endpoint_in_botocore"] == "yes"
    ]


def compile_snapshot(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Return the content of every output file by name, and what was left out of it and why."""
    names = (folder / "deployable_instance_types.txt").read_text(encoding="utf-8").split()
    deployable = frozenset(names)
    observations = [Observation(**row) for row in _read(folder / "observed_prices.csv")]
    snapshot, dropped = compile_prices(observations, deployable)
    tables: dict[str, list[dict[str, str]]] = {
        "prices.csv": [asdict(row) for row in snapshot],
        "rates.csv": compile_rates(_read(folder / "observed_other_rates.csv")),
        "instance_types.csv": compile_types(_read(folder / "instance_specs.csv"), deployable),
        "regions.csv": compile_regions(_read(folder / "regions.csv")),
    }
    return {name: _csv(rows) for name, rows in tables.items()}, dropped


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def main() -> None:
    """Compile, write, and print what was left out."""
    parser = argparse.ArgumentParser(description="Compile the bundled price snapshot.")
    parser.add_argument("observations", type=Path, help="folder of the observed CSV files")
    parser.add_argument("output", type=Path, help="folder to write, usually data/prices")
    arguments = parser.parse_args()
    tables, dropped = compile_snapshot(arguments.observations)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (arguments.output / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {text.count(chr(10)) - 1} rows")
    for reason in dropped:
        print(f"left out: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
