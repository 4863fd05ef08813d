"""Figures and claims of effect need a reference beside them; and what may be cited at all.

Source: the clinic's editorial policy (every figure has its source), and the Federal Trade Commission's health products
guidance, under which a claim of effect needs evidence that can be shown. A citation counts for the paragraph or block that
it stands in. Titles, summaries and headings cannot hold one: there, the page's own citations count.
"""

import re
from collections.abc import Iterator
from typing import Any

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.pages.references import Reference
from cms.pages.richtext import key_of
from cms.workflow.checks.leftovers import PLACEHOLDER
from cms.workflow.checks.wording import Wording

_WORD_NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|hundred"
_NUMBER = rf"(?:\d[\d,.]*|{_WORD_NUMBER})"
_PEOPLE = (
    r"(?:people|persons?|patients?|adults?|women|men|children|teens?|teenagers|americans?|users|visitors|smokers|cases"
    r"|population|participants|runners|workers|seniors|parents|mothers|babies|households|pregnancies|clients|athletes)"
)
_STUDIES = r"(?:stud(?:y|ies)|trials?|reviews?|meta-analys[ei]s|surveys?)"
# Figures: shares, ratios, fractions of people, multiples, crowds, numbers of studies, measured effects.
FIGURE = re.compile(
    rf"""
    (?<![\d.,])(?!100\s?(?:%|per))\d[\d.,]*\s?(?:%|percent\b|per\s+cent\b)
    | \b{_NUMBER}\s+(?:in|out\s+of)\s+(?:every\s+)?(?!(?:19|20)\d\d\b){_NUMBER}(?![\w%])
    | \b{_NUMBER}\s+of\s+(?:every\s+)?\d[\d,]*\s+{_PEOPLE}\b
    | \b(?:half|thirds?|quarters?|fifths?|majority)\s+of\s+(?:all\s+|the\s+|our\s+|those\s+)?(?:\w+\s+){{0,2}}?{_PEOPLE}\b
    | \b(?:twice|{_NUMBER}\s+times|\w+-?fold)\s+(?:as|more|less|better|faster|higher|lower|greater)\s+
      (?:likely|common|often|effective|frequent|than|high|fast|well|good|risk)
    | \b\d[\d,.]*\s+(?:million|billion|thousand)\s+(?:\w+\s+){{0,2}}?{_PEOPLE}\b
    | \$\s?\d[\d,.]*\s+(?:million|billion)\b
    | \b\d{{1,3}}(?:,\d{{3}})+\s+(?:\w+\s+){{0,2}}?{_PEOPLE}\b
    | \b{_NUMBER}\s+(?:\w+\s+){{0,2}}?(?:studies|trials|reviews)\b(?!\s+(?:are|were)\s+(?:planned|under|still|running|needed))
    | \b(?:(?:can|may|will|could)\s+(?:reduce|lower|cut|improve|increase|raise|shorten)|cut
        |(?:reduc|lower|cut|improv|increas|rais|shorten|decreas|drop|halv)(?:es|s|ed|ped))\b[^.;]{{0,60}}\bby\s+
      (?:about\s+|up\s+to\s+|nearly\s+|more\s+than\s+)?(?:\d[\d,.]*\s+(?:points?|days?|hours?|mm|kg|pounds?)|half|an?\s+third)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Percents and ratios of everyday life: money, what is in a bottle or in the air, and how somebody rates a pain.
_EVERYDAY = re.compile(
    r"\b(?:fees?|prices?|discounts?|insurance|insurers?|deductible|co-?pay|charges?d?|refund|tax|tip|off|deposit|plan\s+pays"
    r"|cream|gel|lotion|alcohol|solution|saline|lidocaine|ointment|hydrocortisone|peroxide|spray|drops|cotton|humidity|battery"
    r"|concentration|dilut\w+|strength)\b"
    r"|\b(?:pain|score|rating)\s+(?:is|of|at|above|below|reaches)\s+\w+\s+(?:in|out\s+of)\s+(?:10|ten)\b"
    r"|\b(?:appointments?|rooms?|doses?)\b|\b(?:rate\s+(?:the|your|it|how)|scale)\b.{0,40}\b(?:10|ten)\b|\bsteps?\s+\w+\s+(?:of|out\s+of)\b",
    re.IGNORECASE,
)
_SEEN = (
    r"(?:shows?(?!\s+(?:up|on)\b)|shown|suggests?|suggested|finds?|found|proves?|proven|proved|demonstrates?|demonstrated|confirms?|confirmed"
    r"|indicates?|indicated|reveals?|revealed|supports?|supported|agrees?|agreed|concludes?|concluded|links?|linked|discovered"
    r"|reports?|reported|observed)"
)
_ACTS = (
    r"(?:reduc|lower|eas|improv|help|reliev|increas|prevent|boost|treat|work|protect|shorten|speed|decreas|calm|strengthen|stop"
    r"|promot|support|benefit|be\s+(?:\w+\s+){0,2}(?:effective|helpful|safe|better|useful|beneficial)|have\s+(?:an?\s+)?\w*\s?effect)"
)
# Claims of effect: what researchers are said to have found, what is “proven”, what is better than something else.
EFFECT = re.compile(
    rf"""
    \b(?:{_STUDIES}|research(?:ers)?|evidence|scien(?:ce|tists)|experts|data)\s+
      (?:(?:has|have|had)\s+)?(?:(?:also|now|clearly|consistently|long|repeatedly|even|strongly|generally|already)\s+)?{_SEEN}\b
    | \b(?:was|were|is|are|been|be)\s+(?:\w+ly\s+|even\s+|also\s+)?(?:shown|found|known|demonstrated|proven|proved)\s+to\s+{_ACTS}
    | \b(?:clinically|scientifically|medically)\s+(?:proven|shown|proved|tested)\b
    | (?<!un)\bproven\s+(?:to|remed\w+|treatments?|methods?|results?|effective|ways?|benefits?|track)\b
    | \baccording\s+to\s+(?:an?\s+|the\s+)?(?:\w+\s+)?(?:{_STUDIES}|research(?:ers)?|scientists|experts|science|data)\b
    | \bin\s+(?:an?|one|recent|several|many|two|large|clinical)\s+(?:\w+\s+){{0,2}}?{_STUDIES}\b(?!\s+of\s+your)
    | \b(?:is|are)\s+effective\b | \bscientifically\s+backed\b
    | \b(?:backed|supported)\s+by\s+(?:science|research|evidence|studies)\b
    | \b(?:more|most|as|highly|very|extremely|less)\s+effective\b
    | \bworks?\s+(?:better|faster)\s+than\b | \boutperforms?\b
    | \b(?:reduces|lowers|cuts|halves|doubles|triples)\s+(?:your\s+|the\s+|their\s+)?(?:risks?|chances?|odds)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What takes the claim back or only asks for it, when it stands shortly before: “what studies show”, “no study has shown”.
_NO_CLAIM = re.compile(
    r"\b(?:what|which|whether|if|how|until|unless|no|none|neither|nor|not|never|cannot|nobody|\w+n['’]t|without|few|little|lacks?"
    r"|lacking|ask|myth|too\s+weak)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")
_MARK = re.compile(r'<a\b[^<>]{0,80}\blinktype="reference"[^<>]{0,80}>')
_MARK_KEY = re.compile(r'\bid="(\d{1,18})"')
# How far before a claim its denial is looked for. Unit: characters.
_REACH = 60
_LONGEST_QUOTE = 120


def uncited_claims(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A figure, or what “studies show”, without a reference. Source: the clinic's policy; readers must be able to check it."""
    marked = [piece for piece in wording if _MARK.search(piece.source)]
    cited = {(piece.field, piece.block_id) for piece in marked if piece.block_id} | set(_figures_with_source(page))
    for piece in wording:
        if _MARK.search(piece.source) or (piece.field, piece.block_id) in cited:
            continue
        if (marked or cited) and not piece.can_cite:
            continue
        for claim in claims_in(piece.text):
            quote = claim if len(claim) <= _LONGEST_QUOTE else f"{claim[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
            message = f"“{quote}” states a figure or an effect without a reference. Cite its source, or leave it out."
            yield Finding("uncited_claim", message, field=piece.field, block_id=piece.block_id)


def claims_in(text: str) -> list[str]:
    """The sentences of ``text`` that need a reference. One with an author's note in place of it is told of as a note."""
    return [
        sentence.strip()
        for sentence in _SENTENCE_END.split(text)
        if not sentence.rstrip().endswith("?") and not PLACEHOLDER.search(sentence) and _claims(sentence)
    ]


def retracted_references(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A withdrawn source supports nothing. Source: the Committee on Publication Ethics' retraction guidelines."""
    cited = _cited(page, wording)
    for reference in Reference.objects.filter(pk__in=cited, is_retracted=True) if cited else ():
        field, block_id = cited[reference.pk]
        message = f"“{reference.short_label}” has been retracted. Cite another source, or take back what rests on it."
        yield Finding("retracted_reference", message, field=field, block_id=block_id)


def lost_references(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A citation whose source was deleted: readers would see the statement without its number."""
    cited = _cited(page, wording)
    known = set(Reference.objects.filter(pk__in=cited).values_list("pk", flat=True)) if cited else set()
    for key, (field, block_id) in cited.items():
        if key not in known:
            message = "A citation here names a source that is no longer in the library. Cite another one."
            yield Finding("lost_reference", message, field=field, block_id=block_id)


def incomplete_references(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A citation needs who, where and when. Source: the ICMJE's recommendations on references."""
    cited = _cited(page, wording)
    for reference in Reference.objects.filter(pk__in=cited) if cited else ():
        missing = _missing_parts(reference)
        if missing:
            field, block_id = cited[reference.pk]
            message = (
                f"The reference “{reference.short_label}” lacks {' and '.join(missing)}. Complete it under References."
            )
            yield Finding("incomplete_reference", message, field=field, block_id=block_id)


def _claims(sentence: str) -> bool:
    if any(not _NO_CLAIM.search(_before(sentence, match)) for match in EFFECT.finditer(sentence)):
        return True
    return bool(FIGURE.search(sentence)) and not _EVERYDAY.search(sentence)


def _before(sentence: str, match: re.Match[str]) -> str:
    return sentence[max(0, match.start() - _REACH) : match.start()]


def _figures_with_source(page: PublicPage | None) -> Iterator[tuple[str, str]]:
    for name, child in _blocks(page):
        if child.block_type == "statistic" and child.value.get("reference"):
            yield name, str(child.id or "")


def _cited(page: PublicPage, wording: list[Wording]) -> dict[int, tuple[str, str]]:
    """Keys of the references that the page cites, each with the field and block where it comes first."""
    cited: dict[int, tuple[str, str]] = {}
    for piece in wording:
        for mark in _MARK.finditer(piece.source):
            found = _MARK_KEY.search(mark.group())
            key = key_of(found.group(1)) if found else None
            if key is not None:
                cited.setdefault(key, (piece.field, piece.block_id))
    for name, child in _blocks(page):
        if child.block_type == "statistic" and child.value.get("reference"):
            cited.setdefault(child.value["reference"].pk, (name, str(child.id or "")))
    return cited


def _blocks(page: PublicPage | None) -> Iterator[tuple[str, Any]]:
    for name in page.stream_field_names() if page else ():
        for child in getattr(page, name):
            yield name, child


def _missing_parts(reference: Reference) -> list[str]:
    parts = {
        "its authors or publisher": reference.authors or reference.source,
        "its year, or the day on which somebody looked at it": reference.year or reference.accessed,
        "a DOI, a PubMed number or an address": reference.doi or reference.pmid or reference.url,
    }
    if reference.kind != Reference.Kind.SECONDARY:
        parts["its journal or publisher"] = reference.source
    return [name for name, value in parts.items() if not value]
