"""Public shapes of what goes into the head of a page: meta tags for sharing, and the schema.org objects of search engines.

Members have the names of those vocabularies (``@type``, ``image:alt``), so that an object can be placed in a page as it is. A
member without a value is left out: search engines take an empty one for a statement.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from cms.api.block_schemas import Shape

PageType = Literal["WebPage", "CollectionPage", "MedicalWebPage", "ProfilePage"]
# An address inside a vocabulary: an id, or where something is.
_Address = Annotated[str, Field(examples=["https://clinic.example/conditions/insomnia/"])]


class _Optional(Shape):
    # The empty defaults only say that a name may be missing: the description leaves them out.
    model_config = ConfigDict(validate_by_name=False)


class OpenGraph(_Optional):
    """Contents of `<meta property="og:…">`, by the name after `og:`."""

    type: Literal["article", "website"]
    title: str
    description: str
    url: _Address
    locale: str
    image: str = ""
    image_alt: str = Field("", alias="image:alt")
    image_width: int = Field(0, ge=1, alias="image:width")
    image_height: int = Field(0, ge=1, alias="image:height")


class TwitterCard(_Optional):
    """Contents of `<meta name="twitter:…">`, by the name after `twitter:`."""

    card: Literal["summary", "summary_large_image"]
    title: str
    description: str
    image: str = ""
    image_alt: str = Field("", alias="image:alt")


class _Person(_Optional):
    type: Literal["Person"] = Field(alias="@type")
    name: str
    url: _Address
    credentials: str = Field("", alias="honorificSuffix")


class LinkedPerson(_Person):
    """A schema.org `Person`: who wrote or reviewed a page."""


class LinkedProfile(_Person):
    """A schema.org `Person`: whom a page is about."""

    job_title: str = Field("", alias="jobTitle")
    languages: list[str] = Field([], alias="knowsLanguage")


class LinkedCode(Shape):
    """A schema.org `MedicalCode`."""

    type: Literal["MedicalCode"] = Field(alias="@type")
    system: Literal["ICD-10-CM"] = Field(alias="codingSystem")
    code: str = Field(alias="codeValue", examples=["G47.00"])


class LinkedTherapy(_Optional):
    """A schema.org `MedicalTherapy`."""

    type: Literal["MedicalTherapy"] = Field(alias="@type")
    name: str
    description: str = ""


class LinkedCondition(_Optional):
    """A schema.org `MedicalCondition`."""

    type: Literal["MedicalCondition"] = Field(alias="@type")
    name: str
    also_known_as: list[str] = Field([], alias="alternateName")
    codes: list[LinkedCode] = Field([], alias="code")
    treatments: list[LinkedTherapy] = Field([], alias="possibleTreatment")


class LinkedCorrection(Shape):
    """A schema.org `CorrectionComment`: what readers are told of the newest material change."""

    type: Literal["CorrectionComment"] = Field(alias="@type")
    text: str
    at: str = Field(alias="datePublished", json_schema_extra={"format": "date-time"})


LinkedSubject = LinkedTherapy | LinkedCondition


class _Linked(_Optional):
    context: Literal["https://schema.org"] = Field(alias="@context")


class LinkedPage(_Linked):
    """The page itself as a schema.org object."""

    type: PageType = Field(alias="@type")
    id: _Address = Field(alias="@id")
    url: _Address
    name: str
    description: str = ""
    language: str = Field("", alias="inLanguage")
    published_at: str = Field("", alias="datePublished", json_schema_extra={"format": "date-time"})
    updated_at: str = Field("", alias="dateModified", json_schema_extra={"format": "date-time"})
    reviewed_at: str = Field("", alias="lastReviewed", json_schema_extra={"format": "date-time"})
    correction: LinkedCorrection = Field(None)  # type: ignore[assignment]  # left out where there is none, never null
    image: str = ""
    authors: list[LinkedPerson] = Field([], alias="author")
    reviewers: list[LinkedPerson] = Field([], alias="reviewedBy")
    citations: list[str] = Field([], alias="citation")
    about: LinkedSubject = Field(None)  # type: ignore[assignment]  # left out where there is none, never null
    person: LinkedProfile = Field(None, alias="mainEntity")  # type: ignore[assignment]  # as above


class LinkedCrumb(Shape):
    """A schema.org `ListItem`."""

    type: Literal["ListItem"] = Field(alias="@type")
    position: int = Field(ge=1)
    name: str
    item: _Address


class LinkedTrail(_Linked):
    """The way to a page as a schema.org `BreadcrumbList`."""

    type: Literal["BreadcrumbList"] = Field(alias="@type")
    crumbs: list[LinkedCrumb] = Field(alias="itemListElement")


class LinkedAnswer(Shape):
    """A schema.org `Answer`."""

    type: Literal["Answer"] = Field(alias="@type")
    text: str


class LinkedQuestion(Shape):
    """A schema.org `Question`."""

    type: Literal["Question"] = Field(alias="@type")
    name: str
    answer: LinkedAnswer = Field(alias="acceptedAnswer")


class LinkedQuestions(_Linked):
    """The questions on a page as a schema.org `FAQPage`."""

    type: Literal["FAQPage"] = Field(alias="@type")
    questions: list[LinkedQuestion] = Field(alias="mainEntity")


# Told apart by what they hold; the description names `@type`, which the library cannot where it has another name inside.
LinkedObject = LinkedPage | LinkedTrail | LinkedQuestions


class LinkedAddress(Shape):
    """A schema.org `PostalAddress`."""

    type: Literal["PostalAddress"] = Field(alias="@type")
    street: str = Field(alias="streetAddress")
    city: str = Field(alias="addressLocality")
    region: str = Field(alias="addressRegion")
    postal_code: str = Field(alias="postalCode")
    country: str = Field(alias="addressCountry")


class LinkedClinic(_Linked):
    """The clinic as a schema.org `MedicalClinic`."""

    type: Literal["MedicalClinic"] = Field(alias="@type")
    id: _Address = Field(alias="@id")
    name: str
    url: _Address
    telephone: str
    address: LinkedAddress
    profiles: list[_Address] = Field(alias="sameAs")
