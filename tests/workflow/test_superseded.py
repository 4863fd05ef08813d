"""Sources that a newer one took the place of: what the library keeps, what a check says, and what stays as it is."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.urls import reverse

from cms.pages.references import Reference
from cms.publishing.models import Entry, Head
from cms.workflow.checks import findings_of
from tests.workflow import desk

CITED = '<p>So.<a linktype="reference" id="{}">[Rubin 2007]</a></p>'


@pytest.fixture
def newer(db):
    return Reference.objects.create(
        short_label="Rubin 2026", title="Newer", doi="10.1000/new", year=2026, source="N", authors="R"
    )


@pytest.fixture
def citing(clinic):
    return clinic.article_draft("cited", body=[("paragraph", CITED.format(clinic.reference.pk))])


def told(page):
    return [(f.message, f.is_blocking, f.field) for f in findings_of(page) if f.code == "superseded_reference"]


def test_superseded_source_is_told_where_it_is_cited(citing, newer):
    Reference.objects.filter(short_label="Rubin 2007").update(superseded_by=newer, superseded_on="2026-03-01")

    message = "“Rubin 2007” is superseded by “Rubin 2026” (1 March 2026). Read that, and cite it if it still says so."
    assert told(citing) == [(message, False, "body")]


def test_source_that_is_superseded_in_words_is_told_too(citing):
    Reference.objects.update(superseded_note="the second edition")

    message = "“Rubin 2007” is superseded by the second edition. Read that, and cite it if it still says so."
    assert told(citing) == [(message, False, "body")]


def test_clinic_may_let_it_block(citing, settings):
    settings.CONTENT_CHECKS = {"levels": {"superseded_references": "blocking"}}
    Reference.objects.update(superseded_note="the second edition")

    assert [is_blocking for _message, is_blocking, _field in told(citing)] == [True]


def test_source_that_stands_is_left_alone(citing, newer):
    assert told(citing) == []


@pytest.mark.parametrize("field", ["itself", "a circle"])
def test_nothing_supersedes_itself(field, clinic, newer):
    reference = clinic.reference
    if field == "a circle":
        newer.superseded_by = reference
        newer.save()
    reference.superseded_by = reference if field == "itself" else newer

    with pytest.raises(ValidationError) as caught:
        reference.full_clean()

    assert list(caught.value.message_dict) == ["superseded_by"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"superseded_on": "2026-03-01"}, "superseded_on"),
        ({"superseded_by": "newer", "superseded_note": "the second edition"}, "superseded_note"),
    ],
)
def test_half_a_statement_is_refused(fields, wrong, clinic, newer):
    reference = clinic.reference
    for name, value in fields.items():
        setattr(reference, name, newer if value == "newer" else value)

    with pytest.raises(ValidationError) as caught:
        reference.full_clean()

    assert list(caught.value.message_dict) == [wrong]


def test_successor_cannot_be_deleted(clinic, newer):
    Reference.objects.filter(pk=clinic.reference.pk).update(superseded_by=newer)

    with pytest.raises(ProtectedError):
        newer.delete()

    assert Reference.objects.filter(pk=newer.pk).exists()


def test_deleting_a_successor_at_the_desk_is_refused_in_words(clinic, newer, admin_client):
    reference = Reference.objects.get(pk=clinic.reference.pk)
    reference.superseded_by = newer
    reference.save()

    response = admin_client.post(reverse("wagtailsnippets_pages_reference:delete", args=[newer.pk]), follow=True)

    assert response.status_code in {200, 403}
    assert Reference.objects.filter(pk=newer.pk).exists()


def test_form_of_the_library_asks_for_it(clinic, newer, admin_client):
    url = reverse("wagtailsnippets_pages_reference:edit", args=[clinic.reference.pk])

    page = admin_client.get(url).content.decode()

    assert all(
        f'name="{name}"' in page for name in ("is_retracted", "superseded_by", "superseded_note", "superseded_on")
    )


def test_list_of_the_library_says_so(clinic, newer, admin_client):
    Reference.objects.filter(pk=clinic.reference.pk).update(superseded_by=newer)

    page = admin_client.get(reverse("wagtailsnippets_pages_reference:list")).content.decode()

    assert page.count("Superseded") == 1


def test_nothing_public_changes(clinic, newer):
    clinic.publish(clinic.article_draft("cited", body=[("paragraph", CITED.format(clinic.reference.pk))]))
    heads = list(Head.objects.order_by("pk").values_list("pk", "digest"))
    entries = Entry.objects.count()
    reference = Reference.objects.get(pk=clinic.reference.pk)
    reference.superseded_by = newer

    reference.save()

    assert desk.fresh(reference).superseded_by == newer
    assert list(Head.objects.order_by("pk").values_list("pk", "digest")) == heads
    assert Entry.objects.count() == entries
