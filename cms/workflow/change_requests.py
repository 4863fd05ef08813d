"""Change requests: what reviewers asked an author to change, each at its place in the page.

A request is open until the page is submitted again, or until somebody who may edit the page marks it done. Rows stay, so that
a reviewer finds what was asked for in the round before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator, capfirst
from wagtail.log_actions import log
from wagtail.models import TaskState

from cms.pages.fields import BlocksField
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.pages.richtext import plain_text
from cms.pages.stages import Stage
from cms.pages.texts import texts_in
from cms.workflow.models import ChangeRequest
from cms.workflow.refusal import ReviewRefused, noted

# Parts of the editor's form that nobody reviews.
_NO_PLACES = {"comments", "comment_notifications", "go_live_at", "expire_at"}
# How much of a block's text tells it from its neighbours. Unit: words.
_SHOWN_WORDS = 6


@dataclass(frozen=True)
class Place:
    """A field of a page, or a block in it, as the editor's form shows it."""

    field: str
    block_id: str
    label: str

    @property
    def value(self) -> str:
        """The place as a form sends it."""
        return f"{self.field}:{self.block_id}" if self.block_id else self.field


def places_of(page: PublicPage) -> list[Place]:
    """Every place of ``page`` that a comment can be about, in the order of the editor's form."""
    form_class = type(page).get_edit_handler().get_form_class()
    labels = {name: str(field.label or _words(name)) for name, field in form_class.base_fields.items()}
    labels |= {name: _words(name.removesuffix("_links") + "s") for name in form_class.formsets}
    streams = {field.name: field for field in page._meta.get_fields() if isinstance(field, BlocksField)}
    places = []
    for name, label in labels.items():
        if name not in _NO_PLACES:
            places.append(Place(name, "", capfirst(label)))
            places += _blocks_of(page, name, capfirst(label)) if name in streams else []
    return places


def is_place(page: PublicPage, field: str, block_id: str) -> bool:
    """Whether ``page`` has this field, and this block in it; both empty name the page as a whole."""
    if not field:
        return not block_id
    return any((place.field, place.block_id) == (field, block_id) for place in places_of(page))


def anchor_of(field: str, block_id: str = "") -> str:
    """What leads to this place, at the end of the address of the page's editor; empty for the page as a whole."""
    return f"#:w:contentpath={'.'.join(part for part in (field, block_id) if part)}" if field else ""


def changes_requested_of(page: PublicPage) -> list[ChangeRequest]:
    """The open requests for changes of ``page``, oldest first."""
    return list(_open(page).select_related("user"))


def record(
    step: TaskState, *, page: PublicPage, stage: Stage, user: Any, comment: str, field: str = "", block_id: str = ""
) -> ChangeRequest:
    """Keep what ``user`` asked for at ``step``; the caller has asked whether he may and whether the place is there."""
    asked = ChangeRequest.objects.create(
        page_id=page.pk,
        document_id=document_id_of(page),
        step_id=step.pk,
        stage=stage,
        field=field,
        block_id=block_id,
        comment=comment,
        user=user,
        name=user.display_name(),
        at=timezone.now(),
    )
    if field:
        # Wagtail's own line tells the rest, but knows of no places.
        data = {"request": asked.pk, "stage": stage.value, "field": field, "block": block_id, "comment": comment}
        log(instance=page, action="attest.changes.requested", user=user, data=data)
    return asked


def close_open(page: PublicPage, *, user: Any) -> None:
    """Close what is open: ``user`` submits the page again, which says that everything asked for is answered."""
    _open(page).update(closed_at=timezone.now(), closed_by=user)


def mark_done(page: PublicPage, request_id: int, *, user: Any) -> ChangeRequest:
    """Close one request of ``page`` because ``user`` did what was asked for.

    Raises ``ReviewRefused`` for somebody who may not edit the page, and for a request that is not open any more.
    """
    with noted(page, action="attest.review.refused", user=user, act="done"):
        if not page.permissions_for_user(user).can_edit():
            raise ReviewRefused(["You may not edit this page."])
        asked = _open(page).select_for_update().filter(pk=request_id).first()
        if asked is None:
            raise ReviewRefused(["This request is closed already."])
        asked.closed_at, asked.closed_by, asked.is_done = timezone.now(), user, True
        asked.save(update_fields=["closed_at", "closed_by", "is_done"])
        log(
            instance=page, action="attest.changes.done", user=user, data={"request": asked.pk, "comment": asked.comment}
        )
        return asked


def _open(page: PublicPage) -> QuerySet[ChangeRequest]:
    return ChangeRequest.objects.filter(page_id=page.pk, closed_at=None)


def _blocks_of(page: PublicPage, field: str, label: str) -> Iterator[Place]:
    for child in getattr(page, field):
        words = " ".join(
            plain_text(text.source) if text.is_rich else text.source for text in texts_in(child.block, child.value)
        )
        start = Truncator(" ".join(words.split())).words(_SHOWN_WORDS)
        kind = capfirst(str(child.block.label).lower())
        yield Place(field, str(child.id or ""), f"{label} › {kind}" + (f" “{start}”" if start else ""))


def _words(name: str) -> str:
    return name.replace("_", " ")
