"""Wagtail's actions, each in one transaction, one at a time for each page, and asked by the gate before they write.

Wagtail saves a page, sends its signal, logs and syncs aliases in separate transactions. Here each action is one, so that a
failure leaves neither page nor entry. Publishing is also asked for early, with a clear refusal; the ledger asks again.
Publishing and unpublishing write the whole row of a page that was read a while ago; where the page stands and which draft is
its newest are read again under the page's lock, so that a move or an edit that came between is not undone.

A system check fails at start when a name that is widened here no longer exists.
"""

import functools
from importlib import import_module
from typing import Any

from django.db import transaction
from wagtail import signal_handlers
from wagtail.models import Page

from cms.pages.locking import lock_pages, lock_tree
from cms.pages.models import PublicPage
from cms.publishing import capture, reference_index
from cms.workflow import gate

ACTIONS = (
    ("wagtail.actions.publish_revision", "PublishRevisionAction"),
    ("wagtail.actions.unpublish", "UnpublishAction"),
    ("wagtail.actions.unpublish_page", "UnpublishPageAction"),
    ("wagtail.actions.delete_page", "DeletePageAction"),
    ("wagtail.actions.move_page", "MovePageAction"),
    ("wagtail.actions.copy_page", "CopyPageAction"),
    ("wagtail.actions.create_alias", "CreatePageAliasAction"),
    ("wagtail.actions.convert_alias", "ConvertAliasPageAction"),
    ("wagtail.actions.copy_for_translation", "CopyPageForTranslationAction"),
    ("wagtail.actions.revert_to_page_revision", "RevertToPageRevisionAction"),
)
PUBLISH_METHOD = "_publish_revision"
UNPUBLISH_METHOD = "_commit_unpublish"
# Those that find places in the tree, or leave one.
_TREE_ACTIONS = frozenset({"DeletePageAction", "MovePageAction", "CopyPageAction", "CreatePageAliasAction"})
# What publishing and unpublishing keep of a page, as opposed to what they are there to change.
_KEPT = ("path", "depth", "numchild", "latest_revision_id", "latest_revision_created_at", "draft_title", "alias_of_id")
_KEPT_LOCK = ("locked", "locked_at", "locked_by_id")


def missing_names() -> list[str]:
    """Names that Wagtail no longer has; empty on the version that requirements.txt pins."""
    missing = []
    for module, name in ACTIONS:
        action = getattr(import_module(module), name, None)
        if action is None or not callable(getattr(action, "execute", None)):
            missing.append(f"{module}.{name}.execute")
    publish = getattr(import_module("wagtail.actions.publish_revision"), "PublishRevisionAction", None)
    if not callable(getattr(publish, PUBLISH_METHOD, None)):
        missing.append(f"PublishRevisionAction.{PUBLISH_METHOD}")
    unpublish = getattr(import_module("wagtail.actions.unpublish_page"), "UnpublishPageAction", None)
    if not callable(getattr(unpublish, UNPUBLISH_METHOD, None)):
        missing.append(f"UnpublishPageAction.{UNPUBLISH_METHOD}")
    if not hasattr(signal_handlers, reference_index.TASK):
        missing.append(f"signal_handlers.{reference_index.TASK}")
    return missing


def install() -> None:
    """Widen every action. Called once, when the application starts; widening twice changes nothing."""
    if missing_names():
        return  # the system check reports them; half of a gate would be worse than a refusal to start
    reference_index.install()
    for module, name in ACTIONS:
        action: Any = getattr(import_module(module), name)
        if "execute" in vars(action) and not hasattr(action.execute, "is_widened"):
            action.execute = _in_one_transaction(action.execute, changes_tree=name in _TREE_ACTIONS)
    publish: Any = import_module("wagtail.actions.publish_revision").PublishRevisionAction
    if not hasattr(publish._publish_revision, "is_widened"):
        publish._publish_revision = _gated(publish._publish_revision)
    unpublish: Any = import_module("wagtail.actions.unpublish_page").UnpublishPageAction
    if not hasattr(unpublish._commit_unpublish, "is_widened"):
        unpublish._commit_unpublish = _after_what_came_between(unpublish._commit_unpublish)
    copy: Any = import_module("wagtail.actions.copy_page").CopyPageAction
    if not hasattr(copy.__init__, "is_widened"):
        copy.__init__ = _as_draft(copy.__init__)


def _in_one_transaction(execute: Any, *, changes_tree: bool) -> Any:
    @functools.wraps(execute)
    def widened(self: Any, *args: Any, **options: Any) -> Any:
        with capture.acting_as(getattr(self, "user", None)), transaction.atomic():
            if changes_tree:
                lock_tree()
            return execute(self, *args, **options)

    widened.is_widened = True  # type: ignore[attr-defined]
    return widened


def _gated(publish_revision: Any) -> Any:
    @functools.wraps(publish_revision)
    def widened(self: Any, revision: Any, object: Any, *args: Any, **options: Any) -> Any:  # noqa: A002 - Wagtail's name
        if isinstance(object, PublicPage):
            _read_again(object)
            gate.admit(object)
        return publish_revision(self, revision, object, *args, **options)

    widened.is_widened = True  # type: ignore[attr-defined]
    return widened


def _after_what_came_between(commit_unpublish: Any) -> Any:
    @functools.wraps(commit_unpublish)
    def widened(self: Any, object: Any) -> Any:  # noqa: A002 - Wagtail's name
        _read_again(object)
        return commit_unpublish(self, object)

    widened.is_widened = True  # type: ignore[attr-defined]
    return widened


def _read_again(page: Page) -> None:
    """Take the lock of ``page``, and bring into it what others wrote since it was read."""
    lock_pages([page.pk])
    kept = Page.objects.filter(pk=page.pk).values(*_KEPT, *_KEPT_LOCK).first() or {}
    has_moved = kept.get("path", page.path) != page.path
    for name, value in kept.items():
        setattr(page, name, value)
    if has_moved:
        page.set_url_path(page.get_parent(update=True))


def _as_draft(init: Any) -> Any:
    """A copy is a new page that nobody approved: it is born a draft, whatever was asked for."""

    @functools.wraps(init)
    def widened(self: Any, *args: Any, **options: Any) -> None:
        init(self, *args, **options)
        self.keep_live = False

    widened.is_widened = True  # type: ignore[attr-defined]
    return widened
