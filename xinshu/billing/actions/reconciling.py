"""Reconciling with the bank: a file of lines comes in, lines find their fees and refunds, people confirm or undo."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.billing.bank import BankFile, BankLine, Match
from xinshu.billing.bank_reading import Row
from xinshu.billing.fee_statements import REFUND_KEY
from xinshu.billing.lifecycle import MATCH
from xinshu.billing.matching import SURE, WINDOW, Line, Moved, match
from xinshu.books.fees import CASH, FEES
from xinshu.books.models import Transfer
from xinshu.core.clock import local_day, moment
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Refusal
from xinshu.ledger.recording import record


class ImportedBefore(Refusal):
    """The very same file was imported already."""

    status = 409
    title = "这份流水已经导入过"


def fees_and_refunds(house: Organisation) -> QuerySet[Transfer]:
    """Return every fee paid to `house` and every refund of one. Found by the debit, which is indexed."""
    fee = Q(debit__purpose=CASH, credit__holder=house, credit__purpose=FEES)
    refund = Q(debit__holder=house, debit__purpose=FEES, credit__purpose=CASH)
    return Transfer.objects.filter(fee | refund)


def unmatched(house: Organisation) -> QuerySet[Transfer]:
    """Return the fees and refunds of `house` that no bank line is matched with."""
    return fees_and_refunds(house).exclude(pk__in=Match.objects.standing().filter(house=house).values("transfer"))


@transaction.atomic
def import_lines(
    house: Organisation, rows: list[Row], *, name: str, sm3: str, by: Member, at: datetime
) -> tuple[BankFile, int]:
    """Keep the lines of a bank's file and match what can be; lines that an earlier file had brought are passed over.

    Returns the file and how many matches are proposed. Raises NotPermitted, ImportedBefore.
    """
    _must_reconcile(house, by)
    Organisation.objects.select_for_update().get(pk=house.pk)  # one import of a house at a time
    if BankFile.objects.filter(house=house, sm3=sm3).exists():
        raise ImportedBefore(_("这份文件已经导入过，没有重复导入。"), advice=_("流水都在“银行流水”页面里。"))
    numbers = {row.bank_number for row in rows if row.bank_number}
    seen = set(BankLine.objects.filter(house=house, bank_number__in=numbers).values_list("bank_number", flat=True))
    fresh: list[Row] = []
    for row in rows:
        if row.bank_number not in seen:
            fresh.append(row)
        if row.bank_number:
            seen.add(row.bank_number)
    file = BankFile.objects.create(
        house=house, name=name[:120], sm3=sm3, count=len(fresh), known=len(rows) - len(fresh), imported_at=at,
        imported_by=by.actor_label,
    )  # fmt: skip
    BankLine.objects.bulk_create([BankLine(house=house, file=file, **vars(row)) for row in fresh], batch_size=1000)
    record("bank.imported", file, by=by, at=at, rows=file.count, known=file.known, sm3=sm3)
    return file, match_lines(house, by=by, at=at)


@transaction.atomic
def match_lines(house: Organisation, *, by: Member, at: datetime) -> int:
    """Propose matches for what is left on both sides; returns how many. What a person undid is left to people."""
    _must_reconcile(house, by)
    undone = Match.objects.filter(house=house, state="undone").values("line")
    left = BankLine.objects.filter(house=house).left().exclude(pk__in=undone)
    ends = left.aggregate(first=Min("on"), last=Max("on"))
    if ends["first"] is None:
        return 0
    lines = [Line(*row) for row in left.values_list("pk", "on", "amount", "payer", "remark")]
    since = moment(ends["first"] - timedelta(days=WINDOW))
    until = moment(ends["last"] + timedelta(days=WINDOW + 1))
    found = match(lines, _moved(unmatched(house).filter(at__gte=since, at__lt=until)))
    Match.objects.bulk_create(
        [
            Match(
                house=house, line_id=pair.line, transfer_id=pair.moved, way=Match.Way.AUTO, score=pair.score,
                reason=pair.reason, state="proposed", made_at=at, changed_at=at,
            )
            for pair in found.pairs
        ],
        batch_size=1000,
    )  # fmt: skip
    noted = (
        list(BankLine.objects.filter(pk__in=found.notes))
        if len(found.notes) < 900
        else [line for line in left if line.pk in found.notes]
    )  # SQLite takes a limited number of values in one statement
    for line in noted:
        line.note = found.notes[line.pk][:200]
    BankLine.objects.bulk_update(noted, ["note"], batch_size=200)
    record("bank.matched", house, by=by, at=at, pairs=len(found.pairs), left=len(found.notes))
    return len(found.pairs)


@transaction.atomic
def match_by_hand(line: BankLine, order_number: str, *, by: Member, at: datetime) -> Match:
    """Match a line with the fee or refund of an order, because a person says so. Amounts must agree to the 分.

    Raises NotPermitted, Invalid, NotNow when one of the two is matched already.
    """
    house = line.house
    _must_reconcile(house, by)
    order = order_number.strip().upper()
    key = order if line.amount > 0 else REFUND_KEY + order
    moved = fees_and_refunds(house).filter(key=key).first()
    if moved is None:
        raise Invalid(_("没有找到订单 %s 的这种收付，没有勾对。") % order[:32], fields={"order": _("请核对订单号")})
    if moved.amount != abs(line.amount):
        raise Invalid(
            _("金额不一致，没有勾对。"), advice=_("差额请先与银行或缴费人核实；导出差异表可以留存。"),
            fields={"order": _("金额不一致")},
        )  # fmt: skip
    try:
        with transaction.atomic():
            made = Match.objects.create(
                house=house, line=line, transfer=moved, way=Match.Way.PERSON, score=SURE, state="confirmed",
                reason=_("人工勾对"), made_at=at, changed_at=at, decided_by=by.actor_label,
            )  # fmt: skip
    except IntegrityError as twice:
        raise NotNow(_("流水或订单已经勾对，没有重复勾对。"), advice=_("要改的，请先撤销原来的勾对。")) from twice
    record("match.made", made, by=by, at=at)
    return made


@transaction.atomic
def confirm_match(made: Match, *, by: Member, at: datetime) -> Match:
    """Say that a proposed match is right."""
    made = Match.objects.locked(made)
    made.change(MATCH.step("confirm", made, by), at=at, decided_by=by.actor_label)
    record("match.confirmed", made, by=by, at=at, score=made.score)
    return made


@transaction.atomic
def confirm_sure(house: Organisation, *, by: Member, at: datetime) -> int:
    """Confirm at once every proposed match by order number and amount; returns how many."""
    _must_reconcile(house, by)
    sure = Match.objects.filter(house=house, state="proposed", score=SURE)
    count = sure.update(
        state="confirmed", version=F("version") + 1, decided_by=by.actor_label, changed_at=at
    )  # one statement: each row moves by the same step as confirm_match
    if count:
        record("bank.confirmed", house, by=by, at=at, count=count)
    return count


@transaction.atomic
def undo_match(made: Match, *, by: Member, at: datetime) -> Match:
    """Take a match back: line and transfer are free again, and nothing matches this line by itself any more."""
    made = Match.objects.locked(made)
    made.change(MATCH.step("undo", made, by), at=at, decided_by=by.actor_label)
    BankLine.objects.filter(pk=made.line_id).update(note=_("勾对已由人工撤销"))
    record("match.undone", made, by=by, at=at)
    return made


def _moved(found: QuerySet[Transfer]) -> list[Moved]:
    rows = found.values_list(
        "pk", "at", "amount", "key", "debit__purpose", "debit__holder__name", "credit__holder__name"
    )
    return [
        Moved(pk, local_day(at), amount, payer, key)
        if purpose == CASH
        else Moved(pk, local_day(at), -amount, payee, key.removeprefix(REFUND_KEY))
        for pk, at, amount, key, purpose, payer, payee in rows
    ]


def _must_reconcile(house: Organisation, by: Member) -> None:
    if by.organisation_id != house.pk or not by.can("billing.reconcile"):
        raise NotPermitted(_("您没有勾对流水的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
