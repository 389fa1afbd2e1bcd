"""What Hypothesis may draw for the plain types of facts: finite amounts, aware instants, text that UTF-8 can hold."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(timedelta, st.timedeltas(timedelta(days=-1_000), timedelta(days=1_000)))
st.register_type_strategy(str, st.text(st.characters(codec="utf-8")))
st.register_type_strategy(int, st.integers(-(2**53) + 1, 2**53 - 1))
