"""What follows here from entries of contexts below: accounts cannot send notices themselves."""

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.messaging.notices import notify_members


@reacts_to("account.new_device")
def tell_of_new_device(entry: Entry) -> None:
    """Tell a person that somebody came in as them from a browser that they had not used before."""
    text = _("您的账号在新设备登录：%(device)s，%(address)s。不是本人的，请立即下线该设备并修改密码。") % {
        "device": entry.data["device"],
        "address": entry.data["address"],
    }
    _tell(entry, text, tone="warn")


@reacts_to("account.password_ageing")
def tell_of_ageing_password(entry: Entry) -> None:
    """Tell a privileged person that the password wants changing."""
    _tell(entry, _("您的密码将于 %(day)s 到期，请尽快修改。") % {"day": entry.data["expires"]}, tone="warn")


def _tell(entry: Entry, text: str, *, tone: str) -> None:
    members = Member.objects.acting().filter(pk=entry.subject_id)
    notify_members(members, text, link="/account/", tone=tone, key=f"{entry.kind}:{entry.pk}", at=entry.at)
