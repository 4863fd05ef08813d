"""What would be a finding is one: the checks of the fuzzers fail where they have to."""

import pytest

from cms.api.description import described
from tests.api.described_answers import complaints
from tests.fuzz.civility import Answer, assert_civil

PROBLEM = {"Content-Type": "application/problem+json"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, PROBLEM, b'{"status": 500}'),
        Answer(404, {"Content-Type": "text/html"}, b"<h1>Not Found</h1>"),
        Answer(404, PROBLEM, b'{"status": 400}'),
        Answer(422, PROBLEM, b'{"status": 422, "detail": "Traceback (most recent call last)"}'),
        Answer(200, {"Content-Type": "application/json"}, b" " * 7_000_000),
        Answer(200, {"Content-Type": "application/json"}, b"{"),
        Answer(200, {"X": "a\r\nSet-Cookie: b"}, b""),
    ],
)
def test_an_answer_that_is_not_civil_is_found(answer: Answer) -> None:
    with pytest.raises((AssertionError, ValueError)):
        assert_civil(answer)


def test_an_answer_that_is_not_described_is_found() -> None:
    operation = ("/api/v1/articles", "get")
    good = Answer(200, {"Content-Type": "application/json"}, b'{"count": 0, "next": null, "items": []}')
    wrong = Answer(200, {"Content-Type": "application/json"}, b'{"count": -1, "next": null, "items": []}')

    assert complaints(described(), *operation, good) == []
    assert complaints(described(), *operation, wrong) == ["$.count: -1 is less than the minimum of 0"]
    assert complaints(described(), *operation, Answer(410, PROBLEM, b"{}")) == ["410 is not described"]
    assert complaints(described(), *operation, Answer(200, {"Content-Type": "text/plain"}, b"")) == [
        "text/plain is not described"
    ]
