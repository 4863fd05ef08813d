"""Public shapes of blocks, pictures and sources: what a consumer's code can rely on, and what tests hold documents to."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Html = Annotated[str, Field(description="Safe HTML: p, br, b, i, a, lists, sup, sub.")]
# A picture's srcset, a number of a reference and the like may be absent: null, never left out.


class Shape(BaseModel):
    """A shape with exactly these names: an answer that has more or fewer breaks the contract."""

    model_config = ConfigDict(extra="forbid")


class FocalPoint(Shape):
    """Where the subject of a picture is: shares of width and height from the upper left corner."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


class Source(Shape):
    """One `<source>` of a picture."""

    type: Literal["image/avif", "image/webp", "image/jpeg"]
    srcset: str


class Image(Shape):
    """A picture in every size. Addresses are absolute; a decorative picture has an empty `alt`."""

    id: int
    alt: str
    title: str
    width: int = Field(ge=1, description="Width of `src`, in pixels.")
    height: int = Field(ge=1, description="Height of `src`, in pixels.")
    focal_point: FocalPoint | None
    credit: str
    src: str
    sources: list[Source]


class Heading(Shape):
    """A heading inside a text."""

    level: Literal[2, 3, 4]
    text: str
    anchor: str


class Picture(Shape):
    """A picture with its caption."""

    image: Image | None
    caption: Html


class Quote(Shape):
    """Somebody's words."""

    text: str
    attribution: str


class Callout(Shape):
    """A box that stands out."""

    kind: Literal["info", "tip", "warning", "emergency"]
    title: str
    html: Html


class Step(Shape):
    """One thing to do."""

    title: str
    html: Html


class Steps(Shape):
    """Things to do one after another."""

    title: str
    items: list[Step]


class Points(Shape):
    """A list of points."""

    ordered: bool
    items: list[Html]


class Table(Shape):
    """A table: one heading for each column, and rows of HTML."""

    caption: str
    columns: list[str]
    rows: list[list[Html]]


class Question(Shape):
    """A question and its answer."""

    question: str
    answer: Html


class Questions(Shape):
    """Questions and answers inside a text."""

    title: str
    items: list[Question]


class KeyFacts(Shape):
    """What a hurried reader must know."""

    title: str
    items: list[Html]


class Statistic(Shape):
    """A figure that stands out, with the number of the reference that it comes from."""

    figure: str
    label: str
    reference: Annotated[int, Field(ge=1)] | None


class Embed(Shape):
    """Something from another site, named and linked."""

    url: str
    provider: str
    title: str
    html: str


class File(Shape):
    """A file for download."""

    id: int
    title: str
    url: str
    size_bytes: int = Field(ge=0)
    extension: str


class Button(Shape):
    """What the reader may do next; `url` is empty when its page is not public."""

    title: str
    text: str
    label: str
    url: str


class _Block(Shape):
    id: str = Field(description="Stays the same while the block is edited and moved.")


class HeadingBlock(_Block):
    """A heading."""

    type: Literal["heading"]
    value: Heading


class ParagraphBlock(_Block):
    """Running text. A citation is `<sup data-reference="3">`, a link to a page of the site carries `data-page-id`."""

    type: Literal["paragraph"]
    value: Html


class ImageBlock(_Block):
    """A picture."""

    type: Literal["image"]
    value: Picture


class QuoteBlock(_Block):
    """A quotation."""

    type: Literal["quote"]
    value: Quote


class CalloutBlock(_Block):
    """A box that stands out."""

    type: Literal["callout"]
    value: Callout


class StepsBlock(_Block):
    """Numbered steps."""

    type: Literal["steps"]
    value: Steps


class ListBlock(_Block):
    """A list."""

    type: Literal["list"]
    value: Points


class TableBlock(_Block):
    """A table."""

    type: Literal["table"]
    value: Table


class FaqBlock(_Block):
    """Questions and answers."""

    type: Literal["faq"]
    value: Questions


class KeyFactsBlock(_Block):
    """Key facts."""

    type: Literal["key_facts"]
    value: KeyFacts


class StatisticBlock(_Block):
    """A figure."""

    type: Literal["statistic"]
    value: Statistic


class EmbedBlock(_Block):
    """A video or the like."""

    type: Literal["embed"]
    value: Embed


class DocumentBlock(_Block):
    """A file for download; null when the file is gone."""

    type: Literal["document"]
    value: File | None


class CallToActionBlock(_Block):
    """A button."""

    type: Literal["call_to_action"]
    value: Button


Block = Annotated[
    HeadingBlock
    | ParagraphBlock
    | ImageBlock
    | QuoteBlock
    | CalloutBlock
    | StepsBlock
    | ListBlock
    | TableBlock
    | FaqBlock
    | KeyFactsBlock
    | StatisticBlock
    | EmbedBlock
    | DocumentBlock
    | CallToActionBlock,
    Field(discriminator="type"),
]
