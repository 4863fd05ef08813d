"""Claims that no health text may make.

Source: the Federal Trade Commission's rule that claims of effect need competent and reliable scientific evidence; nothing
in the clinic's library supports a promise of cure.
"""

import re
from collections.abc import Iterator

from cms.pages.findings import Finding
from cms.pages.models import PublicPage
from cms.workflow.checks.wording import Wording

_PROMISE = re.compile(
    r"\b(?:can|could|may|might|will|does|helps?|to|and|or|that|which|it|they|acupuncture|massage|chiropractic(?:\s+care)?"
    r"|treatments?|therap(?:y|ies)|needles?|we|sessions?|permanently|completely|naturally|finally)\s+(?:\w+ly\s+)?"
    r"(?:cure|cures|cured|heal\s+you\s+completely)\b"
    r"|\b(?:cure|cures|curing)\s+(?:or|and|for|your|the|all|any|most|many|every)\b"
    r"|\b(?:a|the|permanent|natural|complete|miracle|instant)\s+cure\b(?!\s+rate)"
    r"|\bmiracle\b|\bguarantee(?:d|s)?\b|\b100\s?%\s+(?:effective|safe|success)\b"
    r"|\bno\s+side[\s-]effects?\b|\bcompletely\s+safe\b|\balways\s+works?\b|\bnever\s+fails?\b",
    re.IGNORECASE,
)
# A sentence that denies a cure is what honest texts say: “There is no cure for …”, “does not cure”.
_DENIAL = re.compile(
    r"\b(?:no|not|never|cannot|can't|can’t|n't|n’t|without|isn't|isn’t|nor|neither|rarely|unlikely)\b[^.;!?]{0,60}$",
    re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"[.;!?]\s")


def cures(page: PublicPage, wording: list[Wording]) -> Iterator[Finding]:
    """Sentences that promise a cure, a guarantee or freedom from risk."""
    for piece in wording:
        for match in _PROMISE.finditer(piece.text):
            if not _is_denied(piece.text, match):
                message = (
                    f"“{match.group()}” promises more than evidence can. Say what studies found, with their reference."
                )
                yield Finding("cure_claim", message, field=piece.field, block_id=piece.block_id)


def _is_denied(text: str, match: re.Match[str]) -> bool:
    words = match.group().lower()
    if words.startswith("no side") or words.startswith("no-side"):
        return False
    before = _SENTENCE_START.split(text[: match.start()])[-1]
    return bool(_DENIAL.search(f"{before}"))
