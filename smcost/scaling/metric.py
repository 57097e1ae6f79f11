"""What scaling policies look at, in AWS's words."""

from enum import StrEnum

from smcost.units import plain


class Metric(StrEnum):
    """What a policy looks at, in AWS's words; each a mean over the instances of a variant."""

    INVOCATIONS = "SageMakerVariantInvocationsPerInstance"
    CONCURRENCY = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    CPU = "CPUUtilization"

    @property
    def period_s(self) -> int:
        """Distance of two points: a minute, or 10 s where the resolution is high. [s]"""
        return 10 if self is Metric.CONCURRENCY else 60

    @property
    def word(self) -> str:
        """As the command line and the tables call it."""
        return _WORDS[self]

    def told(self, value: float) -> str:
        """A value with its unit: ``600/min``, ``5 in flight``, ``CPU 280 %``."""
        return _TOLD[self].format(plain(value))


_WORDS = {Metric.INVOCATIONS: "invocations", Metric.CONCURRENCY: "concurrency", Metric.CPU: "cpu"}
_TOLD = {
    Metric.INVOCATIONS: "{}/min",
    Metric.CONCURRENCY: "{} in flight",
    Metric.CPU: "CPU {} % of a core",
}
