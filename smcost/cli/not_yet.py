"""Flags and commands of the contract that this version does not have: refused by name."""

from collections.abc import Sequence

from smcost.errors import UsageError

#: Flag -> what to do instead.
FLAGS = {
    "--fail-on": "Leave it out and test the JSON output",
}
#: Command words -> what to do instead.
COMMANDS = {
    ("check",): "Use the validation blocks of the module that smcost terraform writes",
    ("diff",): "Give --current FILE to estimate or recommend",
}
#: Only these commands draw random numbers; estimate where one of these flags makes it.
_SEEDED = (("traffic", "synth"), ("recommend",), ("multi-model",))
_SIMULATING = {"--exact", "--burstiness", "--requests", "--file"}


def refuse_not_yet(arguments: Sequence[str]) -> None:
    """Raise for a command or flag that is promised but not there.

    Raises
    ------
    UsageError
        Naming it.
    """
    words = [argument for argument in arguments if not argument.startswith("-")]
    for command, remedy in COMMANDS.items():
        if tuple(words[: len(command)]) == command:
            raise UsageError(f"smcost {' '.join(command)} is not in this version", remedy=remedy)
    if "--help" in arguments:
        return
    for argument in arguments:
        flag = argument.split("=", 1)[0]
        if flag == "--seed" and not _draws(words, arguments):
            raise UsageError(
                "A seed has no meaning here: nothing is random without a simulation",
                remedy="Leave it out, or add --exact where the command has it",
                place=flag,
            )
        if flag in FLAGS:
            raise UsageError(f"{flag} is not in this version", remedy=FLAGS[flag], place=flag)


def _draws(words: Sequence[str], arguments: Sequence[str]) -> bool:
    """Whether the command draws random numbers."""
    if words[:1] == ["estimate"]:
        return any(argument.split("=", 1)[0] in _SIMULATING for argument in arguments)
    return any(tuple(words[: len(home)]) == home for home in _SEEDED)
