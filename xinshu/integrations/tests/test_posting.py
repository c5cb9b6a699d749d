"""Posting outwards: into no inner network, to the very address that was checked."""

import socket
from ipaddress import ip_address

import pytest

from xinshu.core.refusals import Invalid
from xinshu.integrations import posting
from xinshu.integrations.posting import check_url, is_public, post
from xinshu.integrations.sandbox import receiver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "2001:db8::1",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "114.114.114.114", "2606:4700::1111"])
def test_outer_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "https://user:pw@example.com/", "https://127.0.0.1/",
        "https://[::1]/", "https://169.254.169.254/latest", "https://exa mple.com/", "https://example.com:99999/",
        "https://例子.cn/", "https://example.com/#part", "javascript:alert(1)", "https://[::ffff:10.0.0.1]/", "//x",
        "https://example.com/\r\nX: y", "https://example.com:0/",
    ],
)  # fmt: skip
def test_production_takes_only_public_https(settings, url: str) -> None:
    settings.PRODUCTION = True

    with pytest.raises(Invalid):
        check_url(url)


def test_a_name_that_leads_inside_is_not_connected_to(settings, monkeypatch) -> None:
    settings.PRODUCTION = True
    with receiver() as there:
        port = int(there.url.rpartition(":")[2])
        inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        mixed = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port)), *inside]
        for found in (inside, mixed):
            monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *_args, found=found, **_more: found)

            answer = post(f"https://rebinding.example.com:{port}/", b"{}", {})

            assert (answer.status, "内部网络" in answer.text) == (None, True)
    assert there.received == []


def test_the_connection_goes_to_the_address_that_was_looked_up_once(monkeypatch) -> None:
    asked: list[str] = []
    with receiver() as there:
        port = int(there.url.rpartition(":")[2])

        def look_up(host: str, *_args: object, **_more: object) -> list[object]:
            asked.append(host)
            address = "127.0.0.1" if host in ("receiver.example.com", "127.0.0.1") else "192.0.2.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(posting.socket, "getaddrinfo", look_up)
        answer = post(f"http://receiver.example.com:{port}/take", b"{}", {})

    assert answer.accepted
    assert there.received[0].headers["Host"] == f"receiver.example.com:{port}"
    assert asked.count("receiver.example.com") == 1


def test_nobody_there_is_an_answer_too() -> None:
    with receiver() as there:
        gone = there.url

    answer = post(gone, b"{}", {})

    assert (answer.status, answer.accepted) == (None, False)
    assert answer.text.startswith("连接失败")
