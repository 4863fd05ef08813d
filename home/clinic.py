"""The clinic's own facts and menus, kept once and shown everywhere."""

from typing import Any

from django.db import models
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from cms.pages.fields import BlocksField


class HoursBlock(blocks.StructBlock):
    """Opening hours of one or more days."""

    days = blocks.CharBlock(max_length=60, help_text="For example “Monday to Friday”.")
    opens = blocks.TimeBlock(required=False)
    closes = blocks.TimeBlock(
        required=False, help_text="Leave both times empty for a day on which the clinic is closed."
    )


class SocialProfileBlock(blocks.StructBlock):
    """A profile on another site."""

    name = blocks.CharBlock(max_length=40)
    url = blocks.URLBlock()


class MenuItemBlock(blocks.StructBlock):
    """One entry of a menu: a page of ours or an address; a page that is not public does not show."""

    title = blocks.CharBlock(required=False, max_length=60, help_text="Leave empty to use the page’s title.")
    page = blocks.PageChooserBlock(required=False)
    url = blocks.CharBlock(required=False, max_length=300)


class MenuBlock(MenuItemBlock):
    """An entry that may hold entries of its own."""

    children = blocks.ListBlock(MenuItemBlock(), default=[])


class MenuBlocks(blocks.StreamBlock):
    """A menu."""

    item = MenuBlock()

    class Meta:
        required = False


@register_setting(icon="home", order=100)
class ClinicSettings(BaseSiteSetting):
    """What visitors need to reach the clinic, and the disclaimer under every health page."""

    name = models.CharField(max_length=120, blank=True)
    telephone = models.CharField(max_length=40, blank=True, help_text="As it should read, for example 417-887-8075.")
    country_calling_code = models.CharField(max_length=5, default="+1", help_text="Put before the number in links.")
    street = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField("state or region", max_length=80, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, default="US", help_text="Two letters (ISO 3166).")
    hours = BlocksField([("hours", HoursBlock())])
    time_zone = models.CharField(max_length=40, default="America/Chicago")
    booking_url = models.CharField("booking address", max_length=300, blank=True)
    social_profiles = BlocksField([("profile", SocialProfileBlock())])
    disclaimer = models.TextField(blank=True, max_length=1000)

    panels = [
        FieldPanel("name"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("country_calling_code"), FieldPanel("telephone")]),
                FieldPanel("booking_url"),
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("postal_code"), FieldPanel("city")]),
                FieldRowPanel([FieldPanel("region"), FieldPanel("country")]),
            ],
            "Contact",
        ),
        MultiFieldPanel([FieldPanel("hours"), FieldPanel("time_zone")], "Hours"),
        FieldPanel("social_profiles"),
        FieldPanel("disclaimer"),
    ]

    class Meta:
        verbose_name = "clinic"

    def telephone_href(self) -> str:
        """The ``tel:`` address of the telephone number; empty when there is none."""
        digits = "".join(character for character in self.telephone if character.isdigit())
        return f"tel:{self.country_calling_code}{digits}" if digits else ""

    def to_public(self, base_url: str) -> dict[str, Any]:
        """The clinic as the content API's ``/site`` gives it."""
        hours = [
            {
                "days": entry.value["days"],
                "opens": entry.value["opens"].strftime("%H:%M") if entry.value["opens"] else None,
                "closes": entry.value["closes"].strftime("%H:%M") if entry.value["closes"] else None,
            }
            for entry in self.hours
        ]
        profiles = [{"name": entry.value["name"], "url": entry.value["url"]} for entry in self.social_profiles]
        address = {
            "street": self.street,
            "city": self.city,
            "region": self.region,
            "postal_code": self.postal_code,
            "country": self.country,
        }
        return {
            "name": self.name,
            "telephone": self.telephone,
            "telephone_href": self.telephone_href(),
            "address": address,
            "hours": hours,
            "time_zone": self.time_zone,
            "booking_url": self.booking_url,
            "social_profiles": profiles,
            "disclaimer": self.disclaimer,
            "url": f"{base_url}/",
            "json_ld": {
                "@context": "https://schema.org",
                "@type": "MedicalClinic",
                "@id": f"{base_url}/#clinic",
                "name": self.name,
                "url": f"{base_url}/",
                "telephone": self.telephone,
                "address": {
                    "@type": "PostalAddress",
                    "streetAddress": self.street,
                    "addressLocality": self.city,
                    "addressRegion": self.region,
                    "postalCode": self.postal_code,
                    "addressCountry": self.country,
                },
                "sameAs": [profile["url"] for profile in profiles],
            },
        }


@register_setting(icon="list-ul", order=110)
class Navigation(BaseSiteSetting):
    """The menus of the site, as trees."""

    main = BlocksField(MenuBlocks())
    footer = BlocksField(MenuBlocks())

    panels = [FieldPanel("main"), FieldPanel("footer")]

    class Meta:
        verbose_name = "navigation"
