"""Blocks of the demo's files as raw stream field values."""

from typing import Any

from cms.demo.markdown import Composer


def stream_of(rows: list[dict[str, Any]], composer: Composer) -> list[dict[str, Any]]:
    """The ``[[body]]`` tables of a demo file as raw stream values, in order."""
    return [{"type": row["type"], "value": _VALUES[row["type"]](row, composer)} for row in rows]


def section_of(markdown: str, composer: Composer) -> list[dict[str, Any]]:
    """A section written as one Markdown text, as a single paragraph block; empty for an empty text."""
    return [{"type": "paragraph", "value": composer.text(markdown)}] if markdown.strip() else []


def questions_of(rows: list[dict[str, Any]], composer: Composer) -> list[dict[str, Any]]:
    """The ``[[faqs]]`` tables of a demo file as raw stream values."""
    return [{"type": "question", "value": _question(row, composer)} for row in rows]


def _question(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {"question": row["question"], "answer": composer.text(row["answer"])}


def _heading(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {"level": str(row["level"]), "text": row["text"]}


def _callout(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {"kind": row["kind"], "title": row.get("title", ""), "text": composer.text(row["text"])}


def _quote(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {"text": row["text"], "attribution": row.get("attribution", "")}


def _list(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {"ordered": row["ordered"], "items": [composer.text(item) for item in row["items"]]}


def _steps(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    steps = [{"title": step["title"], "text": composer.text(step["text"])} for step in row["steps"]]
    return {"title": row.get("title", ""), "steps": steps}


def _table(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {
        "caption": row["caption"],
        "columns": [{"type": "text", "heading": heading} for heading in row["columns"]],
        "rows": [{"values": [composer.text(cell) for cell in cells]} for cells in row["rows"]],
    }


def _faq(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {
        "title": row.get("title", ""),
        "questions": [_question(question, composer) for question in row["questions"]],
    }


def _key_facts(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {"title": row.get("title", ""), "facts": [composer.text(fact) for fact in row["facts"]]}


def _statistic(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {"figure": row["figure"], "label": row["label"], "reference": composer.reference(row["reference"])}


def _call_to_action(row: dict[str, Any], composer: Composer) -> dict[str, Any]:
    return {
        "title": row.get("title", ""),
        "text": row.get("text", ""),
        "label": row["label"],
        "page": composer.page(row["path"]),
        "url": "",
    }


def _paragraph(row: dict[str, Any], composer: Composer) -> str:
    return composer.text(row["text"])


_VALUES: dict[str, Any] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "callout": _callout,
    "quote": _quote,
    "list": _list,
    "steps": _steps,
    "table": _table,
    "faq": _faq,
    "key_facts": _key_facts,
    "statistic": _statistic,
    "call_to_action": _call_to_action,
}
