"""Malformed, oversized and broken input: a refusal in Chinese, never a broken page, and what was typed stays."""

import gzip
import io
import json
import re
from collections.abc import Iterator
from html import escape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faults.addresses import ADDRESSES, Address, half
from faults.conftest import BRIEFLY, browser, counting_once
from faults.junk import (
    BODIES,
    DAYS,
    FORM,
    HEADERS,
    JUNK_TEXT,
    NO_TEXT,
    NUMBERS,
    TEXTS,
    UPLOADS,
    circular_pdf,
    paths,
    zipped,
)
from faults.world import PDF, World
from xinshu.accounts.models import Member
from xinshu.documents.models import Blob, File
from xinshu.enterprises.actions import enterprise_of
from xinshu.guarantees.demo.cast import prepare_guarantors

CHINESE = re.compile(r"[一-鿿]{4}")
PEOPLE = ("stranger", "applicant", "manager", "operator", "sysadmin", "auditor")
METHODS = ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW")


def known(world: World, who: str) -> Member | None:
    """Return somebody who has rows of their own: the applicant of the world's cases, its manager, administrators."""
    if who == "stranger":
        return None
    return world.user.members.get() if who == "applicant" else getattr(world.city, who)


def places(world: World, member: Member | None, who: str = "") -> list[tuple[Address, str]]:
    """Return every address, filled with a row that is the member's own where there is one; every act and step.

    For one `who` of several the half that is theirs.
    """
    own = {"guarantees": world.draft.reference, "projects": world.draft.project.reference}
    if member is not None:
        own["enterprises"] = enterprise_of(world.draft.applicant).reference
    found: dict[str, Address] = {}
    for address in half(PEOPLE.index(who)) if who else ADDRESSES:
        app = address.name.partition(":")[0]
        filled = list(address.filled())
        if address.name == "accounts:sign_out":
            continue  # or the rest would be asked as a stranger
        for path, arguments in filled if app == "guarantees" else filled[:1]:
            if app in own and "reference" in arguments:
                path = reverse(address.name, kwargs=arguments | {"reference": own[app]})
            found[path] = address
    return [(address, path) for path, address in found.items()]


def must_refuse(response: HttpResponse, what: str) -> None:
    """Fail unless an answer is no broken page, and a refusal is said in Chinese."""
    assert response.status_code < 500, f"{what}: {response.status_code}"
    if response.status_code >= 400 and not response.streaming and response.wsgi_request.method != "HEAD":
        assert CHINESE.search(response.content.decode("utf-8", "replace")), (
            f"{what}: {response.status_code} says nothing"
        )


ASKED = (
    "page",
    "q",
    "view",
    "show",
    "state",
    "kind",
    "due",
    "sort",
    "before",
    "next",
    "code",
    "number",
    "version",
    "seen",
)
FIELD = re.compile(r'<(?:input|select|textarea|button)[^>]*? name="([^"]+)"')


def names_on(asking: Client, path: str) -> set[str]:
    """Return the names of the fields of the page at `path`."""
    response = asking.get(path, headers=BRIEFLY)  # a refusal has none of its own
    page = "" if response.streaming else response.content.decode("utf-8", "replace")
    return set(FIELD.findall(page)) - {"csrfmiddlewaretoken"}


def first_as_pages(found: list[tuple[Address, str]]) -> Iterator[tuple[str, dict[str, str] | None]]:
    """Yield each path with the headers to ask it with: the first of an address tells refusals as whole pages."""
    opened = set[str]()
    for address, path in found:
        yield path, BRIEFLY if address.name in opened else None
        opened.add(address.name)


def names_everywhere(asking: Client, found: list[tuple[Address, str]]) -> list[str]:
    """Return the names of all fields of all pages, and what addresses are asked with besides."""
    with counting_once():
        return sorted(set(ASKED).union(*(names_on(asking, path) for _address, path in found)))


@pytest.mark.parametrize("who", PEOPLE)
def test_junk_in_every_field_of_every_address(world, browser_of, who):
    member = known(world, who)
    asking, found = browser_of(member), places(world, member, who)
    with counting_once():
        shown = {path: names_on(asking, path) for _address, path in found}
    strangers = sorted(set().union(*shown.values()))  # a post often answers a form of another page

    for turn, (path, briefly) in enumerate(first_as_pages(found)):
        others = {strangers[(turn * 17 + n) % len(strangers)] for n in range(20)}
        names = sorted({*ASKED, *shown[path], *others})
        query = "&".join(f"{name}={JUNK_TEXT[(turn * 7 + n) % len(JUNK_TEXT)]}" for n, name in enumerate(names))
        short = "&".join(pair for pair in query.split("&") if len(pair) < 500)
        must_refuse(asking.get(f"{path}?{short}", headers=briefly), f"GET {path}?{short[:300]}")
        must_refuse(asking.post(path, query, content_type=FORM, headers=briefly), f"POST {path} {short[:600]}")


@pytest.mark.parametrize("who", ["stranger", "applicant"])
def test_what_is_no_text_is_refused_before_any_page_reads_it(world, browser_of, who):
    member = known(world, who)
    asking, found = browser_of(member), places(world, member, who)

    for turn, (path, briefly) in enumerate(first_as_pages(found)):
        raw = NO_TEXT[turn % len(NO_TEXT)]
        typed = f"reason={raw}&version={raw}"
        must_refuse(asking.get(f"{path}?q={raw}&page={raw}", headers=briefly), f"GET {path} {raw}")
        must_refuse(asking.post(path, typed, content_type=FORM, headers=briefly), f"POST {path} {raw}")


EDGES = st.sampled_from([*NUMBERS, *DAYS, *TEXTS, "1", "2", "2026-12-01", "100.00", "performance", "bid", "6000-0001"])


@given(st.data())
@settings(
    max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)  # fmt: skip
def _survives(asking: Client, found: list[tuple[Address, str]], names: list[str], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for _address, path in found]))
    values = data.draw(st.dictionaries(st.sampled_from(names), EDGES | st.text(max_size=80), max_size=12))
    values = {name: value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name, value in values.items()}
    ask = data.draw(st.sampled_from((asking.get, asking.post)))
    must_refuse(ask(path, values), f"{ask.__name__} {path} {values}")


@pytest.mark.parametrize("who", ["stranger", "applicant", "manager"])
def test_any_text_anywhere(world, browser_of, who):
    member = known(world, who)
    asking, found = browser_of(member), places(world, member, who)

    _survives(asking, found, names_everywhere(asking, found))


@pytest.mark.parametrize("who", ["stranger", "applicant", "manager"])
def test_days_and_sums_at_the_edge_of_what_can_be_said(world, browser_of, who):
    asking, case = browser_of(known(world, who)), world.draft
    steps = {name: reverse("guarantees:step", args=[case.reference, name]) for name in ("terms", "confirm")}

    for day, other in (("0001-01-01", "9999-12-31"), ("9999-12-31", "9999-12-31"), ("0001-01-01", "0001-01-01")):
        for amount in ("0.01", "999,999,999,999.99", "999999999999亿"):
            case.refresh_from_db()
            typed = {"version": case.version, "amount": amount, "effective_on": day, "expires_on": other}
            must_refuse(asking.post(steps["terms"], typed), f"{typed}")
            for path in (*steps.values(), reverse("guarantees:detail", args=[case.reference])):
                must_refuse(asking.get(path), f"{path} after {typed}")
            case.refresh_from_db()
            must_refuse(asking.post(steps["confirm"], {"version": case.version}), f"submitting {typed}")
    for opens_at in DAYS:
        for days in ("0", "1", "3650", "99999999999"):
            facts = {
                "name": "边界时间工程", "number": f"E-{opens_at}-{days}"[:80], "kind": "other", "buyer": "云州临港中心",
                "opens_at": opens_at, "bid_validity_days": days, "contract_days": days, "region_code": "990103",
                "estimate_amount": "999,999,999,999.99", "estimate_source": "招标文件",
            }  # fmt: skip
            must_refuse(asking.post(reverse("projects:new"), facts), f"{facts}")
    must_refuse(asking.get(reverse("projects:list")), "the list afterwards")
    must_refuse(
        asking.get(f"{reverse('guarantees:list')}?expires_from=0001-01-01&expires_to=9999-12-31"), "the register"
    )


@pytest.mark.parametrize("who", ["stranger", "applicant"])
def test_every_method_on_every_address(world, browser_of, who):
    member = known(world, who)
    asking = browser_of(member)

    for turn, (path, briefly) in enumerate(first_as_pages(places(world, member, who))):
        # The first path of an address is asked by every method, the others, which the same view answers, by one each.
        for method in METHODS if briefly is None else (METHODS[turn % len(METHODS)],):
            headers = briefly if method == "PUT" else BRIEFLY  # one of them sees the whole page
            must_refuse(asking.generic(method, path, b"reason=1", FORM, headers=headers), f"{method} {path}")


@pytest.mark.parametrize("who", ["stranger", "applicant"])
@pytest.mark.parametrize("checks_csrf", [False, True])
def test_broken_bodies(world, who, clock, checks_csrf):
    member = known(world, who)
    asking = browser(member)
    asking.handler.enforce_csrf_checks = checks_csrf
    wanted = {
        "accounts:sign_in", "guarantees:verify",
        "guarantees:act", "guarantees:step", "projects:new", "projects:attach", "ledger:evidence", "enterprises:detail",
    }  # fmt: skip
    one_each = {address.name: path for address, path in places(world, member) if address.name in wanted}

    for path in one_each.values():
        for what, kind, body in BODIES:
            must_refuse(asking.generic("POST", path, body, kind), f"{what} to {path}")


def test_broken_headers(world, browser_of):
    for who in ("stranger", "applicant"):
        member = known(world, who)
        asking = browser_of(member)
        for headers in HEADERS:
            for path in (
                "/",
                "/workbench/",
                "/guarantees/",
                "/verify/",
                f"/guarantees/{world.draft.reference}/",
                "/sign-in/",
                "/nothing/",
            ):
                must_refuse(asking.get(path, **headers), f"{path} with {headers}")
                must_refuse(asking.post(path, {"version": "1"}, **headers), f"POST {path} with {headers}")


def test_a_host_that_is_not_ours_is_refused(db, settings):
    settings.ALLOWED_HOSTS = ["xinshu.example"]
    asking = browser(None)

    for host in ("evil.example", "xinshu.example.evil.example", "xinshu.example:port", "[", "\xe9"):
        response = asking.get("/", HTTP_HOST=host)

        assert response.status_code == 400, host
        must_refuse(response, host)


def test_paths_that_lead_nowhere(world, browser_of):
    for who in ("stranger", "applicant"):
        asking = browser_of(known(world, who))
        for path in paths():
            must_refuse(asking.get(path), path)
            must_refuse(asking.post(path, {"version": "1"}), path)


def test_endless_queries(world, browser_of):
    asking = browser_of(known(world, "applicant"))

    for query in (
        "&" * 20_000,
        "q=" + "%E6%9F%A5" * 20_000,
        "&".join(f"view={n}" for n in range(5_000)),
        "page=" + "9" * 5_000,
    ):
        for path in ("/", "/guarantees/", "/projects/", "/notices/", "/verify/", "/sign-in/", "/guarantees/export/"):
            must_refuse(asking.get(f"{path}?{query}"), f"{path}?{query[:40]}")


TYPED = {
    # address               fields of which one will not do
    "projects:new": {"name": "某", "buyer": "云州某某“局”", "estimate_amount": "十九<万>", "site": "东门内"},
    "guarantees:step": {"amount": "约 <100> 万", "effective_on": "下周三", "expires_on": "明年"},
    "enterprises:detail": {"registered_capital": "很<多>", "address": "云州市东门内 7 号", "seen": "0"},
    "accounts:register": {"organisation_name": "某<公司>", "phone": "无号码", "username": "大 写"},
    "accounts:sign_in": {"username": "没有<这个人>", "password": "不对"},
}


@pytest.mark.parametrize("name", TYPED)
def test_what_was_typed_stays_in_the_form(world, browser_of, name):
    member = None if name.startswith("accounts:") else known(world, "applicant")
    arguments = {
        "guarantees:step": [world.draft.reference, "terms"],
        "enterprises:detail": [enterprise_of(world.draft.applicant).reference],
    }
    typed = TYPED[name]

    response = browser_of(member).post(
        reverse(name, args=arguments.get(name)), typed | {"version": world.draft.version}
    )

    assert response.status_code == 422
    body = response.content.decode()
    for field, value in typed.items():
        if field not in ("password", "seen"):
            assert escape(value) in body or value in body, field
    assert "<script>" not in body


@pytest.mark.parametrize(("what", "name", "content"), UPLOADS, ids=[what for what, *_rest in UPLOADS])
def test_files_that_no_case_takes(world, browser_of, what, name, content):
    asking, case = browser_of(known(world, "applicant")), world.draft
    kept = File.objects.count(), Blob.objects.count()

    answers = {
        "wizard": asking.post(
            reverse("guarantees:step", args=[case.reference, "files"]),
            {"version": case.version, "title": "施工合同", "file": SimpleUploadedFile(name, content)},
        ),
        "project": asking.post(
            reverse("projects:attach", args=[case.project.reference]),
            {"version": case.project.version, "file": SimpleUploadedFile(name, content)},
        ),
    }

    for where, response in answers.items():
        must_refuse(response, where)
        assert response.status_code == 422, where
    assert "施工合同" in answers["wizard"].content.decode()
    assert (File.objects.count(), Blob.objects.count()) == kept


LETTERS = {what: content for what, _name, content in UPLOADS} | {
    "circles": circular_pdf(),
    "junk after the head": b"%PDF-1.7\n" + bytes(range(256)) * 40,
    "an archive": zipped({"a": b"1"}),
}


@pytest.mark.parametrize("what", LETTERS)
def test_files_that_are_no_letter(db, browser_of, what):
    content = LETTERS[what]
    response = browser_of(None).post("/verify/", {"letter": SimpleUploadedFile("函.pdf", content)})

    must_refuse(response, what)
    assert "保函真实有效" not in response.content.decode()
    examined = browser_of(None).post("/evidence/", {"file": SimpleUploadedFile("证.json", content)})
    must_refuse(examined, what)


def test_files_that_are_too_big_are_not_read(world, browser_of, settings):
    settings.UPLOAD_LIMIT = 3 * 1024 * 1024  # more than what is kept in memory, so that it was written to disk first
    asking, case, kept = browser_of(known(world, "applicant")), world.draft, File.objects.count()

    for path, field, version in (
        (reverse("guarantees:step", args=[case.reference, "files"]), "file", case.version),
        (reverse("projects:attach", args=[case.project.reference]), "file", case.project.version),
        ("/verify/", "letter", 0),
    ):
        huge = SimpleUploadedFile("大.pdf", PDF + b"\0" * 3 * 1024 * 1024)
        response = asking.post(path, {"version": version, "title": "施工合同", field: huge})

        must_refuse(response, path)
        assert response.status_code == 422
        assert "太大" in response.content.decode()
    assert File.objects.count() == kept


def notices() -> Iterator[tuple[str, bytes]]:
    """Yield lines that are no award notice."""
    labels = {"中标人": "云州甲建设有限公司", "招标人": "云州市水务局", "中标价(元)": "1000000", "标段(包)编号": "X-1"}
    for what, changes in {
        "a list for labels": None,
        "a number for a name": {"中标人": 7},
        "a list for a sum": {"中标价(元)": ["1"]},
        "an endless sum": {"中标价(元)": "9" * 400},
        "a negative sum": {"中标价(元)": "-5"},
        "a NUL in a name": {"中标人": "云州\0甲建设有限公司"},
        "a NUL in a lot": {"标段(包)编号": "X\0-2"},
        "a surrogate": {"招标人": "云州\ud800水务局"},
        "an endless name": {"中标人": "长" * 5_000},
        "an endless project": {"标段(包)名称": "长" * 5_000, "标段(包)编号": "Y" * 500},
        "the buyer wins": {"中标人": "云州市水务局"},
        "endless days": {"履约期限(天)": "9" * 400},
    }.items():
        yield (
            what,
            json.dumps({"id": 1, "title": "公告", "labels": [] if changes is None else labels | changes}).encode(),
        )
    yield (
        "no title and no id",
        json.dumps({"id": None, "title": None, "labels": labels | {"标段(包)编号": "X-3"}}).encode(),
    )
    yield (
        "a number for a title",
        json.dumps({"id": [], "title": 5, "region_code": 7, "labels": labels | {"标段(包)编号": "X-4"}}).encode(),
    )
    yield from (
        ("a list", b"[]"),
        ("a number", b"7"),
        ("half an object", b'{"id": '),
        ("NaN", b"NaN"),
        ("bytes", b"\xff\xfe\0"),
    )
    yield "a deep nest", b"[" * 100_000


@pytest.mark.parametrize("packed", [False, True])
def test_an_import_of_junk_tells_of_each_line_and_goes_on(db, tmp_path, capsys, packed):
    lines = list(notices())
    file = tmp_path / ("公告.jsonl.gz" if packed else "公告.jsonl")
    content = b"\n".join(line for _what, line in lines) + b"\n"
    file.write_bytes(gzip.compress(content) if packed else content)

    call_command("import_awards", str(file), issue=True)

    said = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert said["read"] == len(lines)
    assert said["errors"] + said["refused"] + said["issued"] == len(lines)
    assert said["errors"] >= len(lines) - 4


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b\x08\0\0", gzip.compress(b'{"id": 1}\n' * 50, mtime=0)[:-9], b"not gzip at all"]
)
def test_an_import_of_a_broken_archive_ends_in_words(db, tmp_path, content):
    file = tmp_path / "公告.jsonl.gz"
    file.write_bytes(content)
    out = io.StringIO()

    if content:
        with pytest.raises(CommandError, match="文件读不出来"):
            call_command("import_awards", str(file), stdout=out)
    else:
        call_command("import_awards", str(file), stdout=out)
        assert json.loads(out.getvalue())["read"] == 0


def test_the_import_of_a_file_that_is_not_there_ends_in_words(db, tmp_path, at):
    prepare_guarantors(at)

    with pytest.raises(CommandError, match="文件读不出来"):
        call_command("import_awards", str(tmp_path / "没有.jsonl"))
