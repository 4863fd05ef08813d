"""Whatever changes a page in Wagtail, the ledger says what the public sees."""

from cms.publishing.models import Entry, Head


def test_every_published_page_of_the_clinic_has_one_head_and_one_entry(clinic):
    assert Head.objects.count() == 11
    assert [entry.kind for entry in Entry.objects.filter(page_id=clinic.article.pk)] == ["published"]
