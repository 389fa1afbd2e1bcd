"""What browsers are sent beside pages: a short list of files, each under an address that changes with its content.

The libraries are dependencies, fetched by npm and pinned there and here; they are served out of ``node_modules`` as they are.
"""

import base64
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

HERE = Path(__file__).parent
LIBRARIES = HERE.parent / "node_modules"
OWN = HERE / "static"
HASH_SHOWN = 16  # Hex digits: enough that no two versions of a file share an address.


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where an asset comes from. ``sha256`` (hex) is pinned for what is not ours."""

    path: Path
    media_type: str
    sha256: str = ""


SOURCES: Mapping[str, Source] = {
    "bootstrap.css": Source(
        path=LIBRARIES / "bootstrap/dist/css/bootstrap.min.css",
        media_type="text/css",
        sha256="d85327d99c7a3ee1f9b5d0500d1370acea3ad2db39c163c2f51f232baedbdede",
    ),
    "htmx.js": Source(
        path=LIBRARIES / "htmx.org/dist/htmx.min.js",
        media_type="text/javascript",
        sha256="a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    ),
    "theme.css": Source(path=OWN / "theme.css", media_type="text/css"),
    "console.js": Source(path=OWN / "console.js", media_type="text/javascript"),
    "icon.svg": Source(path=OWN / "icon.svg", media_type="image/svg+xml"),
}


class AssetIsNotWhatWasPinned(Exception):
    """A file of a library is missing or differs from the one that was tried."""


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file, read. ``address`` names its content, ``integrity`` lets the browser check it."""

    address: str
    integrity: str
    content: bytes
    gzipped: bytes
    media_type: str

    def response(self, accepted: str) -> Response:
        """Give the file in an encoding that is accepted, to be kept for ever: another content has another address."""
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in accepted:
            return Response(self.gzipped, media_type=self.media_type, headers=headers | {"Content-Encoding": "gzip"})
        return Response(self.content, media_type=self.media_type, headers=headers)


def read_assets(sources: Mapping[str, Source] = SOURCES) -> dict[str, Asset]:
    """Read all files into memory, by name (300 kB in all). Raises AssetIsNotWhatWasPinned."""
    return {name: _read(name, source) for name, source in sources.items()}


def _read(name: str, source: Source) -> Asset:
    try:
        content = source.path.read_bytes()
    except FileNotFoundError:
        raise AssetIsNotWhatWasPinned(
            f"缺少页面资源 {name}。请先运行 ./dev sync 获取浏览器资源。"
            f" / The asset {name} is missing. Run ./dev sync to fetch the browser's files."
        ) from None
    digest = sha256(content)
    if source.sha256 and digest.hexdigest() != source.sha256:
        raise AssetIsNotWhatWasPinned(
            f"页面资源 {name} 与锁定的版本不同。请重新运行 ./dev sync；升级时请同时更新 console/assets.py。"
            f" / The asset {name} is not the pinned one. Run ./dev sync again; on an upgrade, pin the new hash in console/assets.py."
        )
    stem, _, suffix = name.rpartition(".")
    return Asset(
        address=f"/assets/{stem}.{digest.hexdigest()[:HASH_SHOWN]}.{suffix}",
        integrity=f"sha256-{base64.b64encode(digest.digest()).decode()}",
        content=content,
        gzipped=gzip.compress(content, mtime=0),
        media_type=source.media_type,
    )
