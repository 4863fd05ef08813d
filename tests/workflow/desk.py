"""The editors' desk as a browser uses it: what the open form would send, and what it would show."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from bs4 import BeautifulSoup
from django import forms
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.messages import get_messages
from django.contrib.sessions.backends.db import SessionStore
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import reverse
from wagtail import blocks
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.models import Page, PageLogEntry, Revision, TaskState, WorkflowState
from wagtail.test.utils.form_data import rich_text

from cms.accounts.models import User
from cms.pages.blocks import TEXT_FEATURES
from cms.publishing.models import Entry, Head
from cms.workflow.approval import draft_of
from cms.workflow.models import Approval, Assignment, ChangeRequest
from tests.factories import all_ticked

HOME = reverse("wagtailadmin_home")
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def login(user: User) -> Client:
    """A browser in which ``user`` is logged in.

    The session is written as it is after a login, at once; Django's own help for tests takes a dozen queries.
    """
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = _BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def fresh(row: Any) -> Any:
    """``row`` as the database has it now."""
    return type(row).objects.get(pk=row.pk)


def matters() -> dict[str, list[Any]]:
    """Everything that a refusal must leave alone: approvals, the public, pages, their words and their reviews."""
    return {
        "approvals": list(Approval.objects.values_list("pk", "stage", "content_digest", "user_id")),
        "entries": list(Entry.objects.values_list("position", flat=True)),
        "heads": list(Head.objects.order_by("pk").values_list("pk", "digest")),
        "pages": list(Page.objects.order_by("pk").values_list("pk", "title", "live", "live_revision_id", "url_path")),
        "steps": list(TaskState.objects.order_by("pk").values_list("pk", "status", "finished_by")),
        "reviews": list(WorkflowState.objects.order_by("pk").values_list("pk", "status")),
        "assignments": list(Assignment.objects.order_by("pk").values_list("pk", "stage", "assigned_to", "due_at")),
        "requests": list(ChangeRequest.objects.order_by("pk").values_list("pk", "comment", "closed_at")),
    }


def revisions() -> list[tuple[int, Any, Any]]:
    """Every revision with its author and time: an autosave rewrites one, a save makes one."""
    return list(Revision.objects.order_by("pk").values_list("pk", "user_id", "created_at"))


def refusals(page: Page, action: str = "attest.approval.refused") -> list[dict[str, Any]]:
    """What the history of ``page`` keeps of refused attempts, oldest first."""
    return [entry.data for entry in PageLogEntry.objects.filter(page=page.pk, action=action).order_by("pk")]


def edit_url(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def action_url(page: Page, action: str, step: TaskState) -> str:
    """The address behind the buttons of the dashboard and of the page's header."""
    return reverse("wagtailadmin_pages:workflow_action", args=[page.pk, action, step.pk])


def read(page: Page) -> str:
    """The digest of the newest draft, as the review page sends it along with an approval of what it showed."""
    return draft_of(fresh(page)).content_digest()


def approving(page: Page, step: TaskState | None = None, **more: Any) -> dict[str, Any]:
    """What is sent to approve ``page`` as it is now, or the page of ``step``, with every point of the checklist ticked."""
    step = step or fresh(page).current_workflow_task_state
    page = step.workflow_state.content_object
    return {"comment": "", "points": ticked(step), "content_digest": read(page), **more}


def ticked(step: TaskState) -> list[str]:
    """Every point of the checklist at ``step``, as a form sends it."""
    return [key for stage in step.task.specific.stages for key in sorted(all_ticked(stage))]


def opened(client: Client, page: Page) -> dict[str, str]:
    """What the editing form of ``page`` would send if nobody touched it.

    The view makes the form and everything around it; it is not drawn, since nobody looks at it.
    """
    return data_of(context_of(client, edit_url(page))["form"])


def context_of(client: Client, url: str) -> dict[str, Any]:
    """What the page at ``url`` would be drawn from."""
    with undrawn():
        response = client.get(url)
    assert response.status_code == 200, response
    return response.context_data


@contextmanager
def undrawn() -> Iterator[None]:
    """Views answer as they do, but no template is rendered: drawing a page of the admin takes longer than all the rest."""
    with mock.patch.object(SimpleTemplateResponse, "rendered_content", ""):
        yield


def send(client: Client, url: str, form: dict[str, Any]) -> Any:
    """Send ``form`` and go where the answer leads; the page there has to open, and is not drawn. ``told`` reads it."""
    response = client.post(url, form)
    with undrawn():
        while response.status_code == 302:
            response = client.get(response.url)
    return response


def told(response: Any) -> str:
    """The words of an answer to ``send``: of a page that was not drawn, the messages that wait to be shown on it."""
    if response.content:
        return shown(response)
    messages = " ".join(str(message) for message in get_messages(response.wsgi_request))
    return _text_of(messages)


def data_of(form: forms.BaseForm) -> dict[str, str]:
    """What a browser would send for ``form``, inner forms and blocks included."""
    sent: dict[str, str] = {}
    for bound in form:
        if isinstance(bound.field, blocks.BlockField):
            sent |= _block(bound.field.block, bound.value(), bound.html_name)
        else:
            sent |= _field(bound.field, bound.value(), bound.html_name)
    for formset in getattr(form, "formsets", {}).values():
        sent |= data_of(formset.management_form)
        for row in formset.forms:
            sent |= data_of(row)
    return sent


def stream(*items: tuple[str, Any], name: str = "body") -> dict[str, str]:
    """What a browser would send for a stream field with these blocks; ids are one, two, three, …"""
    sent = {f"{name}-count": str(len(items))}
    for index, (kind, value) in enumerate(items):
        prefix = f"{name}-{index}"
        sent |= {f"{prefix}-type": kind, f"{prefix}-id": f"block-{index}", f"{prefix}-order": str(index)}
        sent |= {f"{prefix}-deleted": ""}
        if isinstance(value, dict):
            sent |= {f"{prefix}-value-{part}": text for part, text in value.items()}
        else:
            sent[f"{prefix}-value"] = value
    return sent


def typed(html: str) -> str:
    """``html`` as the text editor of a paragraph sends it."""
    return rich_text(html, features=TEXT_FEATURES)


def heading(text: str) -> dict[str, str]:
    return {"level": "2", "text": text}


def shown(response: Any) -> str:
    """The words of the answer: what a person would read, messages included."""
    return _text_of(response.content)


def _text_of(html: str | bytes) -> str:
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def block_errors(response: Any, field: str = "body") -> dict[str, list[str]]:
    """Which blocks of the re-rendered stream show an error: the words, by the text of the block or ``""`` for the whole."""
    element = BeautifulSoup(response.content, "html.parser").find(id=field)
    state, errors = json.loads(str(element["data-w-block-arguments-value"]))
    if errors is None:
        return {}
    found = {_words(state[int(index)]["value"]): error["messages"] for index, error in errors["blockErrors"].items()}
    return found | ({"": errors["messages"]} if "messages" in errors else {})


def field_error(response: Any, field: str) -> str:
    """What stands beside a plain field of the re-rendered form."""
    element = BeautifulSoup(response.content, "html.parser").find(attrs={"name": field})
    messages = element.find_parent(attrs={"data-field": True}).select("[data-field-errors] .error-message")
    return " ".join(" ".join(message.get_text() for message in messages).split())


def _words(value: Any) -> str:
    """The text of a block in the state that the editor's scripts are given."""
    if isinstance(value, dict):
        return str(value.get("text", value))
    parsed = json.loads(value) if isinstance(value, str) and value.startswith("{") else value
    return " ".join(part["text"] for part in parsed["blocks"]) if isinstance(parsed, dict) else str(parsed)


def _field(field: forms.Field, value: Any, name: str) -> dict[str, str]:
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput):
        return {name: "on"} if value else {}
    if isinstance(widget, DraftailRichTextArea):
        return {name: widget.format_value(value)}
    if isinstance(value, str | int | bool) or value is None:
        return {name: "" if value is None else str(value)}
    if hasattr(value, "pk"):
        return {name: str(value.pk)}
    formatted = widget.format_value(value)
    return {name: "" if formatted is None else str(formatted)}


def _block(block: blocks.Block, value: Any, name: str) -> dict[str, str]:
    if isinstance(block, TypedTableBlock):
        return _table(value, name)
    if isinstance(block, blocks.StructBlock):
        parts = (_block(child, value.get(part), f"{name}-{part}") for part, child in block.child_blocks.items())
        return {key: text for part in parts for key, text in part.items()}
    if isinstance(block, blocks.ListBlock | blocks.StreamBlock):
        children = list(getattr(value, "bound_blocks", value))
        sent = {f"{name}-count": str(len(children))}
        for index, child in enumerate(children):
            prefix = f"{name}-{index}"
            sent |= {f"{prefix}-id": str(child.id or ""), f"{prefix}-order": str(index), f"{prefix}-deleted": ""}
            if isinstance(block, blocks.StreamBlock):
                sent[f"{prefix}-type"] = child.block_type
            sent |= _block(child.block, child.value, f"{prefix}-value")
        return sent
    return _field(block.field, block.value_for_form(value), name)


def _table(value: Any, name: str) -> dict[str, str]:
    sent = {f"{name}-caption": value.caption or "", f"{name}-column-count": str(len(value.columns))}
    sent[f"{name}-row-count"] = str(len(value.row_data))
    for index, column in enumerate(value.columns):
        prefix = f"{name}-column-{index}"
        sent |= {f"{prefix}-type": column["block"].name, f"{prefix}-order": str(index), f"{prefix}-deleted": ""}
        sent[f"{prefix}-heading"] = column["heading"]
    for index, row in enumerate(value.row_data):
        sent |= {f"{name}-row-{index}-order": str(index), f"{name}-row-{index}-deleted": ""}
        for number, (column, cell) in enumerate(zip(value.columns, row["values"], strict=True)):
            sent |= _block(column["block"], cell, f"{name}-cell-{index}-{number}")
    return sent
