"""Who may do what to a page in which state: every cell of ``matrix.toml``, asked of the admin’s real views.

A cell that the table allows must happen, and show in the facts that it is about. One that it does not allow changes nothing:
no approval, no entry, no draft, no step. Whoever was logged in and had no right stands in the page’s history afterwards.

All cells are three and a half thousand requests. `make test-thorough` asks them all; the everyday suite asks one in thirty-two,
and every fourth address by GET, always the same.
"""

import os
import tomllib
from pathlib import Path
from zlib import crc32

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import URLPattern, get_resolver

from cms.publishing import verifying
from tests.workflow import cells

TABLE = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text())
SHARE = int(os.environ.get("MATRIX_SHARE", "32"))


def allowed(action: str, state: str) -> set[str]:
    """The roles that the table lets do ``action`` to a page in ``state``; a name in capitals is a list of roles."""
    row = TABLE["actions"][action]
    words = row.get(state, row.get("always", "")).split()
    return {role for word in words for role in TABLE["roles"].get(word, [word])}


def is_noted(action: str, state: str, role: str) -> bool:
    """Whether a refusal has to stand in the page’s history: of people with a login, who may never do this."""
    states = TABLE["actions"][action].get("noted", "").split()
    may_somewhere = any(role in allowed(action, other) for other in cells.STATES)
    return role != "anonymous" and not may_somewhere and (state in states or "all" in states)


def is_asked(*cell: str, share: int = SHARE) -> bool:
    return crc32(" ".join(cell).encode()) % share == 0


@pytest.mark.parametrize("state", cells.STATES)
def test_each_cell_is_as_the_table_says(state, clinic):
    scene = cells.people(clinic)
    with transaction.atomic():
        cells.prepare(scene, state)
    before, wrong = cells.facts(), []

    for name, action in cells.ACTIONS.items():
        for role in cells.GROUPS:
            if is_asked(state, name, role):
                with cells.undone():
                    asked = {"is_allowed": role in allowed(name, state), "is_noted": is_noted(name, state, role)}
                    wrong += _faults(scene, name, action, role, before, **asked)

    assert wrong == []
    assert cells.facts() == before
    assert list(verifying.problems()) == []


def _faults(scene, name, action, role, before, *, is_allowed, is_noted):
    """What is wrong with one cell, one sentence each."""
    told = cells.refusals(scene.page)
    answer = cells.send(scene, action, role)
    after = cells.facts()
    changed = {fact for fact in before if after[fact] != before[fact]}
    cell = f"{role}: {name} ({answer.status_code}"
    if answer.status_code >= 500:
        yield f"{cell}) failed"
    if action.method == "get":
        if (answer.status_code == 200) != is_allowed:
            yield f"{cell}) is {'refused' if is_allowed else 'shown'}"
        if changed:
            yield f"{cell}) changed {sorted(changed)} by a GET"
        return
    has_happened = bool(changed.intersection(action.shows))
    if has_happened != is_allowed:
        yield f"{cell}) {'happened' if has_happened else 'did not happen'}; changed {sorted(changed)}"
    if not is_allowed and (more := changed.difference(action.leaves)):
        yield f"{cell}) was refused, and changed {sorted(more)}"
    if is_noted and answer.status_code not in (404, 405) and cells.refusals(scene.page) == told:
        yield f"{cell}) was refused without a line in the history"


# A sample of their addresses is asked by GET in the states where most can be done.
@pytest.mark.parametrize("state", ["clinical_review", "public_with_draft"])
def test_get_changes_nothing_whatever_the_address(state, clinic):
    scene = cells.people(clinic)
    with transaction.atomic():
        cells.prepare(scene, state)
    before = cells.facts()

    statuses = {}
    for name, action in cells.ACTIONS.items():
        for role in ("author", "superuser"):
            # A GET is cheaper than a cell, so more of them are asked.
            if not is_asked(state, name, role, share=max(1, SHARE // 3)):
                continue
            with cells.undone():
                statuses[name, role] = scene.browsers[role].get(action.url(scene)).status_code
                assert cells.facts() == before, (name, role)

    assert statuses
    assert {key: status for key, status in statuses.items() if status >= 500} == {}


def test_table_knows_every_role_state_action_and_nothing_else():
    rows = TABLE["actions"]

    assert set(TABLE["people"]["names"]) == set(cells.GROUPS)
    assert set(rows) == set(cells.ACTIONS)
    assert {state for row in rows.values() for state in row} <= {"always", "noted", *cells.STATES}
    named = {word for row in rows.values() for key, roles in row.items() if key != "noted" for word in roles.split()}
    assert named <= set(cells.GROUPS) | set(TABLE["roles"])


def test_every_group_is_a_role_of_the_table(clinic):
    groups = {group for groups in cells.GROUPS.values() for group in groups}

    assert set(Group.objects.values_list("name", flat=True)) == groups


def own_addresses() -> set[str]:
    """Names of the addresses in the admin whose views are ours."""

    def walk(patterns, space):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                view = getattr(pattern.callback, "view_class", pattern.callback)
                if view.__module__.startswith("cms."):
                    yield f"{space}{pattern.name or pattern.pattern}"
            else:
                yield from walk(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)

    admin = next(one for one in get_resolver().url_patterns if str(one.pattern) == "admin/")
    return set(walk(admin.url_patterns, ""))


def test_table_says_of_every_address_of_ours_how_it_is_asked():
    known = TABLE["addresses"]

    assert own_addresses() == set(known)
    assert {name: actions for name, actions in known.items() if not set(actions) <= {*cells.ACTIONS, "elsewhere"}} == {}
