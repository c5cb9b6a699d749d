"""Blobs in S3-compatible storage (object stores of every cloud, MinIO, Ceph): one object per blob, ab/cd/abcd…

Objects are named by what they hold and are encrypted before they come here: writing one again changes nothing, and the
store never sees plain text. The client library is loaded only where S3 is chosen.
"""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from minio import Minio

_TIMEOUT = 20.0  # seconds without an answer


class S3Storage:
    """A bucket, which must exist. Raises OSError when the store does not answer or refuses."""

    def __init__(self, place: dict[str, str] | None = None, retries: int = 3) -> None:
        place = settings.S3 if place is None else place
        self.client = _client(place["endpoint"], place["key_id"], place["secret"], place["region"], retries)
        self.bucket = place["bucket"]

    def has(self, key: str) -> bool:
        try:
            with _said_as_oserror():
                self.client.stat_object(self.bucket, _name(key))
        except FileNotFoundError:
            return False
        return True

    def write(self, key: str, content: bytes) -> None:
        with _said_as_oserror():
            self.client.put_object(self.bucket, _name(key), io.BytesIO(content), len(content))

    def read(self, key: str) -> bytes:
        with _said_as_oserror():
            answer = self.client.get_object(self.bucket, _name(key))
            try:
                return answer.read()
            finally:
                answer.close()
                answer.release_conn()

    def remove(self, key: str) -> None:
        with _said_as_oserror():
            self.client.remove_object(self.bucket, _name(key))

    def check(self) -> None:
        name = f"probe/{secrets.token_hex(6)}"
        with _said_as_oserror():
            self.client.put_object(self.bucket, name, io.BytesIO(b"ok"), 2)
            self.client.remove_object(self.bucket, name)

    def keys(self, prefix: str) -> Iterator[str]:
        with _said_as_oserror():
            for found in self.client.list_objects(self.bucket, prefix=f"{prefix}/", recursive=True):
                yield str(found.object_name).rsplit("/", 1)[-1]


def _name(key: str) -> str:
    return f"{key[:2]}/{key[2:4]}/{key}"


@contextmanager
def _said_as_oserror() -> Iterator[None]:
    """Say what went wrong as a folder would: FileNotFoundError for what is not there, else OSError."""
    from minio.error import MinioException, S3Error
    from urllib3.exceptions import HTTPError

    try:
        yield
    except S3Error as error:
        if error.code in {"NoSuchKey", "NoSuchObject"}:
            raise FileNotFoundError(error.object_name) from error
        raise OSError(f"S3: {error.code}") from error
    except (MinioException, HTTPError) as error:
        raise OSError(f"S3: {error}") from error


@cache
def _client(endpoint: str, key_id: str, secret: str, region: str, retries: int) -> "Minio":
    """Return the one client of this process for an account; its connections serve all threads."""
    from minio import Minio
    from urllib3 import PoolManager, Retry, Timeout

    place = urlsplit(endpoint)
    pool = PoolManager(
        timeout=Timeout(connect=3, read=_TIMEOUT),
        maxsize=16,
        retries=Retry(total=retries, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
    )
    return Minio(place.netloc, key_id, secret, secure=place.scheme == "https", region=region, http_client=pool)
