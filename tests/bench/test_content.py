"""The benchmark's articles are as good as any: approved by the right people, judged by the gate, in a sound ledger."""

import pytest
from django.db import transaction

from articles.models import ArticlePage
from cms.publishing import verifying
from cms.publishing.models import Entry, Head
from cms.workflow.gate import GateBlocked
from cms.workflow.models import Approval
from tests.bench.content import ArticleMaker, slug_of


def test_articles_go_through_gate_and_ledger(clinic):
    before = Entry.objects.count()

    ArticleMaker().make(range(5))

    made = Head.objects.filter(slug__in=[slug_of(number) for number in range(5)])
    approvals = Approval.objects.filter(page_id__in=made.values("page_id"))
    assert (made.count(), Entry.objects.count() - before) == (5, 5)
    assert set(approvals.values_list("stage", "user")) == {
        ("editorial", clinic.editor.pk),
        ("clinical", clinic.clinician.pk),
    }
    assert list(verifying.problems()) == []


def test_later_batches_go_on_in_the_tree(clinic):
    maker = ArticleMaker()

    maker.make(range(2))
    maker.make(range(2, 4))

    assert ArticlePage.find_problems() == ([], [], [], [], [])
    assert clinic.articles.get_children().filter(live=True, slug__startswith="bench-article-").count() == 4


def test_article_that_the_gate_refuses_leaves_nothing_of_its_batch(clinic, monkeypatch):
    maker = ArticleMaker()
    monkeypatch.setattr(ArticleMaker, "_approve", lambda self, articles: None)

    with pytest.raises(GateBlocked), transaction.atomic():
        maker.make(range(3))

    assert not ArticlePage.objects.filter(slug__startswith="bench-article-").exists()
    assert not Entry.objects.filter(path__contains="bench-article-").exists()
