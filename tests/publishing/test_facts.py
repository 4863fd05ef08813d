"""Whatever the public sees beside documents advances the clock, however it is changed."""

import pytest
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

from cms.publishing.models import Clock
from home.clinic import ClinicSettings, Navigation
from tests.factories import Clinic

CHANGES = {
    "settings": lambda: ClinicSettings.objects.update(telephone="(417) 555-0100"),
    "menus": lambda: Navigation.objects.update(main="[]"),
    "a redirect": lambda: Redirect.objects.bulk_create([Redirect(old_path="/old", redirect_link="https://a.example/")]),
    "a site": lambda: Site.objects.update(site_name="Another name"),
    "no redirects": lambda: Redirect.objects.all().delete(),
}


@pytest.fixture(autouse=True)
def facts_of_each_kind(clinic: Clinic) -> None:
    site = Site.objects.get(is_default_site=True)
    ClinicSettings.for_site(site)
    Navigation.for_site(site)
    Redirect.objects.create(old_path="/first", redirect_link="https://a.example/")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_in_bulk_advances_the_facts_and_not_the_position(change):
    before = Clock.objects.get()

    change()

    after = Clock.objects.get()
    assert after.facts > before.facts
    assert after.position == before.position


def test_reading_advances_nothing():
    before = Clock.objects.values("facts", "position").get()

    list(Site.objects.all())

    assert Clock.objects.values("facts", "position").get() == before
