"""Text to instruments and back."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ironbridge.contracts import format_instrument, parse_instrument
from ironbridge.domain.instrument import Forex, Future, Index, Instrument, Kind, Option, Right, Stock
from ironbridge.errors import InvalidInstrument
from ironbridge.testing.fake_feed import contract_for

FORMS = (
    ("AAPL", Stock("AAPL")),
    ("aapl ", Stock("AAPL")),
    ("BRK B", Stock("BRK B")),
    ("STK:VOD:LSE:GBP", Stock("VOD", "LSE", "GBP")),
    ("STK:MSFT:::NASDAQ", Stock("MSFT", primary_exchange="NASDAQ")),
    ("EURUSD", Forex("EURUSD")),
    ("eur.usd", Forex("EURUSD")),
    ("EUR/USD", Forex("EURUSD")),
    ("CASH:EURUSD", Forex("EURUSD")),
    ("FX:USD.JPY", Forex("USDJPY")),
    ("GOOGLE", Stock("GOOGLE")),
    ("ESZ6", Future("ES", local_symbol="ESZ6")),
    ("6EZ6", Future("EUR", local_symbol="6EZ6")),
    ("FUT:ES:202612:CME", Future("ES", "202612", "CME")),
    ("FUT:ES:2026-12-18:CME", Future("ES", "20261218", "CME")),
    ("FUT:ES", Future("ES")),
    ("OPT:SPY:20261218:680:C", Option("SPY", "20261218", 680, "C")),
    ("OPT:SPY:20261218:680.5:put", Option("SPY", "20261218", "680.5", "P")),
    ("OPT:SPX:20261218:6800:C:trading_class=SPXW", Option("SPX", "20261218", 6800, "C", trading_class="SPXW")),
    ("IND:SPX", Index("SPX")),
    ("IND:SPX:CBOE", Index("SPX", "CBOE")),
    ("STK:AAPL:con_id=265598", Instrument(Kind.STOCK, "AAPL", con_id=265598)),
)


@pytest.mark.parametrize(("text", "instrument"), FORMS)
def test_every_form_means_one_instrument(text: str, instrument: Instrument) -> None:
    assert parse_instrument(text) == instrument
    assert parse_instrument(format_instrument(instrument)) == instrument


@pytest.mark.parametrize(
    ("text", "why"),
    (
        ("", "empty"),
        ("   ", "empty"),
        ("A" * 401, "longer than"),
        ("$$$", "no symbol"),
        ("XXX:AAPL", "no kind"),
        ("STK:", "names no symbol"),
        ("STK:AAPL:SMART:USD:NASDAQ:more", "no more without a name"),
        ("STK:AAPL:colour=red", "no field"),
        ("STK:AAPL:symbol=MSFT", "twice"),
        ("OPT:SPY:20261218:abc:C", "strike"),
        ("OPT:SPY:20261218:680:X", "X"),
        ("OPT:SPY:20261218:nan:C", "finite"),
        ("CASH:EURO", "two currencies"),
        ("STK:AAPL:con_id=x", "x"),
    ),
)
def test_what_is_no_instrument_is_refused_with_the_forms(text: str, why: str) -> None:
    with pytest.raises(InvalidInstrument, match=why) as refused:
        parse_instrument(text)
    assert "FUT:ES:202612:CME" in refused.value.next_step


def test_fields_that_contradict_are_refused_by_the_instrument() -> None:
    with pytest.raises(InvalidInstrument, match="currency"):
        parse_instrument("STK:AAPL:SMART:dollars")
    with pytest.raises(InvalidInstrument, match="needs an expiry"):
        parse_instrument("OPT:SPY")


@pytest.mark.parametrize("text", ("AAPL", "EURUSD", "ESZ6", "IND:SPX", "OPT:SPY:20261218:680:C", "STK:VOD:LSE:GBP"))
def test_brief_is_what_a_person_would_type_though_the_broker_filled_it_in(text: str) -> None:
    resolved = contract_for(parse_instrument(text), 7).instrument
    brief = format_instrument(resolved, brief=True)
    assert brief == ("IND:SPX:CME" if text == "IND:SPX" else text)
    assert parse_instrument(format_instrument(resolved)) == resolved


words = st.text(max_size=12)
symbols = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9 .&/_+-]{0,31}\Z")
expiries = st.one_of(st.just(""), st.from_regex(r"\A[0-9]{6}([0-9]{2})?\Z"))
strikes = st.decimals(min_value=0, max_value=10**6, allow_nan=False, allow_infinity=False, places=3)


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    kind = draw(st.sampled_from(Kind))
    strike = right = None
    if kind in {Kind.OPTION, Kind.FUTURE_OPTION, Kind.WARRANT}:
        strike, right = draw(st.none() | strikes), draw(st.none() | st.sampled_from(Right))
    return Instrument(
        kind,
        draw(symbols | st.sampled_from(["AAPL", "EUR", "USD", "ES", "ESZ6"])),
        draw(words | st.sampled_from(["SMART", "IDEALPRO", "CME", ""])),
        draw(st.from_regex(r"\A[A-Z]{3}\Z") | st.just("USD")),
        draw(words),
        draw(expiries.filter(bool) if kind in {Kind.OPTION, Kind.FUTURE_OPTION} else expiries),
        strike,
        right,
        draw(st.none() | strikes),
        draw(words),
        draw(words | st.just("ESZ6")),
        draw(st.integers(min_value=0, max_value=2**31)),
    )


@given(instruments())
def test_what_is_written_is_read_back(instrument: Instrument) -> None:
    assert parse_instrument(format_instrument(instrument)) == instrument


@given(instruments())
def test_brief_keeps_what_the_owner_names(instrument: Instrument) -> None:
    read = parse_instrument(format_instrument(instrument, brief=True))
    assert (read.kind, read.symbol, read.currency) == (instrument.kind, instrument.symbol, instrument.currency)


@given(st.text(max_size=60))
def test_any_text_gives_an_instrument_or_says_why_not(text: str) -> None:
    instrument = advice = None
    try:
        instrument = parse_instrument(text)
    except InvalidInstrument as error:
        advice = error.next_step
    assert advice != ""
    assert instrument is None or parse_instrument(format_instrument(instrument)) == instrument


def test_decimals_are_exact() -> None:
    assert parse_instrument("OPT:SPY:20261218:680.10:C").strike == Decimal("680.10")
