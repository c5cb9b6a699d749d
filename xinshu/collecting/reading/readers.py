"""The table of readers, one per kind of source."""

from xinshu.collecting.reading.html import Html
from xinshu.collecting.reading.json import Json
from xinshu.collecting.reading.lists import Reader
from xinshu.collecting.reading.ocds import Ocds
from xinshu.collecting.reading.recipes import HTML_LIST, JSON_API, OCDS, RSS
from xinshu.collecting.reading.rss import Rss

READERS: dict[str, Reader] = {HTML_LIST: Html(), JSON_API: Json(), RSS: Rss(), OCDS: Ocds()}
