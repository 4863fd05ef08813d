"""Pages as one flush needs them: with everything around them that gate, digest and rendering will ask for.

Each of the three walks over a page's relations, its people and its pictures. Asked one by one, a publication costs dozens of
queries, and a thousand pages that share a parent cost a thousand times as many; gathered, they cost the same few.
"""

from collections.abc import Collection

from django.db.models import prefetch_related_objects
from modelcluster.models import get_all_child_relations
from wagtail.models import Locale, Page

from cms.pages.models import ClinicalPage, PublicPage

_PICTURES = ("image__renditions", "og_image__renditions")
_CLINICAL = ("clinical_reviewer", "action_page")


def gather(keys: Collection[int]) -> dict[int, Page]:
    """The pages with these primary keys as objects of their own type, as they stand in the database.

    They are a picture of this moment: whoever changes a relation afterwards has to gather again.
    """
    pages = {page.pk: page for page in Page.objects.filter(pk__in=keys).specific()}
    locales = Locale.objects.in_bulk({page.locale_id for page in pages.values()})
    by_type: dict[type[PublicPage], list[PublicPage]] = {}
    for page in pages.values():
        page.locale = locales[page.locale_id]
        if isinstance(page, PublicPage):
            by_type.setdefault(type(page), []).append(page)
    for model, group in by_type.items():
        relations = [relation.get_accessor_name() for relation in get_all_child_relations(model)]
        prefetch_related_objects(group, *relations, *_PICTURES, *(_CLINICAL if issubclass(model, ClinicalPage) else ()))
    return pages
