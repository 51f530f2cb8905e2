"""Settings of Dianke. Everything a machine may differ in comes from the environment or the data directory;
secrets come from the key directory, outside the database. One merchant is one database.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from dianke.core.database import data_home, default_database, django_database
from dianke.core.keys import secret_key
from dianke.web.static_headers import add_headers

PACKAGE = Path(__file__).resolve().parent.parent
IS_TEST = "pytest" in sys.modules or os.environ.get("DIANKE_TEST") == "1"


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(int(default))).lower() in {"1", "true", "yes", "on"}


# --- machine ---------------------------------------------------------------------------------------------------------
DEBUG = _flag("DIANKE_DEBUG")
DIANKE_DATA = data_home()
DIANKE_KEYS_DIR = Path(os.environ.get("DIANKE_KEYS") or DIANKE_DATA / "keys")
SECRET_KEY = os.environ.get("DIANKE_SECRET_KEY") or secret_key(DIANKE_KEYS_DIR)
ALLOWED_HOSTS = os.environ.get("DIANKE_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("DIANKE_ORIGINS", "").split(",") if origin]
DIANKE_TLS = _flag("DIANKE_TLS")  # served behind TLS: secure cookies and HSTS
DATABASES: dict[str, Any] = {
    "default": django_database(os.environ["DATABASE_URL"])
    if os.environ.get("DATABASE_URL")
    else default_database()
}
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
# For dianke.core.prepared; Django's own cursors never prepare.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("prepare_threshold", 3)

# --- applications ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "dianke.core.apps.CoreConfig",
    "dianke.matching.apps.MatchingConfig",
    "dianke.events.apps.EventsConfig",
    "dianke.ledger.apps.LedgerConfig",
    "dianke.access.apps.AccessConfig",
    "dianke.web.apps.WebConfig",
    "dianke.api.apps.ApiConfig",
    "dianke.stores.apps.StoresConfig",
    "dianke.work.apps.WorkConfig",
    "dianke.imports.apps.ImportsConfig",
    "dianke.customers.apps.CustomersConfig",
    "dianke.catalog.apps.CatalogConfig",
    "dianke.inventory.apps.InventoryConfig",
    "dianke.promotions.apps.PromotionsConfig",
    "dianke.loyalty.apps.LoyaltyConfig",
    "dianke.wallets.apps.WalletsConfig",
    "dianke.purchasing.apps.PurchasingConfig",
    "dianke.sales.apps.SalesConfig",
    "dianke.insight.apps.InsightConfig",
    "dianke.segments.apps.SegmentsConfig",
    "dianke.clienteling.apps.ClientelingConfig",
    "dianke.messaging.apps.MessagingConfig",
    "dianke.marketing.apps.MarketingConfig",
    "dianke.journeys.apps.JourneysConfig",
    "dianke.integrations.apps.IntegrationsConfig",
    "dianke.config.apps.ConfigConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",  # its widget templates, for the renderers of the form kits
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",  # pads at random, so that lengths tell nothing (BREACH)
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dianke.access.middleware.ActorMiddleware",
    "dianke.web.middleware.PersonalMiddleware",
    "dianke.config.setup_middleware.DemoStaysHomeMiddleware",
    "dianke.config.setup_middleware.FirstStartMiddleware",
    "dianke.config.setup_middleware.ModuleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "dianke.api.middleware.ApiMiddleware",
    "dianke.web.middleware.ErrorMiddleware",
    "dianke.work.middleware.ApprovalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "dianke.config.urls"
WSGI_APPLICATION = "dianke.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_LOADERS = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "dianke.web.context.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "dianke.web.templatetags.ui",
            ],
        },
    }
]

# --- people ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Ports of `access` into rooms above it; empty where nobody answers.
DIANKE_GRANTS = "dianke.stores.queries.grants_of"
# (users, now=) -> {user id: grants}; without it grants_of is asked one by one
DIANKE_GRANTS_OF_MANY = "dianke.stores.queries.grants_of_many"
DIANKE_USERS_AT = "dianke.stores.queries.users_at"  # (store ids) -> ids of users posted there
DIANKE_STORE_NAMES = (
    "dianke.stores.queries.store_names"  # (store ids or None for all) -> {id: name} in the order to show
)
# () -> words that must not make up a password: names of merchant and stores
DIANKE_CONTEXT_WORDS = "dianke.stores.queries.context_words"
DIANKE_MODULES = (
    "dianke.config.modules.modules_on"  # (store id or None) -> the codes of the modules that are on
)
DIANKE_FIRST_START = not IS_TEST  # no merchant: everything leads to /setup/; rooms are tested without one
DIANKE_PROXY_COUNT = int(os.environ.get("DIANKE_PROXY_COUNT", "1" if _flag("DIANKE_BEHIND_PROXY") else "0"))
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "dianke.access.passwords.HouseRules"}]
# Five wrong tries from one address for one name lock that pair for fifteen minutes.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "dianke.access.lockout.tried_name"
AXES_CLIENT_IP_CALLABLE = "dianke.access.clients.client_ip"
AXES_LOCKOUT_CALLABLE = "dianke.access.lockout.keep_answer"
AXES_DISABLE_ACCESS_LOG = True  # access.SignIn is the record
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
MFA_ADAPTER = "dianke.access.passkeys.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # nobody signs up; keeps allauth's own checks quiet
ACCOUNT_EMAIL_VERIFICATION = "none"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 90 * 24 * 3600  # the longest a policy can allow; access.middleware ends sessions earlier
SESSION_COOKIE_NAME = "__Host-session" if DIANKE_TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if DIANKE_TLS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = DIANKE_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# --- language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = False
TIME_ZONE = "Asia/Shanghai"

# --- files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("DIANKE_STATIC") or DIANKE_DATA / "static")
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG or IS_TEST  # every client of a test would look through all files first
WHITENOISE_ADD_HEADERS_FUNCTION = add_headers
MEDIA_ROOT = DIANKE_DATA / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# --- headers ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "dianke.web.views.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if DIANKE_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = DIANKE_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _flag("DIANKE_BEHIND_PROXY") else None

# --- email -----------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("DIANKE_SMTP_HOST")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = os.environ.get("DIANKE_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("DIANKE_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("DIANKE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("DIANKE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("DIANKE_SMTP_STARTTLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DIANKE_MAIL_FROM", "dianke@localhost")
# Names of the adapters that carry messages to customers (core.messages); empty: none, in a demo its outbox.
DIANKE_MESSENGERS = {
    "SMS": os.environ.get("DIANKE_SMS", ""),
    "EMAIL": os.environ.get("DIANKE_EMAIL") or ("smtp" if EMAIL_HOST else ""),
}
DIANKE_DEMO = (
    "dianke.config.demo.demo_people_exist"  # port of core.messages: () -> whether this is the demo merchant
)
# How much of its eighteen months of sales a demo gets; tests load many and need few.
DIANKE_DEMO_PAST = 0.1 if IS_TEST else 1.0
# Sites that may show the plain registration form in a frame of theirs: https://shop.example,https://…
DIANKE_FORM_SITES = [site for site in os.environ.get("DIANKE_FORM_SITES", "").split(",") if site]

# --- small print -----------------------------------------------------------------------------------------------------
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "dianke.core.logs.UtcFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("DIANKE_LOG_LEVEL", "WARNING")},
}
DIANKE_NAME = _("Dianke")
# Signed checkpoints of the log: best on another disk or machine than the database.
DIANKE_AUDIT_DIR = Path(os.environ.get("DIANKE_AUDIT_DIR") or DIANKE_DATA / "audit")
# Months of the log older than this are dropped once they are sealed; empty keeps them for ever, 180 is the least.
DIANKE_LOG_RETENTION_DAYS = int(os.environ.get("DIANKE_LOG_RETENTION_DAYS") or 0) or None
if IS_TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
