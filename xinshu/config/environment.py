"""What the environment says: data folder, database, keys. Production refuses what only a demo may lack."""

import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ.get("XINSHU_ENV", "demo")
if ENVIRONMENT not in {"demo", "test", "production"}:
    raise ImproperlyConfigured("XINSHU_ENV must be demo, test or production.")
PRODUCTION = ENVIRONMENT == "production"
DATA = Path(os.environ.get("XINSHU_DATA") or ROOT / "var").resolve()
HOST = os.environ.get("XINSHU_HOST") or "127.0.0.1"


def _port(variable: str, otherwise: int) -> int:
    value = os.environ.get(variable) or str(otherwise)
    if not (value.isdecimal() and 0 < int(value) < 65536):
        raise ImproperlyConfigured(f"{variable} must be a port number from 1 to 65535, not {value!r}.")
    return int(value)


def days(name: str, otherwise: int, *, least: int) -> int:
    """Return the days that `XINSHU_<name>` says. Raises ImproperlyConfigured for what is no such number."""
    value = os.environ.get(f"XINSHU_{name}") or str(otherwise)
    if not (value.isascii() and value.isdecimal() and least <= int(value[:9]) < 100_000):
        raise ImproperlyConfigured(f"XINSHU_{name} must be a number of days, at least {least}, not {value!r}.")
    return int(value)


PORT = _port("XINSHU_PORT", 8000)
LIVE_PORT = _port("XINSHU_LIVE_PORT", PORT + 1)


def key(name: str, size: int = 32) -> str:
    """Return the hex key `XINSHU_<name>`; a demo makes one on first use and keeps it in its data folder.

    Raises ImproperlyConfigured in production when the environment does not hold it, or holds one of the wrong size.
    """
    variable = f"XINSHU_{name}"
    value = os.environ.get(variable, "")
    if not value:
        if PRODUCTION:
            raise ImproperlyConfigured(f"{variable} is not set; production makes no keys of its own.")
        value = _demo_key(name, size)
    try:
        fits = len(bytes.fromhex(value)) == size
    except ValueError:
        fits = False
    if not fits:
        raise ImproperlyConfigured(f"{variable} must be {size} bytes in hex.")
    return value


def chosen(name: str, *, demo: str) -> str:
    """Return what `XINSHU_<name>` chooses, in a demo `demo` when it says nothing.

    Raises ImproperlyConfigured in production when it says nothing, or chooses what only a demo may have.
    """
    variable = f"XINSHU_{name}"
    value = os.environ.get(variable) or ("" if PRODUCTION else demo)
    if not value or (PRODUCTION and value == demo):
        raise ImproperlyConfigured(f"{variable} is not set; production does not use the demo's ({demo}).")
    return value


def small_payer() -> str:
    """Return who pays firms the small amount that proves a bank account; production has none unless it is said."""
    return os.environ.get("XINSHU_SMALL_PAYER") or ("" if PRODUCTION else "xinshu.certification.paying.sandbox.Sandbox")


def public_url() -> str:
    """Return the address that is printed on letters. Raises ImproperlyConfigured in production when it is not said."""
    value = os.environ.get("XINSHU_PUBLIC_URL", "").rstrip("/")
    if PRODUCTION and not value.startswith("https://"):
        raise ImproperlyConfigured("XINSHU_PUBLIC_URL must be the https address of this site: letters carry it.")
    return value or f"http://127.0.0.1:{PORT}"


def backups() -> tuple[Path, float, int] | None:
    """Return folder, minutes between two backups and how many are kept; None where `serve` is to make none.

    Raises ImproperlyConfigured for minutes or a number that cannot be.
    """
    place = os.environ.get("XINSHU_BACKUP_FOLDER", "")
    if not place:
        return None
    try:
        minutes = float(os.environ.get("XINSHU_BACKUP_MINUTES") or 15)
        keep = int(os.environ.get("XINSHU_BACKUP_KEEP") or 96)
    except ValueError as error:
        raise ImproperlyConfigured("XINSHU_BACKUP_MINUTES and XINSHU_BACKUP_KEEP must be numbers.") from error
    if not 0.01 <= minutes <= 1440 or keep < 1:
        raise ImproperlyConfigured("XINSHU_BACKUP_MINUTES must be from 0.01 to 1440, XINSHU_BACKUP_KEEP at least 1.")
    return Path(place).resolve(), minutes, keep


def database(url: str) -> dict[str, Any]:
    """Return what Django is told about the database at `url`; `postgres://user@one:5432,two:5432/name` names copies.

    Of several copies the one that takes writes is the database: after a failover a new connection finds it by itself.
    A connection is tried before a request uses it, so that whoever comes after a failover sees no error.
    Raises ImproperlyConfigured for an address that is none.
    """
    found = re.fullmatch(r"(postgres(?:ql)?://(?:[^@/]*@)?)([^@/?]*,[^@/?]*)(/.*)", url)
    try:
        if found is None:
            told = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True)
            return dict(told)
        hosts, ports = zip(*(_host_and_port(copy) for copy in found[2].split(",")), strict=True)
        told = dj_database_url.parse(f"{found[1]}copies{found[3]}", conn_max_age=None, conn_health_checks=True)
    except ValueError as error:
        raise ImproperlyConfigured("XINSHU_DATABASE_URL must be postgres://user:password@host:5432/name.") from error
    # Seconds to reach one copy, and milliseconds until one that went away without a word is given up.
    patience = {"connect_timeout": 3, "tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 2}
    options = {**patience, **told.get("OPTIONS", {}), "target_session_attrs": "read-write"}
    return {**told, "HOST": ",".join(hosts), "PORT": ",".join(ports), "OPTIONS": options}


def _host_and_port(copy: str) -> tuple[str, str]:
    host, _colon, port = copy.partition(":")
    if not host or not (port or "5432").isdecimal():
        raise ValueError(copy)
    return host, port or "5432"


@dataclass(frozen=True)
class FileStorage:
    """What keeps files: the class, the buckets (empty where none), and the names of two places where there are two."""

    name: str
    s3: dict[str, str]
    second: dict[str, str]
    places: tuple[str, ...]


def file_storage() -> FileStorage:
    """Return what keeps files: XINSHU_STORAGE is `local` (a folder) or `s3`, XINSHU_STORAGE_SECOND likewise or empty.

    Raises ImproperlyConfigured for anything else, for S3 without endpoint, bucket or keys, and for one place twice.
    """
    first, second = os.environ.get("XINSHU_STORAGE") or "local", os.environ.get("XINSHU_STORAGE_SECOND", "")
    for variable, value in (("XINSHU_STORAGE", first), ("XINSHU_STORAGE_SECOND", second or "local")):
        if value not in {"local", "s3"}:
            raise ImproperlyConfigured(f"{variable} must be local or s3, not {value!r}.")
    one = _bucket("XINSHU_S3", "XINSHU_STORAGE") if first == "s3" else {}
    other = _bucket("XINSHU_S3_SECOND", "XINSHU_STORAGE_SECOND") if second == "s3" else {}
    if not second:
        kind = "s3.S3Storage" if one else "local.LocalStorage"
        return FileStorage(f"xinshu.documents.storage.{kind}", one, {}, ())
    if one == other or (one and other and one["endpoint"] + one["bucket"] == other["endpoint"] + other["bucket"]):
        raise ImproperlyConfigured("XINSHU_STORAGE_SECOND must be another place than XINSHU_STORAGE.")
    places = ("s3" if one else "local", "s3-second" if other else "local")
    return FileStorage("xinshu.documents.storage.twice.TwoPlaces", one, other, places)


def _bucket(prefix: str, wanted_by: str) -> dict[str, str]:
    found = {
        name: os.environ.get(f"{prefix}_{name.upper()}", "") for name in ("endpoint", "bucket", "key_id", "secret")
    }
    missing = [f"{prefix}_{name.upper()}" for name, value in found.items() if not value]
    if missing:
        raise ImproperlyConfigured(f"{', '.join(missing)} not set, which {wanted_by}=s3 needs.")
    if not found["endpoint"].startswith(("http://", "https://")):
        raise ImproperlyConfigured(f"{prefix}_ENDPOINT must be an http or https address.")
    return {**found, "region": os.environ.get(f"{prefix}_REGION") or "us-east-1"}


def _demo_key(name: str, size: int) -> str:
    path = DATA / "demo-keys.json"
    DATA.mkdir(parents=True, exist_ok=True)
    keys = json.loads(path.read_text()) if path.exists() else {}
    if name not in keys:
        keys[name] = secrets.token_hex(size)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(keys, indent=1))
        draft.replace(path)
    return str(keys[name])
