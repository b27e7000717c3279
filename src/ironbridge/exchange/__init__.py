"""The venue behind the paper gateway: deterministic, without IO, without a clock.

Time and randomness come in as arguments, so the same seed and the same commands give the same events.

    venue = Venue(seed, accounts: Sequence[AccountSpec], start: datetime, *, options: VenueOptions = VenueOptions())
    venue.apply(command, now) -> list[Event]         advances to `now` first; its events come first
    venue.advance(now) -> list[Event]                quotes and prints of watched listings, fills, expiries
    venue.what_if(terms, now) -> MarginImpact | OrderRejected
    venue.find(query: ContractQuery) -> list[Listing]         0 = unknown, more than one = ambiguous
    venue.listing(con_id) -> Listing | None
    venue.option_parameters(under_con_id) -> list[OptionParameters]
    venue.search(text) -> list[SymbolMatch]
    venue.trading_hours(listing) -> str; venue.liquid_hours(listing) -> str; venue.is_open(listing) -> bool
    venue.quote(con_id) -> Quote; venue.book(con_id, depth) -> BookView
    venue.watch(con_id) -> Quote; venue.unwatch(con_id)       counted; only watched listings give market events
    venue.accounts -> tuple[str, ...]; venue.account(name) -> AccountView
    venue.order(perm_id) -> OrderSnapshot | None; venue.orders() -> list[OrderSnapshot] (open)
    venue.completed() -> list[OrderSnapshot]; venue.executions() -> list[(Execution, CommissionCharged)]
    venue.option_model(con_id) -> OptionModel | None          implied volatility, Greeks, model price
    venue.export_state() -> dict; Venue.import_state(state, options=...) -> Venue

`VenueOptions(real_sessions=False, stocks=(), recordings={})` keeps the exchanges' hours, lists the user's own stocks
(`catalog.Seedling`), and replays recorded prices (`recorded.RecordedMoment`, `recorded.of_bars`) by con id.
"""
