"""Fill one database of the benchmark: the demo clinic, then articles until there are as many as are wanted.

``python -m tests.bench.load 1000 load.json``, with ``DATABASE_URL`` and ``VAR_DIR`` naming the place. What is there already
is kept, so a run that was stopped goes on where it stood; how fast articles were loaded is written to the file.
"""

import gc
import json
import sys
import time
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django has to be set up first
from django.db import connection  # noqa: E402

from cms.demo.loading import DemoLoader  # noqa: E402
from cms.publishing import card_references  # noqa: E402
from cms.publishing.models import Head  # noqa: E402
from tests.bench.content import ArticleMaker, batches, slug_of  # noqa: E402


def main(wanted: int, report: Path) -> None:
    """Load until ``wanted`` articles are public, the demo's own included."""
    call_command("migrate", verbosity=0)
    if not Head.objects.filter(type="article").exists():
        _say("the demo clinic first …")
    DemoLoader(with_progress=False).load()
    # What the worker would do within seconds, for a database of an older version.
    card_references.prepare_all()
    public = Head.objects.filter(type="article").count()
    missing = wanted - public
    if missing <= 0:
        _say(f"{public} articles are there already")
        return
    first = Head.objects.filter(slug__startswith=slug_of(0)[:-1]).count()
    # A batch holds a hundred thousand objects, none of them garbage before it ends: looking for it costs a twentieth.
    gc.freeze()
    gc.set_threshold(200_000, 50, 50)
    maker, started = ArticleMaker(), time.monotonic()
    for numbers in batches(first, missing):
        maker.make(numbers)
        done = numbers.stop - first
        rate = done / (time.monotonic() - started)
        _say(f"{public + done} of {wanted} articles, {rate:.0f} a second, {_left((missing - done) / rate)} left")
    seconds = time.monotonic() - started
    card_references.prepare_all()
    if connection.vendor == "postgresql":
        # What the database's own housekeeping would do within minutes.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    report.write_text(json.dumps({"articles": missing, "seconds": seconds}))


def _left(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{seconds:.0f} s"


def _say(sentence: str) -> None:
    sys.stdout.write(f"  {sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
