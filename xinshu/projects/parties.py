"""Organisations as notices and forms name them: by nothing but a name."""

from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.refusals import Invalid


def organisation_named(who: Organisation | str, kind: str, field: str) -> Organisation:
    """Return the organisation called `who`, made now as an unverified one of `kind` when nobody is called that.

    Notices print no 统一社会信用代码, so the name must do: a verified organisation of that name comes first. A natural
    person is never found by name. Raises Invalid at `field` for what cannot be an organisation's name.
    """
    if isinstance(who, Organisation):
        return who
    name = " ".join(who.split())
    if not 4 <= len(name) <= 120:
        raise Invalid(
            _("请填写单位全称，与营业执照或批复文件一致。"), fields={field: _("请填写单位全称，4 到 120 个字。")}
        )
    found = (
        Organisation.objects.filter(name=name)
        .exclude(kind=Organisation.Kind.PERSON)
        .order_by("-verified", "id")
        .first()
    )
    return found or Organisation.objects.create(name=name, kind=kind, verified=False)
