"""What a file is, judged by its bytes and never by its name alone."""

import io
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import filetype
from django.utils.translation import gettext as _

from xinshu.core.refusals import Invalid

_PIXELS = 120_000_000  # a bigger picture is a trap for whoever opens it; an A3 scan at 600 dpi has 70 million
_ENTRIES, _UNPACKED, _RATIO = 5_000, 300 * 1024 * 1024, 120


@dataclass(frozen=True)
class Kind:
    """A kind of file that the platform takes."""

    code: str
    mime: str
    extensions: tuple[str, ...]
    holds: Callable[[bytes], bool]  # the bytes are whole and of this kind


def _pdf(content: bytes) -> bool:
    return content[:5] == b"%PDF-" and b"%%EOF" in content[-2048:] and b"startxref" in content[-4096:]


def _png(content: bytes) -> bool:
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or b"IEND" not in content[-64:]:
        return False
    width, height = struct.unpack(">II", content[16:24])
    header_holds = struct.unpack(">I", content[29:33])[0] == zlib.crc32(content[12:29])
    return header_holds and 0 < width * height <= _PIXELS


def _jpeg(content: bytes) -> bool:
    """Walk the markers to the frame header and look at the size that it declares."""
    if content[:3] != b"\xff\xd8\xff" or b"\xff\xd9" not in content[-4096:]:
        return False
    position = 2
    while position + 9 < len(content):
        if content[position] != 0xFF:
            return False
        marker = content[position + 1]
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return 0 < width * height <= _PIXELS
        position += 1 if marker == 0xFF else 2 + int(struct.unpack(">H", content[position + 2 : position + 4])[0])
    return False


def _package(*required: str) -> Callable[[bytes], bool]:
    """Return a check for a zip with these members that unpacks to a sane size and holds no macros."""

    def holds(content: bytes) -> bool:
        if content[:4] != b"PK\x03\x04":
            return False
        try:
            members = zipfile.ZipFile(io.BytesIO(content)).infolist()
        except (zipfile.BadZipFile, ValueError, OSError, struct.error, NotImplementedError, UnicodeError):
            return False
        unpacked = sum(member.file_size for member in members)
        names = {member.filename for member in members}
        return (
            set(required) <= names
            and len(members) <= _ENTRIES
            and unpacked <= _UNPACKED
            and unpacked <= max(len(content) * _RATIO, 5 * 1024 * 1024)
            and not any(member.flag_bits & 1 for member in members)
            and not any(".." in name.split("/") or name.startswith(("/", "\\")) for name in names)
            and not any(name.lower().endswith("vbaproject.bin") for name in names)
        )

    return holds


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = (
    Kind("PDF", "application/pdf", ("pdf",), _pdf),
    Kind("PNG", "image/png", ("png",), _png),
    Kind("JPEG", "image/jpeg", ("jpg", "jpeg"), _jpeg),
    Kind("XLSX", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",), _package("[Content_Types].xml", "xl/workbook.xml")),
    Kind(
        "DOCX", f"{_OFFICE}.wordprocessingml.document", ("docx",), _package("[Content_Types].xml", "word/document.xml")
    ),
    Kind("OFD", "application/ofd", ("ofd",), _package("OFD.xml")),
)
ACCEPTED = "、".join(kind.code for kind in KINDS)


def recognise(content: bytes, name: str, *, limit: int, takes: str = ACCEPTED) -> Kind:
    """Return what these bytes are. Raises Invalid, saying what is accepted, for anything else.

    `limit` is the largest size taken, in bytes; `takes` says which kinds, in words. The name's ending must agree with
    the bytes: a name that lies is refused, whichever of the two is harmless.
    """
    accepted = _("可以上传 %(kinds)s，单个文件不超过 %(size)d MB。") % {
        "kinds": takes,
        "size": limit // 1024 // 1024,
    }
    if not content:
        raise _refused(_("“%(name)s”是空文件，没有保存。") % {"name": name}, accepted)
    if len(content) > limit:
        raise _refused(_("“%(name)s”太大，没有保存。") % {"name": name}, accepted)
    kind = next((kind for kind in KINDS if kind.holds(content)), None)
    if kind is None:
        raise _refused(_("“%(name)s”%(found)s，没有保存。") % {"name": name, "found": _found(content)}, accepted)
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending not in kind.extensions:
        raise _refused(
            _("“%(name)s”的内容是 %(kind)s，与文件名的后缀不符，没有保存。") % {"name": name, "kind": kind.code},
            _("请把后缀改为 .%(ending)s 再上传。") % {"ending": kind.extensions[0]},
        )
    return kind


def check_name(name: str) -> str:
    """Return the name as kept. Raises Invalid for path parts, control characters, or none at all.

    Format characters count as control characters: U+202E makes "函exe.pdf" of "函fdp.exe".
    """
    name = unicodedata.normalize("NFC", name).strip()
    bare = name.strip(". ")
    odd = any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in name)
    if not bare or odd or any(letter in name for letter in '/\\:*?"<>|'):
        raise _refused(
            _("文件名不能用，文件没有保存。"),
            _('文件名不能为空，不能含有路径、控制字符或 / \\ : * ? " < > |。请改名后再上传。'),
        )
    if len(name) > 150:
        raise _refused(_("文件名太长，文件没有保存。"), _("请把文件名缩短到 150 字以内。"))
    return name


def _found(content: bytes) -> str:
    """Say in a few words what was handed in instead."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if (
        content[:2] == b"MZ"
        or content[:4] in (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf")
        or head[:2] == b"#!"
    ):
        return _("是可执行程序")
    if head.startswith((b"<!doctype html", b"<html", b"<script")):
        return _("是网页")
    if b"<svg" in head:
        return _("是 SVG 图形，可能带有脚本")
    if any(content.startswith(start) for start in (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")):
        return _("不完整或已损坏")
    if content[:4] == b"PK\x03\x04":
        return _("是压缩包，或者损坏、带宏、解压后过大的文档")
    guess = filetype.guess(content[:8192])
    return _("是 %(kind)s 文件") % {"kind": guess.extension.upper()} if guess else _("不是可以识别的文件")


def _refused(message: str, advice: str) -> Invalid:
    return Invalid(message, advice=advice, fields={"file": message})
