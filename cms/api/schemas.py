"""Public shapes of cards and documents, one for each type. Tests hold real documents to them, so they cannot drift."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field
from pydantic.config import JsonDict

from cms.api.block_schemas import Block, Button, Html, Image, Question, Shape
from cms.api.sharing_schemas import LinkedObject, OpenGraph, TwitterCard

Time = Annotated[AwareDatetime, Field(description="ISO 8601 in UTC, with a trailing Z.")]
PlainType = Literal["standard", "article_index", "topic", "service_index", "condition_index"]
CardType = Literal[PlainType, "home", "article", "service", "condition"]
Body = Annotated[list[Block] | str, Field(description="Blocks; with `body_format` one string in that format.")]
DocumentId = Annotated[UUID, Field(description="The same for ever and in every environment.")]


_INSOMNIA: JsonDict = {
    "id": "76282ae2-56e0-54d2-8d7a-3b27a14af3cd",
    "type": "condition",
    "slug": "insomnia",
    "title": "Insomnia",
    "path": "/conditions/insomnia/",
}
_ITEM: JsonDict = {
    "id": "ff94a3c4-b137-5f40-8173-6f123a2fe521",
    "type": "article",
    "locale": "en",
    "slug": "sleeping-better",
    "path": "/articles/sleeping-better/",
    "url": "https://clinic.example/articles/sleeping-better/",
    "title": "Sleeping better",
    "summary": "What helps when nights are short.",
    "image": None,
    "published_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-02-14T09:30:00Z",
    "reviewed_at": "2026-02-13T16:00:00Z",
    "review_due": "2027-02-13T16:00:00Z",
    "reading_minutes": 4,
    "authors": [],
    "conditions": [_INSOMNIA],
    "services": [],
    "topics": [],
}


class ShortReference(Shape):
    """Another page, named."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INSOMNIA]})

    id: DocumentId
    type: Literal[CardType, "person"]
    slug: str
    title: str
    path: str


class _Card(Shape):
    id: DocumentId
    locale: str
    slug: str
    path: str = Field(description="The path on the site, with a slash at both ends.")
    url: str = Field(description="The absolute address on the site.")
    title: str
    summary: str
    image: Image | None
    published_at: Time | None = Field(description="When the public first saw it.")
    updated_at: Time | None = Field(
        description="When the public first saw these words. A review alone does not move it."
    )
    reviewed_at: Time | None = Field(
        description="When a clinician last reviewed the whole page in these words; null when none has. Nothing else moves it."
    )
    review_due: Time | None = Field(description="When it has to be reviewed again; null where no day is set.")
    reading_minutes: int = Field(ge=0)


class Card(_Card):
    """The short form of a page."""

    type: CardType


class _Person(_Card):
    type: Literal["person"]
    credentials: str
    role: str


class PersonCard(_Person):
    """The short form of a person's page."""


AnyCard = Annotated[Card | PersonCard, Field(discriminator="type")]


class _Listed(Shape):
    authors: list[ShortReference]
    conditions: list[ShortReference]
    services: list[ShortReference]
    topics: list[ShortReference]
    body: list[Block] | str = Field(
        default=[], description="Only with `include=body`: blocks; with `body_format` one string in that format."
    )


class Item(_Card, _Listed):
    """A card in a list, with what it is related to."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM]})

    type: CardType


class PersonItem(_Person, _Listed):
    """A person's card in a list."""


AnyItem = Annotated[Item | PersonItem, Field(discriminator="type")]


class Seo(Shape):
    """Ready to place in a page's head."""

    title: str
    description: str
    canonical_url: str
    robots: str
    open_graph: OpenGraph
    twitter: TwitterCard
    json_ld: list[LinkedObject] = Field(description="schema.org objects, each for a script element of its own.")


class Reference(Shape):
    """A source, under the number that it has in the text."""

    number: int = Field(ge=1)
    citation: str
    doi: str | None
    pmid: str | None
    url: str
    accessed: str | None
    kind: Literal["systematic_review", "guideline", "study", "secondary"]


class Approval(Shape):
    """One approval. A name only where that person has a public page."""

    stage: Literal["editorial", "clinical"]
    name: str | None
    credentials: str | None
    at: Time


class Override(Shape):
    """Why this was published without the usual approvals."""

    reason: str
    at: Time


class Attestation(Shape):
    """Why the public may see this, and where the ledger records it."""

    position: int = Field(ge=1)
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    revision: int | None
    approvals: list[Approval]
    override: Override | None


class MaterialChange(Shape):
    """The newest change that matters to readers. It stays through later changes that do not, until the next one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"at": "2026-03-03T10:15:00Z", "note": "The advice on driving after a session is stricter than before."}
            ]
        }
    )

    at: Time = Field(description="When those words became public.")
    note: str = Field(min_length=1, description="What changed, for the reader; plain text.")


class _Document(_Card):
    material_change: MaterialChange | None = Field(
        description="The newest change that readers should know of; null when there was none."
    )
    body: Body
    seo: Seo
    authors: list[AnyCard]
    reviewers: list[AnyCard]
    references: list[Reference]
    related: list[AnyCard]
    breadcrumbs: list[ShortReference]
    translations: list[AnyCard]
    disclaimer: str = Field(description="Empty where the site's default applies.")
    call_to_action: Button | None
    attestation: Attestation


class PlainDocument(_Document):
    """A plain page, a topic, or the page above a list."""

    type: PlainType


class Hero(Shape):
    """The words at the top."""

    title: str
    text: Html


class HomeDocument(_Document):
    """The first page."""

    type: Literal["home"]
    hero: Hero
    featured: list[AnyCard]


class ArticleDocument(_Document):
    """An article."""

    type: Literal["article"]
    topics: list[AnyCard]
    conditions: list[AnyCard]
    services: list[AnyCard]


class WhenToSeekCare(Shape):
    """Signs of danger: when to call for help at once, and when to see somebody within days."""

    emergency: list[Html]
    soon: list[Html]


class Treatment(Shape):
    """A service that may help, and what studies found."""

    service: AnyCard
    evidence: Html


class ConditionDocument(_Document):
    """A condition."""

    type: Literal["condition"]
    also_known_as: list[str]
    icd10: list[str]
    when_to_seek_care: WhenToSeekCare
    overview: Body
    symptoms: Body
    causes: Body
    risk_factors: Body
    self_care: Body
    treatments: list[Treatment]
    faqs: list[Question]
    topics: list[AnyCard]


class Minutes(Shape):
    """A span of minutes."""

    min: int = Field(ge=0)
    max: int = Field(ge=0)


class ServiceDocument(_Document):
    """A service of the clinic."""

    type: Literal["service"]
    what_to_expect: Body
    session_minutes: Minutes | None
    course_of_treatment: Body
    precautions: Body
    preparation: Body
    aftercare: Body
    faqs: list[Question]
    booking_url: str
    providers: list[AnyCard]
    conditions: list[AnyCard]
    topics: list[AnyCard]


class PersonDocument(_Document):
    """A person."""

    type: Literal["person"]
    name: str
    credentials: str
    role: str
    biography: Body
    languages: list[str]
    services: list[AnyCard]
    articles: list[AnyCard]


AnyDocument = Annotated[
    PlainDocument | HomeDocument | ArticleDocument | ConditionDocument | ServiceDocument | PersonDocument,
    Field(discriminator="type"),
]
