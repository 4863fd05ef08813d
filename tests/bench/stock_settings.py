"""A plain Wagtail project on the same database: the page types of the clinic, and nothing of Attest around them.

No gate, no ledger, no capture: Django's own database engine, the middleware of Wagtail's project template, API v2.
"""

from cms.settings.dev import *

_ATTEST_ONLY = {"cms.workflow", "cms.publishing", "cms.api", "cms.reader", "cms.demo", "search", "ninja"}
INSTALLED_APPS = [
    *(app for app in INSTALLED_APPS if app not in _ATTEST_ONLY),
    "wagtail.api.v2",
    "rest_framework",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
DATABASES["default"]["ENGINE"] = DATABASES["default"]["ENGINE"].replace("cms.publishing", "django.db")
ROOT_URLCONF = "tests.bench.stock"
DEBUG = False
WAGTAIL_FINISH_WORKFLOW_ACTION = "wagtail.workflows.publish_workflow_state"
