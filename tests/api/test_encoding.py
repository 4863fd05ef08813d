"""Compressed answers: for whom, of what, and that no cache and no client can take one form for the other."""

import gzip
import hashlib
from typing import Any

import pytest

from cms.api import encoding
from tests.api.conftest import Reader
from tests.api.test_keys import make_key
from tests.factories import Clinic

LONG = ["/pages", "/articles/sleeping-better", "/changes", "/openapi.json", "/docs", "/feeds/articles.atom"]


@pytest.mark.parametrize(
    ("accepted", "is_gzip"),
    [
        ("", False), ("gzip", True), ("GZIP", True), ("x-gzip", True), ("*", True), ("br, gzip;q=0.5", True),
        ("gzip, deflate, br, zstd", True), ("gzip;q=1.0, identity; q=0.5, *;q=0", True), ("gzip ; q=0.001", True),
        ("gzip;q=0", False), ("gzip;q=0.0", False), ("*;q=0", False), ("gzip;q=0, *", False), ("br", False),
        ("identity", False), ("identity, gzip;q=0.5", False), ("gzip;q=x", False), ("gzip;q=2", False),
        ("gzip;q=nan", False), ("gzip;level=9", False), ("notgzip", False), (",,;=", False),
    ],
)  # fmt: skip
def test_a_client_gets_gzip_when_it_takes_it_and_likes_nothing_better(accepted: str, is_gzip: bool) -> None:
    assert encoding.prefers_gzip(accepted) is is_gzip


@pytest.mark.parametrize("address", LONG)
def test_each_form_has_a_validator_of_its_own_and_says_that_there_are_two(api: Reader, address: str) -> None:
    plain = api.get(address)
    packed = api.get(address, Accept_Encoding="gzip")

    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content)
    digest = hashlib.sha256(plain.content).hexdigest()
    assert (plain.headers["ETag"], packed.headers["ETag"]) == (f'"{digest}"', f'"{digest}-gzip"')
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert api.get(address, Accept_Encoding="gzip").content == packed.content


@pytest.mark.parametrize("address", LONG)
def test_304_is_for_the_form_that_the_client_would_get(api: Reader, address: str) -> None:
    plain, packed = api.get(address), api.get(address, Accept_Encoding="gzip")

    unchanged = api.get(address, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (unchanged.headers["ETag"], unchanged.headers["Vary"]) == (packed.headers["ETag"], "Accept-Encoding")
    assert not {"Content-Encoding", "Content-Length", "Content-Type"} & set(unchanged.headers)
    assert api.get(address, Accept_Encoding="gzip", If_None_Match=plain.headers["ETag"]).status_code == 200
    assert api.get(address, If_None_Match=packed.headers["ETag"]).status_code == 200


def test_what_is_short_has_one_form(api: Reader) -> None:
    response = api.get("/articles?slug=nothing", Accept_Encoding="gzip")

    assert response.json()["count"] == 0
    assert not {"Content-Encoding", "Vary"} & set(response.headers)


def test_an_answer_to_a_key_is_never_compressed(api: Reader, clinic: Clinic) -> None:
    response = api.get("/pages", Accept_Encoding="gzip", Authorization=f"Bearer {make_key()}")

    assert response.status_code == 200
    assert len(response.content) > encoding.MIN_BYTES
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Authorization"


def test_without_a_cache_nothing_is_compressed(api: Reader, settings: Any) -> None:
    settings.RESPONSE_CACHE_BYTES = 0

    response = api.get("/pages", Accept_Encoding="gzip")

    assert len(response.content) > encoding.MIN_BYTES
    assert not {"Content-Encoding", "Vary"} & set(response.headers)
