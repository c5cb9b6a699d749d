"""What is: organisations and natural persons, users, members (a user in an organisation), registrations."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from xinshu.accounts.lifecycle import REGISTRATION, USER
from xinshu.accounts.roles import EXPORTS, names_of, permissions_of
from xinshu.core.actors import Actor
from xinshu.core.cases import Case, CaseQuerySet
from xinshu.core.lifecycle import State
from xinshu.ledger.exports import EXPORT


class Organisations(models.QuerySet["Organisation"]):
    """Organisations, as somebody may meet them."""

    def visible_to(self, member: "Member | None") -> Self:
        """Return the organisations that exist for `member`: their own, issuers and public bodies for everybody.

        Issuers also meet every firm, since any firm may ask them for a letter; the operator's people meet all.
        Who shares a case with whom is added by the context that owns the case.
        """
        if member is None:
            return self.none()
        if member.can("accounts.approve") or member.can("accounts.view"):
            return self
        kinds = Organisation.Kind
        met = [*Organisation.ISSUERS, kinds.INSTITUTION, kinds.DEPARTMENT]
        if member.organisation.kind in Organisation.ISSUERS:
            met.append(kinds.ENTERPRISE)
        return self.filter(models.Q(kind__in=met, active=True) | models.Q(pk=member.organisation_id))


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
    role_table = models.JSONField(default=dict, blank=True)  # what the active RoleTable says; {}: as in roles.py
    exports_stopped = models.BooleanField(default=False)  # an emergency measure: see models.rules.Block

    objects = Organisations.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(uscc=""), name="organisation_uscc_null_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name


class Users(models.QuerySet["User"]):
    """Users, as somebody may meet them."""

    def visible_to(self, member: "Member | None") -> Self:
        """Return the users that exist for `member`: all for the three administrators, else colleagues."""
        if member is None:
            return self.none()
        if member.can("accounts.view"):
            return self
        return self.filter(members__organisation=member.organisation_id)

    def locked(self, user: "User") -> "User":
        """Return `user` read anew and held until the transaction ends."""
        return self.select_for_update().get(pk=user.pk)


class UserManager(BaseUserManager.from_queryset(Users)):  # type: ignore[misc]
    """Users are found by their name, without regard to case: it is kept in small letters."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").lower())

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username.lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who signs in. What the person may do hangs on the member, not here."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)  # False: locked by an administrator
    created_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)  # 离职: the account stays for the record and opens no more
    reviewed_at = models.DateTimeField(null=True)  # 复核: when somebody last looked whether the rights still fit
    password_changed_at = models.DateTimeField(null=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(username=Lower("username")), name="user_name_in_small_letters"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        if self.left_at is not None:
            return "left"
        return "active" if self.is_active else "locked"

    @property
    def standing(self) -> State:
        return USER.states[self.state]

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands: administrators of the platform, and the person."""
        if not isinstance(by, Member):
            return set()
        if by.user_id == self.pk:
            return {"self"}
        return {"administrator"} if by.organisation.kind == Organisation.Kind.OPERATOR else set()


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
        # The organisation is loaded with the member: what it changed about its roles costs no query.
        permissions = permissions_of(self.roles, self.organisation.role_table)
        return permissions - EXPORTS if self.organisation.exports_stopped else permissions

    def can(self, permission: str) -> bool:
        if permission == EXPORT:  # everybody's, until an emergency measure stops it
            return not self.organisation.exports_stopped
        return permission in self.permissions

    @property
    def actor_key(self) -> str:
        return f"member:{self.pk}"

    @property
    def actor_label(self) -> str:
        return f"{self.user.name}（{self.organisation.name}）"

    @property
    def role_names(self) -> str:
        return names_of(self.roles, self.organisation.role_table)


class Registrations(CaseQuerySet["Registration"]):
    """Registrations, as somebody may meet them."""

    def visible_to(self, member: Member | None) -> Self:
        """Return the registrations that exist for `member`: all for whoever approves accounts, none for others."""
        return self if member is not None and member.can("accounts.approve") else self.none()


class Registration(Case):
    """Somebody asks for an account; the operator approves or refuses. Kept after the decision, without the password."""

    class Side(models.TextChoices):
        APPLICANT = "applicant", "申请人"
        BENEFICIARY = "beneficiary", "受益人"
        GUARANTOR = "guarantor", "保证人"

    side = models.CharField(max_length=12, choices=Side.choices)
    kind = models.CharField(max_length=12, choices=Organisation.Kind.choices)
    organisation_name = models.CharField(max_length=120)  # of a natural person: the person's own name
    uscc = models.CharField(max_length=18, blank=True)  # empty for natural persons, who have none
    contact_name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20)
    username = models.CharField(max_length=60)
    password = models.CharField(max_length=128, blank=True)  # hashed; emptied once decided
    phone_proven = models.BooleanField(default=False)  # by a code sent to it
    agreement = models.CharField(max_length=80, blank=True)  # the versions that were accepted; see Consent
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)  # why it was refused
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # what came of it

    objects = Registrations.as_manager()

    class Meta(Case.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["username"], condition=models.Q(state="submitted"), name="registration_user_name_pending_once"
            ),
            models.UniqueConstraint(
                fields=["phone", "uscc"], condition=models.Q(state="submitted"), name="registration_phone_pending_once"
            ),
        ]
        indexes = [models.Index(fields=["state", "-submitted_at"], name="registration_to_decide")]

    def __str__(self) -> str:
        return f"{self.organisation_name} · {self.contact_name}"

    @property
    def standing(self) -> State:
        return REGISTRATION.states[self.state]

    @property
    def is_person(self) -> bool:
        return self.kind == Organisation.Kind.PERSON

    def sides_of(self, by: Actor) -> set[str]:
        """Return the sides on which `by` stands: the operator of the platform decides, nobody else."""
        operates = isinstance(by, Member) and by.organisation.kind == Organisation.Kind.OPERATOR
        return {"operator"} if operates else set()


class SignInAttempt(models.Model):
    """Failed sign-ins to one account from one address, under a keyed digest: people type passwords as user names."""

    key = models.CharField(max_length=64, unique=True)
    failures = models.IntegerField(default=0)
    last_failed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key[:8]} × {self.failures}"
