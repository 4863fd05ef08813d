"""A content as a person reads it: every block type and field shows its words, and no change of the content goes untold."""

import copy
import json

import pytest

from cms.pages.document import canonical_bytes
from cms.workflow import content_items
from services.models import ConditionPage
from tests.factories import draft

RICH = "<p>Some <b>words</b>.</p>"
BLOCKS = [
    ("heading", {"level": "3", "text": "A heading"}),
    ("paragraph", "<p>One.</p><ul><li>Two</li></ul><ol><li>Three<ol><li>Inside</li></ol></li><li>Four</li></ol>"),
    ("list", {"ordered": True, "items": ["<p>A point.</p>", "<p>Another.</p>"]}),
    ("quote", {"text": "Quiet.", "attribution": "A visitor"}),
    ("callout", {"kind": "warning", "title": "Ask", "text": RICH}),
    ("steps", {"title": "Before", "steps": [{"title": "Eat", "text": RICH}]}),
    ("faq", {"title": "", "questions": [{"question": "Why?", "answer": RICH}]}),
    ("key_facts", {"title": "Short", "facts": [RICH]}),
    ("statistic", {"figure": "10–60", "label": "minutes", "reference": None}),
    (
        "table",
        {"caption": "Length", "columns": [{"type": "text", "heading": "Visit"}], "rows": [{"values": ["<p>60</p>"]}]},
    ),
    ("call_to_action", {"title": "Call", "text": "us", "label": "Now", "page": None, "url": "tel:1"}),
]


def content_of(page):
    return json.loads(page.authored_bytes())


def words_of(sections):
    lines = [
        "".join(token.text for token in line)
        for section in sections
        for one in section.differences
        for line in (one.new.lines if one.new else ())
    ]
    return "\n".join(lines)


@pytest.fixture
def page(clinic):
    """An article with every block that holds words."""
    return clinic.article_draft("every-block", body=BLOCKS).get_latest_revision_as_object()


def test_every_block_shows_its_words(page):
    words = words_of(content_items.compared(page, None, content_of(page), {}))

    for expected in (
        "Level: Subsection", "Text: A heading", "One.", "• Two", "1. Three", "1. Inside", "2. Four",
        "Numbered: Yes", "• A point.", "Quiet.",
        "A visitor", "Kind: Warning", "Title: Ask", "Some words.", "• Title: Eat", "Why?", "Figure: 10–60", "Length",
        "Visit", "60", "Label: Now", "tel:1",
    ):  # fmt: skip
        assert expected in words, expected


def leaves(value, path=()):
    """Every text, number and truth value of a content, by its path."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path, value


def changed_at(content, path):
    """``content`` with another value at ``path``: more text, another number, the other truth value."""
    changed = copy.deepcopy(content)
    place = changed
    for step in path[:-1]:
        place = place[step]
    old = place[path[-1]]
    if old is None:
        place[path[-1]] = 999_999
    elif isinstance(old, bool):
        place[path[-1]] = not old
    elif isinstance(old, int):
        place[path[-1]] = old + 1
    else:
        place[path[-1]] = f"{old} more" if not str(old).startswith("<") else f"{old}<p>more</p>"
    return changed


def test_no_change_of_any_part_goes_untold(page):
    old = content_of(page)
    # A value that has another shape than the type of its block says cannot come from an editor.
    paths = [path for path, _value in leaves(old) if path[-1] != "type"]

    untold = []
    for path in paths:
        new = changed_at(old, path)
        assert canonical_bytes(new) != canonical_bytes(old)
        sections = content_items.compared(page, old, new, {})
        if not any(one.changes or one.has_unseen_change for one in sections):
            untold.append(path)

    assert len(paths) > 40
    assert untold == []


def test_block_of_a_type_that_is_gone_is_shown_as_it_is(page):
    old = content_of(page)
    new = copy.deepcopy(old)
    new["body"] = [{"type": "poll", "value": "Do you like it?"}]

    assert "Do you like it?" in words_of(content_items.compared(page, old, new, {}))


def test_names_stand_for_numbers_and_what_is_gone_is_told(clinic, page):
    content = content_of(page)
    content["author_links"] = [{"person": clinic.writer.pk}, {"person": 999_999}]
    content["clinical_reviewer"] = clinic.reviewer.pk

    words = words_of(content_items.compared(page, None, content, {}))

    assert "Anton Made-Up" in words
    assert "Clara Made-Up" in words
    assert "person 999999, which is not on file any more" in words


def test_places_come_in_the_order_of_the_editors_form(clinic):
    page = ConditionPage.objects.get(pk=clinic.insomnia.pk)

    sections = content_items.compared(page, None, content_of(page), {})

    labels = [section.place.label for section in sections]
    assert labels[:4] == ["Title", "Summary", "Also known as", "ICD-10-CM codes"]
    assert labels.index("Soon signs") < labels.index("Overview") < labels.index("Slug")
    assert [section.place.tab for section in sections][0] == "Content"


def test_names_are_asked_for_together(clinic, django_assert_num_queries):
    draft(clinic.article, user=clinic.author, summary="Other words.")
    newest = clinic.article.get_latest_revision_as_object()
    old, new = content_of(clinic.article), content_of(newest)

    with django_assert_num_queries(2):
        content_items.compared(newest, old, new, {})
