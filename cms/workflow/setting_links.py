"""Addresses in the settings of a site: menus, the booking address, profiles elsewhere. Every page of the site shows them.

Settings are read by what they are registered as and not by name, so that one that a clinic adds is read, too.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.text import capfirst
from wagtail.blocks import StreamValue
from wagtail.contrib.settings.models import BaseSiteSetting
from wagtail.contrib.settings.registry import registry
from wagtail.models import Site


class SettingPlace(NamedTuple):
    """The settings of one kind for one site; ``url`` is where the person who asked may change them, or empty."""

    label: str
    url: str


def read() -> Iterator[tuple[str, str]]:
    """Every address in any settings, as it was written, with the key of the settings that hold it."""
    for model in registry:
        if not issubclass(model, BaseSiteSetting):
            continue
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.CharField | models.TextField) or hasattr(field, "stream_block"):
                    for address in _addresses_in(getattr(row, field.attname)):
                        yield address, f"{model._meta.label_lower}:{row.site_id}"


def place_of(key: str, user: Any) -> SettingPlace | None:
    """The settings with ``key`` as ``user`` sees them; ``None`` when they, or their site, are gone."""
    label, _colon, site_id = key.partition(":")
    site = Site.objects.filter(pk=site_id).first()
    try:
        options = apps.get_model(label)._meta
    except (LookupError, ValueError):
        return None
    if site is None:
        return None
    may_change = user.has_perm(f"{options.app_label}.change_{options.model_name}")
    url = reverse("wagtailsettings:edit", args=[options.app_label, options.model_name, site.pk]) if may_change else ""
    return SettingPlace(f"{capfirst(str(options.verbose_name))} of {site.site_name or site.hostname}", url)


def _addresses_in(value: Any) -> Iterator[str]:
    """Texts in a field, or in the raw value of a block, that are an address as a whole."""
    if isinstance(value, StreamValue):
        value = list(value.raw_data)
    if isinstance(value, str):
        if value.lower().startswith(("https://", "http://")) and not any(sign.isspace() for sign in value):
            yield value
    elif isinstance(value, dict):
        # An entry leads to the page when one is chosen, whatever its address says.
        is_to_page = bool(value.get("page"))
        for name, part in value.items():
            if not (is_to_page and name == "url"):
                yield from _addresses_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _addresses_in(part)
