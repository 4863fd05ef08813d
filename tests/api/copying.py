"""A consumer of changes as anybody could write it: applies items in order, and joins its own copy as the API joins heads."""

from typing import Any
from urllib.parse import urlencode

from cms.publishing.ledger import CARD_FIELDS, PERSON_CARD_FIELDS
from tests.api.conftest import Reader

# Names in a document that hold references to other documents.
RELATIONS = (
    "authors",
    "reviewers",
    "related",
    "topics",
    "conditions",
    "services",
    "providers",
    "featured",
    "translations",
)


class Copy:
    """What one consumer holds: documents by id, and the cursor after what it has applied."""

    def __init__(self, api: Reader, **asked: Any) -> None:
        self.api = api
        self.asked = asked
        self.documents: dict[str, Any] = {}
        self.cursor: str | None = None
        self.items: list[Any] = []

    def read_page(self) -> bool:
        """Apply one page; whether there is more."""
        since = {} if self.cursor is None else {"since": self.cursor}
        answer = self.api.json(f"/changes?{urlencode({**self.asked, **since})}")
        for item in answer["items"]:
            if item["kind"] == "withdrawn":
                self.documents.pop(item["id"], None)
            else:
                self.documents[item["id"]] = item["document"]
        self.items += answer["items"]
        self.cursor = answer["next"]
        return answer["more"]

    def read(self) -> "Copy":
        """Apply all that there is."""
        while self.read_page():
            pass
        return self

    def from_here(self, **asked: Any) -> "Copy":
        """Another consumer that holds the same, and asks for the rest in another way."""
        other = Copy(self.api, **asked)
        other.documents, other.cursor = dict(self.documents), self.cursor
        return other

    def resolved(self) -> dict[str, Any]:
        """The documents as the API serves them: with cards where items have references."""
        return {key: self._resolved(document) for key, document in self.documents.items()}

    def _resolved(self, document: dict[str, Any]) -> dict[str, Any]:
        whole = {**document, **{name: self._cards(document[name]) for name in RELATIONS if name in document}}
        crumbs = [self.documents[tie["id"]] for tie in document["breadcrumbs"] if tie["id"] in self.documents]
        whole["breadcrumbs"] = [
            {name: crumb[name] for name in ("id", "type", "slug", "title", "path")} for crumb in crumbs
        ]
        if "treatments" in document:
            known = [tie for tie in document["treatments"] if tie["service"]["id"] in self.documents]
            whole["treatments"] = [{**tie, "service": self._cards([tie["service"]])[0]} for tie in known]
        approvals = [self._approval(given) for given in document["attestation"]["approvals"]]
        whole["attestation"] = {**document["attestation"], "approvals": approvals}
        if document["type"] == "person":
            whole["articles"] = self._cards(self._written_by(document["id"]))
        return whole

    def _cards(self, references: list[dict[str, str]]) -> list[dict[str, Any]]:
        cards = []
        for reference in references:
            if found := self.documents.get(reference["id"]):
                assert found["type"] == reference["type"]
                names = ("id", *CARD_FIELDS, *(PERSON_CARD_FIELDS if found["type"] == "person" else ()))
                cards.append({name: found[name] for name in names})
        return cards

    def _approval(self, given: dict[str, Any]) -> dict[str, Any]:
        person = self.documents.get(given["person"]["id"]) if given["person"] else None
        return {
            "stage": given["stage"],
            "name": person["title"] if person else None,
            "credentials": given["credentials"] if person else None,
            "at": given["at"],
        }

    def _written_by(self, person_id: str) -> list[dict[str, str]]:
        articles = [document for document in self.documents.values() if document["type"] == "article"]
        written = [one for one in articles if person_id in [author["id"] for author in one["authors"]]]
        by_id = sorted(written, key=lambda one: one["id"])
        return sorted(by_id, key=lambda one: one["published_at"], reverse=True)


def served(api: Reader, **asked: str) -> dict[str, Any]:
    """Every document that the API serves, by its id."""
    found: dict[str, Any] = {}
    address: str | None = f"/pages?{urlencode({'limit': '100', **asked})}"
    while address:
        listed = api.json(address)
        for card in listed["items"]:
            found[card["id"]] = api.json(f"/pages/{card['id']}?{urlencode(asked)}")
        address = listed["next"] and listed["next"].removeprefix("/api/v1")
    return found
