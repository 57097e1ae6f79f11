"""How well the copies fill the instances that are billed."""

from dataclasses import dataclass

import numpy as np

from smcost.components.component import Resource
from smcost.components.endpoint import Endpoint
from smcost.components.packing import fewest_possible, first_fit_decreasing
from smcost.components.replay import EndpointReplay
from smcost.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """Mean instances over the horizon: billed, by first-fit decreasing, and the least possible.

    ``used`` is the reserved part of each resource of the billed instances, ``None`` of what no
    component takes; ``binding`` the resource of which most is reserved, ``None`` where there is
    never an instance. ``busiest`` are the most of the three.
    """

    billed: float
    first_fit: float
    fewest: float
    busiest: tuple[int, int, int]
    used: dict[Resource, float | None]
    binding: Resource | None


def packed_instances(endpoint: Endpoint, replay: EndpointReplay) -> Packed:
    """Over the minutes, each different set of copies looked at once."""
    needs = [one.component.needs for one in endpoint.demands]
    copies = np.column_stack([one.in_service for one in replay.components])
    sets, of_minute = np.unique(copies, axis=0, return_inverse=True)
    lists = sets.tolist()
    first_fit = np.array([len(first_fit_decreasing(endpoint.room, needs, one)) for one in lists])
    fewest = np.array([fewest_possible(endpoint.room, needs, one) for one in lists])
    minutes = of_minute.reshape(-1)
    busiest = int(np.argmax(fewest[minutes]))
    billed = replay.instance_hours * SECONDS_PER_HOUR / (minutes.size * SECONDS_PER_MINUTE)
    reserved = copies.mean(axis=0) @ np.array(needs, dtype=np.float64)
    used = {
        resource: float(taken) / (billed * have) if have and billed and wanted else None
        for resource, taken, have, wanted in zip(
            Resource, reserved, endpoint.room, map(any, zip(*needs, strict=True)), strict=True
        )
    }
    known = {resource: share for resource, share in used.items() if share}
    return Packed(
        billed=billed,
        first_fit=float(first_fit[minutes].mean()),
        fewest=float(fewest[minutes].mean()),
        busiest=(
            int(replay.instances.max()),
            int(first_fit[minutes].max()),
            int(fewest[minutes][busiest]),
        ),
        used=used,
        binding=max(known, key=lambda resource: known[resource]) if known else None,
    )
