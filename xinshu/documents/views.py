"""Download: decrypted, checked, and told to the browser as nothing that could run."""

from datetime import datetime
from urllib.parse import quote

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xinshu.accounts.models import Member
from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.core.refusals import NotNow
from xinshu.core.sm import Damaged
from xinshu.documents.blobs import read_blob
from xinshu.documents.models import Blob, File, SealedDocument
from xinshu.documents.visibility import file_for
from xinshu.ledger.reads import looked_at
from xinshu.ledger.recording import record


@require_safe
@signed_in
def download(request: HttpRequest, reference: str) -> HttpResponse:
    """Hand the file over; remember it when somebody outside the owner takes it, a sealed document before it goes."""
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    file = file_for(reference, member, at)
    return file_response(file) if request.method == "HEAD" else hand_over(file, member, at)


def hand_over(file: File, member: Member, at: datetime) -> HttpResponse:
    """Return the file as an attachment, and remember that `member` took it where it is another's sealed document."""
    response = file_response(file)
    if file.owner_id == member.organisation_id:
        return response
    if SealedDocument.objects.filter(file=file).exists():
        with transaction.atomic():
            record("file.read", file, by=member, at=at, sealed_until=file.sealed_until, sm3=file.blob.sm3)
    else:
        looked_at("file.read", file, by=member, at=at, sealed_until=file.sealed_until)
    return response


def whole_bytes(blob: Blob, otherwise: str) -> bytes:
    """Return the bytes of `blob`. Raises NotNow, saying `otherwise`, when what is stored does not hold."""
    try:
        return read_blob(blob)
    except (Damaged, FileNotFoundError) as error:
        raise NotNow(otherwise, advice=_("存储中的内容未通过完整性校验，请联系平台运营人员核对。")) from error


def file_response(file: File) -> HttpResponse:
    """Return the file's bytes as an attachment under its own name. Raises NotNow when what is stored does not hold.

    Whoever calls this has already decided that the file is theirs to read.
    """
    content = whole_bytes(file.blob, _("这个文件暂时不能下载，登记的信息还在。"))
    response = HttpResponse(content, content_type=file.blob.mime)
    plain = "".join(letter if letter.isascii() and letter not in '"\\%;' else "_" for letter in file.name)
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    response["Content-Length"] = str(len(content))
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
