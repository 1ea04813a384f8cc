"""Everything that can be set, read from the environment; docs/operations/settings.md says what each does."""

from __future__ import annotations

import json
import os
import tomllib
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import sign_in_forms
from config.enum_names import ENUM_NAMES
from listening.networks.words import folders_of_words

BASE_DIR = Path(__file__).resolve().parent.parent
# Said by the doctor, the contract of the API and the page of one's account; it stands in one place.
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))


def flag(name: str, default: bool = False) -> bool:
    """Read a yes-or-no setting."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def listed(name: str, default: str = "") -> list[str]:
    """Read a comma-separated setting."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def database(url: str) -> dict[str, object]:
    """Read postgresql://user:password@host:port/name?option=value as Django's settings."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://; Touchline runs on PostgreSQL only.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DEBUG = flag("DEBUG")
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY and (VAR_DIR / "secret_key").exists():
    SECRET_KEY = (VAR_DIR / "secret_key").read_text().strip()
SECRET_KEY_FALLBACKS = listed("SECRET_KEY_FALLBACKS")
if not SECRET_KEY:
    # Commands that need no secret (parse_feed, check) still run; the supervisor and the compose file always set one.
    SECRET_KEY = "unset-" + os.urandom(32).hex()

HOST = os.environ.get("HOST", "127.0.0.1")
PORT = int(os.environ.get("PORT", "8000"))
SITE_URL = os.environ.get("SITE_URL", f"http://{'127.0.0.1' if HOST in {'0.0.0.0', '::'} else HOST}:{PORT}").rstrip("/")
EVENTS_PORT = int(os.environ.get("EVENTS_PORT", str(PORT + 1)))
# Where browsers find the event stream. Empty: the page's own host at EVENTS_PORT.
EVENTS_URL = os.environ.get("EVENTS_URL", "").rstrip("/")
EVENTS_INSIDE_URL = os.environ.get("EVENTS_INSIDE_URL", "").rstrip("/")
SECURE_SITE = SITE_URL.startswith("https://")

# Health checks ask by 127.0.0.1, whatever else is allowed.
ALLOWED_HOSTS = ["127.0.0.1", *(listed("ALLOWED_HOSTS") or ["localhost", "[::1]", urlsplit(SITE_URL).hostname or ""])]
if HOST in {"0.0.0.0", "::"} and not os.environ.get("ALLOWED_HOSTS"):
    ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS") or ([SITE_URL] if SECURE_SITE else [])

INSTALLED_APPS = [
    "config",
    "maturity",
    "measurement",
    "content",
    "engagement",
    "listening",
    "roles",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",  # the templates of its widgets, drawn by roles.forms.FormRenderer
    "template_partials",
    "django_htmx",
    "heroicons",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    # Where the extra “saml” is installed.
    *(["allauth.socialaccount.providers.saml"] if find_spec("onelogin") else []),
]

# Who reads /metrics; without it there is no such page, and nothing is timed.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
MIDDLEWARE = [
    *(["config.instruments.time_pages"] if METRICS_TOKEN else []),
    "config.headers.headers_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "roles.session_age.session_age_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "roles.middleware.organization_middleware",
    "maturity.middleware.time_middleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "roles.context.shell",
            ],
        },
    },
    # Draws parts that every page has, and lines that a page has many of: `{% draw %}` names them.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "config.jinja.environment"},
    },
]
FORM_RENDERER = "roles.forms.FormRenderer"

DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///touchline"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

# What may be forgotten but must hold across processes: how often somebody tried to sign in.
CACHES = {"default": {"BACKEND": "roles.cache.SteadyCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "touchline"}}

AUTH_USER_MODEL = "roles.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "roles.passwords.NotOurName"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "roles.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # People come by invitation to an address, so the address is known.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_CHANGE_EMAIL = True  # One address each; a new one counts when it is confirmed.
ACCOUNT_FORMS = sign_in_forms.ACCOUNT
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "roles.password_links.PasswordLinks"  # noqa: S105 - a class
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
SOCIALACCOUNT_ADAPTER = "config.sign_in.SocialAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = (
    True  # A form may not lead to another site; each provider leads to its own organization only.
)
SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "roles.accounts.FactorAdapter"
MFA_FORMS = sign_in_forms.FACTORS
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # Nobody can sign up with another's address: sign-up is closed.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE_SITE
MFA_TOTP_ISSUER = "Touchline"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SITE
# A cookie whose name begins so is taken from this very host over TLS only, and from no neighbour of its domain.
COOKIE_PREFIX = "__Host-" if SECURE_SITE else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_HTTPONLY = True  # Forms and htmx carry the token in the page.
MESSAGE_STORAGE = "roles.flashes.Flashes"
SESSION_HOURS = int(os.environ.get("SESSION_HOURS", "336"))
SESSION_IDLE_HOURS = int(os.environ.get("SESSION_IDLE_HOURS", "72"))
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
CSRF_FAILURE_VIEW = "roles.views.errors.csrf_failure"
SECURE_HSTS_SECONDS = int(os.environ.get("HSTS_SECONDS", "31536000" if SECURE_SITE else "0"))
SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_SUBDOMAINS")
if flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        # The event stream listens on a port of its own; roles.middleware adds its address.
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
        "object-src": [NONE],
    },
}

# Of whoever has chosen none and whose browser asks for none of these.
LANGUAGE_CODE = os.environ.get("DEFAULT_LANGUAGE", "en")
# Ours, then those that packages bring for the networks in them.
LOCALE_PATHS = [BASE_DIR / "config" / "locale", *folders_of_words()]
# Each by its own name, as far as its catalogue is there.
LANGUAGES = [
    (code, name)
    for code, name in (
        ("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"), ("pt", "Português"),
        ("ja", "日本語"), ("ar", "العربية"),
    )
    if code == "en" or (LOCALE_PATHS[0] / code).is_dir()
]  # fmt: skip
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["config.formats"]
# Folders with further fonts for paper, with colons between them: where Debian's packages of Noto put theirs.
PAPER_FONTS = os.environ.get("PAPER_FONTS", "/usr/share/fonts/opentype/noto:/usr/share/fonts/truetype/noto")

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", VAR_DIR / "static"))
# Without a folder of collected files (a fresh checkout, a test) they are served straight from the finders.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_ROOT.is_dir()
# Media: a folder, or what else Django's storage can be, such as an object store (docs/operations/media.md).
MEDIA_STORAGE = os.environ.get("MEDIA_STORAGE", "django.core.files.storage.FileSystemStorage")
MEDIA_STORAGE_OPTIONS = json.loads(os.environ.get("MEDIA_STORAGE_OPTIONS", "{}"))
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", VAR_DIR / "media"))
MEDIA_FILE_MEGABYTES = int(os.environ.get("MEDIA_FILE_MEGABYTES", "200"))
MEDIA_QUOTA_MEGABYTES = int(os.environ.get("MEDIA_QUOTA_MEGABYTES", "5000"))
FILE_UPLOAD_HANDLERS = [
    "roles.uploading.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {"BACKEND": MEDIA_STORAGE, "OPTIONS": MEDIA_STORAGE_OPTIONS},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "touchline@localhost")
# Where replies to our mails are received and handed to `manage.py receive_mail`; without it mails ask for none.
INBOUND_MAIL_ADDRESS = os.environ.get("INBOUND_MAIL_ADDRESS", "")
if not EMAIL_HOST:
    # Without a mail server nothing may fail: messages are written to files that the operator can read.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Who sends a message must not wait for a broker that is away: one more try at once, and then beat finds the row.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_TASK_ROUTES = {
    # What hears and what answers stand behind nothing else: a look that is five seconds old is dropped, so behind a
    # queue of other looks it would never be taken.
    "listening.tasks.poll_due": {"queue": "poll"},
    "listening.tasks.take_pushes": {"queue": "poll"},
    "listening.tasks.play_cast": {"queue": "poll"},
    "listening.tasks.*": {"queue": "ingest"},
    "engagement.tasks.deliver_ready": {"queue": "deliver"},
    "engagement.tasks.take_mails": {"queue": "deliver"},
    "content.tasks.publish_due": {"queue": "deliver"},
    "measurement.tasks.*": {"queue": "measure"},
    "content.tasks.make_renditions": {"queue": "measure"},
    "content.tasks.sweep_media": {"queue": "measure"},
    # Long work for which nobody waits.
    "listening.tasks.clean_up": {"queue": "measure"},
    "listening.tasks.judge_mentions": {"queue": "measure"},
    "listening.tasks.look_out": {"queue": "measure"},
    "listening.tasks.train_models": {"queue": "measure"},
    "maturity.tasks.assess_due": {"queue": "measure"},
    "maturity.tasks.keep_trainings": {"queue": "measure"},
}
CELERY_TIMEZONE = "UTC"

PAGES_PER_MINUTE = int(os.environ.get("PAGES_PER_MINUTE", "1200"))
API_CALLS_PER_MINUTE = int(os.environ.get("API_CALLS_PER_MINUTE", "1200"))
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["roles.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["roles.api.permissions.HasCapability"],
    "DEFAULT_PAGINATION_CLASS": "roles.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "roles.api.contract.Contract",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["roles.api.parsers.JsonParser"],
    "EXCEPTION_HANDLER": "roles.api.problems.problem_details",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Touchline API",
    "DESCRIPTION": "Everything that the pages do, for programs. Sign in with `Authorization: Token <key>`.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
    "SWAGGER_UI_DIST": "SIDECAR",
    # Else it would show the contract's address to a checker on the web.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Listening: what may be fetched, how politely, and as whom.
FETCH_ALLOWED_PRIVATE_HOSTS = listed("FETCH_ALLOWED_PRIVATE_HOSTS")
FETCH_CONTACT_URL = os.environ.get("FETCH_CONTACT_URL", SITE_URL)
FETCH_REQUESTS_PER_HOST_PER_SECOND = float(os.environ.get("FETCH_REQUESTS_PER_HOST_PER_SECOND", "1"))
POLL_FLOOR_SECONDS = int(os.environ.get("POLL_FLOOR_SECONDS", "900"))
POLL_CEILING_SECONDS = int(os.environ.get("POLL_CEILING_SECONDS", "86400"))
# Whether hubs that sources name are asked to tell us what is new; they must be able to open SITE_URL.
WEBSUB = os.environ.get("WEBSUB", "1") not in {"", "0", "no", "off"}
# Engagement.
DELIVERY_LEASE_SECONDS = int(os.environ.get("DELIVERY_LEASE_SECONDS", "60"))
DELIVERY_REMINDER_MINUTES = int(os.environ.get("DELIVERY_REMINDER_MINUTES", "15"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.log_lines.Line"}},
    "filters": {"route": {"()": "config.log_lines.NamedByRoute"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"filters": ["route"]},
        "django.security.csrf": {"filters": ["route"]},
        "django.security.DisallowedHost": {"level": "ERROR"},
        # Two lines for each "look now", every few seconds, would hide what matters.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # What grew too old while no worker ran is dropped without a word: the next finds the same rows.
        "celery.worker.request": {"level": "WARNING"},
    },
}
