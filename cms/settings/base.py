"""Settings that every environment shares. What differs by machine is read through ``env``; see ``docs/operating.md``."""

from datetime import timedelta
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from cms.settings import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = env.folder("VAR_DIR", default=BASE_DIR / "var")

INSTALLED_APPS = [
    # Ours come first: templates and the `publish_scheduled` command of ours replace Wagtail's.
    "cms.accounts",
    "cms.media",
    "cms.pages",
    "cms.workflow",
    "cms.publishing",
    "cms.api",
    "cms.reader",
    "cms.demo",
    "home",
    "articles",
    "services",
    "search",
    "wagtailseo",
    "ninja",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cms.api.problems.ProblemMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last, so that it wraps the view itself: writing requests are one transaction, and the gate's refusal is an answer.
    "cms.publishing.requests.AtomicWritesMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"
# The API's paths work with and without a trailing slash; a redirect would lose the body of a write.
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database: SQLite unless DATABASE_URL names PostgreSQL. Both engines are ours: thin subclasses of Django's which let the
# ledger record what a transaction changed before it commits (decision 0002).
_database = dj_database_url.parse(
    env.text("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'attest.sqlite3'}"), conn_max_age=60
)
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["ENGINE"] = "cms.publishing.backends.sqlite3"
    _database["OPTIONS"] = {
        # Immediate: a transaction that reads first and writes later cannot wait for the lock, it fails. Full: an
        # acknowledged publication survives a power cut. Each thread has a connection with pages of its own, in KiB: enough for
        # what one read looks at again and again; the system keeps the file in memory once for all of them.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA cache_size=-768;",
    }
elif _database["ENGINE"] == "django.db.backends.postgresql":
    _database["ENGINE"] = "cms.publishing.backends.postgresql"
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
LOGIN_URL = "wagtailadmin_login"

LANGUAGE_CODE = "en"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("en", "English")]
TIME_ZONE = env.text("TIME_ZONE", default="America/Chicago")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", default=VAR_DIR / "static")
MEDIA_URL = "/media/"
# Whether this process answers for pictures; a web server or an object store in front does it better.
SERVE_IMAGES = env.flag("SERVE_IMAGES", default=True)
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# An editor with many blocks sends many fields; Django's default of 1,000 would refuse a long page.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

PORT = env.integer("PORT", default=8000, minimum=1, maximum=65535)
# The address that readers and consumers see: scheme and host without a trailing slash. All absolute addresses are built
# from it, never from the Host header of a request.
PUBLIC_BASE_URL = env.text("PUBLIC_BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")

WAGTAIL_SITE_NAME = "Attest"
WAGTAILADMIN_BASE_URL = PUBLIC_BASE_URL
WAGTAILIMAGES_IMAGE_MODEL = "media.ClinicImage"
WAGTAILDOCS_DOCUMENT_MODEL = "media.ClinicFile"
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "ods", "odt", "pdf", "pptx", "txt", "xlsx"]
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_COMMENTS_ENABLED = True
# Autosave and presence each write; on SQLite every write takes the one lock, so both are calmer than Wagtail's defaults.
WAGTAIL_AUTOSAVE_INTERVAL = 3000
WAGTAIL_EDITING_SESSION_PING_INTERVAL = 30_000
# An approval counts for the words that were approved. Wagtail compares revision ids; the gate compares content.
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "cms.workflow.finish.publish_when_admitted"
WAGTAILIMAGES_FEATURE_DETECTION_ENABLED = False
# How long an emergency publication opens the gate and waits for a second person's confirmation. Unit: hours.
OVERRIDE_CONFIRMATION_HOURS = env.integer("OVERRIDE_CONFIRMATION_HOURS", default=24, minimum=1, maximum=168)

# What each check does (blocking, advice, off) and where its limits lie, where that differs from its default; the names stand in
# docs/editing.md and docs/operating.md. A name that there is not stops the start.
CONTENT_CHECKS = {"levels": env.pairs("CONTENT_CHECK_LEVELS"), "limits": env.pairs("CONTENT_CHECK_LIMITS")}

# Whether the worker asks the external addresses that pages link to; it needs the internet. Production turns it on.
LINK_CHECKER = env.flag("LINK_CHECKER", default=False)
# The least time between two requests to one host. Unit: seconds.
LINK_CHECKER_PAUSE_SECONDS = env.integer("LINK_CHECKER_PAUSE_SECONDS", default=10, minimum=1, maximum=3600)
# Hosts (host:port) that outgoing requests may reach although they are not on the public internet, or listen elsewhere than at
# 80 and 443: a receiver inside the clinic, or on a staging server. None by default; never a pattern.
OUTGOING_ALLOWED_HOSTS = env.words("OUTGOING_ALLOWED_HOSTS")
# What outgoing requests say they are, so that the owner of a server can ask whom to call.
OUTGOING_USER_AGENT = env.text("OUTGOING_USER_AGENT", default=f"Attest (+{PUBLIC_BASE_URL}/)")

# How long the worker sleeps between two looks at the schedule. Unit: seconds. A page is at most this late, plus its work.
WORKER_INTERVAL_SECONDS = env.integer("WORKER_INTERVAL_SECONDS", default=2, minimum=1, maximum=5)
# Mail goes out from the worker. The time-out is for one connection or answer; unit: seconds.
EMAIL_HOST = env.text("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", default=25, minimum=1, maximum=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False)
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise ImproperlyConfigured(
        "EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other: STARTTLS, or TLS from the first byte."
    )
EMAIL_TIMEOUT = env.integer("EMAIL_TIMEOUT", default=10, minimum=1, maximum=60)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default="Attest <attest@localhost>")
# When the daily e-mail of notifications goes out: an hour of TIME_ZONE.
NOTIFICATION_DIGEST_HOUR = env.integer("NOTIFICATION_DIGEST_HOUR", default=7, minimum=0, maximum=23)
CONTENT_API_PUBLIC = env.flag("CONTENT_API_PUBLIC", default=True)
# How much of what it answered a web process keeps while nothing public changes; 0 keeps nothing. Unit: bytes.
RESPONSE_CACHE_BYTES = env.integer("RESPONSE_CACHE_BYTES", default=8_000_000, minimum=0, maximum=1_000_000_000)
# How many requests of one web process may wait for a change at once (`/changes?wait=…`); each holds one of its threads.
CHANGES_WAITERS = env.integer("CHANGES_WAITERS", default=4, minimum=0, maximum=200)
# Origins (scheme, host, port) whose scripts may read the API in a browser. None by default; never a wildcard.
CONTENT_API_CORS_ORIGINS = env.words("CONTENT_API_CORS_ORIGINS")
# Whether crawlers may read the site. A staging server says no, so that nobody finds its pages by searching.
SITE_OPEN_TO_ROBOTS = env.flag("SITE_OPEN_TO_ROBOTS", default=True)
NINJA_MAX_PER_PAGE_SIZE = 100
# How often one client may ask the API: (requests, in so many seconds). A key may burst to twice its rate. 0: no limit.
RATE_LIMITS = {
    "key": (2 * env.integer("RATE_LIMIT_KEY", default=50, minimum=0, maximum=100_000), 2),
    "search": (env.integer("RATE_LIMIT_SEARCH", default=10, minimum=0, maximum=100_000), 1),
    "read": (10 * env.integer("RATE_LIMIT_READ", default=5000, minimum=0, maximum=100_000), 10),
}
# Where requests are counted: in each web process by itself, or together on a server such as redis://host:6379/0.
RATE_LIMIT_STORAGE = env.text("RATE_LIMIT_STORAGE", default="memory://")
# How many proxies of ours stand in front, each adding an address to X-Forwarded-For. 0: the header is not believed.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", default=0, minimum=0, maximum=10)
# Where a front end shows a draft, with {token} in it; without one, shared previews are addresses of the API itself.
PREVIEW_URL_TEMPLATE = env.text("PREVIEW_URL_TEMPLATE", default="")
# Whether searches are counted, without personal data, and from how many searches on the desk shows a phrase.
COUNT_SEARCHES = env.flag("COUNT_SEARCHES", default=True)
SEARCHES_SHOWN_FROM = env.integer("SEARCHES_SHOWN_FROM", default=3, minimum=1, maximum=1000)
# Where the lists of words are kept in place of the database; empty for none. What it may be is said by ``search.cluster``.
SEARCH_ENGINE_URL = env.text("SEARCH_ENGINE_URL", default="")
SEARCH_ENGINE_CA_FILE = env.text("SEARCH_ENGINE_CA_FILE", default="")
SILENCED_SYSTEM_CHECKS: list[str] = []

X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", default="INFO")},
    # Both tell of every save; the ledger and the pages' history tell what matters.
    "loggers": {"django_tasks": {"level": "WARNING"}, "wagtail": {"level": "WARNING"}},
}
