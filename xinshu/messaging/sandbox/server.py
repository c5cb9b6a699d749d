"""The sandbox's servers: HTTP for SMS, WeChat and push, SMTP with STARTTLS for mail; receipts posted back."""

import datetime
import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from xinshu.messaging.sandbox.cases import case_of
from xinshu.messaging.sandbox.providers import DROP, Callback, Request, World

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own past at every login
CALL_BACK_AFTER = 1.0  # seconds from sending to the receipt


class Sandbox:
    """Both servers, for as long as they are wanted. `callback` maps a provider to the address of its receipts."""

    def __init__(self, keys: dict[str, dict[str, str]], folder: Path, http: int = 0, smtp: int = 0) -> None:
        self.world = World(keys)
        self.web = ThreadingHTTPServer(("127.0.0.1", http), _handler(self.world))
        self.web.daemon_threads = True
        self.port = self.web.server_port
        self.authority = folder / "smtp.pem"
        self.mails: list[dict[str, Any]] = []
        context = _tls(folder)
        self.post = Controller(
            _Mailbox(self.mails),
            hostname="127.0.0.1",
            port=smtp or _free_port(),
            tls_context=context,
            require_starttls=True,
            authenticator=_login(keys["smtp"]),
            auth_required=True,
        )
        self.smtp_port = self.post.port
        self.stopping = threading.Event()

    def start(self, callback: Callable[[str], str] | None = None) -> None:
        """Serve; post receipts to `callback(provider)` where one is given, else keep them in world.callbacks."""
        threading.Thread(target=self.web.serve_forever, name="sandbox-http", daemon=True).start()
        self.post.start()
        if callback is not None:
            threading.Thread(target=self._report, args=(callback,), name="sandbox-receipts", daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        self.web.shutdown()
        self.web.server_close()
        self.post.stop()

    def take_callbacks(self) -> list[Callback]:
        """Return the receipts that are due and forget them."""
        with self.world.lock:
            due, self.world.callbacks = self.world.callbacks, []
        return due

    def _report(self, callback: Callable[[str], str]) -> None:
        with httpx.Client(timeout=5, trust_env=False) as web:
            while not self.stopping.wait(CALL_BACK_AFTER):
                for one in self.take_callbacks():
                    try:
                        web.post(
                            f"{callback(one.provider)}?{one.query}",
                            content=one.body,
                            headers={"content-type": one.content_type},
                        ).raise_for_status()
                    except httpx.HTTPError:  # as the providers do: try again a little later
                        with self.world.lock:
                            self.world.callbacks.append(one)


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            path, _mark, query = self.path.partition("?")
            size = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            if path == "/healthz":
                status, told = 200, {"ok": True}
            else:
                status, told = world.answer(Request(self.command, path, query, headers, self.rfile.read(size)))
            if status == DROP:
                self.close_connection = True
                return
            content = json.dumps(told, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the platform logs its calls."""

    return Handler


class _Mailbox:
    """Takes mail, or does not, by the table of cases."""

    def __init__(self, mails: list[dict[str, Any]]) -> None:
        self.mails, self.limited = mails, set[str]()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        case = case_of(address)
        if case.limited and address not in self.limited:
            self.limited.add(address)
            return "450 4.2.1 The user you are trying to contact is receiving mail too quickly"
        if case.refuses:
            return "550 5.1.1 The email account that you tried to reach does not exist"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append({"to": list(envelope.rcpt_tos), "content": envelope.content})
        if case_of(envelope.rcpt_tos[0]).drops:
            server.transport.abort()
        return "250 2.0.0 OK: queued"


def _login(keys: dict[str, str]) -> Callable[..., AuthResult]:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        expected = LoginPassword(keys["user"].encode(), keys["password"].encode())
        return AuthResult(success=isinstance(given, LoginPassword) and given == expected)

    return check


def _tls(folder: Path) -> ssl.SSLContext:
    """Return a context with a certificate for localhost of our own making, which lies in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    local = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName(local), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "smtp.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = folder / "smtp.key"
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "smtp.pem", private)
    return context


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(keys: dict[str, dict[str, str]], folder: Path, http: int, smtp: int, callback: Callable[[str], str]) -> None:
    """Serve until the process is told to stop."""
    sandbox = Sandbox(keys, folder, http, smtp)
    sandbox.start(callback)
    try:
        while True:
            time.sleep(3600)
    finally:
        sandbox.stop()
