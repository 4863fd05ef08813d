"""Whatever is typed, there is an answer; nothing of it is markup, a pattern, or a part of a query.

``SEARCHES`` sets how many made-up texts are tried; the everyday number is small, and ``make fuzz`` tries thousands.
"""

import os
import re
import time
from urllib.parse import quote

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.parsing import parse
from search.query import search
from search.suggesting import suggestions
from search.within import documents_with
from tests.api.conftest import Reader
from tests.factories import Clinic
from tests.fuzz.civility import Application, applications, ask, assert_civil

SEARCHES = int(os.environ.get("SEARCHES") or 60)
# What no answer may take of a processor, however it is asked. Unit: seconds.
MAX_SECONDS = 2.0
_MADE_OF = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="\"'-*()^:{}|&!<>~%_\\ abc AND OR NEAR NOT insomnia", max_size=200),
    st.lists(
        st.sampled_from(["sleep", "-sleep", '"', "NEAR(", "a:*", "<->", "!!", "\u202e", "😴", "%", "\x00", "x" * 60])
    ).map(" ".join),
)


searched = settings(
    max_examples=SEARCHES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction must survive its requests, after each of which Django would close PostgreSQL's connection."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.fixture(scope="module")
def both() -> dict[str, Application]:
    return applications()


@pytest.mark.django_db
@searched
@given(text=_MADE_OF)
def test_any_text_has_an_answer(clinic: Clinic, text: str) -> None:
    text = text[:200]
    try:
        parse(text)
    except ValueError:
        return

    found = search(text, site_id=None)

    assert found.count >= len(found.hits)
    for hit in found.hits:
        for html in (hit.highlight, hit.title_highlight):
            assert not re.search("[<>]", html.replace("<mark>", "").replace("</mark>", ""))
    assert len(suggestions(text, site=None).items) <= 10
    within = documents_with(text).sql
    if within is not None:
        with connection.cursor() as cursor:
            cursor.execute(within)


@pytest.mark.django_db
@searched
@given(text=_MADE_OF)
def test_any_text_can_be_asked_for(clinic: Clinic, both: dict[str, Application], text: str) -> None:
    query = f"q={quote(text)}".encode()
    for path in (b"/api/v1/search", b"/api/v1/search/suggest", b"/api/v1/articles", b"/search/"):
        began = time.thread_time()

        answer = ask(both["front"], path, query)

        assert time.thread_time() - began < MAX_SECONDS, text
        assert answer.status_code in {200, 400, 422}, text
        if path.startswith(b"/api"):
            assert_civil(answer)


@pytest.mark.parametrize(
    "text",
    ["a" * 200, "\" \" \"", "-", "--sleep", "-\"", "NEAR(sleep rest, 5)", "sleep & !rest", "sleep:*", "'; DROP TABLE x; --",
     "%", "_", "*", "sleep*", "title:sleep", "^sleep", "\u202esleep", "😴 sleep", "שלום", "\ufffd", "(((((", "sleep\u0000"],
)  # fmt: skip
def test_no_sign_is_an_operator_of_a_database(clinic: Clinic, text: str) -> None:
    found = search(text, site_id=None)

    assert found.count >= 0
    if "sleep" in text.replace("--sleep", "") and "NEAR" not in text and "!rest" not in text:
        assert "Sleep" in {re.sub("<.*?>", "", hit.title_highlight) for hit in found.hits}


def test_the_api_answers_or_refuses(api: Reader) -> None:
    for typed in ("%00", "%FF", "a%00b", "%22%22%22", "x" * 201, "%F0%9F%98%B4", "NEAR(a", "a+b+c+d+e+f+g+h+j+k+l+m+n"):
        assert api.get(f"/search?q={typed}").status_code in {200, 400, 422}, typed
