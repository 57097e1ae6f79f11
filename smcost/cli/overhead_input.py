"""What a client waits for beyond the latency in a capacity file, where nobody says."""

import re
from pathlib import Path

from smcost.capacity import Profile
from smcost.capacity.profile import LatencyOf
from smcost.cli.sources import Sources
from smcost.read.text_file import read_text
from smcost.remarks import Caveat, WarningCode

#: As a fit of a live endpoint writes it into its comments.
_NAMED = re.compile(r"^#.*OverheadLatency adds .*: --overhead ([0-9.e+-]+ms)", re.MULTILINE)


def overhead_caveats(sources: Sources, profile: Profile, capacity: Path) -> tuple[Caveat, ...]:
    """A warning where the latency is not the client's and nobody gave ``--overhead``."""
    if profile.latency_of is LatencyOf.TOTAL or sources.given("overhead"):
        return ()
    if profile.latency_of is LatencyOf.FIRST_BYTE:
        message = (
            f"The latency in {capacity.name} ends at the first byte and no --overhead is given, "
            "so the objectives are judged of the first byte, not of the whole response"
        )
    else:
        message = (
            f"The latency in {capacity.name} is the model's and no --overhead is given, so what "
            "SageMaker and the network add to every request is taken as nothing; "
            f"{_remedy(capacity)}"
        )
    return (Caveat(code=WarningCode.OVERHEAD_MISSING, message=message),)


def _remedy(capacity: Path) -> str:
    named = _NAMED.search(read_text(capacity))
    if named is None:
        return "CloudWatch has it as OverheadLatency"
    return f"the file names OverheadLatency's mean: --overhead {named[1]}"
