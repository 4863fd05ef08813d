"""How a page speaks: words that hurt, sentences that are hard to read, lines that will be cut off. All of it is advice.

Whether a word fits is a person's judgement: it may be quoted, or be part of a name. So nothing here keeps a page back.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.tuning import limit
from cms.workflow.checks.wording import KEPT_TEXTS, Wording

# What to write instead. Source: “Words Matter” of the National Institute on Drug Abuse, the AMA's guide to language that
# puts people first, and the recommendations for reporting on suicide.
BETTER_WORDS: tuple[tuple[str, str], ...] = (
    (r"(?:drug\s+)?(?:addicts?|abusers?|junkies)", "people with a substance use disorder"),
    (r"alcoholics?(?!\s+(?:drinks?|beverages?|hepatitis|liver|ketoacidosis|anonymous))", "people with alcohol use disorder"),
    (r"(?:substance|drug|alcohol)\s+abuse", "substance use, or substance use disorder"),
    (r"commit(?:s|ted|ting)?\s+suicide", "die by suicide"),
    (r"(?:failed|unsuccessful)\s+suicide\s+attempts?", "suicide attempt"),
    (r"(?:suffer(?:s|ing|ed)?\s+from|afflicted\s+(?:with|by)|stricken\s+with)", "have, live with"),
    (r"(?:stroke|cancer|aids|burn|trauma)\s+victims?", "people who had a stroke, people with cancer"),
    (r"diabetics|a\s+diabetic(?=\s+(?:who|should|must|may|can|needs?)\b)", "people with diabetes"),
    (r"epileptics|a\s+(?:known\s+)?epileptic(?=[.,;]|$)", "people with epilepsy"),
    (r"(?:schizophrenics?|psychotics|asthmatics|arthritics|hemophiliacs|anorexics|insomniacs)", "people with the illness"),
    (r"(?:wheelchair[-\s]bound|confined\s+to\s+a\s+wheelchair)", "wheelchair user"),
    (r"the\s+(?:mentally\s+ill|disabled|handicapped|elderly|obese|blind|deaf)(?=\s+\w+|[.,;]|$)(?!\s+(?:person|people|man|woman))",
     "people with a mental illness, older people, people with obesity"),
    (r"(?:morbidly\s+)?obese\s+(?:people|persons?|patients?|women|men|children|adults?)", "people with obesity"),
    (r"(?:handicapped|crippled?|retarded|invalids)", "disabled, or the disability by its name"),
    (r"(?:crazy|insane|lunatics?|psycho)", "the illness by its name"),
    (r"non-?\s?complian(?:t|ce)", "does not take the treatment, and why"),
    (r"(?:drug[-\s]free\s+and\s+)?clean\s+(?:from\s+drugs|and\s+sober)", "in recovery"),
)  # fmt: skip
_HURTFUL = tuple((re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), better) for pattern, better in BETTER_WORDS)
# Names of institutions and titles keep their words, and so does what somebody else is quoted with.
_NAMES = re.compile(
    r"\b(?:institute|administration|council|office|center|journal)\s+(?:\w+\s+){0,3}(?:abuse|deaf|blind)\b|[“\"][^”\"]{1,60}[”\"]",
    re.IGNORECASE,
)

_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_VOWELS = re.compile(r"[aeiouy]+")
# Fields with lines of their own length: field, its limit, its name for the editor.
_LENGTHS = (
    ("title", "title_characters", "title"),
    ("seo_title", "seo_title_characters", "title for search engines"),
    ("summary", "summary_characters", "summary"),
    ("search_description", "description_characters", "description for search engines"),
)


def stigmatising_words(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Words that make a person their illness. Source: NIDA's “Words Matter”, the AMA's language guide, reporting on suicide."""
    for piece in wording:
        for words, better in hurtful_in(piece.text):
            message = f"“{words}” can hurt. Better: {better}."
            yield Finding("stigmatising_word", message, field=piece.field, block_id=piece.block_id)


@lru_cache(maxsize=KEPT_TEXTS)
def hurtful_in(text: str) -> tuple[tuple[str, str], ...]:
    """Words of ``text`` that can hurt, each with what is better; names of organisations may hold them."""
    names = [match.span() for match in _NAMES.finditer(text)]
    return tuple(
        (match.group(), better)
        for pattern, better in _HURTFUL
        for match in pattern.finditer(text)
        if not any(start <= match.start() and match.end() <= end for start, end in names)
    )


def reading_grade(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Health texts are for everybody. Source: the NIH and AHRQ advise the sixth to eighth grade; Flesch-Kincaid (1975)."""
    sentences = [part for piece in wording if piece.can_cite for part in _SENTENCE_END.split(piece.text)]
    words = sum(len(_WORD.findall(sentence)) for sentence in sentences)
    if words < limit("reading_words"):
        return
    grade = grade_of(sentences)
    if grade > limit("reading_grade"):
        message = (
            f"The text reads like school grade {grade:.0f}; aim for {limit('reading_grade')} or below. "
            "Shorter sentences and everyday words help most."
        )
        yield Finding("reading_grade", message)


def lengths(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """What is longer than its place is cut off in the middle. Source: the widths of search results and of our own cards."""
    for field, name, label in _LENGTHS:
        characters = len(getattr(page, field, "") or "")
        if characters > limit(name):
            message = (
                f"The {label} has {characters} characters; more than {limit(name)} are cut off in lists and search."
            )
            yield Finding(f"long_{field}", message, field=field)


def grade_of(sentences: list[str]) -> float:
    """The Flesch-Kincaid grade of ``sentences``: 0.39 × words per sentence + 11.8 × syllables per word − 15.59.

    Syllables are counted by groups of vowels, a silent e left out: within a few per cent of a dictionary, and without one.
    No sentences, or none with a word: 0.
    """
    words = [words for sentence in sentences if (words := _WORD.findall(sentence))]
    count = sum(len(found) for found in words)
    if not count:
        return 0.0
    syllables = sum(_syllables(word) for found in words for word in found)
    return 0.39 * count / len(words) + 11.8 * syllables / count - 15.59


def _syllables(word: str) -> int:
    word = word.lower()
    if word.endswith("e") and not word.endswith(("le", "ee")):
        word = word[:-1]
    elif word.endswith(("es", "ed")) and not word.endswith(
        ("ses", "ches", "shes", "xes", "zes", "ted", "ded", "ies", "ied")
    ):
        word = word[:-2]
    return max(1, len(_VOWELS.findall(word)))
