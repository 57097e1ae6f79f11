"""Sections as text for a terminal, drawn by rich. Returns text, never prints."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from smcost.emit.section import Section

if TYPE_CHECKING:
    from rich.table import Table

#: Off a terminal nothing may be wrapped; no line of ours is longer.
UNWRAPPED = 1000


def table_text(sections: Sequence[Section], *, width: int = UNWRAPPED, colour: bool = False) -> str:
    """Draw sections.

    Parameters
    ----------
    sections
        What to draw.
    width
        Columns available; :data:`UNWRAPPED` off a terminal.
    colour
        Whether ANSI styles may be used.
    """
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
    )
    for number, section in enumerate(sections):
        if number:
            console.print()
        console.print(Text(section.title, style="bold"))
        for sentence in section.sentences:
            console.print(Padding(Text(sentence), (0, 0, 0, 2), expand=False))
        if section.rows:
            console.print(Padding(_table(section), (0, 0, 0, 2), expand=False))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _table(section: Section) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for column in section.columns:
        right = column.startswith(">")
        table.add_column(column.lstrip(">"), justify="right" if right else "left", overflow="fold")
    for row in section.rows:
        table.add_row(*row)
    return table
