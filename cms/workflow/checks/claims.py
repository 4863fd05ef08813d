"""Claims that no health text may make.

Source: the Federal Trade Commission's rule that claims of effect need competent and reliable scientific evidence; nothing
in the clinic's library supports a promise of cure.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.wording import KEPT_TEXTS, Wording, at_words, small

# Words around “cure” that belong to the claim: the finding shows them, so that the editor finds the place.
_BEFORE = r"(?:(?:can|could|may|might|will|does|helps?(?:\s+to)?|to|and|or|an?|the)\s+)?(?:[a-z]+ly\s+)?"
_TREATMENT = (
    r"(?:acupuncture|acupressure|moxibustion|moxa|cupping|massage|needles|needling|herbs|treatments?|therapy|remed(?:y|ies)|teas?"
    r"|methods?|formulas?|exercises|tablets|oils?|chiropractic|adjustments?)"
)
# Those of them that a clinic like ours gives, of which no strong claim is true.
_OURS = (
    r"(?:acupuncture|acupressure|moxibustion|moxa|cupping|massage|needles|needling|herbs?|teas?|oils?|chiropractic|adjustments?"
    r"|supplements?)"
)
_MEANS = r"(?:treatment|remedy|therapy|method|medicine|way|help|herb|exercise|massage|technique)"
# What always happens with a treatment and is no result: “treatment always begins with a talk”.
_NO_RESULT = (
    r"(?:is|are|has|have|needs?|begins?|starts?|takes?|includes?|means?|depends?|costs?|comes?|requires?|involves?|carr(?:y|ies)|leaves?"
    r"|uses?|goes|go|follows?|happens?|lasts?|ends?|belongs?|stays?|remains?)"
)
# What a promise frees from, and what it claims to end.
_TROUBLE = r"(?:pains?|aches?|symptoms?|headaches?|migraines?|stress|anxiety|illness|disease|risks?|dangers?|side[\s-]effects?)"
_CONDITION = (
    r"(?:pains?|aches?|migraines?|headaches?|insomnia|depression|anxiety|stress|allergies|acne|infertility|fibromyalgia|arthritis"
    r"|obesity|neuropathy|tinnitus|vertigo|diabetes|sciatica|symptoms?|asthma)"
)
PROMISE = at_words(
    rf"{_BEFORE}(?:permanent\s+|natural\s+|complete\s+|instant\s+|miracle\s+)?cur(?:es?|ed|ing)\b(?:\s+(?:or|and)\s+\w+)?"
    r"|miracles?\b(?!\s+of\s+(?:life|birth))|miraculous(?:ly)?\b"
    r"|guarantee(?:d|s|ing)?\b(?!\s+(?:your\s+)?(?:privacy|confidential\w*|parking|places?|seats?)\b)"
    r"|(?:100|(?:one|a)\s+hundred)\s?(?:%|percent|per\s+cent)\s+(?:effective|safe|success(?:ful)?|reliable|risk[\s-]free|pain[\s-]free)\b"
    r"|(?:no|zero|without(?:\s+any)?|free\s+(?:of|from))\s+(?:known\s+|harmful\s+|unwanted\s+)?side[\s-]effects?\b"
    r"|side[\s-]effects?[\s-]free\b|(?:risk-free|free\s+of\s+risks?|no\s+(?:risks?|dangers?)(?:\s+(?:at\s+all|whatsoever)\b|(?=[.!,;]|$)))"
    r"|without\s+(?:any\s+)?(?:risks?|dangers?)(?!\s+(?:of|factors?)\b)|never\s+(?:any\s+)(?:risks?|dangers?|pain)\b"
    rf"|(?:completely|totally|entirely|for\s?ever|permanently|fully)\s+(?:free\s+(?:of|from)\s+(?:all\s+)?{_TROUBLE}|{_TROUBLE}[\s-]free)\b"
    r"|(?:completely|totally|perfectly|absolutely|entirely|always)\s+(?:safe|harmless|painless)\b"
    r"|safe\s+for\s+(?:absolutely\s+)?(?:everyone|everybody|anyone|all\b|every\s+\w+)"
    r"|(?:(?:cannot|can['’]t)\s+do\s+(?:you\s+)?(?:any\s+)?|(?:can|will)\s+do\s+(?:you\s+)?no\s+|does\s+no\s+)harm\b"
    r"|no\s+known\s+(?:risks?|dangers?|complications?)\b|no\s+(?:adverse|harmful|negative|bad|unwanted)\s+effects?\b"
    # Results as a shop sells them.
    r"|or\s+(?:you\s+get\s+)?your\s+money\s+back\b|money[\s-]back\s+guarantee\b|work(?:s|ed)?\s+wonders\b"
    r"|(?:permanent|instant)\s+(?:relief|results?|solution|fix|healing)\b|better\s+than\s+any\s+(?:drug|medicine|pill|surgery)\b"
    rf"|{_CONDITION}\s+gone\s+(?:in|within|for)\b|your\s+(?:\w+\s+)?{_CONDITION}\s+(?:is|are|will\s+be)\s+history\b"
    rf"|{_CONDITION}\s+(?:\w+\s+){{0,3}}?a\s+thing\s+of\s+the\s+past\b"
    rf"|(?:^|(?<=[.!?]\s))(?:heal|beat|defeat|conquer|banish|erase|reverse|end)\s+your\s+(?:\w+\s+)?{_CONDITION}\b"
    rf"|(?:makes?|keeps?|gets?|leaves?|sets?)\s+(?:you|people|patients|everyone)\s+(?:\w+ly\s+)?"
    rf"(?:{_TROUBLE}[\s-]free|free\s+(?:of|from)\s+{_TROUBLE})\b"
    rf"|(?:live|become|stay|leave|feel)\s+(?:\w+\s+)?{_TROUBLE}[\s-]free\b"
    r"|(?:definitely|surely|certainly)\s+(?:helps?|works?|heals?|relieves?|eases?)\b"
    r"|you(?:['’]ll|\s+will)\s+(?:\w+ly\s+)?(?:get\s+pregnant|conceive|lose\s+\d+)\b"
    r"|(?:flush(?:es)?(?:\s+out)?|removes?|draws?\s+out|eliminates?|clears?(?:\s+out)?)\s+(?:\w+\s+){0,2}?toxins\b"
    r"|(?:absolutely\s+no|zero)\s+(?:risks?|dangers?|harms?)\b"
    r"|(?:always|never\s+fails\s+to)\s+(?:works?|helps?|heals?|relieves?|eases?|reduces?|improves?|stops?|succeeds?)\b|works?\s+(?:every\s+time|for\s+(?:everyone|everybody|every\s+\w+|all\s+(?:people|patients)))\b"
    r"|never\s+fails?\b(?!\s+to)"
    rf"|{_TREATMENT}\s+always\s+(?!{_NO_RESULT}\b)\w+\b"
    r"|nothing\s+(?:can|could|will|ever)\s+(?:ever\s+)?(?:go(?:es)?\s+wrong|happen\s+to\s+you)\b"
    r"|(?:without|not)\s+a\s+single\s+(?:side[\s-]effect|risk|complication|danger)\b"
    rf"|(?:patients|visitors|clients|people|you)\s+(?:will\s+)?(?:always|all)\s+(?:\w+\s+){{1,4}}?(?:free\s+(?:of|from)\s+{_TROUBLE}"
    rf"|{_TROUBLE}[\s-]free|without\s+(?:any\s+)?{_TROUBLE}|healed)\b"
    # The best there is.
    rf"|(?:safest|best|surest|strongest|fastest|gentlest|most\s+(?:effective|powerful|reliable|successful))\s+(?:\w+\s+)?{_MEANS}\s+"
    r"(?:there\s+is|available|known|of\s+all|on\s+earth|in\s+the\s+world|anywhere|ever)\b"
    rf"|no\s+(?:safer|better|gentler|faster|surer|more\s+(?:effective|powerful|reliable))\s+(?:\w+\s+)?{_MEANS}\b"
    # Against every illness, against the gravest, and against poisons.
    r"|(?:protects?|shields?|guards?)\s+(?:(?:you|us|people|children|your\s+\w+|the\s+body)\s+)?(?:against|from)\s+"
    r"(?:every|all|any)\s+(?:\w+\s+)?(?:virus(?:es)?|illness(?:es)?|diseases?|infections?|colds?|germs?|ailments?|pains?)\b"
    rf"|{_OURS}\s+(?:(?!(?:not|neither|nor|never|cannot|no)\b)\w+\s+){{0,5}}?(?:prevents?|wards?\s+off|keeps?\s+away|stops?|fights?|beats?)\s+(?:\w+\s+)?"
    r"(?:cancers?|tumou?rs?|dementia|alzheimer['’]?s|strokes?|heart\s+(?:attacks?|disease)|diabetes|ag(?:e)?ing)\b"
    rf"|{_OURS}\s+(?:(?!(?:not|neither|nor|never|cannot|no)\b)\w+\s+){{0,3}}?(?:detoxif(?:y|ies)|detox(?:es)?|cleanses?|purif(?:y|ies))\b"
    # The illness as an enemy that has lost.
    rf"|{_CONDITION}\s+(?:(?:do(?:es)?\s+not|do(?:es)?n['’]t|won['’]t)\s+stand\s+a\s+chance|(?:is|are)\s+no\s+match\s+for)\b"
    rf"|put(?:s|ting)?\s+an\s+end\s+to\s+(?:(?:your|all|the)\s+)?(?:\w+\s+)?{_CONDITION}\b"
    rf"|the\s+end\s+of\s+(?:your|all)\s+(?:\w+\s+)?{_CONDITION}\b"
    # What never fails, never harms, and can be counted on.
    r"|never\s+(?:harms?|hurts|disappoints?|lets?\s+(?:you|anyone|anybody)\s+down|goes\s+wrong|causes?\s+(?:any\s+)?(?:pain|harm))\b"
    rf"|free\s+(?:of|from)\s+(?:every|any|all)\s+(?:\w+\s+)?{_TROUBLE}\b"
    r"|(?:count|rely|bank)\s+on\s+(?:an?\s+|the\s+)?(?:\w+\s+)?(?:recovery|relief|results?|success|healing|improvement)\b"
    r"|(?:sure|certain|bound)\s+to\s+(?:help|work|heal|recover|get\s+better|feel\s+better|succeed|relieve|ease)\b"
    r"|(?:sure|certain|foolproof|infallible)\s+(?:way|method|means|remedy)\s+(?:to\s+(?:beat|end|heal|stop|prevent|get\s+rid)|against|for)\b"
    r"|(?:nobody|no\s+one|none\s+of\s+our\s+(?:patients|visitors|clients))\s+(?:who\b[^.;:!?]{1,60}?\s+)?"
    r"(?:gets?|got|becomes?|became|falls?|fell|stays?|relapses?|suffers?)\s+(?:ill|sick|worse|again|in\s+pain)\b"
    rf"|leav(?:e|es|ing)\s+(?:your\s+|the\s+|all\s+)?(?:\w+\s+)?{_CONDITION}\s+behind\b"
    r"|(?:drains?|pulls?|sweats?|washes|draws?|drives?)\s+(?:\w+\s+){0,3}?(?:toxins?|poisons?|impurities)\b"
    # A promise by name, and a body as if nothing had been.
    r"|,\s*(?:we\s+promise|that['’]s\s+a\s+promise|you\s+have\s+our\s+word)(?=\s*[.!]|$)"
    r"|(?:will|to)\s+(?:be|feel|work|move)\s+(?:as\s+good\s+as|like)\s+new\b"
    rf"|heals?\s+(?:your\s+|the\s+|chronic\s+)?(?:\w+\s+)?{_CONDITION}\b"
    r"|(?:heals?|ends?|removes?|eliminates?|destroys?)\s+(?:[\w'’]+\s+){1,4}?(?:at|from)\s+(?:its|the|their)\s+(?:very\s+)?roots?\b"
    r"|(?:completely|permanently|fully|totally)\s+(?:heals?|eliminates?|removes?|gets?\s+rid\s+of)\b"
    r"|heals?\s+(?:\w+\s+){1,3}(?:completely|permanently|for\s+good)\b"
    # What becomes of everybody who comes.
    r"|(?:every\s+(?:single\s+)?(?:one\s+of\s+(?:our|the)\s+)?(?:patients?|visitors?|clients?|person)|all\s+(?:of\s+)?our\s+"
    r"(?:patients|visitors|clients)|everyone|everybody)(?:\s+(?:who|with|that)\b[^.;:!?]{1,60}?)?\s+"
    r"(?:gets?\s+(?:better|well)|got\s+(?:better|well)|recovers?|recovered|improves?|improved|heals?|(?:is|was|were)\s+healed"
    rf"|(?:leaves?|left|walks?|walked|goes|went|is|was|feels?|felt)\s+(?:\w+\s+){{0,3}}?(?:without\s+(?:any\s+)?{_TROUBLE}"
    rf"|free\s+(?:of|from)\s+{_TROUBLE}|{_TROUBLE}[\s-]free|healthy))\b"
    rf"|(?:nobody|no\s+one)\s+(?:leaves|goes\s+home|walks\s+out)\b[^.;!?]{{0,30}}?\b(?:in|with(?:\s+an?)?)\s+(?:\w+\s+)?{_TROUBLE}\b"
    # An end to it for ever, for everything, or by nothing else.
    r"|goodbye\b[^.;!?]{0,40}?\b(?:completely|for\s?ever|for\s+good)\b"
    r"|your\s+(?:\w+\s+){1,3}?will\s+(?:disappear|vanish|be\s+gone|go\s+away)\s+(?:completely|for\s?ever|for\s+good|permanently)\b"
    r"|(?:rid\s+of|eliminates?|ends?|fix(?:es)?|banish(?:es)?|erases?|beats?)\s+(?:[\w'’]+\s+){1,3}?(?:completely|for\s?ever|for\s+good"
    r"|permanently)\b|farewell\s+to\b|will\s+never\s+(?:come\s+back|return)\b"
    r"|(?:makes?|made)\s+(?:[\w'’]+\s+){1,3}?(?:disappear|vanish)\b|curable\b"
    r"|magic(?:al)?\s+(?:remed(?:y|ies)|bullets?|treatments?|herbs?|pills?|therapy|formula|solutions?)\b"
    r"|you(?:['’]ll|\s+will)\s+be\s+(?:\w+ly\s+)?(?:pain[\s-]free|free\s+(?:of|from)\s+(?:pain|symptoms)|healed)\b"
    r"|works?\s+100\s?(?:%|per)|heals?\s+(?:[\w'’]+\s+){0,5}?(?:any|every|all)\b"
    r"|once\s+and\s+for\s+all\b|never\s+(?:have|get|feel|suffer|experience)\b[^.;!?]{0,40}?\bagain\b"
    r"|(?:eliminates?|removes?|flush(?:es)?|destroys?|banish(?:es)?|prevents?|stops?|ends?|relieves?|heals?|fixes)\s+(?:all|every|any)\s+(?:\w+\s+){0,2}?"
    r"(?:toxins?|pains?|diseases?|illness(?:es)?|symptoms?|inflammation|viruses|infections?|colds?|headaches?|migraines?|ailments?|allergies|cancers?)\b"
    r"|promises?\s+(?:you\s+)?(?:that\s+you|you\s+will|relief|results|to\s+(?:heal|end|cure))\b"
    r"|(?:(?:can|could|will|may|needles|acupuncture|massage|herbs|teas|adjustments|treatments|supplements|oils|they|we)\s+replace"
    r"|replaces|throw\s+(?:away|out)|ditch|toss)\s+(?:your|any|all|the)\s+(?:\w+\s+){0,3}?(?:medicines?|medications?|drugs?|insulin"
    r"|inhalers?|pills?|tablets?|surgery|doctors?|chemotherapy|antidepressants|painkillers|opioids|prescriptions?|statins|crutches|braces?)\b"
    r"|(?:(?:you(?:['’]ll|\s+will)?|and)\s+(?:no\s+longer|never\s+again)|never\s+again)\s+need\s+(?:your\s+|any\s+|an?\s+)?(?:\w+\s+){0,2}?"
    r"(?:medicines?|medications?|drugs?|insulin|inhalers?|pills?|tablets?|painkillers|surgery|glasses)\b"
    r"|the\s+only\s+(?:real|true|lasting|permanent|sure|natural|complete|certain)\s+(?:\w+\s+)?(?:treatment|remedy|therapy|answer|solution"
    r"|help|relief|way)\b"
    r"|the\s+only\s+(?:treatment|remedy|therapy|method|way|thing)\s+that\s+(?:\w+ly\s+)?(?:works|heals|helps)\b"
    r"|reverses?\s+(?:\w+\s+){0,2}?(?:diabetes|arthritis|dementia|ag(?:e)?ing|diseases?|cancer|infertility|depression)\b"
    r"|(?:can|will|we)\s+heal\s+(?:your|any|every|all)\b",
    also=",",
    is_for_small=True,
)
# How somebody will be: a promise, unless the clause only says when something else holds (“when the pain is gone”).
_STATE = at_words(
    rf"{_CONDITION}\s+(?:(?:is|are|was|were|will\s+be)\s+(?:\w+ly\s+)?(?:gone|over|forgotten|healed)|(?:just\s+|simply\s+)?"
    r"(?:melts?|melted)\s+away)\b"
    r"|you(?:['’]ll|\s+will)\s+(?:sleep|feel|live|breathe|walk|run|wake|move)\b[^.;:!?]{0,40}?\b(?:from\s+now\s+on"
    rf"|for\s+the\s+rest\s+of\s+your\s+life|every\s+(?:single\s+)?(?:night|day)|without\s+(?:any\s+)?{_TROUBLE})\b",
    is_for_small=True,
)
_UNDER_CONDITION = re.compile(
    r"\b(?:if|when|whenever|once|until|till|unless|before|after|as\s+(?:soon|long)\s+as|while|even\s+though|that|who|which)\b",
    re.IGNORECASE,
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
    r"\b(?:anyone|anybody|someone|whoever|(?:those\s+)?who\s+(?=promise|guarantee|claim)|people\s+who|websites?|adverts?|advertisements?|sellers?|(?:claims?|promises?)\s+of)\b"
    r".*\b(?:warning|not|never|leave|avoid|wary|distrust|ask|careful|beware|honest|ignore|suspicious|selling|sells?|lying|lies)\b",
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
    words = small(text)
    found = sorted([*PROMISE.finditer(words), *_STATE.finditer(words)], key=re.Match.start)
    others = [match.span() for match in _OTHER_CURES.finditer(text)] if found else []
    return tuple(
        text[match.start() : match.end()].strip()
        for match in found
        if not any(start < match.end() and match.start() < end for start, end in others) and not _is_honest(text, match)
    )


def _is_honest(text: str, match: re.Match[str]) -> bool:
    """Whether the sentence denies the claim, asks for it, warns of it, or reports what a study saw.

    ``match`` was found in the small letters of ``text``, and stands at the same place.
    """
    before = _SENTENCE_END.split(text[max(0, match.start() - _REACH) : match.start()])[-1].lstrip()
    after = text[match.end() : match.end() + _REACH]
    end = _SENTENCE_END.search(after)
    claim = text[match.start() : match.end()]
    sentence = f"{before}{claim}{after[: end.end()] if end else after}".rstrip()
    if sentence.endswith("?") and _OPEN_QUESTION.match(sentence) and not _WISH.search(sentence):
        return True
    if _REPORTED.match(after) or _DENIED_AFTER.match(after) or _OF_OTHERS.search(sentence):
        return True
    if re.match(r"(?:a\s+)?myth\b", sentence, re.IGNORECASE):
        return True
    if _BEST_OF_ALL.search(sentence):
        return False
    clause = _NO_DENIAL.sub(" ", _CLAUSE_END.split(before)[-1])
    if match.re is _STATE and _UNDER_CONDITION.search(clause.rpartition(",")[2]):
        return True
    return bool(_DENIAL.search(clause))
