"""部门查验: many numbers at once, each judged as the public page judges one, the verdicts kept with the file's name."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.masking import person
from xinshu.core.money import yuan
from xinshu.core.refusals import NotPermitted
from xinshu.documents.contents import check_name
from xinshu.exchange.lifecycle import SUPERVISE
from xinshu.exchange.models import Verification
from xinshu.exchange.reading import Asked, read_numbers
from xinshu.guarantees import verification
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.exports import Column, Export, export_sheet
from xinshu.ledger.recording import record

STOPPED, NOT_READ, REPEATED = "stopped", "not_read", "repeated"
OUTCOMES: dict[str, tuple[Any, str]] = {
    # outcome              words                                   tone
    verification.IN_FORCE: (lazy("真实有效"),                        "ok"),
    verification.EXPIRED:  (lazy("真实，已到期"),                    "mute"),
    verification.RELEASED: (lazy("真实，已解保"),                    "mute"),
    verification.SECRET:   (lazy("真实，开标前保密"),                "law"),
    verification.UNKNOWN:  (lazy("没有查到"),                        "danger"),
    verification.DOUBTFUL: (lazy("核验没有通过"),                    "danger"),
    STOPPED:               (lazy("验证码试错太多，一小时后再查"),    "warn"),
    NOT_READ:              (lazy("没有读懂"),                        "warn"),
    REPEATED:              (lazy("与前面重复"),                      "mute"),
}  # fmt: skip
OTHER = (lazy("真实"), "ok")  # an end of the instrument that has no words of its own here


def verify_batch(content: bytes, name: str, *, by: Member, at: datetime) -> Verification:
    """Judge every number of a file. Raises Invalid for a file that cannot be read; then nothing is kept."""
    if not by.can(SUPERVISE):
        raise NotPermitted(_("批量查验由主管部门使用。"), advice=_("单份保函请用保函查验。"))
    name = check_name(name)
    asked = read_numbers(content, name)
    rows, seen = [], set()
    for one in asked:
        known = (one.number, one.code) in seen
        seen.add((one.number, one.code))
        rows.append(_judged(one, by, at, repeated=known))
    with transaction.atomic():
        made = Verification.objects.create(
            organisation=by.organisation, asked_by=by.actor_label, name=name, at=at, rows=rows
        )
        record("verification.made", made, by=by, at=at, name=name, rows=len(rows))
    return made


def _judged(one: Asked, by: Member, at: datetime, *, repeated: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"line": one.line, "number": one.number, "with_code": bool(one.code), "note": one.problem}
    if one.problem or repeated:
        return row | {"outcome": NOT_READ if one.problem else REPEATED}
    try:
        verdict = verification.by_code(one.number, one.code, at) if one.code else verification.by_number(one.number, at)
    except verification.TooManyTries as refusal:
        return row | {"outcome": STOPPED, "note": refusal.message}
    row["outcome"] = verdict.outcome
    case = verdict.guarantee
    if case is None:
        return row
    shown = (lambda text: text) if verdict.whole_names else person
    mine = Guarantee.objects.visible_to(by, at).filter(pk=case.pk).exists()
    return row | {
        "kind": str(case.get_kind_display()),
        "amount": case.amount,
        "guarantor": case.guarantor.name,
        "applicant": shown(case.applicant.name),
        "expires_on": case.expires_on.isoformat() if case.expires_on else "",
        "reference": case.reference if mine else "",
    }


def words_of(outcome: str) -> tuple[str, str]:
    """Return (words, tone) of a verdict."""
    words, tone = OUTCOMES.get(outcome, OTHER)
    return str(words), tone


COLUMNS = (
    Column(lazy("行号"), 8, "exchange.Verification.name", lambda row: row["line"]),
    Column(lazy("保函编号"), 24, "guarantees.Guarantee.number", lambda row: row["number"]),
    Column(lazy("结论"), 24, "exchange.Verification.name", lambda row: words_of(row["outcome"])[0]),
    Column(lazy("验证码"), 10, "exchange.Verification.name", lambda row: _("已填") if row["with_code"] else _("未填")),
    Column(lazy("类型"), 12, "guarantees.Guarantee.kind", lambda row: row.get("kind", "")),
    Column(lazy("保函金额（元）"), 18, "guarantees.Guarantee.amount", lambda row: _yuan(row), money=False),
    Column(lazy("保证人"), 30, "accounts.Organisation.name", lambda row: row.get("guarantor", "")),
    Column(lazy("申请人"), 30, "accounts.Organisation.name", lambda row: row.get("applicant", "")),
    Column(lazy("到期日"), 12, "guarantees.Guarantee.state", lambda row: row.get("expires_on", "")),
    Column(lazy("说明"), 40, "exchange.Verification.name", lambda row: row["note"]),
)


def export_verification(batch: Verification, *, by: Member, at: datetime) -> Export:
    """Return the result as a workbook, line by line as they stood in the file."""
    return export_sheet(
        _("批量查验结果"), COLUMNS, batch.rows, kind="verification.exported", subject=batch, by=by, at=at,
        of=batch.reference,
    )  # fmt: skip


def _yuan(row: dict[str, Any]) -> str:
    return yuan(row["amount"]) if row.get("amount") else ""
