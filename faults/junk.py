"""What people, scripts and broken machines send: text that no form expects, bodies that no parser likes."""

# ruff: noqa: E501  (tables are read across)

import io
import zipfile
from collections.abc import Iterator
from urllib.parse import quote

# Percent-encoded, since not all of it is text: NUL, broken UTF-8, a lone surrogate.
NO_TEXT = ("%00", "a%00b", "%FF%FE", "%ED%A0%80", "%C0%80", "%", "%zz", "%0D%0ASet-Cookie:%20a=b")
NUMBERS = ("-1", "0", "1.5", "1e400", "9" * 400, f"1{'0' * 400}", str(2**31), str(2**63), str(2**64), "NaN", "Infinity",
           "٣", "²", "１２", "½", "0x10", "1_000", "--1", "999999999999.99", "0.001")  # fmt: skip
DAYS = ("0001-01-01", "9999-12-31", "2026-02-30", "10000-01-01", "0000-00-00", "0001-01-01T00:00", "9999-12-31T23:59",
        "2026-11-21T99:99")  # fmt: skip
TEXTS = ("", " ", "😀" * 60, "' OR 1=1; DROP TABLE guarantees_guarantee; --", "\u202eexe.fdp", "مرحبا بالعالم",
         "<script>alert(1)</script>", "{{ 7 * 7 }}{% raise %}", "%s%n%x", "../../etc/passwd", "\x7f\x1b[2J", "\ufeff\u200b",
         "draft\n\nin_force", "x" * 20_000, "编" * 5_000, "*", "%_\\", "None", "null", "[]", "a" * 61)  # fmt: skip
JUNK_TEXT = tuple(quote(text) for text in (*NUMBERS, *DAYS, *TEXTS))
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=frontier"


def part(name: str, value: bytes, filename: str | None = None) -> bytes:
    """Return one part of a multipart body whose boundary is `frontier`."""
    said = f'; filename="{filename}"'.encode() if filename is not None else b""
    return b'--frontier\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n' % (name.encode(), said, value)


BODIES: tuple[tuple[str, str, bytes], ...] = (
    # what it is                content type                        body
    ("nothing",                 FORM,                               b""),
    ("broken UTF-8",            FORM,                               b"reason=\xff\xfe&version=\xed\xa0\x80"),
    ("a NUL",                   FORM,                               b"reason=a%00b&version=1"),
    ("ten megabytes",           FORM,                               b"reason=" + b"x" * 10_000_000),
    ("too many fields",         FORM,                               b"&".join(b"f%d=1" % n for n in range(5_000))),
    ("an unknown charset",      f"{FORM}; charset=klingon",         b"reason=1"),
    ("UTF-16 as told",          f"{FORM}; charset=utf-16",          "reason=中".encode("utf-16")),
    ("JSON",                    "application/json",                 b'{"version": 1}'),
    ("broken JSON",             "application/json",                 b'{"version": '),
    ("XML",                     "text/xml",                         b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"),
    ("no type at all",          "",                                 b"reason=1"),
    ("a type of junk",          "\xff/; =;;",                       b"reason=1"),
    ("no boundary",             "multipart/form-data",              part("reason", b"1")),
    ("an empty boundary",       "multipart/form-data; boundary=",   part("reason", b"1")),
    ("another boundary",        "multipart/form-data; boundary=x",  part("reason", b"1")),
    ("a boundary of junk",      "multipart/form-data; boundary=\xe9", b"--\xe9\r\n"),
    ("cut off in a header",     MULTIPART,                          b'--frontier\r\nContent-Disposition: form-da'),
    ("cut off in a file",       MULTIPART,                          part("file", b"%PDF-1.4", "a.pdf")[:-3]),
    ("no end",                  MULTIPART,                          part("file", b"%PDF-1.4", "a.pdf")),
    ("a field of ten megabytes", MULTIPART,                         part("reason", b"x" * 10_000_000) + b"--frontier--"),
    ("a file without a name",   MULTIPART,                          part("file", b"1", "") + b"--frontier--"),
    ("a name of NULs",          MULTIPART,                          part("file", b"1", "\0\0.pdf") + b"--frontier--"),
    ("a path for a name",       MULTIPART,                          part("file", b"1", "../../../etc/cron.d/x") + b"--frontier--"),
    ("an endless name",         MULTIPART,                          part("file", b"1", "长" * 5_000 + ".pdf") + b"--frontier--"),
    ("a hundred and one files", MULTIPART,                          b"".join(part(f"f{n}", b"1", "a.pdf") for n in range(101)) + b"--frontier--"),
    ("broken base64",           MULTIPART,                          b'--frontier\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%\r\n--frontier--'),
)  # fmt: skip

HEADERS: tuple[dict[str, str], ...] = (
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "a b<c>"},
    {"HTTP_HOST": "[::1"},
    {"HTTP_HOST": ""},
    {"HTTP_HOST": "x" * 5_000},
    {"HTTP_HOST": "例.中国"},
    {"HTTP_COOKIE": "sessionid=; csrftoken="},
    {"HTTP_COOKIE": "sessionid=' OR 1=1 --"},
    {"HTTP_COOKIE": f"sessionid={'a' * 9_000}"},
    {"HTTP_COOKIE": "sessionid=a\0b; csrftoken=\0"},
    {"HTTP_COOKIE": "sessionid=\xff\xfe; \xed\xa0\x80=1"},
    {"HTTP_COOKIE": ";;==;=a;\x01"},
    {"HTTP_ACCEPT": "application/json;q=oops, */"},
    {"HTTP_ACCEPT_LANGUAGE": "zz-" + "a" * 5_000},
    {"HTTP_REFERER": "http://[broken"},
    {"HTTP_REFERER": "javascript:alert(1)"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "\0"},
    {"HTTP_X_FORWARDED_FOR": "1.2.3.4, \0, " + "9" * 3_000},
    {"HTTP_X_FORWARDED_PROTO": "gopher"},
    {"HTTP_IF_MODIFIED_SINCE": "yesterday", "HTTP_IF_NONE_MATCH": '"'},
    {"HTTP_RANGE": "bytes=99999999999-1"},
    {"CONTENT_LENGTH": "many"},
    {"CONTENT_LENGTH": "-5"},
)


def paths() -> Iterator[str]:
    """Yield paths that lead nowhere, in every way."""
    for prefix in ("/", "/guarantees/", "/verify/", "/files/", "/projects/", "/help/", "/users/", "/log/", "/notices/"):
        for word in ("%00", "%FF%FE", "%ED%A0%80", "%F0%9F%98%80", "..%2F..%2Fetc%2Fpasswd", "%E2%80%AE", "a" * 3_000,
                     "-1", "9" * 400, "%3Cscript%3E", "%0D%0AX:1", ".", "%25", "'%20OR%201=1"):  # fmt: skip
            yield f"{prefix}{word}/"
    yield from ("//", "///evil.example/", "/?", "/%", "/guarantees//", "/guarantees/%2F/", "/static/../manage.py",
                "/static/web/%00", "/.env", "/admin/", "/guarantees/new/..%5C")  # fmt: skip


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip file with these members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in members.items():
            archive.writestr(name, inside)
    return content.getvalue()


def zip_bomb() -> bytes:
    """Return a workbook of some ten kilobytes that unpacks to ten megabytes."""
    return zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>", "xl/a.xml": b"\0" * 10_000_000})


def circular_pdf() -> bytes:
    """Return a PDF whose page tree, cross-references and contents lead back to themselves."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2/Parent 2 0 R>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources 3 0 R>>",
        b"<</Length 4 0 R/Filter[/FlateDecode/FlateDecode]>>stream\n%bendstream" % zip_bomb()[:200],
    )
    body = b"%PDF-1.7\n" + b"".join(b"%d 0 obj%bendobj\n" % (n, inside) for n, inside in enumerate(objects, 1))
    return body + b"trailer<</Root 1 0 R/Prev %d/Size 5>>\nstartxref\n%d\n%%%%EOF\n" % (len(body), len(body))


UPLOADS: tuple[tuple[str, str, bytes], ...] = (
    # what it is                  name                  content
    ("nothing",                   "空.pdf",             b""),
    ("a renamed program",         "合同.pdf",           b"MZ\x90\x00" + b"\0" * 400),
    ("a renamed program (ELF)",   "合同.pdf",           b"\x7fELF" + b"\0" * 400),
    ("a script",                  "合同.pdf",           b"#!/bin/sh\nrm -rf /\n"),
    ("a page with a script",      "合同.png",           b"<html><script>alert(1)</script>"),
    ("a drawing with a script",   "图.png",             b"<svg onload='alert(1)'/>"),
    ("a zip bomb",                "报表.xlsx",          zip_bomb()),
    ("a zip that climbs out",     "报表.xlsx",          zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b"", "../../x": b"1"})),
    ("macros",                    "报表.xlsx",          zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b"", "xl/vbaProject.bin": b"1"})),
    ("half a zip",                "报表.xlsx",          zip_bomb()[:2_000]),
    ("half a PDF",                "函.pdf",             b"%PDF-1.4\n1 0 obj<<"),
    ("a picture that is too big", "图.png",             b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\2\0\0\0" + b"\0" * 40 + b"IEND\xaeB`\x82"),
    ("half a picture",            "图.jpg",             b"\xff\xd8\xff\xe0\0\x10JFIF"),
    ("a name that runs backwards", "函\u202efdp.exe",    b"%PDF-1.4\nstartxref\n%%EOF"),
)  # fmt: skip
