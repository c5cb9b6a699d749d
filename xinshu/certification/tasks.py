"""What follows: the register is asked; who is certified has it in the record; the firm is told how it ended."""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.certification.actions import conclude, handed_of
from xinshu.certification.checks import Known
from xinshu.certification.models import REVIEW, Certification, Item, SmallTransfer
from xinshu.certification.paying import NotPaid, Order, payer
from xinshu.certification.proofs import close_order, lapse
from xinshu.certification.reading import read_papers
from xinshu.certification.registry import Elements, NoWord, Word, register
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.enterprises.actions import Origin, enter_fields, enterprise_of
from xinshu.enterprises.models import RecordField
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.messaging.models import unseal
from xinshu.messaging.notices import notify, notify_members

PATIENCE = timedelta(minutes=15)  # so long a silent register is asked again; then a person looks
AGAIN = timedelta(minutes=3)


@reacts_to("certification.submitted", together=False)
def check_with_register(entry: Entry) -> None:
    """Ask the register, read the files, and clear or refer. A second time finds it concluded."""
    files = ("licence_file__blob", "id_file__blob", "authorisation_file__blob")
    row = Certification.objects.select_related("organisation", *files).get(pk=entry.subject_id)
    if row.state != "checking":
        return
    at = max(now(), row.submitted_at)
    try:
        word, silence = _asked(row), ""
    except NoWord as silent:
        if at - row.submitted_at < PATIENCE:
            raise Later(at + AGAIN) from silent
        word, silence = None, str(silent)
    conclude(row, Known(word, silence, read_papers(row)), at=at)


def _asked(row: Certification) -> Word:
    asked, handed = register(), handed_of(row)
    if asked is None:
        raise NoWord(_("本平台没有接入登记机关"))
    return asked.compare(Elements(handed.legal_name, handed.uscc, handed.representative, handed.number))


@reacts_to("certification.cleared", "certification.approved")
def fill_record(entry: Entry) -> None:
    """Take what the licence says into the firm's record, with its source."""
    row = Certification.objects.select_related("organisation", "licence_file").get(pk=entry.subject_id)
    values = {"legal_name": row.legal_name, "uscc": row.uscc, "legal_representative": row.representative}
    origin = Origin(source=RecordField.Source.LICENCE, file=row.licence_file, valid_until=row.licence_until)
    enter_fields(enterprise_of(row.organisation), values, by=SYSTEM, at=entry.at, origin=origin)


@reacts_to("certification.referred", "certification.cleared", "certification.approved", "certification.returned",
           "certification.revoked")  # fmt: skip
def tell_outcome(entry: Entry) -> None:
    """Tell the firm how it stands, and those who review that something waits."""
    row = Certification.objects.select_related("organisation").get(pk=entry.subject_id)
    told, key = {"firm": row.legal_name}, f"{entry.kind}:{entry.pk}"
    if entry.kind == "certification.referred":
        reviewers = [one for one in Member.objects.acting().filter(organisation__kind="operator") if one.can(REVIEW)]
        words, tone = _("%(firm)s的企业认证待人工审核。") % told, "info"
        notify_members(reviewers, words, link=_page("review", row), tone=tone, subject=row, key=key, at=entry.at)
        return
    words, tone = {
        "certification.cleared": (_("企业认证已自动通过。"), "ok"),
        "certification.approved": (_("企业认证已通过。"), "ok"),
        "certification.returned": (_("企业认证被退回：%(items)s。改好后可以再次提交。"), "warn"),
        "certification.revoked": (_("企业认证已被撤销：%(reason)s"), "danger"),
    }[entry.kind]
    rejected = [str(Item(item).label) for item in entry.data.get("items", {})]
    words %= {"items": "、".join(rejected), "reason": row.reason}
    notify(
        row.organisation, words, link=reverse("certification:mine"), permission="enterprises.edit", tone=tone,
        subject=row, key=key, at=entry.at,
    )  # fmt: skip


def _page(name: str, row: Certification) -> str:
    return reverse(f"certification:{name}", args=[row.reference])


@reacts_to("firm_transfer.ordered", together=False)
def pay_small_amount(entry: Entry) -> None:
    """Have the bank pay; the order's reference is the same however often it is asked, so it pays once."""
    row = SmallTransfer.objects.select_related("organisation", "by__user").get(pk=entry.subject_id)
    if row.state != SmallTransfer.State.ORDERED:
        return
    way, at = payer(), max(now(), row.ordered_at)
    if way is None:
        close_order(row, why=_("本平台没有接入打款银行"), at=at)
        return
    order = Order(
        row.reference, row.organisation.name, unseal(row.account), row.bank, int(unseal(row.amount)), row.by.user.phone
    )
    try:
        way.pay(order)
    except NotPaid as refused:
        close_order(row, why=str(refused), at=at)
    else:
        close_order(row, at=at)


@every_night
def lapse_small_transfers(on: date, at: datetime) -> None:
    """End what nobody has read back in a week."""
    while lapse(at=at):
        pass
