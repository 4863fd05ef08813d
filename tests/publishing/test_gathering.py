"""What one flush asks the database for must not grow with what its pages share."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.pages.identity import document_id_of
from cms.pages.stages import Stage
from cms.publishing.gathering import gather
from cms.workflow import approval


def test_more_pages_cost_no_more_queries(clinic):
    keys = [clinic.article.pk, *(clinic.article_draft(f"draft-{number}").pk for number in range(4))]

    with CaptureQueriesContext(connection) as one:
        gather(keys[:1])
    with CaptureQueriesContext(connection) as all_of_them:
        gather(keys)

    assert len(all_of_them) == len(one)


def test_gathered_page_is_digested_and_rendered_relations_without_asking_again(clinic):
    article = gather([clinic.article.pk])[clinic.article.pk]

    with CaptureQueriesContext(connection) as queries:
        digest = article.content_digest()
        authors = [link.person_id for link in article.author_links.all()]
        reviewer = article.clinical_reviewer

    assert (len(queries), authors, reviewer) == (0, [clinic.writer.pk], clinic.reviewer)
    assert digest == clinic.article.content_digest()


def test_relation_written_after_gathering_is_seen_by_the_next_gathering(clinic):
    gather([clinic.article.pk])

    clinic.article.author_links.get().delete()

    assert list(gather([clinic.article.pk])[clinic.article.pk].author_links.all()) == []


def test_approvals_of_one_page_do_not_stand_for_the_same_words_of_another(clinic):
    signed, unsigned = clinic.article, clinic.article_draft("unsigned")
    own = (document_id_of(signed), signed.content_digest())
    crosswise = (document_id_of(unsigned), signed.content_digest())
    words_of_the_other = (document_id_of(signed), unsigned.content_digest())

    standing = approval.standing_among([own, crosswise, words_of_the_other])

    assert set(standing[own]) == {Stage.EDITORIAL, Stage.CLINICAL}
    assert (standing[crosswise], standing[words_of_the_other]) == ({}, {})
