"""Claims that no health text may make.

Source: the Federal Trade Commission's rule that claims of effect need competent and reliable scientific evidence; nothing
in the clinic's library supports a promise of cure.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.wording import KEPT_TEXTS, Wording, at_words

# Words around “cure” that belong to the claim: the finding shows them, so that the editor finds the place.
_BEFORE = r"(?:(?:can|could|may|might|will|does|helps?(?:\s+to)?|to|and|or|an?|the)\s+)?(?:[a-z]+ly\s+)?"
# What a promise frees from, and what it claims to end.
_TROUBLE = r"(?:pains?|aches?|symptoms?|headaches?|migraines?|stress|anxiety|illness|disease|risks?|dangers?|side[\s-]effects?)"
_CONDITION = (
    r"(?:pains?|aches?|migraines?|headaches?|insomnia|depression|anxiety|stress|allergies|acne|infertility|fibromyalgia|arthritis"
    r"|obesity|neuropathy|tinnitus|vertigo|diabetes|sciatica|symptoms?|asthma)"
)
PROMISE = at_words(
    rf"\b{_BEFORE}(?:permanent\s+|natural\s+|complete\s+|instant\s+|miracle\s+)?cur(?:es?|ed|ing)\b(?:\s+(?:or|and)\s+\w+)?"
    r"|\bmiracles?\b(?!\s+of\s+(?:life|birth))|\bmiraculous(?:ly)?\b"
    r"|\bguarantee(?:d|s|ing)?\b(?!\s+(?:your\s+)?(?:privacy|confidential\w*|parking|places?|seats?)\b)"
    r"|\b(?:100|(?:one|a)\s+hundred)\s?(?:%|percent|per\s+cent)\s+(?:effective|safe|success(?:ful)?|reliable|risk[\s-]free|pain[\s-]free)\b"
    r"|\b(?:no|zero|without(?:\s+any)?|free\s+(?:of|from))\s+(?:known\s+|harmful\s+|unwanted\s+)?side[\s-]effects?\b"
    r"|\bside[\s-]effects?[\s-]free\b|\b(?:risk-free|free\s+of\s+risks?|no\s+(?:risks?|dangers?)(?:\s+(?:at\s+all|whatsoever)\b|(?=[.!,;]|$)))"
    r"|\bwithout\s+(?:any\s+)?(?:risks?|dangers?)(?!\s+(?:of|factors?)\b)|\bnever\s+(?:any\s+)(?:risks?|dangers?|pain)\b"
    rf"|\b(?:completely|totally|entirely|forever|permanently|fully)\s+(?:free\s+(?:of|from)\s+(?:all\s+)?{_TROUBLE}|{_TROUBLE}[\s-]free)\b"
    r"|\b(?:completely|totally|perfectly|absolutely|entirely|always)\s+(?:safe|harmless|painless)\b"
    r"|\bsafe\s+for\s+(?:absolutely\s+)?(?:everyone|everybody|anyone|all\b|every\s+\w+)"
    r"|\b(?:(?:cannot|can['’]t)\s+do\s+(?:you\s+)?(?:any\s+)?|(?:can|will)\s+do\s+(?:you\s+)?no\s+|does\s+no\s+)harm\b"
    r"|\bno\s+known\s+(?:risks?|dangers?|complications?)\b|\bno\s+(?:adverse|harmful|negative|bad|unwanted)\s+effects?\b"
    # Results as a shop sells them.
    r"|\bor\s+(?:you\s+get\s+)?your\s+money\s+back\b|\bmoney[\s-]back\s+guarantee\b|\bwork(?:s|ed)?\s+wonders\b"
    r"|\b(?:permanent|instant)\s+(?:relief|results?|solution|fix|healing)\b|\bbetter\s+than\s+any\s+(?:drug|medicine|pill|surgery)\b"
    rf"|\b{_CONDITION}\s+gone\s+(?:in|within|for)\b|\byour\s+(?:\w+\s+)?{_CONDITION}\s+(?:is|are|will\s+be)\s+history\b"
    rf"|\b{_CONDITION}\s+(?:\w+\s+){{0,3}}?a\s+thing\s+of\s+the\s+past\b"
    rf"|(?:^|(?<=[.!?]\s))(?:heal|beat|defeat|conquer|banish|erase|reverse|end)\s+your\s+(?:\w+\s+)?{_CONDITION}\b"
    rf"|\b(?:makes?|keeps?|gets?|leaves?|sets?)\s+(?:you|people|patients|everyone)\s+(?:\w+ly\s+)?"
    rf"(?:{_TROUBLE}[\s-]free|free\s+(?:of|from)\s+{_TROUBLE})\b"
    rf"|\b(?:live|become|stay|leave|feel)\s+(?:\w+\s+)?{_TROUBLE}[\s-]free\b"
    r"|\b(?:definitely|surely|certainly)\s+(?:helps?|works?|heals?|relieves?|eases?)\b"
    r"|\byou(?:['’]ll|\s+will)\s+(?:\w+ly\s+)?(?:get\s+pregnant|conceive|lose\s+\d+)\b"
    r"|\b(?:flush(?:es)?(?:\s+out)?|removes?|draws?\s+out|eliminates?|clears?(?:\s+out)?)\s+(?:\w+\s+){0,2}?toxins\b"
    r"|\b(?:absolutely\s+no|zero)\s+(?:risks?|dangers?|harms?)\b"
    r"|\b(?:always|never\s+fails\s+to)\s+(?:works?|helps?|heals?|relieves?|eases?|reduces?|improves?|stops?|succeeds?)\b|\bworks?\s+(?:every\s+time|for\s+(?:everyone|everybody|every\s+\w+|all\s+(?:people|patients)))\b"
    r"|\bnever\s+fails?\b(?!\s+to)"
    r"|\b(?:completely|permanently|fully|totally)\s+(?:heals?|eliminates?|removes?|gets?\s+rid\s+of)\b"
    r"|\bheals?\s+(?:\w+\s+){1,3}(?:completely|permanently|for\s+good)\b"
    # What becomes of everybody who comes.
    r"|\b(?:every\s+(?:single\s+)?(?:one\s+of\s+(?:our|the)\s+)?(?:patients?|visitors?|clients?|person)|all\s+(?:of\s+)?our\s+"
    r"(?:patients|visitors|clients)|everyone|everybody)\s+(?:gets?\s+(?:better|well)|recovers?|improves?|heals?|is\s+healed)\b"
    rf"|\b(?:nobody|no\s+one)\s+(?:leaves|goes\s+home|walks\s+out)\b[^.;!?]{{0,30}}?\b(?:in|with(?:\s+an?)?)\s+(?:\w+\s+)?{_TROUBLE}\b"
    # An end to it for ever, for everything, or by nothing else.
    r"|\bgoodbye\b[^.;!?]{0,40}?\b(?:completely|forever|for\s+good)\b"
    r"|\byour\s+(?:\w+\s+){1,3}?will\s+(?:disappear|vanish|be\s+gone|go\s+away)\s+(?:completely|forever|for\s+good|permanently)\b"
    r"|\b(?:rid\s+of|eliminates?|ends?|fix(?:es)?|banish(?:es)?|erases?|beats?)\s+(?:[\w'’]+\s+){1,3}?(?:completely|forever|for\s+good"
    r"|permanently)\b|\bfarewell\s+to\b|\bwill\s+never\s+(?:come\s+back|return)\b"
    r"|\b(?:makes?|made)\s+(?:[\w'’]+\s+){1,3}?(?:disappear|vanish)\b|\bcurable\b"
    r"|\bmagic(?:al)?\s+(?:remed(?:y|ies)|bullets?|treatments?|herbs?|pills?|therapy|formula|solutions?)\b"
    r"|\byou(?:['’]ll|\s+will)\s+be\s+(?:\w+ly\s+)?(?:pain[\s-]free|free\s+(?:of|from)\s+(?:pain|symptoms)|healed)\b"
    r"|\bworks?\s+100\s?(?:%|per)|\bheals?\s+(?:[\w'’]+\s+){0,5}?(?:any|every|all)\b"
    r"|\bonce\s+and\s+for\s+all\b|\bnever\s+(?:have|get|feel|suffer|experience)\b[^.;!?]{0,40}?\bagain\b"
    r"|\b(?:eliminates?|removes?|flush(?:es)?|destroys?|banish(?:es)?|prevents?|stops?|ends?|relieves?|heals?|fixes)\s+(?:all|every|any)\s+(?:\w+\s+){0,2}?"
    r"(?:toxins?|pains?|diseases?|illness(?:es)?|symptoms?|inflammation|viruses|infections?|colds?|headaches?|migraines?|ailments?|allergies|cancers?)\b"
    r"|\bpromises?\s+(?:you\s+)?(?:that\s+you|you\s+will|relief|results|to\s+(?:heal|end|cure))\b"
    r"|\b(?:(?:can|could|will|may|needles|acupuncture|massage|herbs|teas|adjustments|treatments|supplements|oils|they|we)\s+replace"
    r"|replaces|throw\s+(?:away|out)|ditch|toss)\s+(?:your|any|all|the)\s+(?:\w+\s+){0,3}?(?:medicines?|medications?|drugs?|insulin"
    r"|inhalers?|pills?|surgery|doctors?|chemotherapy|antidepressants|painkillers|opioids|prescriptions?|statins)\b"
    r"|\bthe\s+only\s+(?:treatment|remedy|therapy|method|way|thing)\s+that\s+(?:\w+ly\s+)?(?:works|heals|helps)\b"
    r"|\breverses?\s+(?:\w+\s+){0,2}?(?:diabetes|arthritis|dementia|ag(?:e)?ing|diseases?|cancer|infertility|depression)\b"
    r"|\b(?:can|will|we)\s+heal\s+(?:your|any|every|all)\b"
)
# Cures that are no claim: cured food, figures of studies, an old saying, what medicine does, and cures that are looked for.
_OTHER_CURES = re.compile(
    r"\b(?:salt|dry|air|smoke|sun|flue|sugar)[-\s]cured\b"
    r"|\bcured\s+(?:\w+\s+)?(?:hams?|meats?|pork|beef|fish|salmon|bacon|sausages?|salami|cheese|olives|tobacco|foods?)\b"
    r"|\bcured\s+(?:\w+\s+)?(?:resins?|plaster|concrete|rubber|plastic|casts?|glue|varnish)\b"
    r"|\bcur(?:ed|able)\s+(?:with|by)\s+(?:an?\s+)?(?:antibiotics?|surgery|medicines?|medications?|operation|vaccines?)\b"
    r"|\bcur(?:e|ing)[\s-](?:rates?|process|time)\b|\bbetter\s+than\s+(?:a\s+|the\s+)?cure\b|\brest\s+cure\b"
    r"|\b(?:look(?:ed|s|ing)?|search(?:ed|es|ing)?|hop(?:e[ds]?|ing)|research|wait(?:ed|ing|s)?|quest|work(?:ing|s)?)\s+"
    r"(?:for|into|on|towards?)\s+(?:an?\s+|the\s+|any\s+)?cure\b"
    # Words that are spoken of, not used.
    r"|[“\"][^”\"]{1,80}[”\"]\s+(?:is|are|sounds?)\b[^.;!?]{0,60}\b(?:not|never|myth|false|untrue|warning|wrong)\b"
    r"|[“\"‘']cur(?:e[ds]?|ing)[”\"’']|[“\"‘']miracles?[”\"’']|[“\"‘']guaranteed?[”\"’']",
    re.IGNORECASE,
)
# What takes a claim back, when it stands before it in the same clause: “There is no cure for …”, “does not cure”.
_DENIAL = re.compile(
    r"\b(?:\w+n['’]t|no|not|never|cannot|nobody|nothing|none|neither|nor|rarely|hardly|seldom|unlikely|unable|whether|distrust"
    r"|instead\s+of|rather\s+than|too\s+good\s+to|(?:hard|difficult|impossible)\s+to|fail(?:s|ed)?\s+to|beware\s+of|wary\s+of"
    r"|careful\s+with|suspicious\s+of|avoid\s+(?:any\w*|those|people|products?|clinics?|websites?|offers?|claims?)"
    r"|false\w*|untrue|illegal)\b|\bwithout\s*$",
    re.IGNORECASE,
)
# What sounds like a denial and is none.
_NO_DENIAL = re.compile(
    r"\b(?:no\s+(?:doubt|question|wonder|matter|other|secret|more|longer|\w+er)|(?:with|using|needs?)\s+no|not\s+(?:only|just|merely)"
    r"|(?:never|cannot|not|\w+n['’]t)\s+fail\w*(?:\s+to)?|(?:don['’]t|do\s+not)\s+(?:wait|hesitate|worry|suffer|miss)|why\s+not)\b",
    re.IGNORECASE,
)
_BEST_OF_ALL = re.compile(
    r"\b(?:nothing|nobody|no\s+one)\b.*\b(?:like|better\s+than|as\s+well\s+as|faster\s+than|can(?:not|['’]t))\b",
    re.IGNORECASE,
)
# The promises of others, of which a text warns; and what is denied only afterwards.
_OF_OTHERS = re.compile(
    r"\b(?:anyone|anybody|someone|whoever|people\s+who|websites?|adverts?|advertisements?|sellers?|(?:claims?|promises?)\s+of)\b"
    r".*\b(?:warning|not|never|leave|avoid|wary|distrust|ask|careful|beware|honest|ignore|suspicious)\b",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^[^.;!?]{0,60}?\b(?:has|have|is|are|was|does|do)(?:\s+not|n['’]t)(?:\s+yet)?\s+"
    r"(?:been\s+found|known|exist|possible|in\s+sight|expected|available|likely)\b",
    re.IGNORECASE,
)
# How far around a claim its sentence is looked for; longer ones are no sentences. Unit: characters.
_REACH = 300
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")
# Where another clause begins, which the denial in the one before does not reach.
_CLAUSE_END = re.compile(
    r"[;:–—]|\bbut\b|\band\s+yet\b|,\s*(?:just|simply|only)\b"
    r"|,\s*(?:(?:and|so|because|since|as|yet|while)\s+)?(?:we|it|they|you|he|she|our|your|this|these|those|acupuncture|massage"
    r"|chiropractic|needles|treatments?)\b",
    re.IGNORECASE,
)
_OPEN_QUESTION = re.compile(
    r"^(?:can|could|do|does|did|will|would|is|are|was|what|which|may|might|has|have|should)\b", re.IGNORECASE
)
_WISH = re.compile(r"\b(?:want|need|ready|looking|wish|would\s+you\s+like)\b", re.IGNORECASE)
_REPORTED = re.compile(
    r"^\s+(?:(?:were|was|are|have\s+been|had\s+been)\s+)?(?:reported|seen|found|recorded|observed|noted|listed)\b",
    re.IGNORECASE,
)


def cures(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Sentences that promise a cure, a guarantee or freedom from risk. Source: the FTC's health products guidance."""
    for piece in wording:
        for claim in promises_in(piece.text):
            message = f"“{claim}” promises more than evidence can. Say what studies found, with their reference."
            yield Finding("cure_claim", message, field=piece.field, block_id=piece.block_id)


@lru_cache(maxsize=KEPT_TEXTS)
def promises_in(text: str) -> tuple[str, ...]:
    """The words of each promise in ``text``, in order."""
    promises = list(PROMISE.finditer(text))
    others = [match.span() for match in _OTHER_CURES.finditer(text)] if promises else []
    return tuple(
        match.group().strip()
        for match in promises
        if not any(start < match.end() and match.start() < end for start, end in others) and not _is_honest(text, match)
    )


def _is_honest(text: str, match: re.Match[str]) -> bool:
    """Whether the sentence denies the claim, asks for it, warns of it, or reports what a study saw."""
    before = _SENTENCE_END.split(text[max(0, match.start() - _REACH) : match.start()])[-1].lstrip()
    after = text[match.end() : match.end() + _REACH]
    end = _SENTENCE_END.search(after)
    sentence = f"{before}{match.group()}{after[: end.end()] if end else after}".rstrip()
    if sentence.endswith("?") and _OPEN_QUESTION.match(sentence) and not _WISH.search(sentence):
        return True
    if _REPORTED.match(after) or _DENIED_AFTER.match(after) or _OF_OTHERS.search(sentence):
        return True
    if re.match(r"(?:a\s+)?myth\b", sentence, re.IGNORECASE):
        return True
    if _BEST_OF_ALL.search(sentence):
        return False
    clause = _NO_DENIAL.sub(" ", _CLAUSE_END.split(before)[-1])
    return bool(_DENIAL.search(clause))
