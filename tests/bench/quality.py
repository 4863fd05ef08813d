"""How well search answers the judged queries, beside the stock Wagtail search on the same pages: a part of ``make bench``.

The demo clinic is loaded once for each database and kept in ``var/bench``. The stock search asks live pages through Wagtail's
database backend for any of the words (all of them would find less); it knows of each page what Wagtail's ``Page`` indexes, which
is its title.
"""

import contextlib
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    """Load the demo where it is missing, and print a table for each database."""
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve() / "bench" / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    for url in _databases(folder):
        environ = os.environ | {
            "DATABASE_URL": url,
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
        }
        for command in (
            ["manage.py", "migrate", "--verbosity=0"],
            ["manage.py", "demo", "--quiet"],
            ["manage.py", "search", "rebuild"],
        ):
            subprocess.run(
                [sys.executable, "-W", "ignore", *command], env=environ, cwd=ROOT, check=True, stdout=subprocess.DEVNULL
            )
        subprocess.run([sys.executable, "-m", "tests.bench.quality", "--here"], env=environ, cwd=ROOT, check=True)


def _databases(folder: Path) -> Iterator[str]:
    wanted = (os.environ.get("DATABASES") or "sqlite,postgresql").split(",")
    if "sqlite" in wanted:
        yield f"sqlite:///{folder / 'demo.sqlite3'}"
    server = os.environ.get("BENCH_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
    if "postgresql" in wanted and server.startswith("postgres"):
        import psycopg2

        connection = psycopg2.connect(server)
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'bench_quality'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE bench_quality")
        yield urlsplit(server)._replace(path="/bench_quality").geturl()


def print_here() -> None:
    """Print a line for each search and each part of the set."""
    warnings.simplefilter("ignore")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from wagtail.models import Page

    from search.query import search
    from tests.search.judging import judged_queries, name_of, quality_of

    call_command("update_index", verbosity=0)

    def attest(text: str) -> Sequence[str]:
        return [name_of(json.loads(hit.card)["path"]) for hit in search(text, site_id="", limit=10).hits]

    def stock(text: str) -> Sequence[str]:
        pages = Page.objects.live().filter(depth__gt=1).search(text, operator="or")[:10]
        return ["home" if page.depth == 2 else page.slug for page in pages]

    queries = judged_queries()
    parts = {"tuned": [one for one in queries if not one.is_held], "held back": [one for one in queries if one.is_held]}
    sys.stdout.write(
        "| search | database | queries | nDCG@10 | MRR | nothing found |\n| --- | --- | ---: | ---: | ---: | ---: |\n"
    )
    for name, ask in (("Attest", attest), ("stock Wagtail", stock)):
        for part, chosen in parts.items():
            quality = quality_of(chosen, ask)
            sys.stdout.write(
                f"| {name} | {connection.vendor} | {quality.queries} {part} | {quality.ndcg:.3f} | {quality.mrr:.3f} "
                f"| {quality.zero_rate:.1%} |\n"
            )


if __name__ == "__main__":
    print_here() if "--here" in sys.argv else main()
