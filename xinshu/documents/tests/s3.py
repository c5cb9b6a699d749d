"""A stand-in for S3-compatible storage: objects in memory, requests signed with Signature Version 4, as S3 asks."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

KEY_ID, SECRET, BUCKET, REGION = "test-key-id", "test-secret-of-the-bucket", "xinshu-files", "cn-north-1"


@dataclass
class Store:
    """The bucket, and what goes wrong with it on purpose."""

    endpoint: str
    objects: dict[str, bytes] = field(default_factory=dict)
    failing: int = 0  # so many requests are answered with 503

    @property
    def settings(self) -> dict[str, str]:
        return {"endpoint": self.endpoint, "bucket": BUCKET, "key_id": KEY_ID, "secret": SECRET, "region": REGION}


@contextmanager
def standing() -> Iterator[Store]:
    """Serve an empty bucket while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    store = server.store = Store(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        store: Store = self.server.store  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        bucket, _slash, name = urlsplit(self.path).path.lstrip("/").partition("/")
        if store.failing:
            store.failing -= 1
            self._fail(503, "SlowDown")
        elif not self._is_signed(body):
            self._fail(403, "SignatureDoesNotMatch")
        elif bucket != BUCKET:
            self._fail(404, "NoSuchBucket")
        elif self.command == "PUT":
            store.objects[name] = body
            self._say(200, b"")
        elif not name:
            asked = dict(parse_qsl(urlsplit(self.path).query)).get("prefix", "")
            rows = "".join(
                f"<Contents><Key>{found}</Key><LastModified>2026-11-21T02:40:00.000Z</LastModified>"
                f"<ETag>x</ETag><Size>{len(store.objects[found])}</Size></Contents>"
                for found in sorted(store.objects) if found.startswith(asked)
            )  # fmt: skip
            told = f"<Name>{bucket}</Name><IsTruncated>false</IsTruncated>{rows}"
            named = f"<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>{told}</ListBucketResult>"
            self._say(200, named.encode(), "application/xml")
        elif self.command == "DELETE":
            store.objects.pop(name, None)
            self._say(204, b"")
        elif name not in store.objects:
            self._fail(404, "NoSuchKey")
        else:
            self._say(200, store.objects[name])

    do_GET = do_HEAD = do_PUT = do_DELETE = _answer

    def _is_signed(self, body: bytes) -> bool:
        scheme, _blank, rest = self.headers.get("Authorization", "").partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        key_id, day, region, service, end = (parts.get("Credential", "") + "////").split("/")[:5]
        payload = self.headers.get("x-amz-content-sha256", "")
        if payload != hashlib.sha256(body).hexdigest() or (scheme, key_id) != ("AWS4-HMAC-SHA256", KEY_ID):
            return False
        asked, names = urlsplit(self.path), parts["SignedHeaders"]
        query = "&".join(f"{quote(k, '')}={quote(v, '')}" for k, v in sorted(parse_qsl(asked.query, True)))
        headers = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names.split(";"))
        canonical = "\n".join((self.command, asked.path, query, headers, names, payload))
        scope = f"{day}/{region}/{service}/{end}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join((scheme, self.headers["x-amz-date"], scope, digest))
        key = f"AWS4{SECRET}".encode()
        for step in (day, region, service, end):
            key = hmac.digest(key, step.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), parts.get("Signature", ""))

    def _fail(self, status: int, code: str) -> None:
        self._say(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode(), "application/xml")

    def _say(self, status: int, body: bytes, kind: str = "application/octet-stream") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 02:40:00 GMT")
        self.send_header("ETag", f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
