"""Passwords: hashed so that one sign-in costs 50-100 ms of a slow core and 19 MiB; weak ones refused in Chinese."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import User


class TunedArgon2(Argon2PasswordHasher):
    """Argon2id with OWASP's smallest recommended setting: two passes over 19 MiB in one lane."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1


# Django's own sentences are not all translated.
WORDS = {
    "password_too_short": _("密码至少 10 位。"),
    "password_too_similar": _("密码与用户名、姓名或手机号太像。"),
    "password_too_common": _("这个密码太常见，容易被猜中。"),
    "password_entirely_numeric": _("密码不能全是数字。"),
}


def weaknesses(password: str, user: User) -> str:
    """Return why `password` will not do for `user`, in sentences; "" when it will."""
    try:
        validate_password(password, user)
    except ValidationError as problem:
        return "".join(str(WORDS.get(error.code or "", error.messages[0])) for error in problem.error_list)
    return ""
