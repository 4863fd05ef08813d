"""Django's PostgreSQL backend with a moment before each commit, in which the ledger records what changed."""

from django.db.backends.postgresql import base

from cms.publishing.backends.precommit import PreCommitMixin


class DatabaseWrapper(PreCommitMixin, base.DatabaseWrapper):
    """A PostgreSQL connection whose commits include the ledger."""
