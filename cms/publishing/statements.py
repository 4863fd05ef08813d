"""Statements that are asked again and again, each with the values that it always has, and the names of those that come later.

A list is one long statement, and planning it takes PostgreSQL longer than finding twenty documents. There a connection keeps such
statements ready (``cms/publishing/backends/postgresql/prepared.py``); SQLite's driver keeps what it has read by itself.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db import connection

# How each database takes many values as one.
_AMONG = {"postgresql": "{column} = ANY(%s::{kind}[])", "sqlite": "{column} IN (SELECT value FROM json_each(%s))"}
_EACH_OF = {"postgresql": "unnest(%s::{kind}[]) AS asked(value)", "sqlite": "json_each(%s) AS asked"}


class Later(str):
    """The name of a value that a statement learns only when it is asked; among its values it stands for that one."""

    __slots__ = ()


@dataclass(frozen=True, eq=False)
class Statement:
    """SQL with its values by name (``%(name)s``): those ``known``, which it always has, and the names of those ``later``."""

    sql: str
    known: dict[str, Any]
    later: tuple[str, ...]

    @cached_property
    def name(self) -> str:
        """A name that no other statement has: nobody is ever answered with the rows of another one."""
        text = repr((self.sql, sorted(self.known.items()), self.later))
        return f"attest_{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def statement_of(sql: str, values: Sequence[Any]) -> Statement:
    """``sql``, whose places (``%s``) have these values in this order; a ``Later`` may stand in several."""
    names = [value if isinstance(value, Later) else f"value{number}" for number, value in enumerate(values)]
    known = {name: value for name, value in zip(names, values, strict=True) if not isinstance(value, Later)}
    later = tuple(dict.fromkeys(value for value in values if isinstance(value, Later)))
    return Statement(sql % tuple(f"%({name})s" for name in names), known, later)


@cache
def vendor() -> str:
    """Which database this is. There is one for a process, and asking Django's connection for it takes a microsecond."""
    return connection.vendor


def among(column: str, kind: str) -> str:
    """The condition that ``column`` has one of many values, which come later in one place, as ``many`` writes them.

    So one statement asks for one and for a hundred, and is read and planned once. ``kind`` is ``bigint`` or ``uuid``.
    """
    return _AMONG[vendor()].format(column=column, kind=kind)


def each_of(kind: str) -> str:
    """A table ``asked`` with one column ``value``: many values, which come later in one place, as for ``among``."""
    return _EACH_OF[vendor()].format(kind=kind)


def many(values: Iterable[int | str]) -> str:
    """These numbers, or texts of letters and digits, as one value for the place of ``among`` or ``each_of``."""
    listed = ",".join([f'"{value}"' if isinstance(value, str) else str(value) for value in values])
    return f"{{{listed}}}" if vendor() == "postgresql" else f"[{listed}]"


def rows_of(statement: Statement, asked: dict[str, Any], *, is_usual: bool = True) -> list[tuple[Any, ...]]:
    """The rows of ``statement`` with the values ``asked`` for those that come later; one query.

    Not ``is_usual`` is what is hardly asked again, or whose later values decide how to look for the rows.
    """
    with connection.cursor() as cursor:
        # Asked here, when there is a connection: a new one has nothing prepared.
        prepared = getattr(connection, "prepared", None)
        if prepared is None or not is_usual or not prepared.execute(cursor, statement, asked):
            cursor.execute(statement.sql, {**statement.known, **asked})
        return cursor.fetchall()
