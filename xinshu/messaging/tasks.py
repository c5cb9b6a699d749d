"""What follows: messages leave, digests close, templates are asked about, news of accounts reach their people."""

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.messaging.digests import send_digest
from xinshu.messaging.notices import notify_members
from xinshu.messaging.sending import send_message
from xinshu.messaging.templates import learn_approval


@reacts_to("message.queued", together=False)
def send_queued(entry: Entry) -> None:
    """Hand a message to its provider. Running twice is safe: see sending.py."""
    send_message(entry.subject_id, now())


@reacts_to("digest.opened")
def close_digest(entry: Entry) -> None:
    """Send a digest when its hour has come."""
    send_digest(entry.subject_id, now())


@reacts_to("message_template.asked", together=False)
def ask_provider(entry: Entry) -> None:
    """Ask the provider whether it has approved a template."""
    learn_approval(entry.subject_id, now())


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
