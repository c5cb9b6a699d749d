"""What can be done to an announcement: write, correct, attach, publish, take down, delete."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Unknown
from xinshu.documents.uploads import keep_file
from xinshu.ledger.recording import record
from xinshu.portal.bulletins.lifecycle import BULLETIN, MANAGE
from xinshu.portal.bulletins.wording import readable
from xinshu.portal.models import Attachment, Bulletin, BulletinVersion, Category

WORDING = ("title", "category", "body", "pinned", "published_at", "shown_from", "shown_until")
LONGEST_TITLE, LONGEST_BODY, MOST_FILES = 120, 20_000, 10


@transaction.atomic
def write_bulletin(*, by: Member, at: datetime, **wording: Any) -> Bulletin:
    """Begin an announcement; nobody sees it yet. `wording` are any of WORDING."""
    if not by.can(MANAGE):
        raise NotPermitted(_("您没有维护公告的权限。"), advice=_("需要办理的，请联系平台管理员开通。"))
    bulletin = Bulletin(state="draft", created_at=at, changed_at=at)
    _set(bulletin, wording)
    _check(bulletin)
    bulletin.save()
    _keep_version(bulletin, by=by, at=at)
    record("bulletin.written", bulletin, by=by, at=at, title=bulletin.title)
    return bulletin


@transaction.atomic
def edit_bulletin(bulletin: Bulletin, *, by: Member, at: datetime, **wording: Any) -> Bulletin:
    """Correct it. A published one is corrected for everybody at once; what it said before stays in its versions."""
    bulletin = Bulletin.objects.locked(bulletin)
    step = BULLETIN.step("edit", bulletin, by)
    before = {name: getattr(bulletin, name) for name in WORDING}
    _set(bulletin, wording)
    _check(bulletin)
    changed = {name: getattr(bulletin, name) for name in WORDING if getattr(bulletin, name) != before[name]}
    if not changed:
        return bulletin
    bulletin.change(step, **changed, changed_at=at)
    _keep_version(bulletin, by=by, at=at)
    record("bulletin.edited", bulletin, by=by, at=at, fields=sorted(changed), title=bulletin.title)
    return bulletin


@transaction.atomic
def attach_to_bulletin(bulletin: Bulletin, content: bytes, name: str, *, by: Member, at: datetime) -> Bulletin:
    """Add a file that anybody may take while the announcement is shown."""
    bulletin = Bulletin.objects.locked(bulletin)
    step = BULLETIN.step("edit", bulletin, by)
    if bulletin.attachments.count() >= MOST_FILES:
        raise NotNow(_("一份公告最多 %(n)s 个附件。") % {"n": MOST_FILES}, advice=_("请先移除不再需要的附件。"))
    kept = keep_file(content, name, by.organisation, by, at, subject=bulletin)
    Attachment.objects.create(bulletin=bulletin, file=kept)
    bulletin.change(step, changed_at=at)
    _keep_version(bulletin, by=by, at=at)
    record("bulletin.file_added", bulletin, by=by, at=at, file=kept.pk, name=kept.name)
    return bulletin


@transaction.atomic
def detach_from_bulletin(bulletin: Bulletin, number: int, *, by: Member, at: datetime) -> Bulletin:
    """Take a file off the announcement; the file itself stays with the platform."""
    bulletin = Bulletin.objects.locked(bulletin)
    step = BULLETIN.step("edit", bulletin, by)
    attachment = bulletin.attachments.select_related("file").filter(pk=number).first()
    if attachment is None:
        raise Unknown(_("没有找到这个附件。"), advice=_("可能已被移除，请刷新页面。"))
    attachment.delete()
    bulletin.change(step, changed_at=at)
    _keep_version(bulletin, by=by, at=at)
    record("bulletin.file_removed", bulletin, by=by, at=at, file=attachment.file_id, name=attachment.file.name)
    return bulletin


@transaction.atomic
def publish_bulletin(bulletin: Bulletin, *, by: Member, at: datetime) -> Bulletin:
    """Publish it: shown from its time on, at once where none was given."""
    bulletin = Bulletin.objects.locked(bulletin)
    step = BULLETIN.step("publish", bulletin, by)
    if bulletin.shown_until and bulletin.shown_until <= at:
        raise Invalid(
            _("下架时间已过，发布了也不会展示。"), advice=_("请先把下架时间改到以后，或者清空。"),
            fields={"shown_until": _("这个时间已过。")},
        )  # fmt: skip
    minute = at.replace(second=0, microsecond=0)  # as people type and read it
    published = bulletin.published_at or minute
    times = {"published_at": published, "shown_from": bulletin.shown_from or max(published, minute)}
    bulletin.change(step, **times, changed_at=at)
    _keep_version(bulletin, by=by, at=at)
    until = bulletin.shown_until
    record(
        "bulletin.published", bulletin, by=by, at=at, title=bulletin.title,
        published_at=times["published_at"].isoformat(), shown_from=times["shown_from"].isoformat(),
        shown_until=until.isoformat() if until else None,
    )  # fmt: skip
    return bulletin


@transaction.atomic
def take_down_bulletin(bulletin: Bulletin, *, by: Actor, at: datetime, reason: str = "") -> Bulletin:
    """Take it off the public pages, before its time or, by the platform, because its time is over."""
    bulletin = Bulletin.objects.locked(bulletin)
    step = BULLETIN.step("take_down", bulletin, by)
    if by is not SYSTEM:
        reason = _reason(reason)
    bulletin.change(step, changed_at=at)
    record("bulletin.taken_down", bulletin, by=by, at=at, reason=reason, title=bulletin.title)
    return bulletin


@transaction.atomic
def delete_bulletin(bulletin: Bulletin, *, by: Member, at: datetime, reason: str) -> Bulletin:
    """Remove it from every list. Its versions and what was done stay."""
    bulletin = Bulletin.objects.locked(bulletin)
    step = BULLETIN.step("delete", bulletin, by)
    reason = _reason(reason)
    bulletin.change(step, changed_at=at)
    record("bulletin.deleted", bulletin, by=by, at=at, reason=reason, title=bulletin.title)
    return bulletin


def _set(bulletin: Bulletin, wording: dict[str, Any]) -> None:
    if unknown := set(wording) - set(WORDING):
        raise TypeError(f"not the wording of an announcement: {sorted(unknown)}")
    for name, value in wording.items():
        setattr(bulletin, name, readable(value) if name in ("title", "body") else value)


def _check(bulletin: Bulletin) -> None:
    """Raise Invalid for what cannot be an announcement."""
    problems: dict[str, str] = {}
    if not 4 <= len(bulletin.title) <= LONGEST_TITLE or "\n" in bulletin.title:
        problems["title"] = _("标题填 4 到 %(most)s 个字，写在一行里。") % {"most": LONGEST_TITLE}
    if bulletin.category not in Category.values:
        problems["category"] = _("请选择类别。")
    if not 1 <= len(bulletin.body) <= LONGEST_BODY:
        problems["body"] = _("请填写正文，最长 %(most)s 个字。") % {"most": LONGEST_BODY}
    begins, ends = bulletin.shown_from, bulletin.shown_until
    if bulletin.state == "published" and bulletin.published_at is None:
        problems["published_at"] = _("已发布的公告要有发布时间。")
    if bulletin.state == "published" and begins is None:
        problems["shown_from"] = _("已发布的公告要有展示时间。")
    if begins and bulletin.published_at and begins < bulletin.published_at:
        problems["shown_from"] = _("展示时间不能早于发布时间。")
    earliest = begins or bulletin.published_at
    if ends and earliest and ends <= earliest:
        problems["shown_until"] = _("下架时间要晚于展示时间。")
    if problems:
        raise Invalid(_("公告没有保存，请修改标出的内容。"), fields=problems)


def _keep_version(bulletin: Bulletin, *, by: Actor, at: datetime) -> None:
    last = bulletin.versions.order_by("-number").values_list("number", flat=True).first() or 0
    BulletinVersion.objects.create(
        bulletin=bulletin, number=last + 1, by=by.actor_label, at=at,
        files=[one.file.name for one in bulletin.attachments.select_related("file")],
        **{name: getattr(bulletin, name) for name in WORDING},
    )  # fmt: skip


def _reason(reason: str) -> str:
    if not (told := readable(reason)[:500]):
        raise Invalid(_("请写明原因，操作记录里会留存。"), fields={"reason": _("还没有填写")})
    return told
