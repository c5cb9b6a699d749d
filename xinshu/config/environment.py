"""What the environment says: data folder, database, keys. Production refuses what only a demo may lack."""

import json
import os
import secrets
from pathlib import Path

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


def file_storage() -> tuple[str, dict[str, str]]:
    """Return the class that keeps files, and with S3 where: XINSHU_STORAGE is `local` (a folder) or `s3`.

    Raises ImproperlyConfigured for anything else, and for S3 without endpoint, bucket or keys.
    """
    chosen_one = os.environ.get("XINSHU_STORAGE") or "local"
    if chosen_one == "local":
        return "xinshu.documents.storage.local.LocalStorage", {}
    if chosen_one != "s3":
        raise ImproperlyConfigured(f"XINSHU_STORAGE must be local or s3, not {chosen_one!r}.")
    found = {
        name: os.environ.get(f"XINSHU_S3_{name.upper()}", "") for name in ("endpoint", "bucket", "key_id", "secret")
    }
    missing = [f"XINSHU_S3_{name.upper()}" for name, value in found.items() if not value]
    if missing:
        raise ImproperlyConfigured(f"{', '.join(missing)} not set, which XINSHU_STORAGE=s3 needs.")
    if not found["endpoint"].startswith(("http://", "https://")):
        raise ImproperlyConfigured("XINSHU_S3_ENDPOINT must be an http or https address.")
    return "xinshu.documents.storage.s3.S3Storage", {
        **found,
        "region": os.environ.get("XINSHU_S3_REGION") or "us-east-1",
    }


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
