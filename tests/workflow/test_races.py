"""Races of an approval against everything else that can happen to a page at the same moment.

On PostgreSQL they are real: threads, connections and locks. RACES says how many in all; `make test-thorough` runs 500, the
everyday suite a share of them. SQLite has one writer at a time, so there the same requests follow each other in every
order: what is left of a race is the tab that was opened before.
"""

import os
import random

import pytest
from django.db import connection

from cms.publishing import verifying
from tests.workflow import cells, racing

RACES = int(os.environ.get("RACES", "40"))
KINDS = {
    "edit": (racing.approve, racing.edit),
    "edit by the editor": (racing.approve, racing.editor_edits),
    "autosave from a stale tab": (racing.approve, racing.autosave),
    "publish": (racing.approve, racing.publish),
    "publish and edit": (racing.approve, racing.publish, racing.edit),
    "cancel": (racing.approve, racing.cancel),
    "withdraw": (racing.approve, racing.withdraw),
    "submit again": (racing.approve, racing.resubmit),
    "second approval": (racing.approve, racing.approve_too),
    "change request": (racing.approve, racing.ask_for_changes),
    "move": (racing.approve, racing.move),
    "move of the parent": (racing.approve, racing.move_the_parent),
    "two moves and an edit": (racing.move, racing.move_the_parent, racing.edit),
    "privacy": (racing.approve, racing.make_private),
    "privacy of the parent": (racing.approve, racing.make_the_parent_private),
    "unpublish": (racing.approve, racing.unpublish),
    "unpublish from above and edit": (racing.approve, racing.unpublish_from_above, racing.edit),
    "bulk publish": (racing.approve, racing.publish_in_bulk),
    "admin API": (racing.approve, racing.publish_by_admin_api, racing.autosave),
    "override": (racing.approve, racing.override_gate),
    "override and edit": (racing.override_gate, racing.edit),
    "schedule": (racing.approve, racing.run_schedule, racing.edit),
}


# Kinds that run in turn in one test, on the same pages: what one race leaves behind is where the next begins.
HEATS = 4


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at one moment need PostgreSQL")
@pytest.mark.parametrize("heat", range(HEATS))
def test_whoever_is_first_nothing_is_public_unapproved_and_nothing_is_lost(heat, committed_clinic):
    track, found = racing.Track(committed_clinic), []

    for number in range(heat, RACES, HEATS):
        kind = list(KINDS)[number % len(KINDS)]
        answers = racing.run(race := track.race(), KINDS[kind], random.Random(number))
        found += [f"race {number}, {kind}: {fault}" for fault in racing.faults(race, answers)]

    assert found == []
    assert racing.tree_faults() == []
    assert list(verifying.problems()) == []


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL runs the races themselves")
@pytest.mark.parametrize("heat", range(HEATS))
def test_requests_made_ready_together_and_sent_one_after_the_other(heat, clinic):
    race, found = racing.Track(clinic).race(), []

    for kind in list(KINDS)[heat::HEATS]:
        for order, name in ((1, "approval first"), (-1, "approval last")):
            with cells.undone():
                sent = [act(race) for act in KINDS[kind]]
                answers = [racing.send(one) for one in sent[::order]]
                faults = [*racing.faults(race, answers), *racing.tree_faults()]
                found += [f"{kind}, {name}: {fault}" for fault in faults]

    assert found == []
