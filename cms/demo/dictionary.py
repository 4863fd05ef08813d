"""What the demo clinic's editors taught the search: synonyms, promoted pages, and notices for emergencies.

It comes with the demo and not with a migration: an emergency number is right in one country and wrong in the next, and a
dictionary is about the words of one clinic's visitors.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from cms.pages.models import PublicPage
from search.models import Notice, PromotedPage, Promotion, Synonym

Row = TypeVar("Row", Synonym, Promotion, Notice)
FILE = Path(__file__).parent / "content" / "dictionary.toml"


def make_dictionary(pages: Mapping[str, PublicPage]) -> None:
    """Add everything that the file says; ``pages`` are the demo's, by path."""
    content = tomllib.loads(FILE.read_text())
    for row in content["synonyms"]:
        meanings = "\n".join(row["means"])
        _keep(Synonym(phrase=row["phrase"], meanings=meanings, is_both_ways=row.get("both_ways", False)))
    for row in content["promoted"]:
        promotion = _keep(Promotion(phrase=row["phrase"]))
        for order, path in enumerate(row["pages"]):
            PromotedPage.objects.create(promotion=promotion, page=pages[path].page_ptr, sort_order=order)
    for row in content["notices"]:
        _keep(Notice(**{**row, "phrases": "\n".join(row["phrases"])}))


def _keep(row: Row) -> Row:
    # As strictly as the desk: what an editor could not save is not in the demo either.
    row.full_clean(exclude={"folded"})
    row.save()
    return row
