"""Where a flag's value came from, so that every assumption can say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import typer

from smcost.cli.names import flag_of, key_of, variable_of
from smcost.remarks import Assumption


class Rank(IntEnum):
    """How near to the one who asks a value was given; the nearer goes before the farther."""

    DEFAULT = 0
    #: The environment or a settings file.
    SETTING = 1
    #: ``[defaults]`` of a fleet file.
    SHARED = 2
    #: The table of an endpoint in a fleet file.
    OWN = 3
    #: On this command line.
    TYPED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a value is from, and in what words an assumption says so."""

    rank: Rank
    told: str


class Sources:
    """Knows the origin of each parameter's value; values of its own, so that it can be sent."""

    def __init__(
        self,
        given: typer.Context | Mapping[str, Origin],
        filled: Mapping[str, str] | None = None,
    ) -> None:
        self._origins = given if isinstance(given, Mapping) else _origins(given)
        self._filled = filled or {}

    def with_filled(self, origins: Mapping[str, str]) -> "Sources":
        """The same, knowing where values are from that stand in for what nobody gave."""
        return Sources(self._origins, {**self._filled, **origins})

    def with_origins(self, origins: Mapping[str, Origin]) -> "Sources":
        """The same, but for parameters whose values are from elsewhere."""
        return Sources({**self._origins, **origins}, self._filled)

    def without(self, parameters: Iterable[str]) -> "Sources":
        """The same, as if nobody had given some parameters."""
        dropped = set(parameters)
        left = {name: origin for name, origin in self._origins.items() if name not in dropped}
        return Sources(left, self._filled)

    def rank(self, *parameters: str) -> Rank:
        """How near the nearest of them was given."""
        found = (self._origins.get(parameter) for parameter in parameters)
        return max((origin.rank for origin in found if origin is not None), default=Rank.DEFAULT)

    def given(self, parameter: str) -> bool:
        """Whether anybody chose the value: flag, environment, a settings or a fleet file."""
        return self.rank(parameter) > Rank.DEFAULT

    def has(self, parameter: str) -> bool:
        """Whether the value has an origin of its own: somebody chose it, or it was filled in."""
        return self.given(parameter) or parameter in self._filled

    def typed(self, parameter: str) -> bool:
        """Whether it was written for this very question: a flag, or a key of this endpoint."""
        return self.rank(parameter) >= Rank.OWN

    def of(self, parameter: str, default: str = "default") -> str:
        """``flag --min``, ``environment SMCOST_MIN``, ``smcost.toml`` or the default's source."""
        origin = self._origins.get(parameter)
        return self._filled.get(parameter, default) if origin is None else origin.told

    def of_all(self, *parameters: str) -> str:
        """The origins of several values that make one: ``flag --p95 and flag --p99``."""
        return " and ".join(dict.fromkeys(self.of(parameter) for parameter in parameters))

    def beside(self, parameter: str) -> str:
        """What to write behind a file's name: nothing where it was given as a flag."""
        return "" if self.typed(parameter) else f" ({self.of(parameter)})"

    def assumption(
        self, name: str, value: str, parameter: str, default: str = "default"
    ) -> Assumption:
        """An assumption whose source is the parameter's origin."""
        return Assumption(name=name, value=value, source=self.of(parameter, default))


def _origins(context: typer.Context) -> dict[str, Origin]:
    """What the command line parser says of every parameter that somebody gave."""
    found = {}
    for parameter in context.params:
        source = context.get_parameter_source(parameter)
        told = {
            "COMMANDLINE": (Rank.TYPED, f"flag {flag_of(parameter)}"),
            "ENVIRONMENT": (Rank.SETTING, f"environment {variable_of(parameter)}"),
            "DEFAULT_MAP": (Rank.SETTING, f"smcost.toml, {key_of(parameter)}"),
        }.get("" if source is None else source.name)
        if told is not None:
            found[parameter] = Origin(rank=told[0], told=told[1])
    return found
