"""Two places for files: find what one of them misses, copy it there from the other, name what neither has."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings

from xinshu.core.sm import Damaged, sm3, sm4_decrypt
from xinshu.documents.models import Blob
from xinshu.documents.storage import Storage
from xinshu.documents.storage.twice import places


@dataclass
class Mended:
    """What a round found and did: blobs looked at, copies made by place, keys that no place holds whole."""

    blobs: int = 0
    copied: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def mend() -> Mended:
    """Bring both places up to date with what the database names; running it again does no harm.

    Raises OSError as soon as a place does not answer: nothing can be said about one that is away.
    """
    stores = places()
    found = Mended(copied=dict.fromkeys(stores, 0))
    for prefix in (f"{number:02x}" for number in range(256)):  # a few thousand keys at a time, however many there are
        # The database is asked first: what is kept from now on lies in both places or is found next time.
        wanted = set(Blob.objects.filter(sm3__startswith=prefix).values_list("sm3", flat=True))
        if not wanted:
            continue
        held = {name: set(place.keys(prefix)) for name, place in stores.items()}
        found.blobs += len(wanted)
        for key in sorted(key for key in wanted if not all(key in keys for keys in held.values())):
            content = next(_whole(key, [stores[name] for name in stores if key in held[name]]), None)
            if content is None:
                found.lost.append(key)
                continue
            for name in stores:
                if key not in held[name]:
                    stores[name].write(key, content)
                    found.copied[name] += 1
    return found


def _whole(key: str, stores: list[Storage]) -> Iterator[bytes]:
    """Yield what the stores hold under the key, encrypted, where it opens to what the key says."""
    for place in stores:
        content = place.read(key)
        try:
            if sm3(sm4_decrypt(bytes.fromhex(settings.FILE_KEY), content)).hex() == key:
                yield content
        except Damaged:
            continue
