"""What searches of all kinds cost beside a list of twenty cards: ``python -m tests.bench.mixture``, on a loaded database.

``DATABASE_URL`` and ``VAR_DIR`` name it, as for ``tests.bench.load``. The whole WSGI application is asked inside this process,
one request after the other, without the response cache; kinds take turns, so that what drifts on the machine hits all of them
alike. Candidates of a search are kept for one version of the ledger (``search.finding``): so everything is asked twice over, once
with nothing kept, as when the words are new, and once as when somebody asked them before, turns the page or narrows what was
found. Times are of the processor, so that others on the machine do not count; of PostgreSQL's own work nothing is in them.
"""

import os
import sys
import time
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
    from search import finding

    requests = {LIST: [f"/api/v1/articles?limit={PER_PAGE}"]}
    requests |= {kind: [f"/api/v1/search?q={quote(text)}" for text in texts] for kind, texts in SEARCHES.items()}
    requests["completions"] = [f"/api/v1/search/suggest?q={quote(text)}" for text in COMPLETIONS]
    kept = finding._MAX_KEPT
    columns = []
    for limit in (0, kept):
        finding._MAX_KEPT = limit
        columns.append(_measured(requests))
    lines = [
        f"{connection.vendor}, {Head.objects.count():,} documents",
        "",
        "| asked | new words: p50 ms | p99 ms | × list | asked before: p50 ms | p99 ms | × list |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind in columns[0]:
        cells = []
        for times in columns:
            p50, p99 = (_percentile(times[kind], share) for share in (0.5, 0.99))
            cells += [f"{p50:.2f}", f"{p99:.2f}", f"{p50 / _percentile(times[LIST], 0.5):.1f}"]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    sys.stdout.write("\n".join(lines) + "\n")


def _measured(requests: dict[str, list[str]]) -> dict[str, list[float]]:
    """Milliseconds of each request, by kind; and those of all searches together."""
    application = application_in_force()
    times: dict[str, list[float]] = {kind: [] for kind in requests}
    for number in range(ROUNDS + 2):
        for kind, addresses in requests.items():
            for address in addresses:
                began = time.thread_time()
                ask(application, address)
                if number > 1:
                    times[kind].append(1000 * (time.thread_time() - began))
    times[ALL] = [each for kind in SEARCHES for each in times[kind]]
    return times


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


if __name__ == "__main__":
    main()
