"""Opaque places in the changes: which ledger, how far, for which selection, and in the walk where it stands.

A cursor is signed, and holds the epoch and a seal of the entry at its position. So a cursor of another server, of another
run of the ledger, or of a history that a restored backup does not have is recognised, even if nobody said that there was a
restore: it answers 410, and the consumer starts again. It never leads to a wrong place.
"""

import uuid
from dataclasses import dataclass, replace

from django.core.signing import BadSignature, Signer

from cms.api.problem_details import Problem
from cms.publishing import changes
from cms.publishing.changes import Selection, Standing

# Longest cursor. Unit: characters.
MAX_LENGTH = 512
_GONE = (
    "This cursor is not one of this server’s present history: it is damaged, or from elsewhere, or the content was restored "
    "from a backup since. Start again without “since”, and drop what you keep when the walk is complete and has not given it."
)


@dataclass(frozen=True)
class Cursor:
    """A place after ``standing`` for ``selection``.

    ``walked`` is the position of the last document given by the walk of all that was public at ``standing``; ``None`` when
    the walk is over and the cursor stands in the delta.
    """

    standing: Standing
    selection: Selection
    walked: int | None = None

    def at(self, standing: Standing) -> "Cursor":
        """This cursor in the delta after ``standing``."""
        return replace(self, standing=standing, walked=None)

    def write(self) -> str:
        """The text that a client keeps: the same for the same place, and at most ``MAX_LENGTH`` characters."""
        standing, chosen = self.standing, self.selection
        return _signer().sign_object(
            [
                standing.epoch.hex,
                standing.position,
                standing.seal,
                self.walked,
                chosen.site_id,
                chosen.locale,
                ",".join(chosen.types),
                ",".join(chosen.kinds),
            ]
        )


def read(text: str, now: Standing) -> Cursor:
    """The cursor that was written as ``text``; raises ``Problem`` 410 for one that is not of the ledger at ``now``."""
    try:
        epoch, position, seal, walked, site_id, locale, types, kinds = _signer().unsign_object(text)
        standing = Standing(uuid.UUID(epoch), position, seal)
    except (BadSignature, ValueError, TypeError):
        raise Problem(410, _GONE) from None
    if standing != changes.standing_at(position, now):
        raise Problem(410, _GONE)
    return Cursor(standing, Selection(site_id, locale, _words(types), _words(kinds)), walked)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _signer() -> Signer:
    # Without a time in it: the same answer has the same bytes, and so the same ETag.
    return Signer(salt="cms.api.change_cursors")
