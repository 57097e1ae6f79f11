"""``smcost capacity show -f json``. Returns text, never prints."""

from collections.abc import Sequence

from smcost.capacity.at_slo import ProfileReport
from smcost.emit import schema
from smcost.emit.capacity_schema import ProfileEntry, ProfileWarning
from smcost.emit.provenance_schema import Provenance
from smcost.remarks import Assumption, Caveat


def capacity_json(
    name: str,
    reports: Sequence[ProfileReport],
    *,
    caveats: Sequence[Caveat] = (),
    assumptions: Sequence[Assumption] = (),
) -> str:
    """The document; ``name`` is that of the file, the rest what was chosen while reading it."""
    every = [*caveats, *(caveat for report in reports for caveat in report.caveats)]
    document = schema.CapacityDocument(
        assumptions=[
            schema.AssumptionEntry(name=told.name, value=told.value, source=told.source)
            for told in assumptions
        ],
        warnings=[
            schema.WarningEntry(code=caveat.code, message=caveat.message) for caveat in every
        ],
        provenance=Provenance(prices=None, traffic=None, capacity=name),
        profiles=[_entry(report) for report in reports],
    )
    return document.model_dump_json(indent=2) + "\n"


def _entry(report: ProfileReport) -> ProfileEntry:
    profile = report.profile
    return ProfileEntry(
        instance_type=profile.instance_type,
        kind=profile.kind.value,
        latency_of=profile.latency_of.value,
        max_rps_tested=profile.max_rps,
        max_rps_at_slo=report.max_rps_at_slo,
        reason=report.reason,
        warnings=[
            ProfileWarning(code=caveat.code, message=caveat.message) for caveat in report.caveats
        ],
    )
