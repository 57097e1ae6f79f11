"""Flags of ``smcost components`` -> what it prints."""

from dataclasses import replace

import typer

from smcost.cli.choice import choice
from smcost.cli.components_assumptions import component_assumptions
from smcost.cli.components_flags import ComponentsFlags
from smcost.cli.components_input import (
    paid_instance,
    room_input,
    scaling_input,
)
from smcost.cli.components_traffic import component_traffic
from smcost.cli.cost_input import hours_in_month
from smcost.cli.output import choose_format, deliver, progress, warn
from smcost.cli.policy_input import routing_input, terms_input
from smcost.cli.sources import Sources
from smcost.components.answer import EndpointAnswer, endpoint_answer
from smcost.components.component import Resource
from smcost.components.endpoint import Endpoint
from smcost.errors import UsageError
from smcost.estimate.latency import timeout_caveats
from smcost.read.components_csv import read_components
from smcost.remarks import Caveat, Remarks, WarningCode
from smcost.slo import SloWindow

FORMATS = ("table", "json", "csv", "markdown")
#: A share of the room from which on it matters what the platform keeps for itself.
_MUCH = 0.5


def answer_components(context: typer.Context, flags: ComponentsFlags) -> None:
    """Check the flags, replay, print.

    Raises
    ------
    SmcostError
        Whatever is wrong with a flag, a file or a price, or with the output.
    """
    sources = Sources(context)
    _refuse_tfvars(flags)
    form = choose_format(flags.format, FORMATS, output=flags.output, chosen=sources.given("format"))
    with progress("Reading", quiet=flags.quiet):
        endpoint, remarks = _question(sources, replace(flags, format=form))
    with progress("Replaying", quiet=flags.quiet):
        answer = endpoint_answer(endpoint)
    remarks = replace(remarks, caveats=(*remarks.caveats, *_caveats(sources, answer)))
    text = _text(answer, remarks, form, explain=flags.explain)
    warn(remarks.caveats, quiet=flags.quiet)
    deliver(text, flags.output)


def _question(sources: Sources, flags: ComponentsFlags) -> tuple[Endpoint, Remarks]:
    """First what costs nothing to check, then the files."""
    if flags.components is None:
        raise UsageError(
            "No components are given",
            remedy="Name a CSV with a row for each (docs/components.md)",
            place="--components",
        )
    routing, routing_assumption = routing_input(sources, flags)
    terms, terms_assumptions = terms_input(sources, flags)
    window = choice(SloWindow, flags.slo_window, "--slo-window")
    month = hours_in_month(flags.hours_per_month)
    paid = paid_instance(flags)
    listed = read_components(flags.components, paid.tariff.instance_type)
    instances, copies = scaling_input(flags, listed)
    room = room_input(flags, paid, listed)
    traffic = component_traffic(listed, flags, routing)
    with_latency = any(one.component.profile is not None for one in listed)
    endpoint = Endpoint(
        room=room,
        tariff=paid.tariff,
        hours_per_month=month,
        demands=traffic.demands,
        start_s=traffic.start_s,
        instances=instances,
        copies=copies,
        routing=routing,
        terms=terms,
        window=window,
    )
    return endpoint, Remarks(
        assumptions=(
            *component_assumptions(sources, flags, listed, instances),
            *((routing_assumption, *terms_assumptions) if with_latency else ()),
        ),
        caveats=(*paid.caveats, *traffic.caveats),
        prices=paid.provenance,
        traffic=traffic.origin,
        capacity=flags.components.name if with_latency else None,
    )


def _refuse_tfvars(flags: ComponentsFlags) -> None:
    """Variables for a resource that there is not would be a trap."""
    name = "" if flags.output is None else flags.output.name.lower()
    if "tfvars" in flags.format or name.endswith((".tfvars", ".tfvars.json")):
        raise UsageError(
            "There are no Terraform variables of inference components: hashicorp/aws has no "
            "aws_sagemaker_inference_component (its issue #35226)",
            remedy="Use -f json, and awscc_sagemaker_inference_component or CloudFormation",
            place="--format",
        )


def _caveats(sources: Sources, answer: EndpointAnswer) -> list[Caveat]:
    """What to know of the answer itself."""
    found = []
    memory = [
        one.component.name
        for one in answer.components
        if one.per_instance.binding is Resource.MEMORY
        or one.component.needs.memory > _MUCH * answer.endpoint.room.memory
    ]
    if memory and not sources.given("reserved_memory"):
        message = (
            f"Memory decides how many copies of {', '.join(memory)} an instance holds, and AWS "
            "does not say how much of it copies may reserve; on ml.g5.xlarge (16 GiB) 4096 MB "
            "were seen refused. Try one copy, then give --reserved-memory"
        )
        found.append(Caveat(code=WarningCode.RESERVE_UNKNOWN, message=message))
    failed = [one for one in answer.components if one.failed]
    if failed:
        told = ", ".join(
            f"{one.component.name} {one.failed:,.0f} ({one.failed / one.invocations:.2%})"
            for one in failed
        )
        message = f"Requests a month fail since no copy is there: {told}"
        found.append(Caveat(code=WarningCode.REQUESTS_MEET_NO_COPY, message=message))
    if answer.zero is not None and answer.zero.never_wakes:
        message = (
            f"{', '.join(answer.zero.never_wakes)} never wakes again with --wake-failures "
            f"{answer.endpoint.copies.wake_failures}: no later minute of this traffic has so many "
            "requests. Take --wake-failures 1, or a minimum of 1 copy"
        )
        found.append(Caveat(code=WarningCode.REQUESTS_MEET_NO_COPY, message=message))
    for one in answer.components:
        late = [] if one.latency is None else timeout_caveats(one.latency)
        found += [
            Caveat(code=caveat.code, message=f"{one.component.name}: {caveat.message}")
            for caveat in late
        ]
    unplaced = [one for one in answer.components if one.unplaced]
    if unplaced:
        told = ", ".join(f"{one.component.name} {one.unplaced:,}" for one in unplaced)
        message = (
            f"{answer.endpoint.instances.maximum} instances leave no room for copies that were "
            f"wanted (decisions: {told}); raise --max-instances or take a larger type"
        )
        found.append(Caveat(code=WarningCode.COPIES_NOT_PLACED, message=message))
    return found


def _text(answer: EndpointAnswer, remarks: Remarks, form: str, *, explain: bool) -> str:
    if form == "json":
        from smcost.emit.components_json import components_json

        return components_json(answer, remarks)
    if form == "csv":
        from smcost.emit.components_csv import components_csv

        return components_csv(answer)
    from smcost.cli.render import sections_text
    from smcost.emit.components_sections import components_sections

    return sections_text(components_sections(answer, remarks, explain=explain), form)
