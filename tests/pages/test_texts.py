"""What is signed: every word that a reader can see, and nothing that the editor changes by itself."""

import pytest
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.blocks import RichTextBlock
from wagtail.rich_text import RichText

from cms.pages.blocks import TEXT_FEATURES, CalloutBlock, CallToActionBlock, TableBlock
from cms.pages.rendering import Rendering
from cms.pages.richtext import public_html
from cms.pages.streams import BodyBlocks
from cms.pages.texts import Text, canonical_rich_text, canonical_value, texts_in
from tests.pages.test_richtext import EmptyWorld

CITATION = '<a linktype="reference" id="7">[Rubin 2007]</a>'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('<p data-block-key="abc12">Rest.</p>', '<p data-block-key="xyz98">Rest.</p>'),
        ('<p data-block-key="abc12">Rest.</p>', "<p>Rest.</p>"),
        ('<ul><li data-block-key="abc12">One</li></ul>', '<ul><li data-block-key="xyz98">One</li></ul>'),
        (f"<p>Rest{CITATION}.</p>", '<p>Rest<a linktype="reference" id="7">[Rubin et al. 2007]</a>.</p>'),
        (f"<p>Rest{CITATION}.</p>", '<p>Rest<a linktype="reference" id="7"><b>[Rubin]</b></a>.</p>'),
        ('<p><a id="7" linktype="reference">a</a></p>', '<p><a id="7" linktype="reference">b</a></p>'),
    ],
)
def test_what_the_editor_changes_by_itself_is_not_signed(one, other):
    assert canonical_rich_text(one) == canonical_rich_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>Rest.</p>", "<p>Run.</p>"),
        ("<p>Rest.</p>", "<p><b>Rest.</b></p>"),
        ("<p>One</p><p>Two</p>", "<p>Two</p><p>One</p>"),
        (f"<p>Rest{CITATION}.</p>", f"<p>Rest{CITATION.replace('7', '8', 1)}.</p>"),
        (f"<p>Rest{CITATION}.</p>", "<p>Rest.</p>"),
        ('<p><a href="https://example.org/a">x</a></p>', '<p><a href="https://example.org/b">x</a></p>'),
        ('<p><a linktype="page" id="7">x</a></p>', '<p><a linktype="page" id="7">y</a></p>'),
        ('<p>data-block-key="a"</p>', '<p>data-block-key="b"</p>'),
    ],
)
def test_what_a_reader_can_see_is_signed(one, other):
    assert canonical_rich_text(one) != canonical_rich_text(other)


# Markup that no editor writes, made so that a careless pattern would leave its words out of what is signed.
DISGUISES = [
    """<p><a href="https://example.org/" title='linktype="reference"'>{}</a></p>""",
    """<p><a href='https://example.org/?linktype="reference"'>{}</a></p>""",
    '<p><a linktype="reference" linktype="page" id="1">{}</a></p>',
    '<p><a linktype="reference" linktype="external" href="https://example.org/">{}</a></p>',
    '<p><a linktype="reference" id="7">label</p><p>{}</p><p><a href="https://example.org/">x</a></p>',
    '<p><b>x<a linktype="reference" id="7"></b>{}</a></p>',
    '<p><a linktype="reference" id="7"><p>{}</p></a></p>',
    """<p><a href='https://example.org/ data-block-key="{}"'>x</a></p>""",
    '<p>&lt;a linktype="reference" id="7"&gt;{}&lt;/a&gt;</p>',
]


@pytest.mark.parametrize("markup", DISGUISES)
def test_words_in_disguise_are_signed_when_a_reader_could_see_them(markup, db):
    one, other = markup.format("harmless"), markup.format("harmful")
    seen = {public_html(source, Rendering(EmptyWorld())) for source in (one, other)}

    assert len(seen) == 1 or canonical_rich_text(one) != canonical_rich_text(other)


@pytest.mark.parametrize(
    "stored",
    [
        "<p>Rest &amp; warmth help.</p>",
        "<p><b>Rest</b> and <i>warmth</i> help<sup>2</sup>.</p>",
        "<ul><li>One</li><li>Two</li></ul>",
        "<p>One line<br/>another line</p>",
        '<p>See <a linktype="page" id="3">the other page</a>.</p>',
        '<p>See <a href="https://example.org/?a=1&amp;b=2">there</a>.</p>',
        f"<p>Rest helps{CITATION}.</p>",
    ],
)
def test_opening_and_saving_a_text_in_the_editor_leaves_what_was_signed(stored, clinic):
    stored = stored.replace('id="7"', f'id="{clinic.reference.pk}"')
    converter = ContentstateConverter(TEXT_FEATURES)

    saved = converter.to_database_format(converter.from_database_format(stored))

    assert "data-block-key" in saved
    assert canonical_rich_text(saved) == canonical_rich_text(stored)


def test_reference_with_a_new_label_leaves_what_was_signed(clinic):
    stored = f'<p>Rest helps<a linktype="reference" id="{clinic.reference.pk}">[Rubin 2007]</a>.</p>'
    converter = ContentstateConverter(TEXT_FEATURES)

    clinic.reference.short_label = "Rubin, Epidemiology 2007"
    clinic.reference.save()
    saved = converter.to_database_format(converter.from_database_format(stored))

    assert "[Rubin, Epidemiology 2007]" in saved
    assert canonical_rich_text(saved) == canonical_rich_text(stored)


def test_block_without_its_random_id():
    block = BodyBlocks()
    raw = [{"type": "paragraph", "value": "<p>Rest.</p>", "id": "0c1d"}, {"type": "embed", "value": "https://a.test/"}]

    value = canonical_value(block, block.to_python(raw))

    assert value == [
        {"type": "paragraph", "value": "<p>Rest.</p>"},
        {"type": "embed", "value": "https://a.test/"},
    ]


def test_table_keeps_caption_headings_and_cells():
    block = TableBlock([("text", RichTextBlock())])
    raw = {
        "caption": "Visits",
        "columns": [{"type": "text", "heading": "Visit"}, {"type": "text", "heading": "Minutes"}],
        "rows": [{"values": ["<p>First</p>", "<p>60</p>"]}],
    }

    value = canonical_value(block, block.to_python(raw))

    assert value == {"caption": "Visits", "columns": ["Visit", "Minutes"], "rows": [["<p>First</p>", "<p>60</p>"]]}


def test_texts_are_the_words_that_readers_see_in_order():
    block = BodyBlocks()
    raw = [
        {"type": "callout", "value": {"kind": "warning", "title": "Ask <b>first</b>", "text": "<p>If unsure.</p>"}},
        {"type": "faq", "value": {"title": "", "questions": [{"question": "Why?", "answer": "<p>So.</p>"}]}},
        {"type": "call_to_action", "value": {"title": "", "text": "", "label": "Call", "page": None, "url": "tel:1"}},
    ]

    texts = [text for text in texts_in(block, block.to_python(raw)) if text.source]

    assert texts == [
        Text("Ask <b>first</b>", is_rich=False),
        Text("<p>If unsure.</p>", is_rich=True),
        Text("Why?", is_rich=False),
        Text("<p>So.</p>", is_rich=True),
        Text("Call", is_rich=False),
    ]


@pytest.mark.parametrize("block", [CalloutBlock(), CallToActionBlock(), BodyBlocks()])
def test_nothing_has_no_texts(block):
    assert list(texts_in(block, None)) == []


def test_rich_text_that_is_missing_is_empty():
    assert canonical_value(RichTextBlock(), None) == canonical_value(RichTextBlock(), RichText("")) == ""
