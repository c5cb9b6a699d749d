"""A receiver of events for tests and trials: takes, refuses, is slow, leads elsewhere; keeps what it got."""

import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from xinshu.core.sm import hmac_sm3, verify_sm2


@dataclass(frozen=True)
class Received:
    """One event as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    def is_genuine(self, secret: str, platform_key: str) -> bool:
        """Say whether both signatures hold: what every receiver should ask before it believes anything."""
        message = b".".join(
            (self.headers["Xinshu-Event-Id"].encode(), self.headers["Xinshu-Timestamp"].encode(), self.body)
        )
        tag = base64.b64decode(self.headers["Xinshu-Hmac-Sm3"])
        signature = base64.b64decode(self.headers["Xinshu-Sm2"])
        return tag == hmac_sm3(secret.encode(), message) and verify_sm2(platform_key, message, signature)


@dataclass
class Receiver:
    """A receiver on this machine. `answers` with these statuses in turn, with the last one for ever."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    delay: float = 0.0
    received: list[Received] = field(default_factory=list)

    def next_status(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiver(*answers: int, delay: float = 0.0) -> Iterator[Receiver]:
    """Run a receiver on a free port while the block lasts."""
    here = Receiver(answers=list(answers) or [204], delay=delay)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            here.received.append(Received(self.path, dict(self.headers.items()), body))
            time.sleep(here.delay)
            status = here.next_status()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{here.url}/elsewhere")
            answer = b"" if status == 204 else f"sandbox says {status}, call 13912345678".encode()
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    here.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
