"""What a spreadsheet's cell says as text: as it was typed, not as the machine stores it."""

from datetime import datetime
from decimal import Decimal

DIGITS = 15  # A spreadsheet keeps that many; what comes after them is noise of the binary number.


def text_of(value: object) -> str:
    """Give a cell's text: numbers without idle decimals, since a spreadsheet stores id 10023 as 10023.0; a day in ISO form."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float():
            return str(number_of(value))
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return value.date().isoformat()
        case _:
            return str(value).strip()


def number_of(value: float) -> Decimal:
    """Give a spreadsheet's number as it was typed: 99.9986, not 99.998600000000003."""
    return Decimal(format(Decimal(f"{value:.{DIGITS}g}"), "f"))
