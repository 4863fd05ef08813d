"""Where imported pages go: which page type, below which page. A wrong word is answered with the right ones."""

from dataclasses import dataclass

from wagtail.models import Page, Site, get_page_models

# Types whose main content is one text. People and indexes are filled in by hand.
IMPORTABLE_TYPES = ("article", "condition", "service", "standard", "topic")

# A longer list of possible parents would hide the message. Unit: pages.
_MAX_NAMED = 20


class UnknownTarget(ValueError):
    """The page type or the parent does not exist or does not fit; the message lists those that do."""


@dataclass(frozen=True)
class Target:
    """New pages become ``page_class`` below ``parent``, whose public path is ``path``."""

    page_class: type[Page]
    parent: Page
    path: str


def target_for(document_type: str, parent_path: str | None) -> Target:
    """The target for pages of ``document_type``; without ``parent_path`` the first page that takes them, draft or not.

    Raises ``UnknownTarget``.
    """
    page_class = _page_class(document_type)
    parents = _parents_of(page_class)
    if not parents:
        raise UnknownTarget(f"no page exists below which a page of type “{document_type}” may stand; make one first")
    if parent_path is None:
        return Target(page_class, parents[0], public_path(parents[0]))
    wanted = f"/{parent_path.strip('/')}/".replace("//", "/")
    for parent in parents:
        if public_path(parent) == wanted:
            return Target(page_class, parent, wanted)
    allowed = ", ".join(public_path(parent) for parent in parents[:_MAX_NAMED])
    raise UnknownTarget(f"pages of type “{document_type}” cannot stand below “{wanted}”; choose one of: {allowed}")


def public_path(page: Page) -> str:
    """The path at which ``page`` is, or would be, public on its site."""
    roots = Site.objects.order_by("-is_default_site").values_list("root_page__url_path", flat=True)
    for root in roots:
        if page.url_path.startswith(root):
            return f"/{page.url_path[len(root) :]}"
    return page.url_path


def _page_class(document_type: str) -> type[Page]:
    classes = {
        str(model.document_type): model
        for model in get_page_models()
        if getattr(model, "document_type", "") in IMPORTABLE_TYPES and hasattr(model, "body")
    }
    if document_type not in classes:
        raise UnknownTarget(f"“{document_type}” cannot be imported; choose one of: {', '.join(sorted(classes))}")
    return classes[document_type]


def _parents_of(page_class: type[Page]) -> list[Page]:
    models = page_class.allowed_parent_page_models()
    if not models:
        return []
    pages = Page.objects.type(*models).exclude(depth=1).order_by("path").specific()
    return [page for page in pages if page.alias_of_id is None and page_class.can_create_at(page)]
