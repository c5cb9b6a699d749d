"""A template version and its values become a PDF: typst in this process, fonts loaded once, values passed as data."""

import json
import threading
import warnings
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import typst
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from xinshu.documents.letters.values import checked

_FONTS = ("noto-serif-sc/400Regular", "noto-serif-sc/700Bold", "noto-sans-sc/400Regular")
_CHINA = timezone(timedelta(hours=8))  # typst wants a fixed offset, and whole seconds
_compilers = threading.local()  # a compiler keeps what it has laid out; threads may not share one


class Source(Protocol):
    """What rendering needs of a TemplateVersion."""

    source: str


class FontsMissing(ImproperlyConfigured):
    """The letters' fonts are not installed."""


class TemplateFault(ValueError):
    """The template does not compile; the message says where."""


def render(version: Source, values: Mapping[str, Any]) -> bytes:
    """Return the letter as PDF/A-2b. Equal version and values give equal bytes: its date is `values["issued_on"]`.

    `values` as in values.PLACEHOLDERS: text, ISO days, lists of text. They reach the template as JSON, so nothing
    in them can be read as markup. Raises ValueError for missing or unknown values, TemplateFault, FontsMissing.
    """
    data = checked(values)
    issued = datetime.fromisoformat(str(data["issued_on"])).replace(hour=12, tzinfo=_CHINA)  # noon: the same day in UTC
    return typeset(version.source, data, issued)


def typeset(source: str, data: Mapping[str, Any], issued: datetime) -> bytes:
    """Return what a typst `source` makes of `data` as PDF/A-2b, dated `issued`. Raises TemplateFault, FontsMissing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", typst.TypstWarning)
            pdf = _compiler().compile(
                input=source.encode(),
                format="pdf",
                sys_inputs={"values": json.dumps(data, ensure_ascii=False)},
                timestamp=issued.astimezone(_CHINA).replace(microsecond=0),
                pdf_standards="a-2b",
            )
    except typst.TypstError as error:
        raise TemplateFault(str(getattr(error, "diagnostic", "") or error)) from error
    if not isinstance(pdf, bytes):
        raise TemplateFault("the template makes no single PDF")
    return pdf


def _compiler() -> typst.Compiler:
    if not hasattr(_compilers, "compiler"):
        nowhere = Path(settings.DATA) / "empty"  # templates come from the database: they see no files and no packages
        nowhere.mkdir(parents=True, exist_ok=True)
        _compilers.compiler = typst.Compiler(
            root=str(nowhere),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            package_path=str(nowhere),
            package_cache_path=str(nowhere),
        )
    return _compilers.compiler


@cache
def _fonts() -> typst.Fonts:
    folders = [Path(settings.FONTS_ROOT) / name for name in _FONTS]
    for folder in folders:
        if not list(folder.glob("*.ttf")):
            raise FontsMissing(f"No font in {folder}. Run `make setup`; it installs the fonts that letters are set in.")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
