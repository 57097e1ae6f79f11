"""Where a flag's value came from, so that every assumption can say so."""

import typer

from smcost.remarks import Assumption


class Sources:
    """Asks the command line parser about the origin of a parameter's value."""

    def __init__(self, context: typer.Context) -> None:
        self._context = context

    def given(self, parameter: str) -> bool:
        """Whether anybody chose the value: flag, environment or a settings file."""
        return self._name(parameter) != "DEFAULT"

    def of(self, parameter: str, default: str = "default") -> str:
        """``flag --min``, ``environment SMCOST_MIN``, ``smcost.toml`` or the default's source."""
        flag = parameter.replace("_", "-")
        return {
            "COMMANDLINE": f"flag --{flag}",
            "ENVIRONMENT": f"environment SMCOST_{parameter.upper()}",
            "DEFAULT_MAP": f"smcost.toml, {flag}",
        }.get(self._name(parameter), default)

    def assumption(
        self, name: str, value: str, parameter: str, default: str = "default"
    ) -> Assumption:
        """An assumption whose source is the parameter's origin."""
        return Assumption(name=name, value=value, source=self.of(parameter, default))

    def _name(self, parameter: str) -> str:
        source = self._context.get_parameter_source(parameter)
        return "DEFAULT" if source is None else source.name
