"""The demo's logins: plainly made-up people, one or more for each role."""

import os
from dataclasses import dataclass

from django.contrib.auth.models import Group

from cms.accounts.models import User

DEFAULT_PASSWORD = "attest-demo"  # noqa: S105 - printed by the demo itself


@dataclass(frozen=True)
class Login:
    """A made-up person who can log in; ``person`` is the slug of their public page, when they have one."""

    username: str
    first_name: str
    last_name: str
    role: str
    credentials: str = ""
    licence_number: str = ""
    person: str = ""


LOGINS = (
    Login("admin", "Ada", "Fictional", "Administrator"),
    Login("edith", "Edith", "Testwell", "Author", person="edith-testwell"),
    Login("wanda", "Wanda", "Draftly", "Author", person="wanda-draftly"),
    Login("nora", "Nora", "Sampleton", "Editor"),
    Login("ravi", "Ravi", "Mockridge", "Clinician", "M.D.", "DEMO-MD-0001", "ravi-mockridge"),
    Login("anna", "Anna", "Exampleton", "Clinician", "L.Ac.", "DEMO-LAC-0002", "anna-exampleton"),
    Login("samuel", "Samuel", "Placeholder", "Clinician", "D.C.", "DEMO-DC-0003", "samuel-placeholder"),
    Login("maria", "Maria", "Sampleworth", "Clinician", "LMT", "DEMO-LMT-0004", "maria-sampleworth"),
    Login("paul", "Paul", "Imaginary", "Publisher"),
)


def password() -> str:
    """The password of every demo login: ``DEMO_PASSWORD``, or the default."""
    return os.environ.get("DEMO_PASSWORD") or DEFAULT_PASSWORD


def make_users() -> dict[str, User]:
    """Every login by name, made or brought up to date; the password is set each time, so that it can be changed."""
    users = {}
    for login in LOGINS:
        user, _created = User.objects.get_or_create(username=login.username)
        user.first_name, user.last_name = login.first_name, login.last_name
        user.email = f"{login.username}@example.org"
        user.credentials, user.licence_number = login.credentials, login.licence_number
        user.is_superuser = user.is_staff = login.role == "Administrator"
        user.set_password(password())
        user.save()
        user.groups.set(Group.objects.filter(name=login.role))
        users[login.username] = user
    return users
