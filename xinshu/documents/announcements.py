"""Who hears of papers: whoever brought them, once per upload; the customer that is asked to confirm what its account
manager brought; the account manager, when the customer confirmed or sent back.
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.documents.lifecycle import BRING, ENTER
from xinshu.documents.models import Reading
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import NORMAL
from xinshu.messaging.notices import notify_members

READ = Announcement(
    "reading.read", "owner", ENTER, "info", "P", NORMAL,
    gettext_lazy("本次上传的 %(n)s 份材料识别完毕：%(read)s 份待确认，%(bad)s 份不能识别。"),
)  # fmt: skip
OFFERED = Announcement(
    "reading.offered", "customer", ENTER, "warn", "P", NORMAL,
    gettext_lazy("%(name)s代贵方上传的 %(n)s 份材料已识别，请核对后确认或退回。"),
)  # fmt: skip
RETURNED = Announcement(
    "reading.returned", "manager", BRING, "warn", "P", NORMAL,
    gettext_lazy("%(firm)s退回了“%(title)s”：%(reason)s"),
)  # fmt: skip
CONFIRMED = Announcement(
    "reading.confirmed", "manager", BRING, "ok", "P", NORMAL,
    gettext_lazy("%(firm)s确认了您上传的“%(title)s”，内容会更新到企业资料。"),
)  # fmt: skip
declare(
    (READ, OFFERED, RETURNED, CONFIRMED),
    {"n": "4", "read": "3", "bad": "1", "name": "云州融信担保客户经理周敏", "firm": "云州恒达路桥工程有限公司",
     "title": "营业执照副本.pdf", "reason": "执照已换发，请用新的"},
    {"owner": gettext_lazy("上传人"), "customer": gettext_lazy("申请人"), "manager": gettext_lazy("客户经理")},
    gettext_lazy("材料识别"),
)  # fmt: skip


def tell_of_batch(entry: Entry) -> int:
    """Tell who brought the batch that it is through; nobody while a file of it is still waiting."""
    reading = Reading.objects.filter(pk=entry.subject_id).first()
    if reading is None:
        return 0
    together = Reading.objects.filter(batch=reading.batch, owner=reading.owner_id)
    states = list(together.values_list("state", flat=True))
    people = [one for one in Member.objects.acting().filter(pk=reading.keeper_id or reading.brought_by_id)
              if one.can(BRING if reading.keeper_id else ENTER)]  # fmt: skip
    if not people or any(state in ("queued", "reading") for state in states):
        return 0
    bad = sum(state in ("refused", "failed") for state in states)
    last = max(at for at in together.values_list("read_at", flat=True) if at is not None)  # again after a second try
    read = sum(state in ("read", "offered") for state in states)
    words = {"n": str(len(states)), "read": str(read), "bad": str(bad)}
    return notify_members(
        people, str(READ.text) % words, link=reverse("documents:readings"), tone="warn" if bad else "info",
        subject=reading, key=f"readings:{reading.batch}:{last:%Y%m%d%H%M%S%f}", at=entry.at, kind=READ.code,
        values=words,
    )  # fmt: skip


def ask_the_owner(entry: Entry) -> int:
    """Ask the people of the customer to confirm: one paper that the manager hands them, or all of an upload at once."""
    reading = Reading.objects.select_related("owner", "keeper__user", "keeper__organisation").get(pk=entry.subject_id)
    if reading.keeper is None or reading.state != "offered":
        return 0
    waiting, key = 1, f"reading.offered:{entry.pk}"
    if entry.actor_key == SYSTEM.actor_key:  # by itself, once read: the last of an upload speaks for all of it
        together = Reading.objects.filter(batch=reading.batch, owner=reading.owner_id)
        if together.filter(state__in=("queued", "reading")).exists():
            return 0
        waiting = together.filter(state="offered").count()
        last = max(at for at in together.values_list("read_at", flat=True) if at is not None)
        key = f"reading.offered:{reading.batch}:{last:%Y%m%d%H%M%S%f}"
    name = _("%(house)s客户经理%(name)s") % {"house": reading.keeper.organisation, "name": reading.keeper.user.name}
    return OFFERED.send(
        reading.owner, {"n": str(waiting), "name": name}, link=f"{reverse('documents:readings')}?view=todo",
        subject=reading, key=key, at=entry.at, sealed_until=None,
    )  # fmt: skip


def tell_the_keeper(entry: Entry) -> int:
    """Tell the account manager what the customer made of a paper that they brought."""
    reading = Reading.objects.select_related("owner", "file", "keeper").get(pk=entry.subject_id)
    if reading.keeper is None or entry.actor_key == reading.keeper.actor_key:
        return 0
    row = {one.kind: one for one in (RETURNED, CONFIRMED)}[entry.kind]
    people = [one for one in Member.objects.acting().filter(pk=reading.keeper.pk) if one.can(BRING)]
    told = {"firm": str(reading.owner), "title": reading.file.name, "reason": str(entry.data.get("reason", ""))}
    return notify_members(
        people, str(row.text) % told, link=reverse("documents:reading", args=[reading.reference]), tone=row.tone,
        subject=reading, key=f"{entry.kind}:{entry.pk}", at=entry.at, kind=row.code, values=told,
    )  # fmt: skip
