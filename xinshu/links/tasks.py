"""What follows: a link at issue where nobody of the beneficiary has an account; who is told of links, and by them."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.claims.models import Demand
from xinshu.core.clock import now
from xinshu.core.refusals import NotNow
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.tasks import subject_of
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, reacts_to
from xinshu.links.actions.sending import send_at_issue as send_to_known_contact
from xinshu.links.messages import tell_news
from xinshu.links.models import WITH_PARTIES, Link
from xinshu.messaging.notices import notify

NEWS_FOR = timedelta(days=3)  # what is filled in later than that is history, nothing that anybody waits for
NEWS = {
    "amendment.offered": lazy("保证人发来一份修改，请答复"),
    "reduction.asked": lazy("申请人申请减额，请确认"),
    "surrender.asked": lazy("申请人申请退保，请表示意见"),
    "contract_change.answered": lazy("保证人已答复合同变更"),
    "claim.accepted": lazy("索赔已认定相符，将付款"),
    "claim.precluded": lazy("保证人逾期未拒付，索赔视为相符"),
    "claim.refused": lazy("索赔被拒付，请看拒付通知"),
    "claim.suspended": lazy("保证人暂停付款，正在协商展期"),
    "claim.extension_granted": lazy("保函已展期，索赔视为撤回"),
    "claim.paid": lazy("索赔款已付出"),
}


@reacts_to("guarantee.delivered")
def send_at_issue(entry: Entry) -> None:
    """Give the beneficiary a link where none of its people can sign in; a bid's not before the opening."""
    case, at = subject_of(entry), now()
    if at - entry.at > NEWS_FOR and not case.is_secret(entry.at):
        return
    if case.is_secret(at):
        if case.project.opens_at is not None:
            raise Later(case.project.opens_at)
        return
    signs_in = Member.objects.acting().filter(organisation=case.beneficiary_id).exists()
    if case.state != "in_force" or signs_in or Link.objects.filter(guarantee=case).exists():
        return
    try:
        link = send_to_known_contact(case, at=at)
    except NotNow:  # no SMS goes out here, or too many went to that phone today
        link = None
    if link is None:
        notify(
            case.guarantor, _("%(who)s没有能登录的账号，请给它的经办人发办理链接：%(kind)s %(number)s。")
            % {"who": case.beneficiary.name, "kind": case.get_kind_display(), "number": case.number},
            link=reverse("links:send", args=[case.reference]), permission="guarantees.issue", tone="warn",
            subject=case, key=f"link.wanted:{case.pk}", at=at,
        )  # fmt: skip


@reacts_to("link.sent")
def tell_the_house(entry: Entry) -> None:
    """Tell the beneficiary's own people that somebody may act for them, and the guarantor whom to vouch for."""
    link = Link.objects.select_related("sent_by", *WITH_PARTIES).get(pk=entry.subject_id)
    case = link.guarantee
    words = {"who": link.name, "phone": link.phone_masked, "number": case.number, "by": link.sent_by_label}
    page = reverse("guarantees:detail", args=[case.reference])
    notify(
        case.beneficiary,
        _("%(by)s向%(who)s（%(phone)s）发送了%(number)s的办理链接。不是贵单位经办人的，请撤销。") % words,
        link=page, permission="guarantees.release", tone="warn", subject=case, key=f"link.sent:{link.pk}", at=entry.at,
    )  # fmt: skip
    if link.vouched_by_id is None:
        notify(
            case.guarantor,
            _("请核实%(number)s办理链接的收件人%(who)s（%(phone)s）。核实以前，对方不能答复修改和解除担保。") % words,
            link=page, permission="guarantees.issue", tone="warn", subject=case, key=f"link.vouch:{link.pk}",
            at=entry.at,
        )  # fmt: skip


@reacts_to(*NEWS)
def tell_the_holder(entry: Entry) -> None:
    """Tell by SMS who has opened a link that there is something new behind it: they have no bell on any page."""
    case, at = _guarantee_of(entry), now()
    told = set[str]()
    opened = Link.objects.filter(guarantee=case, state="live", opened_at__isnull=False).select_related(*WITH_PARTIES)
    for link in opened.order_by("-pk"):
        if link.stands(at) and link.phone_key not in told:
            told.add(link.phone_key)
            tell_news(link, str(NEWS[entry.kind]), at=at)


def _guarantee_of(entry: Entry) -> Guarantee:
    found = Guarantee.objects.select_related(*PARTIES)
    if entry.kind.startswith("claim."):
        return found.get(pk=Demand.objects.values_list("guarantee", flat=True).get(pk=entry.subject_id))
    return found.get(reference=entry.data["guarantee"])
