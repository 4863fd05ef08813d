"""``search rebuild`` makes the index of search anew from what is public; ``search verify`` says where the two differ."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search import indexing


class Command(BaseCommand):
    """Rebuild or verify the index."""

    help = "rebuild: make the index anew from what is public. verify: prove that index and public documents agree."

    def add_arguments(self, parser: Any) -> None:
        """The one argument says what to do."""
        parser.add_argument("what", choices=["rebuild", "verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; ends with an error when something does not agree."""
        if options["what"] == "rebuild":
            bar = tqdm(indexing.rebuild(), total=indexing.documents_to_index(), unit="page", disable=None)
            self.stdout.write(f"{sum(1 for _document_id in bar)} documents are in the index.")
            return
        found = list(indexing.problems())
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"{len(found)} problems found; search rebuild mends them.")
        self.stdout.write(f"The index is sound: {indexing.documents_to_index()} documents.")
