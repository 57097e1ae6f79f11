"""The JSON document of ``smcost components``. Returns text, never prints."""

from smcost.components.answer import EndpointAnswer
from smcost.components.component import Resource
from smcost.components.each import ComponentAnswer
from smcost.components.zero import ZeroAnswer
from smcost.emit import components_schema as said
from smcost.emit.components_sections import TERRAFORM_NOTE
from smcost.emit.documents import (
    assumptions_entry,
    cost_entry,
    horizon_entry,
    instance_hours_entry,
    latency_entry,
    provenance_entry,
    warnings_entry,
)
from smcost.emit.json_values import json_text
from smcost.remarks import Remarks
from smcost.scaling.policy import Metric

_METRICS = {
    Metric.INVOCATIONS: "invocations_per_copy",
    Metric.CONCURRENCY: "concurrent_requests_per_copy",
}


def components_json(answer: EndpointAnswer, remarks: Remarks) -> str:
    """``smcost components -f json``."""
    endpoint = answer.endpoint
    document = said.ComponentsDocument(
        assumptions=assumptions_entry(remarks),
        warnings=warnings_entry(remarks.caveats),
        provenance=provenance_entry(remarks),
        instance_type=endpoint.tariff.instance_type,
        room=said.RoomEntry(
            cpu_cores=endpoint.room.cpu_cores,
            accelerators=endpoint.room.accelerator,
            memory_mb=endpoint.room.memory,
        ),
        scaling=said.ScalingEntry(
            placement_strategy=endpoint.instances.placement,
            scale_in_strategy=endpoint.instances.scale_in,
            min_instance_count=endpoint.instances.minimum,
            max_instance_count=endpoint.instances.maximum,
        ),
        cost=cost_entry(answer.cost),
        instance_hours=instance_hours_entry(answer.hours),
        horizon=horizon_entry(answer.horizon),
        components=[_component(one) for one in answer.components],
        instances=_instances(answer),
        zero=None if answer.zero is None else _zero(answer.zero),
        alternatives=[
            said.ComponentsAlternative(
                kind=one.kind,
                instance_hours=round(float(one.instance_hours), 4),
                usd=float(one.usd),
                failed_at_zero=round(float(one.failed), 2),
            )
            for one in answer.alternatives
        ],
        terraform=said.TerraformEntry(
            hashicorp_aws_resource=None,
            awscc_resource="awscc_sagemaker_inference_component",
            note=TERRAFORM_NOTE,
        ),
    )
    return json_text(document)


def _component(one: ComponentAnswer) -> said.ComponentEntry:
    component, (fewest, mean, most) = one.component, one.copies
    of_each = one.per_instance.of_each
    return said.ComponentEntry.model_validate(
        {
            "name": component.name,
            "cpu_cores": component.needs.cpu_cores,
            "accelerators": component.needs.accelerator,
            "memory_mb": component.needs.memory,
            "min_copies": component.minimum,
            "max_copies": component.maximum,
            "metric": _METRICS[component.metric],
            "target_value": component.target,
            "per_instance": {
                "copies": one.per_instance.copies,
                "binding": one.per_instance.binding,
                **{f"by_{resource.value}": of_each[resource] for resource in Resource},
            },
            "copies": {"min": fewest, "mean": round(mean, 4), "max": most},
            "share_of_target": one.share_of_target,
            "utilisation": one.utilisation,
            "invocations": round(float(one.invocations), 2),
            "failed_at_zero": round(float(one.failed), 2),
            "wakes": round(float(one.wakes), 2),
            "decisions_without_room": one.unplaced,
            "usd": float(one.usd),
            "latency": None if one.latency is None else latency_entry(one.latency),
        }
    )


def _instances(answer: EndpointAnswer) -> said.InstancesEntry:
    packed, (floor, ceiling) = answer.packed, answer.bounds
    return said.InstancesEntry(
        floor=floor,
        ceiling=ceiling,
        mean_billed=round(packed.billed, 4),
        max_billed=packed.busiest[0],
        mean_first_fit=round(packed.first_fit, 4),
        max_first_fit=packed.busiest[1],
        mean_lower_bound=round(packed.fewest, 4),
        max_lower_bound=packed.busiest[2],
        reserved_share={
            resource: None if share is None else round(share, 4)
            for resource, share in packed.used.items()
        },
        wasted_share={
            resource: None if share is None else round(1 - share, 4)
            for resource, share in packed.used.items()
        },
        binding=packed.binding,
    )


def _zero(zero: ZeroAnswer) -> said.ZeroEntry:
    bill = zero.bill
    return said.ZeroEntry(
        billed_until_serving_s=bill.waking_s,
        billed_after_last_s=bill.tail_s,
        failing_s=bill.failing_s,
        break_even_gap_s=bill.break_even_s,
        fails_after_gap_s=bill.fails_from_s,
        usd_per_wake=round(float(bill.usd), 6),
        usd_per_wake_with_tail=round(float(bill.usd_with_tail), 6),
        wakes=round(float(zero.wakes), 2),
        wakes_onto_running=round(float(zero.onto_running), 2),
        instance_wakes=round(float(zero.endpoint_wakes), 2),
        failed=round(float(zero.failed), 2),
        empty_share=round(zero.empty_share, 6),
        saving_usd=float(zero.saving_usd),
        saving_usd_per_failed=None
        if zero.usd_per_failed is None
        else round(float(zero.usd_per_failed), 6),
        keeps_instance=zero.keeps_instance,
        never_wakes=list(zero.never_wakes),
    )
