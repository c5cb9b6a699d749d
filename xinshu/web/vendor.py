"""What the browser needs from npm packages: just these files are copied beside our own static files."""

import shutil
from pathlib import Path

# file inside node_modules       -> name under static/vendor/
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
}
ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(__file__).parent / "static" / "vendor"


def collect_vendor(root: Path = ROOT, target: Path = TARGET) -> list[Path]:
    """Copy FILES from `root`/node_modules into `target` and return the copies; unchanged files are left alone.

    Raises FileNotFoundError, naming the package, when npm has not brought it.
    """
    target.mkdir(parents=True, exist_ok=True)
    copies = []
    for source, name in FILES.items():
        original, copy = root / "node_modules" / source, target / name
        if not original.is_file():
            raise FileNotFoundError(f"{original} is missing: run npm ci first")
        if not copy.is_file() or copy.read_bytes() != original.read_bytes():
            shutil.copyfile(original, copy)
        copies.append(copy)
    return copies
