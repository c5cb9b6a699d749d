"""Bytes in, bytes out: named by their SM3, encrypted with SM4, stored once, checked when read."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from xinshu.core.composed import composed
from xinshu.core.sm import Damaged, sm3, sm4_decrypt, sm4_encrypt
from xinshu.documents.models import Blob
from xinshu.documents.storage import storage


def keep_blob(content: bytes, mime: str) -> Blob:
    """Return the blob of these bytes, storing them if nobody brought them before."""
    digest = sm3(content).hex()
    blob = _blob.first(digest)
    place = storage()
    if blob is None or not place.has(digest):
        place.write(digest, sm4_encrypt(bytes.fromhex(settings.FILE_KEY), content))
    if blob is None:
        try:
            with transaction.atomic():
                blob = Blob.objects.create(sm3=digest, size=len(content), mime=mime)
        except IntegrityError:  # somebody brought the same bytes at the same moment
            blob = Blob.objects.get(sm3=digest)
    return blob


@composed
def _blob(digest: str) -> QuerySet[Blob]:
    return Blob.objects.filter(sm3=digest)


def read_blob(blob: Blob) -> bytes:
    """Return the plain bytes. Raises Damaged when a bit in storage was changed, FileNotFoundError when it is gone."""
    content = sm4_decrypt(bytes.fromhex(settings.FILE_KEY), storage().read(blob.sm3))
    if sm3(content).hex() != blob.sm3:  # whole and ours, but other bytes: somebody put another file in its place
        raise Damaged("these are not the bytes of this blob")
    return content


def forget_blob(blob: Blob) -> None:
    """Remove bytes that were kept for a while only, when the transaction is through. Raises where a row names them."""
    key = blob.sm3
    blob.delete()
    transaction.on_commit(lambda: storage().remove(key))
