"""Whatever is typed, there is an answer; nothing of it is markup, a pattern, or a part of a query.

``SEARCHES`` sets how many made-up texts are tried; the everyday number is small.
"""

import os
import re

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

SEARCHES = int(os.environ.get("SEARCHES") or 60)
_MADE_OF = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="\"'-*()^:{}|&!<>~%_\\ abc AND OR NEAR NOT insomnia", max_size=200),
    st.lists(
        st.sampled_from(["sleep", "-sleep", '"', "NEAR(", "a:*", "<->", "!!", "\u202e", "😴", "%", "\x00", "x" * 60])
    ).map(" ".join),
)


@pytest.mark.django_db
@settings(max_examples=SEARCHES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    assert len(suggestions(text, site=None)) <= 10
    within = documents_with(text).sql
    if within is not None:
        with connection.cursor() as cursor:
            cursor.execute(within)


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
