"""Evidence: kept once under its hash, of readable kinds only, and checked byte by byte."""

import io
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from domain.decider import Refused
from event_store.evidence import (
    CSV,
    DOCX,
    JPEG,
    PDF,
    PNG,
    TEXT,
    XLSX,
    EvidenceFile,
    EvidenceIsNotWhatItSays,
    EvidenceMissing,
    EvidenceOfUnknownKind,
    EvidenceStore,
    EvidenceTooLarge,
    Fault,
)

REPORT = b"%PDF-1.7 quarterly report"
DIGEST = sha256(REPORT).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", limit_bytes=10_000)


def files(store: EvidenceStore) -> list[Path]:
    """Every file in the folder, whatever it is."""
    return [path for path in store._folder.rglob("*") if path.is_file()]


def office(*names: str) -> bytes:
    """A ZIP with parts of these names."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as document:
        for name in names:
            document.writestr(name, "<x/>")
    return content.getvalue()


def test_a_file_is_kept_under_its_hash(store: EvidenceStore) -> None:
    kept = store.put(io.BytesIO(REPORT), PDF)

    assert kept == EvidenceFile(sha256=DIGEST, size=len(REPORT), media_type=PDF)
    with store.open(DIGEST) as file:
        assert file.read() == REPORT


def test_a_file_on_disk_is_kept_too(store: EvidenceStore, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(REPORT)

    assert store.put(scan, PDF).sha256 == DIGEST
    assert scan.exists()


def test_the_same_content_is_kept_once(store: EvidenceStore) -> None:
    store.put(io.BytesIO(REPORT), PDF)
    [path] = files(store)
    before = path.stat()

    assert store.put(io.BytesIO(REPORT), PDF).sha256 == DIGEST

    assert [path.stat() for path in files(store)] == [before]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (REPORT, PDF),
        (b"\x89PNG\r\n\x1a\n....", PNG),
        (b"\xff\xd8\xff\xe0 jfif", JPEG),
        (office("[Content_Types].xml", "xl/workbook.xml"), XLSX),
        (office("[Content_Types].xml", "word/document.xml"), DOCX),
        ("指标,完成值\n营业收入,1.5\n".encode(), CSV),
        ("指标,完成值\n营业收入,1.5\n".encode("gb18030"), CSV),
        ("说明".encode(), TEXT),
    ],
    ids=lambda value: value.rpartition("/")[2] if isinstance(value, str) else "",
)
def test_readable_kinds_are_taken(store: EvidenceStore, content: bytes, media_type: str) -> None:
    assert store.put(io.BytesIO(content), media_type).media_type == media_type


@pytest.mark.parametrize(
    ("content", "media_type", "refusal"),
    [
        (b"MZ\x90", PDF, EvidenceIsNotWhatItSays),
        (REPORT, PNG, EvidenceIsNotWhatItSays),
        (REPORT, XLSX, EvidenceIsNotWhatItSays),
        (office("anything.exe"), XLSX, EvidenceIsNotWhatItSays),
        (office("[Content_Types].xml", "word/document.xml"), XLSX, EvidenceIsNotWhatItSays),
        (office("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), XLSX, EvidenceIsNotWhatItSays),
        (b"a\0b", TEXT, EvidenceIsNotWhatItSays),
        (b"\xff\xff\xff", CSV, EvidenceIsNotWhatItSays),
        (b"", PDF, EvidenceIsNotWhatItSays),
        (office("a.txt"), "application/zip", EvidenceOfUnknownKind),
        (b"<script>", "text/html", EvidenceOfUnknownKind),
        (b"%PDF-" + bytes(10_000), PDF, EvidenceTooLarge),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    store: EvidenceStore, content: bytes, media_type: str, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        store.put(io.BytesIO(content), media_type)

    assert files(store) == []
    assert refused.value.sentence("zh") != refused.value.sentence("en")
    assert "{" not in refused.value.sentence("zh") + refused.value.sentence("en")


def test_a_reading_that_breaks_off_leaves_nothing_behind(store: EvidenceStore) -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put(Broken(), PDF)

    assert files(store) == []


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", DIGEST.upper(), DIGEST + "\n", DIGEST[:-1], "." * 64])
def test_only_a_hash_leads_to_a_file(store: EvidenceStore, name: str) -> None:
    store.put(io.BytesIO(REPORT), PDF)

    with pytest.raises(EvidenceMissing):
        store.open(name)


def test_a_file_that_is_not_kept_is_missed(store: EvidenceStore) -> None:
    with pytest.raises(EvidenceMissing, match=DIGEST):
        store.open(DIGEST)


def spoil(path: Path) -> None:
    path.chmod(0o640)
    path.write_bytes(REPORT + b"!")


@pytest.mark.parametrize(("damage", "what"), [(Path.unlink, "missing"), (spoil, "changed")])
def test_damage_is_found_and_a_second_handing_in_heals_it(
    store: EvidenceStore, damage: Callable[[Path], None], what: str
) -> None:
    store.put(io.BytesIO(REPORT), PDF)
    store.put(io.BytesIO(b"%PDF-whole"), PDF)
    expected = [DIGEST, sha256(b"%PDF-whole").hexdigest()]
    assert list(store.check(expected)) == []

    damage(next(path for path in files(store) if path.name == DIGEST))

    assert list(store.check(expected)) == [Fault(sha256=DIGEST, what=what)]  # type: ignore[arg-type]
    assert list(store.check()) == ([Fault(sha256=DIGEST, what="changed")] if what == "changed" else [])
    store.put(io.BytesIO(REPORT), PDF)
    assert list(store.check(expected)) == []
