"""Changes as JSON, the same for everybody who is told of them: the change item of delta sync and of webhooks.

The document in an item is the recorded one, byte for byte, with references (``{id, type}``) where the API shows cards of
other pages. So an item says only what its own entry recorded: a change of one page is one item, the same whenever it is read,
and the consumer joins documents in its own store as the API joins heads. An approval names its person by reference too,
because the name is the title of that person's page. What the API works out from other pages (the articles of a person) is
not there; the consumer works it out the same way.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cms.pages.rendering import time_of
from cms.publishing.changes import Change
from cms.publishing.models import Entry, Head
from cms.publishing.public_document import COMMON_RELATIONS, DOCUMENT_RELATIONS, TYPE_RELATIONS

# How many documents are in memory at once. Fewer would be slower: each batch costs two queries.
_BATCH_SIZE = 50
# Of these, how many are there as they were recorded, too. Unit: rows.
_ROWS_AT_ONCE = 25
_START = ',"relations":'
_decoder = json.JSONDecoder()


class _Recorded(NamedTuple):
    """What the document of an entry is written from: its columns, its recorded document without ties, and these."""

    position: int
    type: str
    digest: str
    revision_id: int | None
    approvals: list[dict[str, Any]]
    override: dict[str, Any] | None
    text: str
    ties: list[dict[str, str]]


_COLUMNS = _Recorded._fields[:-2]


def items_of(changes: Sequence[Change], *, max_bytes: int) -> Iterator[bytes]:
    """``changes`` as JSON, one by one; ends early before the item with which they would exceed ``max_bytes`` together.

    The first is given whatever its size, so that a reader always gets on. Two queries for each fifty, and one more where
    a reference leads to a document that was withdrawn. Bytes, because a text takes two or four of them for each letter.
    """
    used_bytes = 0
    for start in range(0, len(changes), _BATCH_SIZE):
        batch = changes[start : start + _BATCH_SIZE]
        recorded = _recorded([change.position for change in batch if change.kind != "withdrawn"])
        types = _types_of({tie["id"] for one in recorded.values() for tie in one.ties})
        for change in batch:
            one = recorded.pop(change.position, None)
            item = _item(change, _document(one, types) if one else None).encode()
            used_bytes += len(item) + 1
            if used_bytes > max_bytes and not (start == 0 and change is batch[0]):
                return
            yield item


def _item(change: Change, document: str | None) -> str:
    head = {
        "position": change.position,
        "kind": change.kind,
        "reason": change.reason or None,
        "id": str(change.document_id),
        "type": change.type,
        "locale": change.locale,
        "path": change.path,
        "at": time_of(change.at),
        "release": change.release or None,
    }
    return f'{_json(head)[:-1]},"document":{document or "null"}}}'


def _recorded(positions: list[int]) -> dict[int, _Recorded]:
    """The entries at these positions."""
    if not positions:
        return {}
    entries = Entry.objects.filter(position__in=positions).order_by().values_list(*_COLUMNS, "document")
    recorded = {}
    for *columns, document in entries.iterator(chunk_size=_ROWS_AT_ONCE):
        text, ties = _without_ties(document or "")
        one = _Recorded._make([*columns, text, ties])
        recorded[one.position] = one
    return recorded


def _without_ties(document: str) -> tuple[str, list[dict[str, str]]]:
    """A recorded document without its ties, and these, without reading the rest.

    A quotation mark inside a text is always escaped, so what is looked for can only be the name of a part. Parts of a
    document that are called so deeper inside are taken for what they are, by reading all of it.
    """
    if document.count(_START) == 1:
        start = document.index(_START)
        ties, end = _decoder.raw_decode(document, start + len(_START))
        return document[:start] + document[end:], ties
    whole = json.loads(document)
    ties = whole.pop("relations")
    return _json(whole), ties


def _types_of(texts: set[str]) -> dict[str, str]:
    """The type of each of these documents that is, or was, public."""
    ids = {uuid.UUID(text) for text in texts}
    types = dict(Head.objects.filter(document_id__in=ids).values_list("document_id", "type"))
    if withdrawn := ids - types.keys():
        types.update(
            Entry.objects.filter(document_id__in=withdrawn).order_by("position").values_list("document_id", "type")
        )
    return {str(document_id): kind for document_id, kind in types.items()}


def _document(entry: _Recorded, types: dict[str, str]) -> str:
    """The document with references instead of ties; ``types`` are those of the documents that they lead to."""
    known = [tie for tie in entry.ties if tie["id"] in types]

    def references(kinds: Iterable[str]) -> list[dict[str, str]]:
        return [{"id": tie["id"], "type": types[tie["id"]]} for tie in known if tie["kind"] in kinds]

    names = (*COMMON_RELATIONS, *TYPE_RELATIONS.get(entry.type, ()))
    kinds = {name: kind for kind, name in DOCUMENT_RELATIONS.items()}
    added: dict[str, Any] = {name: references([kinds[name]]) for name in names}
    if entry.type == "condition":
        added["treatments"] = [
            {"service": {"id": tie["id"], "type": types[tie["id"]]}, "evidence": tie["note"]}
            for tie in known
            if tie["kind"] == "treatment"
        ]
    added["breadcrumbs"] = references(["breadcrumb"])
    added["translations"] = references(["translation"])
    added["attestation"] = _attestation(entry, {reference["id"]: reference for reference in references(["signer"])})
    return f"{entry.text[:-1]},{_json(added)[1:]}"


def _attestation(entry: _Recorded, signers: dict[str, dict[str, str]]) -> dict[str, Any]:
    """As documents have it, but with a reference to the person's page instead of that page's title."""
    approvals = []
    for given in entry.approvals:
        person = signers.get(given.get("person", ""))
        credentials = (given["credentials"] or None) if person else None
        approvals.append({"stage": given["stage"], "person": person, "credentials": credentials, "at": given["at"]})
    override = entry.override
    return {
        "position": entry.position,
        "digest": entry.digest,
        "revision": entry.revision_id,
        "approvals": approvals,
        "override": {"reason": override["reason"], "at": override["at"]} if override else None,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
