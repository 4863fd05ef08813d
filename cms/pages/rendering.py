"""A page becomes its public document: the one conversion that the API, the reader's pages and the preview all show.

Rendering is a function of the page and of the *world* around it: which other pages the public can see. Pages are told about
the world, they never ask the ledger, so that the same code renders a publication (inside the transaction that makes it) and
a preview. What rendering touched is recorded as dependencies: when one of them changes, the page is rendered again.
"""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.text import slugify

from cms.media.models import ClinicFile, ClinicImage
from cms.media.renditions import PublicImage, public_image
from cms.pages.document import JSON

if TYPE_CHECKING:
    from cms.pages.references import Reference

# Words that a practised adult reads in a minute; health texts are read a little slower than prose.
WORDS_PER_MINUTE = 200


@dataclass(frozen=True)
class Neighbour:
    """What the public may know of another page: only pages that are public have one."""

    document_id: uuid.UUID
    type: str
    title: str
    path: str
    credentials: str = ""


@dataclass(frozen=True)
class Signature:
    """One approval as the public document shows it: ``page_id`` is the approver's own page, when there is one."""

    stage: str
    page_id: int | None
    at: datetime.datetime


@dataclass(frozen=True)
class MaterialChange:
    """The newest change that readers are told of: when its words became public, and the note to the reader."""

    at: datetime.datetime
    note: str

    def as_public(self) -> dict[str, JSON]:
        """As the document shows it."""
        return {"at": time_of(self.at), "note": self.note}


class World(Protocol):
    """What is public around the page being rendered, and where."""

    base_url: str

    def neighbour(self, page_id: int) -> Neighbour | None:
        """The public face of the page with primary key ``page_id``, or ``None`` when the public cannot see it."""

    def path_of(self, page: Any) -> str:
        """The path on its site at which ``page`` is, or would be, public."""

    def reference(self, key: int) -> "Reference | None":
        """The reference with this primary key, or ``None`` when the library has none."""


@dataclass(frozen=True)
class Relation:
    """A tie from the rendered page to another document; its card is joined when the page is read."""

    kind: str
    page_id: int
    note: str = ""


@dataclass(frozen=True)
class Dependency:
    """Something outside the page that its document shows: ``kind`` is page, image, file, reference or setting."""

    kind: str
    object_id: int


@dataclass(frozen=True)
class Rendered:
    """A page's public document before the ledger adds positions: body, relations, and what it depends on."""

    document: dict[str, JSON]
    relations: tuple[Relation, ...]
    dependencies: frozenset[Dependency]


@dataclass
class Rendering:
    """One rendering in progress: numbers references as they come, hands out anchors, notes dependencies."""

    world: World
    signatures: tuple[Signature, ...] = ()
    references: list["Reference"] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    dependencies: set[Dependency] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)

    def neighbour(self, page_id: int) -> Neighbour | None:
        """The public face of another page; the dependency is noted even when there is none yet."""
        self.dependencies.add(Dependency("page", page_id))
        return self.world.neighbour(page_id)

    def relate(self, kind: str, page_ids: Iterable[int], note: str = "") -> None:
        """Tie the page to others, in their order; hidden ones are left out when the document is read."""
        self.relations.extend(Relation(kind, page_id, note) for page_id in page_ids)

    def number_of(self, reference: "Reference | None") -> int | None:
        """The number of ``reference`` in this document: its first mention decides, as in a printed paper."""
        if reference is None:
            return None
        self.dependencies.add(Dependency("reference", reference.pk))
        if reference not in self.references:
            self.references.append(reference)
        return self.references.index(reference) + 1

    def image(self, image: ClinicImage | None) -> PublicImage | None:
        """The public form of ``image``, or ``None`` when there is none."""
        if image is None:
            return None
        self.dependencies.add(Dependency("image", image.pk))
        return public_image(image, base_url=self.world.base_url)

    def file_url(self, file: ClinicFile) -> str:
        """The absolute address of a file for download."""
        self.dependencies.add(Dependency("file", file.pk))
        return f"{self.world.base_url}{file.url}"

    def anchor(self, text: str) -> str:
        """A fragment identifier for a heading, unique in the document: the same heading twice gets a number."""
        stem = slugify(text)[:60] or "section"
        anchor, number = stem, 2
        while anchor in self.anchors:
            anchor, number = f"{stem}-{number}", number + 1
        self.anchors.add(anchor)
        return anchor

    def html(self, source: str) -> str:
        """Rich text from the database as safe public HTML."""
        from cms.pages.richtext import public_html  # richtext numbers references through this very object

        return public_html(source, self)

    def blocks(self, stream: Any) -> list[JSON]:
        """The blocks of a stream field in their public form, in order."""
        return [
            {"id": str(child.id or ""), "type": child.block_type, "value": child.block.to_public(child.value, self)}
            for child in stream
        ]


def time_of(moment: datetime.datetime | None) -> str | None:
    """``moment`` as ISO 8601 in UTC with a trailing ``Z``, to the second."""
    if moment is None:
        return None
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def reading_minutes(text: str) -> int:
    """Whole minutes that reading ``text`` takes, at least one."""
    return max(1, round(len(text.split()) / WORDS_PER_MINUTE))
