"""Sharing a draft from the desk."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from wagtail.models import PageLogEntry

from cms.api.models import PreviewToken
from tests.api.test_keys import database_dump
from tests.factories import Clinic, draft, make_user
from tests.workflow.desk import edit_url, login, shown

FORM = {"hours": "1", "revision": "latest"}


def share_url(page: Any) -> str:
    return f"/admin/pages/{page.pk}/share-preview/"


def address_in(response: Any) -> str:
    return BeautifulSoup(response.content, "html.parser").find(id="shown-once").get_text().strip()


def opened(address: str) -> Any:
    return Client().get(address.removeprefix("http://localhost"))


def test_the_editor_leads_there(clinic: Clinic) -> None:
    page = login(clinic.author).get(edit_url(clinic.article)).content.decode()

    assert page.count(share_url(clinic.article)) == 2


def test_an_author_shares_the_newest_draft_for_an_hour(clinic: Clinic) -> None:
    client = login(clinic.author)

    response = client.post(share_url(clinic.article), FORM)

    address = address_in(response)
    assert re.fullmatch(r"http://localhost/api/v1/preview\?token=[\w-]{43}", address)
    assert "no-store" in response.headers["Cache-Control"]
    draft(clinic.article, title="Sleeping well")
    assert opened(address).json()["title"] == "Sleeping well"
    token = PreviewToken.objects.get()
    assert (token.issuer, token.revision_id) == (clinic.author, None)
    assert (token.expires_at - token.issued_at).total_seconds() == 3600
    assert address not in client.get(share_url(clinic.article)).content.decode()
    assert address.rpartition("=")[2] not in database_dump()


def test_the_draft_as_it_is_stays_as_it_is(clinic: Clinic) -> None:
    response = login(clinic.author).post(share_url(clinic.article), {"hours": "24", "revision": "this"})

    draft(clinic.article, title="Sleeping well")

    assert opened(address_in(response)).json()["title"] == "Sleeping better"


def test_the_address_is_the_front_ends_where_there_is_one(clinic: Clinic, settings: Any) -> None:
    settings.PREVIEW_URL_TEMPLATE = "https://front.example/preview?token={token}&secret=1"

    address = address_in(login(clinic.author).post(share_url(clinic.article), FORM))

    token = re.fullmatch(r"https://front\.example/preview\?token=([\w-]{43})&secret=1", address)
    assert token is not None
    assert opened(f"/api/v1/preview?token={token[1]}").status_code == 200


@pytest.mark.parametrize("change", [{"hours": "25"}, {"hours": ""}, {"revision": "other"}, {"hours": "x"}])
def test_a_form_that_is_not_right_shares_nothing(clinic: Clinic, change: dict[str, str]) -> None:
    response = login(clinic.author).post(share_url(clinic.article), FORM | change)

    assert response.status_code == 200
    assert b"shown-once" not in response.content
    assert PreviewToken.objects.count() == 0


def test_open_previews_are_listed_and_closed_by_anybody_who_may_edit(clinic: Clinic) -> None:
    address = address_in(login(clinic.author).post(share_url(clinic.article), FORM))
    client = login(clinic.editor)
    listed = client.get(share_url(clinic.article))
    assert "shared by anton" in shown(listed)
    [action] = [form["action"] for form in BeautifulSoup(listed.content, "html.parser").select(".open-previews form")]

    response = client.post(action, follow=True)

    assert "Its address shows nothing any more" in shown(response)
    assert "Nobody can see this draft from outside just now." in shown(response)
    assert opened(address).status_code == 404


def test_people_who_may_not_edit_the_page_share_and_close_nothing(clinic: Clinic) -> None:
    address = address_in(login(clinic.author).post(share_url(clinic.article), FORM))
    token = PreviewToken.objects.get()
    stranger = login(clinic.clinician)

    answers = [
        stranger.get(share_url(clinic.article)),
        stranger.post(share_url(clinic.article), FORM),
        stranger.post(f"{share_url(clinic.article)}{token.pk}/end/"),
    ]

    assert [(answer.status_code, answer.headers.get("Location")) for answer in answers] == [(302, "/admin/")] * 3
    assert PreviewToken.objects.count() == 1
    assert opened(address).status_code == 200
    assert share_url(clinic.article) not in stranger.get("/admin/").content.decode()


def test_nothing_is_shared_or_closed_without_the_form_of_the_desk(clinic: Clinic) -> None:
    address = address_in(login(clinic.author).post(share_url(clinic.article), FORM))
    end = f"{share_url(clinic.article)}{PreviewToken.objects.get().pk}/end/"
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinic.author)

    assert client.post(share_url(clinic.article), FORM).status_code == 403
    assert client.post(end).status_code == 403
    assert client.get(end).status_code == 405
    assert PreviewToken.objects.count() == 1
    assert opened(address).status_code == 200


def test_a_token_is_closed_only_under_its_own_page(clinic: Clinic) -> None:
    address = address_in(login(clinic.author).post(share_url(clinic.article), FORM))

    response = login(clinic.author).post(f"{share_url(clinic.insomnia)}{PreviewToken.objects.get().pk}/end/")

    assert response.status_code == 404
    assert opened(address).status_code == 200


def test_pages_that_are_none_of_ours_cannot_be_shared(clinic: Clinic) -> None:
    client = login(make_user("ada", is_superuser=True))

    assert client.get("/admin/pages/999999/share-preview/").status_code == 404
    assert client.get("/admin/pages/1/share-preview/").status_code in {302, 404}


def test_sharing_and_closing_stand_in_the_pages_history(clinic: Clinic) -> None:
    client = login(clinic.author)
    client.post(share_url(clinic.article), FORM | {"hours": "8"})
    client.post(f"{share_url(clinic.article)}{PreviewToken.objects.get().pk}/end/")

    logged = PageLogEntry.objects.filter(page=clinic.article.pk, action__startswith="attest.preview.").order_by("pk")
    page = shown(client.get(f"/admin/pages/{clinic.article.pk}/history/"))

    assert [(entry.action, entry.user) for entry in logged] == [
        ("attest.preview.shared", clinic.author), ("attest.preview.ended", clinic.author),
    ]  # fmt: skip
    assert "Preview shared for 8 h" in page
    assert "Preview closed" in page
