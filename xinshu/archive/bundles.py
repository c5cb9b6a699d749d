"""A dossier as a ZIP, for one side: its files, the signed manifest, the proof that the ledger tells of it."""

import io
import json
import zipfile
from typing import Any

from django.utils.translation import gettext as _

from xinshu.archive.models import Dossier, Item
from xinshu.core.clock import CHINA
from xinshu.core.refusals import NotNow
from xinshu.core.sm import Damaged, sm3
from xinshu.documents.blobs import read_blob
from xinshu.ledger import merkle
from xinshu.ledger.canonical import canonical_json
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import evidence_of

README = """这是信枢的归档包。manifest.json 是由平台签章密钥（SM2）签名的目录，列出每个文件的 SM3、SHA-256 和大小。
不向您公开的文件只列出加盐摘要。离线核验：

    python3 -I verify_guarantee.py --dossier 本文件.zip --keys xinshu-keys.json

核验脚本和公钥请在平台的“离线核验”帮助页另行取得。
"""


def readable(dossier: Dossier, side: str) -> list[Item]:
    """Return the files of `dossier` that a reader on `side` may have."""
    return [item for item in dossier.items.select_related("blob").order_by("position") if side in item.sides]


def manifest_of(dossier: Dossier, side: str) -> dict[str, Any]:
    """Return the manifest for `side`: what it may not have stands there as a leaf only, under the same signature."""
    rows: list[dict[str, Any]] = []
    for item in dossier.items.order_by("position"):
        leaf = merkle.leaf_hash(sm3, canonical_json(item.stated).encode()).hex()
        rows.append({"item": item.stated} if side in item.sides else {"leaf": leaf})
    return {"header": dossier.header, "signature": dossier.signature, "items": rows}


def bundle_of(dossier: Dossier, side: str) -> bytes:
    """Return the ZIP of a sealed dossier for `side`. Raises NotNow when what is stored does not hold."""
    content, moment = io.BytesIO(), dossier.sealed_at
    assert moment is not None
    stamp = moment.astimezone(CHINA).timetuple()[:6]

    def add(box: zipfile.ZipFile, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, stamp)
        info.compress_type = zipfile.ZIP_DEFLATED
        box.writestr(info, data)

    with zipfile.ZipFile(content, "w") as box:
        add(box, "manifest.json", _written(manifest_of(dossier, side)))
        add(box, "README.txt", README.encode())
        if evidence := _evidence(dossier):
            add(box, "evidence.json", _written(evidence))
        for item in readable(dossier, side):
            add(box, item.path, content_of(item))
    return content.getvalue()


def content_of(item: Item) -> bytes:
    """Return the bytes of one file. Raises NotNow when what is stored does not hold."""
    try:
        return read_blob(item.blob)
    except (Damaged, FileNotFoundError) as error:
        raise NotNow(
            _("归档文件“%(title)s”没有通过完整性校验，没有下载。") % {"title": item.title},
            advice=_("目录和存证还在，请联系平台运营人员从备份核对。"),
        ) from error


def _evidence(dossier: Dossier) -> dict[str, Any] | None:
    """Return the proof that the ledger tells of this manifest; None in the seconds before it is sealed there."""
    entry = Entry.objects.filter(pk=dossier.entry_number or 0).first()
    try:
        return evidence_of(entry) if entry is not None else None
    except NotNow:
        return None


def _written(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
