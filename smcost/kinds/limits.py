"""What each kind of endpoint cannot do, as AWS documents it, and what stands in a job's way."""

from dataclasses import dataclass
from enum import StrEnum

#: Developer guide, deploy-model-options: real time, serverless and asynchronous.
REAL_TIME_PAYLOAD_BYTES = 25 * 2**20
SERVERLESS_PAYLOAD_BYTES = 4 * 2**20
SERVERLESS_TIME_S = 60.0
ASYNCHRONOUS_PAYLOAD_BYTES = 2**30
#: API: ``InvocationTimeoutSeconds`` of InvokeEndpointAsync, 1 to 3600.
ASYNCHRONOUS_TIME_S = 3600.0
#: API: ``RequestTTLSeconds``, at most and by default.
ASYNCHRONOUS_QUEUE_S = 21_600.0
#: API: ``MaxPayloadInMB`` of CreateTransformJob, a single record.
BATCH_RECORD_BYTES = 100 * 2**20
#: API: ``InvocationsTimeoutInSeconds`` of a transform job's ModelClientConfig.
BATCH_TIME_S = 3600.0
#: API: ``MaxConcurrency`` of an endpoint's ServerlessConfig.
SERVERLESS_CONCURRENCY = 200
#: API: ``MemorySizeInMB``, 1024 to 6144 in steps of 1024. [GB of 2**30 bytes]
SERVERLESS_SIZES_GB = (1, 2, 3, 4, 5, 6)

_LARGE_REGIONS = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-2", "ap-southeast-1", "ap-southeast-2"),
        *("ap-northeast-1", "eu-central-1", "eu-west-1"),
    }
)
_OTHER_REGIONS = frozenset(
    {
        *("us-west-1", "af-south-1", "ap-east-1", "ap-south-1", "ap-northeast-3"),
        *("ap-northeast-2", "ca-central-1", "eu-west-2", "eu-south-1", "eu-west-3"),
        *("eu-north-1", "me-south-1", "sa-east-1"),
    }
)


class EndpointKind(StrEnum):
    """How a model can be asked."""

    REAL_TIME = "real_time"
    SERVERLESS = "serverless"
    ASYNCHRONOUS = "asynchronous"
    BATCH_TRANSFORM = "batch_transform"
    MULTI_MODEL = "multi_model"


class ObstacleCode(StrEnum):
    """Why a kind cannot do this job (``endpoint_kinds[].obstacles[].code``)."""

    ACCELERATOR = "accelerator"
    PAYLOAD = "payload"
    TIME = "time"
    MODEL_TOO_LARGE = "model_too_large"
    FEATURE = "feature"
    CONCURRENCY = "concurrency"
    COLD_STARTS = "cold_starts"
    LATENCY = "latency"
    BACKLOG = "backlog"


#: With one of these the kind does not run at all, so that it has no price either.
_NEVER_RUNS = frozenset(
    {
        *(ObstacleCode.ACCELERATOR, ObstacleCode.PAYLOAD, ObstacleCode.TIME),
        *(ObstacleCode.MODEL_TOO_LARGE, ObstacleCode.FEATURE),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One reason, as data and as a sentence without its point."""

    code: ObstacleCode
    message: str

    @property
    def never_runs(self) -> bool:
        """Whether the kind refuses the job, rather than doing it too slowly."""
        return self.code in _NEVER_RUNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is asked of an endpoint.

    Attributes
    ----------
    instance_type
        What it runs on today.
    accelerated
        Whether the type has a GPU or another accelerator; ``None``: no source says.
    bytes_in, bytes_out
        One request and its response, ``None``: not given. [B]
    service_s
        Mean time that an instance of today's type works on a request, ``None``: not known. [s]
    model_bytes
        Memory that the loaded model takes, ``None``: not given. [B]
    gpus
        Of the type, ``None``: no source says. [count]
    captures, shadowed
        Whether data capture, or a shadow variant, is asked for.
    """

    instance_type: str
    accelerated: bool | None
    bytes_in: int | None = None
    bytes_out: int | None = None
    service_s: float | None = None
    model_bytes: int | None = None
    gpus: int | None = None
    captures: bool = False
    shadowed: bool = False

    @property
    def largest_bytes(self) -> int:
        """The larger of request and response, 0 where neither is given. [B]"""
        return max(self.bytes_in or 0, self.bytes_out or 0)


def real_time_obstacles(job: Job, timeout_s: float) -> tuple[Obstacle, ...]:
    """What keeps a job from running on a real-time endpoint, with several models too.

    Parameters
    ----------
    timeout_s
        Of an invocation: a minute, more only where the response is streamed. [s]
    """
    found = _too_large(job, REAL_TIME_PAYLOAD_BYTES, "25 MB that a real-time endpoint takes")
    if job.service_s is not None:
        found += _too_long(job.service_s, timeout_s, f"the timeout of {timeout_s:g} s")
    return tuple(found)


def serverless_obstacles(job: Job, service_factor: float = 1.0) -> tuple[Obstacle, ...]:
    """What keeps a job from running on a serverless endpoint of any size.

    Parameters
    ----------
    service_factor
        Service time there in those of today's instance. [1]
    """
    found = []
    if job.accelerated:
        found.append(
            _obstacle(
                ObstacleCode.ACCELERATOR,
                f"{job.instance_type} has an accelerator, and serverless endpoints have none",
            )
        )
    found += _too_large(job, SERVERLESS_PAYLOAD_BYTES, "4 MB that a serverless endpoint takes")
    if job.service_s is not None:
        found += _too_long(job.service_s * service_factor, SERVERLESS_TIME_S, "60 s")
    if job.model_bytes is not None and smallest_size_gb(job.model_bytes) is None:
        size = f"{job.model_bytes / 2**30:.3g}"
        found.append(
            _obstacle(ObstacleCode.MODEL_TOO_LARGE, f"the model takes {size} GB of at most 6 GB")
        )
    if job.captures:
        found.append(_obstacle(ObstacleCode.FEATURE, "a serverless endpoint captures no data"))
    if job.shadowed:
        found.append(_obstacle(ObstacleCode.FEATURE, "a serverless endpoint has no shadow variant"))
    return tuple(found)


def asynchronous_obstacles(job: Job) -> tuple[Obstacle, ...]:
    """What keeps a job from running on an asynchronous endpoint."""
    found = _too_large(job, ASYNCHRONOUS_PAYLOAD_BYTES, "1 GB that an asynchronous endpoint takes")
    if job.service_s is not None:
        found += _too_long(job.service_s, ASYNCHRONOUS_TIME_S, "an hour")
    return tuple(found)


def batch_obstacles(job: Job) -> tuple[Obstacle, ...]:
    """What keeps a job from running as a batch transform."""
    found = _too_large(job, BATCH_RECORD_BYTES, "100 MB that a record of a batch transform takes")
    if job.service_s is not None:
        found += _too_long(job.service_s, BATCH_TIME_S, "an hour")
    return tuple(found)


def multi_model_obstacles(job: Job, in_memory: int | None) -> tuple[Obstacle, ...]:
    """What keeps a job from running on a multi-model endpoint.

    Parameters
    ----------
    in_memory
        Models that an instance's memory holds at once; ``None``: not known. [count]
    """
    found = []
    if job.accelerated and job.gpus != 1:
        message = (
            f"{job.instance_type} is no type that the developer guide names for multi-model "
            "endpoints: those are CPU types and types with a single GPU"
        )
        found.append(_obstacle(ObstacleCode.ACCELERATOR, message))
    if in_memory == 0 and job.model_bytes is not None:
        message = (
            f"the model takes {job.model_bytes / 2**30:.3g} GB, more than an instance's memory has "
            "for models"
        )
        found.append(_obstacle(ObstacleCode.MODEL_TOO_LARGE, message))
    return tuple(found)


def smallest_size_gb(model_bytes: int) -> int | None:
    """The smallest serverless memory that is "at least as large as your model size". [GB]

    ``None`` where not even the largest is.

    >>> smallest_size_gb(2 * 2**30), smallest_size_gb(2 * 2**30 + 1), smallest_size_gb(7 * 2**30)
    (2, 3, None)
    """
    fitting = [size for size in SERVERLESS_SIZES_GB if size * 2**30 >= model_bytes]
    return fitting[0] if fitting else None


def account_concurrency(region: str) -> int | None:
    """Requests in flight that all serverless endpoints of an account share in a region.

    ``None`` where the developer guide names no figure for it.
    """
    if region in _LARGE_REGIONS:
        return 1000
    return 500 if region in _OTHER_REGIONS else None


#: What a kind cannot do whatever the job, beside what it is measured against here.
CANNOT = {
    EndpointKind.REAL_TIME: (
        "25 MB a request, 60 s (8 min streaming)",
        "no scale to zero without inference components",
    ),
    EndpointKind.SERVERLESS: (
        "4 MB, 60 s, 6 GB of memory, a 10 GB image, 5 GB of disk",
        "at most 200 requests in flight, and those of the account",
        "no GPU, VPC, network isolation, data capture, Model Monitor, several variants, "
        "multi-model or pipeline",
        "no p99: cold starts after idle time and whenever more run at once than before",
    ),
    EndpointKind.ASYNCHRONOUS: (
        "1 GB, 1 h a request, 6 h in the queue",
        "no answer in the call: the response is an object in S3",
        "no p99: minutes while instances start",
    ),
    EndpointKind.BATCH_TRANSFORM: (
        "100 MB a record, 1 h each; the job may run for days",
        "no online answers at all, hence no p99",
    ),
    EndpointKind.MULTI_MODEL: (
        "one framework and container for all models; on GPUs only the Triton server",
        "no metrics and no scaling of one model alone",
        "no p99: the first call of a model loads it, after 60 s with an error (429)",
    ),
}


def _obstacle(code: ObstacleCode, message: str) -> Obstacle:
    return Obstacle(code=code, message=message)


def _too_large(job: Job, most_bytes: int, told: str) -> list[Obstacle]:
    if job.largest_bytes <= most_bytes:
        return []
    message = f"a payload of {job.largest_bytes / 2**20:,.3g} MB is more than the {told}"
    return [_obstacle(ObstacleCode.PAYLOAD, message)]


def _too_long(service_s: float, most_s: float, told: str) -> list[Obstacle]:
    if service_s <= most_s:
        return []
    message = f"a mean service time of {service_s:,.4g} s is beyond {told}"
    return [_obstacle(ObstacleCode.TIME, message)]
