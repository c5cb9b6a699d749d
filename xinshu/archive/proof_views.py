"""Downloads for checking offline: the proof file (public with number and code, or for parties), keys, script."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinshu.accounts.requests import member_of
from xinshu.archive.keys import published_keys
from xinshu.archive.proofs import proof_of
from xinshu.archive.sides import PUBLIC, side_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import NotNow, Unknown
from xinshu.guarantees import verification
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.ledger.reads import looked_at

TOOL = Path(settings.BASE_DIR) / "tools" / "verify_guarantee.py"


@require_GET
def public_proof(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the proof file to whoever has number and code: the same gate, limits and count as the verification page.

    Before the bids are open it goes to nobody here; the parties have their own way (`proof`).
    """
    at = now()
    verdict = verification.by_code(number, request.GET.get("code", ""), at)
    if verdict.outcome == verification.SECRET:
        raise NotNow(_("开标前保密，证明文件还不能下载。"), advice=_("开标后可以用同一个编号和验证码下载。"))
    if verdict.outcome == verification.DOUBTFUL:
        raise NotNow(_("平台保存的记录有一项对不上，没有生成证明文件。"), advice=_("请不要据此办理，先联系签发机构。"))
    if verdict.guarantee is None:
        raise Unknown(_("没有查到这份保函。"), advice=_("请核对函件上的编号和验证码后再下载。"))
    return as_file(proof_of(verdict.guarantee, PUBLIC, at), f"{verdict.guarantee.number}.proof.json")


@require_GET
@needs("guarantees.view")
def proof(request: HttpRequest, reference: str) -> HttpResponse:
    """Hand the proof file to a party, telling as much as the party may know."""
    member, at = member_of(request), now()
    guarantee = guarantee_for(member, reference)
    told = proof_of(guarantee, side_of(guarantee, member), at)
    if guarantee.applicant_id != member.organisation_id:
        looked_at("guarantee.read", guarantee, by=member, at=at, sealed_until=guarantee.secret_until)
    return as_file(told, f"{guarantee.number}.proof.json")


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """Publish the public keys. Whoever checks offline fetches them once and keeps them."""
    return as_file(published_keys(), "xinshu-keys.json")


@require_GET
def tool(request: HttpRequest) -> HttpResponse:
    """Hand out the script as it is in the repository: no key is put into it, so its digest can be compared."""
    response = HttpResponse(TOOL.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_guarantee.py"'
    return response


def as_file(content: dict[str, Any], name: str) -> HttpResponse:
    """Return `content` as a JSON file to keep."""
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
