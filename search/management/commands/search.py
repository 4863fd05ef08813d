"""``search rebuild`` makes the index of search anew from what is public; ``search verify`` says where the two differ."""

from collections.abc import Iterable
from contextlib import closing
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search import indexing
from search.cluster import EngineUnavailable

Document = TypeVar("Document")


class Command(BaseCommand):
    """Rebuild or verify the index."""

    help = "rebuild: make the index anew from what is public. verify: prove that index and public documents agree."

    def add_arguments(self, parser: Any) -> None:
        """The one argument says what to do."""
        parser.add_argument("what", choices=["rebuild", "verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; ends with an error when something does not agree, or the engine of search does not answer."""
        try:
            self._do(options["what"])
        except EngineUnavailable as error:
            raise CommandError(f"{error} The index stays as it was.") from error

    def _do(self, what: str) -> None:
        if what == "rebuild":
            # Closed when it is interrupted: then its transaction ends at once, and the old index stays.
            with closing(indexing.rebuild()) as rebuilding:
                count = sum(1 for _document_id in _watched(rebuilding))
            self.stdout.write(f"{count} documents are in the index.")
            return
        found = list(indexing.problems(_watched))
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            raise CommandError(f"{len(found)} problems found; search rebuild mends them.")
        self.stdout.write(f"The index is sound: {indexing.documents_to_index()} documents.")


def _watched(documents: Iterable[Document]) -> Iterable[Document]:
    """``documents``, with a bar for whoever sits at a terminal."""
    bar: Iterable[Document] = tqdm(documents, total=indexing.documents_to_index(), unit="page", disable=None)
    return bar
