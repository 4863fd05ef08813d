"""What time it is in the ledger: one number that tells whether anything public can have changed.

Whatever is derived from the ledger may be kept in a process for as long as ``read`` gives the same version and no page has
expired: the version is asked for each request, with one query of one row, so what is kept is never stale, in any process,
and nobody has to invalidate it.
"""

import datetime
from typing import NamedTuple

from cms.publishing.models import Head
from cms.publishing.statements import rows_of, statement_of

_VERSION = statement_of("SELECT position, facts, epoch FROM publishing_clock WHERE id = 1", [])


class Version(NamedTuple):
    """The state of everything public: documents by ``position``, other facts by ``facts``, in this run of the ledger."""

    position: int
    facts: int
    epoch: str


def read() -> Version:
    """The version of this moment, as committed; one query. In an empty database everything is zero."""
    rows = rows_of(_VERSION, {})
    return Version(rows[0][0], rows[0][1], str(rows[0][2])) if rows else Version(0, 0, "")


def next_expiry(now: datetime.datetime) -> datetime.datetime | None:
    """When after ``now`` a page next goes out of sight by itself, without an entry; ``None`` when none does."""
    expiries = Head.objects.filter(expires_at__gt=now).order_by("expires_at")
    return expiries.values_list("expires_at", flat=True).first()
