"""Firms prove who they are beside a certification: elements held against the register, a small amount read back."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.identity import NotProven, TooOften, settings_now
from xinshu.accounts.assurance.holding import KINDS_OF_FIRMS
from xinshu.accounts.assurance.methods import METHODS
from xinshu.accounts.models import IdentityCheck, Member, Organisation
from xinshu.certification.methods import ELEMENTS, TRANSFER
from xinshu.certification.models import SmallTransfer
from xinshu.certification.registry import Elements, NoWord, register
from xinshu.core import masking, resident_id
from xinshu.core.actors import SYSTEM
from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record
from xinshu.messaging.models import seal, unseal

RIGHTS = ("enterprises.edit", "integrations.manage")  # a firm's clerk, an institution's own administrator
ASKED = ("name", "uscc", "representative", "number")
TRIES = 5  # comparisons a day that do not agree
MOST_FEN, READ_BACK, VALID_FOR, A_MONTH = 999, 3, timedelta(days=7), 3
State, Outcome = SmallTransfer.State, IdentityCheck.Outcome


def prove_elements(
    member: Member, count: int, *, representative: str = "", number: str = "", at: datetime
) -> IdentityCheck:
    """Have two, three or four elements of one's own firm compared. Asks outside, between two transactions.

    Raises NotPermitted, Invalid, TooOften after five that did not agree in a day, NotProven.
    """
    firm = _own(member)
    method = next((code for code, wanted in ELEMENTS.items() if wanted == count), "")
    _must_be_on(method)
    way = register()
    assert way is not None  # is_on has asked
    representative, number = " ".join(representative.split())[:40], resident_id.normalise(number)
    wrong: dict[str, str] = {}
    if not firm.uscc:
        wrong["uscc"] = _("机构还没有统一社会信用代码")
    if count >= 3 and len(representative) < 2:
        wrong["representative"] = _("请填写法定代表人姓名")
    if count == 4 and (problems := resident_id.problems(number)):
        wrong["number"] = problems[0]
    if wrong:
        raise Invalid(_("没有提交核验，请修改。"), fields=wrong)
    mark = masking.id_number(number) if count == 4 else masking.person(representative) if count == 3 else ""
    check = _take_a_try(firm, member, method, way.label, mark, at)
    told = Elements(firm.name, firm.uscc or "", representative if count >= 3 else "", number if count == 4 else "")
    try:
        word = way.compare(told)
        answers = [word.agrees.get(name) for name in ASKED[:count]]
        if None in answers:
            raise NoWord(_("登记机关没有逐项答复"))
    except NoWord as silence:
        _close(check, Outcome.SILENT, str(silence), member, at)
        raise NotProven(f"{silence}。", advice=_("没有计入次数，请稍后再试；已有的认证不受影响。")) from silence
    if not all(answers) or word.active is False:
        words = _("企业已不在营") if word.active is False else _("与登记机关的记载不一致")
        _close(check, Outcome.FAILED, words, member, at)
        raise NotProven(f"{words}。", advice=_("请对照营业执照核对；登记刚变更的，更新后再试。"))
    return _close(check, Outcome.PASSED, "", member, at)


@transaction.atomic
def order_transfer(member: Member, *, account_no: str, bank: str, at: datetime) -> SmallTransfer:
    """Order a small amount to be paid into the firm's own account; the worker has it paid.

    Raises NotPermitted, Invalid, NotNow while one is open, TooOften beyond three in a month.
    """
    firm = _own(member)
    _must_be_on(TRANSFER)
    account_no, bank = account_no.replace(" ", "").replace("-", ""), " ".join(bank.split())
    wrong: dict[str, str] = {}
    if not (account_no.isascii() and account_no.isdecimal() and 8 <= len(account_no) <= 30):
        wrong["account_no"] = _("对公账号是 8 至 30 位数字")
    if not 4 <= len(bank) <= 60:
        wrong["bank"] = _("请填写开户行全称，4 至 60 个字")
    if wrong:
        raise Invalid(_("没有打款，请修改。"), fields=wrong)
    Organisation.objects.select_for_update().get(pk=firm.pk)  # two at once see each other
    lapse(firm, at=at)
    recent = SmallTransfer.objects.filter(organisation=firm, ordered_at__gt=at - timedelta(days=30))
    if recent.exclude(state=State.UNPAID).count() >= A_MONTH:
        raise TooOften(_("30 天内已打款 %(n)d 次。") % {"n": A_MONTH}, advice=_("请改用其他认证方式，或过几天再试。"))
    try:
        with transaction.atomic():
            row = SmallTransfer.objects.create(
                organisation=firm, by=member, account=seal(account_no), account_masked=masking.account(account_no),
                bank=bank, amount=seal(str(1 + secrets.randbelow(MOST_FEN))), ordered_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise NotNow(_("已有一笔打款在等待回填。"), advice=_("请先回填收到的金额。")) from None
    record("firm_transfer.ordered", row, by=member, at=at, account=row.account_masked, bank=bank)
    return row


@transaction.atomic
def close_order(row: SmallTransfer, *, why: str = "", at: datetime) -> None:
    """Say how the bank took an order; a second time changes nothing."""
    row = SmallTransfer.objects.select_for_update().get(pk=row.pk)
    if row.state != State.ORDERED:
        return
    if why:
        _end(row, State.UNPAID, why, at)
    else:
        row.state = State.SENT
        row.save(update_fields=["state"])
    record("firm_transfer.failed" if why else "firm_transfer.sent", row, by=SYSTEM, at=at, why=why)


def read_back(row: SmallTransfer, amount: str, *, by: Member, at: datetime) -> SmallTransfer:
    """Take the amount that the firm found on its statement. Three wrong ones end it; so do seven days.

    Raises NotPermitted, Invalid for what is no amount, NotNow, NotProven.
    """
    if _own(by).pk != row.organisation_id:
        raise NotPermitted(_("这笔打款不是贵机构的。"))
    fen = parse_yuan(amount)
    row, right = _read(row, fen, by, at)
    if not right:
        left = READ_BACK - row.tries
        if row.state != State.SENT:
            raise NotProven(_("金额不对，次数已用完。"), advice=_("请核对账号后重新打款，或改用其他方式。"))
        raise Invalid(
            _("金额不对，还可以再试 %(n)d 次。") % {"n": left},
            advice=_("请看银行流水里付款方为平台的那一笔。"), fields={"amount": _("与打款金额不符")},
        )  # fmt: skip
    return row


@transaction.atomic
def _read(row: SmallTransfer, fen: int, by: Member, at: datetime) -> tuple[SmallTransfer, bool]:
    row = SmallTransfer.objects.select_for_update().select_related("organisation").get(pk=row.pk)
    if row.state != State.SENT:
        raise NotNow(_("这笔打款现在不能回填（%(state)s）。") % {"state": row.get_state_display()})
    if at >= row.ordered_at + VALID_FOR:
        raise NotNow(_("这笔打款已过期。"), advice=_("请重新打款。"))
    right = secrets.compare_digest(unseal(row.amount), str(fen))
    row.tries += 1
    row.save(update_fields=["tries"])
    if right:
        _end(row, State.PROVEN, "", at)
    elif row.tries >= READ_BACK:
        _end(row, State.WRONG, "", at)
    if right or not row.is_open:
        words = "" if right else _("回填金额不对")
        _keep(
            row.organisation, by, TRANSFER, Outcome.PASSED if right else Outcome.FAILED, words, row.account_masked, at
        )
    else:
        record("firm_transfer.read_wrong", row, by=by, at=at, tries=row.tries)
    return row, right


@transaction.atomic
def lapse(firm: Organisation | None = None, *, at: datetime) -> int:
    """End what nobody has read back in seven days; return how many."""
    over = SmallTransfer.objects.select_for_update().filter(
        state__in=(State.ORDERED, State.SENT), ordered_at__lte=at - VALID_FOR
    )
    rows = list(over.filter(organisation=firm) if firm else over.order_by("pk")[:500])
    for row in rows:
        _end(row, State.LAPSED, "", at)
        record("firm_transfer.lapsed", row, by=SYSTEM, at=at)
    return len(rows)


def _end(row: SmallTransfer, state: str, why: str, at: datetime) -> None:
    row.state, row.why, row.amount, row.ended_at = state, why[:200], b"", at
    row.save(update_fields=["state", "why", "amount", "ended_at"])


def _own(member: Member) -> Organisation:
    """Return the firm that `member` may prove. Raises NotPermitted."""
    if member.organisation.kind not in KINDS_OF_FIRMS or not any(member.can(right) for right in RIGHTS):
        raise NotPermitted(
            _("只有企业经办人或机构管理员可以办理机构认证。"), advice=_("需要办理的，请联系本机构管理员。")
        )
    return member.organisation


def _must_be_on(code: str) -> None:
    if code not in METHODS or not settings_now().is_on(METHODS[code]):
        raise NotNow(_("这种认证方式现在没有开通。"), advice=_("请改用页面上的其他方式。"))


@transaction.atomic
def _take_a_try(firm: Organisation, by: Member, method: str, source: str, mark: str, at: datetime) -> IdentityCheck:
    Organisation.objects.select_for_update().get(pk=firm.pk)  # many at once wait here
    tried = IdentityCheck.objects.filter(organisation=firm, method__in=ELEMENTS, at__gt=at - timedelta(days=1))
    if tried.filter(outcome__in=[Outcome.FAILED, Outcome.OPEN]).count() >= TRIES:
        raise TooOften(_("今天已有 %(n)d 次没有通过，24 小时后可以再试。") % {"n": TRIES})
    return IdentityCheck.objects.create(
        organisation=firm, by=by, method=method, outcome=Outcome.OPEN, source=source, mark=mark, at=at
    )


@transaction.atomic
def _close(check: IdentityCheck, outcome: str, words: str, by: Member, at: datetime) -> IdentityCheck:
    check.outcome, check.words = outcome, words[:200]
    check.save(update_fields=["outcome", "words"])
    _record(check, by, at)
    return check


def _keep(firm: Organisation, by: Member, method: str, outcome: str, words: str, mark: str, at: datetime) -> None:
    check = IdentityCheck.objects.create(
        organisation=firm, by=by, method=method, outcome=outcome, source=str(METHODS[method].source), words=words,
        mark=mark, at=at,
    )  # fmt: skip
    _record(check, by, at)


def _record(check: IdentityCheck, by: Member, at: datetime) -> None:
    kind = "identity.proven" if check.outcome == Outcome.PASSED else "identity.not_proven"
    record(kind, check, by=by, at=at, method=check.method, source=check.source, why=check.words)
