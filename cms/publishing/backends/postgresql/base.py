"""Django's PostgreSQL backend with a moment before each commit, in which the ledger records what changed."""

from django.db.backends.postgresql import base

from cms.publishing.backends.precommit import PreCommitMixin
from cms.publishing.backends.threads import ThreadEndMixin


class DatabaseWrapper(PreCommitMixin, ThreadEndMixin, base.DatabaseWrapper):
    """A PostgreSQL connection whose commits include the ledger, and which ends with its thread."""
