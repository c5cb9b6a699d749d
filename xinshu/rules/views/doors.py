"""One door to each row of this context, for its pages."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.refusals import NotPermitted, there
from xinshu.rules.models import RuleSet, RuleVersion, Run


def house_of(request: HttpRequest) -> Member:
    """Return the member, where it is a guarantor's. Raises NotPermitted."""
    member = member_of(request)
    if member.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有自己的规则。"))
    return member


def set_of(request: HttpRequest, reference: str) -> RuleSet:
    """Return the house's own rule set. Raises Unknown."""
    found = RuleSet.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("owner").first(), _("没有找到这个规则集。"))


def version_of(request: HttpRequest, reference: str) -> RuleVersion:
    """Return the house's own version. Raises Unknown."""
    found = RuleVersion.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("rule_set__owner").first(), _("没有找到这个规则版本。"))


def run_of(request: HttpRequest, reference: str) -> Run:
    """Return the house's own run. Raises Unknown."""
    found = Run.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("rule_set__owner", "rule_version__rule_set").first(), _("没有找到这次运行。"))
