"""Evidence files: kept in a folder under the SHA-256 of their content, because that is how the log names them.

A file that is there is not written again, so one proof handed in by twenty departments lies there once. Who handed it in, for
what and when is in the log; here are bytes. All calls work on files: make them in a thread (``asyncio.to_thread``).
"""

import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO, Literal

from domain.decider import Refused

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CSV = "text/csv"
TEXT = "text/plain"

LIMIT_BYTES = 50 * 1024 * 1024  # A scanned file of a hundred pages; a film does not prove an indicator.
CHUNK_BYTES = 1024 * 1024
HASH = re.compile("[0-9a-f]{64}")
ENTRIES = 10_000  # Of an Office file; more is no document but an attack on who unpacks it.


@dataclass(frozen=True, kw_only=True)
class EvidenceFile:
    """One kept file. ``sha256`` is lower-case hex; ``size`` in bytes."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A file that cannot be shown as it was handed in: gone, or with other bytes."""

    sha256: str
    what: Literal["missing", "changed"]


class EvidenceTooLarge(Refused):
    """The file is larger than the store takes."""

    zh = "佐证材料超过 {limit} 字节的上限，未保存。请压缩扫描分辨率或拆分后重新上传。"
    en = "The file is larger than {limit} bytes and was not kept. Scan it coarser or split it, then hand it in again."


class EvidenceOfUnknownKind(Refused):
    """The file's kind is not one that will still be readable when an auditor asks."""

    zh = "不接受 {media_type} 类型的文件，未保存。请改用 PDF、PNG、JPG、XLSX、DOCX、CSV 或 TXT。"
    en = "Files of the kind {media_type} are not taken; nothing was kept. Use PDF, PNG, JPG, XLSX, DOCX, CSV or TXT."


class EvidenceIsNotWhatItSays(Refused):
    """The content is not of the kind it is said to be, or holds a program (a macro)."""

    zh = "文件内容与声明的类型 {media_type} 不符，或含有宏，未保存。请确认文件能正常打开，另存为该类型后重新上传。"
    en = (
        "The content is not {media_type} as stated, or holds macros; nothing was kept. Check that the file opens, save it as that"
        " kind again, then hand it in."
    )


class EvidenceMissing(Refused):
    """No file with this hash is kept here."""

    zh = "没有找到哈希为 {sha256} 的佐证材料。请从备份恢复佐证目录，或请提交单位重新上传原件。"
    en = "No file with the hash {sha256} is kept here. Restore the folder from backup, or have the original handed in again."


class EvidenceStore:
    """The folder. Several processes may use one folder at once."""

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        """Use a folder, made here if it is not there. It should not be one that a web server hands out."""
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._incoming = folder / "incoming"
        self._incoming.mkdir(mode=0o750, parents=True, exist_ok=True)

    def put(self, source: BinaryIO | Path, media_type: str) -> EvidenceFile:
        """Keep a file and give its hash; when this returns, it survives the loss of power. Keeping it again changes nothing.

        Raises EvidenceTooLarge, EvidenceOfUnknownKind or EvidenceIsNotWhatItSays, and then nothing is kept.
        """
        if media_type not in LOOKS_LIKE:
            raise EvidenceOfUnknownKind(media_type=media_type)
        if isinstance(source, Path):
            with source.open("rb") as opened:
                return self.put(opened, media_type)
        with tempfile.NamedTemporaryFile(dir=self._incoming, delete=False) as file:
            arrived = Path(file.name)
            try:
                digest, size = self._copy(source, file)
                if not LOOKS_LIKE[media_type](arrived):
                    raise EvidenceIsNotWhatItSays(media_type=media_type)
                self._keep(arrived, digest)
            finally:
                arrived.unlink(missing_ok=True)
        return EvidenceFile(sha256=digest, size=size, media_type=media_type)

    def open(self, sha256: str) -> BinaryIO:
        """Open a kept file for reading. Raises EvidenceMissing."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise EvidenceMissing(sha256=sha256) from None

    def check(self, expected: Iterable[str] | None = None) -> Iterator[Fault]:
        """Read all files again and give those that are gone or changed.

        ``expected`` are the hashes the log names; without it, the files that are there are checked against their names.
        """
        for digest in self._kept() if expected is None else expected:
            path = self._path(digest)
            if not path.is_file():
                yield Fault(sha256=digest, what="missing")
            elif _digest(path) != digest:
                yield Fault(sha256=digest, what="changed")

    def _path(self, digest: str) -> Path:
        """Give a file's place. Only a hash leads to one, so no name from outside can point elsewhere."""
        if not HASH.fullmatch(digest):
            raise EvidenceMissing(sha256=digest)
        return self._folder / digest[:2] / digest

    def _kept(self) -> Iterator[str]:
        return (path.name for path in sorted(self._folder.glob("[0-9a-f][0-9a-f]/*")) if HASH.fullmatch(path.name))

    def _copy(self, source: BinaryIO, file: IO[bytes]) -> tuple[str, int]:
        digest, size = sha256(), 0
        while chunk := source.read(CHUNK_BYTES):
            size += len(chunk)
            if size > self._limit_bytes:
                raise EvidenceTooLarge(limit=self._limit_bytes)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        return digest.hexdigest(), size

    def _keep(self, arrived: Path, digest: str) -> None:
        """Move the file to its place in one step. If we stop before it, a stray lies in ``incoming``, and nothing else."""
        place = self._path(digest)
        if place.is_file() and _digest(place) == digest:
            return  # A damaged copy, though, is healed by the whole one at hand.
        arrived.chmod(0o440)
        place.parent.mkdir(mode=0o750, exist_ok=True)
        arrived.replace(place)
        for folder in (place.parent, self._folder):  # A name is durable when its folder is.
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _begins_with(*marks: bytes) -> Callable[[Path], bool]:
    def looks_like(path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(16).startswith(marks)

    return looks_like


def _office_document(part: str) -> Callable[[Path], bool]:
    """An Office file is a ZIP with a certain part in it. A bare ZIP is not taken, nor one with macros."""

    def looks_like(path: Path) -> bool:
        try:
            with zipfile.ZipFile(path) as document:
                names = set(document.namelist())
        except zipfile.BadZipFile:
            return False
        macros = any(name.endswith("vbaProject.bin") for name in names)
        return {"[Content_Types].xml", part} <= names and len(names) <= ENTRIES and not macros

    return looks_like


def _text(path: Path) -> bool:
    """Text is UTF-8 or, as Chinese desktops write CSV, GB 18030; it has no zero byte."""
    content = path.read_bytes()
    if b"\0" in content:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


LOOKS_LIKE: dict[str, Callable[[Path], bool]] = {
    PDF: _begins_with(b"%PDF-"),
    PNG: _begins_with(b"\x89PNG\r\n\x1a\n"),
    JPEG: _begins_with(b"\xff\xd8\xff"),
    XLSX: _office_document("xl/workbook.xml"),
    DOCX: _office_document("word/document.xml"),
    CSV: _text,
    TEXT: _text,
}
