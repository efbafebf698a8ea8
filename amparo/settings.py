"""Settings of one Amparo installation: one institution, one currency, one legal time zone.

Every setting that an operator may change is an environment variable named AMPARO_*;
`docs/reference/settings.md` documents each.
"""

import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
AMPARO_HOME = Path(os.environ.get("AMPARO_HOME", BASE_DIR / "var"))


def _database(url: str, *, pooled: bool) -> dict[str, Any]:
    """Turn a postgresql:// address into Django's settings; ?host= may name a socket's folder."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        message = "DATABASE_URL must start with postgresql://; Amparo runs on PostgreSQL only."
        raise ImproperlyConfigured(message)
    query = dict(parse_qsl(parts.query))
    host, port = query.pop("host", parts.hostname or ""), query.pop("port", parts.port or "")
    pool = {"pool": {"min_size": 1, "max_size": 8, "timeout": 30}} if pooled else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**pool, **query},
    }


# The application works as a role that owns no table; migrations use the owner's role. Without an
# address the command line starts the embedded server and sets both before Django is imported.
_app_url = os.environ.get("DATABASE_URL", "postgresql://amparo_app@127.0.0.1/amparo")
DATABASES = {
    "default": _database(_app_url, pooled=True),
    "owner": _database(os.environ.get("AMPARO_OWNER_DATABASE_URL", _app_url), pooled=False),
}

DEBUG = False
ALLOWED_HOSTS = os.environ.get("AMPARO_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("AMPARO_ORIGINS", "").split(",") if o]


def _secret_key() -> str:
    """Read the installation's secret, or make one that only this account can read.

    The file gets its name when it is complete, and only once: of two processes that start
    together, the later one reads what the earlier one made.
    """
    if key := os.environ.get("AMPARO_SECRET_KEY"):
        return key
    path = AMPARO_HOME / "secret-key"
    if not path.exists():
        AMPARO_HOME.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".secret-key-{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token_urlsafe(64))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text()


SECRET_KEY = _secret_key()

# The institution.
INSTITUTION_NAME = os.environ.get("AMPARO_INSTITUTION", "Amparia Social Security Institution")
COUNTRY = os.environ.get("AMPARO_COUNTRY", "XA")
CURRENCY = os.environ.get("AMPARO_CURRENCY", "XTS")
# The national identifier: its form without blanks and dashes; its check digit (none, luhn, mod97).
NATIONAL_ID_PATTERN = os.environ.get("AMPARO_NATIONAL_ID_PATTERN", "[0-9]{10}")
NATIONAL_ID_CHECK_DIGIT = os.environ.get("AMPARO_NATIONAL_ID_CHECK_DIGIT", "luhn")
# The rule pack that is asked about each new record; empty: none is. With one named and none in
# force, nobody is registered.
ENTRY_FILTERS = os.environ.get("AMPARO_ENTRY_FILTERS", f"{COUNTRY.lower()}/entry-filters")
# The rule pack by which people are compared; empty: the model of the release. With one named and
# none in force, nobody is registered.
MATCH_MODEL = os.environ.get("AMPARO_MATCH_MODEL", f"{COUNTRY.lower()}/matching")
TIME_ZONE = os.environ.get("AMPARO_TIME_ZONE", "Africa/Nairobi")
USE_TZ = True
SCHEMES_DIR = BASE_DIR / "schemes"
ORIGINALS_DIR = AMPARO_HOME / "originals"

# Payments. The driver turns a run into files; benefits are paid from the debtor's account. The
# purpose is a code of ISO 20022's external list: SSBE, social security benefit.
PAYMENT_DRIVER = os.environ.get("AMPARO_PAYMENT_DRIVER", "amparo.interfaces.files.pain001.Pain001")
PAYMENT_PURPOSE = os.environ.get("AMPARO_PAYMENT_PURPOSE", "SSBE")
PAYMENT_FILES_DIR = AMPARO_HOME / "payment-files"
DEBTOR = {
    "name": os.environ.get("AMPARO_DEBTOR_NAME", INSTITUTION_NAME),
    "account": os.environ.get("AMPARO_DEBTOR_ACCOUNT", "1000000001"),
    "bank": os.environ.get("AMPARO_DEBTOR_BANK", "CBXAXAXA"),
}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "amparo.interfaces.web",  # before allauth: its templates stand in our layout
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "amparo.journal",
    "amparo.accounts",
    "amparo.office",
    "amparo.rules.book",
    "amparo.register",
    "amparo.delivery.ledger",
    "amparo.delivery.decisions",
    "amparo.delivery.contributions",
    "amparo.delivery.claims",
    "amparo.delivery.payments",
    "amparo.governance.kernel",
    "amparo.interfaces.worker",
]
# A developer's tool: it keeps each room's migrations in one line, and is not installed elsewhere.
if find_spec("django_linear_migrations"):
    INSTALLED_APPS.append("django_linear_migrations")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "amparo.interfaces.web.first_password.OwnPasswordFirst",
    "amparo.interfaces.web.refusals.Refusals",
]

ROOT_URLCONF = "amparo.urls"
WSGI_APPLICATION = "amparo.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amparo.interfaces.web.navigation.frame",
            ],
        },
    },
]

# People sign in with a password and a second factor; repeated failures lock account and address.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "amparo.interfaces.web.accounts_adapter.ClosedSignup"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False  # counters are shared: closing the browser signs out
MFA_FORMS = {"authenticate": "amparo.interfaces.web.second_factor.SecondFactor"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Without TLS only loopback is served, which browsers trust with security keys.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = os.environ.get("AMPARO_TLS", "0") != "1"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 1  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "web/locked_out.html"
# django-axes counts wrong passwords and `second_factor` wrong codes, in the database, for all
# processes; allauth's own limit counts in one process's memory and stays above both.
ACCOUNT_RATE_LIMITS = {"login_failed": "60/m/ip,10/300s/key"}
CSRF_FAILURE_VIEW = "amparo.interfaces.web.refusals.csrf_failure"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = AMPARO_HOME / "mail"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_HTTPONLY = True
# A demo on localhost has no TLS; any address other than loopback must be served over TLS.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("AMPARO_TLS", "0") == "1"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SESSION_COOKIE_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("pt", _("Portuguese")),
    ("ar", _("Arabic")),
]
LOCALE_PATHS = [BASE_DIR / "amparo" / "locale"]
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = AMPARO_HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = os.environ.get("AMPARO_STATIC_FROM_SOURCE") == "1"

# Background jobs are defined in `interfaces/worker/jobs.py`; a finished one leaves no row.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

# A file larger than this is refused before it is read (bytes).
UPLOAD_LIMIT = int(os.environ.get("AMPARO_UPLOAD_LIMIT", str(200 * 1024 * 1024)))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("AMPARO_LOG_LEVEL", "WARNING")},
}
