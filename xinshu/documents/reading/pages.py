"""Pages of a stranger's file into lines and pictures, in a process of its own: no database, no keys, bounded memory.

Run as `python -m xinshu.documents.reading.pages`: a line of JSON ({"mime", "skip": [pages read already], "seconds",
"pictures": whether people will look at the pages}), then the file, on standard input. On standard output a line of
JSON each: {"pages": n} first, then one per page ({"page", "printed", "turned", "width", "height", "lines", "picture"})
until one ends after `seconds`, or {"refused": code} where it cannot be read. Whatever a file does to its parser, it
does here. Imports no Django; the libraries load when the first page needs them.

Text layer first: a page is looked at with OCR where it has none, or where a picture covers it (then its text layer is
somebody else's guess, or a lie).
"""

import base64
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from xinshu.documents.reading.office import DOCX, XLSX, Broken, pages_of

MEMORY = 6 * 1024**3  # address space; what it really needs is below 1 GB
PAGES = 80  # of one file; a bill of quantities is no document to read fields from
PIXELS = 60_000_000  # of one picture; an A4 scan at 600 dpi has 35 million
SIDE = 2000  # pixels: more than that teaches the reader nothing
PICTURE = 1500  # pixels of the longer side of what people are shown
DOTS = 160 / 72  # pixels per point of a PDF page
TEXT_LAYER = 24  # signs that a page must have to count as printed
COVERED = 0.55  # share of the page that a picture may cover before its text is not believed
UPSIDE = 0.9  # a page read with less confidence than this may stand on its head
DOUBT, RED = 0.97, 0.04  # lines below this confidence, or this much under a stamp, are looked at again
Lines = list[list[Any]]


class Refused(Exception):
    """This file cannot be read; the code says why (apart.REFUSALS has the words)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(content: bytes, mime: str, skip: set[int], pictures: bool = True) -> Iterator[dict[str, Any]]:
    """Yield how many pages there are, then each that is not in `skip`. Raises Refused."""
    if mime == "application/pdf":
        yield from _of_pdf(content, skip, pictures)
    elif mime in ("image/png", "image/jpeg"):
        yield {"pages": 1}
        if 1 not in skip:
            yield {"page": 1, "printed": False, **look(_decoded(content))}
    elif mime in (DOCX, XLSX):
        yield from _of_office(content, mime, skip)
    else:
        raise Refused("kind")


def _of_office(content: bytes, mime: str, skip: set[int]) -> Iterator[dict[str, Any]]:
    """Yield the pages of a Word or Excel file: lines below each other, no picture."""
    try:
        pages = pages_of(content, mime)
    except Broken as why:
        raise Refused("broken") from why
    yield {"pages": len(pages)}
    for number, lines in enumerate(pages, 1):
        if number not in skip:
            rows = [[line, [0, 5 * row, 1000, 5 * row + 4], 1.0, []] for row, line in enumerate(lines)]
            yield {
                "page": number, "printed": True, "turned": 0, "width": 0, "height": 0, "lines": rows, "picture": "",
            }  # fmt: skip


def _of_pdf(content: bytes, skip: set[int], pictures: bool) -> Iterator[dict[str, Any]]:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(content)
        count = len(document)
    except pdfium.PdfiumError as error:
        raise Refused("locked" if "assword" in str(error) else "broken") from error
    if not count:
        raise Refused("broken")
    if count > PAGES:
        raise Refused("pages")
    yield {"pages": count}
    for number in range(1, count + 1):
        if number in skip:
            continue
        try:
            page = document[number - 1]
            width, height = page.get_size()
            if min(width, height) < 20:
                raise Refused("broken")
            lines = _text_layer(page)
            if lines is not None and not pictures:
                yield {
                    "page": number,
                    "printed": True,
                    "turned": 0,
                    "width": 0,
                    "height": 0,
                    "lines": lines,
                    "picture": "",
                }
                continue
            picture = page.render(scale=min(DOTS, SIDE / max(width, height))).to_pil().convert("RGB")
        except pdfium.PdfiumError as error:
            raise Refused("broken") from error
        if lines is None:
            yield {"page": number, "printed": False, **look(picture)}
        else:
            yield {"page": number, "printed": True, "turned": 0, "width": picture.width, "height": picture.height,
                   "lines": lines, "picture": _shown(picture)}  # fmt: skip


def _text_layer(page: Any) -> Lines | None:
    """Return the page's own text with its places; None where there is too little, or a picture under it.

    Text that is set to be invisible is nobody's to see on the page: it does not count.
    """
    import pypdfium2.raw as raw

    left, bottom, right, top = page.get_bbox()  # what is drawn of the page, not the whole sheet
    wide, high, turn = right - left, top - bottom, page.get_rotation()
    covered = 0.0
    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        bounds, around = thing.get_bounds(), thing.container
        while around is not None:  # within a form bounds are told in the form's own measure
            bounds, around = around.get_matrix().on_rect(*bounds), around.container
        one, two, three, four = bounds
        covered += max(0.0, min(three, right) - max(one, left)) * max(0.0, min(four, top) - max(two, bottom))
    if covered > COVERED * wide * high:
        return None
    text = page.get_textpage()
    signs = []
    for at in range(min(text.count_chars(), 30_000)):
        sign = chr(raw.FPDFText_GetUnicode(text, at) or 32)
        if sign.isspace() or not sign.isprintable():
            continue
        drawn = raw.FPDFText_GetTextObject(text, at)
        if drawn and raw.FPDFTextObj_GetTextRenderMode(drawn) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            continue
        one, two, three, four = text.get_charbox(at, loose=True)
        box = ((one - left) / wide, (top - four) / high, (three - left) / wide, (top - two) / high)
        signs.append((sign, _turned(box, turn)))
    strange = sum("\ue000" <= sign <= "\uf8ff" or sign == "\ufffd" for sign, _box in signs)
    if len(signs) < TEXT_LAYER or strange > len(signs) / 10:
        return None
    scale = (wide, high) if turn in (0, 180) else (high, wide)
    return [[words, _mils(box), 1.0, []] for words, box in _together(signs, scale)]


def _turned(box: tuple[float, ...], turn: int) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    if turn == 90:
        return 1 - bottom, left, 1 - top, right
    if turn == 180:
        return 1 - right, 1 - bottom, 1 - left, 1 - top
    if turn == 270:
        return top, 1 - right, bottom, 1 - left
    return left, top, right, bottom


def _together(signs: list[tuple[str, Any]], scale: tuple[float, float]) -> Iterator[tuple[str, list[float]]]:
    """Yield runs of signs that stand close together on one height."""
    words, around = "", [0.0, 0.0, 0.0, 0.0]
    for sign, box in signs:
        size = max((box[3] - box[1]) * scale[1], 1.0)
        gap = (box[0] - around[2]) * scale[0]
        same = abs((box[1] + box[3]) - (around[1] + around[3])) * scale[1] / 2 < 0.45 * size
        if words and same and -0.6 * size < gap < 1.1 * size:
            words += (" " if gap > 0.35 * size and sign.isascii() else "") + sign
            around = [around[0], min(around[1], box[1]), max(around[2], box[2]), max(around[3], box[3])]
            continue
        if words:
            yield words, around
        words, around = sign, list(box)
    if words:
        yield words, around


def _mils(box: Any) -> list[int]:
    return [round(min(1.0, max(0.0, edge)) * 1000) for edge in box]


def _decoded(content: bytes) -> Any:
    """Return the picture, upright as its camera says. Raises Refused for a broken or a monstrous one."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # we look at the size ourselves, before a pixel is decoded
    try:
        picture: Any = Image.open(io.BytesIO(content), formats=("PNG", "JPEG"))
        if picture.width * picture.height > PIXELS:
            raise Refused("pixels")
        if min(picture.size) < 60 or max(picture.size) > 40 * min(picture.size):
            raise Refused("small")
        picture.draft("RGB", (SIDE, SIDE))
        picture.load()
    except Refused:
        raise
    except Exception as error:  # a decoder raises whatever a damaged file makes of it
        raise Refused("broken") from error
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("RGBA", "LA", "PA", "P"):
        layered = picture.convert("RGBA")
        picture = Image.new("RGB", layered.size, "white")
        picture.paste(layered, mask=layered.getchannel("A"))
    picture = picture.convert("RGB")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return picture


def _shown(picture: Any) -> str:
    shown = picture.copy()
    shown.thumbnail((PICTURE, PICTURE))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=82)
    return base64.b64encode(out.getvalue()).decode()


# looking


_kept: list[Any] = []


def engine() -> Any:
    """Return the recogniser, loaded once: one thread, models out of the wheel."""
    if not _kept:
        import cv2
        from rapidocr import RapidOCR

        cv2.setNumThreads(1)
        single = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
        _kept.append(RapidOCR(params={**single, "Global.log_level": "critical"}))
    return _kept[0]


def look(picture: Any) -> dict[str, Any]:
    """Return {"turned", "width", "height", "lines", "picture"} of a picture, read with OCR and put upright.

    A page that lies or stands on its head is read again; one that is askew is only set right with its boxes.
    """
    import cv2
    import numpy as np
    from PIL import Image

    image = np.asarray(picture)[:, :, ::-1].copy()
    boxes, texts, scores = _read(image)
    turned = 0
    if len(boxes) >= 3:
        wide = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1)
        high = np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)
        if (high > 1.6 * wide).sum() > (wide > 1.6 * high).sum():
            image, turned = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE), 90
            boxes, texts, scores = _read(image)
    if len(boxes) >= 3 and np.mean(scores) < UPSIDE and _stands_on_its_head(image, boxes):
        image, turned = cv2.rotate(image, cv2.ROTATE_180), turned + 180
        boxes, texts, scores = _read(image)
    image, boxes = _level(image, boxes)
    high, wide = image.shape[:2]
    lines: Lines = []
    for box, text, score in zip(boxes, texts, scores, strict=True):
        edges = (box[:, 0].min() / wide, box[:, 1].min() / high, box[:, 0].max() / wide, box[:, 1].max() / high)
        lines.append([text.strip(), _mils(edges), float(score), []])
    _look_again(image, lines)
    upright = Image.fromarray(image[:, :, ::-1])
    return {"turned": turned, "width": wide, "height": high, "lines": [line for line in lines if line[0]],
            "picture": _shown(upright)}  # fmt: skip


def _read(image: Any) -> tuple[Any, list[str], list[float]]:
    """Return boxes (n, 4, 2), texts and scores of everything on the picture."""
    import numpy as np

    found = engine()(_even(image), use_cls=False, text_score=0.3)
    if found.boxes is None:
        return np.zeros((0, 4, 2)), [], []
    return np.asarray(found.boxes, dtype=float), list(found.txts), [float(score) for score in found.scores]


def _stands_on_its_head(image: Any, boxes: Any) -> bool:
    import numpy as np

    widths = boxes[:, :, 0].max(1) - boxes[:, :, 0].min(1)
    crops = [_crop(image, boxes[at]) for at in np.argsort(-widths)[:4]]
    return _score([crop[::-1, ::-1] for crop in crops]) > _score(crops) + 0.03


def _level(image: Any, boxes: Any) -> tuple[Any, Any]:
    """Return picture and boxes with the lines level."""
    import cv2
    import numpy as np

    if not len(boxes):
        return image, boxes
    across = boxes[:, 1] - boxes[:, 0]
    long = [
        at for at in np.argsort(-across[:, 0])[:14] if across[at, 0] > 3 * np.linalg.norm(boxes[at, 3] - boxes[at, 0])
    ]
    if not long:
        return image, boxes
    angle = float(np.median(np.degrees(np.arctan2(across[long, 1], across[long, 0]))))
    if not 0.3 < abs(angle) < 30:
        return image, boxes
    high, wide = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
    return _rotated(image, angle), boxes @ matrix[:, :2].T + matrix[:, 2]


def _rotated(image: Any, angle: float) -> Any:
    import cv2

    high, wide = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
    edge = tuple(int(value) for value in image[::17, ::17].reshape(-1, 3).max(axis=0))
    return cv2.warpAffine(image, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=edge)


def _crop(image: Any, box: Any, more: int = 2) -> Any:
    left, top = (max(0, int(edge) - more) for edge in box.min(0))
    right, bottom = (int(edge) + more + 1 for edge in box.max(0))
    return image[top:bottom, left:right].copy()


def _recognised(crops: list[Any]) -> list[tuple[str, float]]:
    from rapidocr.ch_ppocr_rec import TextRecInput

    found = engine()._load_rec_model()(TextRecInput(img=crops, return_word_box=False))
    return list(zip(found.txts, (float(score) for score in found.scores), strict=True)) if found.txts else []


def _score(crops: list[Any]) -> float:
    scores = [score if len(text) > 1 else 0.0 for text, score in _recognised(crops)]
    return sum(scores) / len(scores) if scores else 0.0


def _even(image: Any) -> Any:
    """Return the picture with light and shadow evened out, where it is dark or uneven enough to matter."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA)
    ground = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (0, 0), 4)
    if ground.min() > 150 and ground.max() - ground.min() < 60:
        return image
    ground = cv2.resize(ground, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)
    lit = image.astype(np.float32) * (235.0 / np.maximum(ground, 20))[:, :, None]
    return np.clip(lit, 0, 255).astype(np.uint8)


def _look_again(image: Any, lines: Lines) -> None:
    """Read once more what is doubtful or lies under a red stamp, with the red taken out; note where looks differ."""
    import cv2
    import numpy as np

    high, wide = image.shape[:2]
    chosen, crops = [], []
    for number, (text, box, score, _also) in enumerate(lines):
        corners = np.array([[box[0] * wide, box[1] * high], [box[2] * wide, box[3] * high]]) / 1000
        crop = _crop(image, corners)
        if crop.size == 0 or crop.shape[0] > 0.6 * crop.shape[1] + 40:
            continue
        signed = crop.astype(np.int16)
        red = ((signed[:, :, 2] - signed[:, :, 1] > 45) & (signed[:, :, 2] - signed[:, :, 0] > 45)).mean()
        figures = any(sign.isdigit() for sign in text)
        if not (score < DOUBT or red > RED or (figures and score < 0.99)):
            continue
        clear = cv2.normalize(
            crop[:, :, 2], np.empty_like(crop[:, :, 2]), 0, 255, cv2.NORM_MINMAX
        )  # red ink is light in the red channel
        chosen.append((number, red > RED))
        crops.append(cv2.copyMakeBorder(cv2.cvtColor(clear, cv2.COLOR_GRAY2BGR), 3, 3, 4, 4, cv2.BORDER_REPLICATE))
    for (number, stamped), (text, score) in zip(chosen, _recognised(crops) if crops else [], strict=True):
        first, _box, sure, also = lines[number]
        text = text.strip()
        if text == first:
            lines[number][2] = max(sure, score)
        elif text and score > sure + (0.0 if stamped else 0.02):
            lines[number][0], lines[number][2] = text, score
            also.append(first)
        elif text and score > 0.6:
            also.append(text)


def main() -> None:
    """Limit this process, read, answer line by line."""
    os.environ["OMP_NUM_THREADS"] = "1"
    os.nice(10)  # pages of people who look at the screen come first
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        with open("/proc/self/oom_score_adj", "w") as chosen:
            chosen.write("1000")  # where the machine runs short, this process goes and none that holds others' work
    question = json.loads(sys.stdin.buffer.readline())
    began = time.monotonic()
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    try:
        wanted = question["mime"], set(question["skip"]), question["pictures"]
        for found in read(sys.stdin.buffer.read(), *wanted):
            answers.write(json.dumps(found, ensure_ascii=False) + "\n")
            answers.flush()
            if "page" in found and time.monotonic() - began > question["seconds"]:
                break
    except Refused as why:
        answers.write(json.dumps({"refused": why.code}) + "\n")
    except MemoryError:
        answers.write(json.dumps({"refused": "pixels"}) + "\n")


if __name__ == "__main__":
    main()
