"""Images and documents."""

from django.apps import AppConfig


class MediaConfig(AppConfig):
    """Own image and document models, from the first migration on."""

    name = "cms.media"
    label = "media"
    verbose_name = "Media"

    def ready(self) -> None:
        """Prepare renditions when an image is saved, so that no publication waits for an encoder."""
        from django.db.models.signals import post_save

        from cms.media import models, renditions

        post_save.connect(
            renditions.prepare_on_save, sender=models.ClinicImage, dispatch_uid="media_prepare_renditions"
        )
