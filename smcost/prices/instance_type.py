"""What SageMaker offers to run an endpoint on."""

from dataclasses import dataclass

from smcost.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceType:
    """One ``ml.*`` instance type; ``None`` means that no source says.

    Attributes
    ----------
    name
        The API's name, ``ml.m5.xlarge``.
    deployable
        Whether ``CreateEndpointConfig`` accepts it.
    vcpu, gpus
        Per instance. [count]
    memory_gib
        Main memory per instance. [GiB]
    nvme
        Whether it brings its own NVMe disk, so that no endpoint storage is attached or billed.

    Raises
    ------
    InputError
        A count or size that is negative, or no vCPU, or no memory.
    """

    name: str
    deployable: bool
    vcpu: int | None = None
    memory_gib: float | None = None
    gpus: int | None = None
    nvme: bool | None = None

    def __post_init__(self) -> None:
        for field, least in (("vcpu", 1), ("memory_gib", 0.1), ("gpus", 0)):
            value = getattr(self, field)
            if value is not None and not least <= value < float("inf"):
                raise InputError(
                    f"{self.name} cannot have {field} = {value}",
                    remedy=f"Give {least} or more, or leave it empty",
                )
