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
        LINK = "link", "打开办理链接"
        PROVE = "prove", "身份认证"

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


class FaceFactor(models.Model):
    """Somebody who may prove themselves by face beside their phone. No image is kept: only whom the provider compares.

    Exists only beside a SecondFactor: a face is never the only way in.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="face_factor")
    number = models.BinaryField()  # 公民身份号码, SM4
    bound_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user)


class FaceCheck(models.Model):
    """One verification at the provider: begun in one browser, decided once, good for ten minutes."""

    class Purpose(models.TextChoices):
        BIND = "bind", "开启人脸识别"
        SIGN_IN = "sign_in", "登录"

    class State(models.TextChoices):
        OPEN = "open", "等待完成"
        PASSED = "passed", "已通过"
        REFUSED = "refused", "没有通过"
        LAPSED = "lapsed", "已过期"

    reference = models.CharField(max_length=16, unique=True, default=new_reference, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="face_checks")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    number = models.BinaryField()  # as in FaceFactor; emptied when decided
    token = models.CharField(max_length=200)  # the provider's
    url = models.CharField(max_length=1000)  # where the person does it; emptied when decided
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    why = models.CharField(max_length=200, blank=True)
    begun_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-begun_at"], name="face_check_of_user")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.begun_at:%Y-%m-%d %H:%M}"


class SandboxFace(models.Model):
    """A verification at the sandbox: what was asked, and what the demo's page said of it. Absent from production."""

    token = models.CharField(max_length=40, unique=True)
    asked = models.BinaryField()  # the request's JSON, SM4
    outcome = models.CharField(max_length=10, blank=True)
    queries = models.PositiveIntegerField(default=0)  # since the outcome
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.outcome} {self.at:%H:%M}"


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
    by_face = models.BooleanField(default=False)  # the second factor was a face, not a code
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
