"""One door to each row of this context, and what its pages read from what was posted."""

from datetime import date

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import MemberRequest
from xinshu.admission.actions.tags import must_be_house
from xinshu.admission.knowing import customers_of
from xinshu.admission.models import Gate, Questionnaire, QuestionnaireVersion, Sheet, Tag
from xinshu.core.refusals import Invalid, there
from xinshu.core.uscc import normalise


def house_of(request: MemberRequest) -> Member:
    """Return the member, where it is a guarantor's. Raises NotPermitted."""
    must_be_house(request.member)
    return request.member


def tag_of(request: MemberRequest, reference: str) -> Tag:
    """Return the house's own tag. Raises Unknown."""
    found = Tag.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("house", "keeper__user").first(), _("没有找到这个标签。"))


def questionnaire_of(request: MemberRequest, reference: str) -> Questionnaire:
    """Return the house's own questionnaire. Raises Unknown."""
    found = Questionnaire.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("house").first(), _("没有找到这份问卷。"))


def version_of(request: MemberRequest, reference: str) -> QuestionnaireVersion:
    """Return the house's own version. Raises Unknown."""
    found = QuestionnaireVersion.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("questionnaire__house").first(), _("没有找到这个问卷版本。"))


def sheet_of(request: MemberRequest, reference: str) -> Sheet:
    """Return a sheet that exists for the member: of the firm that answers, or the house that asks. Raises Unknown."""
    found = Sheet.objects.visible_to(request.member).filter(reference=reference)
    return there(found.select_related("house", "firm", "version_asked__questionnaire").first(), _("没有找到这份答卷。"))


def gate_of(request: MemberRequest, reference: str) -> Gate:
    """Return the house's own gate. Raises Unknown."""
    found = Gate.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("house", "rule_set__owner", "questionnaire").first(), _("没有找到这份准入方案。"))


def customer_in(text: str, house: Organisation) -> Organisation:
    """Return the customer that was typed: by its whole name or its credit code. Raises Invalid."""
    text = text.strip()[:120]
    firms = Organisation.objects.filter(pk__in=customers_of(house))
    found = firms.filter(name=text).first() or firms.filter(uscc=normalise(text)).first() if text else None
    if found is None:
        raise Invalid(
            _("没有找到这家客户，没有办理。"), advice=_("请填写本机构客户的全称或统一社会信用代码。"),
            fields={"firm": _("不是本机构的客户")},
        )  # fmt: skip
    return found


def day_typed(text: str, field: str) -> date | None:
    """Return a typed day, None where nothing was typed. Raises Invalid."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(_("日期填写不正确。"), fields={field: _("请填写日期，例如 2026-12-01")}) from None
