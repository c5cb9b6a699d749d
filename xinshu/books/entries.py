"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds

name_kinds(
    {
        "line.granted": _("核定额度"),
    }
)
