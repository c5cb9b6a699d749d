"""What can be asked of the books: lines with their use, groups with theirs, who takes up most."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.books.limits import USED
from xinshu.books.lines import LINE, Line
from xinshu.books.models import Account, CustomerGroup, Difference, GroupMember
from xinshu.core.refusals import Unknown

EXPOSURE = F("credits_pending") + F("credits_posted") - F("debits_posted")
ISSUERS = (Organisation.Kind.GUARANTOR, Organisation.Kind.BANK, Organisation.Kind.INSURER)


@dataclass(frozen=True)
class LineRow:
    """One line as the register shows it. Limit and group are the issuer's own affair (None and "" for the customer)."""

    account: Account
    line: Line
    ceiling: int | None
    exposure: int
    group: CustomerGroup | None

    @property
    def percent(self) -> int:
        """How much of the line is taken up."""
        return percent(self.line.reserved + self.line.occupied, self.line.limit)

    @property
    def of_ceiling(self) -> int | None:
        """How much of the single-client limit is taken up; over 100 when the limit fell below."""
        return None if self.ceiling is None else percent(self.exposure, self.ceiling)


def percent(part: int, whole: int) -> int:
    """Return the share in percent, rounded up so that nothing looks free that is not; 100 where there is no whole."""
    if whole <= 0:
        return 100 if part else 0
    return -(-part * 100 // whole)


def tone(share: int | None) -> str:
    """Return the tone of a share taken up: from 80 percent on it is worth a look, over 100 it is a breach."""
    if share is None or share < 80:
        return "info"
    return "warn" if share <= 100 else "danger"


def lines_visible_to(member: Member) -> QuerySet[Account]:
    """Return the lines that exist for `member`: those its institution granted, or was granted."""
    if not member.can("books.view"):
        return Account.objects.none()
    found = Account.objects.filter(purpose=LINE, unit=Account.Unit.LINE).select_related("holder", "party")
    own = member.organisation
    return found.filter(holder=own) if own.kind in ISSUERS else found.filter(party=own)


def rows_of(lines: Iterable[Account], *, inside: bool) -> list[LineRow]:
    """Return the register's rows. Two queries. `inside`: for the issuer itself, with its limits and groups."""
    lines = list(lines)
    used = {
        (account.holder_id, account.party_id): account
        for account in Account.objects.filter(
            purpose=USED,
            holder__in={line.holder_id for line in lines},
            party__in={line.party_id for line in lines},
        ).select_related("group")
    }
    rows = []
    for line in lines:
        taken = used[line.holder_id, line.party_id]
        stood = Line(
            limit=line.available + line.debits_pending + taken.balance,
            reserved=line.debits_pending,
            occupied=taken.balance,
            available=line.available,
        )
        ceiling, group = (taken.ceiling, taken.group) if inside else (None, None)
        rows.append(LineRow(line, stood, ceiling, taken.exposure, group))
    return rows


def line_for(member: Member, reference: str) -> Account:
    """Return the line with this reference. Raises Unknown when there is none, or none for this member."""
    found = lines_visible_to(member).filter(reference=reference).first()
    if found is None:
        raise Unknown(_("没有找到这笔授信额度。"), advice=_("它可能不属于您所在的机构。"))
    return found


def group_for(member: Member, reference: str) -> CustomerGroup:
    """Return the group with this reference. Raises Unknown when there is none, or none for this member."""
    found = None
    if member.can("books.view"):
        own = CustomerGroup.objects.filter(issuer=member.organisation, reference=reference)
        found = own.select_related("issuer").first()
    if found is None:
        raise Unknown(_("没有找到这个集团客户。"), advice=_("它可能不属于您所在的机构。"))
    return found


def members_of(group: CustomerGroup) -> list[dict[str, Any]]:
    """Return who is counted into a group now, and what each has taken up (None: no line yet)."""
    accounts = {account.party_id: account for account in group.accounts.all()}
    return [
        {"member": member, "account": accounts.get(member.party_id)}
        for member in group.members.filter(until=None).select_related("party").order_by("since", "pk")
    ]


def candidates(issuer: Organisation) -> QuerySet[Organisation]:
    """Return the customers with a line that are counted into no group yet."""
    lines = Account.objects.filter(holder=issuer, purpose=LINE, unit=Account.Unit.LINE)
    return (
        Organisation.objects.filter(pk__in=lines.values("party"))
        .exclude(pk__in=GroupMember.objects.filter(issuer=issuer, until=None).values("party"))
        .order_by("name")
    )


def differences_visible_to(member: Member) -> QuerySet[Difference]:
    """Return the differences that exist for `member`: all for an auditor, an issuer's own for its people."""
    found = Difference.objects.select_related("issuer", "party")
    if member.can("ledger.audit"):
        return found
    return found.filter(issuer=member.organisation) if member.can("books.view") else found.none()
