"""A reader of the API of the published clinic."""

from typing import Any

import pytest
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.test import Client

from cms.api import description, description_views
from tests import factories


@receiver(setting_changed)
def describe_anew(setting: str, **_signal: Any) -> None:
    """The description names languages and is made once: a test with others must not leave it to the next."""
    if setting == "WAGTAIL_CONTENT_LANGUAGES":
        description.described.cache_clear()
        description_views._description.cache_clear()


@pytest.fixture
def api(clinic: factories.Clinic, client: Client) -> "Reader":
    """A client of the published clinic's API."""
    return Reader(client)


class Reader:
    """Reads the API by the part of the address after ``/api/v1``."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, address: str, **headers: str) -> Any:
        """The answer to ``GET``; ``headers`` are named with underscores."""
        return self.client.get(
            f"/api/v1{address}", headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    def json(self, address: str) -> Any:
        """What a successful ``GET`` gives."""
        response = self.get(address)
        assert response.status_code == 200, response.content
        return response.json()

    def slugs(self, address: str) -> list[str]:
        """The slugs of a list, in its order."""
        return [item["slug"] for item in self.json(address)["items"]]

    def errors(self, address: str) -> list[list[str]]:
        """Which parameters a refused ``GET`` complains of."""
        response = self.get(address)
        assert response.status_code == 422, response.content
        return [error["loc"] for error in response.json()["errors"]]
