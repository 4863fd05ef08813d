"""Which requests are asked again: those whose transaction the database ended for another one."""

import pytest
from django.db import OperationalError
from django.db.transaction import TransactionManagementError

from cms.publishing.requests import _gave_way


class Ended(Exception):
    """As a driver says it."""

    def __init__(self, pgcode: str) -> None:
        super().__init__(pgcode)
        self.pgcode = pgcode


def caused(error: Exception, cause: Exception | None) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(("pgcode", "is_asked_again"), [("40P01", True), ("23514", False)])
def test_a_deadlock_that_a_task_kept_to_itself_counts_like_one_that_it_told(pgcode: str, is_asked_again: bool) -> None:
    told = caused(OperationalError("ended"), Ended(pgcode))

    assert _gave_way(told) is is_asked_again
    assert _gave_way(caused(TransactionManagementError("refused"), told)) is is_asked_again


def test_a_broken_transaction_without_a_cause_is_not_asked_again() -> None:
    assert _gave_way(TransactionManagementError("refused")) is False
