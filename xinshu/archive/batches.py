"""Many dossiers at once: cut into parts of a bearable size, each written while it is sent.

A part is a ZIP of dossier ZIPs, each of which the script checks by itself. It is named by its first and last dossier,
so that an interrupted download is simply asked for again, and what is archived meanwhile shifts nothing.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.archive.bundles import bundle_of
from xinshu.archive.models import Dossier, DossierQuerySet
from xinshu.archive.sides import side_of
from xinshu.core.clock import CHINA
from xinshu.core.refusals import NotNow, Unknown
from xinshu.ledger.recording import record

PART = 50 * 1024 * 1024  # bytes of files before compression
AT_MOST = 5_000  # dossiers that are offered at once


@dataclass(frozen=True)
class Part:
    """One download: references of its first and last dossier, how many, how many bytes before compression."""

    first: str
    last: str
    count: int
    size: int


class _Sink:
    """Takes what zipfile writes and gives it on piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def parts_of(found: DossierQuerySet, limit: int = PART) -> list[Part]:
    """Return how `found` (at most 5,000) is cut into parts of at most `limit` bytes; a larger dossier stands alone."""
    parts: list[Part] = []
    for reference, size in found.order_by("pk").values_list("reference", "size")[:AT_MOST]:
        if parts and parts[-1].size + size <= limit:
            last = parts[-1]
            parts[-1] = Part(last.first, reference, last.count + 1, last.size + size)
        else:
            parts.append(Part(reference, reference, 1, size))
    return parts


def part_between(found: DossierQuerySet, first: str, last: str) -> list[Dossier]:
    """Return the dossiers of one part. Raises Unknown when its ends are not among `found`."""
    ends = dict(found.filter(reference__in=[first, last]).values_list("reference", "pk"))
    if first not in ends or last not in ends or ends[first] > ends[last]:
        raise Unknown(_("没有找到这一包。"), advice=_("筛选条件可能变了，请回到批量导出页面重新选择。"))
    within = found.filter(pk__gte=ends[first], pk__lte=ends[last]).order_by("pk")
    return list(within.select_related("guarantee__project")[:AT_MOST])


def remember_taken(dossiers: list[Dossier], by: Member, at: datetime) -> None:
    """Record for every dossier that `by` takes it, before anything leaves."""
    with transaction.atomic():
        for dossier in dossiers:
            until = dossier.guarantee.secret_until
            record("archive.taken", dossier, by=by, at=at, sealed_until=until, path="*", many=len(dossiers))


def written(dossiers: list[Dossier], member: Member) -> Iterator[bytes]:
    """Yield the ZIP of a part while it is written. What does not pass its check is named in 未导出.txt."""
    sink, failed = _Sink(), []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as box:  # type: ignore[call-overload]
        for dossier in dossiers:
            moment = dossier.sealed_at
            assert moment is not None
            name = f"{dossier.guarantee.number}-V{dossier.number}.zip"
            try:
                content = bundle_of(dossier, side_of(dossier.guarantee, member))
            except NotNow as refusal:
                failed.append(f"{name}: {refusal.message}")
                continue
            box.writestr(zipfile.ZipInfo(name, moment.astimezone(CHINA).timetuple()[:6]), content)
            yield sink.taken()
        if failed:
            box.writestr(_("未导出.txt"), "\n".join(failed))
    yield sink.taken()
