"""Leftovers of writing: what an author meant to replace, and markup that broke on the way here."""

import re
from collections.abc import Iterator

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.wording import Wording

# What authors leave where a reference or a fact belongs. Whole bracketed notes only: “a source of iron” is a sentence.
PLACEHOLDER = re.compile(
    r"""
    [(\[{]\s*(?:
        (?:add\s+|insert\s+|need(?:s|ed)?\s+|missing\s+)?(?:sources?|refs?\.?|references?|citations?|cite|link|url)
        (?:\s+(?:needed|here|missing|required|to\s+come|tbd))?
        | citation\s+needed | to\s*-?\s*do | tbd | tbc | tk | xx+ | placeholder[^)\]}]*
    )\s*\??\s*[)\]}]
    | \b(?:TODO|TBD|TBC|FIXME|TKTK|XXX+)\b
    | \blorem\s+ipsum\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LOUD = re.compile(r"\b(?:todo|tbd|tbc|fixme|tktk|xxx+)\b")

# A piece of a tag that a reader would see: a closing tag without its start, an opening one without its end, an entity as text.
BROKEN = re.compile(
    r"""
    \w*\s?/(?:a|b|i|p|u|em|strong|span|div|li|ul|ol|h[1-6]|sup|sub|br|table|tr|td)>
    | <\s?/?(?:a|b|i|p|u|em|strong|span|div|li|ul|ol|h[1-6]|sup|sub|br|img|table|tr|td|script|style)\b[^>]*>?
    | \bhref\s*=\s*["“”']
    | &(?:nbsp|amp|lt|gt|quot|\#\d{2,5});
    | \[/?(?:b|i|url|img|caption|quote)(?:=[^\]]*)?\]
    """,
    re.IGNORECASE | re.VERBOSE,
)


def placeholders(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Notes such as “(source)”: the author promised something that is not there. Source: the clinic's own articles."""
    for piece in wording:
        for match in PLACEHOLDER.finditer(piece.text):
            if _LOUD.fullmatch(match.group()):
                continue  # lower-case “todo” or “tbc” may be a word of another language or an abbreviation in a name
            message = f"“{match.group()}” is a placeholder. Replace it with what it stands for, such as a reference."
            yield Finding("placeholder", message, field=piece.field, block_id=piece.block_id)


def broken_markup(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Pieces of tags in the text, such as “stress/a>”: readers would see them, and a link may be lost."""
    for piece in wording:
        for match in BROKEN.finditer(piece.text):
            message = (
                f"“{match.group().strip()}” looks like broken markup. Write the words again, or set the link anew."
            )
            yield Finding("broken_markup", message, field=piece.field, block_id=piece.block_id)
