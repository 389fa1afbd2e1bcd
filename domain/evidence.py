"""A reference to a piece of evidence: by the hash of its bytes, with its three times."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """佐证材料. ``sha256`` is the hex digest of the bytes in the evidence store; ``size`` in bytes.

    ``fact_at`` is when it was true, ``submitted_at`` when a person handed it in, ``received_at`` when the store had it (all aware).
    The title names the document, never a person.
    """

    sha256: str
    title: str
    media_type: str
    size: int
    fact_at: datetime
    submitted_at: datetime
    received_at: datetime
