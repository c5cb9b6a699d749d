"""我的主体: the firms for which a person acts, and the person: tags, authorisations, progress of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from xinshu.accounts.actions.identity import settings_now
from xinshu.accounts.assurance import LEVELS
from xinshu.accounts.assurance.holding import KINDS_OF_FIRMS, held_by, level_of
from xinshu.accounts.assurance.settings import Settings
from xinshu.accounts.models import Consent, Member, Organisation, RoleChange
from xinshu.accounts.roles import RIGHT_NAMES


@dataclass(frozen=True)
class Line:
    """One line about a subject: what it is, and how it stands."""

    label: str
    words: str


@dataclass(frozen=True)
class Subject:
    """One subject as its person sees it."""

    member: Member
    tags: tuple[tuple[str, str], ...]  # (tone, words)
    rights: tuple[str, ...]
    lines: tuple[Line, ...]  # authorisations given or held, and what is under way


Tell = Callable[[Member, datetime], Sequence[Line]]
_told: list[Tell] = []


def about_subjects(tell: Tell) -> None:
    """Let `tell` add lines to every subject. Called once by a context above; as few queries as it can."""
    _told.append(tell)


def subjects_of(member: Member, at: datetime) -> list[Subject]:
    """Return every subject for which the person behind `member` can act, the present one first."""
    members = list(Member.objects.acting().filter(user=member.user_id).order_by("organisation__name"))
    members.sort(key=lambda one: one.pk != member.pk)
    waiting = {
        change.member_id: change
        for change in RoleChange.objects.filter(member__in=members, state="proposed").select_related(
            "member__organisation"
        )
    }
    agreed = set(Consent.objects.standing().filter(user=member.user_id).values_list("organisation", flat=True))
    settings = settings_now()
    return [_subject(one, waiting.get(one.pk), one.organisation_id in agreed, settings, at) for one in members]


def _subject(member: Member, waiting: RoleChange | None, agreed: bool, settings: Settings, at: datetime) -> Subject:
    organisation = member.organisation
    person = organisation.kind == Organisation.Kind.PERSON
    tags = [("info", organisation.get_kind_display()), ("mute", member.role_names or _("还没有角色"))]
    if not person:
        tags.append(("ok", _("已认证")) if organisation.verified else ("warn", _("未认证")))
    if organisation.kind in KINDS_OF_FIRMS:
        level = level_of(held_by(organisation, settings, at), at)
        words = LEVELS[level] if level else _("未达一级")
        tags.append(("ok" if level >= 3 else "mute", _("认证%(level)s") % {"level": words}))
    if organisation.exports_stopped:
        tags.append(("danger", _("导出已停止")))
    lines = []
    if waiting is not None:
        lines.append(Line(_("角色变更"), _("待批准：%(roles)s") % {"roles": waiting.after_names or _("无角色")}))
    if agreed:
        lines.append(Line(_("服务协议"), _("已同意")))
    for tell in _told:
        lines.extend(tell(member, at))
    rights = tuple(name for right, name in RIGHT_NAMES.items() if right in member.permissions)
    return Subject(member, tuple(tags), rights, tuple(lines))
