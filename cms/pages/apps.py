"""What every page of Attest has in common."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The base of all page types, their blocks, references and public documents."""

    name = "cms.pages"
    label = "pages"
    verbose_name = "Pages"
