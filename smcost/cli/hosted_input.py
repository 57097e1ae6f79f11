"""Flags of models that share an endpoint -> values, with their assumptions."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from smcost.capacity import Profile, WorkersProfile
from smcost.cli.choice import choice
from smcost.cli.names import flag_of
from smcost.cli.sources import Sources
from smcost.errors import InputError, SmcostError, UsageError
from smcost.multi_model import Hosted, Placement, service_of_all, zipf_shares
from smcost.multi_model.hosted import MOST_MODELS
from smcost.prices.instance_type import InstanceType
from smcost.queueing.service import ServiceTime
from smcost.remarks import Assumption
from smcost.units import BYTES_PER_GB, parse_duration_s, parse_share, parse_size_bytes

_GENERATED = ("model_count", "model_size", "load_time", "zipf")
_DEFAULT_ZIPF = 0.9
_LARGEST_ZIPF = 5.0
_MOST_LOADS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedFlags:
    """What was given on the command line of the models, typed."""

    models: Path | None
    model_count: int | None
    model_size: str | None
    load_time: str | None
    zipf: float | None
    model_memory: str
    placement: str
    loads_at_once: int
    single_instance_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedInput:
    """The models, what they are asked for where their file says (else ``None``), and how served.

    ``place`` is how an error about a model names where it is from. [s^-1]
    """

    hosted: Hosted
    rps: float | None
    placement: Placement
    loads_at_once: int
    assumptions: tuple[Assumption, ...]
    place: str | None

    def refuse_too_large(self, memory_bytes: float, instance_type: str) -> None:
        """Every model must fit into the memory of an instance.

        Raises
        ------
        InputError, UsageError
            One does not.
        """
        largest = int(np.argmax(self.hosted.size_bytes))
        size_bytes = float(self.hosted.size_bytes[largest])
        if size_bytes <= memory_bytes:
            return
        kind: type[SmcostError] = UsageError if self.place is None else InputError
        raise kind(
            f"The model {self.hosted.names[largest]} takes {sized(size_bytes)}, and "
            f"{instance_type} has {sized(memory_bytes)} for models",
            remedy="Name a larger --instance-type, or give --model-memory if more of it is free",
            place=self.place or "--model-size",
        )


def sized(size_bytes: float) -> str:
    """``12.8 GB`` or ``200 MB``, in powers of 1024."""
    if size_bytes < BYTES_PER_GB:
        return f"{1024 * size_bytes / BYTES_PER_GB:.4g} MB"
    return f"{size_bytes / BYTES_PER_GB:.4g} GB"


def hosted_input(sources: Sources, flags: HostedFlags) -> HostedInput:
    """Read or make the models.

    Raises
    ------
    UsageError, InputError
        No models, a file and flags at once, a value that makes no sense, or a file that cannot be
        read.
    """
    placement = choice(Placement, flags.placement, "--placement")
    if not 1 <= flags.loads_at_once <= _MOST_LOADS:
        raise UsageError(
            f"An instance that loads {flags.loads_at_once} models at a time is none",
            remedy=f"Give 1 to {_MOST_LOADS}",
            place="--loads-at-once",
        )
    if flags.models is None:
        hosted, rps, described = _generated(sources, flags)
    else:
        hosted, rps, described = _from_file(sources, flags, flags.models)
    return HostedInput(
        hosted=hosted,
        rps=rps,
        placement=placement,
        loads_at_once=flags.loads_at_once,
        assumptions=(*described, *_serving(sources, flags, placement)),
        place=None if flags.models is None else str(flags.models),
    )


def _from_file(
    sources: Sources, flags: HostedFlags, path: Path
) -> tuple[Hosted, float | None, tuple[Assumption, ...]]:
    made = [name for name in _GENERATED if getattr(flags, name) is not None]
    if made:
        raise UsageError(
            f"A file of models and {flag_of(made[0])} are given",
            remedy="Give --models, or --model-count with --model-size and --load-time",
            place=flag_of(made[0]),
        )
    from smcost.read.models_csv import read_models

    listed = read_models(path)
    value = f"{path.name}: {_described(listed.hosted)}"
    return listed.hosted, listed.rps, (sources.assumption("models", value, "models"),)


def _generated(sources: Sources, flags: HostedFlags) -> tuple[Hosted, None, tuple[Assumption, ...]]:
    count, size, load = flags.model_count, flags.model_size, flags.load_time
    if count is None or size is None or load is None:
        raise UsageError(
            "The models are not given",
            remedy="Give --models FILE, or --model-count 400 --model-size 200MB --load-time 4s",
        )
    if not 1 <= count <= MOST_MODELS:
        raise UsageError(
            f"{count} models are none, or too many",
            remedy=f"Give 1 to {MOST_MODELS}",
            place="--model-count",
        )
    exponent = _DEFAULT_ZIPF if flags.zipf is None else flags.zipf
    if not 0 <= exponent <= _LARGEST_ZIPF:
        raise UsageError(
            f"An exponent of {exponent:g} is no popularity",
            remedy=f"Give 0 (all alike) to {_LARGEST_ZIPF:g}; 0.6 to 1.2 are common",
            place="--zipf",
        )
    size_bytes = parse_size_bytes(size, "--model-size")
    if size_bytes == 0:
        raise UsageError("A model of 0 B is none", remedy="Give its size", place="--model-size")
    hosted = Hosted(
        names=tuple(f"model-{rank}" for rank in range(1, count + 1)),
        share=zipf_shares(count, exponent),
        size_bytes=np.full(count, float(size_bytes)),
        load_s=np.full(count, parse_duration_s(load, "--load-time")),
    )
    return (
        hosted,
        None,
        (
            sources.assumption("models", _described(hosted), "model_count"),
            sources.assumption(
                "popularity", f"1 / rank ** {exponent:g}", "zipf", "default; measure yours"
            ),
        ),
    )


def _described(hosted: Hosted) -> str:
    loads_s = np.unique(hosted.load_s)
    took = f"{loads_s[0]:g} s" if loads_s.size == 1 else f"{loads_s[0]:g} to {loads_s[-1]:g} s"
    sizes = np.unique(hosted.size_bytes)
    each = sized(float(sizes[0]))
    if sizes.size > 1:
        each = f"{each} to {sized(float(sizes[-1]))}"
    return (
        f"{hosted.count:,} of {each}, {sized(hosted.total_bytes)} in all; "
        f"{took} from request to loaded"
    )


def _serving(sources: Sources, flags: HostedFlags, placement: Placement) -> tuple[Assumption, ...]:
    meaning = {
        Placement.STICKY: "sticky: as few copies of a model as an even load allows",
        Placement.SPREAD: "spread: every instance is asked for every model",
    }[placement]
    return (
        sources.assumption(
            "placement",
            meaning,
            "placement",
            "default; the developer guide says that requests go where the model is loaded, and "
            "with many requests to further instances, not how many",
        ),
        Assumption(
            name="unloading",
            value="the least recently used model first, when memory is needed",
            source='the developer guide says "unused"; the order is not documented',
        ),
        Assumption(
            name="requests of the models",
            value="independent of each other, the same shares at all times",
            source="model; requests of a model that come in bursts hit more often",
        ),
        sources.assumption(
            "loads at once",
            f"{flags.loads_at_once} on an instance, beside the workers",
            "loads_at_once",
            "default; the developer guide names no number",
        ),
        Assumption(
            name="disk",
            value="every load takes the whole load time, download included",
            source="cautious: unloaded models stay on the disk while it has room",
        ),
        Assumption(
            name="fleet",
            value="of one size all the time: instances that leave take their models along",
            source="model",
        ),
    )


def memory_input(
    sources: Sources, flags: HostedFlags, known: InstanceType | None, named: str
) -> tuple[float, Assumption]:
    """Memory of an instance for models. [B]

    Raises
    ------
    UsageError
        A share of a memory that is not known, that of a GPU among them; a size of 0, or more than
        there is.
    """
    text = flags.model_memory
    gpus = 0 if known is None else known.gpus or 0
    total = None if known is None or known.memory_gib is None else known.memory_gib * BYTES_PER_GB
    if not text.strip().endswith("%"):
        size = float(parse_size_bytes(text, "--model-memory"))
        if size <= 0 or (total is not None and not gpus and size > total):
            raise UsageError(
                f"{named} cannot have {text} for models",
                remedy="Give what container and system leave of its memory",
                place="--model-memory",
            )
        of_gpu = " of the GPU" if gpus else ""
        return size, sources.assumption(
            "memory for models", f"{sized(size)}{of_gpu} per instance", "model_memory"
        )
    if gpus or total is None:
        what = "GPU memory" if gpus else "memory"
        raise UsageError(
            f"The {what} of {named} is not known here",
            remedy="Give what is free for models, like --model-memory 14GB",
            place="--model-memory",
        )
    share = parse_share(text, "--model-memory")
    if share == 0:
        raise UsageError("No memory is left for models", remedy="Use 80%", place="--model-memory")
    value = f"{100 * share:g}% of {sized(total)}: {sized(share * total)} per instance"
    return share * total, sources.assumption(
        "memory for models", value, "model_memory", "default; container and system take the rest"
    )


def with_own_service(profile: Profile, hosted: Hosted, place: str | None) -> Profile:
    """The capacity with the models' own service times, where their file has them.

    Raises
    ------
    UsageError
        The capacity was not given as workers with a law of the service time.
    """
    if hosted.service_s is None:
        return profile
    if not isinstance(profile, WorkersProfile) or not isinstance(profile.service, ServiceTime):
        raise UsageError(
            f"{place} has service times of the models, which a measured latency does not take",
            remedy="Give the capacity as workers with a service time, or drop the column",
        )
    return replace(profile, service=service_of_all(hosted, profile.service))
