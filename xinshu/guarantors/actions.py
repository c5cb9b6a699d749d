"""What can be done with filings: filed, edited, confirmed by a second person of the operator, discarded, ended."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.books.limits import report_capital
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.uploads import keep_file
from xinshu.guarantors.lifecycle import LIFECYCLE
from xinshu.guarantors.models import Filing, NetAssets, Qualification, Scope
from xinshu.ledger.recording import record

FilingRow = TypeVar("FilingRow", bound=Filing)
Papered = TypeVar("Papered", Qualification, NetAssets)
Upload = tuple[bytes, str]  # content, name


@transaction.atomic
def file_qualification(
    guarantor: Organisation,
    says: Mapping[str, Any],
    *,
    by: Member,
    at: datetime,
    replaces: Qualification | None = None,
    upload: Upload | None = None,
) -> Qualification:
    """File a qualification, or the next version of one. `says`: the columns of Qualification.SAYS."""
    filed = _file(Qualification, guarantor, says, replaces, by=by, at=at)
    return _with_file(filed, upload, by=by, at=at)


@transaction.atomic
def file_scope(
    guarantor: Organisation, says: Mapping[str, Any], *, by: Member, at: datetime, replaces: Scope | None = None
) -> Scope:
    """File a business that a guarantor does, or the next version of one. `says`: the columns of Scope.SAYS."""
    return _file(Scope, guarantor, says, replaces, by=by, at=at)


@transaction.atomic
def file_net_assets(
    guarantor: Organisation,
    says: Mapping[str, Any],
    *,
    by: Member,
    at: datetime,
    replaces: NetAssets | None = None,
    upload: Upload | None = None,
) -> NetAssets:
    """File net assets; confirmed, they replace the last. `says`: the columns of NetAssets.SAYS."""
    last = replaces or NetAssets.objects.filter(guarantor=guarantor, state="confirmed").order_by("-pk").first()
    if says["valid_from"] > local_day(at):
        raise Invalid(_("基准日不能在今天之后。"), fields={"valid_from": _("请核对日期")})
    return _with_file(_file(NetAssets, guarantor, says, last, by=by, at=at), upload, by=by, at=at)


def _file(
    model: type[FilingRow],
    guarantor: Organisation,
    says: Mapping[str, Any],
    replaces: FilingRow | None,
    *,
    by: Member,
    at: datetime,
) -> FilingRow:
    filed = model(
        state="draft", guarantor=guarantor, replaces=replaces, authors=[by.user_id], filed_by=by.actor_label[:60],
        created_at=at, changed_at=at, **says,
    )  # fmt: skip
    LIFECYCLE.step("edit", filed, by)
    if guarantor.kind not in Organisation.ISSUERS:
        raise Invalid(_("只登记担保公司、银行和保险公司。"), fields={"guarantor": _("不能出具保函")})
    model_of: Any = model
    standing = model_of.objects.filter(guarantor=guarantor, state="confirmed")
    if replaces is not None and not standing.filter(pk=replaces.pk).exists():
        raise NotNow(_("要替换的版本已经不是有效版本。"), advice=_("请从保证人页面重新进入。"))
    _check(filed)
    filed.save()
    record(f"{_name(filed)}.filed", filed, by=by, at=at, **_told(filed))
    return filed


@transaction.atomic
def edit_filing(
    filing: FilingRow, says: Mapping[str, Any], *, by: Member, at: datetime, upload: Upload | None = None
) -> FilingRow:
    """Rewrite a draft. Whoever does is one of its authors, too."""
    filing = _locked(filing)
    step = LIFECYCLE.step("edit", filing, by)
    for name, value in says.items():
        setattr(filing, name, value)
    _check(filing)
    filing.change(step, authors=sorted({*filing.authors, by.user_id}), changed_at=at, **says)
    record(f"{_name(filing)}.edited", filing, by=by, at=at, **_told(filing))
    papered: Any = filing
    if isinstance(filing, (Qualification, NetAssets)):
        _with_file(papered, upload, by=by, at=at)
    return filing


@transaction.atomic
def confirm_filing(filing: FilingRow, *, by: Member, at: datetime) -> FilingRow:
    """Let it hold, by a person of the operator who has not written it; what it replaces becomes history."""
    filing = _locked(filing)
    step = LIFECYCLE.step("confirm_filing", filing, by)
    if by.user_id in filing.authors:
        raise NotPermitted(_("您登记过它，须由另一位运营人员确认。"))
    if filing.replaces_id is not None:
        model: Any = type(filing)
        old = model.objects.select_for_update().get(pk=filing.replaces_id)
        if old.state != "confirmed":
            raise NotNow(_("它要替换的版本已被替换或停用。"), advice=_("请作废这一份，按现在的版本重新登记。"))
        old.change(state="replaced", changed_at=at)
    if isinstance(filing, NetAssets):  # the limits follow in this very act
        report_capital(
            filing.guarantor, filing.amount, as_of=filing.valid_from, source=filing.source,
            mainly_small=filing.mainly_small, by=by, at=at,
        )  # fmt: skip
    filing.change(step, confirmed_by=by.actor_label[:60], confirmed_at=at, changed_at=at)
    record(f"{_name(filing)}.confirmed", filing, by=by, at=at, **_told(filing))
    return filing


@transaction.atomic
def discard_filing(filing: FilingRow, *, by: Member, at: datetime, reason: str) -> FilingRow:
    """Throw a draft away; what holds now stays."""
    return _close(filing, "discard_filing", "discarded", by=by, at=at, reason=reason)


@transaction.atomic
def end_filing(filing: FilingRow, *, by: Member, at: datetime, reason: str) -> FilingRow:
    """End what holds now, without a successor. Instruments in force are not touched."""
    if isinstance(filing, NetAssets):
        raise NotNow(_("净资产不能停用。"), advice=_("数字有变化的，请登记新的净资产，由另一位运营人员确认。"))
    return _close(filing, "end_filing", "ended", by=by, at=at, reason=reason)


def _close(filing: FilingRow, action: str, what: str, *, by: Member, at: datetime, reason: str) -> FilingRow:
    filing = _locked(filing)
    step = LIFECYCLE.step(action, filing, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明原因。"), fields={"reason": _("至少 4 个字")})
    filing.change(step, changed_at=at)
    record(f"{_name(filing)}.{what}", filing, by=by, at=at, reason=reason.strip()[:500])
    return filing


def _locked(filing: FilingRow) -> FilingRow:
    model: Any = type(filing)
    locked: FilingRow = model.objects.locked(filing)
    return locked


def _with_file(filed: Papered, upload: Upload | None, *, by: Member, at: datetime) -> Papered:
    if upload is None:
        return filed
    kept = keep_file(*upload, by.organisation, by, at, subject=filed)
    return filed.change(file=kept)


def _name(filing: Filing) -> str:
    return {Qualification: "qualification", NetAssets: "net_assets", Scope: "scope"}[type(filing)]


def _told(filing: Filing) -> dict[str, Any]:
    said = {name: str(value) for name, value in filing.values.items() if value is not None and name != "kind"}
    kind = {"kind_code": filing.values["kind"]} if "kind" in filing.values else {}
    return {"guarantor": filing.guarantor_id, **kind, **said}


def _check(filing: Filing) -> None:
    problems = {}
    if filing.valid_until is not None and filing.valid_until < filing.valid_from:
        problems["valid_until"] = _("截止日期不能早于开始日期")
    if isinstance(filing, Qualification):
        problems |= _wrong_qualification(filing)
    elif isinstance(filing, Scope):
        problems |= _wrong_scope(filing)
    elif isinstance(filing, NetAssets):
        problems |= _wrong_net_assets(filing)
    if problems:
        raise Invalid(_("登记没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)


def _wrong_qualification(filing: Qualification) -> dict[str, str]:
    problems = {}
    if filing.kind not in Qualification.Kind.values:
        problems["kind"] = _("请选择")
    if not 2 <= len(filing.certificate.strip()) <= 60:
        problems["certificate"] = _("填 2 到 60 个字")
    if not 2 <= len(filing.authority.strip()) <= 80:
        problems["authority"] = _("填 2 到 80 个字")
    return problems


def _wrong_scope(filing: Scope) -> dict[str, str]:
    problems = {}
    if not ((filing.region_code.isdecimal() and filing.region_code.isascii()) or filing.region_code == ""):
        problems["region_code"] = _("填行政区划代码的前几位数字，不填即不限")
    if filing.most_amount is not None and filing.most_amount <= 0:
        problems["most_amount"] = _("应大于零")
    if filing.annual_rate is not None and not Decimal(0) <= filing.annual_rate <= 1:
        problems["annual_rate"] = _("应在 0 和 100% 之间")
    return problems


def _wrong_net_assets(filing: NetAssets) -> dict[str, str]:
    problems = {}
    if filing.amount < 0:
        problems["amount"] = _("净资产不能是负数")
    if len(filing.source.strip()) < 4:
        problems["source"] = _("至少 4 个字，例如“2025 年度审计报告”")
    if filing.mainly_small and len(filing.basis.strip()) < 4:
        problems["basis"] = _("按 15 倍计算的，请写明依据，至少 4 个字")
    if filing.mainly_small and filing.guarantor.kind != Organisation.Kind.GUARANTOR:
        problems["mainly_small"] = _("只有担保公司可以按 15 倍计算")
    return problems
