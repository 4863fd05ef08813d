"""What holds for every address: methods, slashes, media types, origins, and the shape of errors."""

from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.test import Client

from tests.api.conftest import Reader
from tests.factories import Clinic

ADDRESSES = [
    "/articles", "/articles/sleeping-better", "/services", "/conditions", "/people", "/pages", "/pages/find?path=/", "/site",
    "/navigation", "/search?q=sleep", "/openapi.json", "/docs", "/redirects", "/search/suggest?q=inso", "/feeds/articles.json",
    "/feeds/articles.atom",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_slash_at_the_end_makes_no_difference(api: Reader, address: str) -> None:
    path, mark, query = address.partition("?")

    bare, slashed = api.get(address), api.get(f"{path}/{mark}{query}")

    assert (bare.status_code, slashed.status_code) == (200, 200)
    assert bare.content == slashed.content


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_gives_the_headers_and_no_body(api: Reader, address: str) -> None:
    whole = api.get(address)

    response = api.client.head(f"/api/v1{address}")

    assert (response.status_code, response.content) == (200, b"")
    assert dict(response.headers) == dict(whole.headers)
    assert response.headers["Content-Length"] == str(len(whole.content))


def test_head_of_nothing_is_404_without_a_body(api: Reader) -> None:
    response = api.client.head("/api/v1/articles/nothing")

    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize("address", ADDRESSES)
def test_options_names_the_methods(api: Reader, address: str) -> None:
    response = api.client.options(f"/api/v1{address}")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_other_methods_are_refused_with_those_that_are_allowed(api: Reader, address: str, method: str) -> None:
    response = api.client.generic(method, f"/api/v1{address}", data='{"a": 1}', content_type="application/json")

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    _assert_problem(response)


def test_a_write_needs_no_csrf_token_to_be_refused_properly(api: Reader) -> None:
    response = Client(enforce_csrf_checks=True).post("/api/v1/articles", {"a": "b"})

    assert response.status_code == 405


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0", "image/png"])
def test_json_that_is_not_wanted_is_not_sent(api: Reader, accept: str) -> None:
    response = api.get("/articles", Accept=accept)

    assert response.status_code == 406
    _assert_problem(response)


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/json",
        "application/*",
        "text/html, */*;q=0.1",
        "application/json; charset=utf-8",
        "",
        ",;q=x",
    ],
)
def test_json_that_is_wanted_is_sent(api: Reader, accept: str) -> None:
    status = api.get("/articles", Accept=accept).status_code

    assert status == (406 if accept == ",;q=x" else 200)


def test_nothing_hidden_is_told_by_406(api: Reader) -> None:
    assert api.get("/articles/nothing", Accept="text/html").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/articles", "/api/v1/nothing", "/api/v1//articles", "/api/admin"],
)
def test_an_unknown_address_is_a_problem(api: Reader, path: str) -> None:
    response = api.client.get(path)

    assert response.status_code == 404
    _assert_problem(response)


def test_the_api_is_closed_while_reading_needs_a_key(
    api: Reader, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.CONTENT_API_PUBLIC = False

    for address in (
        "/articles",
        "/articles/sleeping-better",
        "/pages/find?path=/",
        "/search?q=sleep",
        "/site",
        "/navigation",
    ):
        with django_assert_num_queries(0):
            response = api.get(address)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="content"'
        _assert_problem(response)


@pytest.mark.parametrize("address", ["/articles", "/articles/sleeping-better", "/site", "/search?q=sleep", "/changes"])
def test_a_database_that_is_away_is_no_fault_of_the_client(
    api: Reader, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise OperationalError("the host and the port of the database")

    with monkeypatch.context() as patch:
        patch.setattr(CursorWrapper, "execute", fail)
        response = api.get(address)

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert b"host" not in response.content
    _assert_problem(response)


def test_an_unexpected_error_is_a_problem_without_a_trace(
    api: Reader, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr("cms.api.listing.answer_of", fail)
    api.client.raise_request_exception = False

    for is_debugging in (False, True):
        settings.DEBUG = is_debugging
        response = api.get("/articles")
        assert response.status_code == 500
        _assert_problem(response)
        assert "secret" not in response.content.decode()
        assert "Traceback" not in response.content.decode()


def test_an_unknown_host_is_a_problem(api: Reader) -> None:
    response = api.get("/articles", Host="evil.example")

    assert response.status_code == 400
    _assert_problem(response)


def test_no_address_is_built_from_the_host_header(api: Reader, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    response = api.get("/articles/sleeping-better", Host="evil.example", X_Forwarded_Host="evil.example")

    assert response.status_code == 200
    assert "evil.example" not in response.content.decode()


def test_listed_origins_may_read_and_no_others(api: Reader, settings: Any) -> None:
    settings.CONTENT_API_CORS_ORIGINS = ["https://site.example"]

    listed = api.get("/articles", Origin="https://site.example")
    others = [
        api.get("/articles", Origin=origin)
        for origin in ("https://site.example.evil.example", "http://site.example", "null", "")
    ]

    assert listed.headers["Access-Control-Allow-Origin"] == "https://site.example"
    assert listed.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in listed.headers
    for response in others:
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Vary"] == "Origin"


def test_a_preflight_of_a_listed_origin_is_answered(api: Reader, settings: Any) -> None:
    settings.CONTENT_API_CORS_ORIGINS = ["https://site.example"]

    response = api.client.options(
        "/api/v1/articles", headers={"Origin": "https://site.example", "Access-Control-Request-Method": "GET"}
    )

    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_a_logged_in_editor_sees_what_everybody_sees(api: Reader, clinic: Any) -> None:
    anonymous = api.get("/pages")

    api.client.force_login(clinic.editor)
    response = api.get("/pages")

    assert response.content == anonymous.content
    assert dict(response.headers) == dict(anonymous.headers)


def _assert_problem(response: Any) -> None:
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    content = response.json()
    assert set(content) - {"errors"} == {"type", "title", "status", "detail"}
    assert content["status"] == response.status_code


@pytest.mark.parametrize(
    ("address", "status"), [("/articles", 405), ("/openapi.json", 405), ("/docs", 405), ("/nothing", 404), ("/", 404)]
)
@pytest.mark.parametrize("method", ["POST", "PROPFIND"])
def test_another_method_is_told_as_such_to_clients_without_a_form(
    clinic: Clinic, address: str, status: int, method: str
) -> None:
    response = Client(enforce_csrf_checks=True).generic(method, f"/api/v1{address}")

    assert response.status_code == status
    assert response.headers.get("Allow") == ("GET, HEAD, OPTIONS" if status == 405 else None)
