"""Plain text as writers type it: blank lines between paragraphs, bare section titles, dashes and numbers before points.

What looks like markup in plain text is text. A broken ``stress/a>`` stays letter for letter, for the checks to find and an
editor to mend; guessing what was meant would change what the author wrote.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from articles.importers.inline import escaped
from articles.importers.outline import MAX_TITLE_CHARACTERS, Heading, Outline, Paragraph, PointList

# A line that is longer is hardly a section title. Unit: characters.
MAX_BARE_HEADING_CHARACTERS = 80

_POINT = re.compile(r"^\s*(?:(?P<bullet>[-*•–])|(?P<number>\d{1,3})[.)])\s+(?P<words>\S.*)$")
_MARKED_HEADING = re.compile(r"^(?P<marks>#{1,6})\s+(?P<words>\S.*?)\s*#*$")
_END_MARKS = ".!?…:;,"


@dataclass
class _Chunk:
    """Lines of one kind between blank lines: points of a list, or running text."""

    line: int
    lines: list[str]
    is_list: bool = False
    is_ordered: bool = False
    numbers: list[int] = field(default_factory=list)
    is_alone: bool = True

    @property
    def text(self) -> str:
        return " ".join(self.lines)


def outline_from_text(text: str) -> Outline:
    """The outline of ``text``: paragraphs, lists, and section titles (a short line alone before a longer paragraph)."""
    outline = Outline()
    chunks = list(_joined(_chunks(text.split("\n"))))
    for position, chunk in enumerate(chunks):
        following = chunks[position + 1] if position + 1 < len(chunks) else None
        if chunk.is_list and not _is_numbered_title(chunk, following):
            _add_list(chunk, outline)
        else:
            _add_text(chunk, following, outline, is_first=position == 0)
    return outline


def _add_text(chunk: _Chunk, following: _Chunk | None, outline: Outline, *, is_first: bool) -> None:
    text = f"{chunk.numbers[0]}. {chunk.text}" if chunk.is_list else chunk.text
    marked = _MARKED_HEADING.match(text) if len(chunk.lines) == 1 else None
    if marked:
        level = len(marked["marks"])
        if level == 1 and outline.title is None and len(marked["words"]) <= MAX_TITLE_CHARACTERS:
            outline.title = marked["words"]
        else:
            if level > 4:
                outline.remark(chunk.line, f"a heading of level {level} became level 4, the lowest that a page has")
            outline.add(Heading(min(max(level, 2), 4), marked["words"], chunk.line))
        return
    is_short = chunk.is_alone and len(chunk.lines) == 1 and len(text) <= MAX_BARE_HEADING_CHARACTERS
    is_bare = is_short and text[-1] not in _END_MARKS
    if is_bare and is_first and following is not None:
        outline.title = text
        outline.remark(chunk.line, "the title was taken from the first line")
    elif is_bare and following is not None and (following.is_list or len(following.text) > len(text)):
        outline.add(Heading(2, text, chunk.line))
    else:
        if is_bare or (is_short and text[-1] in "?:" and following is not None and not following.is_list):
            outline.remark(chunk.line, f"“{text}” was kept as a paragraph; make it a heading if it is one")
        outline.add(Paragraph(f"<p>{escaped(text)}</p>", chunk.line))


def _add_list(chunk: _Chunk, outline: Outline) -> None:
    expected = list(range(1, len(chunk.numbers) + 1))
    if chunk.is_ordered and chunk.numbers != expected:
        written = ", ".join(str(number) for number in chunk.numbers[:10])
        outline.remark(chunk.line, f"the list was numbered {written}; it now counts from 1")
    outline.add(PointList(chunk.is_ordered, tuple(f"<p>{escaped(item)}</p>" for item in chunk.lines), chunk.line))


def _is_numbered_title(chunk: _Chunk, following: _Chunk | None) -> bool:
    """Whether a single numbered line is a section title, as in “2. What to expect” before a paragraph."""
    return (
        chunk.is_ordered
        and len(chunk.lines) == 1
        and following is not None
        and not following.is_list
        and len(following.text) > MAX_BARE_HEADING_CHARACTERS >= len(chunk.text)
        and chunk.text[-1] not in _END_MARKS
    )


def _chunks(lines: list[str]) -> Iterator[_Chunk]:
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield from _split(block, number - len(block))
            block = []


def _split(block: list[str], first_line: int) -> Iterator[_Chunk]:
    """A block of lines as text and lists. One line amid text that begins like a point is text that was wrapped there."""
    runs: list[_Chunk] = []
    for number, line in enumerate(block, start=first_line):
        point = _POINT.match(line)
        last = runs[-1] if runs else None
        if point is None:
            if last is None or (last.is_list and not line.startswith((" ", "\t"))):
                runs.append(_Chunk(number, [line.strip()]))
            elif last.is_list:
                last.lines[-1] += f" {line.strip()}"
            else:
                last.lines.append(line.strip())
            continue
        is_ordered = point["number"] is not None
        value = int(point["number"] or 0)
        if last is not None and last.is_list and last.is_ordered == is_ordered:
            last.lines.append(point["words"].strip())
            last.numbers.append(value)
        else:
            runs.append(_Chunk(number, [point["words"].strip()], True, is_ordered, [value]))
    for position, run in enumerate(runs):
        run.is_alone = len(runs) == 1
        if run.is_list and len(run.lines) == 1 and position > 0 and not runs[position - 1].text.endswith(":"):
            source = block[run.line - first_line : run.line - first_line + 1]
            run.is_list, run.lines = False, [line.strip() for line in source]
    yield from _text_rejoined(runs)


def _text_rejoined(runs: list[_Chunk]) -> Iterator[_Chunk]:
    held: _Chunk | None = None
    for run in runs:
        if held is not None and not held.is_list and not run.is_list:
            held.lines += run.lines
            continue
        if held is not None:
            yield held
        held = run
    if held is not None:
        yield held


def _joined(chunks: Iterator[_Chunk]) -> Iterator[_Chunk]:
    """Points of the same kind with blank lines between them are one list, if their numbers go on."""
    held: _Chunk | None = None
    for chunk in chunks:
        goes_on = (
            held is not None
            and held.is_list
            and chunk.is_list
            and held.is_ordered == chunk.is_ordered
            and (not chunk.is_ordered or chunk.numbers[0] == held.numbers[-1] + 1)
        )
        if held is not None and goes_on:
            held.lines += chunk.lines
            held.numbers += chunk.numbers
            continue
        if held is not None:
            yield held
        held = chunk
    if held is not None:
        yield held
