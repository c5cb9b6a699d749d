"""What stands on the files of a certification, as far as it is read surely (documents/reading). Only the worker reads.

The number of an identity card is compared in memory and kept nowhere; what is not sure is left out: a person looks.
"""

import re
from collections.abc import Mapping

from xinshu.certification.models import Certification, Item
from xinshu.core import resident_id
from xinshu.documents.blobs import read_blob
from xinshu.documents.models import File
from xinshu.documents.papers.apart import Crashed, Seen, Unreadable, pages_of
from xinshu.documents.reading.lines import Sheet, bare
from xinshu.documents.reading.readers import read_document

SECONDS = 60.0  # of one file: what stands on later pages is for a person
_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx]")

Read = Mapping[str, Mapping[str, str]]  # by item, what was read by the name of a field


def read_papers(row: Certification) -> Read:
    """Return what was read surely from the three files; nothing of a file that cannot be read."""
    return {
        Item.LICENCE: _sure(_sheets(row.licence_file), "licence"),
        Item.REPRESENTATIVE: _card(_sheets(row.id_file)),
        Item.AUTHORISATION: _authorised(_sheets(row.authorisation_file), row.legal_name),
    }


def _sheets(file: File) -> list[Sheet]:
    try:
        told = list(pages_of(read_blob(file.blob), file.blob.mime, set(), SECONDS))
    except (Unreadable, Crashed):
        return []
    return [page.sheet for page in told if isinstance(page, Seen)]


def _sure(sheets: list[Sheet], kind: str) -> dict[str, str]:
    values = read_document(sheets, kind).values if sheets else ()
    return {value.code: value.value for value in values if value.sure and value.value}


def _card(sheets: list[Sheet]) -> dict[str, str]:
    """Return name and number of an identity card; a number whose check character is wrong was not read surely."""
    found = {code: words for code, words in _sure(sheets, "identity").items() if code == "name"}
    numbers = {number.upper() for sheet in sheets for number in _NUMBER.findall(bare(sheet.text))}
    numbers = {number for number in numbers if not resident_id.problems(number)}
    return {**found, "number": numbers.pop()} if len(numbers) == 1 else found


def _authorised(sheets: list[Sheet], legal_name: str) -> dict[str, str]:
    """Return whom an authorisation names, where it says that it is one and names the firm."""
    text = bare("".join(sheet.text for sheet in sheets))
    return {"legal_name": legal_name} if "授权" in text and bare(legal_name) in text else {}
