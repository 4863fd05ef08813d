"""Settings of a developer's machine and of ``make demo``: a fixed key, loopback hosts, mail printed to the console."""

from cms.settings import env
from cms.settings.base import *

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = "development-only-key-development-only-key-development-only-key"  # noqa: S105 - guards a demo on loopback only
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.words("ALLOWED_HOSTS")]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
WHITENOISE_USE_FINDERS = True
