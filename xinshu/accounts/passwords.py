"""Passwords: hashed so that one sign-in costs 50-100 ms of a slow core and 19 MiB; weak ones refused in Chinese."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from zxcvbn import zxcvbn

from xinshu.accounts.models import FormerPassword, User
from xinshu.accounts.roles import is_privileged

KEPT = 5  # former passwords that do not come back
SOON = timedelta(days=7)  # how long before a password is too old its owner is told
ENOUGH = 3  # of zxcvbn's 0 to 4: 10**8 guesses and more


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
# What zxcvbn found to be the longest guessable part.
PATTERNS = {
    "dictionary": _("密码里有常见的词或密码，容易被猜中。"),
    "spatial": _("键盘上相邻的键（如 qwerty）容易被猜中。"),
    "repeat": _("重复的字符（如 aaa、abcabc）容易被猜中。"),
    "sequence": _("连续的字符（如 abc、6543）容易被猜中。"),
    "regex": _("年份容易被猜中。"),
    "date": _("日期容易被猜中。"),
    "bruteforce": _("密码太简单。"),
}
ADVICE = _("可以用几个不相干的词连在一起，中间加数字或符号。")


class GuessedSoon:
    """A validator of Django's kind: refuses what zxcvbn would guess in fewer than 10**8 tries."""

    def validate(self, password: str, user: User | None = None) -> None:
        if not password:
            return  # too short already, and zxcvbn stumbles over it
        own = [user.username, user.name, user.phone] if user is not None else []
        result = zxcvbn(password[:72], user_inputs=[word for word in own if word])
        if result["score"] < ENOUGH:
            longest = max(result["sequence"], key=lambda part: len(part["token"]), default={"pattern": "bruteforce"})
            raise ValidationError(f"{PATTERNS[longest['pattern']]}{ADVICE}", code="password_guessed_soon")

    def get_help_text(self) -> str:
        return str(ADVICE)


def weaknesses(password: str, user: User) -> str:
    """Return why `password` will not do for `user`, in sentences; "" when it will."""
    try:
        validate_password(password, user)
    except ValidationError as problem:
        told = [problem for problem in problem.error_list if problem.code != "password_guessed_soon"]
        return "".join(str(WORDS.get(error.code or "", error.messages[0])) for error in told or problem.error_list)
    return ""


def was_used(password: str, user: User) -> bool:
    """Tell whether `password` is the present one of `user` or one of the last five. Slow: up to six hashes."""
    former = FormerPassword.objects.filter(user=user).order_by("-pk").values_list("password", flat=True)[:KEPT]
    return any(check_password(password, hashed) for hashed in [user.password, *former])


def expires_at(user: User) -> datetime | None:
    """Return when the password of a privileged person is too old; None for others."""
    roles = [role for roles in user.members.filter(active=True).values_list("roles", flat=True) for role in roles]
    begun = user.password_changed_at or user.created_at
    if begun is None or not settings.PASSWORD_DAYS or not is_privileged(roles):
        return None
    return begun + timedelta(days=settings.PASSWORD_DAYS)
