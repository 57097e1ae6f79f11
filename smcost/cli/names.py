"""What a parameter is called: as a flag, in the environment and in smcost.toml."""

#: The variable that moves the price cache; no flag has its name.
CACHE_VARIABLE = "SMCOST_CACHE_DIR"
#: Parameters called otherwise than their flag, as Python has functions of its name.
_KEYS = {"minimum": "min", "maximum": "max"}
_PARAMETERS = {key: parameter for parameter, key in _KEYS.items()}


def key_of(parameter: str) -> str:
    """``startup-time``, as in smcost.toml."""
    return _KEYS.get(parameter, parameter.replace("_", "-"))


def flag_of(parameter: str) -> str:
    """``--startup-time``."""
    return f"--{key_of(parameter)}"


def variable_of(parameter: str) -> str:
    """``SMCOST_STARTUP_TIME``."""
    return f"SMCOST_{key_of(parameter).replace('-', '_').upper()}"


def parameter_of(key: str) -> str:
    """``startup_time`` of ``startup-time`` or ``--startup-time``."""
    bare = key.removeprefix("--")
    return _PARAMETERS.get(bare, bare.replace("-", "_"))
