"""Citations: from the database into the text editor and back, and what Wagtail finds in them."""

import json

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.models import Page, ReferenceIndex
from wagtail.rich_text import expand_db_html, features

from articles.models import ArticlePage
from cms.accounts.models import User
from cms.pages.references import Reference

pytestmark = pytest.mark.django_db


@pytest.fixture
def rubin(clinic):
    return clinic.reference


@pytest.fixture
def vickers():
    return Reference.objects.create(
        short_label="Vickers 2018", title="Acupuncture for chronic pain", year=2018, pmid="29198932"
    )


@pytest.fixture
def author(client):
    user = User.objects.create_user("author", "author@example.org", "secret")
    user.groups.add(Group.objects.get(name="Author"))
    client.force_login(user)
    return user


@pytest.fixture
def converter():
    return ContentstateConverter(["bold", "reference"])


def stored(key, label):
    return f'<a linktype="reference" id="{key}">{label}</a>'


def paragraph(inner):
    return f'<p data-block-key="abc12">{inner}</p>'


def opened(converter, source):
    """The only block of ``source`` as the editor gets it, and its entities in order."""
    state = json.loads(converter.from_database_format(source))
    return state["blocks"][0], list(state["entityMap"].values())


def test_a_mark_opens_as_one_indivisible_entity(converter, rubin):
    block, entities = opened(converter, paragraph(f"Most adults{stored(rubin.pk, '[Rubin 2007]')}."))

    assert block["text"] == "Most adults[Rubin 2007]."
    assert block["entityRanges"] == [{"key": 0, "offset": 11, "length": 12}]
    assert entities == [
        {"type": "REFERENCE", "mutability": "IMMUTABLE", "data": {"id": rubin.pk, "label": "[Rubin 2007]"}}
    ]


def test_opening_and_saving_changes_nothing(converter, rubin, vickers):
    source = paragraph(
        f"One {stored(rubin.pk, '[Rubin 2007]')}{stored(vickers.pk, '[Vickers 2018]')}, <b>two</b> "
        f"{stored(rubin.pk, '[Rubin 2007]')} three"
    )

    saved = converter.to_database_format(converter.from_database_format(source))

    assert saved == source


def test_the_label_is_read_afresh(converter, rubin):
    source = paragraph(f"Most <b>adults {stored(rubin.pk, '[Rubin]')} have</b> it.")

    block, entities = opened(converter, source)
    saved = converter.to_database_format(converter.from_database_format(source))

    assert block["text"] == "Most adults [Rubin 2007] have it."
    assert block["inlineStyleRanges"] == [{"offset": 5, "length": 24, "style": "BOLD"}]
    assert entities[0]["data"]["label"] == "[Rubin 2007]"
    assert "[Rubin 2007]" in saved


@pytest.mark.parametrize("words", ["<b>[R]</b>", "<b>[An older and longer label]</b>", "[A <b>part</b>]"])
def test_bold_type_within_a_mark_spans_the_fresh_label(converter, rubin, words):
    block, _ = opened(converter, paragraph(f"See {stored(rubin.pk, words)} now"))

    assert block["text"] == "See [Rubin 2007] now"
    assert block["inlineStyleRanges"] == [{"offset": 4, "length": 12, "style": "BOLD"}]


def test_an_empty_mark_gets_its_label_and_keeps_the_space_after_it(converter, rubin):
    block, _ = opened(converter, paragraph(f"{stored(rubin.pk, '')} says so"))

    assert block["text"] == "[Rubin 2007] says so"


def test_a_deleted_reference_shows_as_missing_and_keeps_its_key(converter, rubin):
    key = rubin.pk
    source = paragraph(f"Most adults {stored(key, '[Rubin 2007]')}.")
    rubin.delete()

    block, entities = opened(converter, source)
    saved = converter.to_database_format(converter.from_database_format(source))

    assert block["text"] == "Most adults [missing reference]."
    assert entities[0]["data"] == {"id": key, "label": "[missing reference]", "is_missing": True}
    assert saved == paragraph(f"Most adults {stored(key, '[missing reference]')}.")


@pytest.mark.parametrize("attribute", ["", ' id=""', ' id="-1"', ' id="²"', ' id="twelve"', ' id="1 or 1"'])
def test_a_key_that_cannot_be_one_is_missing_and_is_not_stored_again(converter, attribute):
    source = paragraph(f'Most adults <a linktype="reference"{attribute}>[Rubin 2007]</a>.')

    _, entities = opened(converter, source)
    saved = converter.to_database_format(converter.from_database_format(source))

    assert entities[0]["data"] == {"id": None, "label": "[missing reference]", "is_missing": True}
    assert saved == paragraph('Most adults <a linktype="reference">[missing reference]</a>.')


def test_what_a_browser_sends_cannot_smuggle_markup_into_the_key(converter):
    state = {
        "blocks": [
            {
                "key": "abc12",
                "type": "unstyled",
                "depth": 0,
                "text": "[x]",
                "inlineStyleRanges": [],
                "entityRanges": [{"key": 0, "offset": 0, "length": 3}],
            }
        ],
        "entityMap": {
            "0": {
                "type": "REFERENCE",
                "mutability": "IMMUTABLE",
                "data": {"id": '1" onclick="alert(1)', "label": "[x]"},
            }
        },
    }

    saved = converter.to_database_format(json.dumps(state))

    assert saved == paragraph('<a linktype="reference">[x]</a>')


def test_text_without_the_feature_keeps_the_words_only(rubin):
    plain = ContentstateConverter(["bold"])

    saved = plain.to_database_format(plain.from_database_format(paragraph(stored(rubin.pk, "[Rubin 2007]"))))

    assert saved == paragraph("[Rubin 2007]")


@pytest.mark.parametrize("attribute", ['id="1"', 'id="999999"', 'id="twelve"', ""])
def test_wagtails_own_html_never_links_a_mark(attribute):
    html = expand_db_html(f'<p>Most adults <a linktype="reference" {attribute}>[Rubin 2007]</a>.</p>')

    assert html == "<p>Most adults <a>[Rubin 2007]</a>.</p>"


def test_rich_text_without_named_features_can_cite():
    assert "reference" in features.get_default_features()


def test_the_reference_index_knows_which_page_cites_what(rubin, vickers):
    marks = stored(rubin.pk, "[Rubin 2007]") + '<a linktype="reference" id="twelve">[x]</a>'
    page = ArticlePage(
        title="Back pain",
        slug="back-pain",
        live=False,
        body=json.dumps([{"type": "paragraph", "value": f"<p>Most adults {marks}.</p>"}]),
    )
    Page.objects.get(depth=1).add_child(instance=page)

    ReferenceIndex.create_or_update_for_object(page)

    assert [entry.object_id for entry in ReferenceIndex.get_references_to(rubin)] == [str(page.pk)]
    assert not ReferenceIndex.get_references_to(vickers).exists()
    assert ReferenceIndex.get_references_for_object(page).filter(to_object_id="twelve").count() == 0


def test_an_author_is_offered_all_references(client, author, rubin, vickers):
    answer = client.get(reverse("wagtailsnippetchoosers_pages_reference:choose"))

    assert answer.status_code == 200
    assert answer.json()["step"] == "choose"
    for reference in (rubin, vickers):
        chosen = reverse("wagtailsnippetchoosers_pages_reference:chosen", args=[reference.pk])
        assert f'href="{chosen}"' in answer.json()["html"]


def test_an_author_finds_a_reference_by_the_beginning_of_its_label(client, author, rubin, vickers):
    answer = client.get(reverse("wagtailsnippetchoosers_pages_reference:choose_results"), {"q": "rub"})

    assert "Rubin 2007" in answer.content.decode()
    assert "Vickers 2018" not in answer.content.decode()


def test_the_choice_says_which_reference_is_retracted(client, author, rubin):
    Reference.objects.filter(pk=rubin.pk).update(is_retracted=True)

    answer = client.get(reverse("wagtailsnippetchoosers_pages_reference:choose_results"))

    assert "Study" in answer.content.decode()
    assert "Retracted" in answer.content.decode()


def test_choosing_answers_with_the_label(client, author, rubin):
    answer = client.get(reverse("wagtailsnippetchoosers_pages_reference:chosen", args=[rubin.pk]))

    assert answer.json() == {
        "step": "chosen",
        "result": {
            "id": str(rubin.pk),
            "string": "Rubin 2007: Epidemiology and risk factors for spine pain",
            "edit_url": reverse("wagtailsnippets_pages_reference:edit", args=[rubin.pk]),
            "label": "[Rubin 2007]",
        },
    }


def test_a_visitor_is_offered_nothing(client, rubin):
    answer = client.get(reverse("wagtailsnippetchoosers_pages_reference:choose"))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("wagtailadmin_login"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "10.1016/j.ncl"}, "Rubin 2007"),
        ({"q": "29198932"}, "Vickers 2018"),
        ({"is_retracted": "true"}, "Vickers 2018"),
        ({"kind": "guideline"}, "Rubin 2007"),
        ({"q": "spine", "kind": "guideline", "is_retracted": "false", "ordering": "-year"}, "Rubin 2007"),
    ],
)
def test_the_library_is_searched_and_filtered(client, author, rubin, vickers, query, found):
    Reference.objects.filter(pk=rubin.pk).update(kind=Reference.Kind.GUIDELINE)
    Reference.objects.filter(pk=vickers.pk).update(is_retracted=True)

    answer = client.get(reverse("wagtailsnippets_pages_reference:list"), query)

    assert [reference.short_label for reference in answer.context["object_list"]] == [found]


def test_the_library_stands_in_the_main_menu(client, author):
    answer = client.get(reverse("wagtailadmin_home"))

    assert reverse("wagtailsnippets_pages_reference:list") in answer.content.decode()
