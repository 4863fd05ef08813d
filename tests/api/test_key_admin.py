"""API keys at the desk: who sees them, the secret shown once, and revoking."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.accounts.models import User
from cms.api import keys
from cms.api.models import ApiKey
from tests.api.test_keys import database_dump
from tests.factories import make_user
from tests.workflow.desk import login, shown

LIST, NEW = "/admin/api_keys/", "/admin/api_keys/new/"
FORM = {"name": "Website", "scopes": ["content:read", "content:preview"], "expires_at": ""}


@pytest.fixture
def ada(db: None) -> User:
    """An administrator."""
    return make_user("ada", "Administrator")


@pytest.fixture
def desk(ada: User) -> Client:
    """The administrator's browser."""
    return login(ada)


def secret_in(response: Any) -> str:
    return BeautifulSoup(response.content, "html.parser").find(id="shown-once").get_text().strip()


@pytest.mark.parametrize("role", ["Author", "Editor", "Clinician", "Publisher"])
def test_other_roles_neither_see_nor_touch_keys(db: None, role: str) -> None:
    key, _text = keys.issue("Website", ["content:read"])
    client = login(make_user("somebody", role))

    for address in (LIST, NEW, f"/admin/api_keys/revoke/{key.pk}/"):
        for response in (client.get(address), client.post(address, FORM)):
            assert (response.status_code, response.headers["Location"]) == (302, reverse("wagtailadmin_home"))
    key.refresh_from_db()
    assert (ApiKey.objects.count(), key.revoked_at) == (1, None)
    assert LIST not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_nobody_comes_here_without_a_login(db: None) -> None:
    assert Client().get(LIST).headers["Location"].startswith("/admin/login/")


def test_keys_stand_under_settings(desk: Client) -> None:
    assert LIST in desk.get(reverse("wagtailadmin_home")).content.decode()


def test_an_administrator_makes_a_key_and_sees_its_secret_once(desk: Client, ada: User) -> None:
    response = desk.post(NEW, FORM)

    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    text = secret_in(response)
    key = ApiKey.objects.get()
    assert (key.name, key.owner, key.scopes) == ("Website", ada, ["content:preview", "content:read"])
    assert keys.presented(text) == (key, None)
    again = [desk.get(address).content.decode() for address in (LIST, NEW, reverse("wagtailadmin_home"))]
    secret = text.rpartition("_")[2]
    assert not any(secret in page for page in again)
    assert secret not in database_dump()


def test_a_key_of_the_desk_opens_the_api(desk: Client, clinic: Any) -> None:
    text = secret_in(desk.post(NEW, FORM))

    response = Client().get(
        "/api/v1/articles/sleeping-better?status=draft", headers={"Authorization": f"Bearer {text}"}
    )

    assert response.status_code == 200


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"expires_at": "2001-01-01 00:00"}, {"name": "x" * 101},
     {"expires_at": "soon"}],
)  # fmt: skip
def test_a_form_that_is_not_right_makes_no_key(desk: Client, change: dict[str, Any]) -> None:
    response = desk.post(NEW, FORM | change)

    assert response.status_code == 200
    assert b"shown-once" not in response.content
    assert BeautifulSoup(response.content, "html.parser").select(".error-message")
    assert ApiKey.objects.count() == 0


def test_the_list_says_what_each_key_is(desk: Client, ada: User) -> None:
    keys.issue("Website", ["content:read"], owner=ada)
    keys.issue("Stranger", ["content:read"], owner=make_user("stranger"))
    old, _text = keys.issue("Old", ["content:read"], expires_at=timezone.now())
    ended, _text = keys.issue("Ended", ["content:history"])
    keys.revoke(ended)

    page = desk.get(LIST)

    rows = [row.get_text(" ") for row in BeautifulSoup(page.content, "html.parser").select("tbody tr")]
    found = {name: next(row for row in rows if name in row) for name in ("Website", "Stranger", "Old", "Ended")}
    states = {name: row.split()[-1] for name, row in found.items()}
    assert states == {"Website": "active", "Stranger": "suspended", "Old": "expired", "Ended": "revoked"}
    assert f"attest_{old.prefix}_…" in found["Old"]
    assert "never used" in found["Website"]
    assert "does not expire" in found["Website"]
    assert "by the command line" in found["Ended"]
    assert f"/admin/api_keys/revoke/{old.pk}/" in page.content.decode()
    assert f"/admin/api_keys/revoke/{ended.pk}/" not in page.content.decode()
    assert old.secret_digest not in page.content.decode()


def test_revoking_asks_first_and_works_at_once(desk: Client, clinic: Any) -> None:
    key, text = keys.issue("Website", ["content:read"])
    address = f"/admin/api_keys/revoke/{key.pk}/"

    asked = desk.get(address)
    key.refresh_from_db()
    assert (asked.status_code, key.revoked_at) == (200, None)
    assert "Yes, revoke it" in shown(asked)

    response = desk.post(address, follow=True)

    assert "is revoked" in shown(response)
    assert keys.presented(text).refusal == "revoked"
    assert ApiKey.objects.get().revoked_at is not None


def test_revoking_needs_the_form_of_the_desk(ada: User) -> None:
    key, text = keys.issue("Website", ["content:read"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    response = client.post(f"/admin/api_keys/revoke/{key.pk}/")

    assert response.status_code == 403
    assert keys.presented(text) == (key, None)


def test_keys_cannot_be_edited_or_deleted(desk: Client) -> None:
    key, _text = keys.issue("Website", ["content:read"])

    for address in (
        f"/admin/api_keys/edit/{key.pk}/",
        f"/admin/api_keys/delete/{key.pk}/",
        f"/admin/api_keys/{key.pk}/",
    ):
        assert desk.post(address, FORM).status_code == 404
    assert ApiKey.objects.filter(pk=key.pk).exists()


def test_the_pages_need_no_script_of_their_own(desk: Client) -> None:
    key, _text = keys.issue("Website", ["content:read"])
    plain = _inline_scripts(desk.get("/admin/sites/"))

    for response in (desk.get(LIST), desk.post(NEW, FORM), desk.get(f"/admin/api_keys/revoke/{key.pk}/")):
        assert _inline_scripts(response) <= plain
        assert not BeautifulSoup(response.content, "html.parser").select("main [style], main [onclick]")


def _inline_scripts(response: Any) -> int:
    scripts = BeautifulSoup(response.content, "html.parser").find_all("script", src=False)
    return len([script for script in scripts if script.get("type") in (None, "", "text/javascript", "module")])


def test_making_and_revoking_stand_in_the_sites_history(desk: Client, ada: User) -> None:
    ada.is_superuser = True
    ada.save()
    desk.post(NEW, FORM)
    desk.post(f"/admin/api_keys/revoke/{ApiKey.objects.get().pk}/")

    page = shown(desk.get("/admin/reports/site-history/"))

    assert "API key revoked" in page
    assert page.count("Website") >= 2


def test_the_role_may_be_given_the_permission(db: None) -> None:
    granted = Group.objects.get(name="Administrator").permissions.filter(content_type__app_label="api")

    assert sorted(granted.values_list("codename", flat=True)) == ["add_apikey", "delete_apikey", "view_apikey"]
