"""What is: organisations and natural persons, users, and members (a user in an organisation, with roles)."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.functional import cached_property

from xinshu.accounts.roles import ROLES, permissions_of


class Organisation(models.Model):
    """Anyone who can stand in a deal: a firm, a public body, or a natural person (who has no 统一社会信用代码)."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", "企业"
        GUARANTOR = "guarantor", "担保公司"
        BANK = "bank", "银行"
        INSURER = "insurer", "保险公司"
        INSTITUTION = "institution", "事业单位"
        DEPARTMENT = "department", "政府部门"
        OPERATOR = "operator", "平台运营方"
        PERSON = "person", "自然人"

    ISSUERS: ClassVar = (Kind.GUARANTOR, Kind.BANK, Kind.INSURER)

    name = models.CharField(max_length=120, db_index=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    uscc = models.CharField(max_length=18, null=True, blank=True, unique=True)  # 统一社会信用代码
    region_code = models.CharField(max_length=12, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    verified = models.BooleanField(default=False)  # identity checked against licence or registry
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(uscc=""), name="organisation_uscc_null_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Users are found by their name, without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who signs in. What the person may do hangs on the member, not here."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Members(models.QuerySet["Member"]):
    """Members, as somebody may meet them."""

    def acting(self) -> Self:
        """Return those who can act now: user, member and organisation all active. Loads user and organisation."""
        return self.filter(active=True, user__is_active=True, organisation__active=True).select_related(
            "user", "organisation"
        )


class Member(models.Model):
    """A user in an organisation, with roles: the `by` of every act."""

    user = models.ForeignKey(User, models.PROTECT, related_name="members")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="members")
    roles = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    objects = Members.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="member_once_per_organisation")]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"

    @cached_property
    def permissions(self) -> frozenset[str]:
        return permissions_of(self.roles)

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def actor_key(self) -> str:
        return f"member:{self.pk}"

    @property
    def actor_label(self) -> str:
        return f"{self.user.name}（{self.organisation.name}）"

    @property
    def role_names(self) -> str:
        return "、".join(ROLES[role][0] for role in self.roles if role in ROLES)
