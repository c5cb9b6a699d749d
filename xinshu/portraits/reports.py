"""企业报告: the portrait frozen on a day, as PDF; every sentence with its evidence and as-of date, and what to do."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.cases import random_code
from xinshu.core.clock import local_day
from xinshu.core.refusals import Unknown
from xinshu.core.sm import sm3
from xinshu.documents.letters.rendering import typeset
from xinshu.documents.uploads import file_of
from xinshu.enterprises.models import Enterprise
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.exports import must_export
from xinshu.ledger.recording import record
from xinshu.portraits.chapters import Portrait, portrait_of
from xinshu.portraits.models import Report

MOST_EVENTS = 60


@transaction.atomic
def issue_report(enterprise: Enterprise, *, by: Member, at: datetime) -> Report:
    """Write down what is known of a firm to `by` now. Raises Unknown for a firm that does not exist for them."""
    must_export(by)
    if not Enterprise.objects.visible_to(by).filter(pk=enterprise.pk).exists():
        raise Unknown(_("没有找到这家企业。"))
    content = content_of(portrait_of(enterprise, by, at))
    number, digest = f"QYBG{local_day(at):%Y%m%d}-{random_code(8)}", sm3(canonical_json(content).encode()).hex()
    name = enterprise.organisation.name
    pdf = typeset(_template(), {**content, **_frame(number, digest, name, by, at)}, at)
    report = Report(
        number=number, enterprise=enterprise, name=name, house=by.organisation, made_by=by, made_at=at,
        content=content, sm3=digest,
    )  # fmt: skip
    report.file = file_of(
        pdf, f"企业报告 {name[:80]} {number}.pdf", "application/pdf", by.organisation, by, at, subject=None,
        sealed_until=None,
    )  # fmt: skip
    report.save()
    record(
        "portrait.reported",
        enterprise,
        by=by,
        at=at,
        number=number,
        sm3=digest,
        organisation=enterprise.organisation_id,
    )
    return report


def content_of(portrait: Portrait) -> dict[str, Any]:
    """Return what a report says, as JSON: chapters of sentences (text, source, as_of), and advice."""
    chapters = [
        {"label": str(one.chapter.label), "sentences": [
            {"text": line.text, "source": line.source, "as_of": line.as_of.isoformat() if line.as_of else ""}
            for line in one.said.sentences
        ]}
        for one in portrait.written if one.said.sentences
    ]  # fmt: skip
    events = [
        {
            "text": "　".join(filter(None, (event.title, event.text))),
            "source": event.source,
            "as_of": event.on.isoformat(),
        }
        for event in portrait.events[:MOST_EVENTS]
    ]
    if events:
        chapters.append({"label": _("大事记"), "sentences": events})
    return {"chapters": chapters, "advice": portrait.advice or [_("没有需要特别注意的事项。")]}


def _frame(number: str, digest: str, name: str, by: Member, at: datetime) -> dict[str, Any]:
    """Return what stands around the content: it is said in the report, and is no part of what is proven."""
    on = local_day(at).isoformat()
    return {
        "title": _("企业报告"), "number": number, "name": name, "house": by.organisation.name, "sm3": digest,
        "head": [
            [_("报告编号"), number], [_("截至日"), on], [_("出具机构"), by.organisation.name],
            [_("出具人"), by.user.name],
        ],
        "columns": [_("内容"), _("依据"), _("截至")], "page": _("第"), "advice_label": _("建议"),
        "note": _("本报告由平台按出具时可见的资料自动汇总，每句列明依据和日期；依据变化后以新的报告为准。"),
    }  # fmt: skip


@cache
def _template() -> str:
    return (Path(__file__).parent / "report.typ").read_text()
