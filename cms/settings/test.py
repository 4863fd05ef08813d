"""Settings of the test suite: fast password hashes, mail and media kept away from the developer's own."""

import tempfile
from pathlib import Path

from cms.settings.dev import *

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="attest-media-"))
PUBLIC_BASE_URL = WAGTAILADMIN_BASE_URL = "http://localhost"
WAGTAIL_AUTOSAVE_INTERVAL = 0
# Look for a static file when it is asked for: each test client would list all of them first.
WHITENOISE_AUTOREFRESH = True
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "CRITICAL"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # In memory, by name: pytest-django knows only Django's own engine, and would give each process a file.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}
# Tests ask faster than anybody; those of the limits set limits of their own.
RATE_LIMITS = {}
# A thread that writes counts would meet the tests' own transactions; the tests of counting turn it on.
COUNT_SEARCHES = False
