"""One door to each row of this context, for its pages."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.refusals import there
from xinshu.scoring.actions.data import must_be_house
from xinshu.scoring.models import DataSet, ModelVersion, RiskModel, Score


def house_of(request: HttpRequest) -> Member:
    """Return the member, where it is a guarantor's. Raises NotPermitted."""
    member = member_of(request)
    must_be_house(member)
    return member


def data_of(request: HttpRequest, reference: str) -> DataSet:
    """Return the house's own table. Raises Unknown."""
    found = DataSet.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("owner", "file__blob").first(), _("没有找到这份训练数据。"))


def model_of(request: HttpRequest, reference: str) -> RiskModel:
    """Return the house's own model. Raises Unknown."""
    found = RiskModel.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("owner").first(), _("没有找到这个模型。"))


def version_of(request: HttpRequest, reference: str) -> ModelVersion:
    """Return the house's own version. Raises Unknown."""
    found = ModelVersion.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("model__owner", "data_set").first(), _("没有找到这个模型版本。"))


def score_of(request: HttpRequest, reference: str) -> Score:
    """Return the house's own score. Raises Unknown."""
    found = Score.objects.visible_to(house_of(request)).filter(reference=reference)
    return there(found.select_related("owner", "model_version__model").first(), _("没有找到这次评分。"))
