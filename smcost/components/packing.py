"""How many copies an instance holds, and how few instances hold given copies.

Copies per instance is the smallest of floor(room / need) over cpu, accelerators and memory. Copies
of several components on one instance are vector bin packing, which is NP-hard: first-fit
decreasing is what can be had, the sum of each resource is what cannot be undercut.

References
----------
M. R. Garey, R. L. Graham, D. S. Johnson, A. C.-C. Yao, "Resource constrained scheduling as
generalized bin packing", Journal of Combinatorial Theory A 21 (1976), 257-298: first fit in d
dimensions needs at most d + 7/10 times the least number, decreasing order no more than d + 1/3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from smcost.components.component import Amounts, Resource
from smcost.errors import UsageError

_ORDER = (Resource.CPU, Resource.ACCELERATOR, Resource.MEMORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerInstance:
    """Copies of one component that an instance holds.

    Attributes
    ----------
    copies
        The smallest over the resources. [copies]
    binding
        The resource that allows no more; the first of cpu, accelerator, memory where several do.
    of_each
        Copies that each resource alone would allow, ``None`` where the component takes none of it.
    """

    copies: int
    binding: Resource
    of_each: dict[Resource, int | None]


def per_instance(room: Amounts, needs: Amounts) -> PerInstance:
    """Copies of one component alone that fit on an instance: floor(room / need), the least of them.

    >>> found = per_instance(Amounts(8000, 1, 30720), Amounts(2000, 0, 12288))
    >>> found.copies, found.binding.value
    (2, 'memory')
    """
    of_each = {
        resource: (have // take if take else None)
        for resource, have, take in zip(_ORDER, room, needs, strict=True)
    }
    known = {resource: count for resource, count in of_each.items() if count is not None}
    binding = min(known, key=lambda resource: known[resource])
    return PerInstance(copies=known[binding], binding=binding, of_each=of_each)


def refuse_too_large(room: Amounts, named: Sequence[tuple[str, Amounts]]) -> None:
    """Refuse a component of which not even one copy fits on an empty instance.

    Raises
    ------
    UsageError
        Naming the resource, what there is and what is needed.
    """
    for name, needs in named:
        found = per_instance(room, needs)
        if not found.copies:
            resource = found.binding
            have, take = _told(resource, room), _told(resource, needs)
            raise UsageError(
                f"No copy of {name} fits on an instance: it needs {take}, and there are {have} "
                "for copies",
                remedy="Take a larger instance type, or lower what a copy reserves",
            )


def _told(resource: Resource, amounts: Amounts) -> str:
    if resource is Resource.CPU:
        return f"{amounts.cpu_cores:g} cores"
    if resource is Resource.MEMORY:
        return f"{amounts.memory:,} MB"
    return f"{amounts.accelerator} accelerator{'' if amounts.accelerator == 1 else 's'}"


def fits(room: Amounts, used: Sequence[int], needs: Amounts) -> bool:
    """Whether one copy more fits beside what an instance already holds."""
    return all(
        taken + take <= have for have, taken, take in zip(room, used, needs, strict=True) if take
    )


def largest_share(room: Amounts, amounts: Sequence[int]) -> float:
    """The largest share of an instance that these amounts take, over the resources. [fraction]"""
    return max(
        (take / have for have, take in zip(room, amounts, strict=True) if take and have),
        default=0.0,
    )


def first_fit_decreasing(
    room: Amounts, needs: Sequence[Amounts], counts: Sequence[int]
) -> list[list[int]]:
    """Copies of each component on each instance, placed by first fit, the largest first.

    Parameters
    ----------
    room, needs, counts
        Of an instance, of one copy of each component, and how many copies of each.

    Returns
    -------
    list
        One row an instance, one entry a component; no instance is empty. The order is by the
        largest share of an instance that a copy takes, then by the sum of its shares.
    """
    order = sorted(
        range(len(needs)),
        key=lambda number: (
            -largest_share(room, needs[number]),
            -sum(take / have for have, take in zip(room, needs[number], strict=True) if have),
            number,
        ),
    )
    used: list[list[int]] = []
    placed: list[list[int]] = []
    for number in order:
        first = 0
        for _ in range(counts[number]):
            # Whatever was too full for a copy is too full for the next one like it.
            while first < len(used) and not fits(room, used[first], needs[number]):
                first += 1
            if first == len(used):
                used.append([0] * len(room))
                placed.append([0] * len(needs))
            placed[first][number] += 1
            for at, take in enumerate(needs[number]):
                used[first][at] += take
    return placed


def fewest_possible(room: Amounts, needs: Sequence[Amounts], counts: Sequence[int]) -> int:
    """A number of instances that no packing undercuts.

    The largest of ceil(sum of the needs / room) over the resources and of ceil(copies / copies per
    instance) over the components.
    """
    totals = [sum(n * need[at] for n, need in zip(counts, needs, strict=True)) for at in range(3)]
    by_resource = [-(-total // have) for total, have in zip(totals, room, strict=True) if total]
    by_component = [
        -(-count // per_instance(room, need).copies)
        for count, need in zip(counts, needs, strict=True)
        if count
    ]
    return max([0, *by_resource, *by_component])
