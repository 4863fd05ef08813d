"""Tables of a manuscript as rectangles: the same number of cells in each row, a heading over each column.

The editor's table block and screen readers need exactly that. Merged and missing cells are therefore filled up, and each
such repair is remarked on.
"""

from collections.abc import Callable

from bs4 import Tag

from articles.importers.flow import line_of
from articles.importers.inline import words_of
from articles.importers.outline import Outline, Table, Unreadable

# A table beyond this is data, not part of a text, and would stop the editor's browser. Unit: cells.
MAX_CELLS = 10_000
MAX_COLUMNS = 50

Reader = Callable[[Tag], str]


def table_from(tag: Tag, outline: Outline, read: Reader) -> Table | None:
    """The table ``tag``, or ``None`` when it has no words. ``read`` gives the stored HTML of a cell.

    Repairs are remarked on in ``outline``. Raises ``Unreadable`` for tables too large for any page.
    """
    line = line_of(tag)
    rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
    grid = _grid_of(rows, line, outline, read)
    caption = _caption_of(tag, read)
    if not any(cell for row in grid for cell in row):
        return None
    has_heading = bool(rows) and (_is_in_head(rows[0]) or all(cell.name == "th" for cell in _cells_of(rows[0])))
    if len(grid) == 1 and not has_heading:
        columns = tuple("" for _ in grid[0])
    else:
        if not has_heading:
            outline.remark(line, "the table marks no heading row; its first row was taken for it")
        columns, grid = tuple(words_of(cell) for cell in grid[0]), grid[1:]
    if not all(columns):
        outline.remark(line, "a column of the table has no heading; readers who cannot see the table need one")
    return Table(caption, columns, tuple(tuple(row) for row in grid), line)


def is_one_cell(tag: Tag) -> bool:
    """Whether ``tag`` is a frame around text rather than a table."""
    return len(tag.find_all(["td", "th"], limit=2)) == 1


def _cells_of(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def _is_in_head(row: Tag) -> bool:
    return row.parent is not None and row.parent.name == "thead"


def _caption_of(tag: Tag, read: Reader) -> str:
    caption = tag.find("caption", recursive=False)
    return words_of(read(caption)) if isinstance(caption, Tag) else ""


def _grid_of(rows: list[Tag], line: int | None, outline: Outline, read: Reader) -> list[list[str]]:
    """Cells by row; a merged cell has its words in its first place and is empty in the others."""
    grid: list[list[str]] = []
    reserved: dict[int, int] = {}  # column → rows below that a merged cell still covers
    has_merged, width = False, 0
    too_large = f"line {line}: a table with more than {MAX_COLUMNS} columns or {MAX_CELLS:,} cells"
    if sum(len(_cells_of(row)) for row in rows) > MAX_CELLS:
        raise Unreadable(too_large)
    for row in rows:
        cells: list[str] = []
        for cell in _cells_of(row):
            _fill_reserved(cells, reserved)
            columns, spanned = _span(cell, "colspan"), _span(cell, "rowspan")
            has_merged = has_merged or columns > 1 or spanned > 1
            for offset in range(columns):
                if spanned > 1:
                    reserved[len(cells)] = spanned - 1
                cells.append("" if offset else read(cell))
        _fill_reserved(cells, reserved)
        width = max(width, len(cells))
        if width > MAX_COLUMNS or width * (len(grid) + 1) > MAX_CELLS:
            raise Unreadable(too_large)
        grid.append(cells)
    if has_merged:
        outline.remark(line, "merged cells were taken apart: their words stand in the first of them")
    if any(len(row) != width for row in grid):
        outline.remark(line, "rows of the table differ in length; the short ones were filled up with empty cells")
    return [row + [""] * (width - len(row)) for row in grid]


def _fill_reserved(cells: list[str], reserved: dict[int, int]) -> None:
    while reserved.get(len(cells), 0):
        reserved[len(cells)] -= 1
        cells.append("")


def _span(cell: Tag, name: str) -> int:
    written = str(cell.get(name, "1"))
    return max(1, min(int(written), MAX_CELLS)) if written.isascii() and written.isdigit() and len(written) < 9 else 1
