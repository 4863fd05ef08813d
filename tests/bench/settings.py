"""Settings of the benchmark: Attest as it serves, with the stock Wagtail API beside it on the same content."""

import os
import tempfile

os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="attest-bench-"))

from cms.settings.dev import *  # noqa: E402 - the folder above has to be named first

DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [*INSTALLED_APPS, "wagtail.api.v2", "rest_framework"]
ROOT_URLCONF = "tests.bench.urls"
# One address asks as fast as it can: that is what is measured.
RATE_LIMITS = {}
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}}
