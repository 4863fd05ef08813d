"""Django's SQLite backend with a moment before each commit, in which the ledger records what changed."""

from django.db.backends.sqlite3 import base

from cms.publishing.backends.precommit import PreCommitMixin


class DatabaseWrapper(PreCommitMixin, base.DatabaseWrapper):
    """A SQLite connection whose commits include the ledger."""
