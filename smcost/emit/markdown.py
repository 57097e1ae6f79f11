"""Sections as Markdown, for a pull request or a wiki page. Returns text, never prints."""

from collections.abc import Sequence

from smcost.emit.section import Section


def markdown_text(sections: Sequence[Section]) -> str:
    """Write sections as headings, paragraphs and tables."""
    return "\n".join("\n".join(_section(section)) for section in sections)


def _section(section: Section) -> list[str]:
    lines = [f"## {_escaped(section.title)}", ""]
    for sentence in section.sentences:
        lines += [_escaped(sentence), ""]
    if section.rows:
        lines.append(_row([column.lstrip(">") for column in section.columns]))
        lines.append(
            _row(["--:" if column.startswith(">") else "---" for column in section.columns])
        )
        lines += [_row([_escaped(cell) for cell in row]) for row in section.rows]
        lines.append("")
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    for character in "\\|<*_`":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")
