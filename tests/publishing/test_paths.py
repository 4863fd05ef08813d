"""Every path by which Wagtail changes what the public sees, and what must happen on it, as superuser.

Three tables, one row for each path: ways to bring out words that nobody approved (the public must see no difference), ways
to bring out approved words, and ways to take a page down or somewhere else.
"""

import contextlib
import datetime
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.serializers import serialize
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.models import Locale, Page, PageViewRestriction, Site, TaskState

from articles.models import ArticlePage
from cms.pages.relations import AuthorLink
from cms.publishing import reading, scheduling
from cms.publishing.models import Entry, Head
from cms.workflow.gate import GateBlocked
from home.models import StandardPage
from tests.factories import PASSWORD, Clinic, draft, make_user
from tests.workflow.desk import approving

SECRET = "Words that nobody approved"


@pytest.fixture
def chief(clinic: Clinic) -> Any:
    """A superuser: the gate makes no difference."""
    user = make_user("chief")
    user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def desk(chief: Any, client: Client) -> Client:
    """The admin, with the superuser logged in."""
    client.login(username="chief", password=PASSWORD)
    return client


def public_view() -> list[tuple[Any, ...]]:
    """Everything the public can see, and how it came about."""
    heads = Head.objects.order_by("document_id").values_list("document_id", "path", "digest", "document", "card")
    return [*heads, ("entries", Entry.objects.count())]


def fresh(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


# --- Ways to bring out words that nobody approved -------------------------------------------------------------------


def publish_revision(clinic: Clinic, desk: Client, chief: Any) -> None:
    draft(clinic.article, user=chief, title=SECRET).publish(user=chief)


def publish_page(clinic: Clinic, desk: Client, chief: Any) -> None:
    clinic.article.publish(draft(clinic.article, title=SECRET), user=chief)


def publish_action(clinic: Clinic, desk: Client, chief: Any) -> None:
    revision = draft(clinic.article, title=SECRET)
    PublishPageRevisionAction(revision, user=chief).execute(skip_permission_checks=True)


def publish_new_page(clinic: Clinic, desk: Client, chief: Any) -> None:
    clinic.article_draft("never", title=SECRET).get_latest_revision().publish(user=chief)


def bulk_publish(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = clinic.article_draft("never", title=SECRET)
    draft(clinic.article, user=chief, title=SECRET)
    url = reverse("wagtail_bulk_action", args=("wagtailcore", "page", "publish"))
    desk.post(f"{url}?id={page.pk}&id={clinic.article.pk}", {"include_descendants": False})


def admin_api_publish(clinic: Clinic, desk: Client, chief: Any) -> None:
    draft(clinic.article, user=chief, title=SECRET)
    url = reverse("wagtailadmin_api:pages:action", args=(clinic.article.pk, "publish"))
    assert desk.post(url, content_type="application/json").status_code == 409


def task_state_approved_in_a_shell(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = clinic.article_draft("never", title=SECRET)
    workflow_state = page.get_workflow().start(page, clinic.author)
    while workflow_state.status == "in_progress":
        workflow_state.current_task_state.specific.approve(user=chief)
        workflow_state.refresh_from_db()
    assert TaskState.objects.filter(status="approved").count() == 2


def schedule_written_by_hand(clinic: Clinic, desk: Client, chief: Any) -> None:
    revision = draft(clinic.article, user=chief, title=SECRET)
    revision.approved_go_live_at = timezone.now() - datetime.timedelta(minutes=1)
    revision.save()
    assert scheduling.run_due(timezone.now()).refused == (clinic.article.pk,)


def schedule_ahead(clinic: Clinic, desk: Client, chief: Any) -> None:
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    draft(clinic.article, user=chief, title=SECRET, go_live_at=tomorrow).publish(user=chief)


def save_live_page(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = fresh(clinic.article)
    page.title = SECRET
    page.save()


def save_draft_as_live(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = clinic.article_draft("never", title=SECRET)
    page.live = True
    page.save()


def save_only_the_live_column(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = Page.objects.get(pk=clinic.article_draft("never", title=SECRET).pk)
    page.live = True
    page.save(clean=False, update_fields=["live"])


def save_a_relation_alone(clinic: Clinic, desk: Client, chief: Any) -> None:
    with transaction.atomic():
        AuthorLink.objects.create(page_id=clinic.article.pk, person=clinic.reviewer, sort_order=9)


def queryset_update(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = clinic.article_draft("never", title=SECRET)
    with transaction.atomic():
        Page.objects.filter(pk__in=(page.pk, clinic.article.pk)).update(live=True, title=SECRET)


def raw_sql(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = clinic.article_draft("never", title=SECRET)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE wagtailcore_page SET live = %s, title = %s WHERE id = %s", [True, SECRET, page.pk])


def load_fixture(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = clinic.article_draft("never", title=SECRET)
    rows = json.loads(serialize("json", [Page.objects.get(pk=page.pk), page]))
    rows[0]["fields"]["live"] = True
    with io.StringIO(json.dumps(rows)) as source:
        source.name = "fixture.json"
        from django.core.serializers import deserialize

        with transaction.atomic():
            for item in deserialize("json", source):
                item.save()


def copy_and_keep_live(clinic: Clinic, desk: Client, chief: Any) -> None:
    copied = fresh(clinic.article).copy(to=clinic.articles, update_attrs={"slug": "copy", "title": SECRET}, user=chief)
    assert copied.live is False


def admin_api_copy(clinic: Clinic, desk: Client, chief: Any) -> None:
    url = reverse("wagtailadmin_api:pages:action", args=(clinic.article.pk, "copy"))
    values = {"destination_page_id": clinic.articles.pk, "slug": "copy", "title": SECRET, "keep_live": True}
    assert desk.post(url, json.dumps(values), content_type="application/json").status_code == 201
    assert ArticlePage.objects.get(slug="copy").live is False


def alias_of_a_draft(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = clinic.article_draft("never", title=SECRET)
    alias = page.create_alias(parent=clinic.articles, update_slug="alias", user=chief)
    alias.live = True
    alias.save()


def alias_sync_with_other_words(clinic: Clinic, desk: Client, chief: Any) -> None:
    page = fresh(clinic.article)
    content = draft(page, title=SECRET).content
    with transaction.atomic():
        page.update_aliases(_content=content)


def convert_alias_and_edit(clinic: Clinic, desk: Client, chief: Any) -> None:
    alias = ArticlePage.objects.get(alias_of=clinic.article)
    from wagtail.actions.convert_alias import ConvertAliasPageAction

    ConvertAliasPageAction(alias, user=chief).execute()
    draft(fresh(alias), user=chief, title=SECRET).publish(user=chief)


def copy_for_translation(clinic: Clinic, desk: Client, chief: Any) -> None:
    french = Locale.objects.create(language_code="fr")
    copied = fresh(clinic.article).copy_for_translation(french, copy_parents=True)
    copied.title = SECRET
    copied.save_revision().publish()


def revert_and_publish(clinic: Clinic, desk: Client, chief: Any) -> None:
    first = draft(clinic.article, title=SECRET)
    draft(clinic.article, title="Something else")
    page = fresh(clinic.article)
    newest = page.revert_to_page_revision if hasattr(page, "revert_to_page_revision") else None
    assert newest is None
    from wagtail.actions.revert_to_page_revision import RevertToPageRevisionAction

    RevertToPageRevisionAction(page=page, revision=first, user=chief).execute().publish(user=chief)


def edit_after_approval(clinic: Clinic, desk: Client, chief: Any) -> None:
    draft(clinic.article, user=clinic.author, title="Approved words")
    clinic.approve(clinic.article)
    draft(clinic.article, user=chief, title=SECRET).publish(user=chief)


def approved_revision_rewritten_in_place(clinic: Clinic, desk: Client, chief: Any) -> None:
    revision = draft(clinic.article, user=clinic.author, title="Approved words")
    clinic.approve(clinic.article)
    revision.content["title"] = SECRET
    revision.save()
    revision.publish(user=chief)


REFUSED: dict[str, Callable[[Clinic, Client, Any], None]] = {
    "Revision.publish in a shell": publish_revision,
    "Page.publish": publish_page,
    "publish action, permission checks skipped": publish_action,
    "publish a page that was never public": publish_new_page,
    "bulk publish": bulk_publish,
    "admin API: publish": admin_api_publish,
    "TaskState.approve in a shell": task_state_approved_in_a_shell,
    "schedule written by hand": schedule_written_by_hand,
    "schedule through the publish action": schedule_ahead,
    "page.save() on a public page": save_live_page,
    "live = True; save()": save_draft_as_live,
    "save(update_fields=['live']) as a plain page": save_only_the_live_column,
    "a relation saved by itself": save_a_relation_alone,
    "QuerySet.update": queryset_update,
    "raw SQL": raw_sql,
    "fixture": load_fixture,
    "copy, keeping it live": copy_and_keep_live,
    "admin API: copy": admin_api_copy,
    "alias of a draft": alias_of_a_draft,
    "alias sync": alias_sync_with_other_words,
    "alias converted, then edited": convert_alias_and_edit,
    "copy for translation": copy_for_translation,
    "revert to an older revision": revert_and_publish,
    "edited after approval": edit_after_approval,
    "approved revision rewritten in place": approved_revision_rewritten_in_place,
}
# Both act on an alias that is public with its source's words.
_WITH_ALIAS = {alias_sync_with_other_words, convert_alias_and_edit}


@pytest.mark.parametrize("path", REFUSED.values(), ids=REFUSED.keys())
def test_unapproved_words_never_become_public(path, clinic, desk, chief):
    if path in _WITH_ALIAS:
        clinic.article.create_alias(parent=clinic.articles, update_slug="alias")
    before = public_view()

    with contextlib.suppress(GateBlocked):
        path(clinic, desk, chief)

    assert public_view() == before
    assert not Head.objects.filter(document__contains=SECRET).exists()


# --- Ways to bring out approved words -------------------------------------------------------------------------------


def publish_approved(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    draft(clinic.article, user=clinic.author, title="Approved words")
    clinic.publish(clinic.article)
    return ("updated",)


def finish_workflow(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    page = fresh(clinic.article)
    draft(page, user=clinic.author, title="Approved words")
    page = fresh(page)
    page.get_workflow().start(page, clinic.author)
    for user in (clinic.editor, clinic.clinician):
        task_state = fresh(page).current_workflow_task_state
        task = task_state.task.specific
        task.on_action(task_state, user, "approve", **approving(page, task_state))
    return ("updated",)


def bulk_publish_approved(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    draft(clinic.article, user=clinic.author, title="Approved words")
    clinic.approve(clinic.article)
    url = reverse("wagtail_bulk_action", args=("wagtailcore", "page", "publish"))
    desk.post(f"{url}?id={clinic.article.pk}", {"include_descendants": False})
    return ("updated",)


def admin_api_publish_approved(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    draft(clinic.article, user=clinic.author, title="Approved words")
    clinic.approve(clinic.article)
    url = reverse("wagtailadmin_api:pages:action", args=(clinic.article.pk, "publish"))
    assert desk.post(url, content_type="application/json").status_code == 200
    return ("updated",)


def go_live_on_schedule(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    soon = timezone.now() + datetime.timedelta(seconds=30)
    draft(clinic.article, user=clinic.author, title="Approved words", go_live_at=soon)
    clinic.publish(clinic.article)
    assert not Head.objects.filter(title="Approved words").exists()
    run = scheduling.run_due(soon + datetime.timedelta(seconds=1))
    assert run.refused == ()
    # The publish action compares with the clock on the wall; by then it is later than go_live_at.
    return ()


def create_alias(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    clinic.article.create_alias(parent=clinic.articles, update_slug="alias", user=chief)
    return ("published",)


def sync_alias(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    clinic.article.create_alias(parent=clinic.articles, update_slug="alias", user=chief)
    draft(clinic.article, user=clinic.author, title="Approved words")
    clinic.publish(clinic.article)
    return ("published", "updated", "updated")


def convert_alias(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    from wagtail.actions.convert_alias import ConvertAliasPageAction

    alias = clinic.article.create_alias(parent=clinic.articles, update_slug="alias", user=chief)
    ConvertAliasPageAction(alias, user=chief).execute()
    return ("published",)


def slug_of_an_ancestor(clinic: Clinic, desk: Client, chief: Any) -> tuple[str, ...]:
    draft(clinic.articles, user=clinic.author, slug="reading")
    clinic.publish(clinic.articles)
    return ("moved", "moved")


ADMITTED: dict[str, Callable[[Clinic, Client, Any], tuple[str, ...]]] = {
    "publish action": publish_approved,
    "last approval of the workflow": finish_workflow,
    "bulk publish": bulk_publish_approved,
    "admin API: publish": admin_api_publish_approved,
    "alias created": create_alias,
    "alias synced": sync_alias,
    "alias converted": convert_alias,
    "slug of an ancestor": slug_of_an_ancestor,
}


@pytest.mark.parametrize("path", ADMITTED.values(), ids=ADMITTED.keys())
def test_approved_words_become_public_and_are_recorded(path, clinic, desk, chief):
    position = Entry.objects.count()

    kinds = path(clinic, desk, chief)

    recorded = Entry.objects.filter(position__gt=position).order_by("position")
    assert tuple(entry.kind for entry in recorded) == kinds
    assert all(entry.approvals for entry in recorded)


# --- Ways to take a page down, or elsewhere -------------------------------------------------------------------------


def unpublish(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    fresh(clinic.article).unpublish(user=chief)
    return {"/articles/sleeping-better/": "unpublished"}


def unpublish_below(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    url = reverse("wagtailadmin_pages:unpublish", args=(clinic.articles.pk,))
    desk.post(url, {"include_descendants": "on"})
    return {"/articles/": "unpublished", "/articles/sleeping-better/": "unpublished"}


def bulk_unpublish(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    url = reverse("wagtail_bulk_action", args=("wagtailcore", "page", "unpublish"))
    desk.post(f"{url}?id={clinic.article.pk}", {"include_descendants": False})
    return {"/articles/sleeping-better/": "unpublished"}


def admin_api_unpublish(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    url = reverse("wagtailadmin_api:pages:action", args=(clinic.article.pk, "unpublish"))
    desk.post(url, "{}", content_type="application/json")
    return {"/articles/sleeping-better/": "unpublished"}


def unpublish_source_of_alias(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    clinic.article.create_alias(parent=clinic.articles, update_slug="alias")
    fresh(clinic.article).unpublish()
    return {"/articles/alias/": "unpublished", "/articles/sleeping-better/": "unpublished"}


def delete(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    fresh(clinic.article).delete(user=chief)
    return {"/articles/sleeping-better/": "deleted"}


def delete_subtree(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    desk.post(reverse("wagtailadmin_pages:delete", args=(clinic.articles.pk,)))
    return {"/articles/": "deleted", "/articles/sleeping-better/": "deleted"}


def delete_queryset(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    with transaction.atomic():
        ArticlePage.objects.filter(pk=clinic.article.pk).delete()
    return {"/articles/sleeping-better/": "deleted"}


def bulk_delete(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    desk.post(f"{reverse('wagtail_bulk_action', args=('wagtailcore', 'page', 'delete'))}?id={clinic.article.pk}")
    return {"/articles/sleeping-better/": "deleted"}


def expire(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    in_a_minute = timezone.now() + datetime.timedelta(minutes=1)
    draft(clinic.article, user=clinic.author, expire_at=in_a_minute)
    clinic.publish(clinic.article)
    scheduling.run_due(in_a_minute + datetime.timedelta(seconds=1))
    return {"/articles/sleeping-better/": "expired"}


def restrict(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.article, restriction_type="login")
    return {"/articles/sleeping-better/": "restricted"}


def restrict_parent_in_the_admin(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    url = reverse("wagtailadmin_pages:set_privacy", args=(clinic.articles.pk,))
    desk.post(url, {"restriction_type": "login", "password": "", "groups": []})
    return {"/articles/": "restricted", "/articles/sleeping-better/": "restricted"}


def restrict_source_of_alias(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    clinic.article.create_alias(parent=clinic.home, update_slug="alias")
    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.articles, restriction_type="login")
    return {"/articles/": "restricted", "/articles/sleeping-better/": "restricted", "/alias/": "restricted"}


def move_below_a_restricted_page(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    private = clinic.add(clinic.home, StandardPage(title="Private", slug="private", summary="For staff."))
    with transaction.atomic():
        PageViewRestriction.objects.create(page=private, restriction_type="login")
    Page.objects.get(pk=clinic.topic.pk).move(Page.objects.get(pk=private.pk), pos="last-child", user=chief)
    return {"/private/": "restricted", "/team/sleep/": "restricted"}


def site_with_another_root(clinic: Clinic, desk: Client, chief: Any) -> dict[str, str]:
    site = Site.objects.get(is_default_site=True)
    site.root_page = clinic.articles
    with transaction.atomic():
        site.save()
    heads = Head.objects.values_list("path", flat=True)
    assert sorted(heads) == ["/", "/sleeping-better/"]
    return {entry.path: "unpublished" for entry in Entry.objects.filter(kind="withdrawn")}


TAKEN_DOWN: dict[str, Callable[[Clinic, Client, Any], dict[str, str]]] = {
    "unpublish": unpublish,
    "unpublish with descendants": unpublish_below,
    "bulk unpublish": bulk_unpublish,
    "admin API: unpublish": admin_api_unpublish,
    "unpublish the source of an alias": unpublish_source_of_alias,
    "delete": delete,
    "delete a subtree in the admin": delete_subtree,
    "delete by queryset": delete_queryset,
    "bulk delete": bulk_delete,
    "expiry": expire,
    "restriction": restrict,
    "restriction on the parent": restrict_parent_in_the_admin,
    "restriction on the source of an alias": restrict_source_of_alias,
    "move below a restricted page": move_below_a_restricted_page,
    "site with another root": site_with_another_root,
}


@pytest.mark.parametrize("path", TAKEN_DOWN.values(), ids=TAKEN_DOWN.keys())
def test_taken_down_is_gone_at_once_and_says_why(path, clinic, desk, chief):
    expected = path(clinic, desk, chief)

    withdrawn = {entry.path: entry.reason for entry in Entry.objects.filter(kind="withdrawn")}
    assert withdrawn == expected
    assert not reading.visible().filter(path__in=set(expected) - {"/"}).exists()


def test_restriction_removed_makes_public_again(clinic):
    with transaction.atomic():
        restriction = PageViewRestriction.objects.create(page=clinic.articles, restriction_type="login")

    with transaction.atomic():
        restriction.delete()

    assert reading.visible().filter(path="/articles/sleeping-better/").exists()
    kinds = [entry.kind for entry in Entry.objects.filter(page_id=clinic.article.pk).order_by("position")]
    assert kinds == ["published", "withdrawn", "published"]


def test_moved_page_is_public_at_its_new_address_only(clinic, chief):
    library = clinic.add(clinic.home, StandardPage(title="Library", slug="library", summary="All topics."))

    Page.objects.get(pk=clinic.topic.pk).move(Page.objects.get(pk=library.pk), pos="last-child", user=chief)

    assert list(Head.objects.filter(page_id=clinic.topic.pk).values_list("path", flat=True)) == ["/library/sleep/"]
    assert Entry.objects.filter(page_id=clinic.topic.pk).order_by("-position").first().kind == "moved"
    assert reading.moved_to("/team/sleep/", site_id=Site.objects.get().pk) == "/library/sleep/"


def test_approved_page_made_live_before_its_time_stays_hidden(clinic):
    page = clinic.article_draft("tomorrow", title=SECRET)
    draft(page, user=clinic.author, go_live_at=timezone.now() + datetime.timedelta(days=1))
    clinic.publish(page)
    page = fresh(page)
    assert page.live is False

    page.live = True
    page.save()

    assert not Head.objects.filter(title=SECRET).exists()


def test_reordered_pages_change_nothing_public(clinic, chief):
    before = public_view()

    Page.objects.get(pk=clinic.services.pk).move(Page.objects.get(pk=clinic.articles.pk), pos="left", user=chief)

    assert public_view() == before


def test_alias_of_a_page_scheduled_for_tomorrow_shows_nothing_today(clinic):
    page = clinic.article_draft("tomorrow", title=SECRET)
    page.create_alias(parent=clinic.articles, update_slug="alias")
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    draft(page, user=clinic.author, go_live_at=tomorrow)

    clinic.publish(page)

    assert ArticlePage.objects.get(slug="alias").live is False
    assert not Head.objects.filter(title=SECRET).exists()


def test_drafting_touches_nothing_public(clinic, desk):
    before = public_view()

    draft(clinic.article, user=clinic.author, title=SECRET, slug="elsewhere")

    assert public_view() == before


def test_document_id_survives_edits_and_moves(clinic):
    document_id = Head.objects.get(page_id=clinic.topic.pk).document_id
    draft(clinic.topic, user=clinic.author, title="Rest", slug="rest")

    clinic.publish(clinic.topic)

    head = Head.objects.get(page_id=clinic.topic.pk)
    assert (head.document_id, head.path, head.title) == (document_id, "/team/rest/", "Rest")
    assert isinstance(document_id, uuid.UUID)
