"""What searches of all kinds cost beside a list of twenty cards: ``python -m tests.bench.mixture``, on a loaded database.

``DATABASE_URL`` and ``VAR_DIR`` name it, as for ``tests.bench.load``. The whole WSGI application is asked inside this process,
one request after the other, without the response cache; kinds take turns, so that what drifts on the machine hits all of them
alike. Everything is asked three times over, by what a process has kept for this version of the ledger: nothing, as when words are
new (the address is new, too, and so is each stem); its words, because they stood in other searches, each beside another word
(``search.recent``); and this very page of results, which somebody asked for before (``search.finding``). Times are of the
processor, so that others on the machine do not count; of PostgreSQL's own work nothing is in them.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from tests.bench import servers

os.environ |= servers.environment(
    os.environ["DATABASE_URL"], Path(os.environ["VAR_DIR"]), "cms.settings.dev", RESPONSE_CACHE_BYTES="0"
)

from tests.bench.cases import PER_PAGE, WORDS  # noqa: E402 - settings are read at the first import of Django
from tests.bench.counting import application_in_force, ask  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS") or 60)
LIST, ALL = f"list of {PER_PAGE}", "search, all kinds"
SEARCHES: dict[str, tuple[str, ...]] = {
    "search, the words of `make bench`": WORDS,
    "search, rare words": ("gluten", "gambling", "wisdom tooth", "hookah", "tinnitus", "shingles vaccine"),
    "search, common words": (
        "sleep",
        "pain",
        "sleep better",
        "medicine bedtime",
        "what helps against pain",
        "insomnia",
    ),
    "search, misspelt": ("insomina", "medcine", "acupunture", "prescirbed", "hedache", "bedtme"),
    "search, phrases, `-word`": ('"side effects"', '"low back"', "pain -back", '"fall asleep" sleep'),
    "search, unfinished": ("inso", "medi", "pre", "mus"),
}
COMPLETIONS = ("inso", "medi", "s", "acup", "head", "sleep b", "insomina")


def main() -> None:
    """Print a table: milliseconds of a processor for each kind, and how many times a list that is."""
    from django.db import connection

    from cms.publishing.models import Head

    requests = {LIST: [f"/api/v1/articles?limit={PER_PAGE}"]}
    requests |= {kind: [f"/api/v1/search?q={quote(text)}" for text in texts] for kind, texts in SEARCHES.items()}
    requests["completions"] = [f"/api/v1/search/suggest?q={quote(text)}" for text in COMPLETIONS]
    columns = [_measured(requests, _forget, is_new=True), _measured(requests, _known_words()), _measured(requests)]
    heads = " | ".join(f"{name}: p50 ms | p99 ms | × list" for name in ("new words", "known words", "asked before"))
    lines = [
        f"{connection.vendor}, {Head.objects.count():,} documents",
        "",
        f"| asked | {heads} |",
        f"| --- |{' ---: |' * 9}",
    ]
    for kind in columns[0]:
        cells = []
        for times in columns:
            p50, p99 = (_percentile(times[kind], share) for share in (0.5, 0.99))
            cells += [f"{p50:.2f}", f"{p99:.2f}", f"{p50 / _percentile(times[LIST], 0.5):.1f}"]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    sys.stdout.write("\n".join(lines) + "\n")


def _measured(
    requests: dict[str, list[str]], prepare: Callable[[], None] | None = None, *, is_new: bool = False
) -> dict[str, list[float]]:
    """Milliseconds of each request, by kind, each after ``prepare``; and those of all searches together.

    With ``is_new`` each search comes under an address that was not asked before.
    """
    application = application_in_force()
    times: dict[str, list[float]] = {kind: [] for kind in requests}
    for number in range(ROUNDS + 2):
        for kind, addresses in requests.items():
            for address in addresses:
                if is_new and kind in SEARCHES:
                    # Spaces before the words mean nothing.
                    address = address.replace("?q=", f"?q={'+' * number}")
                if prepare and kind in SEARCHES:
                    prepare()
                began = time.thread_time()
                ask(application, address)
                if number > 1:
                    times[kind].append(1000 * (time.thread_time() - began))
    times[ALL] = [each for kind in SEARCHES for each in times[kind]]
    return times


def _forget() -> None:
    """Forget whatever has to do with words."""
    from search import scopes, stemming
    from search.recent import Recent

    for at in scopes._kept:
        at.found.clear()
        at.completed.clear()
        at.recent = Recent()
    stemming.stem.cache_clear()


def _known_words() -> Callable[[], None]:
    """Ask for each word beside another one; what brings that state back."""
    from search import scopes
    from search.parsing import parse
    from search.recent import Recent

    application = application_in_force()
    ask(application, "/api/v1/search?q=first")
    _forget()
    for word in sorted({word for texts in SEARCHES.values() for text in texts for word in parse(text).words}):
        ask(application, f"/api/v1/search?q={quote(word)}+clinic")
    recent = scopes._kept[0].recent

    def prepare() -> None:
        for at in scopes._kept:
            at.found.clear()
            at.completed.clear()
            at.recent = Recent()
            for name, kept in vars(recent).items():
                setattr(at.recent, name, dict(kept))

    return prepare


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


if __name__ == "__main__":
    main()
