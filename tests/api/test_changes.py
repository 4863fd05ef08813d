"""Delta sync, sentence by sentence of the contract."""

import datetime
import hashlib
import io
import re
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from django.core.management import call_command
from django.core.signing import Signer
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site

from cms.api import change_cursors, change_feed, change_schemas
from cms.api.change_cursors import Cursor
from cms.api.query import TYPES
from cms.pages.relations import ConditionLink
from cms.publishing import changes, scheduling, waiting
from cms.publishing.changes import Standing
from cms.publishing.models import Clock, Entry, Head
from services.models import ConditionPage
from tests.api.conftest import Reader
from tests.api.copying import Copy, served
from tests.api.test_description import full  # noqa: F401 - a fixture
from tests.factories import Clinic, add_draft, draft

WORD = "zanzibar"
NOW = "/changes?limit=500"


@pytest.fixture
def since(api: Reader) -> str:
    """A cursor after everything that the clinic began with."""
    return api.json(NOW)["next"]


def fresh(page: Any) -> Any:
    return type(page).objects.get(pk=page.pk)


def publish(clinic: Clinic, page: Any, **fields: Any) -> None:
    draft(fresh(page), user=clinic.author, **fields)
    clinic.publish(fresh(page))


def kinds(answer: Any) -> list[tuple[str, str]]:
    return [(item["kind"], item["path"]) for item in answer["items"]]


# --- The walk ---------------------------------------------------------------------------------------------------------


def test_without_a_cursor_all_that_is_public_now_is_walked(api: Reader, clinic: Clinic) -> None:
    fresh(clinic.topic).unpublish()
    publish(clinic, clinic.article, title="Sleeping well")

    answer = api.json("/changes")

    assert {item["kind"] for item in answer["items"]} == {"published"}
    assert [item["id"] for item in answer["items"]] == [
        str(key) for key in Head.objects.order_by("position").values_list("document_id", flat=True)
    ]
    assert answer["items"][-1]["document"]["title"] == "Sleeping well"
    assert answer["more"] is False


def test_pages_of_the_walk_join_without_gap_or_overlap(api: Reader) -> None:
    copy = Copy(api, limit=2)

    pages = 1
    while copy.read_page():
        pages += 1

    assert pages == 6
    assert [item["position"] for item in copy.items] == list(range(1, 12))
    assert copy.resolved() == served(api)


def test_what_changes_during_the_walk_comes_after_it(api: Reader, clinic: Clinic) -> None:
    copy = Copy(api, limit=9)
    copy.read_page()

    publish(clinic, clinic.article, title="Sleeping well")
    fresh(clinic.topic).unpublish()
    clinic.publish(clinic.article_draft("newcomer"))
    copy.read()

    late = [(item["kind"], item["path"]) for item in copy.items[9:]]
    assert late == [
        ("published", "/services/acupuncture/"),
        ("updated", "/articles/sleeping-better/"),
        ("withdrawn", "/team/sleep/"),
        ("published", "/articles/newcomer/"),
    ]
    assert copy.resolved() == served(api)


def test_one_page_holds_100_unless_asked_otherwise_and_500_at_most(api: Reader) -> None:
    described = api.json("/openapi.json")["paths"]["/api/v1/changes"]["get"]["parameters"]

    (schema,) = [one["schema"] for one in described if one.get("name") == "limit"]

    assert (schema["default"], schema["minimum"], schema["maximum"]) == (100, 1, 500)
    assert len(api.json("/changes?limit=1")["items"]) == 1
    for limit in ("0", "501", "x", "-1"):
        assert api.errors(f"/changes?limit={limit}") == [["query", "limit"]]


# --- The delta --------------------------------------------------------------------------------------------------------


def test_with_a_cursor_what_changed_after_it_comes_in_order(api: Reader, clinic: Clinic, since: str) -> None:
    publish(clinic, clinic.article, title="Sleeping well")
    publish(clinic, clinic.article, slug="sleeping-well")
    fresh(clinic.topic).unpublish()
    newcomer = clinic.publish(clinic.article_draft("newcomer"))

    answer = api.json(f"/changes?since={since}")

    assert kinds(answer) == [
        ("updated", "/articles/sleeping-better/"),
        ("moved", "/articles/sleeping-well/"),
        ("withdrawn", "/team/sleep/"),
        ("published", "/articles/newcomer/"),
    ]
    assert [item["position"] for item in answer["items"]] == [12, 13, 14, 15]
    assert [item["document"] and item["document"]["slug"] for item in answer["items"]] == [
        "sleeping-better",
        "sleeping-well",
        None,
        "newcomer",
    ]
    assert answer["more"] is False
    entry = Entry.objects.get(page_id=newcomer.pk)
    assert {name: value for name, value in answer["items"][-1].items() if name != "document"} == {
        "position": 15,
        "kind": "published",
        "reason": None,
        "id": str(entry.document_id),
        "type": "article",
        "locale": "en",
        "path": "/articles/newcomer/",
        "at": entry.at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "release": None,
    }
    assert api.json(f"/changes?since={answer['next']}") == {"items": [], "next": answer["next"], "more": False}


def test_pages_of_the_delta_join_without_gap_or_overlap(api: Reader, clinic: Clinic, since: str) -> None:
    for number in range(5):
        publish(clinic, clinic.article, title=f"Sleeping number {number}")

    positions, cursor, mores = [], since, []
    for _page in range(3):
        answer = api.json(f"/changes?limit=2&since={cursor}")
        positions += [item["position"] for item in answer["items"]]
        mores.append(answer["more"])
        cursor = answer["next"]

    assert positions == [12, 13, 14, 15, 16]
    assert mores == [True, True, False]


def unpublish(page: Page) -> None:
    page.unpublish()


def expire(page: Page) -> None:
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - datetime.timedelta(seconds=1))
    scheduling.run_due(timezone.now())


def restrict(page: Page) -> None:
    with transaction.atomic():
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


HIDING = {
    "unpublished": unpublish,
    "expired": expire,
    "deleted": lambda page: page.delete(),
    "restricted": restrict,
}


@pytest.mark.parametrize("reason", HIDING)
def test_what_is_withdrawn_has_a_reason_and_no_document_and_its_words_are_not_shown_again(
    reason: str, api: Reader, clinic: Clinic, since: str
) -> None:
    page = clinic.publish(clinic.article_draft("secret", summary=WORD))
    assert WORD in api.get(f"/changes?since={since}").content.decode()

    with transaction.atomic():
        HIDING[reason](page)

    answer = api.json(f"/changes?since={since}")
    assert [(item["kind"], item["reason"], item["document"]) for item in answer["items"]] == [
        ("withdrawn", reason, None)
    ]
    assert WORD not in api.get(f"/changes?since={since}").content.decode()
    assert WORD not in api.get("/changes").content.decode()


def test_words_that_were_withdrawn_stay_hidden_when_the_page_comes_back_with_others(
    api: Reader, clinic: Clinic, since: str
) -> None:
    page = clinic.publish(clinic.article_draft("secret", summary=WORD))
    page.unpublish()
    publish(clinic, page, summary="Other words.")

    answer = api.get(f"/changes?since={since}")

    assert kinds(answer.json()) == [("withdrawn", "/articles/secret/"), ("published", "/articles/secret/")]
    assert WORD not in answer.content.decode()


def test_a_page_whose_time_is_over_is_held_back_until_the_worker_records_its_end(
    api: Reader, clinic: Clinic, since: str
) -> None:
    page = clinic.publish(clinic.article_draft("secret", summary=WORD))
    past = timezone.now() - datetime.timedelta(seconds=1)
    Page.objects.filter(pk=page.pk).update(expire_at=past)
    Head.objects.filter(page_id=page.pk).update(expires_at=past)

    before = api.json(f"/changes?since={since}")
    walked = api.get("/changes").content.decode()
    scheduling.run_due(timezone.now())
    after = api.json(f"/changes?since={before['next']}")

    assert before["items"] == []
    assert WORD not in walked
    assert kinds(after) == [("withdrawn", "/articles/secret/")]
    assert after["items"][0]["reason"] == "expired"


def test_a_change_of_one_page_is_one_item(api: Reader, clinic: Clinic, since: str) -> None:
    fresh(clinic.topic).unpublish()
    publish(clinic, clinic.acupuncture, title="Needles")

    assert kinds(api.json(f"/changes?since={since}")) == [
        ("withdrawn", "/team/sleep/"),
        ("updated", "/services/acupuncture/"),
    ]


# --- The shape of an item ---------------------------------------------------------------------------------------------


def test_documents_of_every_type_have_the_described_shape(api: Reader, full: Clinic, since: str) -> None:  # noqa: F811
    for address in ("/changes?limit=500", f"/changes?since={since}"):
        change_schemas.ChangesAnswer.model_validate_json(api.get(address).content)

    types = {item["document"]["type"] for item in api.json("/changes")["items"]}
    assert types == {name for name in TYPES if Head.objects.filter(type=name).exists()}
    assert len(types) == 10


def test_relations_are_references_that_a_copy_resolves_to_what_the_api_serves(
    api: Reader,
    full: Clinic,  # noqa: F811
) -> None:
    copy = Copy(api).read()

    condition = next(one for one in copy.documents.values() if one["type"] == "condition")
    service = next(one for one in copy.documents.values() if one["type"] == "service")
    assert condition["treatments"] == [
        {"service": {"id": service["id"], "type": "service"}, "evidence": "<p>Small effects.</p>"}
    ]
    assert [crumb["type"] for crumb in condition["breadcrumbs"]] == ["home", "condition_index"]
    assert copy.resolved() == served(api)


def test_a_part_of_a_document_called_like_the_ties_is_left_alone(api: Reader, clinic: Clinic) -> None:
    from cms.publishing.change_items import _without_ties

    ties = [{"id": str(uuid.uuid4()), "kind": "author", "note": ""}]
    tricky = '{"a":"\\",\\"relations\\":[]","b":{"a":1,"relations":[1]},"relations":%s,"z":"x"}'
    plain = '{"a":"\\",\\"relations\\":[]","relations":%s,"z":"x"}'
    text = str(ties).replace("'", '"')

    assert _without_ties(tricky % text) == ('{"a":"\\",\\"relations\\":[]","b":{"a":1,"relations":[1]},"z":"x"}', ties)
    assert _without_ties(plain % text) == ('{"a":"\\",\\"relations\\":[]","z":"x"}', ties)


def test_an_attestation_names_the_person_by_reference(api: Reader, clinic: Clinic) -> None:
    copy = Copy(api).read()

    article = next(one for one in copy.documents.values() if one["type"] == "article")
    person = api.json("/people/clara")
    editorial, clinical = article["attestation"]["approvals"]
    assert clinical["person"] == {"id": person["id"], "type": "person"}
    assert clinical["credentials"] == "M.D."
    assert (editorial["person"], editorial["credentials"]) == (None, None)
    entry = Entry.objects.get(document_id=article["id"])
    assert (article["attestation"]["position"], article["attestation"]["digest"]) == (entry.position, entry.digest)


def test_a_tie_to_a_page_that_never_was_public_changes_no_byte(api: Reader, clinic: Clinic, monkeypatch: Any) -> None:
    moment = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    secret = add_draft(clinic.conditions, ConditionPage(title="Secret", slug="secret", summary=WORD))
    page = clinic.article_draft("tied")
    clinic.approve(page)

    def world(*conditions: Any) -> list[str]:
        untouched = transaction.savepoint()
        tied = fresh(page).get_latest_revision_as_object()
        tied.condition_links = [ConditionLink(condition=condition) for condition in conditions]
        tied.save_revision(user=clinic.author)
        clinic.publish(fresh(page))
        addresses = ("/changes", "/changes?limit=500&type=article", "/articles/tied", "/pages?limit=100", "/conditions")
        seen = [api.get(address).content.decode() for address in addresses]
        transaction.savepoint_rollback(untouched)
        return [_without_revision(text) for text in seen]

    assert world(clinic.insomnia, secret) == world(clinic.insomnia)


def _without_revision(text: str) -> str:
    """PostgreSQL does not give a number twice, even when it was taken in a transaction that was abandoned."""
    return re.sub(r'"revision":\d+', '"revision":0', text)


# --- Narrowing --------------------------------------------------------------------------------------------------------


def test_type_narrows_walk_and_delta_and_the_cursor_keeps_it(api: Reader, clinic: Clinic) -> None:
    copy = Copy(api, type="topic,article", limit=1).read()
    publish(clinic, clinic.insomnia, title="Sleeplessness")
    publish(clinic, clinic.article, title="Sleeping well")

    answer = api.json(f"/changes?since={copy.cursor}")

    assert [item["type"] for item in copy.items] == ["topic", "article"]
    assert kinds(answer) == [("updated", "/articles/sleeping-better/")]


def test_kind_narrows_walk_and_delta_and_the_cursor_keeps_it(api: Reader, clinic: Clinic) -> None:
    begun = api.json("/changes?kind=withdrawn,moved")
    publish(clinic, clinic.article, title="Sleeping well")
    fresh(clinic.topic).unpublish()

    answer = api.json(f"/changes?since={begun['next']}")

    assert (begun["items"], begun["more"]) == ([], False)
    assert kinds(answer) == [("withdrawn", "/team/sleep/")]
    assert len(api.json("/changes?kind=published")["items"]) == 10


def test_a_locale_narrows_and_the_cursor_keeps_it(api: Reader, clinic: Clinic, settings: Any) -> None:
    settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("es", "Spanish")]

    spanish = api.json("/changes?locale=es")
    publish(clinic, clinic.article, title="Sleeping well")

    assert spanish["items"] == []
    assert api.json(f"/changes?since={spanish['next']}")["items"] == []
    assert len(api.json("/changes?locale=en")["items"]) == 11
    assert api.errors(f"/changes?since={spanish['next']}&locale=en") == [["query", "locale"]]


@pytest.mark.parametrize("name", ["type", "kind"])
def test_a_cursor_with_other_filters_is_refused(name: str, api: Reader) -> None:
    first, other = {"type": ("article,topic", "article"), "kind": ("updated,moved", "updated")}[name]
    cursor = api.json(f"/changes?{name}={first}")["next"]
    reordered = ",".join(reversed(first.split(",")))

    response = api.get(f"/changes?since={cursor}&{name}={other}")

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {
            "loc": ["query", name],
            "msg": f"The cursor keeps another {name}; leave {name} out, or start again without since",
        }
    ]
    assert api.get(f"/changes?since={cursor}&{name}={reordered}").status_code == 200
    plain = api.json("/changes")["next"]
    assert api.errors(f"/changes?since={plain}&{name}={other}") == [["query", name]]


@pytest.mark.parametrize(
    "asked",
    ["kind=", "kind=created", "type=", "type=poem", "wait=31", "wait=-1", "wait=x", "compact=maybe", "locale=xx",
     "order=title", "site=unknown.example", f"since={'a' * 513}", "since=a&since=b"],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_name(asked: str, api: Reader) -> None:
    assert api.errors(f"/changes?{asked}") == [["query", asked.partition("=")[0]]]


def test_compact_gives_the_newest_item_of_each_document_whatever_the_page(
    api: Reader, clinic: Clinic, since: str
) -> None:
    for number in range(3):
        publish(clinic, clinic.article, title=f"Sleeping number {number}")
        publish(clinic, clinic.topic, title=f"Sleep number {number}")
    fresh(clinic.topic).unpublish()

    first = api.json(f"/changes?since={since}&compact=true&limit=1")
    second = api.json(f"/changes?since={first['next']}&compact=true&limit=1")

    assert kinds(first) == [("updated", "/articles/sleeping-better/")]
    assert first["items"][0]["document"]["title"] == "Sleeping number 2"
    assert first["more"] is True
    assert kinds(second) == [("withdrawn", "/team/sleep/")]
    assert second["more"] is False


def test_compact_counts_only_the_kinds_that_are_asked_for(api: Reader, clinic: Clinic) -> None:
    begun = api.json("/changes?kind=moved")
    publish(clinic, clinic.article, slug="sleeping-well")
    publish(clinic, clinic.article, title="Sleeping well")

    assert kinds(api.json(f"/changes?since={begun['next']}&compact=true")) == [("moved", "/articles/sleeping-well/")]


# --- Sites ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def other_site(clinic: Clinic, since: str) -> Site:
    """The team's pages on a site of their own, since a moment ago."""
    with transaction.atomic():
        return Site.objects.create(hostname="team.example", root_page=Page.objects.get(pk=clinic.team.pk))


def test_a_page_that_moved_to_another_site_is_withdrawn_from_where_it_was(
    api: Reader, clinic: Clinic, since: str, other_site: Site
) -> None:
    publish(clinic, clinic.topic, title="Sleep there")

    items = api.json(f"/changes?since={since}")["items"]

    left = {item["path"]: (item["kind"], item["reason"], item["document"]) for item in items}
    gone = ("withdrawn", "unpublished", None)
    assert left["/team/"] == left["/team/sleep/"] == left["/team/anton/"] == left["/team/clara/"] == gone
    assert [item["path"] for item in items if item["kind"] == "withdrawn"].count("/team/sleep/") == 1
    assert "Sleep there" not in api.get(f"/changes?since={since}").content.decode()
    assert {item["path"] for item in api.json("/changes?site=team.example")["items"]} == {
        *("/", "/sleep/", "/anton/", "/clara/")
    }
    assert {one["path"] for one in Copy(api).read().documents.values()} == {one["path"] for one in served(api).values()}


def test_compact_tells_that_a_page_left_even_when_it_changed_there_since(
    api: Reader, clinic: Clinic, since: str, other_site: Site
) -> None:
    publish(clinic, clinic.topic, title="Sleep there")
    copy = Copy(api, compact="true")
    copy.cursor = since

    copy.read()

    assert ("withdrawn", "/team/sleep/") in [(item["kind"], item["path"]) for item in copy.items]


def test_a_page_that_came_back_from_another_site_is_there_again(
    api: Reader, clinic: Clinic, since: str, other_site: Site
) -> None:
    with transaction.atomic():
        other_site.delete()

    for compact in ("false", "true"):
        copy = Copy(api, compact=compact)
        copy.cursor = since
        assert [item["kind"] for item in copy.read().items if item["type"] == "topic"][-1] == "moved"
    assert Copy(api).read().resolved() == served(api)


def test_a_cursor_of_one_site_is_refused_on_another(api: Reader, since: str, other_site: Site) -> None:
    there = api.json("/changes?site=team.example")["next"]

    assert api.errors(f"/changes?since={since}&site=team.example") == [["query", "site"]]
    assert api.errors(f"/changes?since={there}&site=localhost") == [["query", "site"]]
    assert api.json(f"/changes?since={there}") == {"items": [], "next": there, "more": False}


def test_pages_that_keep_their_paths_on_a_new_site_record_are_still_served(api: Reader, clinic: Clinic) -> None:
    with transaction.atomic():
        site = Site.objects.get(is_default_site=True)
        root = site.root_page
        site.delete()
        Site.objects.create(hostname="localhost", root_page=root, is_default_site=True)

    assert len(served(api)) == 11
    assert Copy(api).read().resolved() == served(api)


# --- Cursors ----------------------------------------------------------------------------------------------------------


def _tampered(cursor: str) -> str:
    return cursor.replace(cursor[10], "A" if cursor[10] != "A" else "B", 1)


def _of_another_server(cursor: str) -> str:
    return Signer(key="another key" * 5, salt="cms.api.change_cursors").sign_object(["a"])


def _of_a_list(cursor: str) -> str:
    return Signer(salt="cms.api.cursors").sign_object(["a", "b", "c"])


def _beyond_the_newest(cursor: str) -> str:
    parts = Signer(salt="cms.api.change_cursors").unsign_object(cursor)
    return Signer(salt="cms.api.change_cursors").sign_object([parts[0], 1_000_000, *parts[2:]])


def _of_another_shape(cursor: str) -> str:
    return Signer(salt="cms.api.change_cursors").sign_object({"not": "a list"})


FOREIGN: dict[str, Callable[[str], str]] = {
    "garbage": lambda cursor: "garbage",
    "empty": lambda cursor: "",
    "cut": lambda cursor: cursor[:-5],
    "tampered": _tampered,
    "of another server": _of_another_server,
    "of a list": _of_a_list,
    "of another shape": _of_another_shape,
    "beyond the newest": _beyond_the_newest,
}


@pytest.mark.parametrize("change", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_cursor_answers_410_and_points_to_the_start(
    change: Callable[[str], str], api: Reader, since: str
) -> None:
    response = api.get(f"/changes?since={change(since)}")

    assert response.status_code == 410
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Start again without “since”" in response.json()["detail"]


def test_after_a_restore_old_cursors_answer_410_in_walk_and_delta(api: Reader, since: str) -> None:
    walking = api.json("/changes?limit=2")["next"]
    facts = Clock.objects.get().facts

    call_command("ledger", "new-epoch", verbosity=0)

    assert api.get(f"/changes?since={since}").status_code == 410
    assert api.get(f"/changes?since={walking}").status_code == 410
    assert api.json("/changes")["next"] != since
    assert Clock.objects.get().facts == facts + 1


def test_a_restored_ledger_that_went_on_otherwise_is_noticed_even_without_a_new_epoch(
    api: Reader, clinic: Clinic
) -> None:
    backup = transaction.savepoint()
    publish(clinic, clinic.article, title="Words after the backup")
    lost = api.json(NOW)["next"]
    transaction.savepoint_rollback(backup)

    before_it_went_on = api.get(f"/changes?since={lost}").status_code
    publish(clinic, clinic.topic, title="Other words")

    assert before_it_went_on == 410
    assert Clock.objects.get().position == 12
    assert api.get(f"/changes?since={lost}").status_code == 410


def test_a_cursor_has_at_most_512_characters(api: Reader, settings: Any) -> None:
    settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("x" * 20, "Longest")]
    types, all_kinds = ",".join(TYPES), "published,updated,moved,withdrawn"

    given = api.json(f"/changes?type={types}&kind={all_kinds}&locale={'x' * 20}")["next"]
    kept = change_cursors.read(given, changes.newest())
    far = Standing(kept.standing.epoch, 2**63 - 1, kept.standing.seal)
    longest = Cursor(far, replace(kept.selection, site_id=2**63 - 1), walked=2**63 - 1)

    assert kept.selection.types == tuple(sorted(TYPES))
    assert len(longest.write()) <= change_cursors.MAX_LENGTH == 512


# --- Size -------------------------------------------------------------------------------------------------------------


def test_a_page_ends_before_it_is_too_large(api: Reader, clinic: Clinic, monkeypatch: Any, since: str) -> None:
    sizes = [len(str(item).encode()) for item in api.json(NOW)["items"]]
    monkeypatch.setattr(change_feed, "MAX_PAGE_BYTES", sum(sizes) // 3)
    answers = [api.get("/changes")]
    while answers[-1].json()["more"]:
        answers.append(api.get(f"/changes?since={answers[-1].json()['next']}"))

    positions = [item["position"] for answer in answers for item in answer.json()["items"]]

    assert positions == list(range(1, 12))
    assert len(answers) > 2
    assert max(len(answer.content) for answer in answers) < sum(sizes) // 3 + 1000


def test_a_document_larger_than_a_page_comes_alone(api: Reader, clinic: Clinic, monkeypatch: Any, since: str) -> None:
    publish(clinic, clinic.article, title="Sleeping well")
    publish(clinic, clinic.topic, title="Sleep well")
    monkeypatch.setattr(change_feed, "MAX_PAGE_BYTES", 10)

    first = api.json(f"/changes?since={since}")
    second = api.json(f"/changes?since={first['next']}")

    assert [kinds(first), kinds(second)] == [
        [("updated", "/articles/sleeping-better/")],
        [("updated", "/team/sleep/")],
    ]
    assert (first["more"], second["more"]) == (True, False)


@pytest.mark.parametrize(("address", "queries"), [("/changes?limit=5", 5), (NOW, 5)])
def test_queries_are_few(address: str, queries: int, api: Reader, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(queries):
        api.json(address)


def test_queries_of_the_delta_are_few(api: Reader, clinic: Clinic, since: str, django_assert_num_queries: Any) -> None:
    publish(clinic, clinic.article, title="Sleeping well")
    publish(clinic, clinic.topic, title="Sleep well")

    with django_assert_num_queries(5):
        assert len(api.json(f"/changes?since={since}")["items"]) == 2


# --- Waiting ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pauses(monkeypatch: Any) -> list[Callable[[], None]]:
    """What happens while a request waits: one of these each time it would sleep; then time passes at once."""
    planned: list[Callable[[], None]] = []
    passed = [0.0]

    def pause(seconds: float) -> None:
        passed[0] += seconds
        if planned:
            planned.pop(0)()

    monkeypatch.setattr(waiting, "_watch", waiting._Watch())
    monkeypatch.setattr(waiting, "_pause", pause)
    monkeypatch.setattr(time, "monotonic", lambda real=time.monotonic: real() + passed[0])
    return planned


def test_wait_holds_an_empty_answer_open_until_something_changes(
    api: Reader, clinic: Clinic, since: str, pauses: list[Callable[[], None]]
) -> None:
    pauses += [lambda: None, lambda: publish(clinic, clinic.article, title="Sleeping well")]

    answer = api.get(f"/changes?since={since}&wait=30")

    assert kinds(answer.json()) == [("updated", "/articles/sleeping-better/")]
    assert answer.headers["Cache-Control"] == "no-store"


def test_wait_goes_on_while_what_changes_is_nothing_that_was_asked_for(
    api: Reader, clinic: Clinic, pauses: list[Callable[[], None]]
) -> None:
    since = api.json("/changes?type=article")["next"]
    pauses += [
        lambda: publish(clinic, clinic.topic, title="Sleep well"),
        lambda: publish(clinic, clinic.article, title="Sleeping well"),
    ]

    answer = api.json(f"/changes?since={since}&wait=30")

    assert kinds(answer) == [("updated", "/articles/sleeping-better/")]
    assert pauses == []


def test_an_empty_answer_after_the_time_has_the_same_cursor(
    api: Reader, since: str, pauses: list[Callable[[], None]]
) -> None:
    before = time.monotonic()

    answer = api.json(f"/changes?since={since}&wait=30")

    assert answer == {"items": [], "next": since, "more": False}
    assert 30 <= time.monotonic() - before < 31


def test_what_is_there_already_is_not_waited_for(
    api: Reader, clinic: Clinic, since: str, pauses: list[Callable[[], None]]
) -> None:
    publish(clinic, clinic.article, title="Sleeping well")
    before = time.monotonic()

    delta, walk = (
        api.json(f"/changes?since={since}&wait=30"),
        api.json("/changes?kind=updated&wait=30"),
    )

    assert (len(delta["items"]), len(walk["items"])) == (1, 0)
    assert time.monotonic() - before < 10


def test_a_restore_ends_the_waiting(api: Reader, clinic: Clinic, pauses: list[Callable[[], None]]) -> None:
    backup = transaction.savepoint()
    publish(clinic, clinic.article, title="Words after the backup")
    since = api.json(NOW)["next"]
    pauses.append(lambda: transaction.savepoint_rollback(backup))

    assert api.get(f"/changes?since={since}&wait=30").status_code == 410


def test_who_finds_no_place_to_wait_is_answered_at_once(
    api: Reader, since: str, settings: Any, pauses: list[Callable[[], None]]
) -> None:
    settings.CHANGES_WAITERS = 1
    seen: list[Any] = []
    pauses.append(lambda: seen.append(api.get(f"/changes?since={since}&wait=30")))

    waited = api.get(f"/changes?since={since}&wait=30")
    again = api.get(f"/changes?since={since}&wait=1")

    assert seen[0].json() == {"items": [], "next": since, "more": False}
    assert seen[0].headers["Retry-After"] == "5"
    assert "Retry-After" not in waited.headers
    assert "Retry-After" not in again.headers


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Waits in one thread while another commits.")
def test_who_waits_sees_a_publication_within_a_second_of_its_commit(committed_clinic: Clinic) -> None:
    page = committed_clinic.article_draft("newcomer")
    committed_clinic.approve(page)
    cursor = Client().get("/api/v1/changes?limit=500").json()["next"]
    seen: list[Any] = []

    def wait() -> None:
        try:
            answer = Client().get(f"/api/v1/changes?since={cursor}&wait=20").json()
            seen.append((time.monotonic(), kinds(answer)))
        finally:
            connection.close()

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.5)
    page.get_latest_revision().publish()
    committed = time.monotonic()
    waiter.join(20)

    assert seen[0][1] == [("published", "/articles/newcomer/")]
    assert seen[0][0] - committed < 1


# --- Caches, rights, hostile input ------------------------------------------------------------------------------------


def test_an_answer_can_be_kept_but_has_to_be_asked_for_again(api: Reader, clinic: Clinic, since: str) -> None:
    for address in ("/changes", "/changes?limit=3", f"/changes?since={since}"):
        whole = api.get(address)
        assert whole.headers["ETag"] == f'"{hashlib.sha256(whole.content).hexdigest()}"'
        assert whole.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        kept = api.get(address, If_None_Match=whole.headers["ETag"])
        assert (kept.status_code, kept.content) == (304, b"")
        assert kept.headers["Cache-Control"] == "public, max-age=0, must-revalidate"

    etag = api.get(f"/changes?since={since}").headers["ETag"]
    publish(clinic, clinic.article, title="Sleeping well")
    assert api.get(f"/changes?since={since}", If_None_Match=etag).status_code == 200


def test_reading_needs_a_key_when_content_is_not_open(api: Reader, settings: Any) -> None:
    settings.CONTENT_API_PUBLIC = False

    assert api.get("/changes").status_code == 401


def test_other_methods_are_refused(api: Reader) -> None:
    assert api.client.post("/api/v1/changes").status_code == 405
    assert api.client.head("/api/v1/changes").status_code == 200


# --- What the handbook tells ------------------------------------------------------------------------------------------


def test_the_consumer_in_the_handbook_holds_what_the_api_serves(
    api: Reader, clinic: Clinic, pauses: list[Callable[[], None]]
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    program = text.split("```python\n")[1].split("```")[0]
    scope: dict[str, Any] = {}
    exec(program, scope)  # the very lines that readers copy

    def urlopen(address: str) -> Any:
        response = api.get(address.removeprefix("https://clinic.example/api/v1"))
        if response.status_code != 200:
            raise HTTPError(address, response.status_code, "", None, None)  # type: ignore[arg-type]
        return io.BytesIO(response.content)

    scope["urlopen"] = urlopen
    documents: dict[str, Any] = {}

    def follow(cursor: str | None) -> str | None:
        return scope["follow"]("https://clinic.example/api/v1", documents, cursor)

    cursor = follow(None)
    assert len(documents) == 11
    publish(clinic, clinic.article, title="Sleeping well")
    fresh(clinic.topic).unpublish()
    cursor = follow(cursor)
    copy = Copy(api)
    copy.documents = documents
    assert copy.resolved() == served(api)

    call_command("ledger", "new-epoch", verbosity=0)
    assert follow(cursor) is None
    follow(None)
    assert copy.resolved() == served(api)
    assert len([line for line in program.splitlines() if line.strip()]) <= 20
