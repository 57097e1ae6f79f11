"""Where a flag's value came from, so that every assumption can say so."""

from collections.abc import Mapping

import typer

from smcost.cli.names import flag_of, key_of, variable_of
from smcost.remarks import Assumption


class Sources:
    """Asks the command line parser about the origin of a parameter's value."""

    def __init__(self, context: typer.Context, filled: Mapping[str, str] | None = None) -> None:
        self._context = context
        self._filled = filled or {}

    def with_filled(self, origins: Mapping[str, str]) -> "Sources":
        """The same, knowing where values are from that stand in for what nobody gave."""
        return Sources(self._context, {**self._filled, **origins})

    def given(self, parameter: str) -> bool:
        """Whether anybody chose the value: flag, environment or a settings file."""
        return self._name(parameter) != "DEFAULT"

    def has(self, parameter: str) -> bool:
        """Whether the value has an origin of its own: somebody chose it, or it was filled in."""
        return self.given(parameter) or parameter in self._filled

    def typed(self, parameter: str) -> bool:
        """Whether it is a flag on this command line."""
        return self._name(parameter) == "COMMANDLINE"

    def of(self, parameter: str, default: str = "default") -> str:
        """``flag --min``, ``environment SMCOST_MIN``, ``smcost.toml`` or the default's source."""
        return {
            "COMMANDLINE": f"flag {flag_of(parameter)}",
            "ENVIRONMENT": f"environment {variable_of(parameter)}",
            "DEFAULT_MAP": f"smcost.toml, {key_of(parameter)}",
        }.get(self._name(parameter), self._filled.get(parameter, default))

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

    def _name(self, parameter: str) -> str:
        source = self._context.get_parameter_source(parameter)
        return "DEFAULT" if source is None else source.name
