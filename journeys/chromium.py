"""Find a Chromium for the journeys: this machine's, else Playwright's own, else Debian's package when we are root."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, Error

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
OPTIONS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowser(Exception):
    """No Chromium is here and none could be fetched; the text says what to do."""


def launch(chromium: BrowserType) -> Browser:
    """Start the first Chromium there is, fetching one where there is none. Raises NoBrowser."""
    path = installed()
    if path:
        return _start(chromium, path)
    try:
        return _start(chromium, None)  # Playwright's own, if it has been fetched before
    except Error:
        if _run([sys.executable, "-m", "playwright", "install", "chromium"]):
            return _start(chromium, None)
    if _is_root_on_debian():
        _run(["apt-get", "update", "-q"])
        _run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"])
        path = installed()
        if path:
            return _start(chromium, path)
    raise NoBrowser(
        "No Chromium was found, and none could be fetched. "
        "Install Chromium or Chrome, or set XINSHU_CHROMIUM to the path of one."
    )


def installed() -> str | None:
    """Return the path of this machine's Chromium or of a relative of it; XINSHU_CHROMIUM goes first."""
    named = os.environ.get("XINSHU_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise NoBrowser(f"XINSHU_CHROMIUM is {named}, which cannot be run.")
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or next((place for place in PLACES if Path(place).exists()), None)


def _start(chromium: BrowserType, path: str | None) -> Browser:
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return chromium.launch(executable_path=path, args=[*OPTIONS, *sandbox])


def _is_root_on_debian() -> bool:
    release = Path("/etc/os-release")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return root and release.exists() and "\nID=debian" in f"\n{release.read_text()}"


def _run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
