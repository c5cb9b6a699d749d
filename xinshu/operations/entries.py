"""What the entries of this context are called."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds

name_kinds({"backup.made": _("完成备份"), "backup.restored": _("从备份恢复")})
