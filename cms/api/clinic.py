"""The clinic's own facts, as the API and the files at the root of the site give them."""

from typing import Any

from django.apps import apps
from django.conf import settings
from wagtail.models import Site

from cms.api.scope import require_site, sites_named


def facts_of(hostname: str | None) -> dict[str, Any]:
    """Name, address, hours and so on of the site with this hostname, of the default site without one; in one query.

    Raises ``Problem`` for a hostname that is no site's.
    """
    # By name: the API does not import content apps. Not `for_site`, which writes a row where there is none.
    model = apps.get_model("home", "ClinicSettings")
    found = model.objects.filter(site__in=sites_named(hostname)).first()
    if found is None:
        require_site(hostname)
        found = model(site=Site())
    return found.to_public(settings.PUBLIC_BASE_URL)
