"""Whose traffic a pulled file holds, against what is asked about."""

import re

from smcost.cli.deployed_input import Running
from smcost.cli.flags import Flags
from smcost.cli.sources import Sources
from smcost.remarks import Caveat, WarningCode

#: As the origin of traffic names what ``smcost traffic pull`` saved.
_PULLED = re.compile(
    r"CloudWatch, endpoint (?P<endpoint>[\w-]+), variant (?P<variant>[\w-]+), (?P<region>[\w-]+)"
)


def owner_caveats(
    origin: str | None, sources: Sources, flags: Flags, running: Running | None
) -> tuple[Caveat, ...]:
    """A warning where the traffic is that of another endpoint, variant or region."""
    pulled = _PULLED.search(origin or "")
    if pulled is None:
        return ()
    asked = {"region": flags.region} if sources.given("region") else {}
    if running is not None:
        told = running.provenance
        asked = {"endpoint": told.name, "variant": told.variant, "region": told.region}
    differing = [
        f"{name} {pulled[name]}, not {value}"
        for name, value in asked.items()
        if pulled[name] != value
    ]
    if not differing:
        return ()
    message = f"The traffic is that of {'; '.join(differing)}"
    return (Caveat(code=WarningCode.TRAFFIC_OF_OTHER, message=message),)
