"""The moment before a commit, on any database.

Django has hooks after a commit, none before. The ledger must record a change in the same transaction, once everything in it
has been written: a page's child rows are saved after the page, its restrictions after that. So the connection itself asks
the capture to flush when the outermost transaction is about to commit, and rolls back when that fails.
"""

from typing import Any


class PreCommitMixin:
    """A database connection that lets the capture append entries just before each commit."""

    def commit(self) -> None:
        """Flush what the transaction changed into the ledger, then commit; a refusal rolls everything back."""
        from cms.publishing import capture

        try:
            capture.flush(self)  # type: ignore[arg-type]  # the mixin completes a Django connection
        except BaseException:
            self.run_on_commit: list[Any] = []
            self.rollback()
            raise
        super().commit()  # type: ignore[misc]

    def rollback(self) -> None:
        """Forget what the abandoned transaction had touched."""
        from cms.publishing import capture

        capture.forget(self)  # type: ignore[arg-type]
        super().rollback()  # type: ignore[misc]
