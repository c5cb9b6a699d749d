"""批量导出 in the background: asked for, made part by part by the worker, downloaded for some days, then forgotten.

What is done lies in the parts, so that a worker that comes after a crash goes on there. Who may see a dossier is asked
when it is put in, and again when the part is taken; each download is recorded for every dossier in it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.archive.batches import AT_MOST, PART, remember_taken, written
from xinshu.archive.models import Dossier, DossierQuerySet, Export, ExportPart
from xinshu.core.refusals import Invalid, NotNow, Unknown
from xinshu.documents.blobs import forget_blob, keep_blob, read_blob
from xinshu.ledger.exports import must_export
from xinshu.ledger.recording import record
from xinshu.messaging.notices import notify_members

KEPT = timedelta(days=7)
AT_ONCE = 3  # of one person, being made


@transaction.atomic
def ask_for_export(found: DossierQuerySet, *, filters: str, by: Member, at: datetime, limit: int = PART) -> Export:
    """Plan the parts of everything in `found` (at most 5,000) and have the worker make them."""
    must_export(by)
    Member.objects.select_for_update(of=("self",)).get(pk=by.pk)
    rows = list(found.order_by("pk").values_list("pk", "size")[:AT_MOST])
    if not rows:
        raise Invalid(_("没有可以导出的案卷。"), advice=_("去掉一个条件，或者等保函归档以后再来。"))
    if Export.objects.filter(member=by, state=Export.State.MAKING).count() >= AT_ONCE:
        raise NotNow(_("您已有 %(n)d 个导出在准备。") % {"n": AT_ONCE}, advice=_("请等其中一个准备好。"))
    export = Export.objects.create(member=by, filters=filters[:500], count=len(rows), asked_at=at)
    cut: list[list[int]] = []
    size = 0
    for pk, bytes_of in rows:
        if cut and size + bytes_of <= limit:
            cut[-1].append(pk)
            size += bytes_of
        else:
            cut.append([pk])
            size = bytes_of
    ExportPart.objects.bulk_create(
        ExportPart(export=export, position=number, dossiers=dossiers) for number, dossiers in enumerate(cut, start=1)
    )
    record("archive.export_asked", export, by=by, at=at, many=len(rows), parts=len(cut))
    return export


def work_on(export_id: int, at: datetime) -> bool:
    """Make the next part; return whether some are left. The last one makes the export ready, and its owner is told."""
    export = Export.objects.select_related("member__user", "member__organisation").get(pk=export_id)
    if export.state != Export.State.MAKING:
        return False
    part = export.parts.filter(made_at=None).order_by("position").first()
    if part is not None:
        _make(part, export.member, at)
    if export.parts.filter(made_at=None).exists():
        return True
    with transaction.atomic():
        if Export.objects.filter(pk=export.pk, state=Export.State.MAKING).update(
            state=Export.State.READY, ready_at=at, expires_at=at + KEPT
        ):
            record("archive.export_ready", export, by=export.member, at=at, parts=export.parts.count())
            text = _("批量导出的 %(n)d 份案卷已准备好，%(day)s 前可以下载。")
            notify_members(
                [export.member], text % {"n": export.count, "day": f"{at + KEPT:%Y-%m-%d}"}, tone="ok",
                link=reverse("archive:show_export", args=[export.reference]), subject=export,
                key=f"archive.export:{export.pk}", at=at,
            )  # fmt: skip
    return False


def _make(part: ExportPart, member: Member, at: datetime) -> None:
    """Write one part, as much of it as exists for the member by now; outside a transaction, kept in one."""
    content = b"".join(written(_dossiers(part, member, at), member))
    with transaction.atomic():
        if ExportPart.objects.select_for_update().get(pk=part.pk).made_at is not None:
            return  # another worker was quicker
        part.blob, part.size, part.made_at = keep_blob(content, "application/zip"), len(content), at
        part.save(update_fields=["blob", "size", "made_at"])


def _dossiers(part: ExportPart, member: Member, at: datetime) -> list[Dossier]:
    found = Dossier.objects.visible_to(member, at).filter(pk__in=part.dossiers).order_by("pk")
    return list(found.select_related("guarantee__project"))


def take_part(export: Export, position: int, *, by: Member, at: datetime) -> bytes:
    """Return one part, recorded before it goes. Raises NotNow while it is made, after it expired, or when rights fell.

    What its owner may not see any more is not taken out of a ZIP: the part is refused, and can be asked for anew.
    """
    must_export(by)
    part = export.parts.select_related("blob").filter(position=position).first()
    if part is None:
        raise Unknown(_("没有找到这一包。"))
    if export.expires_at is not None and (export.state == Export.State.EXPIRED or export.expires_at <= at):
        raise NotNow(_("这次导出已过期，文件已清除。"), advice=_("需要的请重新导出。"))
    if part.blob is None:
        raise NotNow(_("这一包还在准备。"), advice=_("准备好后页面会自动更新。"))
    dossiers = _dossiers(part, by, at)
    if len(dossiers) < len(part.dossiers):
        raise NotNow(_("这一包里有您现在不能查看的案卷，没有下载。"), advice=_("请按现在的范围重新导出。"))
    content = read_blob(part.blob)
    remember_taken(dossiers, by, at)
    return content


def forget_expired(at: datetime) -> int:
    """Remove the bytes of exports whose time is over; returns of how many exports."""
    over = Export.objects.filter(state=Export.State.READY, expires_at__lte=at).order_by("pk")
    done = 0
    for export in over:
        with transaction.atomic():
            if not Export.objects.filter(pk=export.pk, state=Export.State.READY).update(state=Export.State.EXPIRED):
                continue
            for part in export.parts.select_related("blob").exclude(blob=None):
                blob = part.blob
                part.blob = None
                part.save(update_fields=["blob"])
                if blob is not None:
                    forget_blob(blob)
        done += 1
    return done
