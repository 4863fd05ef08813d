"""Django's PostgreSQL backend with a moment before each commit, in which the ledger records what changed."""

from typing import Any

from django.db.backends.postgresql import base

from cms.publishing.backends.postgresql.prepared import Prepared
from cms.publishing.backends.precommit import PreCommitMixin
from cms.publishing.backends.threads import ThreadEndMixin


class DatabaseWrapper(PreCommitMixin, ThreadEndMixin, base.DatabaseWrapper):
    """A PostgreSQL connection whose commits include the ledger, which ends with its thread, and which keeps statements ready."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """As Django's; a new connection has nothing prepared."""
        self.prepared = Prepared()
        return super().get_new_connection(conn_params)
