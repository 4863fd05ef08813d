"""Where the search meets Wagtail's admin: wiring only."""

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail import hooks
from wagtail.admin.viewsets.model import ModelViewSetGroup

from search.dictionary_admin import NoticeViewSet, PromotionViewSet, SynonymViewSet
from search.misses_admin import SearchesViewSet


class SearchGroup(ModelViewSetGroup):
    """Everything about the search, under one item of the menu."""

    items = (SearchesViewSet, SynonymViewSet, PromotionViewSet, NoticeViewSet)
    menu_label = "Site search"
    menu_icon = "search"
    menu_name = "search"
    menu_order = 450


@hooks.register("register_admin_viewset")
def register_search() -> SearchGroup:
    """The report, the dictionary, promoted results and notices."""
    return SearchGroup()


@hooks.register("register_permissions")
def register_report_permission() -> QuerySet[Permission]:
    """What can be given to a role at the desk; the dictionary registers its own."""
    return Permission.objects.filter(content_type__app_label="search", content_type__model="searchcount")
