"""What can be done with a certification: hand in, clear or refer, judge item by item, decide, withdraw, revoke."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.membership import give_code, set_verified
from xinshu.accounts.models import Member, Organisation
from xinshu.certification.checks import AGREES, Handed, Known, findings
from xinshu.certification.lifecycle import CERTIFICATION
from xinshu.certification.models import Certification, Finding, Item, Judgement
from xinshu.core import masking, resident_id, uscc
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.models import File
from xinshu.documents.uploads import Upload, keep_again, keep_file, read_upload
from xinshu.ledger.recording import record
from xinshu.messaging.models import seal

FILES = {
    Item.LICENCE: "licence_file", Item.REPRESENTATIVE: "id_file", Item.AUTHORISATION: "authorisation_file",
}  # fmt: skip
LONGEST_DAYS = 3660  # an authorisation without an end in sight is none


@dataclass(frozen=True)
class Papers:
    """What a firm types and brings. A file None: the one of the certification before is used again."""

    legal_name: str
    uscc: str
    representative: str
    number: str  # "" of the same person as in the certification before
    licence_until: date | None
    id_until: date | None
    authorised_from: date
    authorised_until: date
    files: Mapping[str, Upload | None]  # by Item


@transaction.atomic
def submit(organisation: Organisation, papers: Papers, *, by: Member, at: datetime) -> Certification:
    """Hand in a certification; the worker compares it with the register.

    Raises NotPermitted for anybody but the firm's own people, Invalid per field, NotNow while another one is open.
    """
    if by.organisation_id != organisation.pk or not by.can("enterprises.edit"):
        raise NotPermitted(_("只有企业自己的经办人可以提交认证。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    before = Certification.objects.filter(organisation=organisation).order_by("-pk").first()
    number = resident_id.normalise(papers.number)
    if not number and before is not None and papers.representative.strip() == before.representative:
        number = before.number  # the same person: not typed again
    _must_hold(papers, number, before)
    row = Certification(
        organisation=organisation, applied_by=by, state="checking", submitted_at=at,
        legal_name=" ".join(papers.legal_name.split()), uscc=uscc.normalise(papers.uscc),
        representative=papers.representative.strip(), licence_until=papers.licence_until,
        id_number=seal(number), id_masked=masking.id_number(number), id_until=papers.id_until,
        authorised_from=papers.authorised_from, authorised_until=papers.authorised_until,
    )  # fmt: skip
    for item, name in FILES.items():
        setattr(row, name, _kept(papers.files.get(item), item, before, organisation, by, at))
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise NotNow(_("已有一份认证在办理。"), advice=_("可以撤回后修改再提交。")) from None
    kept = [getattr(row, f"{name}_id") for name in FILES.values()]
    File.objects.filter(pk__in=kept).update(subject_type=row._meta.label_lower, subject_id=row.pk)
    record("certification.submitted", row, by=by, at=at, name=row.legal_name, uscc=row.uscc, files=kept)
    return row


def _must_hold(papers: Papers, number: str, before: Certification | None) -> None:
    """Raise Invalid for what cannot be right whatever the pictures show."""
    wrong: dict[str, str] = {}
    if len(papers.legal_name.strip()) < 4:
        wrong["legal_name"] = _("请填写营业执照上的全称")
    if problems := uscc.problems(uscc.normalise(papers.uscc)):
        wrong["uscc"] = problems[0]
    if len(papers.representative.strip()) < 2:
        wrong["representative"] = _("请填写法定代表人姓名")
    if problems := resident_id.problems(number):
        wrong["number"] = problems[0]
    if papers.authorised_until < papers.authorised_from:
        wrong["authorised_until"] = _("截止日不能早于起始日")
    elif (papers.authorised_until - papers.authorised_from).days > LONGEST_DAYS:
        wrong["authorised_until"] = _("授权期最长 10 年")
    for item in FILES:
        if papers.files.get(item) is None and before is None:
            wrong[item] = _("请上传%(what)s") % {"what": item.label}
    if wrong:
        raise Invalid(_("没有提交，请修改标出的内容。其他内容保留在页面上，文件需要重新选择。"), fields=wrong)


def _kept(
    upload: Upload | None, item: str, before: Certification | None, owner: Organisation, by: Member, at: datetime
) -> File:
    """Return the file of an item: what was brought, else that of the certification before, named once more."""
    if upload is None:
        assert before is not None  # _must_hold asked for it
        former: File = getattr(before, FILES[Item(item)])
        return keep_again(former, by, at, subject=before)
    try:
        return keep_file(read_upload(upload), upload.name or "", owner, by, at)
    except Invalid as refusal:
        raise Invalid(refusal.message, advice=refusal.advice, fields={item: refusal.message}) from refusal


@transaction.atomic
def conclude(row: Certification, known: Known, *, at: datetime) -> Certification:
    """Keep what the checks find, and clear the certification where all of them agree; else refer it to a person."""
    row = Certification.objects.locked(row)
    found = [
        Finding(certification=row, item=item, check_code=code, result=result, words=words[:300], source=source, at=at)
        for code, item, result, words, source in findings(handed_of(row), known, local_day(at))
    ]
    clear = all(one.result == AGREES for one in found)
    step = CERTIFICATION.step("clear" if clear else "refer", row, SYSTEM)
    Finding.objects.bulk_create(found)
    if clear:
        _certify(row, at=at)
    row.change(step, checked_at=at, **({"decided_at": at} if clear else {}))
    record(
        "certification.cleared" if clear else "certification.referred", row, by=SYSTEM, at=at, name=row.legal_name,
        open=[one.check_code for one in found if one.result != AGREES],
    )  # fmt: skip
    return row


def handed_of(row: Certification) -> Handed:
    """Return what the checks look at."""
    taken = Organisation.objects.filter(uscc=row.uscc).exclude(pk=row.organisation_id).exists()
    return Handed(
        row.organisation.name, row.organisation.uscc or "", row.legal_name, row.uscc, row.representative, row.number,
        row.licence_until, row.id_until, row.authorised_from, row.authorised_until, taken,
    )  # fmt: skip


@transaction.atomic
def judge(row: Certification, item: str, *, accept: bool, reason: str = "", by: Member, at: datetime) -> Certification:
    """Decide on one item, anew until the whole is decided. Raises Invalid for a rejection without a reason."""
    row = Certification.objects.locked(row)
    step = CERTIFICATION.step("accept" if accept else "reject", row, by)
    if item not in Item.values:
        raise Invalid(_("没有这一项。"))
    reason = reason.strip()
    if not accept and not reason:
        raise Invalid(_("请写明退回原因，企业会看到。"), fields={"reason": _("还没有填写")})
    told = {"accepted": accept, "reason": "" if accept else reason[:300], "by": by, "at": at}
    Judgement.objects.update_or_create(certification=row, item=item, defaults=told)
    row.change(step)
    kind = "certification.item_accepted" if accept else "certification.item_rejected"
    record(kind, row, by=by, at=at, name=row.legal_name, item=item, reason=told["reason"])
    return row


@transaction.atomic
def approve(row: Certification, *, by: Member, at: datetime) -> Certification:
    """Certify the firm: every item was accepted. Raises NotNow while one is not."""
    row = Certification.objects.locked(row)
    step = CERTIFICATION.step("approve", row, by)
    accepted = set(row.judgements.filter(accepted=True).values_list("item", flat=True))
    if missing := [item.label for item in Item if item not in accepted]:
        raise NotNow(
            _("还不能通过：%(items)s没有通过核对。") % {"items": "、".join(str(label) for label in missing)},
            advice=_("逐项核对并标为通过后再办理；有问题的请退回。"),
        )
    _certify(row, at=at)
    row.change(step, decided_at=at, decided_by=by)
    record("certification.approved", row, by=by, at=at, name=row.legal_name)
    return row


@transaction.atomic
def send_back(row: Certification, *, by: Member, at: datetime) -> Certification:
    """Return the certification with the reasons of the rejected items. Raises NotNow where none was rejected."""
    row = Certification.objects.locked(row)
    step = CERTIFICATION.step("return", row, by)
    rejected = {one.item: one.reason for one in row.judgements.filter(accepted=False)}
    if not rejected:
        raise NotNow(_("还没有退回任何一项。"), advice=_("请先在有问题的项上写明退回原因。"))
    row.change(step, decided_at=at, decided_by=by)
    record("certification.returned", row, by=by, at=at, name=row.legal_name, items=rejected)
    return row


@transaction.atomic
def withdraw(row: Certification, *, by: Member, at: datetime) -> Certification:
    """Take back what was handed in, before it is decided."""
    row = Certification.objects.locked(row)
    step = CERTIFICATION.step("withdraw", row, by)
    row.change(step, decided_at=at)
    record("certification.withdrawn", row, by=by, at=at, name=row.legal_name)
    return row


@transaction.atomic
def revoke(row: Certification, *, reason: str, by: Member, at: datetime) -> Certification:
    """Take a certification away. Raises Invalid without a reason."""
    row = Certification.objects.locked(row)
    step = CERTIFICATION.step("revoke", row, by)
    if not reason.strip():
        raise Invalid(_("请写明撤销原因，企业会看到。"), fields={"reason": _("还没有填写")})
    set_verified(row.organisation, verified=False, by=by, at=at)
    row.change(step, reason=reason.strip()[:500])
    record("certification.revoked", row, by=by, at=at, name=row.legal_name, reason=row.reason)
    return row


def _certify(row: Certification, *, at: datetime) -> None:
    """Make the firm a certified one; the certification in force before makes way. Must run in the act's transaction."""
    for former in Certification.objects.filter(organisation=row.organisation_id, state="approved"):
        former = copy(former)
        former.change(CERTIFICATION.step("replace", former, SYSTEM))
        record("certification.replaced", former, by=SYSTEM, at=at, name=former.legal_name)
    organisation = row.organisation
    if not organisation.uscc:
        organisation = give_code(organisation, row.uscc, by=SYSTEM, at=at)
    set_verified(organisation, verified=True, by=SYSTEM, at=at)
