"""A fleet as the JSON document of the contract. Returns text, never prints."""

import json
from collections.abc import Sequence
from decimal import Decimal

from smcost.emit import fleet_schema as schema
from smcost.emit.json_values import milliseconds
from smcost.emit.schema import AssumptionEntry
from smcost.emit.variant_json import variant_entry
from smcost.fleet import Fleet
from smcost.outcome import Figures, Outcome
from smcost.shared_plan import SharedPlan

#: Where a document goes: no name that a file may have, and no message, holds it.
_HERE = "\x00"
_INDENT = "\n      "


def fleet_json(fleet: Fleet, plans: Sequence[SharedPlan], file: str, *, recommends: bool) -> str:
    """The report, with each endpoint's own document where there is one."""
    document = schema.FleetDocument(
        command="recommend --file" if recommends else "estimate --file",
        file=file,
        exit_code=fleet.exit_code,
        hours_per_month=float(fleet.hours_per_month),
        totals=_totals(fleet),
        biggest_savings=[outcome.name for outcome in fleet.biggest_savings],
        biggest_bills=[outcome.name for outcome in fleet.biggest_bills],
        savings_plans=[_plan(plan) for plan in plans],
        assumptions=[
            AssumptionEntry(name=item.name, value=item.value, source=item.source)
            for item in fleet.shared_assumptions
        ],
        warnings=[
            schema.FleetWarningEntry(
                code=caveat.code, message=caveat.message, endpoints=list(names)
            )
            for alike in fleet.caveats_by_code().values()
            for caveat, names in alike
        ],
        endpoints=[_endpoint(outcome) for outcome in fleet.outcomes],
    )
    return _with_documents(document, fleet)


def _with_documents(document: schema.FleetDocument, fleet: Fleet) -> str:
    """The endpoints' own documents put in as the texts they are.

    Read back and written again, those of ten thousand endpoints would fill a gigabyte.
    """
    content = document.model_dump(mode="json")
    for entry, outcome in zip(content["endpoints"], fleet.outcomes, strict=True):
        entry["document"] = None if outcome.document is None else _HERE
    before, *after = json.dumps(content, indent=2, ensure_ascii=False).split(json.dumps(_HERE))
    texts = [outcome.document for outcome in fleet.outcomes if outcome.document is not None]
    parts = [before]
    for text, rest in zip(texts, after, strict=True):
        parts += [text.strip().replace("\n", _INDENT), rest]
    return "".join(parts) + "\n"


def _totals(fleet: Fleet) -> schema.TotalsEntry:
    totals = fleet.totals
    return schema.TotalsEntry(
        endpoints=len(fleet.outcomes),
        answered=len(fleet.answered),
        expected_usd=float(totals.expected_usd),
        expected_endpoints=totals.expected_count,
        floor_usd=float(totals.floor_usd),
        ceiling_usd=float(totals.ceiling_usd),
        compared_endpoints=totals.compared_count,
        today_usd=float(totals.today_usd),
        compared_usd=float(totals.compared_usd),
        saving_usd=float(totals.saving_usd),
        turning_off_usd=float(totals.turning_off_usd),
    )


def _endpoint(outcome: Outcome) -> schema.EndpointEntry:
    failure = outcome.failure
    return schema.EndpointEntry(
        name=outcome.name,
        exit_code=outcome.exit_code,
        error=None
        if failure is None
        else schema.ErrorEntry(cause=failure.cause, remedy=failure.remedy, place=failure.place),
        answer=_configuration(outcome.answer),
        today=_configuration(outcome.today),
        saving_usd=_number(outcome.saving_usd),
        document=None,
    )


def _configuration(found: Figures | None) -> schema.ConfigurationEntry | None:
    if found is None:
        return None
    low, high = found.bounds_usd or (None, None)
    latency, lost = found.latency, found.unanswered_share
    return schema.ConfigurationEntry(
        **variant_entry(found.variant).model_dump(),
        expected_usd=_number(found.expected_usd),
        floor_usd=_number(low),
        ceiling_usd=_number(high),
        p99_ms=None if latency is None else milliseconds(latency.p99_s),
        worst_window_p99_ms=None if latency is None else milliseconds(latency.worst_window_p99_s),
        meets_slo=found.meets_slo,
        runs=found.runs,
        turning_off_usd=_number(found.turning_off_usd),
        unanswered_share=None if lost is None else round(lost, 6),
    )


def _plan(plan: SharedPlan) -> schema.SharedPlanEntry:
    best, payment = plan.shared, plan.kind.payment
    used = None if best is None else best.utilisation
    return schema.SharedPlanEntry(
        plan=plan.kind.name,
        term_years=plan.kind.term_years,
        payment=None if payment is None else payment.value,
        endpoints=list(plan.names),
        hours=plan.hours,
        commitment_usd_per_hour=None if best is None else float(best.commitment_usd),
        on_demand_usd=None if best is None else float(best.on_demand_usd),
        paid_usd=None if best is None else float(best.paid_usd),
        saving_usd=None if best is None else float(best.saving_usd),
        utilisation=None if used is None else round(used, 6),
        upfront_usd=None if best is None else _number(best.upfront_usd),
        separate_commitment_usd_per_hour=float(plan.separate_commitment_usd),
        separate_saving_usd=float(plan.separate_saving_usd),
        more_saving_usd=None if best is None else float(plan.more_saving_usd),
        refused=plan.refused or None,
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
