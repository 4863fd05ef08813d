"""Verification finds every kind of damage that the database would let somebody do, and says nothing of a sound ledger."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from wagtail.models import Page, PageViewRestriction

from cms.publishing import verifying
from cms.publishing.models import Clock, Dependency, Entry, Head, HeadRelation, Tally
from cms.workflow.models import Approval
from tests.conftest import without_triggers
from tests.factories import Clinic

PATH = "/articles/sleeping-better/"


def position_of(clinic: Clinic) -> int:
    return Head.objects.get(page_id=clinic.article.pk).position


def test_ledger_of_a_clinic_is_sound(clinic):
    out = io.StringIO()

    call_command("ledger", "verify", stdout=out)

    assert out.getvalue() == "The ledger is sound: 11 entries, chain, heads and page tree agree.\n"


def test_ledger_stays_sound_when_pages_are_taken_down_moved_and_restricted(clinic):
    Page.objects.get(pk=clinic.topic.pk).unpublish()
    Page.objects.get(pk=clinic.acupuncture.pk).move(Page.objects.get(pk=clinic.team.pk), pos="last-child")
    with transaction.atomic():
        PageViewRestriction.objects.create(page=clinic.articles, restriction_type="login")

    assert list(verifying.problems()) == []


# --- Damage to what was recorded: only somebody who takes the triggers away can do it -----------------------------------


def change_document(clinic: Clinic) -> list[str]:
    position = position_of(clinic)
    document = Entry.objects.get(position=position).document.replace("Rest helps", "Nothing helps")
    Entry.objects.filter(position=position).update(document=document)
    return [
        f"The document of entry {position} is not the one that was recorded.",
        f"{PATH} serves another document than entry {position} recorded.",
        f"{PATH} serves another text than entry {position} recorded.",
    ]


def change_document_and_its_digest(clinic: Clinic) -> list[str]:
    position = position_of(clinic)
    Entry.objects.filter(position=position).update(digest="0" * 64)
    return [
        f"Entry {position} or the one before it was changed: the chain does not hold.",
        f"The document of entry {position} is not the one that was recorded.",
        f"{PATH} serves another digest than entry {position} recorded.",
    ]


def change_approvals(clinic: Clinic) -> list[str]:
    position = position_of(clinic)
    Entry.objects.filter(position=position).update(approvals=[{"stage": "clinical", "user_id": 1, "at": ""}])
    return [
        f"Entry {position} or the one before it was changed: the chain does not hold.",
        f"{PATH} serves another approvals than entry {position} recorded.",
    ]


def change_link(clinic: Clinic) -> list[str]:
    Entry.objects.filter(position=5).update(chain="0" * 64)
    return [
        "Entry 5 or the one before it was changed: the chain does not hold.",
        "Entry 6 or the one before it was changed: the chain does not hold.",
    ]


def remove_entry(clinic: Clinic) -> list[str]:
    path = Entry.objects.get(position=5).path
    Entry.objects.filter(position=5).delete()
    return [
        "Position 5 is missing; the next entry is 6.",
        "Entry 6 or the one before it was changed: the chain does not hold.",
        f"{path} is served without any entry.",
    ]


def remove_newest_entry(clinic: Clinic) -> list[str]:
    path = Entry.objects.get(position=11).path
    Entry.objects.filter(position=11).delete()
    return ["The clock stands at 11, the newest entry at 10.", f"{path} is served without any entry."]


def change_approved_words(clinic: Clinic) -> list[str]:
    given = Approval.objects.order_by("pk").last()
    Approval.objects.filter(pk=given.pk).update(content=given.content.replace("Rest helps", "Nothing helps"))
    return [f"Approval {given.pk} keeps other words than were approved."]


RECORDED = [
    change_document,
    change_document_and_its_digest,
    change_approvals,
    change_link,
    remove_entry,
    remove_newest_entry,
    change_approved_words,
]


@pytest.mark.parametrize("damage", RECORDED)
def test_damage_to_what_was_recorded_is_found(damage, clinic):
    with without_triggers():
        expected = damage(clinic)

    assert list(verifying.problems()) == expected


def test_missing_triggers_are_found(clinic):
    names = verifying._TRIGGERS[connection.vendor][1]

    with without_triggers():
        found = list(verifying.problems())

    assert len(names) == {"sqlite": 13, "postgresql": 9}[connection.vendor]
    assert found == [
        f"The trigger {name} is missing: rows that must never change could be changed." for name in sorted(names)
    ]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite cannot switch a trigger off, only remove it.")
def test_triggers_that_are_switched_off_are_found(clinic):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE publishing_entry DISABLE TRIGGER USER")

    assert [sentence.split()[2] for sentence in verifying.problems()] == [
        "entry_refuses_change",
        "entry_refuses_truncate",
    ]


# --- Damage to heads and to the page tree: found, and mended by a rebuild -----------------------------------------------


def update_head(**columns: Any) -> Callable[[Clinic], list[str]]:
    def damage(clinic: Clinic) -> list[str]:
        Head.objects.filter(page_id=clinic.article.pk).update(**columns)
        position = Entry.objects.filter(page_id=clinic.article.pk).get().position
        return [f"{PATH} serves another {name} than entry {position} recorded." for name in columns]

    return damage


def remove_head(clinic: Clinic) -> list[str]:
    position = position_of(clinic)
    Head.objects.filter(page_id=clinic.article.pk).delete()
    return [
        f"{PATH} is public since {position}, but has no head.",
        f"Page {clinic.article.pk} “Sleeping better” is live in the admin, but was never admitted: "
        "the public does not see it.",
    ]


def forge_head(clinic: Clinic) -> list[str]:
    head = Head.objects.get(page_id=clinic.article.pk)
    head.pk, head.page_id, head.position, head.path = "0" * 32, 999_999, 999_999, "/forged/"
    head.save(force_insert=True)
    return ["/forged/ is served without any entry.", "Page 999999 is public, but not live in the admin."]


def keep_withdrawn_head(clinic: Clinic) -> list[str]:
    head = Head.objects.get(page_id=clinic.topic.pk)
    Page.objects.get(pk=clinic.topic.pk).unpublish()
    head.save(force_insert=True)
    return [
        "/team/sleep/ was withdrawn at 12, but is still served.",
        f"Page {clinic.topic.pk} is public, but not live in the admin.",
    ]


def remove_relations(clinic: Clinic) -> list[str]:
    HeadRelation.objects.filter(source__page_id=clinic.article.pk, kind="author").delete()
    return [
        f"{PATH} serves another list of relations than entry {position_of(clinic)} recorded.",
        f"{PATH} is listed with other related pages than are public.",
    ]


def remove_dependencies(clinic: Clinic) -> list[str]:
    Dependency.objects.filter(source__page_id=clinic.article.pk).delete()
    return [f"{PATH} serves another list of dependencies than entry {position_of(clinic)} recorded."]


def miscount(clinic: Clinic) -> list[str]:
    Tally.objects.filter(type="article", kind="").update(heads=7)
    Tally.objects.filter(type="article", kind="condition").delete()
    head = Head.objects.get(page_id=clinic.article.pk)
    insomnia = head.relations.get(kind="condition").target_id
    return [
        "7 pages of type article are counted where there are 1.",
        f"0 pages of type article tied as condition to {insomnia} are counted where there are 1.",
    ]


MENDED = {
    "counts": miscount,
    "document": update_head(document='{"title":"Damaged"}'),
    "card": update_head(card="{}"),
    "path": update_head(slug="elsewhere"),
    "title": update_head(title="Damaged"),
    "time": update_head(reviewed_at=None),
    "approvals": update_head(approvals=[]),
    "missing head": remove_head,
    "forged head": forge_head,
    "withdrawn head": keep_withdrawn_head,
    "relations": remove_relations,
    "dependencies": remove_dependencies,
}


@pytest.mark.parametrize("damage", MENDED.values(), ids=MENDED.keys())
def test_damage_to_heads_is_found_and_mended_from_the_entries(damage, clinic):
    expected = damage(clinic)
    position = Clock.objects.get().position

    found = list(verifying.problems())
    with transaction.atomic():
        verifying.rebuild()

    # Where heads or ties are missing, the counts of them disagree too.
    assert [line for line in found if line in expected or " are counted where " not in line] == expected
    assert list(verifying.problems()) == []
    assert Clock.objects.get().position == position


def hide_from_the_tree(clinic: Clinic) -> list[str]:
    Page.objects.filter(pk=clinic.article.pk).update(live=False)
    return [f"Page {clinic.article.pk} is public, but not live in the admin."]


def change_words_behind_the_ledger(clinic: Clinic) -> list[str]:
    Page.objects.filter(pk=clinic.article.pk).update(title="Words that nobody approved")
    return [f"Page {clinic.article.pk} “Words that nobody approved” has other words in the admin than the public sees."]


def change_address_behind_the_ledger(clinic: Clinic) -> list[str]:
    page = Page.objects.get(pk=clinic.article.pk)
    Page.objects.filter(pk=page.pk).update(url_path=page.url_path.replace("sleeping", "waking"))
    return [
        f"Page {clinic.article.pk} is public at {PATH}, but stands at /articles/waking-better/ in the admin.",
    ]


def restrict_behind_the_ledger(clinic: Clinic) -> list[str]:
    PageViewRestriction.objects.bulk_create([PageViewRestriction(page=clinic.articles, restriction_type="login")])
    return [
        f"Page {page.pk} “{page.title}” is public, but restricted in the admin."
        for page in (clinic.articles, clinic.article)
    ]


@pytest.mark.parametrize(
    "damage",
    [
        hide_from_the_tree,
        change_words_behind_the_ledger,
        change_address_behind_the_ledger,
        restrict_behind_the_ledger,
    ],
)
def test_changes_of_the_page_tree_that_no_signal_told_of_are_found(damage, clinic):
    with transaction.atomic():
        expected = damage(clinic)

    assert sorted(verifying.problems()) == sorted(expected)


def test_command_names_every_problem_and_ends_with_an_error(clinic):
    errors = io.StringIO()
    Head.objects.filter(page_id=clinic.article.pk).update(title="Damaged", card="{}")

    with pytest.raises(CommandError, match="2 problems found"):
        call_command("ledger", "verify", stderr=errors)

    assert errors.getvalue().count(PATH) == 2
