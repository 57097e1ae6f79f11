"""What ``smcost components`` prints, as sections."""

from decimal import Decimal

from smcost.components.alternatives import AlternativeKind
from smcost.components.answer import EndpointAnswer
from smcost.components.each import ComponentAnswer
from smcost.components.instance_scaling import Placement, ScaleIn
from smcost.components.zero import ZeroAnswer
from smcost.emit.section import Section, figure, milliseconds, moment, usd
from smcost.emit.sections import assumptions_section, cost_section
from smcost.remarks import Remarks
from smcost.scaling.policy import Metric
from smcost.units import SECONDS_PER_MINUTE

#: Always said: the way out of an answer that Terraform's own provider cannot carry out.
TERRAFORM_NOTE = (
    "Terraform: hashicorp/aws has no aws_sagemaker_inference_component (its issue #35226), and so "
    "there are no variables; awscc and CloudFormation have the resource"
)
_KINDS = {
    AlternativeKind.MINIMUM_ONE: "never below 1 copy each and 1 instance",
    AlternativeKind.ENDPOINT_EACH: "an endpoint for each, with its own minimum",
}


def components_sections(
    answer: EndpointAnswer, remarks: Remarks, *, explain: bool
) -> list[Section]:
    """The bill first, then what it is made of, then what else there would be."""
    return [
        Section(title=_headline(answer, remarks), sentences=(f"{TERRAFORM_NOTE}.",)),
        cost_section(answer.cost),
        _copies_section(answer),
        _load_section(answer),
        _demand_section(answer),
        *_latency_sections(answer),
        _packing_section(answer),
        *(() if answer.zero is None else (_zero_section(answer.zero),)),
        *_alternatives_sections(answer),
        assumptions_section(remarks, explain=explain),
    ]


def _headline(answer: EndpointAnswer, remarks: Remarks) -> str:
    number, (low, high) = len(answer.components), answer.bounds
    return (
        f"{number} inference component{'' if number == 1 else 's'} on {low} to {high} x "
        f"{answer.endpoint.tariff.instance_type} in {remarks.prices.region}"
    )


def _copies_section(answer: EndpointAnswer) -> Section:
    room = answer.endpoint.room
    has = (
        f"An instance has {room.cpu_cores:g} vCPU, {room.accelerator} "
        f"accelerator{'' if room.accelerator == 1 else 's'} and {room.memory:,} MB for copies. "
        "The bill is divided by copy-hours times the largest share of it that a copy reserves."
    )
    return Section(
        title="Copies",
        sentences=(has,),
        columns=(
            *("component", ">on one instance", "binds", ">fewest", ">mean", ">most"),
            ">USD/month",
        ),
        rows=tuple(map(_copies_row, answer.components)),
    )


def _copies_row(one: ComponentAnswer) -> tuple[str, ...]:
    fewest, mean, most = one.copies
    return (
        one.component.name,
        f"{one.per_instance.copies}",
        one.per_instance.binding.value,
        f"{fewest}",
        f"{mean:.2f}",
        f"{most}",
        usd(one.usd),
    )


def _load_section(answer: EndpointAnswer) -> Section:
    return Section(
        title="Load of a copy, while there is one",
        columns=("component", "target", ">mean, of target", ">slots busy", ">start-up"),
        rows=tuple(
            (
                one.component.name,
                f"{figure(one.component.target)}"
                + ("/min" if one.component.metric is Metric.INVOCATIONS else " in flight"),
                _share(one.share_of_target),
                _share(one.utilisation),
                f"{one.component.startup_s:g} s",
            )
            for one in answer.components
        ),
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _demand_section(answer: EndpointAnswer) -> Section:
    horizon = answer.horizon
    replayed = (
        f"{moment(horizon.start_s)} to {moment(horizon.end_s)} UTC, {horizon.hours:,.1f} h, "
        f"{horizon.instance_hours:,.1f} instance-hours."
    )
    return Section(
        title="Requests a month",
        sentences=(f"Replayed: {replayed}",),
        columns=("component", ">invocations", ">met no copy", ">share", ">wake-ups"),
        rows=tuple(
            (
                one.component.name,
                f"{one.invocations:,.0f}",
                f"{one.failed:,.0f}",
                f"{one.failed / one.invocations:.3%}" if one.invocations else "",
                f"{one.wakes:,.1f}",
            )
            for one in answer.components
        ),
    )


def _latency_sections(answer: EndpointAnswer) -> list[Section]:
    known = [one for one in answer.components if one.latency is not None]
    if not known:
        return []
    return [
        Section(
            title="Client latency of requests that met a copy",
            sentences=(f"Routing {answer.endpoint.routing.value} over copies; screened.",),
            columns=("component", ">p50", ">p95", ">p99", ">worst window's p99", ">time out"),
            rows=tuple(map(_latency_row, known)),
        )
    ]


def _latency_row(one: ComponentAnswer) -> tuple[str, ...]:
    found = one.latency
    assert found is not None
    times = (found.p50_s, found.p95_s, found.p99_s, found.worst_window_p99_s)
    return (one.component.name, *map(milliseconds, times), f"{found.failed_fraction:.3%}")


def _packing_section(answer: EndpointAnswer) -> Section:
    packed = answer.packed
    busiest = packed.busiest
    known = {resource.value: share for resource, share in packed.used.items() if share is not None}
    reserved = ", ".join(f"{name} {share:.0%}" for name, share in known.items())
    wasted = ", ".join(f"{name} {1 - share:.0%}" for name, share in known.items())
    binding = "" if packed.binding is None else f" (most of all {packed.binding.value})"
    sentence = (
        f"Of the billed instances copies in service reserve {reserved}{binding}; wasted: {wasted}."
        if known
        else "No instance is billed."
    )
    return Section(
        title="Instances",
        sentences=(sentence,),
        columns=("", ">mean", ">most"),
        rows=(
            ("billed", f"{packed.billed:.3f}", f"{busiest[0]}"),
            (
                "copies in service, repacked by first-fit decreasing",
                f"{packed.first_fit:.3f}",
                f"{busiest[1]}",
            ),
            ("fewer cannot hold them", f"{packed.fewest:.3f}", f"{busiest[2]}"),
        ),
    )


def _zero_section(zero: ZeroAnswer) -> Section:
    rows = (
        ("wake-ups of components", f"{zero.wakes:,.1f}"),
        ("of them onto an instance that was still there", f"{zero.onto_running:,.1f}"),
        ("launches from no instance", f"{zero.endpoint_wakes:,.1f}"),
        ("time without an instance", f"{zero.empty_share:.1%}"),
    )
    return Section(
        title="Scaling to zero",
        sentences=_zero_told(zero),
        columns=("a month", ">"),
        rows=rows,
    )


def _zero_told(zero: ZeroAnswer) -> tuple[str, ...]:
    if not zero.never_wakes:
        return _kept_sentences(zero) if zero.keeps_instance else _zero_sentences(zero)
    asleep = (
        f"No saving is given: {', '.join(zero.never_wakes)} never wakes "
        "again on this traffic, and no request is answered from then on."
    )
    return (asleep,) if zero.keeps_instance else (*_zero_sentences(zero)[:2], asleep)


def _kept_sentences(zero: ZeroAnswer) -> tuple[str, ...]:
    return (
        "MinInstanceCount or another component keeps an instance all the time, so that scaling to "
        f"zero frees its room and no more: it saves {usd(zero.saving_usd)} USD a month, and "
        f"{zero.failed:,.0f} requests fail for it.",
    )


def _zero_sentences(zero: ZeroAnswer) -> tuple[str, ...]:
    bill = zero.bill
    waking = (
        f"One wake-up: {_minutes(bill.waking_s)} billed until the copy serves, {_cents(bill.usd)} "
        f"USD, and {_minutes(bill.tail_s)} after the last invocation, {_cents(bill.usd_with_tail)} "
        f"USD together. Requests fail for about {_minutes(bill.failing_s)}."
    )
    gaps = (
        f"An idle gap shorter than {_minutes(bill.break_even_s)} saves nothing against a minimum "
        f"of 1, though requests fail after one of {_minutes(bill.fails_from_s)}."
    )
    saved = f"Scaling to zero saves {usd(zero.saving_usd)} USD a month against a minimum of 1"
    if zero.usd_per_failed is not None:
        saved += (
            f"; {zero.failed:,.0f} requests fail for it, {_cents(zero.usd_per_failed)} USD for each"
        )
    return waking, gaps, f"{saved}."


def _minutes(seconds: float) -> str:
    return f"{seconds / SECONDS_PER_MINUTE:.4g} min"


def _cents(amount: Decimal) -> str:
    return f"{amount:,.4f}" if abs(amount) < 1 else f"{amount:,.2f}"


def _name(answer: EndpointAnswer, kind: AlternativeKind) -> str:
    """What is otherwise, in the words of AWS where it is one of two."""
    scaling = answer.endpoint.instances
    if kind is AlternativeKind.OTHER_PLACEMENT:
        return next(one.value for one in Placement if one is not scaling.placement)
    if kind is AlternativeKind.OTHER_SCALE_IN:
        return next(one.value for one in ScaleIn if one is not scaling.scale_in)
    return _KINDS[kind]


def _alternatives_sections(answer: EndpointAnswer) -> list[Section]:
    if not answer.alternatives:
        return []
    assert answer.cost.expected is not None
    asked = answer.cost.expected.usd
    failed = sum((one.failed for one in answer.components), Decimal(0))
    assert answer.hours.expected is not None
    scaling = answer.endpoint.instances
    asked_for = f"as asked: {scaling.placement.value}, {scaling.scale_in.value}"
    rows = [(asked_for, f"{answer.hours.expected:,.1f}", usd(asked), "", f"{failed:,.0f}")]
    rows += [
        (
            _name(answer, one.kind),
            f"{one.instance_hours:,.1f}",
            usd(one.usd),
            f"{one.usd - asked:+,.2f}",
            f"{one.failed:,.0f}",
        )
        for one in answer.alternatives
    ]
    return [
        Section(
            title="The same traffic otherwise, a month",
            columns=("", ">instance-hours", ">USD", ">more", ">met no copy"),
            rows=tuple(rows),
        )
    ]
