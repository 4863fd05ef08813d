"""What a client can ask: every parameter with its type, range and length, and nothing else.

An unknown parameter is an error that lists the known ones: a typo must not silently give everything. So is a parameter
that is given twice, because somebody would be surprised whichever of the two counts.
"""

import datetime
import re
from typing import Annotated, Any, ClassVar, Literal

from django.conf import settings
from django.utils.dateparse import parse_date, parse_datetime
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic.config import JsonDict

from cms.api import schemas, sparse
from cms.api.formats.bodies import BodyFormat
from cms.api.problem_details import Problem
from search.query import words_of

# One page of a list, and how far into a list an offset may reach: what is further is reached by cursor. Unit: documents.
MAX_LIMIT = 100
MAX_OFFSET = 100_000
MAX_CHOICES = 100
TYPES = ("home", "standard", "person", "article_index", "article", "topic", "service_index", "service",
         "condition_index", "condition")  # fmt: skip


def _whole_number(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise ValueError("Input should be a whole number")
    return value


def _choices(value: str) -> str:
    choices = value.split(",")
    if len(choices) > MAX_CHOICES or not all(0 < len(choice) <= 255 for choice in choices):
        raise ValueError(f"Input should be 1 to {MAX_CHOICES} slugs of at most 255 characters, separated by commas")
    return value


def _types(value: str) -> str:
    if not set(value.split(",")) <= set(TYPES):
        raise ValueError(f"Input should be types separated by commas; allowed: {', '.join(TYPES)}")
    return value


def _moment(value: Any) -> Any:
    """A date or a time of ISO 8601, in UTC unless it says otherwise."""
    if not isinstance(value, str):
        return value
    try:
        moment = parse_datetime(value)
        if moment is None and (date := parse_date(value)):
            moment = datetime.datetime.combine(date, datetime.time())
        if moment is not None:
            return moment.replace(tzinfo=moment.tzinfo or datetime.UTC).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("Input should be a date (2026-01-31) or a time (2026-01-31T12:00:00Z)")


def _locale(value: str) -> str:
    codes = [code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES]
    if value not in codes:
        raise ValueError(f"Unknown locale; allowed: {', '.join(codes)}")
    return value


def _locales(schema: JsonDict) -> None:
    schema["enum"] = [code for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES]


def _words(value: str) -> str:
    words_of(value)
    return value


Number = BeforeValidator(_whole_number)
# Limits before the reading of text: the other way round the description would not know them.
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many at most."), Number]
Offset = Annotated[int, Field(ge=0, le=MAX_OFFSET, description="How many to pass over."), Number]
Slugs = Annotated[
    str,
    AfterValidator(_choices),
    Field(max_length=3000, json_schema_extra={"pattern": f"^[^,]{{1,255}}(,[^,]{{1,255}}){{0,{MAX_CHOICES - 1}}}$"}),
]
Moment = Annotated[
    datetime.datetime,
    BeforeValidator(
        _moment,
        json_schema_input_type=Annotated[datetime.datetime, Field(examples=["2026-01-31T12:00:00Z"])] | datetime.date,
    ),
]
Words = Annotated[str, AfterValidator(_words), Field(min_length=1, max_length=200)]
Types = Annotated[
    str,
    AfterValidator(_types),
    Field(
        max_length=300,
        examples=["article,condition"],
        json_schema_extra={"pattern": f"^({'|'.join(TYPES)})(,({'|'.join(TYPES)}))*$"},
    ),
]
Locale = Annotated[str, AfterValidator(_locale), Field(max_length=20, json_schema_extra=_locales)]
Order = Literal[
    "published_at", "-published_at", "updated_at", "-updated_at",
    "reviewed_at", "-reviewed_at", "title", "-title",
]  # fmt: skip


class StrictQuery(BaseModel):
    """Parameters of which every one is known and given once."""

    @model_validator(mode="before")
    @classmethod
    def only_known_parameters(cls, given: Any, info: ValidationInfo) -> Any:
        """Refuse what this address does not take; the request itself is asked, because unknown names never get here."""
        request = (info.context or {}).get("request")
        errors = []
        for name, values in request.GET.lists() if request else ():
            if name not in cls.model_fields:
                known = ", ".join(sorted(cls.model_fields))
                errors.append({"loc": ["query", name[:100]], "msg": f"Unknown parameter; known: {known}"})
            elif len(values) > 1:
                errors.append({"loc": ["query", name], "msg": "Given more than once; separate values with commas"})
        if errors:
            raise Problem(422, errors=errors[:20])  # type: ignore[arg-type]  # built in the shape just above
        return given


class SiteQuery(StrictQuery):
    """What every read takes."""

    site: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        None, description="Hostname of a site; the default site without it."
    )


class DocumentQuery(SiteQuery):
    """What every read of documents takes."""

    shape: ClassVar[Any] = schemas.AnyDocument

    locale: Locale | None = Field(None, description="A language of the site; every language without it.")
    fields: str | None = Field(
        None,
        max_length=1000,
        description="Only these, dotted for what is inside. An answer then lacks the names that were not asked for, "
        "those that its schema requires too.",
        examples=["title,seo.title"],
        json_schema_extra={"pattern": f"^[^,]+(,[^,]+){{0,{sparse.MAX_FIELDS - 1}}}$"},
    )
    as_of: Moment | None = Field(
        None,
        description="What the public saw at this moment (a key with `content:history`), or will see (with `content:preview`).",
        examples=["2026-01-31T12:00:00Z"],
    )
    body_format: BodyFormat = Field("blocks", description="Texts as blocks, or each as one string in this format.")

    @field_validator("fields")
    @classmethod
    def known_fields(cls, value: str | None) -> str | None:
        """Refuse a name that the answer does not have."""
        if value is not None:
            sparse.tree_of(value, cls.shape)
        return value

    def tree(self) -> sparse.Tree:
        """What ``fields`` asks for; empty for everything."""
        return sparse.tree_of(self.fields, self.shape) if self.fields is not None else {}


class SingleQuery(DocumentQuery):
    """What a read of one document takes; lists have no drafts."""

    status: Literal["published", "draft"] = Field(
        "published",
        description="With `draft` and a key of the scope `content:preview`: the newest draft, even of a page never published.",
    )

    @field_validator("status")
    @classmethod
    def one_state_of_the_page(cls, value: str, info: ValidationInfo) -> str:
        """A draft has no moment."""
        if value == "draft" and info.data.get("as_of") is not None:
            raise ValueError("Give either status=draft or as_of, not both")
        return value


class ArticleQuery(SingleQuery):
    """What a read of one article takes."""

    shape = schemas.ArticleDocument


class ServiceQuery(SingleQuery):
    """What a read of one service takes."""

    shape = schemas.ServiceDocument


class ConditionQuery(SingleQuery):
    """What a read of one condition takes."""

    shape = schemas.ConditionDocument


class PersonQuery(SingleQuery):
    """What a read of one person takes."""

    shape = schemas.PersonDocument


class FindQuery(SingleQuery):
    """What finding by path takes."""

    path: str = Field(
        max_length=2000, pattern="^/", description="A path of the site.", examples=["/conditions/insomnia/"]
    )


class ListQuery(DocumentQuery):
    """What every list takes."""

    shape: ClassVar[Any] = schemas.Item

    limit: Limit = 20
    offset: Offset | None = Field(None, description="How many to pass over.")
    after: str | None = Field(None, max_length=1000, description="The cursor that `next` carries.")
    order: Order = Field(
        "-published_at", description="By what; with a minus the newest, or the end of the alphabet, first."
    )
    include: Literal["body"] | None = Field(None, description="Adds the blocks of each body.")
    q: Words | None = Field(None, description="Only those in which every one of these words occurs, in whatever form.")
    slug: Slugs | None = Field(None, description="Slugs; any of them.")
    condition: Slugs | None = Field(None, description="Slugs; any of them.", examples=["insomnia,migraine"])
    service: Slugs | None = Field(None, description="Slugs; any of them.")
    topic: Slugs | None = Field(None, description="Slugs; any of them.")
    author: Slugs | None = Field(None, description="Slugs of people; any of them.")
    reviewer: Slugs | None = Field(None, description="Slugs of people; any of them.")
    path_prefix: str | None = Field(
        None, max_length=2000, pattern="^/", description="What the path begins with.", examples=["/conditions/"]
    )
    published_after: Moment | None = Field(None, description="A date or a time, in UTC unless it says otherwise.")
    published_before: Moment | None = Field(None, description="A date or a time.")
    updated_after: Moment | None = Field(None, description="A date or a time.")
    reviewed_after: Moment | None = Field(None, description="A date or a time.")
    review_overdue: bool | None = Field(None, description="Whether the day of the next review has passed.")

    @model_validator(mode="after")
    def one_place_in_the_list(self) -> "ListQuery":
        """A cursor is a place in the list already."""
        if self.after is not None and self.offset is not None:
            raise ValueError("Give either offset or after, not both")
        return self

    def wants_body(self) -> bool:
        """Whether items carry their bodies: asked for by ``include``, or named in ``fields``."""
        return self.include == "body" or "body" in self.tree()

    def narrows(self) -> dict[str, str]:
        """What decides which documents the list has and in which order: a cursor is good for exactly this."""
        place = {"limit", "offset", "after", "fields", "include", "body_format"}
        return {name: str(value) for name, value in self.model_dump(exclude=place, exclude_none=True).items()}


class PersonListQuery(ListQuery):
    """What the list of people takes."""

    shape: ClassVar[Any] = schemas.PersonItem


class PageListQuery(ListQuery):
    """What the list of all pages takes."""

    shape: ClassVar[Any] = schemas.AnyItem

    type: Types | None = Field(None, description="Types, separated by commas; all without it.")

    def types(self) -> tuple[str, ...]:
        """The types that are asked for; empty for all."""
        return tuple(dict.fromkeys(self.type.split(","))) if self.type else ()


class SearchQuery(SiteQuery):
    """What search takes."""

    q: Words = Field(
        description='What somebody types: up to 10 words besides small ones like “the”; `"low back"` for words as they stand, '
        "`-massage` for what must not occur.",
        examples=["insomnia"],
    )
    limit: Limit = 20
    offset: Offset = 0
    type: Types | None = Field(None, description="Types, separated by commas; all without it.")
    condition: Slugs | None = Field(None, description="Slugs; any of them.", examples=["insomnia,migraine"])
    service: Slugs | None = Field(None, description="Slugs; any of them.")
    topic: Slugs | None = Field(None, description="Slugs; any of them.")
    locale: Locale | None = Field(None, description="A language of the site; every language without it.")
