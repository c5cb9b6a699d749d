"""The ledger's keys, out of the settings: made once per process and setting."""

from functools import cache

from django.conf import settings

from xinshu.core.sm import Sm2Key

_key = cache(Sm2Key.from_hex)


def platform_key() -> Sm2Key:
    """Return the key that signs checkpoints."""
    return _key(settings.CHECKPOINT_KEY)


def witness_key() -> Sm2Key:
    """Return the local witness's key."""
    return _key(settings.WITNESS_KEY)


def entry_key() -> bytes:
    """Return the key under every entry's digest."""
    return bytes.fromhex(settings.LEDGER_KEY)
