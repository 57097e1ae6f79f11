"""Tables in terminals that are too narrow for them, without breaking a word, figure or date."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from smcost.emit.section import Section

#: Blanks between columns: usually, and where it is tight.
_GAPS = (3, 2)
#: Texts are not squeezed below it: a word per line cannot be read.
_NARROWEST_TEXT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """A section's table as it fits: columns with their widths, or else ``blocks`` of lines.

    ``sentences`` tell the columns that were left out, as every row has the same in them.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[int, ...] = ()
    gap: int = _GAPS[0]
    sentences: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


def narrow(section: Section, width: int) -> Narrowed:
    """Fit a table into ``width`` columns: whole, without what all rows share, or row by row."""
    columns, rows = section.columns, section.rows
    if not rows:
        return Narrowed()
    natural = tuple(_natural(columns, rows))
    if _total(natural, _GAPS[0]) <= width:
        return Narrowed(columns=columns, rows=rows, widths=natural)
    sentences: tuple[str, ...] = ()
    if len(rows) > 1:
        kept = [n for n in range(len(columns)) if n == 0 or len({row[n] for row in rows}) > 1]
        sentences = _shared(columns, rows[0], kept)
        columns = tuple(columns[n] for n in kept)
        rows = tuple(tuple(row[n] for n in kept) for row in rows)
    for gap in _GAPS:
        widths = _widths(columns, rows, width, gap)
        if widths is not None:
            return Narrowed(columns=columns, rows=rows, widths=widths, gap=gap, sentences=sentences)
    return Narrowed(sentences=sentences, blocks=tuple(_blocks(columns, rows, width)))


def _natural(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[int]:
    for n, column in enumerate(columns):
        yield max(len(column.lstrip(">")), *(len(row[n]) for row in rows))


def _least(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[int]:
    """Where headers and texts are wrapped at blanks, and numbers with their units are not."""
    for n, column in enumerate(columns):
        header, cells = column.lstrip(">"), [row[n] for row in rows]
        words = [len(word) for text in (header, *cells) for word in text.split()]
        whole = max(map(len, cells))
        least = whole if column.startswith(">") else min(whole, _NARROWEST_TEXT)
        yield max(1, least, *words)


def _widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, gap: int
) -> tuple[int, ...] | None:
    """The least widths, and what is left shared out among those that want more."""
    widths, natural = list(_least(columns, rows)), list(_natural(columns, rows))
    left = width - _total(widths, gap)
    if left < 0:
        return None
    while left > 0:
        wanting = [n for n in range(len(widths)) if widths[n] < natural[n]]
        if not wanting:
            break
        widths[max(wanting, key=lambda n: natural[n] / widths[n])] += 1
        left -= 1
    return tuple(widths)


def _total(widths: Sequence[int], gap: int) -> int:
    return sum(widths) + gap * (len(widths) - 1)


def _shared(columns: Sequence[str], row: Sequence[str], kept: Sequence[int]) -> tuple[str, ...]:
    told = [
        f"{columns[n].lstrip('>')} {row[n]}"
        for n in range(len(columns))
        if n not in kept and row[n]
    ]
    return (f"In every row: {', '.join(told)}.",) if told else ()


def _blocks(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """A row as lines of name and value; a word longer than the terminal stays whole."""
    names = [column.lstrip(">") for column in columns]
    margin = max(map(len, names)) + 2
    for number, row in enumerate(rows):
        if number:
            yield ""
        for name, value in zip(names, row, strict=True):
            lines = textwrap.wrap(
                value, max(20, width - margin), break_long_words=False, break_on_hyphens=False
            )
            for first, line in enumerate(lines):
                yield f"{'' if first else name:<{margin}}{line}"
