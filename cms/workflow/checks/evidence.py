"""Figures and claims of effect need a reference beside them.

Source: the clinic's editorial policy (every figure has its source), and the Federal Trade Commission's health products
guidance, under which a claim of effect needs evidence that can be shown. A citation counts for the paragraph or block that
it stands in. Titles, summaries and headings cannot hold one: there, the page's own citations count.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.leftovers import PLACEHOLDER
from cms.workflow.checks.sources import MARK, blocks_of
from cms.workflow.checks.wording import KEPT_TEXTS, Wording, at_words, small

_WORD_NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|hundred"
# The look behind keeps a long row of digits from being read again from each of them.
_NUMBER = rf"(?:(?<![\d.,])\d[\d,.]*|\b(?:{_WORD_NUMBER}))"
_ILLS = (
    r"(?:headaches|migraines|attacks|pains|aches|falls|infections|strokes|allergies|injuries|illnesses|cancers|colds|miscarriages"
    r"|ulcers|cramps|sprains|deaths)"
)
# With what a treatment is compared.
_RIVALS = (
    r"(?:ibuprofen|aspirin|paracetamol|acetaminophen|painkillers?|tablets?|pills?|drugs?|medicines?|medications?|antidepressants?"
    r"|opioids?|antibiotics?|surgery|physiotherapy|placebo|sham)"
)
_TENS = "ten|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_PEOPLE = (
    r"(?:people|persons?|patients?|adults?|women|men|children|teens?|teenagers|americans?|users|visitors|smokers|cases"
    r"|population|participants|runners|workers|seniors|parents|mothers|babies|households|pregnancies|clients|athletes"
    r"|couples|boys|girls|nurses|doctors|physicians|students|veterans|employees|residents|families|infants|newborns|sufferers)"
)
# What a treatment is said to move in the body.
_BODY = (
    r"(?:immune\s+(?:system|response|defen[cs]es?)|cortisol|endorphins?|serotonin|dopamine|oxytocin|melatonin|stress\s+hormones?"
    r"|blood\s+(?:pressure|sugar|flow|circulation)|cholesterol|inflammation|circulation|metabolism|vagus\s+nerve)"
)
_STUDIES = r"(?:stud(?:y|ies)|trials?|reviews?|meta-analys[ei]s|surveys?)"
# Figures: shares, ratios, fractions of people, multiples, crowds, numbers of studies, measured effects.
FIGURE = at_words(
    rf"""
    (?<![\d.,])(?!100\s?(?:%|per))\d[\d.,]*\s?(?:%|percent\b|per\s+cent\b)
    | \b(?:{_TENS})(?:[\s-](?:{_WORD_NUMBER}))?\s+(?:percent|per\s+cent)\b
    | \b{_NUMBER}\s+(?:in|out\s+of)\s+(?:every\s+)?(?!(?:19|20)\d\d\b){_NUMBER}(?![\w%])
    | \b{_NUMBER}\s+of\s+(?:every\s+)?{_NUMBER}\s+{_PEOPLE}\b
    | \b(?:half|thirds?|quarters?|fifths?|majority)\s+of\s+(?:all\s+|the\s+|our\s+|those\s+)?(?:\w+\s+){{0,2}}?
      (?:{_PEOPLE}|{_ILLS})\b
    | \b(?:halves|halved|doubles|doubled|triples|tripled|quadruples|quadrupled)\s+(?!as\b|up\b|over\b)\w
    | \b(?:those|{_PEOPLE})\s+who\b[^.;?!]{{1,60}}?\b{_NUMBER}\s+
      (?:minutes?|hours?|days?|nights?|weeks?|months?|years?|points?)\s+(?:longer|more|less|sooner|earlier|faster|shorter|fewer)\b
    | \b(?:millions|billions)\s+of\s+(?:\w+\s+){{0,2}}?{_PEOPLE}\b
    | \b(?:dozens|scores|hundreds|thousands)\s+of\s+(?:\w+\s+){{0,2}}?{_STUDIES}\b
    | \bmost\s+(?:\w+\s+)?{_PEOPLE}\s+with\s+(?:\w+\s+){{1,3}}?(?:are|recover|improve|report|also\s+have
        |feel|get|do|sleep|notice|find|respond|benefit|return|need)\b
    | \baverage\s+of\s+{_NUMBER}\s+(?:\w+\s+){{1,2}}?(?:longer|more|less|fewer|faster|sooner|lower|higher|shorter)\b
    | \b(?:double|triple|quadruple|twice|half|{_NUMBER}\s+times)\s+the\s+(?:risk|chance|odds|rate)s?\b
    | \b(?:second|third|fourth|fifth)[\s-](?:most\s+(?:common|frequent)|leading|largest)\b | \bleading\s+cause\s+of\b
    | [½⅓⅔¼¾⅕]\s+of\b | \bevery\s+(?:second|third|fourth|fifth)\s+(?:person|adult|woman|man|child|patient|american|smoker)\b
    | (?:\bnumber\s+one|\bno\.\s?1|\#1)\s+(?:cause|reason)\b
    | \b(?:twice|{_NUMBER}\s+times|\w+-?fold)\s+(?:as|more|less|better|faster|higher|lower|greater)\s+
      (?:likely|common|often|effective|frequent|than|high|fast|well|good|risk)
    | {_NUMBER}\s+(?:million|billion|thousand)\s+(?:\w+\s+){{0,2}}?{_PEOPLE}\b
    | \$\s?\d[\d,.]*\s+(?:million|billion)\b
    | (?<![\d.,])\d{{1,3}}(?:,\d{{3}})+\s+(?:\w+\s+){{0,2}}?{_PEOPLE}\b
    | \b{_NUMBER}\s+(?:\w+\s+){{0,2}}?(?:studies|trials|reviews)\b(?!\s+(?:are|were)\s+(?:planned|under|still|running|needed))
    | \b(?:(?:can|may|will|could)\s+(?:reduce|lower|cut|improve|increase|raise|shorten)|cut
        |(?:reduc|lower|cut|improv|increas|rais|shorten|decreas|drop|halv)(?:es|s|ed|ped))\b[^.;]{{0,60}}\bby\s+
      (?:about\s+|up\s+to\s+|nearly\s+|almost\s+|more\s+than\s+|at\s+least\s+)?
      (?:(?:\d[\d,.]*|{_WORD_NUMBER}|an?)\s+
        (?:points?|minutes?|hours?|days?|nights?|weeks?|months?|years?|mm|kg|pounds?)
        |half|an?\s+(?:third|quarter|fifth))\b
    | \b(?:fell|f[ae]lls?|dropp?(?:s|ed)?|decreas(?:es|ed)|sank|shrank|rose|ris(?:es|en)|increas(?:es|ed)|climb(?:s|ed)|grew
        |improv(?:es|ed)|went(?:\s+(?:up|down))?)\s+from\s+(?:\w+\s+)?{_NUMBER}\s+(?:\w+\s+){{0,2}}?to\s+(?:\w+\s+)?{_NUMBER}(?!\w)
    | \b{_PEOPLE}\s+who\s+(?:were|had|got|received|took|did|practi[sc]ed|used|wore|drank|ate|learned|tried)\b[^.;?!]{{1,80}}?
      \b(?:(?:more|less)\s+(?:often|frequently|likely|quickly|slowly)|(?:fewer|longer|sooner|faster)\b)
    """,
    also=r"[\d½⅓⅔¼¾⅕$\#]",
    is_for_small=True,
)
# Shares of a people, “half of Americans”: read as written, because only its capital tells it from “half of onions”.
_OF_A_PEOPLE = re.compile(
    r"\b(?i:(?:half|thirds?|quarters?|fifths?|majority)\s+of\s+(?:all\s+|the\s+|our\s+|those\s+)?)(?:\w+\s+){0,2}?[A-Z][a-z]+ns\b"
)
# Percents and ratios of everyday life: money, what is in a bottle or in the air, and how somebody rates a pain.
_EVERYDAY = re.compile(
    r"\b(?:fees?|prices?|discounts?|insurance|insurers?|deductible|co-?pay|charges?d?|members?(?:hip)?|save\s+\d+|coupons?|refund|tax|tip|off|deposit|plan\s+pays"
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
EFFECT = at_words(
    rf"""
    (?:{_STUDIES}|research(?:ers)?|evidence|scien(?:ce|tists)|experts|data)\s+
      (?:(?:has|have|had)\s+)?(?:(?:also|now|clearly|consistently|long|repeatedly|even|strongly|generally|already)\s+)?{_SEEN}\b
    | (?:{_STUDIES}|research(?:ers)?|scientists|doctors|evidence)\s+(?:at|from|in|of|by)\s+(?:[\w'’-]+\s+){{1,6}}?
      (?:(?:has|have|had)\s+)?(?:\w+ly\s+)?{_SEEN}\b
    | (?:doctors|physicians|clinicians|nurses|therapists|psychologists|specialists|neurologists)\s+(?:(?:have|has)\s+)?
      (?:found|shown|showed|discovered|proved|proven|demonstrated|observed)\s+that\b
    | (?:as\s+(?:good|well|strong|safe|fast|helpful|useful)\s+as|no\s+worse\s+than|better\s+than|stronger\s+than)\s+
      (?:an?\s+|the\s+)?(?:\w+\s+){{0,2}}?{_RIVALS}\b
    | (?:boosts|lowers|raises|reduces|increases|releases|stimulates|strengthens|calms|balances|regulates|activates
        |suppresses|improves|(?:can|may|could|will|helps?(?:\s+to)?)\s+(?:\w+ly\s+)?(?:boost|lower|reduce|release|stimulate|strengthen|balance|regulate
        |activate|suppress))\s+(?:the\s+|your\s+|their\s+)?(?:body['’]s\s+|(?:levels?|release|production)\s+of\s+)?(?:\w+\s+)?{_BODY}\b
    | (?:shrinks|widens|dilates|narrows|repairs|rebuilds|regenerates|renews|rewires|thickens)\s+(?:the\s+|your\s+)?(?:\w+\s+)?
      (?:brain|hippocampus|arter(?:y|ies)|(?:blood\s+)?vessels|cartilage|nerves?|bones?|cells|tissues?|liver|heart)\b
    | (?:was|were|is|are|been|be)\s+(?:\w+ly\s+|even\s+|also\s+)?(?:shown|found|known|demonstrated|proven|proved)\s+to\s+{_ACTS}
    | {_STUDIES}\s+(?:compared|followed|enrolled|pooled|tracked|measured|examined)\b
    | (?:an?|the|one)\s+(?:19|20)\d\d\s+(?:\w+\s+){{0,2}}?{_STUDIES}\b
    | guidelines?\s+(?:now\s+|also\s+)?(?:recommend|advise|suggest)s?\b
    | (?:has|have)\s+been\s+(?:\w+ly\s+)?(?:linked|associated|tied|connected)\s+(?:to|with)\b
    | (?:is|are)\s+\w+ly\s+(?:linked|associated|tied)\s+(?:to|with)\b
    | (?:strong|good|growing|solid|clear|ample|convincing|compelling|scientific|much)\s+evidence\s+(?:that|for|of|behind)\b
      (?![^.;]{{0,80}}\b(?:is|are)\s+(?:still\s+)?(?:lacking|missing|weak|thin)\b)
    | (?:has|have)\s+(?:been\s+)?prove[nd]\s+(?:\w+\s+)?(?:effective|useful|helpful|successful|itself)\b
    | (?:risks?|pain|symptoms|attacks|headaches|time)\s+(?:of\s+\w+\s+)?in\s+half\b
    | well[\s-](?:established|documented|proven)\s+(?:that|to)\b
    | (?:clinically|scientifically|medically)\s+(?:proven|shown|proved|tested|established|confirmed|documented|validated
        |accepted|recogni[sz]ed)\b
    | (?<!un)\bproven\s+(?:to|remed\w+|treatments?|methods?|results?|effective|ways?|benefits?|track)\b
    | according\s+to\s+(?:an?\s+|the\s+)?(?:\w+\s+)?(?:{_STUDIES}|research(?:ers)?|scientists|experts|science|data)\b
    | in\s+(?:an?|one|recent|several|many|two|large|clinical)\s+(?:\w+\s+){{0,2}}?{_STUDIES}\b(?!\s+of\s+your)
    | (?:is|are)\s+effective\b | scientifically\s+backed\b
    | (?:backed|supported)\s+by\s+(?:science|research|evidence|studies)\b
    | (?:more|most|as|highly|very|extremely|less)\s+effective\b
    | works?\s+(?:better|faster)\s+than\b | outperforms?\b
    | (?:reduces|lowers|cuts|halves|doubles|triples|raises|increases)\s+(?:your\s+|the\s+|their\s+)?(?:risks?|chances?|odds)\b
    """,
    is_for_small=True,
)
# What those say whose names count: read as written, because “who” and “WHO” are two words.
_AUTHORITY = re.compile(
    r"\b(?:World\s+Health\s+Organization|WHO|NIH|CDC|FDA|Mayo\s+Clinic|Cochrane|Harvard"
    r"|American\s+(?:College|Academy|Medical|Heart|Cancer|Pain)\s+\w+)\s+(?:\w+\s+){0,4}?"
    r"(?i:recommends?|endorses?|approves?|approved|recogni[sz]es?|lists|advises?|supports?|found|reports?)\b"
)
# What takes the claim back or only asks for it, when it stands shortly before: “what studies show”, “no study has shown”.
_NO_CLAIM = re.compile(
    r"\b(?:what|which|whether|if|how|until|unless|no|none|neither|nor|not|never|cannot|nobody|\w+n['’]t|without|few|little|lacks?"
    r"|lacking|ask|myth|too\s+weak)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")
# How far before a claim its denial is looked for. Unit: characters.
_REACH = 60
_LONGEST_QUOTE = 120


def uncited_claims(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """A figure, or what “studies show”, without a reference. Source: the clinic's policy; readers must be able to check it."""
    marked = [piece for piece in wording if MARK.search(piece.source)]
    cited = {(piece.field, piece.block_id) for piece in marked if piece.block_id} | set(_figures_with_source(page))
    for piece in wording:
        if MARK.search(piece.source) or (piece.field, piece.block_id) in cited:
            continue
        if (marked or cited) and not piece.can_cite:
            continue
        for claim in claims_in(piece.text):
            quote = claim if len(claim) <= _LONGEST_QUOTE else f"{claim[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} …"
            message = f"“{quote}” states a figure or an effect without a reference. Cite its source, or leave it out."
            yield Finding("uncited_claim", message, field=piece.field, block_id=piece.block_id)


@lru_cache(maxsize=KEPT_TEXTS)
def claims_in(text: str) -> tuple[str, ...]:
    """The sentences of ``text`` that need a reference. One with an author's note in place of it is told of as a note."""
    return tuple(
        sentence.strip()
        for sentence in _SENTENCE_END.split(text)
        if not sentence.rstrip().endswith("?") and _claims(sentence) and not PLACEHOLDER.search(sentence)
    )


def _claims(sentence: str) -> bool:
    words = small(sentence)
    effects = chain(EFFECT.finditer(words), _AUTHORITY.finditer(sentence))
    if any(not _NO_CLAIM.search(_before(sentence, match)) for match in effects):
        return True
    is_figure = FIGURE.search(words) or _OF_A_PEOPLE.search(sentence)
    return bool(is_figure) and not _EVERYDAY.search(sentence)


def _before(sentence: str, match: re.Match[str]) -> str:
    return sentence[max(0, match.start() - _REACH) : match.start()]


def _figures_with_source(page: PublicPage | None) -> Iterator[tuple[str, str]]:
    for name, child in blocks_of(page):
        if child.block_type == "statistic" and child.value.get("reference"):
            yield name, str(child.id or "")
