"""Statements that PostgreSQL has read and planned once for a connection.

What is asked a second time on a connection is prepared there, with all values in it that it always has, so that one plan is as
good as a plan for one request.
"""

from collections import OrderedDict
from typing import Any

from django.db import DatabaseError
from psycopg2 import errors
from psycopg2.extensions import AsIs

from cms.publishing.statements import Statement

# How many statements a connection keeps ready; the plan of a long one takes the server about 100 kB.
KEPT = 40
# Left to itself the server plans for the values of each request wherever it expects such a plan to be cheaper, however little.
_ONE_PLAN = "SET plan_cache_mode = force_generic_plan"
# What the server says of a statement that is not there, that is there already, or whose columns have other types now: a pool gave
# us another connection than before or put it back to its beginning, or a migration ran.
_NOT_AS_LEFT = (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement, errors.FeatureNotSupported)
_NEVER = object()


class Prepared:
    """What one connection to PostgreSQL has prepared."""

    # Within a transaction a refusal would end the transaction, and what the public asks most is asked outside of any. Tests live
    # in transactions, and turn this on.
    is_for_transactions = False

    def __init__(self) -> None:
        # Names of statements, those that were asked last at the end: the ones that are ready, and the ones that were asked once.
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._once: OrderedDict[str, None] = OrderedDict()
        self._is_off = False

    def execute(self, cursor: Any, statement: Statement, asked: dict[str, Any]) -> bool:
        """Execute ``statement`` if it is prepared, or is asked for the second time; otherwise ``False``, and nothing happened."""
        if self._is_off or (cursor.db.in_atomic_block and not self.is_for_transactions):
            return False
        name = statement.name
        is_ready = name in self._ready
        if not is_ready and self._once.pop(name, _NEVER) is _NEVER:
            self._once[name] = None
            if len(self._once) > KEPT:
                self._once.popitem(last=False)
            return False
        try:
            if is_ready:
                cursor.execute(*_execution(statement, asked))
                self._ready.move_to_end(name)
            else:
                self._prepare(cursor, statement, asked)
        except DatabaseError as error:
            # What cannot be prepared can perhaps be asked, and an error of the values will come again.
            is_refused = isinstance(error.__cause__, _NOT_AS_LEFT) if is_ready else not cursor.db.in_atomic_block
            if not is_refused:
                raise
            self._is_off = True
            return False
        return True

    def _prepare(self, cursor: Any, statement: Statement, asked: dict[str, Any]) -> None:
        """Prepare ``statement``, execute it, and give up the one that nobody asked for longest, in one message to the server."""
        numbered = {later: AsIs(f"${number}") for number, later in enumerate(statement.later, start=1)}
        text = cursor.mogrify(statement.sql, {**statement.known, **numbered}).decode()
        oldest = next(iter(self._ready)) if len(self._ready) >= KEPT else None
        orders = [
            *([f"DEALLOCATE {oldest}"] if oldest else []),
            _ONE_PLAN,
            f"PREPARE {statement.name} AS {text}",
            cursor.mogrify(*_execution(statement, asked)).decode(),
        ]
        cursor.execute("; ".join(orders))
        if oldest:
            del self._ready[oldest]
        self._ready[statement.name] = None


def _execution(statement: Statement, asked: dict[str, Any]) -> tuple[str, list[Any]]:
    places = f"({', '.join(['%s'] * len(statement.later))})" if statement.later else ""
    return f"EXECUTE {statement.name}{places}", [asked[later] for later in statement.later]
