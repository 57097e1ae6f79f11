"""Assumptions and warnings beside an answer of ``smcost multi-model``."""

from smcost.cli.multi_model_question import MultiModelQuestion
from smcost.cli.sources import Sources
from smcost.emit.multi_model_sections import MultiModelResult
from smcost.multi_model.caveats import multi_model_caveats
from smcost.remarks import Assumption, Caveat, Remarks, WarningCode

#: Said by the doors that this command shares, and not true of it.
_NOT_HERE = ("timed-out work", "arrivals within a minute")


def multi_model_remarks(
    asked: MultiModelQuestion, result: MultiModelResult, sources: Sources
) -> Remarks:
    """Everything that travels beside the answer."""
    known = asked.prices.catalogue.instance_types.get(asked.able.instance_type)
    own = (
        Assumption(
            name="arrivals within a minute",
            value="Poisson given the minute's count",
            source="model",
        ),
        Assumption(
            name="overload",
            value="all requests of minutes with a backlog count as failed",
            source="model, cautious",
        ),
        *_single_assumptions(asked, result, sources),
        *_gpu_assumptions(known is not None and bool(known.gpus)),
    )
    shared = (
        *asked.able.assumptions,
        *asked.paid.assumptions,
        *asked.given.assumptions,
        *asked.assumptions,
    )
    profile = asked.able.profile
    assert profile is not None
    return Remarks(
        assumptions=(*(item for item in shared if item.name not in _NOT_HERE), *own),
        caveats=(
            *_assumed_type(sources),
            *asked.paid.caveats,
            *_single_price(asked),
            *asked.given.caveats,
            *asked.able.caveats,
            *profile.caveats(),
            *multi_model_caveats(asked.problem, result.found, known),
        ),
        prices=asked.paid.provenance,
        traffic=asked.given.origin,
        capacity=asked.able.origin,
    )


def _single_price(asked: MultiModelQuestion) -> list[Caveat]:
    """What there is to say of the price of another type that single endpoints would run on."""
    if asked.single_type == asked.able.instance_type:
        return []
    catalogue = asked.prices.catalogue
    return catalogue.caveats(catalogue.price(asked.paid.provenance.region, asked.single_type))


def _single_assumptions(
    asked: MultiModelQuestion, result: MultiModelResult, sources: Sources
) -> tuple[Assumption, ...]:
    if result.saving is None:
        return ()
    value = f"{asked.single_type}, each sized by its share of the traffic"
    if not result.saving.separate.sized:
        value = (
            f"{asked.single_type}, each with the least number of instances, for want of a capacity "
            "of that type: a lower bound of what they cost"
        )
    return (sources.assumption("one endpoint per model", value, "single_instance_type"),)


def _gpu_assumptions(has_gpu: bool) -> tuple[Assumption, ...]:
    if not has_gpu:
        return ()
    value = (
        "Triton answers 507 where GPU memory runs out, unused models are unloaded, and the request "
        "is tried again: not modelled"
    )
    return (Assumption(name="GPU memory", value=value, source="developer guide"),)


def _assumed_type(sources: Sources) -> tuple[Caveat, ...]:
    if sources.given("instance_type") or sources.given("capacity"):
        return ()
    message = (
        "The capacity is taken to be that of ml.m5.xlarge, for want of an --instance-type; memory "
        "and price are of that type too"
    )
    return (Caveat(code=WarningCode.TYPE_ASSUMED, message=message),)
