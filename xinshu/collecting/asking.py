"""Asking a platform over HTTP: named, bounded in time and size, never led into our own network or to another house.

The name is resolved once, every address it stands for must be public, and the connection goes to the very address that
was checked (TLS still proves the name). Redirects are followed by hand, each checked as the first address was.
"""

import socket
import time
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from xinshu.collecting.reading.recipes import address_problem
from xinshu.collecting.sandbox.inside import inside
from xinshu.core.tls import trusted
from xinshu.integrations.posting import is_public

TIMEOUT = httpx.Timeout(8.0, connect=4.0)
LONGEST = 15.0  # seconds for one page, all told
LARGEST = 5_000_000  # bytes of a page, unpacked
REDIRECTS = 3
AGENT = "XinshuCollector"
_SECOND = frozenset(
    {"com", "net", "org", "gov", "edu", "ac", "mil", "co"}
)  # com.cn, gov.cn: registrable one level down


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    address: str  # the last one, where redirects led
    status: int
    content: bytes = b""
    content_type: str = ""
    etag: str = ""
    modified: str = ""


class Unanswered(Exception):
    """Nothing came back that can be used; the message says in words for people why. `lasting`: trying again is idle."""

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.message, self.lasting = message, lasting


def user_agent() -> str:
    """Return the name under which we ask, with where to find us."""
    return f"{AGENT}/1.0 (+{settings.PUBLIC_URL}/help/)"


def host_of(address: str) -> str:
    """Return scheme, name and port of an address: what is asked one request at a time."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{(parts.hostname or '').lower()[:240]}:{_port(parts)}"


def registrable(host: str) -> str:
    """Return the part of a host's name that somebody registered: a redirect may not lead beyond it."""
    labels = host.lower().rstrip(".").split(".")
    if all(label.isdecimal() for label in labels) or ":" in host:
        return host
    deep = len(labels) > 2 and len(labels[-1]) == 2 and (labels[-2] in _SECOND or len(labels[-2]) == 2)
    return ".".join(labels[-3:] if deep else labels[-2:])


def ask(address: str, *, etag: str = "", modified: str = "") -> Answer:
    """Return what the server says of `address`. Raises Unanswered."""
    first, deadline = urlsplit(address), time.monotonic() + LONGEST
    conditions = {name: value for name, value in (("If-None-Match", etag), ("If-Modified-Since", modified)) if value}
    for _turn in range(REDIRECTS + 1):
        if wrong := address_problem(address):
            raise Unanswered(wrong, lasting=True)
        parts = urlsplit(address)
        if registrable(parts.hostname or "") != registrable(first.hostname or ""):
            raise Unanswered(_("来源转到了别的站点 %(host)s，没有跟过去。") % {"host": parts.hostname}, lasting=True)
        answer, leads = _ask_once(address, parts, conditions, deadline)
        if not leads:
            return answer
        address = urljoin(address, leads)
    raise Unanswered(_("来源转来转去，没有到达页面。"), lasting=True)


def _ask_once(
    address: str, parts: SplitResult, conditions: dict[str, str], deadline: float
) -> tuple[Answer, str]:  # fmt: skip
    headers = {
        "User-Agent": user_agent(), "Accept-Language": "zh-CN,zh;q=0.9", "Host": parts.netloc, **conditions,
    }  # fmt: skip
    transport = inside(address)
    pinned = httpx.URL(address) if transport else _pinned(parts)
    with httpx.Client(
        transport=transport, timeout=TIMEOUT, trust_env=False, follow_redirects=False, verify=trusted()
    ) as client:
        request = client.build_request("GET", pinned, headers=headers, extensions=_proof(parts, client))
        try:
            response = client.send(request, stream=True)
            try:
                content = _read(response, deadline)
            finally:
                response.close()
        except httpx.TimeoutException:
            raise Unanswered(_("来源没有在规定时间内答复。")) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise Unanswered(_("来源访问不了：%(why)s") % {"why": type(error).__name__}) from None
    leads = response.headers.get("location", "") if response.status_code in (301, 302, 303, 307, 308) else ""
    told = response.headers
    return Answer(
        address, response.status_code, content, told.get("content-type", "")[:100], told.get("etag", "")[:200],
        told.get("last-modified", "")[:60],
    ), leads  # fmt: skip


def _read(response: httpx.Response, deadline: float) -> bytes:
    found = bytearray()
    for piece in response.iter_bytes(65_536):
        found += piece
        if len(found) > LARGEST:
            raise Unanswered(_("页面超过 %(mb)d MB，没有读取。") % {"mb": LARGEST // 1_000_000}, lasting=True)
        if time.monotonic() > deadline:
            raise Unanswered(_("来源没有在规定时间内答复。"))
    return bytes(found)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _pinned(parts: SplitResult) -> httpx.URL:
    """Return the address with the host's checked number in the place of its name. Raises Unanswered."""
    host, port = parts.hostname or "", _port(parts)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unanswered(_("来源的域名解析不了。")) from None
    addresses = list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in found))
    if f"{host}:{port}" not in settings.COLLECTING_INNER and not all(is_public(ip_address(one)) for one in addresses):
        raise Unanswered(_("来源的域名指向内部网络，没有访问。"), lasting=True)
    return httpx.URL(parts.geturl()).copy_with(host=addresses[0], port=port)


def _proof(parts: SplitResult, client: httpx.Client) -> dict[str, object]:
    """Return what makes TLS prove the name though the connection goes to a number."""
    timeout = client.timeout.as_dict()
    return (
        {"timeout": timeout, "sni_hostname": parts.hostname or ""} if parts.scheme == "https" else {"timeout": timeout}
    )
