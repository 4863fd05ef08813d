"""Leftovers of writing: what an author meant to replace, and markup that broke on the way here."""

import re
from collections.abc import Iterator

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.wording import Wording

# What authors leave where a reference or a fact belongs. In brackets only whole notes: “a source of iron” is a sentence, and
# so is “(see the references)”. In capitals only where the same letters are a word: “todo” is one in Spanish.
PLACEHOLDER = re.compile(
    r"""
    [(\[{<]\s*(?:
        (?:(?:please\s+)?(?:add|insert|needs?|needed|missing|find|check|cite|link\s+to|which)\s+(?:an?\s+|the\s+)?)?
        (?:sources?|refs?\.?|references?|citations?|cite|links?|url|footnote)
        (?:\s+(?:needed|here|link|missing|required|please|to\s+come|to\s+be\s+added|tbd|tbc))?
        (?:\s*:\s*(?:tbd|tbc|todo|xx+|n/?a|…|\.{3})?)?
        | (?:add|insert|find|check|cite|missing|link\s+to|which)\s+(?:an?\s+|the\s+)?
          (?:stud(?:y|ies)|statistics?|figures?|numbers?)
        | to\s*-?\s*do | tbd | tbc | tk | (?-i:xx+|x\.x+) | placeholder[^)\]}]{0,80} | who\s+says | fact[\s-]?check | verify
        | (?:to\s+|please\s+)?check\s+(?:this|that|facts?)
        | insert\s+(?:\w+\s+){0,2}(?:name|number|date|image|photo|picture|text|quote|price|address)(?:\s+here)?
    )\s*[?!]*\s*[)\]}>]
    | \[\s*(?:insert|add|your|doctor['’]?s?|clinic['’]?s?|patient['’]?s?|author['’]?s?)\s[^\]]{0,80}\]
    | \[\s*(?:name|date|year|month|day|time|price|number|address|phone|e-?mail|title|image|photo|text)\s*\]
    | (?:^|[.!?]\s)\s{0,4}insert\s+(?:an?\s+|the\s+)?(?:photo|picture|image|quote|link|logo|chart|caption|video)\b
    | [(\[]\s*\?+\s*[)\]] | \?{3,} | \{\{[^{}]{0,80}\}\} | \{%[^{}%]{0,80}%\}
    | (?<![,\w])(?-i:TODO|TBD|TBC|FIXME|TKTK|XXX+)\b
    | \btodo\s?: | \[\s*source\s\#?\d{1,2}\s*\]
    | \blorem\s+ipsum\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

_LONG_TAGS = "em|strong|span|div|li|ul|ol|h[1-6]|sup|sub|br|table|tr|td|th|script|style|img|iframe|blockquote|font"
_ENTITIES = "nbsp|amp|lt|gt|quot|apos|mdash|ndash|hellip|lsquo|rsquo|ldquo|rdquo|bull|copy|reg|deg|eacute|egrave|shy"
# A piece of a tag that a reader would see: a closing tag without its start, an opening one without its end, an entity as
# text, a mark of another editor. Comparisons (“p < 0.05”, “a < b”) are none: a tag has no space behind its bracket.
# Repetitions have limits here and above, so that a pasted text of any length is read in no time.
BROKEN = re.compile(
    rf"""
    [\w'’.-]{{0,40}}\s?/(?:[abipu]|{_LONG_TAGS})>
    | <(?:{_LONG_TAGS})\b[^<>]{{0,200}}>?
    | <[abipu](?:\s+[a-z-]+\s*=[^<>]*|\s*/?)>
    | <[aip]\s+[a-z-]+\s*=[^<>]*
    | <\s?/\s?(?:[abipu]|{_LONG_TAGS})\b
    | \b(?:href|src)\s*=\s*["“”'][^"“”']*["“”']?
    | &(?:{_ENTITIES}|\#\d{{2,6}}|\#x[0-9a-f]{{2,6}});
    | \[/?(?:b|i|url|img|caption|quote|embed|gallery|color|size)(?:[=\s][^\[\]]{{0,200}})?\]
    | \]\((?:https?:|mailto:|/)[^)\s]*\)?
    | \*\*\w[^*]{{0,200}}\*\*
    | ^\#{{2,6}}\s?\w | </?o:p> | <!--|-->
    """,
    re.IGNORECASE | re.VERBOSE,
)


def placeholders(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Notes such as “(source)”: the author promised something that is not there. Source: the clinic's own articles."""
    for piece in wording:
        for match in PLACEHOLDER.finditer(piece.text):
            message = f"“{match.group()}” is a placeholder. Replace it with what it stands for, such as a reference."
            yield Finding("placeholder", message, field=piece.field, block_id=piece.block_id)


def displaced_marks(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """An emoji in a text with links or citations: the editor counts it twice, and the marks slip by a letter."""
    for piece in wording:
        if "<a " in piece.source and any(ord(character) > 0xFFFF for character in piece.source):
            message = (
                "This text has an emoji beside links or citations, which moves them by a letter. Remove the emoji."
            )
            yield Finding("displaced_marks", message, field=piece.field, block_id=piece.block_id)


def broken_markup(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Pieces of tags in the text, such as “stress/a>”: readers would see them, and a link may be lost."""
    for piece in wording:
        for match in BROKEN.finditer(piece.text):
            message = (
                f"“{match.group().strip()}” looks like broken markup. Write the words again, or set the link anew."
            )
            yield Finding("broken_markup", message, field=piece.field, block_id=piece.block_id)
