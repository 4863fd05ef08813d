"""Search and sharing: meta tags and schema.org objects, ready to place in a page.

The fields are wagtail-seo's, so that editors find what they know. The objects are our own: wagtail-seo knows Article and
Organization, and health content has types that say more (``MedicalWebPage`` with ``lastReviewed`` and ``reviewedBy``).
"""

from typing import TYPE_CHECKING, Any, cast

from cms.pages.document import JSON
from cms.pages.richtext import plain_text

if TYPE_CHECKING:
    from cms.pages.models import PublicPage
    from cms.pages.rendering import Rendering

SCHEMA = "https://schema.org"


def seo_of(page: "PublicPage", document: dict[str, JSON], rendering: "Rendering") -> dict[str, JSON]:
    """Title, description, canonical address, Open Graph, Twitter and JSON-LD of ``page``."""
    title = page.seo_title or page.title
    description = page.search_description or page.summary
    canonical = page.canonical_url or str(document["url"])
    picture = cast("dict[str, Any] | None", rendering.image(page.og_image) or document["image"])
    open_graph: dict[str, JSON] = {
        "type": "article" if document["type"] == "article" else "website",
        "title": title,
        "description": description,
        "url": canonical,
        "locale": document["locale"],
    }
    twitter: dict[str, JSON] = {"card": "summary", "title": title, "description": description}
    if picture:
        open_graph |= {
            "image": picture["src"],
            "image:alt": picture["alt"],
            "image:width": picture["width"],
            "image:height": picture["height"],
        }
        twitter |= {"card": "summary_large_image", "image": picture["src"], "image:alt": picture["alt"]}
    return {
        "title": title,
        "description": description,
        "canonical_url": canonical,
        "robots": "index,follow",
        "open_graph": open_graph,
        "twitter": twitter,
        "json_ld": json_ld_of(page, document, rendering, picture),
    }


def json_ld_of(
    page: "PublicPage", document: dict[str, JSON], rendering: "Rendering", picture: dict[str, Any] | None
) -> list[JSON]:
    """The schema.org objects of a page: itself, its breadcrumbs, and its questions when it has any."""
    main: dict[str, JSON] = {
        "@context": SCHEMA,
        "@type": page.schema_type,
        "@id": document["url"],
        "url": document["url"],
        "name": document["title"],
        "description": document["summary"],
        "inLanguage": document["locale"],
        "datePublished": document["published_at"],
        "dateModified": document["updated_at"],
        "lastReviewed": document["reviewed_at"],
        "correction": _correction(document),
        "image": picture["src"] if picture else None,
        "author": _people(rendering, "author"),
        "reviewedBy": _people(rendering, "reviewer"),
        "citation": [
            cast("dict[str, Any]", reference)["citation"] for reference in cast("list[Any]", document["references"])
        ],
        **page.json_ld(document, rendering),
    }
    found: list[JSON] = [{name: value for name, value in main.items() if value not in (None, "", [])}]
    crumbs = [
        rendering.neighbour(relation.page_id) for relation in rendering.relations if relation.kind == "breadcrumb"
    ]
    if crumbs:
        trail = [(crumb.title, f"{rendering.world.base_url}{crumb.path}") for crumb in crumbs if crumb]
        trail.append((str(document["title"]), str(document["url"])))
        found.append(
            {
                "@context": SCHEMA,
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": position, "name": name, "item": url}
                    for position, (name, url) in enumerate(trail, start=1)
                ],
            }
        )
    questions = _questions(document)
    if questions:
        found.append({"@context": SCHEMA, "@type": "FAQPage", "mainEntity": questions})
    return found


def _correction(document: dict[str, JSON]) -> JSON:
    """The note on the newest material change, which schema.org knows as a comment that corrects the page."""
    change = cast("dict[str, JSON] | None", document["material_change"])
    return change and {"@type": "CorrectionComment", "text": change["note"], "datePublished": change["at"]}


def _people(rendering: "Rendering", kind: str) -> list[JSON]:
    neighbours = [rendering.neighbour(relation.page_id) for relation in rendering.relations if relation.kind == kind]
    people: list[JSON] = []
    for person in neighbours:
        if person is None:
            continue
        one: dict[str, JSON] = {
            "@type": "Person",
            "name": person.title,
            "url": f"{rendering.world.base_url}{person.path}",
        }
        if person.credentials:
            one["honorificSuffix"] = person.credentials
        people.append(one)
    return people


def _questions(document: dict[str, JSON]) -> list[JSON]:
    asked = list(cast("list[Any]", document.get("faqs") or []))
    for block in cast("list[Any]", document["body"]):
        if block["type"] == "faq":
            asked.extend(block["value"]["items"])
    return [
        {
            "@type": "Question",
            "name": question["question"],
            "acceptedAnswer": {"@type": "Answer", "text": plain_text(question["answer"])},
        }
        for question in asked
    ]
