"""The rest of the ways in which Wagtail changes what the public sees, as superuser: the admin's own views and API, what stands
around a page, and what a page shows that is no page.

As in ``test_paths``, the public is asked before and after, through the ledger. Each row here is one path; the expectation
stands beside it: nothing, which documents changed, or which are gone and why.
"""

import contextlib
import datetime
import io
import json
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.serializers import serialize
from django.db import transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from wagtail.actions.copy_page import CopyPageAction
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, CollectionViewRestriction, Locale, Page, PageViewRestriction, Site

from articles.models import ArticlePage
from cms.media.models import ClinicFile, ClinicImage
from cms.pages.references import Reference
from cms.publishing import verifying
from cms.publishing.models import Clock, Entry, Head
from cms.workflow.gate import GateBlocked
from home.clinic import ClinicSettings
from home.models import StandardPage
from tests.factories import Clinic, draft
from tests.publishing.test_paths import SECRET, chief, desk, fresh, public_view  # noqa: F401 - fixtures
from tests.workflow import desk as forms

JSON = {"content_type": "application/json"}


def ask_api(desk: Client, page: Page, action: str, **values: Any) -> Any:  # noqa: F811 - the fixture’s name
    url = reverse("wagtailadmin_api:pages:action", args=(page.pk, action))
    return desk.post(url, json.dumps(values), **JSON)


def admin(name: str, *keys: int) -> str:
    return reverse(f"wagtailadmin_pages:{name}", args=keys)


def bulk(action: str, *pages: Page) -> str:
    url = reverse("wagtail_bulk_action", args=("wagtailcore", "page", action))
    return f"{url}?{'&'.join(f'id={page.pk}' for page in pages)}"


# --- Words that nobody approved --------------------------------------------------------------------------------------


def publish_in_the_editor(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    sent = forms.opened(desk, clinic.article) | {"title": SECRET, "action-publish": "1"}
    assert desk.post(admin("edit", clinic.article.pk), sent).status_code == 200


def create_and_publish(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    url = reverse("wagtailadmin_pages:add", args=["home", "standardpage", clinic.home.pk])
    sent = forms.data_of(forms.context_of(desk, url)["form"])
    desk.post(url, sent | {"title": SECRET, "slug": "never", "action-publish": "1"})


def schedule_a_new_page(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    page = clinic.article_draft("never", title=SECRET, go_live_at=timezone.now() + datetime.timedelta(days=1))
    page.get_latest_revision().publish(user=chief)


def bulk_publish_with_what_is_below(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    draft(clinic.article, user=chief, title=SECRET)
    desk.post(bulk("publish", clinic.articles), {"include_descendants": "on"})


def slug_changed_by_save(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    page = fresh(clinic.article)
    page.slug = "words-that-nobody-approved"
    page.save()


def bulk_update(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    page = fresh(clinic.article)
    page.title, page.summary = SECRET, SECRET
    with transaction.atomic():
        ArticlePage.objects.bulk_update([page], ["title", "summary"])


def loaddata(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    page = clinic.article_draft("never", title=SECRET)
    rows = json.loads(serialize("json", [Page.objects.get(pk=page.pk), page]))
    rows[0]["fields"]["live"] = True
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(rows, file)
        file.flush()
        call_command("loaddata", file.name, verbosity=0)


def copy_with_everything_below(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    CopyPageAction(
        fresh(clinic.articles),
        to=clinic.home,
        recursive=True,
        keep_live=True,
        update_attrs={"slug": "copy"},
        user=chief,
    ).execute()
    assert Page.objects.filter(url_path__contains="/copy/", live=True).count() == 0


def copy_and_publish_in_the_admin(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    sent = {
        "new_title": SECRET, "new_slug": "copy", "new_parent_page": str(clinic.home.pk), "copy_subpages": "on",
        "publish_copies": "on",
    }  # fmt: skip
    assert desk.post(admin("copy", clinic.articles.pk), sent).status_code == 302
    assert Page.objects.get(slug="copy").live is False


def copy_of_a_draft_as_alias(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    page = clinic.article_draft("never", title=SECRET)
    sent = {"new_title": SECRET, "new_slug": "alias", "new_parent_page": str(clinic.articles.pk), "alias": "on"}
    assert desk.post(admin("copy", page.pk), sent).status_code == 302
    assert ArticlePage.objects.get(slug="alias").alias_of_id == page.pk


def api_alias_of_a_draft(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    page = clinic.article_draft("never", title=SECRET)
    ask_api(desk, page, "create_alias", destination_page_id=clinic.articles.pk, update_slug="alias")
    Page.objects.filter(slug="alias").update(live=True)
    alias = Page.objects.get(slug="alias").specific
    alias.save()


def api_copy_with_everything_below(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    values = {"destination_page_id": clinic.home.pk, "slug": "copy", "recursive": True, "keep_live": True}
    assert ask_api(desk, clinic.articles, "copy", **values).status_code == 201


def api_copy_for_translation(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    Locale.objects.create(language_code="fr")
    answer = ask_api(desk, clinic.article, "copy_for_translation", locale="fr", copy_parents=True)
    assert answer.status_code == 201
    page = ArticlePage.objects.get(locale__language_code="fr")
    draft(page, title=SECRET).publish(user=chief)


def translate_draft_as_alias(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    french = Locale.objects.create(language_code="fr")
    page = clinic.article_draft("never", title=SECRET)
    alias = page.copy_for_translation(french, copy_parents=True, alias=True)
    alias.live = True
    alias.save()


def revert_in_the_editor(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    old = draft(clinic.article, user=chief, title=SECRET)
    draft(clinic.article, title="Something else")
    sent = forms.data_of(forms.context_of(desk, admin("revisions_revert", clinic.article.pk, old.pk))["form"])
    assert sent["title"] == SECRET
    desk.post(admin("edit", clinic.article.pk), sent | {"revision": str(old.pk), "action-publish": "1"})


def api_revert(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    old = draft(clinic.article, user=chief, title=SECRET)
    draft(clinic.article, title="Something else")
    assert ask_api(desk, clinic.article, "revert_to_page_revision", revision_id=old.pk).status_code == 200
    assert fresh(clinic.article).get_latest_revision().content["title"] == SECRET
    assert ask_api(desk, clinic.article, "publish").status_code == 409


def api_convert_alias_and_publish(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    alias = ArticlePage.objects.get(slug="alias")
    assert ask_api(desk, alias, "convert_alias").status_code == 200
    draft(fresh(alias), user=chief, title=SECRET)
    assert ask_api(desk, alias, "publish").status_code == 409


def alias_of_an_alias_with_other_words(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    second = ArticlePage.objects.get(slug="second")
    second.title = SECRET
    second.save()


def locale_added(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    Locale.objects.create(language_code="fr")


def locale_deleted(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    Locale.objects.create(language_code="fr")
    with pytest.raises(ProtectedError), transaction.atomic():
        Locale.objects.get(language_code="en").delete()


def site_renamed(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    with transaction.atomic():
        site = Site.objects.get(is_default_site=True)
        site.hostname, site.port = "elsewhere.example.org", 8080
        site.save()


def reordered_in_the_admin(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    assert desk.post(f"{admin('set_page_position', clinic.services.pk)}?position=0").status_code == 200
    assert clinic.home.get_children().first().pk == clinic.services.pk


def restriction_on_a_draft(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    page = clinic.article_draft("never", title=SECRET)
    with transaction.atomic():
        restriction = PageViewRestriction.objects.create(page=page, restriction_type="login")
    restriction.delete()


def parent_of_a_draft_made_public(clinic: Clinic, desk: Client, chief: Any) -> None:  # noqa: F811
    clinic.article_draft("never", title=SECRET)
    fresh(clinic.articles).save()


REFUSED: dict[str, Callable[[Clinic, Client, Any], None]] = {
    "publish in the editor": publish_in_the_editor,
    "create and publish": create_and_publish,
    "schedule of a page that was never public": schedule_a_new_page,
    "bulk publish with descendants": bulk_publish_with_what_is_below,
    "slug changed by save()": slug_changed_by_save,
    "bulk_update": bulk_update,
    "loaddata": loaddata,
    "copy with descendants": copy_with_everything_below,
    "copy and publish in the admin": copy_and_publish_in_the_admin,
    "copy of a draft as alias": copy_of_a_draft_as_alias,
    "admin API: create_alias of a draft": api_alias_of_a_draft,
    "admin API: copy, recursive": api_copy_with_everything_below,
    "admin API: copy_for_translation": api_copy_for_translation,
    "translation of a draft as alias": translate_draft_as_alias,
    "revert in the editor": revert_in_the_editor,
    "admin API: revert_to_page_revision": api_revert,
    "admin API: convert_alias": api_convert_alias_and_publish,
    "alias of an alias": alias_of_an_alias_with_other_words,
    "locale added": locale_added,
    "locale deleted": locale_deleted,
    "site with another host": site_renamed,
    "reordered in the admin": reordered_in_the_admin,
    "restriction of a draft added and removed": restriction_on_a_draft,
    "parent of a draft saved": parent_of_a_draft_made_public,
}
_WITH_ALIAS = {api_convert_alias_and_publish, alias_of_an_alias_with_other_words}


@pytest.mark.parametrize("path", REFUSED.values(), ids=REFUSED.keys())
def test_public_sees_no_difference(path, clinic, desk, chief):  # noqa: F811
    if path in _WITH_ALIAS:
        alias = clinic.article.create_alias(parent=clinic.articles, update_slug="alias")
        alias.create_alias(parent=clinic.articles, update_slug="second")
    before = public_view()

    with contextlib.suppress(GateBlocked):
        path(clinic, desk, chief)

    assert public_view() == before
    assert not Head.objects.filter(document__contains=SECRET).exists()


# --- What changes, where, and how ------------------------------------------------------------------------------------

Changes = dict[str, str]  # what happened, by path: the kind of entry, or why the page is gone


def bulk_move(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    answer = desk.post(bulk("move", clinic.topic), {"chooser": str(_library(clinic).pk)})
    assert answer.status_code == 302
    return {"/library/": "published", "/library/sleep/": "moved"}


def api_move(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    assert (
        ask_api(desk, clinic.topic, "move", destination_page_id=_library(clinic).pk, position="last-child").status_code
        == 200
    )
    return {"/library/": "published", "/library/sleep/": "moved"}


def _library(clinic: Clinic) -> Any:
    return clinic.add(clinic.home, StandardPage(title="Library", slug="library", summary="All topics."))


def move_with_what_is_below(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    shelf = clinic.add(clinic.team, StandardPage(title="Shelf", slug="shelf", summary="Some topics."))
    clinic.add(shelf, StandardPage(title="Book", slug="book", summary="One topic."))
    desk.post(admin("move_confirm", shelf.pk, clinic.home.pk))
    return {
        "/team/shelf/": "published", "/team/shelf/book/": "published", "/shelf/": "moved", "/shelf/book/": "moved",
    }  # fmt: skip


def api_delete(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    assert ask_api(desk, clinic.articles, "delete").status_code == 204
    return {"/articles/": "deleted", "/articles/sleeping-better/": "deleted"}


def api_unpublish_with_what_is_below(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    ask_api(desk, clinic.articles, "unpublish", recursive=True)
    return {"/articles/": "unpublished", "/articles/sleeping-better/": "unpublished"}


def parent_expires(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    """What is below stays, without the way to it: Wagtail's expiry is of one page."""
    with transaction.atomic():
        Page.objects.get(pk=clinic.articles.pk).unpublish(set_expired=True)
    return {"/articles/": "expired", "/articles/sleeping-better/": "updated"}


def alias_by_admin_api(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    values = {"destination_page_id": clinic.home.pk, "update_slug": "alias", "recursive": True}
    assert ask_api(desk, clinic.articles, "create_alias", **values).status_code == 201
    return {"/alias/": "published", "/alias/sleeping-better/": "published"}


def alias_in_the_admin(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    sent = {"new_title": "Alias", "new_slug": "alias", "new_parent_page": str(clinic.articles.pk), "alias": "on"}
    desk.post(admin("copy", clinic.article.pk), sent)
    return {"/articles/alias/": "published"}


def chain_of_aliases_follows(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    alias = clinic.article.create_alias(parent=clinic.articles, update_slug="alias")
    alias.create_alias(parent=clinic.home, update_slug="second")
    draft(clinic.article, user=clinic.author, title="Approved words")
    clinic.publish(clinic.article)
    assert set(Head.objects.filter(title="Approved words").values_list("path", flat=True)) == {
        "/articles/sleeping-better/", "/articles/alias/", "/second/",
    }  # fmt: skip
    return {"/articles/sleeping-better/": "updated", "/articles/alias/": "updated", "/second/": "updated"}


def chain_of_aliases_goes(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    alias = clinic.article.create_alias(parent=clinic.articles, update_slug="alias")
    alias.create_alias(parent=clinic.home, update_slug="second")
    fresh(clinic.article).unpublish(user=chief)
    return {"/articles/sleeping-better/": "unpublished", "/articles/alias/": "unpublished", "/second/": "unpublished"}


def alias_converted_in_the_admin(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    alias = clinic.article.create_alias(parent=clinic.home, update_slug="alias")
    desk.post(admin("convert_alias", alias.pk))
    assert fresh(alias).alias_of is None
    return {"/alias/": "published"}


def restriction_to_groups(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    group = clinic.editor.groups.get()
    form = {"restriction_type": "groups", "password": "", "groups": [str(group.pk)]}
    desk.post(admin("set_privacy", clinic.article.pk), form)
    restriction = PageViewRestriction.objects.get()
    with transaction.atomic():
        restriction.groups.clear()  # for nobody is not for everybody
    return {"/articles/sleeping-better/": "restricted"}


def restriction_by_password(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    form = {"restriction_type": "password", "password": "a secret", "groups": []}
    desk.post(admin("set_privacy", clinic.article.pk), form)
    return {"/articles/sleeping-better/": "restricted"}


def restriction_on_the_source_of_an_ancestor(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    clinic.articles.create_alias(parent=clinic.home, update_slug="alias", recursive=True)
    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.articles, restriction_type="login")
    return dict.fromkeys(
        ("/articles/", "/articles/sleeping-better/", "/alias/", "/alias/sleeping-better/"), "restricted"
    )


def restriction_removed_in_the_admin(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.article, restriction_type="login")
    desk.post(admin("set_privacy", clinic.article.pk), {"restriction_type": "none", "password": "", "groups": []})
    return {"/articles/sleeping-better/": "published"}


def restriction_removed_by_queryset(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.article, restriction_type="login")
    with transaction.atomic():
        PageViewRestriction.objects.all().delete()
    return {"/articles/sleeping-better/": "published"}


def restriction_given_to_another_page(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    with transaction.atomic():
        restriction = PageViewRestriction.objects.create(page=clinic.article, restriction_type="login")
    restriction.page = clinic.topic
    with transaction.atomic():
        restriction.save()
    return {"/articles/sleeping-better/": "published", "/team/sleep/": "restricted"}


def site_deleted(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    paths = Head.objects.values_list("path", flat=True)
    expected = dict.fromkeys(paths, "unpublished")
    with transaction.atomic():
        Site.objects.get().delete()
    return expected


def reference_corrected(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    _cite(clinic)
    reference = Reference.objects.get()
    reference.title = "A corrected title"
    with transaction.atomic():
        reference.save()
    assert "A corrected title" in Head.objects.get(page_id=clinic.article.pk).document
    return {"/articles/sleeping-better/": "updated"}


def reference_deleted(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    _cite(clinic)
    with transaction.atomic():
        Reference.objects.get().delete()
    assert json.loads(Head.objects.get(page_id=clinic.article.pk).document)["references"] == []
    return {"/articles/sleeping-better/": "updated"}


def _cite(clinic: Clinic) -> None:
    mark = f'<a linktype="reference" id="{clinic.reference.pk}">[Rubin 2007]</a>'
    draft(clinic.article, user=clinic.author, body=[("paragraph", f"<p>Rest helps{mark}.</p>")])
    clinic.publish(clinic.article)


def _picture(color: str = "seagreen", width: int = 1300) -> ContentFile:
    picture = io.BytesIO()
    Image.new("RGB", (width, 1300 // 20), color).save(picture, "PNG")
    return ContentFile(picture.getvalue(), name="room.png")


def _illustrate(clinic: Clinic) -> ClinicImage:
    image = ClinicImage.objects.create(title="Room", description="A quiet room.", file=_picture())
    draft(clinic.article, user=clinic.author, image=image)
    clinic.publish(clinic.article)
    return image


def _shown_image(clinic: Clinic) -> dict[str, Any]:
    return json.loads(Head.objects.get(page_id=clinic.article.pk).document)["image"]


def image_described_otherwise(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    image = _illustrate(clinic)
    image.description = "A bright room."
    with transaction.atomic():
        image.save()
    assert _shown_image(clinic)["alt"] == "A bright room."
    return {"/articles/sleeping-better/": "updated"}


def image_replaced(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    image = _illustrate(clinic)
    before = _shown_image(clinic)["src"]
    image.file = _picture("tomato", 900)
    with transaction.atomic():
        image.save()
    assert _shown_image(clinic)["src"] != before
    return {"/articles/sleeping-better/": "updated"}


def image_focused_elsewhere(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    image = _illustrate(clinic)
    image.focal_point_x, image.focal_point_y, image.focal_point_width, image.focal_point_height = 10, 10, 4, 4
    with transaction.atomic():
        image.save()
    assert _shown_image(clinic)["focal_point"] is not None
    return {"/articles/sleeping-better/": "updated"}


def image_in_use_deleted(clinic: Clinic, desk: Client, chief: Any) -> Changes:  # noqa: F811
    image = _illustrate(clinic)
    desk.post(reverse("wagtailimages:delete", args=[image.pk]))
    assert ClinicImage.objects.filter(pk=image.pk).exists()
    return {"/articles/sleeping-better/": "updated"}  # by its publication, not by this


CHANGED: dict[str, Callable[[Clinic, Client, Any], Changes]] = {
    "bulk move": bulk_move,
    "admin API: move": api_move,
    "move with descendants in the admin": move_with_what_is_below,
    "admin API: delete": api_delete,
    "admin API: unpublish, recursive": api_unpublish_with_what_is_below,
    "expiry of a parent": parent_expires,
    "admin API: create_alias": alias_by_admin_api,
    "copy as alias in the admin": alias_in_the_admin,
    "chain of aliases, published": chain_of_aliases_follows,
    "chain of aliases, unpublished": chain_of_aliases_goes,
    "convert alias in the admin": alias_converted_in_the_admin,
    "restriction to groups": restriction_to_groups,
    "restriction by password": restriction_by_password,
    "restriction on the source of an alias ancestor": restriction_on_the_source_of_an_ancestor,
    "restriction removed in the admin": restriction_removed_in_the_admin,
    "restriction removed by queryset": restriction_removed_by_queryset,
    "restriction given to another page": restriction_given_to_another_page,
    "site deleted": site_deleted,
    "reference corrected": reference_corrected,
    "reference deleted": reference_deleted,
    "image described otherwise": image_described_otherwise,
    "image replaced": image_replaced,
    "focal point": image_focused_elsewhere,
    "image in use deleted": image_in_use_deleted,
}


@pytest.mark.parametrize("path", CHANGED.values(), ids=CHANGED.keys())
def test_public_sees_exactly_this(path, clinic, desk, chief):  # noqa: F811
    position = Entry.objects.count()

    expected = path(clinic, desk, chief)

    recorded = Entry.objects.filter(position__gt=position).order_by("position")
    assert {entry.path: entry.reason or entry.kind for entry in recorded} == expected
    newest = {entry.document_id: entry for entry in recorded}
    gone = {entry.path for entry in newest.values() if entry.kind == "withdrawn"}
    shown = {entry.path for entry in newest.values()} - gone
    heads = set(Head.objects.values_list("path", flat=True))
    assert (heads & gone, shown - heads) == (set(), set())
    assert [sentence for sentence in verifying.problems() if "is live in the admin" not in sentence] == []


# --- Facts beside documents ------------------------------------------------------------------------------------------


def redirect_by_hand(clinic: Clinic) -> None:
    Redirect.objects.create(old_path="/old", redirect_link="/team/", site=Site.objects.get())


def redirects_in_bulk(clinic: Clinic) -> None:
    Redirect.objects.bulk_create([Redirect(old_path="/older", redirect_link="/team/")])


def clinic_settings(clinic: Clinic) -> None:
    settings = ClinicSettings.for_site(Site.objects.get())
    settings.save()


@pytest.mark.parametrize("change", [redirect_by_hand, redirects_in_bulk, clinic_settings])
def test_fact_beside_documents_leaves_them_alone_and_is_noticed(change, clinic):
    before, facts = public_view(), Clock.objects.get().facts

    with transaction.atomic():
        change(clinic)

    assert public_view() == before
    assert Clock.objects.get().facts > facts


# --- Files, whose privacy is their collection's ----------------------------------------------------------------------


@pytest.fixture
def leaflet(clinic):
    """A leaflet for download, in a collection of its own."""
    collection = Collection.get_first_root_node().add_child(name="Leaflets")
    return ClinicFile.objects.create(
        title="Leaflet", file=ContentFile(b"Rest.", name="leaflet.txt"), collection=collection
    )


def served(leaflet: ClinicFile) -> int:
    return Client().get(leaflet.url).status_code


def test_file_of_a_private_collection_is_served_to_nobody_who_is_not_logged_in(leaflet):
    before = served(leaflet)

    with transaction.atomic():
        CollectionViewRestriction.objects.create(collection=leaflet.collection, restriction_type="login")

    assert before == 200
    assert served(leaflet) == 404


def test_file_replaced_or_deleted_is_told_to_the_documents_that_offer_it(clinic, leaflet):
    draft(
        clinic.article,
        user=clinic.author,
        body=[("paragraph", f'<p><a linktype="document" id="{leaflet.pk}">Leaflet</a></p>')],
    )
    clinic.publish(clinic.article)
    assert leaflet.url in Head.objects.get(page_id=clinic.article.pk).document
    position = Entry.objects.count()

    leaflet.file = ContentFile(b"Rest well.", name="another.txt")
    with transaction.atomic():
        leaflet.save()
    replaced = Head.objects.get(page_id=clinic.article.pk).document
    with transaction.atomic():
        leaflet.delete()

    assert "another" in replaced
    assert "another" not in Head.objects.get(page_id=clinic.article.pk).document
    assert [entry.kind for entry in Entry.objects.filter(position__gt=position)] == ["updated", "updated"]


def test_page_that_others_still_name_is_deleted_only_after_them(clinic, desk):  # noqa: F811
    page = clinic.add(clinic.home, StandardPage(title="Parking", slug="parking", summary="Where."))
    draft(clinic.article, user=clinic.author, action_page=page, action_label="Park")
    clinic.publish(clinic.article)
    before = public_view()

    desk.post(admin("delete", page.pk))

    assert public_view() == before
    assert Page.objects.filter(pk=page.pk).exists()
