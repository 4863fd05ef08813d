"""The user of Attest: somebody who writes, reviews or approves, with the credentials that a clinical approval rests on."""

import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):  # type: ignore[django-manager-missing]  # reverse sides of tagged media have no stubs
    """A person with a login. Clinical approvals need ``credentials`` and a ``licence_number`` that has not expired."""

    credentials = models.CharField(
        max_length=120,
        blank=True,
        help_text="Professional credentials as readers see them, for example “L.Ac.” or “M.D.”.",
    )
    licence_number = models.CharField(
        max_length=60, blank=True, help_text="Number of the professional licence. Never shown to the public."
    )
    credentials_expire_on = models.DateField(
        null=True, blank=True, help_text="Last day on which the licence is valid. Leave empty if it does not expire."
    )

    def has_valid_credentials(self, *, today: datetime.date) -> bool:
        """Whether credentials are on file and not expired on ``today``."""
        if not self.credentials or not self.licence_number:
            return False
        return self.credentials_expire_on is None or self.credentials_expire_on >= today

    def display_name(self) -> str:
        """The name that colleagues see: the full name, or the login name when none is set."""
        return self.get_full_name() or self.get_username()
