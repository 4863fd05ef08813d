"""How compared words are shown: runs of tokens as pieces of one look, which the templates escape."""

from collections.abc import Iterable
from itertools import groupby, islice
from typing import NamedTuple

from django import template

from cms.workflow.content_names import LINK
from cms.workflow.differences import Difference, Row, Run, Token

register = template.Library()


class Piece(NamedTuple):
    """Words next to each other that look alike: ``style`` names classes, ``target`` says where a link leads."""

    text: str
    style: str
    target: str


@register.filter
def pieces(tokens: Iterable[Token]) -> list[Piece]:
    """``tokens`` joined where they look alike."""
    found = []
    for mark, group in groupby(tokens, key=lambda token: token.mark):
        styles, _link, target = f" {mark}".partition(f" {LINK} ")
        style = [f"review-{name}" for name in styles.split() if not name.isdigit()]
        style += ["review-link"] if target else []
        found.append(Piece("".join(token.text for token in group), " ".join(style), target))
    return found


@register.filter
def side(row: Row, name: str) -> list[Run]:
    """The runs of ``row`` that are on the ``old`` or the ``new`` side, with that side's own tokens."""
    other = "added" if name == "old" else "removed"
    tokens = iter((row.old if name == "old" else row.new) or ())
    return [Run(run.what, tuple(islice(tokens, len(run.tokens)))) for run in row.runs if run.what != other]


@register.filter
def is_changed(row: Row) -> bool:
    """Whether the two sides of ``row`` differ."""
    return row.old != row.new


@register.filter
def tells(difference: Difference) -> str:
    """What happened to an item, in a word or two."""
    if difference.what == "moved":
        places = f"from place {(difference.old_place or 0) + 1} to {(difference.new_place or 0) + 1}"
        return f"Moved {places}" + (" and changed" if difference.old != difference.new else "")
    return difference.what.capitalize()
