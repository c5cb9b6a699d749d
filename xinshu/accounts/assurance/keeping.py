"""Keeping what sign-in and registration prove, beside the entries that they write themselves."""

from datetime import datetime

from xinshu.accounts.assurance.methods import METHODS
from xinshu.accounts.models import IdentityCheck, User

BY_HOW = {"password": "password", "code": "sms"}
BY_REFUSAL = {"WrongPassword": "password", "WrongCode": "sms", "WrongSecondFactor": "totp", "FaceRefused": "face"}


def keep_sign_in(user: User, *, how: str, second_factor: bool, by_face: bool, at: datetime) -> None:
    """Keep which methods opened the account: the first factor, and the second where there was one."""
    second = ["face" if by_face else "totp"] if second_factor else []
    for code in [BY_HOW[how], *second] if how in BY_HOW else second:
        _keep(user, code, IdentityCheck.Outcome.PASSED, "", at)


def keep_failure(user: User, refusal: str, words: str, at: datetime) -> None:
    """Keep a method that did not open the account; a refusal that says nothing of a method is not kept."""
    if refusal in BY_REFUSAL:
        _keep(user, BY_REFUSAL[refusal], IdentityCheck.Outcome.FAILED, words, at)


def keep_proven_phone(user: User, at: datetime) -> None:
    """Keep that the mobile was proven by a code when its person registered."""
    _keep(user, "sms", IdentityCheck.Outcome.PASSED, "", at)


def _keep(user: User, code: str, outcome: str, words: str, at: datetime) -> None:
    source = str(METHODS[code].source)
    IdentityCheck.objects.create(user=user, method=code, outcome=outcome, source=source, words=words[:200], at=at)
