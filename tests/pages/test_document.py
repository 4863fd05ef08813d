"""Two digests: of what an editor authored, which reviewers sign, and of the bytes that the public sees."""

import datetime
import uuid
from typing import Any

import pytest
from django.db import models
from modelcluster.models import get_all_child_relations
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from articles.models import ArticleIndexPage, ArticlePage, TopicPage
from cms.pages import relations
from cms.pages.blocks import TEXT_FEATURES
from cms.pages.document import authored_content, canonical_bytes, digest_of
from cms.pages.fields import BlocksField
from cms.pages.models import PublicPage
from home.models import HomePage, PersonPage, StandardPage
from services.models import ConditionIndexPage, ConditionPage, ServiceIndexPage, ServicePage
from tests.factories import Clinic

TYPES: list[type[PublicPage]] = [
    HomePage,
    StandardPage,
    PersonPage,
    ArticleIndexPage,
    ArticlePage,
    TopicPage,
    ServiceIndexPage,
    ServicePage,
    ConditionIndexPage,
    ConditionPage,
]
# What no editor authors: where a page stands, when something happened to it, who owns it, which row it is.
STATE = {
    *("id", "page_ptr", "path", "depth", "numchild", "url_path", "translation_key", "locale", "content_type", "owner"),
    *(
        "live",
        "has_unpublished_changes",
        "first_published_at",
        "last_published_at",
        "go_live_at",
        "expire_at",
        "expired",
    ),
    *("locked", "locked_at", "locked_by", "latest_revision", "latest_revision_created_at", "live_revision"),
    *("draft_title", "alias_of"),
}
NEW_BLOCKS = {
    "paragraph": "<p>New words.</p>",
    "sign": "<p>New words.</p>",
    "question": {"question": "Why?", "answer": "<p>So.</p>"},
}


# --- Canonical bytes -------------------------------------------------------------------------------------------------


def test_equal_values_give_equal_bytes():
    one = {"b": [1, None, True], "a": {"y": "é", "x": "“”"}}
    other = {"a": {"x": "“”", "y": "é"}, "b": [1, None, True]}

    assert canonical_bytes(one) == canonical_bytes(other) == '{"a":{"x":"“”","y":"é"},"b":[1,null,true]}'.encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_cannot_hold_are_refused(number):
    with pytest.raises(ValueError, match="JSON"):
        canonical_bytes({"number": number})


def test_digest_is_sha_256_in_hexadecimal():
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_of(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_alias_is_judged_by_the_address_of_its_source():
    content = authored_content({"title": "Title", "slug": "alias", "path": "0001"}, slug="source")

    assert content == {"title": "Title", "slug": "source"}


# --- The content digest ----------------------------------------------------------------------------------------------


def page_of(model: type[PublicPage]) -> PublicPage:
    page = model.objects.order_by("pk").first()
    assert page is not None
    return page


def set_another_value(page: PublicPage, field: Any) -> None:
    if isinstance(field, BlocksField):
        kind = next(name for name in NEW_BLOCKS if name in field.stream_block.child_blocks)
        setattr(page, field.name, [{"type": kind, "value": NEW_BLOCKS[kind]}])
    elif isinstance(field, RichTextField):
        setattr(page, field.name, "<p>New words.</p>")
    elif isinstance(field, models.ForeignKey):
        setattr(page, field.attname, 999_999)
    elif isinstance(field, models.DateTimeField):
        setattr(page, field.name, datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC))
    elif isinstance(field, models.BooleanField):
        setattr(page, field.name, not getattr(page, field.name))
    elif isinstance(field, models.UUIDField):
        setattr(page, field.name, uuid.UUID(int=99))
    elif isinstance(field, models.IntegerField):
        setattr(page, field.name, (getattr(page, field.name) or 0) + 1)
    else:
        assert isinstance(field, models.CharField | models.TextField), field
        setattr(page, field.name, f"{getattr(page, field.name)} new")


@pytest.mark.parametrize("model", TYPES)
def test_another_value_in_any_field_is_another_content_unless_no_editor_wrote_it(model, clinic):
    signed = page_of(model).content_digest()

    changed = set()
    # An alias is another matter, see above; the row's link to its parent row is the id under another name.
    fields = [field for field in model._meta.concrete_fields if field.name not in {"alias_of", "page_ptr", "id"}]
    for field in fields:
        page = page_of(model)
        set_another_value(page, field)
        if page.content_digest() != signed:
            changed.add(field.name)

    # A note to readers is nothing that anybody signs until it is marked: no reader sees it before.
    assert changed == {field.name for field in fields} - STATE - {"change_note"}


def links_to(page: Page, clinic: Clinic) -> dict[str, list[Any]]:
    """Two rows of each relation, as an editor would add them."""
    return {
        "author_links": [relations.AuthorLink(person=person) for person in (clinic.writer, clinic.reviewer)],
        "provider_links": [relations.ProviderLink(person=person) for person in (clinic.writer, clinic.reviewer)],
        "topic_links": [relations.TopicLink(topic=clinic.topic), relations.TopicLink(topic_id=999)],
        "condition_links": [
            relations.ConditionLink(condition=clinic.insomnia),
            relations.ConditionLink(condition_id=9),
        ],
        "service_links": [relations.ServiceLink(service=clinic.acupuncture), relations.ServiceLink(service_id=999)],
        "treatment_links": [
            relations.TreatmentLink(service=clinic.acupuncture, evidence="<p>Small.</p>"),
            relations.TreatmentLink(service=clinic.acupuncture, evidence="<p>Uncertain.</p>"),
        ],
        "related_links": [relations.RelatedLink(target=clinic.topic), relations.RelatedLink(target=clinic.team)],
        "featured_links": [relations.FeaturedLink(target=clinic.topic), relations.FeaturedLink(target=clinic.team)],
    }


def test_every_relation_is_signed_in_its_order(clinic):
    rows = links_to(clinic.article, clinic)
    names = {relation.get_accessor_name() for relation in get_all_child_relations(ArticlePage)}
    assert names - set(rows) == {"wagtail_admin_comments"}

    for name, (first, second) in rows.items():
        digests = []
        for links in ([], [first], [first, second], [second, first]):
            page = page_of(ArticlePage)
            setattr(page, name, links)
            digests.append(page.content_digest())
        assert len(set(digests)) == 4, name


def test_numbers_of_rows_are_not_signed(clinic):
    page = page_of(ArticlePage)
    signed = page.content_digest()
    person = page.author_links.get().person

    page.author_links = [relations.AuthorLink(pk=12345, person=person, sort_order=77)]

    assert page.content_digest() == signed


def test_evidence_of_a_treatment_is_signed_without_the_editors_own_marks(clinic):
    def digest(evidence: str) -> str:
        page = page_of(ConditionPage)
        page.treatment_links = [relations.TreatmentLink(service=clinic.acupuncture, evidence=evidence)]
        return page.content_digest()

    assert digest('<p data-block-key="a1b2c">Small.</p>') == digest("<p>Small.</p>")
    assert digest("<p>Small.</p>") != digest("<p>Large.</p>")


@pytest.mark.parametrize(
    "change",
    [
        lambda blocks: [*blocks[:1], {**blocks[1], "value": "<p>Walk.</p>"}, *blocks[2:]],
        lambda blocks: [blocks[1], blocks[0], *blocks[2:]],
        lambda blocks: blocks[1:],
        lambda blocks: [*blocks, blocks[0]],
        lambda blocks: [{**blocks[0], "value": {**blocks[0]["value"], "level": "3"}}, *blocks[1:]],
        lambda blocks: [*blocks[:2], {**blocks[2], "value": {**blocks[2]["value"], "reference": None}}],
    ],
    ids=["other words", "other order", "block removed", "block added", "other level", "reference removed"],
)
def test_any_change_of_a_block_is_another_content(change, clinic):
    blocks = [
        {"type": "heading", "value": {"level": "2", "text": "Rest"}},
        {"type": "paragraph", "value": "<p>Rest.</p>"},
        {"type": "statistic", "value": {"figure": "1", "label": "One", "reference": clinic.reference.pk}},
    ]

    def digest(body: list[dict[str, Any]]) -> str:
        page = page_of(ArticlePage)
        page.body = body
        return page.content_digest()

    assert digest(change(blocks)) != digest(blocks)
    assert digest([{**block, "id": str(uuid.UUID(int=1))} for block in blocks]) == digest(blocks)


def test_content_digest_is_the_same_before_and_after_the_database(clinic):
    page = clinic.article_draft(
        "stored",
        body=[
            ("paragraph", '<p data-block-key="a1b2c">Rest &amp; walk “well”.</p>'),
            ("list", {"ordered": True, "items": ["<p>One</p>"]}),
            ("embed", "https://example.org/video"),
        ],
    )

    digests = {
        page.content_digest(),
        page.get_latest_revision().as_object().content_digest(),
        ArticlePage.objects.get(pk=page.pk).content_digest(),
    }

    assert len(digests) == 1


def test_saving_the_form_unchanged_keeps_the_content(clinic):
    mark = f'<a linktype="reference" id="{clinic.reference.pk}">[Rubin 2007]</a>'
    page = clinic.article_draft("edited", body=[("paragraph", f"<p>Rest{mark}.</p><p>Then <b>walk</b>.</p>")])
    page = ArticlePage.objects.get(pk=page.pk)
    signed = page.content_digest()
    clinic.reference.short_label = "Another label"
    clinic.reference.save()

    # The editor's form as a browser sends it: new keys of paragraphs, the reference's present label.
    source = page.body[0].value.source
    empty = inline_formset([])
    data = nested_form_data(
        {
            **{name: getattr(page, name) for name in ("title", "slug", "summary", "review_interval_months")},
            "clinical_reviewer": page.clinical_reviewer_id,
            "body": streamfield([("paragraph", rich_text(source, features=TEXT_FEATURES))]),
            "author_links": inline_formset(
                [{"id": link.pk, "person": link.person_id} for link in page.author_links.all()], initial=1
            ),
            "condition_links": inline_formset(
                [{"id": link.pk, "condition": link.condition_id} for link in page.condition_links.all()], initial=1
            ),
            **dict.fromkeys(("service_links", "topic_links", "related_links", "comments"), empty),
        }
    )
    form = page.get_edit_handler().get_form_class()(data, instance=page, for_user=clinic.author)
    assert form.is_valid(), form.errors
    saved = form.save(commit=False)

    assert "Another label" in saved.body[0].value.source
    assert "data-block-key" in saved.body[0].value.source
    assert saved.content_digest() == signed

    data["summary"] = "Another summary."
    form = page.get_edit_handler().get_form_class()(data, instance=page, for_user=clinic.author)
    assert form.is_valid()
    assert form.save(commit=False).content_digest() != signed
