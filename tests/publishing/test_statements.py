"""Statements that are asked again and again, and what PostgreSQL keeps ready of them."""

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cms.publishing.statements import Later, Statement, rows_of, statement_of
from tests.publishing.test_ledger import on_postgresql

NUMBER = Later("number")


def sums(to_add: int) -> Statement:
    return statement_of("SELECT %s + %s, %s", [to_add, NUMBER, "100% of it"])


def texts(statement: Statement, number: int) -> tuple[list[tuple[Any, ...]], list[str]]:
    """The rows, and what the database was sent."""
    with CaptureQueriesContext(connection) as sent:
        rows = rows_of(statement, {NUMBER: number})
    return rows, [query["sql"] for query in sent]


def ready() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements")
        return [name for (name,) in cursor.fetchall()]


def test_a_value_that_comes_later_stands_wherever_it_is_named(db: None):
    statement = statement_of("SELECT %s + 0, %s, %s + 0 WHERE %s < %s", [NUMBER, "known", NUMBER, 1, NUMBER])

    assert rows_of(statement, {NUMBER: 2}) == [(2, "known", 2)]
    assert rows_of(statement, {NUMBER: 1}) == []
    assert statement.later == ("number",)
    assert list(statement.known.values()) == ["known", 1]


def test_no_two_statements_have_one_name():
    statements = [
        statement_of("SELECT %s", [1]),
        statement_of("SELECT %s", ["1"]),
        statement_of("SELECT %s", [2]),
        statement_of("SELECT  %s", [1]),
        statement_of("SELECT %s", [Later("value0")]),
        statement_of("SELECT %s", [datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)]),
    ]

    assert len({statement.name for statement in statements}) == len(statements)
    assert statement_of("SELECT %s", [1]).name == statements[0].name


@on_postgresql
class TestReady:
    """On PostgreSQL."""

    @pytest.fixture(autouse=True)
    def connected_anew(self, committed_db: None) -> Any:
        connection.close()
        yield
        connection.close()

    def test_what_is_asked_again_is_prepared_once(self):
        given = [texts(sums(1), number) for number in (1, 2, 3, 4)]

        assert [rows for rows, _sent in given] == [[(number + 1, "100% of it")] for number in (1, 2, 3, 4)]
        assert [len(sent) for _rows, sent in given] == [1, 1, 1, 1]
        assert ["PREPARE" in sent[0] for _rows, sent in given] == [False, True, False, False]
        assert [sent[0].startswith("EXECUTE") for _rows, sent in given] == [False, False, True, True]
        assert ready() == [sums(1).name]

    def test_what_is_unusual_is_not_prepared(self):
        for number in (1, 2, 3):
            assert rows_of(sums(1), {NUMBER: number}, is_usual=False) == [(number + 1, "100% of it")]

        assert ready() == []

    def test_those_that_nobody_asks_for_longest_are_given_up(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("cms.publishing.backends.postgresql.prepared.KEPT", 3)
        for to_add in (1, 2, 3, 1, 4):
            for number in (1, 2):
                assert rows_of(sums(to_add), {NUMBER: number}) == [(number + to_add, "100% of it")]

        assert sorted(ready()) == sorted(sums(to_add).name for to_add in (1, 3, 4))
        for to_add in range(10, 20):
            rows_of(sums(to_add), {NUMBER: 1})
        assert len(connection.prepared._once) == 3

    def test_a_pool_that_changes_connections_harms_nothing(self):
        for number in (1, 2, 3):
            rows_of(sums(1), {NUMBER: number})
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")

        assert [rows_of(sums(1), {NUMBER: number}) for number in (5, 6, 7)] == [
            [(number + 1, "100% of it")] for number in (5, 6, 7)
        ]
        assert ready() == []

    def test_a_new_connection_begins_anew(self):
        for number in (1, 2, 3):
            rows_of(sums(1), {NUMBER: number})
        connection.close()

        given = [texts(sums(1), number) for number in (5, 6, 7)]

        assert [rows for rows, _sent in given] == [[(number + 1, "100% of it")] for number in (5, 6, 7)]
        assert ["PREPARE" in sent[0] for _rows, sent in given] == [False, True, False]
        assert ready() == [sums(1).name]

    def test_what_cannot_be_prepared_is_asked(self):
        both = statement_of("SELECT 1 + %s, 'x' || %s", [NUMBER, NUMBER])

        assert [rows_of(both, {NUMBER: 1}) for _time in range(3)] == [[(2, "x1")]] * 3

    def test_one_that_somebody_else_prepared_harms_nothing(self):
        with connection.cursor() as cursor:
            cursor.execute(f"PREPARE {sums(1).name} AS SELECT 0")

        assert [rows_of(sums(1), {NUMBER: number}) for number in (5, 6, 7)] == [
            [(number + 1, "100% of it")] for number in (5, 6, 7)
        ]

    def test_a_column_of_another_type_harms_nothing(self):
        statement = statement_of("SELECT word FROM words WHERE 0 < %s", [NUMBER])
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE words AS SELECT 1 AS word")
            assert [rows_of(statement, {NUMBER: 1}) for _time in range(3)] == [[(1,)]] * 3
            cursor.execute("ALTER TABLE words ALTER word TYPE text")

        assert [rows_of(statement, {NUMBER: 1}) for _time in range(3)] == [[("1",)]] * 3

    def test_nothing_is_prepared_in_a_transaction(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("cms.publishing.backends.postgresql.prepared.Prepared.is_for_transactions", False)
        with transaction.atomic():
            for number in (1, 2, 3):
                assert rows_of(sums(1), {NUMBER: number}) == [(number + 1, "100% of it")]
            assert ready() == []

    def test_an_error_is_an_error(self):
        halves = statement_of("SELECT 2 / %s", [NUMBER])
        assert [rows_of(halves, {NUMBER: 1}) for _time in range(3)] == [[(2,)]] * 3

        with pytest.raises(DatabaseError, match="division by zero"):
            rows_of(halves, {NUMBER: 0})
        assert rows_of(halves, {NUMBER: 2}) == [(1,)]
        assert ready() == [halves.name]
