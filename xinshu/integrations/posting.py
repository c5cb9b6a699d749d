"""Posting to an address that somebody else chose: never into our own network, always to the address that was checked.

The name is resolved once; every address it stands for must be a public one; the connection goes to one of these very
addresses (a second answer of the name server counts for nothing); TLS still proves the name. No redirect is followed.
"""

import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid

TIMEOUT = 8.0  # seconds for connecting, and again for each read
READ_AT_MOST = 4_096
Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the beginning of the body, how long it took."""

    status: int | None
    text: str
    milliseconds: int

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def check_url(url: str) -> SplitResult:
    """Return the parts of an address that events may be sent to. Raises Invalid; resolves no name."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid(_("网址没有读懂。")) from None
    schemes = ("https",) if settings.PRODUCTION else ("https", "http")
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise _invalid(_("网址要以 https:// 开头。"))
    if (
        parts.username
        or parts.password
        or parts.fragment
        or len(url) > 500
        or not url.isascii()
        or not url.isprintable()
    ):
        raise _invalid(_("网址里不能有账号、密码、# 片段或非 ASCII 字符，最长 500 个字符。"))
    if " " in url:
        raise _invalid(_("网址里不能有空格。"))
    if settings.PRODUCTION:
        try:
            literal: Address | None = ip_address(parts.hostname)
        except ValueError:
            literal = None
        if literal is not None and not is_public(literal):
            raise _invalid(_("网址指向内部网络，不能接收推送。"))
    return parts


def _invalid(message: str) -> Invalid:
    return Invalid(_("接收地址没有保存：") + message, fields={"url": message})


def is_public(address: Address) -> bool:
    """Say whether an address belongs to the public internet; what embeds another address is judged by that too."""
    inner = [address]
    if isinstance(address, IPv6Address):
        inner += [found for found in (address.ipv4_mapped, address.sixtofour) if found is not None]
        if address.teredo is not None:
            inner += list(address.teredo)
        if address.packed[:12] == bytes.fromhex("0064ff9b0000000000000000"):  # NAT64
            inner.append(IPv4Address(address.packed[12:]))
        if address.packed[:12] == bytes(12):  # ::a.b.c.d, long retired and still routed by some
            return False
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in inner)


class Forbidden(OSError):
    """The name stands for an address of an inner network."""


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses of `host`, all of them allowed. Raises Forbidden, or OSError when the name is unknown."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in found))
    if settings.PRODUCTION and not all(is_public(ip_address(address)) for address in addresses):
        raise Forbidden("the receiver's name leads into an inner network")
    return addresses


class _Pinned(http.client.HTTPConnection):
    """A connection to `address`, whatever the name of the host may stand for by now."""

    def __init__(self, parts: SplitResult, address: str, port: int) -> None:
        super().__init__(parts.hostname or "", port, timeout=TIMEOUT)
        self.parts, self.address = parts, address

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), TIMEOUT)
        self.sock = plain
        if self.parts.scheme == "https":
            self.sock = _tls().wrap_socket(plain, server_hostname=self.parts.hostname)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post `body` and return what came back. Never raises for what the other side does: no answer is an answer."""
    began = time.perf_counter()

    def answer(status: int | None, text: str) -> Answer:
        return Answer(status, text, int((time.perf_counter() - began) * 1_000))

    try:
        parts = check_url(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = _Pinned(parts, addresses_of(parts.hostname or "", port)[0], port)
    except Invalid as refusal:
        return answer(None, refusal.message)
    except Forbidden:
        return answer(None, _("接收地址指向内部网络，没有推送。"))
    except (OSError, UnicodeError) as error:
        return answer(None, _("接收地址的域名解析不了：%(why)s") % {"why": type(error).__name__})
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body, {**headers, "Connection": "close", "User-Agent": "Xinshu-Events/1"})
        response: Any = connection.getresponse()
        return answer(response.status, response.read(READ_AT_MOST).decode("utf-8", "replace").replace("\0", ""))
    except ssl.SSLError as error:
        return answer(None, _("TLS 证书或握手有误：%(why)s") % {"why": error.reason or type(error).__name__})
    except TimeoutError:
        return answer(None, _("接收端没有在 %(seconds)d 秒内答复。") % {"seconds": int(TIMEOUT)})
    except (OSError, http.client.HTTPException, ValueError) as error:
        return answer(None, _("连接失败：%(why)s") % {"why": type(error).__name__})
    finally:
        connection.close()
