"""The words of a page, piece by piece, each with the field and block where an editor finds it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from wagtail.fields import RichTextField

from cms.pages.fields import BlocksField
from cms.pages.models import PublicPage
from cms.pages.richtext import plain_text
from cms.pages.texts import Text, canonical_rich_text, texts_in

# Fields of text whose words readers see. The slug and addresses are not sentences.
_TEXT_FIELDS = (
    "title",
    "seo_title",
    "search_description",
    "summary",
    "hero_title",
    "hero_text",
    "disclaimer",
    "action_title",
    "action_text",
    "action_label",
    "also_known_as",
    "role",
    "credentials",
)
# A sentence ends where its paragraph or its point of a list does, with a full stop or without.
# What the checks read, so that a text of any size that somebody pastes cannot hold up a save. A paragraph of a book has a
# thousand characters, a page of 20,000 words 130,000. What is beyond is told (``too_long_to_check``). Unit: characters.
MAX_PIECE = 20_000
MAX_PAGE = 400_000
# For how many paragraphs a process remembers what a check found in their words. A page is judged twice when it is published, and
# at each save in the editor, where one paragraph changed and forty did not. Unit: paragraphs.
KEPT_TEXTS = 2048
_SPACES = re.compile(r"[^\S\n]+|(?<=\n)\s+")
_PARAGRAPH_END = re.compile(r"(?<=</p>)|(?<=</li>)|(?<=<br/>)")


@dataclass(frozen=True)
class Wording:
    """One paragraph or line: ``source`` as stored (rich text keeps its tags), ``text`` as a reader sees it.

    ``can_cite``: whether an editor can place a citation there, which plain text does not hold. ``is_cut``: whether this is
    only the beginning.
    """

    source: str
    text: str
    field: str
    block_id: str = ""
    can_cite: bool = False
    is_cut: bool = False


def at_words(alternatives: str, *, also: str = r"(?!)", is_for_small: bool = False) -> re.Pattern[str]:
    r"""A pattern, in any case, whose ``alternatives`` each begin with a word, or with what ``also`` matches.

    Written with blanks and comments when it begins with a line of its own. Looking at each of fifty alternatives only where a
    word begins, and not at every letter, takes about a third of the time. ``is_for_small`` makes one for texts that went through
    ``small``: then an alternative is left at its first letter, unless it begins with ``\b``, which takes a third again.
    """
    case = re.NOFLAG if is_for_small else re.IGNORECASE
    flags = case | (re.VERBOSE if alternatives.startswith("\n") else re.NOFLAG)
    return re.compile(rf"(?:(?<!\w)(?=\w)|(?={also}))(?:{alternatives})", flags)


def small(text: str) -> str:
    """``text`` in small letters, each at the place where it was: what matches in one stands at the same place in the other."""
    # The one letter whose small form is two, and the long s, which patterns in any case take for an s.
    return text.replace("\u0130", "i").replace("\u017f", "s").lower()


def wording_of(page: PublicPage) -> list[Wording]:
    """Every piece of text of ``page`` that a reader will see, in the order of the editor's form."""
    return [piece for piece in _pieces(page) if piece.text]


def checked_wording(page: PublicPage) -> list[Wording]:
    """As ``wording_of``, as far as checks read: at most ``MAX_PIECE`` of a piece and ``MAX_PAGE`` of the page."""
    found: list[Wording] = []
    left = MAX_PAGE
    for piece in wording_of(page):
        length = min(left, MAX_PIECE)
        if length <= 0:
            found[-1] = replace(found[-1], is_cut=True)
            break
        # Tags take room, too; of a plain text the source holds nothing that its text does not.
        if len(piece.text) > length or (piece.can_cite and len(piece.source) > 2 * length):
            piece = replace(piece, text=piece.text[:length], source=piece.source[: 2 * length], is_cut=True)
        found.append(piece)
        left -= len(piece.text)
    return found


def _pieces(page: PublicPage) -> Iterator[Wording]:
    for name in _TEXT_FIELDS:
        value = getattr(page, name, None)
        if value:
            is_rich = isinstance(page._meta.get_field(name), RichTextField)
            yield from _paragraphs(Text(str(value), is_rich), name)
    for field in page._meta.get_fields():
        if isinstance(field, BlocksField):
            for child in getattr(page, field.name):
                for text in texts_in(child.block, child.value):
                    yield from _paragraphs(text, field.name, str(child.id or ""))
    if page.is_material_change:
        yield from _paragraphs(Text(page.change_note, is_rich=False), "change_note")
    for link in page.treatment_links.all():
        yield from _paragraphs(Text(link.evidence, is_rich=True), "treatment_links")


def _paragraphs(text: Text, field: str, block_id: str = "") -> Iterator[Wording]:
    if not text.is_rich:
        # Spaces as a browser shows them; in rows of thousands they would only slow the checks down.
        yield Wording(text.source, _SPACES.sub(" ", text.source).strip(), field, block_id)
        return
    for source in _PARAGRAPH_END.split(text.source):
        # The label of a citation is the editor's: readers see a number.
        yield Wording(source, plain_text(canonical_rich_text(source)), field, block_id, can_cite=True)
