"""Addresses of static files: each carries a mark of its contents, so that a browser may keep it for a year."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static as plain


@cache
def static(path: str) -> str:
    """Return the address of the static file `path` ("web/shell.css"). Raises FileNotFoundError: a page without its
    style is a broken installation, not a page.
    """
    found = finders.find(path)
    if not found:
        raise FileNotFoundError(f"static file {path} is missing; front-end packages come with `manage.py vendor`")
    mark = hashlib.sha256(Path(str(found)).read_bytes()).hexdigest()[:10]
    return f"{plain(path)}?{mark}"
