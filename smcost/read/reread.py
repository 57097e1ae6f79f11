"""A text whose beginning can be looked at before somebody reads it from the start."""

import io

_LONGEST_LINE = 2**16


class Reread(io.TextIOBase):
    """A text stream, read once: also a pipe, which cannot be opened twice.

    Attributes
    ----------
    beginning
        The first line that is not blank, or what fits of it into 64 KiB; empty in an empty text.
        Reading starts before it all the same.
    """

    def __init__(self, text: io.TextIOBase) -> None:
        super().__init__()
        self._text = text
        self._held: list[str] = []
        self.beginning = ""
        while not self.beginning.strip():
            self.beginning = text.readline(_LONGEST_LINE)
            if not self.beginning:
                break
            self._held.append(self.beginning)

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """As of any text stream."""
        limit = -1 if size is None else size
        if not self._held:
            return self._text.readline(limit)
        line = self._held.pop(0)
        if 0 <= limit < len(line):
            self._held.insert(0, line[limit:])
            return line[:limit]
        if line.endswith("\n") or len(line) == limit:
            return line
        return line + self._text.readline(limit - len(line) if limit >= 0 else -1)

    def read(self, size: int | None = -1, /) -> str:
        """As of any text stream; at times less than asked for, as pipes do."""
        limit = -1 if size is None else size
        if not self._held:
            return self._text.read(limit)
        held, self._held = "".join(self._held), []
        if limit < 0:
            return held + self._text.read()
        if limit < len(held):
            held, left = held[:limit], held[limit:]
            self._held = [left]
        return held
