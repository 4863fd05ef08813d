"""Public shapes of whole answers: lists, search, menus, the clinic, and errors."""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from cms.api.block_schemas import Shape
from cms.api.schemas import AnyDocument, AnyItem, Card, CardType, Item, PersonCard, PersonItem
from cms.api.sharing_schemas import LinkedClinic


class ParameterProblem(Shape):
    """One input that cannot be used."""

    loc: list[str] = Field(examples=[["query", "limit"]])
    msg: str = Field(examples=["Input should be less than or equal to 100"])


class ProblemDetails(Shape):
    """An error (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(ge=400, le=599, examples=[404])
    detail: str = Field(examples=["There is nothing public at this address."])
    errors: list[ParameterProblem] = Field(default=[], description="For bad input: what is wrong with each part.")


class ListShape(Shape):
    """What every list has."""

    count: int = Field(ge=0, description="How many there are in all, on every page of the list.")
    next: str | None = Field(
        description="The address of the next page; null on the last.", examples=["/api/v1/articles?after=eyJ0IjoxfQ"]
    )


class ItemList(ListShape):
    """A page of a list of cards."""

    items: list[Item]


class PersonList(ListShape):
    """A page of the list of people."""

    items: list[PersonItem]


class PageList(ListShape):
    """A page of a list of pages of any type."""

    items: list[AnyItem]


class PageDocument(RootModel[AnyDocument]):
    """A document of any type."""


class _Found(Shape):
    highlighted_title: str = Field(
        description="The title as HTML, with `<mark>` around each match.", examples=["<mark>Sleeping</mark> better"]
    )
    highlights: list[str] = Field(
        description="HTML: pieces of the text around matches, with `<mark>` around each.",
        examples=[["Many people <mark>sleep</mark> badly at times."]],
    )


class FoundCard(Card, _Found):
    """A page that was found."""


class FoundPerson(PersonCard, _Found):
    """A person who was found."""


AnyFound = Annotated[FoundCard | FoundPerson, Field(discriminator="type")]


Counts = dict[str, Annotated[int, Field(ge=0)]]


class Facets(Shape):
    """How many matches there are of each kind, by slug but for types. Each ignores the parameter of its own name."""

    type: dict[Literal[CardType, "person"], Annotated[int, Field(ge=0)]] = Field(
        examples=[{"article": 3, "condition": 1}]
    )
    condition: Counts = Field(examples=[{"insomnia": 3, "stress": 1}])
    service: Counts = Field(examples=[{"acupuncture": 2}])
    topic: Counts = Field(examples=[{"sleep-and-mood": 3}])


class Notice(Shape):
    """What to do now, for somebody who typed words that may be an emergency."""

    title: str = Field(examples=["This can be an emergency"])
    message: str = Field(examples=["Call 911 now. Do not wait, and do not drive yourself."])
    telephone: str | None = Field(description="The number to call, as people read it.", examples=["911"])
    telephone_url: str | None = Field(description="The same number, for a link or a button.", examples=["tel:911"])


class SearchAnswer(ListShape):
    """What a search found, best first."""

    is_count_exact: bool = Field(
        description="False where a word stands in so many documents that not all were looked at: then `count` and `facets` "
        "say how many there are at least."
    )
    items: list[AnyFound]
    facets: Facets
    did_you_mean: str | None = Field(description="A better spelling, when there is one.")
    notices: list[Notice] = Field(
        description="Notices by the clinic for emergencies. Show them above everything else; mostly there are none."
    )


class MenuLink(Shape):
    """An entry of a menu. `url` is a path of the site or a whole address; null for a heading above its children."""

    title: str
    url: str | None
    children: list["MenuLink"]


class NavigationAnswer(Shape):
    """The menus of the site, as trees. Entries whose page is not public are not there, nor is what is below them."""

    main: list[MenuLink]
    footer: list[MenuLink]


class Hours(Shape):
    """Opening hours; both times null for a day on which the clinic is closed."""

    days: str = Field(examples=["Monday to Friday"])
    opens: str | None = Field(examples=["08:30"])
    closes: str | None = Field(examples=["17:00"])


class Address(Shape):
    """Where the clinic is."""

    street: str
    city: str
    region: str
    postal_code: str
    country: str


class SocialProfile(Shape):
    """The clinic on another site."""

    name: str
    url: str


class SiteAnswer(Shape):
    """The clinic's own facts."""

    name: str
    telephone: str
    telephone_href: str = Field(examples=["tel:+14178878075"])
    address: Address
    hours: list[Hours]
    time_zone: str = Field(examples=["America/Chicago"])
    booking_url: str
    social_profiles: list[SocialProfile]
    disclaimer: str = Field(description="Shown under every health page that has none of its own.")
    url: str
    json_ld: LinkedClinic
