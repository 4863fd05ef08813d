"""Public shapes of drafts: those of published documents, with an attestation that says how far a draft is."""

from typing import Annotated

from pydantic import Field, RootModel

from cms.api import schemas
from cms.api.block_schemas import Shape


class DraftAttestation(Shape):
    """How far a draft is: nothing of it stands in the ledger, but approvals of these very words may have been given."""

    position: None = Field(description="A draft has no place in the ledger.")
    digest: None = Field(description="The ledger has recorded nothing.")
    revision: int | None
    approvals: list[schemas.Approval] = Field(description="Those that stand for these words so far.")
    override: None


class DraftPlain(schemas.PlainDocument):
    """A draft of a plain page, a topic, or the page above a list."""

    attestation: DraftAttestation  # type: ignore[assignment]  # the one part that differs


class DraftHome(schemas.HomeDocument):
    """A draft of the first page."""

    attestation: DraftAttestation  # type: ignore[assignment]  # the one part that differs


class DraftArticle(schemas.ArticleDocument):
    """A draft of an article."""

    attestation: DraftAttestation  # type: ignore[assignment]  # the one part that differs


class DraftCondition(schemas.ConditionDocument):
    """A draft of a condition."""

    attestation: DraftAttestation  # type: ignore[assignment]  # the one part that differs


class DraftService(schemas.ServiceDocument):
    """A draft of a service."""

    attestation: DraftAttestation  # type: ignore[assignment]  # the one part that differs


class DraftPerson(schemas.PersonDocument):
    """A draft of a person's page."""

    attestation: DraftAttestation  # type: ignore[assignment]  # the one part that differs


AnyDraft = Annotated[
    DraftPlain | DraftHome | DraftArticle | DraftCondition | DraftService | DraftPerson, Field(discriminator="type")
]


class DraftDocument(RootModel[AnyDraft]):
    """A draft of any type."""
