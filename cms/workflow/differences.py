"""What changed between two contents: pure functions on items, lines and words, so that tests can prove them.

An *item* is one thing in its place: the value of a field, a block, a row of relations. It has lines, and a line has tokens:
words, spaces, and what cannot be cut, such as a citation. Every difference carries both sides whole, so nothing that is shown
can leave out what it claims to compare: taking the old tokens and doing what the runs say gives the new ones.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal, NamedTuple, TypeVar

T = TypeVar("T")

# How alike two items of one kind have to be to count as one that was changed: in the same place, and in two places.
_ALIKE_IN_PLACE = 0.35
_ALIKE_ELSEWHERE = 0.6
_ALIKE_LINES = 0.35
# Above so many pairs, lines and items are paired in order instead of by likeness: the work grows with their product.
_MAX_PAIRS = 10_000
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")


class Token(NamedTuple):
    """A word, a space, a sign, or an indivisible thing; ``mark`` is how it looks or where it leads."""

    text: str
    mark: str = ""


class Ordinal(str):
    """The number before a point of a list, as the text of a token. It follows from the place, so no two of them differ.

    Otherwise a new first point would mark all that follow it as changed.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ordinal)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, Ordinal)

    def __hash__(self) -> int:
        return hash(Ordinal)


Line = tuple[Token, ...]


@dataclass(frozen=True)
class Item:
    """One thing in its place. ``block_id`` is where an editor finds it, and no part of what it says."""

    kind: str
    lines: tuple[Line, ...]
    block_id: str = field(default="", compare=False)


class Run(NamedTuple):
    """Tokens next to each other that are in both lines (``same``), only in the new one, or only in the old one."""

    what: Literal["same", "added", "removed"]
    tokens: Line


@dataclass(frozen=True)
class Row:
    """A line of the old side beside one of the new side; one of them may be missing."""

    old: Line | None
    new: Line | None
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Difference:
    """One item on both sides. A moved one may have changed words, too; places count from 0."""

    what: Literal["same", "changed", "added", "removed", "moved"]
    old: Item | None
    new: Item | None
    rows: tuple[Row, ...]
    old_place: int | None = None
    new_place: int | None = None


def tokens_of(text: str, mark: str = "") -> Line:
    """``text`` cut into words, spaces and signs."""
    return tuple(Token(piece, mark) for piece in _TOKEN.findall(text))


def compare(old: Sequence[Item], new: Sequence[Item]) -> list[Difference]:
    """Every item of both sides once, in the order of ``new``, with what is gone where it stood."""
    pairs = _aligned(old, new)
    moved = _moved(old, new, pairs)
    gone = {place for place, _to in moved.items()}
    came = {to: place for place, to in moved.items()}
    found = []
    for old_place, new_place in pairs:
        if old_place is not None and new_place is None and old_place in gone:
            continue
        if new_place in came:
            found.append(_difference(old, new, came[new_place], new_place, is_moved=True))
        else:
            found.append(_difference(old, new, old_place, new_place))
    return found


def compare_lines(old: Sequence[Line], new: Sequence[Line]) -> tuple[Row, ...]:
    """The lines of two sides beside each other: those that are alike, and where some were replaced, old beside new.

    Lines that are not alike are told whole: word by word, two sentences that share only “the” and “of” cannot be read.
    """
    rows = []
    gone: list[Line] = []
    came: list[Line] = []

    def end_replacement() -> None:
        for before, after in zip_longest(gone, came):
            whole = (Run("removed", before or ()), Run("added", after or ()))
            rows.append(Row(before, after, tuple(run for run in whole if run.tokens)))
        gone.clear()
        came.clear()

    for left, right in _pairs_in_order(old, new, lambda a, b: _likeness(a, b) if a and b else 0, _ALIKE_LINES):
        if left is not None and right is not None:
            end_replacement()
            rows.append(Row(old[left], new[right], runs_between(old[left], new[right])))
        elif left is not None:
            gone.append(old[left])
        elif right is not None:
            came.append(new[right])
    end_replacement()
    return tuple(rows)


def runs_between(old: Line, new: Line) -> tuple[Run, ...]:
    """What has to be done with the tokens of ``old`` to get those of ``new``; what is removed comes before what is added."""
    runs: list[Run] = []
    removed: list[Token] = []
    added: list[Token] = []

    def end_change() -> None:
        if removed:
            runs.append(Run("removed", tuple(removed)))
        if added:
            runs.append(Run("added", tuple(added)))
        removed.clear()
        added.clear()

    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (what, start, end, new_start, new_end) in enumerate(codes):
        is_between = 0 < number < len(codes) - 1
        if what == "equal" and not (is_between and _is_space(old[start:end])):
            end_change()
            runs.append(Run("same", tuple(new[new_start:new_end])))
        else:
            # A space between two changes would only break them into pieces that nobody can read.
            removed += old[start:end]
            added += new[new_start:new_end]
    end_change()
    return tuple(runs)


def _difference(
    old: Sequence[Item], new: Sequence[Item], old_place: int | None, new_place: int | None, *, is_moved: bool = False
) -> Difference:
    before = None if old_place is None else old[old_place]
    after = None if new_place is None else new[new_place]
    rows = compare_lines(before.lines if before else (), after.lines if after else ())
    what: Literal["same", "changed", "added", "removed", "moved"]
    if before is None:
        what = "added"
    elif after is None:
        what = "removed"
    elif is_moved:
        what = "moved"
    else:
        what = "same" if before == after else "changed"
    return Difference(what, before, after, rows, old_place, new_place)


def _aligned(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[int | None, int | None]]:
    def likeness(before: Item, after: Item) -> float:
        if before.kind != after.kind:
            return 0
        return _likeness(_words(before), _words(after)) if before != after else 1

    # A field, or a stream with one block on each side: it is the same thing, however much of it is new.
    if len(old) == len(new) == 1 and old[0].kind == new[0].kind:
        return [(0, 0)]
    return _pairs_in_order(old, new, likeness, _ALIKE_IN_PLACE)


def _moved(old: Sequence[Item], new: Sequence[Item], pairs: Sequence[tuple[int | None, int | None]]) -> dict[int, int]:
    """Old place to new place of what is alike on both sides although it stands elsewhere."""
    gone = [left for left, right in pairs if left is not None and right is None]
    came = [right for left, right in pairs if right is not None and left is None]
    if not gone or not came or len(gone) * len(came) > _MAX_PAIRS:
        return {}
    candidates = [
        (1.0 if old[left] == new[right] else _likeness(_words(old[left]), _words(new[right])), left, right)
        for left in gone
        for right in came
        if old[left].kind == new[right].kind
    ]
    moved: dict[int, int] = {}
    for alike, left, right in sorted(candidates, key=lambda candidate: (-candidate[0], *candidate[1:])):
        if alike >= _ALIKE_ELSEWHERE and left not in moved and right not in moved.values():
            moved[left] = right
    return moved


def _pairs_in_order(
    old: Sequence[T], new: Sequence[T], likeness: Callable[[T, T], float], least: float
) -> list[tuple[int | None, int | None]]:
    """Places of both sides, paired where equal or alike, without crossing; the rest alone."""
    pairs: list[tuple[int | None, int | None]] = []
    for what, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        lefts, rights = range(start, end), range(new_start, new_end)
        if what == "equal":
            pairs += zip(lefts, rights, strict=True)
        elif len(lefts) * len(rights) > _MAX_PAIRS:
            pairs += [(left, None) for left in lefts]
            pairs += [(None, right) for right in rights]
        else:
            pairs += _best_pairs(old, new, lefts, rights, likeness, least)
    return pairs


def _best_pairs(
    old: Sequence[T],
    new: Sequence[T],
    lefts: range,
    rights: range,
    likeness: Callable[[T, T], float],
    least: float,
) -> list[tuple[int | None, int | None]]:
    """Within one gap: the pairing in order whose pairs are together most alike."""
    rows, columns = len(lefts), len(rights)
    alike = [[likeness(old[left], new[right]) for right in rights] for left in lefts]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            together = best[i + 1][j + 1] + alike[i][j] if alike[i][j] >= least else -1
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[int | None, int | None]] = []
    i = j = 0
    while i < rows and j < columns:
        if alike[i][j] >= least and best[i][j] == best[i + 1][j + 1] + alike[i][j]:
            pairs.append((lefts[i], rights[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((lefts[i], None))
            i += 1
        else:
            pairs.append((None, rights[j]))
            j += 1
    pairs += [(left, None) for left in lefts[i:]]
    pairs += [(None, right) for right in rights[j:]]
    return pairs


def _likeness(old: Sequence[Token], new: Sequence[Token]) -> float:
    """Share of the words of both sides that they have in common, from 0 to 1."""
    before = Counter(token.text for token in old if not token.text.isspace())
    after = Counter(token.text for token in new if not token.text.isspace())
    total = before.total() + after.total()
    return 2 * (before & after).total() / total if total else 1.0


def _words(item: Item) -> Line:
    return tuple(token for line in item.lines for token in line)


def _is_space(tokens: Line) -> bool:
    return all(token.text.isspace() for token in tokens)
