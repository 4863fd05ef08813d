"""Which signals touch which pages. Receivers note primary keys and nothing more: autosave writes often."""

from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save
from wagtail import hooks
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import post_page_move

from cms.pages import relations
from cms.publishing.capture import DRAFT_FIELDS, touch
from cms.publishing.models import Head
from cms.workflow.models import OverrideConfirmation

_LINKS = (
    relations.AuthorLink,
    relations.ConditionLink,
    relations.FeaturedLink,
    relations.ProviderLink,
    relations.RelatedLink,
    relations.ServiceLink,
    relations.TopicLink,
    relations.TreatmentLink,
)
_SHOWN_OBJECTS = {"media.ClinicImage": "image", "media.ClinicFile": "file", "pages.Reference": "reference"}


def page_saved(sender: Any, instance: Any, update_fields: Any = None, **options: Any) -> None:
    """A page was saved, by its own class or as a plain page; drafting alone touches nothing."""
    if not issubclass(sender, Page) or (update_fields is not None and DRAFT_FIELDS.issuperset(update_fields)):
        return
    touch(pages=[instance.pk], subtrees=[instance.pk] if instance.numchild else [])


def page_deleted(sender: Any, instance: Any, **options: Any) -> None:
    """A page is going; its row may already be gone when the transaction ends."""
    if issubclass(sender, Page):
        touch(pages=[instance.pk])


def page_moved(sender: Any, instance: Any, **options: Any) -> None:
    """A page has other ancestors: its address and restrictions, and those of everything below it, may be others."""
    touch(subtrees=[instance.pk])


def link_changed(sender: Any, instance: Any, **options: Any) -> None:
    """A relation of a page was written, usually together with the page, sometimes by itself."""
    touch(pages=[instance.page_id])


def restriction_changed(sender: Any, instance: Any, **options: Any) -> None:
    """A page and all below it became private, or public again."""
    if isinstance(instance, PageViewRestriction):
        touch(subtrees=[instance.page_id])


def restriction_moving(sender: Any, instance: Any, **options: Any) -> None:
    """A restriction is about to be saved: the page that it covered until now may become public again."""
    before = PageViewRestriction.objects.filter(pk=instance.pk).values_list("page_id", flat=True)
    touch(subtrees=[key for key in before if key != instance.page_id])


def site_changed(sender: Any, instance: Any, **options: Any) -> None:
    """A site has another root or host: every address may be another."""
    touch(everything=True)


def shown_object_changed(sender: Any, instance: Any, **options: Any) -> None:
    """An image, a file or a reference changed: every document that shows it is rendered again."""
    touch(objects=[(_SHOWN_OBJECTS[sender._meta.label], instance.pk)])


def override_confirmed(sender: Any, instance: OverrideConfirmation, created: bool, **options: Any) -> None:
    """A second person stands by an emergency publication: the ledger says so, while its words are what the public sees."""
    override = instance.override
    if Head.objects.filter(page_id=override.page_id, content_digest=override.content_digest).exists():
        touch(pages=[override.page_id])


def renditions_prepared(image: Any) -> None:
    """The sizes of an image exist now; its documents may have been published with the original alone."""
    touch(objects=[("image", image.pk)])


def connect() -> None:
    """Connect every receiver, once."""
    hooks.register("renditions_prepared", renditions_prepared)
    post_save.connect(page_saved, dispatch_uid="ledger_page_saved")
    pre_delete.connect(page_deleted, dispatch_uid="ledger_page_deleted")
    post_page_move.connect(page_moved, dispatch_uid="ledger_page_moved")
    post_save.connect(override_confirmed, sender=OverrideConfirmation, dispatch_uid="ledger_override_confirmed")
    for link in _LINKS:
        post_save.connect(link_changed, sender=link, dispatch_uid=f"ledger_link_saved_{link.__name__}")
        post_delete.connect(link_changed, sender=link, dispatch_uid=f"ledger_link_deleted_{link.__name__}")
    pre_save.connect(restriction_moving, sender=PageViewRestriction, dispatch_uid="ledger_restriction_moving")
    post_save.connect(restriction_changed, sender=PageViewRestriction, dispatch_uid="ledger_restriction_saved")
    post_delete.connect(restriction_changed, sender=PageViewRestriction, dispatch_uid="ledger_restriction_deleted")
    m2m_changed.connect(
        restriction_changed, sender=PageViewRestriction.groups.through, dispatch_uid="ledger_restriction_groups"
    )
    post_save.connect(site_changed, sender=Site, dispatch_uid="ledger_site_saved")
    post_delete.connect(site_changed, sender=Site, dispatch_uid="ledger_site_deleted")
    for model in _SHOWN_OBJECTS:
        post_save.connect(shown_object_changed, sender=model, dispatch_uid=f"ledger_shown_saved_{model}")
        post_delete.connect(shown_object_changed, sender=model, dispatch_uid=f"ledger_shown_deleted_{model}")
