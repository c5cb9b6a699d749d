"""Who hears that papers were read: whoever brought them, once per upload."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.documents.lifecycle import ENTER
from xinshu.documents.models import Reading
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import NORMAL
from xinshu.messaging.notices import notify_members

READ = Announcement(
    "reading.read", "owner", ENTER, "info", "P", NORMAL,
    gettext_lazy("本次上传的 %(n)s 份材料识别完毕：%(read)s 份待确认，%(bad)s 份不能识别。"),
)  # fmt: skip
declare((READ,), {"n": "4", "read": "3", "bad": "1"}, {"owner": gettext_lazy("上传人")}, gettext_lazy("材料识别"))


def tell_of_batch(entry: Entry) -> int:
    """Tell who brought the batch that it is through; nobody while a file of it is still waiting."""
    reading = Reading.objects.filter(pk=entry.subject_id).first()
    if reading is None:
        return 0
    together = Reading.objects.filter(batch=reading.batch, owner=reading.owner_id)
    states = list(together.values_list("state", flat=True))
    people = [one for one in Member.objects.acting().filter(pk=reading.brought_by_id) if one.can(ENTER)]
    if not people or any(state in ("queued", "reading") for state in states):
        return 0
    bad = sum(state in ("refused", "failed") for state in states)
    last = max(at for at in together.values_list("read_at", flat=True) if at is not None)  # again after a second try
    words = {"n": str(len(states)), "read": str(sum(state == "read" for state in states)), "bad": str(bad)}
    return notify_members(
        people, str(READ.text) % words, link=reverse("documents:readings"), tone="warn" if bad else "info",
        subject=reading, key=f"readings:{reading.batch}:{last:%Y%m%d%H%M%S%f}", at=entry.at, kind=READ.code,
        values=words,
    )  # fmt: skip
