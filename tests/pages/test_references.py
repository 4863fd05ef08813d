"""References as data: refused when nobody could find them, and written out as readers know citations."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cms.pages.references import Reference
from tests.factories import make_reference


def problems_of(**fields: str) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        Reference(short_label="Source", title="Title", **fields).clean()
    return refusal.value.message_dict


@pytest.mark.parametrize(
    "doi", ["10.1016/j.ncl.2007.01.004", "10.1000/182", "10.1002/(SICI)1097-0258", "10.123456789/x"]
)
def test_doi_that_can_be_one(doi):
    Reference(short_label="Source", title="Title", doi=doi).clean()


@pytest.mark.parametrize(
    "doi",
    ["https://doi.org/10.1016/j.ncl", "doi:10.1016/x", "10.12/x", "10.1016", "10.1016/", "11.1016/x", "10.1016/a b"],
)
def test_doi_that_cannot_be_one_is_refused(doi):
    assert list(problems_of(doi=doi)) == ["doi"]


@pytest.mark.parametrize("pmid", ["PMID17445733", "1744 5733", "-1", "²", "１２"])
def test_pubmed_number_has_digits_only(pmid):
    assert list(problems_of(pmid=pmid)) == ["pmid"]


def test_source_that_nobody_could_find_is_refused():
    assert list(problems_of()) == ["url"]


def test_every_problem_is_named_at_once():
    assert list(problems_of(doi="wrong", pmid="wrong")) == ["doi", "pmid"]


def test_two_sources_cannot_share_a_doi(db):
    Reference.objects.create(short_label="A", title="A", doi="10.1000/182")

    with pytest.raises(IntegrityError, match=r"reference_doi_unique|pages_reference\.doi"), transaction.atomic():
        Reference.objects.create(short_label="B", title="B", doi="10.1000/182")

    assert Reference.objects.filter(doi="10.1000/182").count() == 1


def test_many_sources_may_have_no_doi(db):
    Reference.objects.create(short_label="A", title="A", pmid="1")
    Reference.objects.create(short_label="B", title="B", pmid="2")

    assert Reference.objects.filter(doi="").count() == 2


@pytest.mark.parametrize(
    ("fields", "citation"),
    [
        (
            {"authors": "Rubin DI.", "source": "Neurol Clin", "year": 2007, "volume_pages": "25(2):353-371"},
            "Rubin DI. Spine pain. Neurol Clin 2007;25(2):353-371.",
        ),
        ({"authors": "Vickers AJ et al."}, "Vickers AJ et al. Spine pain."),
        ({"source": "NCCIH"}, "Spine pain. NCCIH."),
        ({"year": 2020}, "Spine pain. 2020."),
        ({}, "Spine pain."),
        ({"source": "J Pain", "volume_pages": "1-9"}, "Spine pain. J Pain;1-9."),
    ],
)
def test_citation_in_the_order_that_readers_know(fields, citation):
    assert Reference(title="Spine pain", **fields).citation() == citation


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"doi": "10.1000/182", "url": "https://example.org/", "pmid": "1"}, "https://doi.org/10.1000/182"),
        ({"url": "https://example.org/", "pmid": "1"}, "https://example.org/"),
        ({"pmid": "1"}, "https://pubmed.ncbi.nlm.nih.gov/1/"),
    ],
)
def test_address_is_the_one_that_lasts_longest(fields, address):
    assert Reference(title="Title", **fields).address() == address


def test_public_form(clinic):
    reference = Reference.objects.get()
    reference.accessed = datetime.date(2026, 1, 31)

    assert reference.to_public(3) == {
        "number": 3,
        "citation": "Rubin DI. Epidemiology and risk factors for spine pain. Neurol Clin 2007;25(2):353-371.",
        "doi": "10.1016/j.ncl.2007.01.004",
        "pmid": "17445733",
        "url": "https://doi.org/10.1016/j.ncl.2007.01.004",
        "accessed": "2026-01-31",
        "kind": "study",
    }


def test_public_form_says_none_for_what_is_not_known():
    public = Reference(title="Title", url="https://example.org/").to_public(1)

    assert (public["doi"], public["pmid"], public["accessed"]) == (None, None, None)


def test_made_up_reference_of_the_tests_would_pass_the_form(clinic):
    assert Reference.objects.get().doi
    Reference.objects.all().delete()

    make_reference().full_clean()
