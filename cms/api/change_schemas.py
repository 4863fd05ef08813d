"""Public shapes of delta sync: the documents of ``schemas``, with references in the place of other pages' cards.

They are made from those shapes, so that what a document gains, a change has too.
"""

from typing import Annotated, Any, Literal, Union

from pydantic import Field, create_model

from cms.api import schemas
from cms.api.block_schemas import Html, Shape
from cms.api.schemas import CardType, DocumentId, Override, Time


class DocumentReference(Shape):
    """Another document, to be found in the consumer's own copy; where it is not there, the tie is passed over."""

    id: DocumentId
    type: Literal[CardType, "person"]


class TreatmentReference(Shape):
    """A service that may help, and what studies found."""

    service: DocumentReference
    evidence: Html


class RecordedApproval(Shape):
    """One approval. The name is the title of `person`; without one in the consumer's copy, credentials are not shown."""

    stage: Literal["editorial", "clinical"]
    person: DocumentReference | None
    credentials: str | None
    at: Time


class RecordedAttestation(Shape):
    """Why the public may see this, and where the ledger records it."""

    position: int = Field(ge=1)
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    revision: int | None
    approvals: list[RecordedApproval]
    override: Override | None


# What takes the place of what other pages decide; everything else is as in the document.
_INSTEAD: dict[Any, Any] = {
    list[schemas.AnyCard]: list[DocumentReference],
    list[schemas.ShortReference]: list[DocumentReference],
    list[schemas.Treatment]: list[TreatmentReference],
    schemas.Attestation: RecordedAttestation,
}
# Worked out by the consumer: the articles whose `authors` name the person, newest first.
_WORKED_OUT = {("PersonDocument", "articles")}


def _recorded(shape: type[Shape]) -> Any:
    fields: dict[str, Any] = {}
    for name, field in shape.model_fields.items():
        if (shape.__name__, name) not in _WORKED_OUT:
            annotation = next((new for old, new in _INSTEAD.items() if old == field.annotation), None)
            fields[name] = (annotation or field.rebuild_annotation(), Field(description=field.description))
    words = f"{shape.__doc__} Other pages are references."
    return create_model(f"Recorded{shape.__name__}", __base__=Shape, __doc__=words, **fields)


_SHAPES = (
    *(schemas.PlainDocument, schemas.HomeDocument, schemas.ArticleDocument),
    *(schemas.ConditionDocument, schemas.ServiceDocument, schemas.PersonDocument),
)
RecordedDocument: Any = Annotated[
    Union[tuple(_recorded(shape) for shape in _SHAPES)],  # noqa: UP007 - made from a list
    Field(discriminator="type"),
]


class _Change(Shape):
    position: int = Field(ge=1, description="Where the ledger records it; positions rise from item to item.")
    id: DocumentId
    type: Literal[CardType, "person"]
    locale: str
    path: str
    at: Time
    release: str | None = Field(description="What was published together carries the same name.")


class Publication(_Change):
    """A document to put in the place of the one with the same `id`, if there is one."""

    kind: Literal["published", "updated", "moved"]
    reason: None
    document: RecordedDocument


class Withdrawal(_Change):
    """A document to remove, if it is there."""

    kind: Literal["withdrawn"]
    reason: Literal["unpublished", "expired", "deleted", "restricted"]
    document: None


class ChangesAnswer(Shape):
    """Changes, to be applied in order."""

    items: list[Annotated[Publication | Withdrawal, Field(discriminator="kind")]]
    next: str = Field(description="The cursor after these items: to be kept once they are applied.", max_length=512)
    more: bool = Field(description="Whether there is more to be had at once.")
