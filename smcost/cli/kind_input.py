"""Flags of the comparison with other kinds of endpoint -> values, with their prices."""

from decimal import Decimal

from smcost.capacity import Profile
from smcost.cli.flags import Flags
from smcost.cli.kind_prices import KindPrices
from smcost.cli.names import flag_of
from smcost.cli.sources import Sources
from smcost.errors import UsageError
from smcost.estimate.kinds import HourPrice, KindsAsked
from smcost.kinds.cold_starts import ColdTimes
from smcost.kinds.limits import (
    SERVERLESS_CONCURRENCY,
    SERVERLESS_SIZES_GB,
    Job,
    account_concurrency,
    smallest_size_gb,
)
from smcost.kinds.service_time import service_time_s
from smcost.kinds.shared import Sharing, models_in_memory
from smcost.remarks import Assumption
from smcost.units import parse_duration_s, parse_size_bytes

_DEPENDENT = (
    "model_size", "serverless_memory", "serverless_service_factor", "serverless_max_concurrency",
    "cold_start", "serverless_keep_alive", "async_backlog_target", "batch_jobs_per_month",
    "shared_models",
)  # fmt: skip


def kinds_asked(flags: Flags, prices: KindPrices, profile: Profile) -> KindsAsked:
    """The comparison of one instance type.

    Raises
    ------
    UsageError
        A value that makes no sense.
    """
    model_bytes = _model_bytes(flags)
    return KindsAsked(
        job=Job(
            instance_type=profile.instance_type,
            accelerated=prices.accelerated,
            bytes_in=_size(flags.payload_in, "--payload-in"),
            bytes_out=_size(flags.payload_out, "--payload-out"),
            service_s=service_time_s(profile)[0],
            model_bytes=model_bytes,
            gpus=prices.gpus,
            captures=flags.data_capture is not None,
            shadowed=flags.shadow_count > 0,
        ),
        rates=prices.rates,
        sizes_gb=_sizes_gb(flags, model_bytes),
        service_factor=_factor(flags),
        times=_times(flags),
        max_concurrency=_max_concurrency(flags),
        account_concurrency=account_concurrency(flags.region),
        backlog_target=flags.async_backlog_target,
        asynchronous=prices.asynchronous,
        batch=prices.batch,
        batch_jobs=Decimal(repr(flags.batch_jobs_per_month)),
        sharing=Sharing(
            models=flags.shared_models,
            in_memory=models_in_memory(
                None if prices.accelerated else prices.memory_gib, model_bytes
            ),
        ),
    )


def kind_assumptions(
    sources: Sources, flags: Flags, asked: KindsAsked, profile: Profile
) -> tuple[Assumption, ...]:
    """What the comparison rests on."""
    service_s, origin = service_time_s(profile)
    service = origin if service_s is None else f"{1000 * service_s:,.4g} ms x {_factor(flags):g}"
    return (
        sources.assumption(
            "serverless service time",
            service,
            "serverless_service_factor",
            f"{origin}; a container has fewer vCPUs with less memory",
        ),
        sources.assumption(
            "cold start", flags.cold_start, "cold_start", "default; not documented, not billed here"
        ),
        sources.assumption(
            "serverless keep-alive",
            flags.serverless_keep_alive,
            "serverless_keep_alive",
            "default; not documented",
        ),
        sources.assumption(
            "asynchronous scaling",
            f"backlog of {asked.backlog_target:g} per instance, 0 to 1 after 2 minutes with one",
            "async_backlog_target",
            "SageMaker developer guide, async-inference-autoscale, its example",
        ),
        Assumption(
            name="price of an asynchronous instance",
            value=_told(asked.asynchronous),
            source="price list",
        ),
        Assumption(
            name="price of a batch transform instance",
            value=f"{_told(asked.batch)}; start-up billed",
            source="price list; when billing begins is not documented",
        ),
        sources.assumption(
            "batch transform jobs",
            f"{asked.batch_jobs.normalize():f} a month, every instance busy all the time",
            "batch_jobs_per_month",
        ),
        sources.assumption(
            "multi-model endpoint",
            f"{asked.sharing.models} models with the same traffic at the same time",
            "shared_models",
        ),
    )


def refuse_lonely_kinds(sources: Sources, flags: Flags) -> None:
    """A flag of the comparison without it would change nothing; and it needs traffic and capacity.

    Raises
    ------
    UsageError
    """
    lonely = [name for name in _DEPENDENT if sources.typed(name)]
    if lonely and not flags.compare_kinds:
        raise UsageError(
            f"{flag_of(lonely[0])} changes nothing without --compare-kinds",
            remedy="Add --compare-kinds, or leave it out",
            place=flag_of(lonely[0]),
        )
    without_traffic = flags.traffic is None and flags.rps is None
    without_capacity = flags.capacity is None and flags.service_time is None
    if flags.compare_kinds and (without_traffic or without_capacity):
        raise UsageError(
            "Kinds of endpoint are compared on traffic and a capacity",
            remedy="Add --traffic or --rps, and --service-time with --concurrency or --capacity",
            place="--compare-kinds",
        )


def _told(price: HourPrice) -> str:
    return f"{price.usd_per_hour.normalize():f} USD/h ({price.component})"


def _size(text: str | None, flag: str) -> int | None:
    return None if text is None else parse_size_bytes(text, flag)


def _model_bytes(flags: Flags) -> int | None:
    size = _size(flags.model_size, "--model-size")
    if size == 0:
        raise UsageError(
            "A model without any size takes no memory",
            remedy="Give what it takes once loaded, such as 1.5GB, or leave it out",
            place="--model-size",
        )
    return size


def _sizes_gb(flags: Flags, model_bytes: int | None) -> tuple[int, ...]:
    """The size given, the smallest that fits, or all of them."""
    smallest = None if model_bytes is None else smallest_size_gb(model_bytes)
    if flags.serverless_memory is None:
        return SERVERLESS_SIZES_GB if smallest is None else (smallest,)
    size = parse_size_bytes(flags.serverless_memory, "--serverless-memory")
    size_gb, rest = divmod(size, 2**30)
    if rest or size_gb not in SERVERLESS_SIZES_GB:
        raise UsageError(
            f"{flags.serverless_memory} is no memory size of serverless endpoints",
            remedy="Give 1GB, 2GB, 3GB, 4GB, 5GB or 6GB",
            place="--serverless-memory",
        )
    if smallest is not None and size_gb < smallest:
        raise UsageError(
            f"A model of {flags.model_size} does not fit into {size_gb} GB",
            remedy=f"Give {smallest}GB or more, or leave it out",
            place="--serverless-memory",
        )
    return (size_gb,)


def _factor(flags: Flags) -> float:
    factor = flags.serverless_service_factor
    if not 0.01 <= factor <= 100:
        raise UsageError(
            f"A service time of {factor:g} times that of the instance is hardly meant",
            remedy="Give 0.01 to 100; 2 is twice as long",
            place="--serverless-service-factor",
        )
    return factor


def _times(flags: Flags) -> ColdTimes:
    return ColdTimes(
        start_s=parse_duration_s(flags.cold_start, "--cold-start"),
        keep_alive_s=parse_duration_s(flags.serverless_keep_alive, "--serverless-keep-alive"),
    )


def _max_concurrency(flags: Flags) -> int:
    most = flags.serverless_max_concurrency
    if not 1 <= most <= SERVERLESS_CONCURRENCY:
        raise UsageError(
            f"A concurrency of {most} is outside 1 to {SERVERLESS_CONCURRENCY}, what a serverless "
            "endpoint can have",
            remedy="Give one within",
            place="--serverless-max-concurrency",
        )
    return most
