"""Table: what is taken, what is refused, and what the person is told."""

import io
import struct
import zipfile
import zlib

import pytest

from xinshu.core.refusals import Invalid
from xinshu.documents.contents import check_name, recognise
from xinshu.documents.tests.conftest import PDF

LIMIT = 1024 * 1024


def png(width: int = 4, height: int = 4) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def jpeg(width: int = 4, height: int = 4) -> bytes:
    frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" + b"\0" * 9
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + b"\0" * 9 + frame + b"\xff\xd9"


def package(*names: str, body: bytes = b"<x/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, body)
    return out.getvalue()


XLSX = ("[Content_Types].xml", "xl/workbook.xml")
DOCX = ("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (PDF, "合同.pdf", "PDF"),
        (png(), "执照.PNG", "PNG"),
        (jpeg(), "执照.jpg", "JPEG"),
        (jpeg(), "执照.jpeg", "JPEG"),
        (package(*XLSX), "报表.xlsx", "XLSX"),
        (package(*DOCX), "说明.docx", "DOCX"),
        (package("OFD.xml", "Doc_0/Document.xml"), "发票.ofd", "OFD"),
    ],
)
def test_what_is_taken(content, name, code):
    assert recognise(content, name, limit=LIMIT).code == code


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "空.pdf", "空文件"),
        (b"MZ\x90\x00" + b"\0" * 400, "合同.pdf", "可执行程序"),
        (b"\x7fELF" + b"\0" * 400, "合同.pdf", "可执行程序"),
        (b"#!/bin/sh\nrm -rf /\n", "合同.pdf", "可执行程序"),
        (b"  <!DOCTYPE html><script>alert(1)</script>", "合同.pdf", "网页"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "图.png", "SVG"),
        (b"<?xml version='1.0'?><svg onload='x()'/>", "图.svg", "SVG"),
        (b"%PDF-1.7 cut short", "合同.pdf", "不完整"),
        (png()[:-12], "执照.png", "不完整"),
        (png(60_000, 60_000), "执照.png", "不完整"),
        (jpeg(60_000, 60_000), "执照.jpg", "不完整"),
        (png(), "执照.pdf", "后缀不符"),
        (PDF, "执照", "后缀不符"),
        (package("virus.exe"), "报表.xlsx", "压缩包"),
        (package(*XLSX, "xl/vbaProject.bin"), "报表.xlsx", "带宏"),
        (package(*XLSX, "../../etc/passwd"), "报表.xlsx", "压缩包"),
        (package(*XLSX, body=b"0" * 40_000_000), "报表.xlsx", "解压后过大"),
        (b"PK\x03\x04 not really", "报表.xlsx", "损坏"),
        (b"GIF89a" + b"\0" * 300, "图.gif", "GIF"),
        (b"hello", "说明.txt", "不是可以识别的文件"),
        (PDF + b"\0" * LIMIT, "大.pdf", "太大"),
    ],
)
def test_what_is_refused_and_why(content, name, said):
    with pytest.raises(Invalid) as refusal:
        recognise(content, name, limit=LIMIT)

    assert said in refusal.value.message
    assert "没有保存" in refusal.value.message
    assert refusal.value.advice
    assert refusal.value.fields["file"]


def test_a_refusal_says_what_is_accepted():
    with pytest.raises(Invalid) as refusal:
        recognise(b"hello", "说明.txt", limit=LIMIT)

    assert refusal.value.advice == "可以上传 PDF、PNG、JPEG、XLSX、DOCX、OFD，单个文件不超过 1 MB。"


@pytest.mark.parametrize("name", ["履约保函（副本） 1.pdf", "a.b-c_d.PDF", "合同 2026—2027.pdf"])
def test_ordinary_names_stay_as_they_are(name):
    assert check_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    ["", "  ", "..", "../x.pdf", "a/b.pdf", "C:\\x.pdf", "x\n.pdf", "x\0.pdf", "函\u202efdp.exe", "x" * 151, '"x".pdf'],
)
def test_names_that_lead_elsewhere_or_deceive_are_refused(name):
    with pytest.raises(Invalid):
        check_name(name)
