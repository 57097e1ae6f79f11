"""What AWS says, without the names that are nobody's business in an output."""

import re

#: ARNs and account ids are nobody's business in a log.
_ARN = re.compile(r"arn:aws[\w-]*:[^\s\"',)]*")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")


def masked(text: str) -> str:
    """The text in one line, without ARNs and account ids."""
    bare = _ACCOUNT.sub("(account)", _ARN.sub("(arn)", text))
    return " ".join(bare.split()).rstrip(".")
