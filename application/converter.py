"""How values cross Temporal: pydantic's converter, with one set of type readers for the whole process.

Temporal makes a converter for every workflow, and pydantic's keeps its readers to itself: two milliseconds and some sixty kibibytes
for each workflow in the cache, all alike. Ours share one.
"""

from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter, DefaultPayloadConverter, JSONPlainPayloadConverter

READERS = PydanticJSONPlainPayloadConverter()  # Its cache may be used by several threads at once.


class SharedPayloadConverter(CompositePayloadConverter):
    """Pydantic's JSON where Temporal has plain JSON; the rest as Temporal has it."""

    def __init__(self) -> None:
        """Put the shared readers in their place."""
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(READERS if isinstance(each, JSONPlainPayloadConverter) else each for each in usual))


CONVERTER = DataConverter(payload_converter_class=SharedPayloadConverter)
