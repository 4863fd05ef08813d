"""Leftovers of writing: what an author meant to replace, and markup that broke on the way here."""

import re
from collections.abc import Iterator
from functools import lru_cache

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.wording import KEPT_TEXTS, MAX_PAGE, MAX_PIECE, Wording, at_words

# What authors leave where a reference or a fact belongs. In brackets only whole notes: “a source of iron” is a sentence, and
# so is “(see the references)”. In capitals only where the same letters are a word: “todo” is one in Spanish.
PLACEHOLDER = at_words(
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
    | [\[<{]\s*(?:insert|add|your|doctor['’]?s?|clinic['’]?s?|patient['’]?s?|author['’]?s?)\s[^\]>}]{0,80}[\]>}]
    # The name of what belongs there: “[Reviewer Name]”.
    | [\[<{]\s*(?:(?!the\b|an?\b|his\b|her\b|its\b|their\b|this\b)[\w'’.]{1,30}\s+){0,2}(?:name|date|year|month|day|time|price
        |number|address|phone|e-?mail|title|image|photo|text|credentials|amount|link|url|domain|clinic|provider|condition|treatment|dose
        |percent(?:age)?|stat(?:istic)?s?|city|street|fee|hours|study|duration|length|weight|age|figure|value|range|size
        |frequency|result|location|room|school|college|university|degree|specialist|practitioner|department|insurer|company
        |herb|points?|symptom|drug|medicine|brand)\s*[\]>}]
    | \b(?:at|on|in|by|from|until|to|is|of|for|call)\s+\((?:time|date|name|year|number|price|address|phone|city|amount|dose)\)
    # An order to whoever writes, or a question, in brackets that no sentence needs.
    # What is to be done before readers see it.
    | [(\[]\s*(?:check|confirm|verify|update|fix|add|ask|rewrite|clarify|replace)\b[^()\[\]]{0,60}?
      \bbefore\s+(?:publish\w+|publication|launch|(?:it|this|we)\s+(?:goes|go)\s+live|going\s+live)\s*[)\]]
    | \[\s*(?:check|confirm|verify|ask|find|update|fix|rewrite|expand|shorten|cite|quote|link|replace|write|describe|explain
        |mention|remove|delete|needs?)\s[^\[\]]{1,80}\] | \[[^\[\]]{1,40}\?\s?\] | \(\s*cite\s[^()]{1,60}\)
    # What somebody still has to bring: “(image to come)”, “[Dr. B to confirm]”, “(how many?)”.
    | [(\[][^()\[\]]{0,60}\bto\s+(?:come|confirm|be\s+(?:added|confirmed|decided|announced
        |written|checked|completed|replaced))\s*[)\]]
    | \[[^()\[\]]{0,60}\bto\s+(?:check|add|write|verify|fill\s+in|provide|review|supply)\s*\]
    | [(\[][^()\[\]]{0,40}\b(?:tbd|tbc|tba)\s*[)\]]
    | [(\[]\s*(?:an?\s+|the\s+)?(?:image|picture|photo|map|link|chart|table|video|quote|logo|caption|graph|diagram
        |price|phone\s+number)
        \s+(?:goes\s+)?(?:here|needed|missing|pending|follows)\s*[)\]]
    | [(\[]\s*(?:how\s+(?:many|much|long|often)(?:\s+\w{1,20}){0,2}|which(?:\s+\w{1,20}){1,2}
        |what\s+(?:year|date|dose|number|source)
        |true|correct|right|sure|still\s+true|up\s+to\s+date)\s*\?+\s*[)\]]
    | \b(?:notes?|message|memo|comments?|question)\s+(?:to|for)\s+(?:the\s+)?(?:editors?|authors?|writers?|reviewers?|designers?
        |self|web\s?master|developers?)\s*:
    # Blanks: a line, letters in place of digits, variables of a template that nothing filled.
    | (?<=\s)\#{2,}(?=[\s.,;:]|$) | <<[^<>]{1,60}>>
    | _{3,} | (?<!\S)(?:@{2,}|_{2,}|\?{2,})(?!\S) | [$€£]\s?(?-i:X{1,8})\b | (?-i:\bX{2,4}-X{2,4}\b)
    | (?-i:\b\d{2,4}[-.\s]X{2,6}\b)
    | (?<![,\w])(?-i:X{2,8}|x{2,8})(?=\s?(?:%|percent\b|per\s+cent\b|m[gl]\b|kg\b|grams?\b|drops\b|minutes?\b|hours?\b|days?\b
        |weeks?\b|months?\b|years?\b|dollars\b|visits?\b|sessions?\b|times\b|miles\b|people\b|patients?\b))
    # One of two that nobody has chosen; and a word in capitals that names what belongs there.
    | \[\s*[\w'’-]{1,20}(?:\s[\w'’-]{1,20}){0,2}\s?/\s?[\w'’-]{1,20}(?:\s[\w'’-]{1,20}){0,2}\s*\]
    | [\[<{]\s?[a-z]{2,20}\s\d{1,2}\s?[\]>}] | \b\d{1,2}_{2,4}(?!\w)
    | \(\s*(?-i:YEAR|NAMES?|DATE|AUTHORS?|SOURCE|NUMBER|PLACE|CITY|TITLE|DOSE|PRICE|TIME|STUDY|LINK|PHONE|ADDRESS|PHOTO|TEXT)\s*\)
    | \[\s*(?-i:[A-Z]{2,20}\s[A-Z]{2,20}(?:\s[A-Z]{2,20})?|[A-Z]{5,20})\s*\]
    | (?:…\s?){2,} | \.{5,} | (?<=[a-z]\s)(?-i:LINK|NAME|DATE|PHONE|ADDRESS|PRICE|NUMBER|CITATION|TK)(?=[\s.,;)]|$)
    | \b(?:Dr|Ms|Mr|Mrs)\.?\s(?-i:XY|X|NN|N\.\s?N\.)(?!\w) | \b(?-i:DD|MM)[./-](?-i:DD|MM)[./-](?-i:YY(?:YY)?)\b
    | \b(?:000|123)-(?:000|456)-(?:0000|7890)\b | \b(?:source|reference|citation|dose|date)\s?:\s?\?
    | \b(?:dummy|filler)\s+(?:text|copy)\b | \bblah\s+blah\b
    | \b(?:photo|picture|image|logo|map|text|quote|caption|video|chart|link|table)\s+(?:goes|to\s+go)\s+here\b
    | %%\w{1,40}%% | @@\w{1,40}@@ | \$\{[^{}]{1,40}\} | \[\[\s?\w{1,40}\s?\]\] | <%[^<>%]{0,40}%> | \*\|\w{1,40}\|\*
    | (?:^|[.!?]\s)\s{0,4}insert\s+(?:an?\s+|the\s+)?(?:photo(?:graph)?|picture|image|drawing|quote|link|logo|chart|table|map
        |caption|video|text|paragraph|heading|testimonial|address|phone\s+number)s?\b
    | (?:^|[.!?]\s)\s{0,4}(?:add|put|place|show|upload|insert)\s+(?:\w{1,20}\s){0,2}?(?:photo(?:graph)?|picture|image|drawing
        |quote|logo|chart|table|map|caption|video|testimonial)s?\s(?:[\w'’]{1,20}\s){0,6}?here\b
    # Orders among those who write: who is to do it, how long it is to be, and a question that was left.
    | [–—-]\s(?-i:[A-Z][a-z]{1,20})\sto\s(?:write|check|confirm|add|supply|provide|rewrite|finish|fill\s+in)(?=\s?(?:[.!)]|$))
    | (?-i:\b(?:QUESTION|NOTE|REMINDER|ATTENTION|ASK|CHECK|COMMENT)\s(?:FOR|TO|WITH)\s[A-Z]{2,20}\b)
    | [(\[]\s?(?:(?:i|we|still)\s)?(?:need|have|want)\sto\s(?:find|check|add|look\sup|ask|cite|verify|confirm|write|rewrite)\b
      [^()\[\]]{0,60}[)\]]
    | \?\s*please\s+(?:confirm|check|advise|clarify|complete)(?=\s?(?:[.!)]|$))
    | (?:^|[.!?]\s)\s{0,4}(?:describe|explain|write|summari[sz]e|introduce|mention|present)\s(?!your\b)(?:[\w'’-]{1,20}\s){1,10}?
      in\s(?:(?:one|two|three|four|five|a\s+few|\d{1,3})\s(?:(?:or|to)\s\w{1,10}\s)?)(?:sentences?|words|lines|paragraphs?)(?=\s?(?:[.!]|$))
    # What is promised for later, in place of what belongs there.
    | \b(?:text|photos?|pictures?|images?|videos?|content|copy|table|chart)\s+(?:follows|to\s+follow|coming\s+soon
        |in\s+preparation|pending)(?=\s*(?:[.!…)]|$))
    | \b(?:lead-in|intro(?:duction)?|headline|text|caption|photo|picture|source|reference|paragraph|section|quote)s?\s
      (?:(?:is|are)\s)?(?:still\s)?(?:missing|to\scome)(?=\s?(?:[.!)]|$))
    | \b(?:text|story|article|content|paragraph|leaflet|list)\s(?:starts|begins|goes|comes)\s(?:in\s)?here\b
    # An address, or a price, that somebody made up to fill the place.
    | @example\.(?:com|org|net)\b | \bwww\.example\.(?:com|org|net)\b | [$€£]\s?00+[.,]00\b
    | [:–—]\s*coming\s+soon\b | \b(?:page|section|paragraph|text)\s+(?:is\s+)?under\s+construction\b
    | [(\[]\s*\?+\s*[)\]] | \?{3,} | \{\{[^{}]{0,80}\}\} | \{%[^{}%]{0,80}%\}
    | (?<![,\w])(?-i:TODO|TBD|TBC|TBA|FIXME|TKTK|XXX+)\b
    | \btodo\s?: | \[\s*source\s\#?\d{1,2}\s*\]
    # The Latin that printers fill pages with.
    | \blorem\s+ipsum\b | \b(?:sed\s+ut\s+perspiciatis|iste\s+natus|minim\s+veniam|quis\s+nostrud|duis\s+aute|excepteur\s+sint
        |consectetur|adipiscing|eiusmod|pellentesque|sollicitudin|fermentum)\b
    """,
    also=r"[^\w\s]|_|^",
)

_LONG_TAGS = (
    "em|strong|span|div|li|ul|ol|h[1-6]|sup|sub|br|table|tr|td|th|script|style|img|iframe|blockquote|font"
    "|html|body|head|meta|section|article|header|footer|center|strike|small|hr|svg|form|input|button"
)
_ENTITIES = (
    "nbsp|amp|lt|gt|quot|apos|mdash|ndash|hellip|lsquo|rsquo|ldquo|rdquo|bull|copy|reg|deg|shy|middot|laquo|raquo|trade|euro"
    "|pound|cent|sect|times|frac12|frac14|plusmn|micro|thinsp|ensp|emsp|zwj|zwnj|[aeiouAEIOU](?:acute|grave|circ|uml)|ccedil"
    "|ntilde|szlig"
)
# A piece of a tag that a reader would see: a closing tag without its start, an opening one without its end, an entity as
# text, a mark of another editor. Comparisons (“p < 0.05”, “a < b”) are none: a tag has no space behind its bracket.
# Repetitions have limits here and above, so that a pasted text of any length is read in no time.
BROKEN = at_words(
    rf"""
    [\w'’.-]{{0,40}}\s?/(?:[abipu]|{_LONG_TAGS})>
    | <(?:{_LONG_TAGS})\b[^<>]{{0,200}}>?
    | <[abipu](?:\s+[a-z-]+\s*=[^<>]{{0,300}}|\s*/?)>
    | <[aip]\s+[a-z-]+\s*=[^<>]{{0,300}} | <[bipu](?=,)
    | \[/?[a-z_]{{2,20}}\s+[a-z_]{{1,20}}=[^\[\]]{{0,200}}\] | \[/[a-z_]{{2,20}}\]
    # Letters that went through a wrong alphabet, or through a program's source.
    | â€[™œ“”˜¦] | Ã[©¨¼¶¤±³ª«´¢] | Â[°·»«] | \ufffd | \\(?:n|r|t|u[0-9a-f]{{4}}|["'])
    | <\s?/\s?(?:[abipu]|{_LONG_TAGS})\b
    | \b(?:href|src|class|style|target|rel|alt)\s?=\s?["“”'][^"“”']{{0,300}}["“”']? | (?:[\w/]{{1,40}}|(?<=[\w/]))["”']\s?/?>
    | &(?:{_ENTITIES}|\#\d{{2,6}}|\#x[0-9a-f]{{2,6}});
    | \[/?(?:b|i|url|img|caption|quote|embed|gallery|color|size)(?:[=\s][^\[\]]{{0,200}})?\]
    | \]\((?:https?:|mailto:|/)[^)\s]*\)?
    | \*\*\w[^*]{{0,200}}\*\* | (?<!\w)__\w[^_]{{0,200}}__(?!\w) | (?<!~)~~\w[^~]{{0,200}}~~
    | (?<![\w<&/-])(?:br|hr)\s?/>
    | (?<![\w<&/-])(?:em|strong|span|div|li|ul|ol|h[1-6]|sup|sub|br|blockquote)> | (?<![\w<&/-])[bip]>(?=[a-z]{{2}})
    | ^\#{{2,6}}\s?\w | </?o:p> | <!--|-->
    """,
    # Letters of a wrong alphabet stand within words.
    also=r"[^\w\s]|[_âÃÂ]",
)
# One of these stands in whatever ``BROKEN`` matches; a text without any need not be read again for it.
_SIGN_OF_BROKEN = re.compile(r"[<>\[\]\\=&*_~#\ufffdâÃÂ]", re.IGNORECASE)


def placeholders(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Notes such as “(source)”: the author promised something that is not there. Source: the clinic's own articles."""
    for piece in wording:
        for note in notes_in(piece.text):
            message = f"“{note}” is a placeholder. Replace it with what it stands for, such as a reference."
            yield Finding("placeholder", message, field=piece.field, block_id=piece.block_id)


def displaced_marks(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """An emoji in a text with links or citations: the editor counts it twice, and the marks slip by a letter."""
    for piece in wording:
        if "<a " in piece.source and any(ord(character) > 0xFFFF for character in piece.source):
            message = (
                "This text has an emoji beside links or citations, which moves them by a letter. Remove the emoji."
            )
            yield Finding("displaced_marks", message, field=piece.field, block_id=piece.block_id)


def too_long_to_check(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Words that no check has read must not pass as checked: a paragraph without end, or a page as long as a book."""
    cut = next((piece for piece in wording if piece.is_cut), None)
    if cut:
        message = (
            f"This is too long to be checked: a paragraph has at most {MAX_PIECE:,} characters, a page {MAX_PAGE:,}. "
            "Divide it up."
        )
        yield Finding("too_long_to_check", message, field=cut.field, block_id=cut.block_id)


def broken_markup(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Pieces of tags in the text, such as “stress/a>”: readers would see them, and a link may be lost."""
    for piece in wording:
        for broken in broken_in(piece.text):
            message = f"“{broken}” looks like broken markup. Write the words again, or set the link anew."
            yield Finding("broken_markup", message, field=piece.field, block_id=piece.block_id)


@lru_cache(maxsize=KEPT_TEXTS)
def notes_in(text: str) -> tuple[str, ...]:
    """What stands in ``text`` for something that an author meant to put there, in order."""
    return tuple(match.group() for match in PLACEHOLDER.finditer(text))


@lru_cache(maxsize=KEPT_TEXTS)
def broken_in(text: str) -> tuple[str, ...]:
    """The pieces of markup that readers of ``text`` would see, in order."""
    if not _SIGN_OF_BROKEN.search(text):
        return ()
    return tuple(match.group().strip() for match in BROKEN.finditer(text))
