"""What caches need: validators, times, tags, and 304."""

import datetime
import hashlib
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone
from django.utils.http import http_date, parse_http_date

from cms.api import conditional
from cms.publishing.models import Entry, Head
from tests.api.conftest import Reader
from tests.factories import Clinic, draft

READS = [
    "/articles", "/pages?limit=2", "/articles?q=nothinglikeit", "/articles/sleeping-better", "/people/anton",
    "/pages/find?path=/",     "/search?q=sleep", "/navigation", "/site", "/openapi.json", "/docs",
    "/redirects", "/search/suggest?q=inso", "/feeds/articles.json", "/feeds/articles.atom",
]  # fmt: skip


@pytest.mark.parametrize("address", READS)
def test_every_read_can_be_cached(api: Reader, address: str) -> None:
    response = api.get(address)

    assert response.status_code == 200
    assert response.headers["ETag"] == f'"{hashlib.sha256(response.content).hexdigest()}"'
    assert response.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=60"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    assert not response.cookies


@pytest.mark.parametrize("address", READS)
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other",W/{} , "more"', "*"])
def test_who_has_the_bytes_gets_304_with_the_same_headers(api: Reader, address: str, form: str) -> None:
    whole = api.get(address)

    response = api.get(address, If_None_Match=form.format(whole.headers["ETag"]))

    assert (response.status_code, response.content) == (304, b"")
    same = {name: value for name, value in whole.headers.items() if name not in {"Content-Type", "Content-Length"}}
    assert dict(response.headers) == same


@pytest.mark.parametrize("tag", ['"other"', "", "garbage", '"unfinished', 'W/"other"'])
def test_who_has_other_bytes_gets_them_all(api: Reader, tag: str) -> None:
    assert api.get("/articles", If_None_Match=tag).status_code == 200


def test_if_none_match_goes_before_if_modified_since(api: Reader) -> None:
    far = http_date(timezone.now().timestamp() + 10_000)

    assert api.get("/articles", If_None_Match='"other"', If_Modified_Since=far).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/articles", "/articles?q=nothinglikeit", "/articles/sleeping-better", "/people/anton", "/search?q=sleep"],
)
def test_content_has_a_time_and_304_by_it(api: Reader, address: str, later: Any) -> None:
    modified = api.get(address).headers["Last-Modified"]

    newest = Entry.objects.latest("position").at
    assert newest.timestamp() <= parse_http_date(modified) < newest.timestamp() + 1
    assert api.get(address, If_Modified_Since=modified).status_code == 304
    assert api.get(address, If_Modified_Since=http_date(newest.timestamp() - 1)).status_code == 200
    assert api.get(address, If_Modified_Since="no date").status_code == 200


def test_two_publications_in_one_second_are_never_taken_for_one(db: None) -> None:
    now = timezone.now()
    answer = conditional.Answer("{}", modified_at=now)
    first = conditional.respond(RequestFactory().get("/"), answer).headers["Last-Modified"]
    request = RequestFactory().get("/", headers={"If-Modified-Since": first})

    second = conditional.respond(
        request, conditional.Answer('{"a":1}', modified_at=now + datetime.timedelta(microseconds=1))
    )

    assert second.status_code == 200


def test_a_page_that_expired_unnoticed_is_no_reason_for_304(api: Reader, later: Any) -> None:
    modified = api.get("/articles").headers["Last-Modified"]
    assert api.get("/articles", If_Modified_Since=modified).status_code == 304

    moment = datetime.datetime.fromtimestamp(parse_http_date(modified) + 1, tz=datetime.UTC)
    Head.objects.filter(slug="sleeping-better").update(expires_at=moment)

    assert api.get("/articles", If_Modified_Since=modified).status_code == 200


def test_tags_name_the_documents_in_an_answer(api: Reader) -> None:
    article = api.get("/articles/sleeping-better")
    listed = api.get("/articles")

    own = article.json()["id"]
    related = {api.json(address)["id"] for address in ("/people/anton", "/people/clara", "/conditions/insomnia")}
    tags = article.headers["Cache-Tag"].split(",")
    assert tags[0] == own
    assert related < set(tags)
    assert article.headers["Surrogate-Key"].split(" ") == tags
    assert listed.headers["Cache-Tag"] == f"{own},lists"


def test_a_publication_is_in_the_next_answer(api: Reader, clinic: Clinic) -> None:
    etag = api.get("/articles/sleeping-better").headers["ETag"]

    draft(clinic.article, title="Sleeping well")
    clinic.publish(clinic.article)

    response = api.get("/articles/sleeping-better", If_None_Match=etag)
    assert (response.status_code, response.json()["title"]) == (200, "Sleeping well")


def test_a_related_page_changes_the_validator_too(api: Reader, clinic: Clinic) -> None:
    etag = api.get("/articles/sleeping-better").headers["ETag"]

    draft(clinic.insomnia, title="Sleeplessness")
    clinic.publish(clinic.insomnia)

    response = api.get("/articles/sleeping-better", If_None_Match=etag)
    assert [condition["title"] for condition in response.json()["conditions"]] == ["Sleeplessness"]


def test_304_is_not_for_what_is_gone(api: Reader, clinic: Clinic) -> None:
    etag = api.get("/articles/sleeping-better").headers["ETag"]

    clinic.article.unpublish(user=clinic.publisher)

    assert api.get("/articles/sleeping-better", If_None_Match=etag).status_code == 410
    assert api.get("/articles/sleeping-better", If_None_Match="*").status_code == 410


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, clinic: Clinic) -> None:
    """A minute after the newest publication: its second is over for certain."""
    moment = Entry.objects.latest("position").at + datetime.timedelta(minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
