"""The demo clinic's public documents as search sees them: the words of its files, without the desk that brings them about."""

import json
import tomllib
import uuid
from typing import Any

from django.utils import timezone

from cms.demo import loading
from cms.demo.blocks import questions_of, section_of, stream_of
from cms.demo.markdown import Composer
from cms.publishing import tallies
from cms.publishing.ledger import text_of
from cms.publishing.models import Head, HeadRelation
from search.indexing import index_head

_TIES = {"conditions": "condition", "services": "service", "topics": "topic"}
_TYPES = {
    "people": "person",
    "topics": "topic",
    "services": "service",
    "conditions": "condition",
    "articles": "article",
}


class _Anything(dict[str, Any]):
    """Knows every page and every source: where links lead is not searched."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Any:
        return 1 if key.startswith("/") else (1, key)


def index_demo(site_id: int) -> int:
    """Put the demo's public documents in place of whatever is public, as heads and in the index; how many there are."""
    files = list(_public_files())
    keys = {path: uuid.uuid5(uuid.NAMESPACE_URL, path) for path, _kind, _content in files}
    references = {
        row["key"]: row for row in tomllib.loads((loading.CONTENT / "references.toml").read_text())["references"]
    }
    Head.objects.all().delete()
    for number, (path, kind, content) in enumerate(files, start=1):
        document = _document(path, kind, content, references)
        head = Head.objects.create(
            document_id=keys[path], page_id=100_000 + number, position=100_000 + number, site_id=site_id, locale="en",
            type=kind, slug=content["slug"], path=path, title=content["title"], published_at=timezone.now(),
            translation_key=keys[path], digest="", content_digest="", reference="{}", document=json.dumps(document),
            card=json.dumps({"id": str(keys[path]), "path": path}),
            text=text_of(document),
        )  # fmt: skip
        ties = [
            HeadRelation(source=head, kind=tie, target_id=keys[target], order=order, source_type=kind)
            for name, tie in _TIES.items()
            for order, target in enumerate(content.get(name, ()))
        ]
        HeadRelation.objects.bulk_create(ties)
        index_head(head, ties)
    tallies.recount()
    return len(files)


def _public_files() -> Any:
    for file in sorted(loading.CONTENT.rglob("*.toml")):
        content = tomllib.loads(file.read_text())
        if "slug" not in content or content.get("stage", "published") != "published":
            continue
        kind = _TYPES.get(file.parent.name) or content["type"]
        parent = {"people": "/team/"}.get(file.parent.name, f"/{file.parent.name}/")
        yield content.get("path") or f"{parent}{content['slug']}/", kind, content


def _document(path: str, kind: str, content: dict[str, Any], references: dict[str, Any]) -> dict[str, Any]:
    composer = Composer(_Anything(), _Anything())
    document: dict[str, Any] = {
        "title": content["title"],
        "summary": content["summary"],
        "body": stream_of(content.get("body", []), composer),
        "references": [
            {"citation": " ".join(str(row.get(name, "")) for name in ("authors", "title", "source", "year"))}
            for key, row in references.items()
            if f"@{key}" in str(content)
        ],
    }
    for name in ("also_known_as", "icd10", "role", "credentials"):
        if name in content:
            document[name] = content[name]
    for name in loading.SECTIONS:
        if name in content:
            document[name] = section_of(content[name], composer)
    document["faqs"] = questions_of(content.get("faqs", []), composer)
    return document
