"""A whole document in the order in which people read it: signs of danger first, then its sections, its body, its questions.

The headings are those of the readers' pages, so that a page says the same in a feed, in Markdown and on the site.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from cms.api.formats.markup import clean, heading, html_of, link, questions

# Named lists of blocks, with what stands above them. A document has those of its type; the body comes after them.
SECTIONS = {
    "overview": "Overview",
    "symptoms": "Symptoms",
    "causes": "Causes",
    "risk_factors": "Who is more likely to have it",
    "self_care": "What you can do yourself",
    "what_to_expect": "What to expect",
    "course_of_treatment": "How many visits",
    "precautions": "Risks and precautions",
    "preparation": "Before your visit",
    "aftercare": "After your visit",
    "biography": "About",
}


def base_url_of(document: Mapping[str, Any]) -> str:
    """Scheme and host of the site that ``document`` belongs to."""
    return str(document["url"]).removesuffix(str(document["path"]))


def html_of_document(document: Mapping[str, Any]) -> str:
    """Everything that ``document`` says below its title and summary, as safe HTML; without references and disclaimer."""
    base_url = base_url_of(document)
    parts = [_hero(document), _care(document)]
    for name, title in SECTIONS.items():
        if document.get(name):
            parts += [heading(2, title), html_of(document[name], base_url=base_url, level=2)]
    parts += [_treatments(document), html_of(document["body"], base_url=base_url)]
    if document.get("faqs"):
        parts += [heading(2, "Questions people ask"), questions(document["faqs"], level=3)]
    return clean("\n".join(part for part in parts if part), base_url=base_url)


def reference_html(reference: Mapping[str, Any]) -> str:
    """A source in one line: its citation, and where it can be read."""
    links = []
    if reference["doi"]:
        links.append(link(f"https://doi.org/{quote(reference['doi'], safe='/')}", f"doi:{reference['doi']}"))
    elif reference["url"]:
        links.append(link(reference["url"], reference["url"]))
    if reference["pmid"]:
        links.append(link(f"https://pubmed.ncbi.nlm.nih.gov/{reference['pmid']}/", f"PubMed {reference['pmid']}"))
    if reference["accessed"]:
        links.append(f"Accessed {link('', reference['accessed'])}")
    return clean(" ".join([link("", reference["citation"]), *links]), base_url="")


def people(cards: Iterable[Mapping[str, Any]]) -> str:
    """Names (with credentials, where they have some), as links to their pages."""
    return clean(", ".join(link(card["url"], _name(card)) for card in cards), base_url="")


def _name(card: Mapping[str, Any]) -> str:
    return ", ".join(part for part in (card["title"], card.get("credentials", "")) if part)


def _hero(document: Mapping[str, Any]) -> str:
    hero = document.get("hero") or {"title": "", "text": ""}
    return f"{heading(2, hero['title'])}{hero['text']}"


def _care(document: Mapping[str, Any]) -> str:
    care = document.get("when_to_seek_care") or {"emergency": [], "soon": []}
    boxes = [
        *_signs("Emergency: call 911 now", care["emergency"]),
        *_signs("See a healthcare provider soon", care["soon"]),
    ]
    return "\n".join([heading(2, "When to get care"), *boxes]) if boxes else ""


def _signs(title: str, signs: list[str]) -> Iterator[str]:
    if signs:
        yield heading(3, title)
        yield f"<ul>{''.join(f'<li>{sign}</li>' for sign in signs)}</ul>"


def _treatments(document: Mapping[str, Any]) -> str:
    treatments = document.get("treatments")
    if not treatments:
        return ""
    parts = [heading(2, "Treatments and evidence")]
    for treatment in treatments:
        service = treatment["service"]
        parts += [f"<h3>{link(service['url'], service['title'])}</h3>", treatment["evidence"]]
    return "\n".join(parts)
