"""What a consumer of changes can ask."""

from typing import Annotated

from pydantic import AfterValidator, Field

from cms.api.change_cursors import MAX_LENGTH
from cms.api.query import Locale, Number, SiteQuery, Types
from cms.publishing.changes import Selection
from cms.publishing.models import KINDS

# Items in one answer.
MAX_LIMIT = 500
# Longest time that an empty answer is held open. Unit: seconds. Many proxies give up after 60.
MAX_WAIT_SECONDS = 30


def _kinds(value: str) -> str:
    allowed = [kind for kind, _name in KINDS]
    if not set(value.split(",")) <= set(allowed):
        raise ValueError(f"Input should be kinds separated by commas; allowed: {', '.join(allowed)}")
    return value


class ChangesQuery(SiteQuery):
    """What the changes take."""

    since: str | None = Field(
        None,
        max_length=MAX_LENGTH,
        description="The cursor that `next` carried. Without it: a walk of all that is public, which ends with a cursor.",
    )
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT), Number] = Field(
        100, description="How many at most; fewer where they are large."
    )
    type: Types | None = Field(None, description="Types, separated by commas; the cursor keeps them.")
    kind: Annotated[str, AfterValidator(_kinds), Field(max_length=100)] | None = Field(
        None, description="Kinds, separated by commas; the cursor keeps them. The walk gives `published` only."
    )
    locale: Locale | None = Field(None, description="A language of the site; the cursor keeps it.")
    compact: bool = Field(False, description="Only the newest item of each document, of all that is still to come.")
    wait: Annotated[int, Field(ge=0, le=MAX_WAIT_SECONDS), Number] = Field(
        0, description="Seconds for which an empty answer after the walk is held open until something changes."
    )

    def selection(self, site_id: int) -> Selection:
        """What the client follows on this site; the order in which it names types or kinds means nothing."""
        return Selection(site_id, self.locale, _sorted(self.type), _sorted(self.kind))


def _sorted(value: str | None) -> tuple[str, ...]:
    return tuple(sorted(set(value.split(",")))) if value else ()
