"""Small documents that the demonstration's people hand in as evidence: a PDF, a table or a note, made from the values reported."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from domain.indicator import Definition
from domain.reported import Achievements, Reported
from event_store.evidence import CSV, PDF, TEXT

KINDS = (PDF, CSV, TEXT)
SUFFIX = {PDF: "pdf", CSV: "csv", TEXT: "txt"}
MARK = "演示材料，内容虚构"
LINE_POINTS, TOP_POINTS, LEFT_POINTS = 22, 780, 60
LINES_A_PAGE = 30  # More than any report of the demonstration has.
CHARACTERS_A_LINE = 42


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A document to be put in the evidence store. The title names no person."""

    title: str
    media_type: str
    content: bytes


def paper_for(definition: Definition, department: str, period: str, values: Iterable[Reported]) -> Paper:
    """Give the document that proves a report. The same report gives the same bytes."""
    listed = [(one.name, _shown(one)) for one in values]
    kind = KINDS[sha256(f"{definition.source_rows}/{department}/{period}".encode()).digest()[0] % len(KINDS)]
    head = (f"{definition.name}", f"单位：{department}    期间：{period}", f"数据来源：{definition.data_source or '台账'}", MARK)
    lines = (*head, *(f"{name}：{value}" for name, value in listed))
    match kind:
        case "application/pdf":
            content = pdf_of(lines)
        case "text/csv":
            content = _table([("项目", "数值"), *listed, ("说明", MARK)])
        case _:
            content = ("\n".join(lines) + "\n").encode()
    return Paper(title=f"{definition.name} {period} 佐证（演示）.{SUFFIX[kind]}", media_type=kind, content=content)


def pdf_of(lines: Sequence[str]) -> bytes:
    """Give a one-page PDF of lines of Chinese text, in the reader's own song typeface: nothing is embedded."""
    shown = [part for line in lines for part in _wrapped(line)][:LINES_A_PAGE]
    text = "\n".join(f"<{line.encode('utf-16-be').hex().upper()}> Tj 0 -{LINE_POINTS} Td" for line in shown)
    stream = f"BT /F1 14 Tf {LEFT_POINTS} {TOP_POINTS} Td\n{text}\nET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        (
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
        ),
        (
            b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
            b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
        ),
    )
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    """Join a PDF's objects with the table that says where each begins."""
    written = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(written)


def _wrapped(line: str) -> list[str]:
    return [line[first : first + CHARACTERS_A_LINE] for first in range(0, len(line), CHARACTERS_A_LINE)] or [""]


def _table(rows: Iterable[tuple[str, str]]) -> bytes:
    """Write a table as Chinese spreadsheets open it without asking: UTF-8 with its mark."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def _shown(one: Reported) -> str:
    if isinstance(one, Achievements):
        return "；".join(
            " ".join(part for part in (each.project, each.item, each.level, each.document) if part) for each in one.value
        )
    if isinstance(one.value, bool):
        return "是" if one.value else "否"
    return "、".join(str(each) for each in one.value) if isinstance(one.value, tuple) else str(one.value)
