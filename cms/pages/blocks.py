"""The blocks of a body: what an editor can place, and what each becomes in the public document.

Every block has a sample, so that the chooser shows what it will look like before it is placed.
"""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.embeds.blocks import EmbedBlock as WagtailEmbedBlock
from wagtail.embeds.models import Embed
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from cms.pages.document import JSON

if TYPE_CHECKING:
    from cms.pages.rendering import Rendering

INLINE_FEATURES = ["bold", "italic", "superscript", "subscript", "link", "document-link", "reference"]
TEXT_FEATURES = [*INLINE_FEATURES, "ol", "ul"]


class PublicBlock(blocks.Block):
    """A block that knows its public form. ``sample`` is a public form too: the chooser's preview shows it."""

    sample: ClassVar[JSON] = None

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """``value`` as the content API gives it; see the contract for the shape of each type."""
        raise TypeError(f"{type(self).__name__} has no public form")

    @property
    def is_previewable(self) -> bool:
        """Every block has a sample to show."""
        return True

    def get_preview_template(self, value: Any = None, context: Any = None) -> str:
        """The reader's own styles around one block."""
        return "reader/block_preview.html"

    def get_preview_context(self, value: Any, parent_context: Any = None) -> dict[str, JSON]:
        """The sample in the shape that the reader's templates take."""
        return {"block": {"id": "sample", "type": self.name, "value": self.sample}, "document": {"references": []}}


def _rich(*, features: list[str] = INLINE_FEATURES, **options: Any) -> blocks.RichTextBlock:
    return blocks.RichTextBlock(features=features, **options)


class HeadingBlock(PublicBlock, blocks.StructBlock):
    """A heading inside a text. Level 1 is the page's title."""

    level = blocks.ChoiceBlock(choices=[("2", "Section"), ("3", "Subsection"), ("4", "Detail")], default="2")
    text = blocks.CharBlock(max_length=160)

    sample = {"level": 2, "text": "How a session works", "anchor": "how-a-session-works"}

    class Meta:
        icon = "title"
        description = "Starts a section. Readers can link to it."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Level, words, and a fragment identifier."""
        return {"level": int(value["level"] or 2), "text": value["text"], "anchor": rendering.anchor(value["text"])}


class ParagraphBlock(PublicBlock, blocks.RichTextBlock):
    """Running text: paragraphs, short lists, links and citations."""

    sample = "<p>A first visit begins with a talk about your health. <b>Bring a list of your medicines.</b></p>"

    class Meta:
        icon = "pilcrow"
        description = "Paragraphs with links, lists and citations."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Safe HTML."""
        return rendering.html(value.source)


class ImageBlock(PublicBlock, blocks.StructBlock):
    """A picture between paragraphs."""

    image = ImageChooserBlock()
    caption = _rich(required=False)

    sample = {
        "image": {
            "id": 0,
            "alt": "",
            "title": "Sample",
            "width": 800,
            "height": 450,
            "focal_point": None,
            "credit": "",
            "src": "/static/reader/sample.svg",
            "sources": [],
        },
        "caption": "<p>A caption under the picture.</p>",
    }

    class Meta:
        icon = "image"
        description = "A picture with its caption and credit."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """The picture in every size, and its caption."""
        picture = cast("JSON", rendering.image(value["image"]))
        return {"image": picture, "caption": _html(value["caption"], rendering)}


class QuoteBlock(PublicBlock, blocks.StructBlock):
    """Somebody's words."""

    text = blocks.TextBlock()
    attribution = blocks.CharBlock(required=False, max_length=160)

    sample = {"text": "I was surprised how quiet the room was.", "attribution": "A made-up visitor"}

    class Meta:
        icon = "openquote"
        description = "Somebody’s words, and whose they are."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Words and speaker."""
        return {"text": value["text"], "attribution": value["attribution"] or ""}


class CalloutBlock(PublicBlock, blocks.StructBlock):
    """A box that stands out: information, a tip, a warning, an emergency."""

    kind = blocks.ChoiceBlock(
        choices=[("info", "Information"), ("tip", "Tip"), ("warning", "Warning"), ("emergency", "Emergency")],
        default="info",
    )
    title = blocks.CharBlock(required=False, max_length=120)
    text = _rich(features=TEXT_FEATURES)

    sample = {"kind": "warning", "title": "Ask first", "html": "<p>Tell us if you take a blood thinner.</p>"}

    class Meta:
        icon = "warning"
        description = "A box that stands out. Use “Emergency” only where waiting could harm."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Kind, title and safe HTML."""
        return {
            "kind": value["kind"],
            "title": value["title"] or "",
            "html": _html(value["text"], rendering),
        }


class StepsBlock(PublicBlock, blocks.StructBlock):
    """Things to do one after another."""

    title = blocks.CharBlock(required=False, max_length=120)
    steps = blocks.ListBlock(
        blocks.StructBlock([("title", blocks.CharBlock(max_length=120)), ("text", _rich(required=False))]), min_num=1
    )

    sample = {
        "title": "Before you come",
        "items": [
            {"title": "Eat something light", "html": "<p>An empty stomach can make you dizzy.</p>"},
            {"title": "Wear loose clothes", "html": "<p>Sleeves and trouser legs should roll up.</p>"},
        ],
    }

    class Meta:
        icon = "list-ol"
        description = "Numbered steps with a title each."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Title and steps in order."""
        return {
            "title": value["title"] or "",
            "items": [{"title": step["title"], "html": _html(step["text"], rendering)} for step in value["steps"]],
        }


class ListBlock(PublicBlock, blocks.StructBlock):
    """A list of points, with numbers or without."""

    ordered = blocks.BooleanBlock(required=False, label="Numbered")
    items = blocks.ListBlock(_rich(), min_num=1)

    sample = {"ordered": False, "items": ["<p>Rest, but keep moving.</p>", "<p>Use warmth if it feels good.</p>"]}

    class Meta:
        icon = "list-ul"
        description = "A list of points."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Whether numbered, and the points as safe HTML."""
        return {"ordered": bool(value["ordered"]), "items": [_html(item, rendering) for item in value["items"]]}


class TableBlock(PublicBlock, TypedTableBlock):
    """A table with a heading over each column."""

    sample = {
        "caption": "Length of a visit",
        "columns": ["Visit", "Minutes"],
        "rows": [["<p>First</p>", "<p>60</p>"], ["<p>Later</p>", "<p>30</p>"]],
    }

    class Meta:
        icon = "table"
        description = "A table. Give every column a heading and the table a caption."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Caption, column headings, and rows of safe HTML."""
        return {
            "caption": value.caption or "",
            "columns": [column["heading"] for column in value.columns],
            "rows": [[_html(cell.value, rendering) for cell in row] for row in value.rows],
        }


class QuestionBlock(PublicBlock, blocks.StructBlock):
    """One question that people ask, and its answer."""

    question = blocks.CharBlock(max_length=200)
    answer = _rich(features=TEXT_FEATURES)

    sample = {"question": "Does it hurt?", "answer": "<p>Most people feel little or nothing.</p>"}

    class Meta:
        icon = "help"
        description = "A question and its answer."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Question, and answer as safe HTML."""
        return {"question": value["question"], "answer": _html(value["answer"], rendering)}


class FaqBlock(PublicBlock, blocks.StructBlock):
    """Questions and answers inside a text."""

    title = blocks.CharBlock(required=False, max_length=120)
    questions = blocks.ListBlock(QuestionBlock(), min_num=1)

    sample = {"title": "Questions", "items": [QuestionBlock.sample]}

    class Meta:
        icon = "help"
        description = "Questions and answers that open one by one."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Title, and questions with their answers."""
        block = self.child_blocks["questions"].child_block
        return {
            "title": value["title"] or "",
            "items": [block.to_public(question, rendering) for question in value["questions"]],
        }


class KeyFactsBlock(PublicBlock, blocks.StructBlock):
    """What a hurried reader must know."""

    title = blocks.CharBlock(required=False, max_length=120)
    facts = blocks.ListBlock(_rich(), min_num=1)

    sample = {"title": "In short", "items": ["<p>Most back pain eases within weeks.</p>", "<p>Keep moving.</p>"]}

    class Meta:
        icon = "pick"
        description = "The few facts that a hurried reader needs."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Title, and facts as safe HTML."""
        return {"title": value["title"] or "", "items": [_html(fact, rendering) for fact in value["facts"]]}


class StatisticBlock(PublicBlock, blocks.StructBlock):
    """A figure that stands out, with where it comes from."""

    figure = blocks.CharBlock(max_length=40, help_text="For example “50–80 %”.")
    label = blocks.CharBlock(max_length=200, help_text="What the figure says, in one sentence.")
    reference = SnippetChooserBlock("pages.Reference", required=False, help_text="Every figure needs its source.")

    sample = {"figure": "10–60", "label": "minutes, the length of a session", "reference": None}

    class Meta:
        icon = "order"
        description = "One figure, what it says, and its source."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Figure, sentence, and the number of its reference."""
        return {
            "figure": value["figure"],
            "label": value["label"],
            "reference": rendering.number_of(value["reference"]),
        }


class EmbedBlock(PublicBlock, WagtailEmbedBlock):
    """A video or another thing from a provider that we know."""

    sample = {"url": "https://example.org/video", "provider": "Example", "title": "A sample video", "html": ""}

    class Meta:
        icon = "media"
        description = "A video from a known provider."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """What was fetched when the editor saved; never a request while a page is published."""
        url = value.url if value else ""
        known = Embed.objects.filter(url=url).first()
        return {
            "url": url,
            "provider": known.provider_name if known else "",
            "title": known.title if known else "",
            "html": "",
        }


class FileBlock(PublicBlock, DocumentChooserBlock):
    """A file for download."""

    sample = {"id": 0, "title": "Leaflet", "url": "#", "size_bytes": 120_000, "extension": "pdf"}

    class Meta:
        icon = "doc-full"
        description = "A file for download."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Title, address, size in bytes and extension; ``None`` when the file is gone."""
        if value is None:
            return None
        return {
            "id": value.pk,
            "title": value.title,
            "url": rendering.file_url(value),
            "size_bytes": value.file_size or 0,
            "extension": value.file_extension,
        }


class CallToActionBlock(PublicBlock, blocks.StructBlock):
    """What the reader may do next."""

    title = blocks.CharBlock(required=False, max_length=120)
    text = blocks.CharBlock(required=False, max_length=300)
    label = blocks.CharBlock(max_length=60, help_text="Words on the button.")
    page = blocks.PageChooserBlock(required=False)
    url = blocks.CharBlock(
        required=False, max_length=300, help_text="Used when no page is chosen: https:, tel: or mailto:."
    )

    sample = {"title": "Questions?", "text": "We are glad to help.", "label": "Call us", "url": "#"}

    class Meta:
        icon = "pointer"
        label = "Call to action"
        description = "A button that leads on, for example to book a visit."

    def to_public(self, value: Any, rendering: "Rendering") -> JSON:
        """Title, words, label and address; the address is empty when the page is not public."""
        return {
            "title": value["title"] or "",
            "text": value["text"] or "",
            "label": value["label"],
            "url": target_url(value["page"], value["url"], rendering),
        }


def target_url(page: Any, url: str, rendering: "Rendering") -> str:
    """Where a button leads: the chosen page's path when it is public, else ``url`` when its scheme is allowed."""
    if page is not None:
        neighbour = rendering.neighbour(page.pk)
        return neighbour.path if neighbour else ""
    return url if is_allowed_address(url) else ""


def is_allowed_address(url: str) -> bool:
    """Whether ``url`` may stand behind a button or in a menu: a path of ours, or a web, mail or telephone address."""
    return url.startswith(("https://", "http://", "tel:", "mailto:", "/")) and not url.startswith(("//", "/\\"))


def _html(value: Any, rendering: "Rendering") -> str:
    return rendering.html(value.source) if value else ""
