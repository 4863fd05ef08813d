"""Wrong settings of the API stop the start and are named."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from cms.api.settings_checks import require_usable_settings


@pytest.mark.parametrize("template", ["https://front.example/preview", "front.example/{token}", "javascript:{token}"])
def test_an_address_of_previews_without_a_place_for_the_token_is_refused(settings: Any, template: str) -> None:
    settings.PREVIEW_URL_TEMPLATE = template

    with pytest.raises(ImproperlyConfigured, match="PREVIEW_URL_TEMPLATE"):
        require_usable_settings()


@pytest.mark.parametrize("storage", ["nonsense", "elsewhere://user:pass-word@host", ""])
def test_a_storage_that_nobody_knows_is_refused_without_its_password(settings: Any, storage: str) -> None:
    settings.RATE_LIMIT_STORAGE = storage

    with pytest.raises(ImproperlyConfigured, match="RATE_LIMIT_STORAGE") as refusal:
        require_usable_settings()

    assert "pass-word" not in str(refusal.value)


@pytest.mark.parametrize("template", ["", "https://front.example/preview/{token}"])
def test_usable_settings_are_taken(settings: Any, template: str) -> None:
    settings.PREVIEW_URL_TEMPLATE = template

    require_usable_settings()
