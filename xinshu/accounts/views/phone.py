"""How a secret is shown to an authenticator app: as a QR code, and in letters for typing."""

import segno

from xinshu.accounts import totp

ISSUER = "信枢"


def qr_of(secret: bytes, account: str) -> str:
    """Return the QR code of a secret as a data address for <img>: drawn here, it never travels to anybody else."""
    return str(
        segno.make(totp.address(secret, account, ISSUER), error="m", micro=False).svg_data_uri(scale=4, border=2)
    )


def readable_secret(secret: bytes) -> str:
    """Return the secret in groups of four."""
    return totp.readable(secret)
