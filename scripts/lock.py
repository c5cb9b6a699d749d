"""Compile requirements/*.in into locks with every hash, package.json into package-lock.json. No addresses in them."""

import sys
from pathlib import Path

import setup

ROOT = Path(__file__).resolve().parents[1]
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--quiet"),
    *("--no-emit-index-url", "--no-emit-find-links"),
)


def main() -> int:
    """Write the locks anew; `make lock ARGS=--upgrade` takes the newest releases. Fetches uv into .setup if needed."""
    environment = ROOT / ".setup/uv"
    uv = environment / "bin/uv"
    with setup.alone(ROOT):
        if not uv.exists():
            setup.make_environment(environment)
            command = [str(environment / "bin/python"), "-m", "pip", "install", "--quiet", "uv"]
            setup.run(command, ROOT, {}, "uv could not be installed")
        for name in ("base", "dev", "node", "fleet"):
            source = f"requirements/{name}.in"
            command = [str(uv), "pip", "compile", *OPTIONS, *sys.argv[1:], source, "-o", f"requirements/{name}.lock"]
            setup.run(command, ROOT, {}, f"{source} could not be compiled")
            setup.say(f"requirements/{name}.lock")
        setup.npm(ROOT, ["install", "--package-lock-only", "--ignore-scripts"])
        setup.say("package-lock.json")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except setup.Unable as reason:
        sys.exit(str(reason))
