"""Canonical bytes and digests: pure functions, so that anybody can check a digest without Attest.

Two digests exist and never mix. The *content digest* is of what an editor authored: it is what reviewers sign. The
*document digest* is of the public document: it is what the ledger records.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

JSON: TypeAlias = "None | bool | int | float | str | Sequence[JSON] | Mapping[str, JSON]"
JSONObject: TypeAlias = "Mapping[str, JSON]"

# Fields of Wagtail's page that say where a page stands or when something happened to it. An editor does not author them,
# and most change by being saved.
_STATE_FIELDS = frozenset(
    {
        "pk",
        "path",
        "depth",
        "numchild",
        "translation_key",
        "locale",
        "latest_revision",
        "latest_revision_created_at",
        "live",
        "has_unpublished_changes",
        "first_published_at",
        "last_published_at",
        "live_revision",
        "go_live_at",
        "expire_at",
        "expired",
        "locked",
        "locked_at",
        "locked_by",
        "draft_title",
        "content_type",
        "url_path",
        "owner",
        "alias_of",
        "wagtail_admin_comments",
        "page_ptr",
        "comments",
        "index_entries",
    }
)
# In child rows (authors, relations, …) the row's own ids say nothing about the content; their order does, by position.
_CHILD_STATE_FIELDS = frozenset({"pk", "page", "sort_order", "translation_key", "locale"})


def canonical_bytes(value: JSON) -> bytes:
    """``value`` as UTF-8 JSON with sorted keys and no spaces: equal values give equal bytes.

    Raises ``ValueError`` for numbers that JSON cannot hold (NaN, infinities).
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of(value: bytes) -> str:
    """SHA-256 of ``value``, 64 hexadecimal digits."""
    return hashlib.sha256(value).hexdigest()


def authored_content(serialized: JSONObject, *, slug: str | None = None) -> dict[str, JSON]:
    """What an editor wrote, out of a page's serialisable form with its blocks read (``PublicPage.authored_bytes``).

    Times, tree position, publication state and ids of rows are left out. ``slug`` replaces the page's own: an alias carries
    its source's words under another address.
    """
    content = {name: _without_row_ids(value) for name, value in serialized.items() if name not in _STATE_FIELDS}
    if slug is not None:
        content["slug"] = slug
    return content


def _without_row_ids(value: JSON) -> JSON:
    """Child rows in their order, without the numbers that the database gave them."""
    if not isinstance(value, list) or not all(isinstance(row, dict) and "pk" in row for row in value):
        return value
    return [
        {name: part for name, part in row.items() if name not in _CHILD_STATE_FIELDS}
        for row in value
        if isinstance(row, dict)
    ]
