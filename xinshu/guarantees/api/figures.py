"""/api/v1/indicators: the figures of a department's region at a moment."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import AwareDatetime

from xinshu.core.clock import now
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.indicators import SUPERVISE, Indicators, indicators_for
from xinshu.integrations.interface import responses
from xinshu.integrations.schemas import (
    caller,
)

figures = Router(tags=["指标"])


@figures.get("", response=responses(Indicators), summary="辖区指标", operation_id="indicators", url_name="indicators")
def indicators(
    request: HttpRequest,
    as_of: Annotated[AwareDatetime | None, Query(description="时点，带时区；不填即现在")] = None,
) -> dict[str, Any]:
    """返回主管部门辖区在一个时点的指标。开标前的投标保函不计入，开标后自送达之日起补计。"""
    by, at = caller(request, SUPERVISE), now()
    if as_of is not None and not 1990 <= as_of.year <= at.year + 1:
        raise Invalid(_("时点没有读懂。"), fields={"as_of": _("年份应在 1990 到今年之间")})
    if as_of is not None and as_of > at:
        raise Invalid(_("时点还没有到。"), fields={"as_of": _("请填现在或以前的时点")})
    found = indicators_for(by, as_of or at, at)
    if found is None:
        raise NotPermitted(_("本机构没有登记辖区，没有指标可查。"), advice=_("请联系平台运营登记辖区。"))
    return found
