"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.guarantees.history import WORDS
from xinshu.ledger.kinds import name_kinds

name_kinds({kind: title for kind, (title, _tone, _public) in WORDS.items() if not kind.startswith("approval.")})
name_kinds(
    {
        "guarantee.read": _("查看保函"),
        "guarantee.exported": _("导出保函台账"),
        "tariff.published": _("发布费率"),
        "authority.set": _("设置审批授权"),
    }
)
