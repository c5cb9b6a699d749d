"""Organisations come onto the platform, accounts are opened, and people join organisations."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.roles import must_be_compatible
from xinshu.accounts.models import Block, Member, Organisation, User
from xinshu.core import uscc
from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid, NotNow
from xinshu.ledger.recording import record


@transaction.atomic
def create_organisation(
    name: str,
    kind: str,
    *,
    code: str | None,
    region_code: str = "",
    verified: bool = False,
    by: Actor,
    at: datetime,
) -> Organisation:
    """Bring an organisation onto the platform; `code` is its 统一社会信用代码, None for a natural person.

    Raises Invalid when the code is wrong, NotNow when another organisation has it.
    """
    if code is not None and (wrong := uscc.problems(code)):
        raise Invalid(_("统一社会信用代码有误。"), fields={"uscc": wrong[0]})
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                name=name,
                kind=kind,
                uscc=code,
                region_code=region_code,
                verified=verified,
                exports_stopped=Block.objects.filter(what=Block.What.ALL_EXPORTS, lifted_at=None).exists(),
            )
    except IntegrityError:
        raise NotNow(_("统一社会信用代码 %(code)s 的机构已在平台上。") % {"code": code}) from None
    record("organisation.created", organisation, by=by, at=at, name=name, organisation_kind=kind, uscc=code)
    return organisation


@transaction.atomic
def give_code(organisation: Organisation, code: str, *, by: Actor, at: datetime) -> Organisation:
    """Give an organisation that came without one (from an award notice) its 统一社会信用代码.

    Raises NotNow when it has one already, or when another organisation has this one.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if organisation.uscc is not None:
        raise NotNow(_("%(name)s已有统一社会信用代码。") % {"name": organisation.name})
    organisation.uscc = code
    try:
        with transaction.atomic():
            organisation.save(update_fields=["uscc"])
    except IntegrityError:
        raise NotNow(_("统一社会信用代码 %(code)s 的机构已在平台上。") % {"code": code}) from None
    record("organisation.code_given", organisation, by=by, at=at, uscc=code)
    return organisation


@transaction.atomic
def set_verified(organisation: Organisation, *, verified: bool, by: Actor, at: datetime) -> Organisation:
    """Say whether an organisation has proven who it is. What stands already is not said again."""
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if organisation.verified != verified:
        organisation.verified = verified
        organisation.save(update_fields=["verified"])
        kind = "organisation.verified" if verified else "organisation.unverified"
        record(kind, organisation, by=by, at=at, name=organisation.name)
    return organisation


@transaction.atomic
def open_account(username: str, hashed_password: str, *, name: str, phone: str = "", by: Actor, at: datetime) -> User:
    """Give a person an account to sign in with. Raises NotNow when the user name is taken."""
    user = User(username=username, password=hashed_password, name=name, phone=phone, created_at=at)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise NotNow(_("用户名 %(name)s 已被使用，不能开通。") % {"name": username}) from None
    record("account.opened", user, by=by, at=at, account=username)
    return user


@transaction.atomic
def join_organisation(
    user: User, organisation: Organisation, roles: Iterable[str], *, by: Actor, at: datetime
) -> Member:
    """Make `user` a member of `organisation` with `roles`.

    Raises Invalid for roles that do not exist, are not of this kind of organisation, or do not go together, NotNow for
    somebody who is a member already.
    """
    roles = list(roles)
    must_be_compatible(user, roles, organisation=organisation)
    try:
        with transaction.atomic():
            member = Member.objects.create(user=user, organisation=organisation, roles=roles)
    except IntegrityError:
        raise NotNow(
            _("%(user)s已是%(organisation)s的成员。") % {"user": user.name, "organisation": organisation.name}
        ) from None
    record("member.joined", member, by=by, at=at, user=user.username, organisation=organisation.name, roles=roles)
    return member
