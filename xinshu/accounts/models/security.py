"""What guards an account: former passwords, codes sent by SMS, the second factor, the sessions that are open."""

from typing import Self

from django.db import models

from xinshu.accounts.models.people import Member, User
from xinshu.core.cases import new_reference


class FormerPassword(models.Model):
    """A password that a person had before: hashed, kept so that it does not come back too soon."""

    user = models.ForeignKey(User, models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user} · {self.replaced_at:%Y-%m-%d}"


class SentCode(models.Model):
    """A code sent by SMS: number and code under keyed digests, for one purpose, once, for five minutes."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", "登录"
        REGISTER = "register", "注册"
        RECOVER = "recover", "找回密码"

    phone_key = models.CharField(max_length=64)
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    digest = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["phone_key", "-sent_at"], name="code_of_phone"),
            models.Index(fields=["address", "-sent_at"], name="code_of_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.sent_at:%Y-%m-%d %H:%M}"


class SandboxMessage(models.Model):
    """What the sandbox "sent": shown on the demo's page 演示短信, absent from production."""

    phone = models.CharField(max_length=20)
    text = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.phone} {self.at:%H:%M}"


class SecondFactor(models.Model):
    """The secret that a person's authenticator app shares with us (RFC 6238), encrypted; open until confirmed."""

    user = models.OneToOneField(User, models.CASCADE, related_name="second_factor")
    secret = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # the newest time step whose code was accepted: none is taken twice

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """One of ten codes that open the account once when the phone is lost; kept as a keyed digest."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return str(self.user)


class SignInSessions(models.QuerySet["SignInSession"]):
    """Sessions, as somebody may meet them."""

    def visible_to(self, member: Member | None) -> Self:
        """Return one's own sessions; whoever secures accounts or reads the log meets all."""
        if member is None:
            return self.none()
        if member.can("accounts.secure") or member.can("ledger.audit"):
            return self
        return self.filter(user=member.user_id)

    def open(self) -> Self:
        return self.filter(ended_at=None)


class SignInSession(models.Model):
    """One signed-in browser: from where, with what, since when; kept after its end as the sign-in history."""

    class End(models.TextChoices):
        LEFT = "left", "退出登录"
        REMOTE = "remote", "远程下线"
        IDLE = "idle", "久未操作"
        PASSWORD = "password", "密码已改"
        LOCKED = "locked", "账号锁定"
        CONSENT = "consent", "撤回同意"

    class How(models.TextChoices):
        PASSWORD = "password", "密码"
        CODE = "code", "短信验证码"

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=40, blank=True, db_index=True)  # emptied when it ends
    how = models.CharField(max_length=10, choices=How.choices)
    second_factor = models.BooleanField(default=False)
    device = models.CharField(max_length=80)  # "Chrome · Windows"
    device_key = models.CharField(max_length=64)  # digest of the browser's long-lived cookie
    address = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, choices=End.choices, blank=True)

    objects = SignInSessions.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-started_at"], name="session_of_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.device}"
