"""Django's settings. Everything that differs between machines comes from the environment (environment.py)."""

import os
from datetime import timedelta

from xinshu.config import environment
from xinshu.config.channels import channels, face, real_names, register
from xinshu.config.environment import DATA, ENVIRONMENT, PRODUCTION
from xinshu.config.exchange import receivers

BASE_DIR = environment.ROOT
DEMO = ENVIRONMENT == "demo"
TESTING = ENVIRONMENT == "test"
DEBUG = False
SECRET_KEY = environment.key("SECRET_KEY")
FILE_KEY = environment.key("FILE_KEY", 16)  # SM4: files and sensitive columns at rest
LEDGER_KEY = environment.key("LEDGER_KEY")  # HMAC-SM3 of every entry; without it a row cannot be slipped in
CHECKPOINT_KEY = environment.key("CHECKPOINT_KEY")  # SM2 private scalar that signs checkpoints
WITNESS_KEY = environment.key("WITNESS_KEY")  # SM2 private scalar of the local witness
SEAL_KEY = environment.key("SEAL_KEY")  # SM2 private scalar of the platform's seal
ALLOWED_HOSTS = os.environ.get("XINSHU_HOSTS", "*" if not PRODUCTION else "").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("XINSHU_ORIGINS", "").split(",") if origin]
LIVE_PORT = environment.LIVE_PORT
LIVE_URL = os.environ.get("XINSHU_LIVE_URL", "")  # where browsers find the live stream; empty: this host, LIVE_PORT

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "xinshu.core",
    "xinshu.ledger",
    "xinshu.accounts",
    "xinshu.web",
    "xinshu.messaging",
    "xinshu.integrations",
    "xinshu.books",
    "xinshu.work",
    "xinshu.documents",
    "xinshu.rules",
    "xinshu.credit",
    "xinshu.enterprises",
    "xinshu.scoring",
    "xinshu.admission",
    "xinshu.projects",
    "xinshu.guarantors",
    "xinshu.tenders",
    "xinshu.subscriptions",
    "xinshu.collecting",
    "xinshu.guarantees",
    "xinshu.exchange",
    "xinshu.claims",
    "xinshu.watch",
    "xinshu.ties",
    "xinshu.portraits",
    "xinshu.certification",
    "xinshu.links",
    "xinshu.billing",
    "xinshu.archive",
    "xinshu.insights",
    "xinshu.operations",
    "xinshu.portal",
    "xinshu.config",
]

MIDDLEWARE = [
    "xinshu.operations.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "xinshu.accounts.middleware.MemberMiddleware",
    "xinshu.guarantees.types.reading.TypesMiddleware",
    "xinshu.integrations.door.ApiMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "xinshu.web.live.LivePolicyMiddleware",
    "xinshu.web.middleware.RefusalMiddleware",
]

TYPES_LOOKED_AT_EVERY: float | None = 2.0  # seconds between looks for types that another process has activated

ROOT_URLCONF = "xinshu.config.urls"
WSGI_APPLICATION = "xinshu.config.wsgi.application"
NAVIGATION = "xinshu.config.navigation.NAVIGATION"

TEMPLATES = [
    {
        "BACKEND": "xinshu.web.jinja.Templates",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "xinshu.web.jinja.environment",
            "context_processors": ["xinshu.web.shell.shell"],
        },
    }
]

DATABASES = {
    "default": environment.database(os.environ.get("XINSHU_DATABASE_URL") or f"sqlite:///{DATA / 'xinshu.sqlite3'}")
}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;",
    }
    DATABASE["TEST"] = {"NAME": str(DATA / f"test-{os.getpid()}.sqlite3")}
else:
    # Prepared from the fifth time on: planning the statement of a transfer takes five times as long as running it.
    # Behind PgBouncer in transaction mode that needs PgBouncer 1.21 (max_prepared_statements).
    DATABASE["OPTIONS"] = {
        **DATABASE.get("OPTIONS", {}),
        "server_side_binding": True,
        "prepare_threshold": 5,
        "options": "-c jit=off",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "portal:workbench"
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if ENVIRONMENT == "test"
    else ["xinshu.accounts.passwords.TunedArgon2"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "phone"]},
    },
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "xinshu.accounts.passwords.GuessedSoon"},
]
# The age at which privileged people are told to change their password; 0: never, as in a demo with years of past.
PASSWORD_DAYS = int(os.environ.get("XINSHU_PASSWORD_DAYS", "0" if DEMO else "90"))
SECOND_FACTOR = os.environ.get("XINSHU_SECOND_FACTOR", "required" if PRODUCTION else "optional")
IDLE_MINUTES = {
    "privileged": int(os.environ.get("XINSHU_IDLE_MINUTES_PRIVILEGED", "30")),
    "others": int(os.environ.get("XINSHU_IDLE_MINUTES", "480")),
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a cache per process would let a signed-out session live on
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_FAILURE_VIEW = "xinshu.web.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked by machines of this house, behind no proxy
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],  # web.live adds the live stream of the asked host
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "zh-hans"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATIC_ROOT = os.environ.get("XINSHU_STATIC_ROOT") or None  # only for those who let another server serve the files
WHITENOISE_USE_FINDERS = True  # served from the apps' own folders: no collecting step stands between code and page
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = int(timedelta(days=365).total_seconds())  # addresses carry a mark of the contents (web/assets.py)
WHITENOISE_ALLOW_ALL_ORIGINS = False
WORK_LEASE = float(os.environ.get("XINSHU_WORK_LEASE", "30"))  # seconds until a killed worker's work goes to another
FILES_ROOT = DATA / "files"
# What is written in files is read by the worker, so that they are found by it; papers under 材料识别 in any case.
READ_FILES = (os.environ.get("XINSHU_READ_FILES") or ("no" if TESTING else "yes")) == "yes"
_files = environment.file_storage()
FILES_STORAGE, FILES_PLACES, S3, S3_SECOND = _files.name, _files.places, _files.s3, _files.second
BACKUPS = environment.backups()  # what `serve` keeps: folder, minutes, number; None: nothing
REDIS_URL = os.environ.get("XINSHU_REDIS_URL", "")  # wakes live processes; empty: they look by themselves
PUBLIC_URL = environment.public_url()  # what a letter's QR code leads to
MESSAGING = channels()  # providers of SMS, mail, WeChat, push, with their secrets
# Codes of sign-in and registration: shown in a demo, by the SMS channel in production where there is one.
CODE_CHANNEL = os.environ.get(
    "XINSHU_CODE_CHANNEL",
    ("xinshu.messaging.codes.BySms" if "sms" in MESSAGING else "")
    if PRODUCTION
    else "xinshu.accounts.codes.sandbox.Sandbox",
)
REGISTER_PROVIDER, REGISTER = register()  # who compares firms with the register: dotted path and settings; "": nobody
REAL_NAME_PROVIDER, REAL_NAME = real_names()  # who compares names, numbers, phones of people; "": nobody
SMALL_PAYER = environment.small_payer()  # who pays the small amount of 打款认证: dotted path; "": nobody
FACE_PROVIDER, FACE = face()  # who compares faces at sign-in: dotted path and settings; "": nobody, and no page of it
# Hosts with their ports in our own network that may be collected from (host:port, …); all others there are refused.
COLLECTING_KEEP_DAYS = environment.days("COLLECTING_KEEP_DAYS", 180, least=30)  # runs and items; announcements stay
COLLECTING_INNER = [host.strip() for host in os.environ.get("XINSHU_COLLECTING_INNER", "").split(",") if host.strip()]
EXCHANGE = receivers(SEAL_KEY)  # systems of departments and trading centres that are told of guarantees
PAYMENT_CHANNELS = {"sandbox": "xinshu.guarantees.payments.sandbox.Sandbox"}
INVOICE_CHANNEL = "xinshu.billing.channels.sandbox.Sandbox"
INVOICE_TAX_RATE = "0.06"  # 直接收费金融服务 (财税〔2016〕36 号); a guarantor that is exempt sets "0"
FONTS_ROOT = environment.ROOT / "node_modules" / "@expo-google-fonts"  # what letters are set in
SEALING_AUTHORITY = environment.chosen("SEALING_AUTHORITY", demo="xinshu.documents.sealing.demo.DemoAuthority")
WITNESS_ROOT = DATA / "witness"  # what the witness remembers; wiped only together with the database
ARCHIVE_YEARS = int(os.environ.get("XINSHU_ARCHIVE_YEARS") or 30)  # how long dossiers are kept at least, by which rule
ARCHIVE_BASIS = os.environ.get("XINSHU_ARCHIVE_BASIS") or "《会计档案管理办法》（财政部、国家档案局令第 79 号）附表一"
UPLOAD_LIMIT = 50 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

METRICS_TOKEN = os.environ.get("XINSHU_METRICS_TOKEN", "")  # without one only this machine may read /metrics
SLOW_REQUEST_MS = float(os.environ.get("XINSHU_SLOW_MS") or 1000)  # a request that takes longer is said in the log
LOG_FORMAT = os.environ.get("XINSHU_LOG_FORMAT") or "line"  # line or json
LOG_LEVEL = os.environ.get("XINSHU_LOG_LEVEL", "WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "xinshu.operations.logs.LineFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "xinshu.operations.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"xinshu.request": {"level": "INFO" if LOG_FORMAT == "json" else LOG_LEVEL}},  # json: every request
}
