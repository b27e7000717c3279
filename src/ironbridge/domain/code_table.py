"""IB's message codes: one table for orders, requests and the session.

Codes are from IB's list "Message Codes" and from what users saw on live orders (I-05); the words are ours and short,
since IB's own text comes with each message. A code whose meaning its text leaves open is left out: what is not known
ends nothing. A row says what a code means for an order first; `refuses` and `answers`
what it does to requests.
"""

from __future__ import annotations

from collections.abc import Mapping

from ironbridge.domain.codes import CodeRule, Meaning, Purpose

CHECK = "Check the order against what IB allows for this instrument and account, then submit it under a new key."
PERMISSION = "Ask for the trading permission in IB's account management, then submit it under a new key."
SUBSCRIBE = (
    "Ask for delayed data (setting market_data_type=delayed), or subscribe to the market's data in IB's Client Portal "
    "and share it with the paper account."
)
DELAYED_OFF = "Turn delayed data on in the gateway's API settings, or subscribe to the market's data at IB."
OWN_ID = "Another program uses this client id: give each its own."

_M, _P = Meaning, Purpose
WITH_AN_ID = frozenset(Purpose) - {Purpose.LIST}
"""Requests that carry an id, to which an error can be told apart."""


def _rows(meaning: Meaning, words: Mapping[int, str], step: str = "", *, of_session: bool = False) -> list[CodeRule]:
    return [CodeRule(code, meaning, step, text, of_session=of_session) for code, text in words.items()]


_SESSION = _rows(_M.NOT_OF_ORDERS, {
    501: "already connected", 502: "the gateway could not be reached", 503: "the gateway is too old",
    504: "not connected", 505: "a message with an unknown id", 506: "a version that is not supported",
    507: "a message of an impossible length", 508: "a message that cannot be read",
    509: "a tick that cannot be read", 1300: "the gateway's port was changed, and this session ends",
}, of_session=True) + _rows(_M.ADVISORY, {
    1100: "the gateway has lost IB", 1101: "IB is back; market data must be asked for anew",
    1102: "IB is back; market data goes on",
    2103: "a market-data farm is lost", 2104: "a market-data farm is back", 2105: "a historical farm is lost",
    2106: "a historical farm is back", 2107: "a historical farm sleeps until it is needed",
    2108: "a market-data farm sleeps until it is needed", 2110: "the gateway has lost IB and comes back by itself",
    2119: "a market-data farm is being connected", 2150: "a position that the gateway cannot trade off",
    2157: "the farm of security definitions is lost", 2158: "the farm of security definitions is back",
}, of_session=True)  # fmt: skip

_ADVISORY = _rows(_M.ADVISORY, {
    104: "a filled order cannot be modified", 165: "news of the historical service",
    399: "a message about the order, such as when it will be placed",
    404: "shares are being located for a short sale", 481: "the order's size was reduced",
    492: "a note on the order", 2100: "account updates went to another request",
    2101: "account updates cannot be had", 2102: "the order is in work and cannot be modified now",
    2109: "outside hours has no meaning here", 2111: "the algo's times were moved to the next day",
    2130: "the product trades with a price factor", 2137: "the order turns the position to the other side",
    2148: "a note on the order", 2152: "a note on the exchanges of market depth", 2161: "a note on the order",
    2168: "etrade-only is not taken any more", 2169: "firm-quote-only is not taken any more",
    10018: "a note on the order's value", 10019: "a note on the trade's value",
    10233: "defaults came from a preset", 10239: "accounts of the allocation are flagged for their risk",
    10310: "whether the order was solicited should be said", 10311: "the order is routed directly",
    10329: "the order is routed directly", 10331: "a note on stop orders", 10332: "a note on crypto's volatility",
    10333: "a note on an exercise at the money", 10334: "a note on the omnibus account",
    10347: "the instrument is hardly traded", 10349: "the time in force was set by a preset of TWS",
})  # fmt: skip

_REFUSES_NEW = _rows(_M.REFUSES_NEW, {
    105: "a modification does not fit the order", 106: "the order id cannot be transmitted",
    113: "close orders are for the day", 114: "relative orders are for stocks", 117: "the block is too small",
    118: "VWAP orders need the VWAP exchange", 119: "that exchange takes VWAP orders alone",
    120: "too late for a VWAP order", 121: "a flag does not go with the destination",
    122: "the order's request was not found", 123: "nothing is known of the contract id",
    124: "no market rule for the contract id", 125: "the buy price must be the best ask",
    126: "the sell price must be the best bid", 129: "too soon before the VWAP start",
    131: "sweep-to-fill is for US stocks routed to SMART", 132: "a clearing account is missing",
    133: "submitting failed", 140: "the size must be whole", 141: "a price is no number",
    142: "the account's particulars are missing", 144: "the size is not that of its allocation",
    145: "a field is not valid", 146: "the trigger method is not valid", 147: "the condition's contract is incomplete",
    148: "conditions do not go with this type", 151: "the user's name is missing", 152: "it cannot be hidden",
    153: "EFPs can be limit orders alone", 157: "iceberg and discretionary exclude each other",
    158: "an offset is missing", 159: "the offset is no percentage", 160: "the size is zero",
    164: "no market data to check the price by", 167: "the VWAP time has passed",
    168: "the discretionary amount is off the tick", 303: "the action is not open to the account",
    311: "the order's origin is not valid", 312: "the combination is not valid", 313: "a leg is not valid",
    314: "the combination has no legs", 315: "stock legs need SMART", 325: "no discretionary orders there",
    328: "trailing stops attach to limit and stop-limit orders", 332: "the account codes are not valid",
    333: "the allocation cannot be read", 334: "the good-till-date is not valid", 335: "the delta is not valid",
    336: "the time cannot be read", 337: "the date cannot be read", 338: "no good-after-time there",
    339: "futures spreads must be combinations", 340: "the improvement is not valid", 341: "the delta is not valid",
    342: "no pegged orders there", 343: "the date cannot be read", 345: "no such combination for advisors",
    346: "the account cannot clear away", 347: "the short-sale slot is not valid", 348: "it is no short sale",
    349: "no good-after-time for the combination", 350: "no minimum quantity for the combination",
    351: "regular-hours-only does not go with it", 352: "the slot needs a location",
    353: "the slot takes no location", 356: "no OCA group for the combination", 358: "no child of the combination",
    359: "the OCA type does not go with it", 360: "no what-if for the combination", 362: "the adjusted stop is wrong",
    363: "the adjusted stop limit is wrong", 364: "the adjusted trail is wrong",
    367: "the volatility type is not valid", 368: "the reference price type is not valid",
    369: "volatility orders are for US options", 370: "it must be routed to SMART", 371: "the volatility is missing",
    372: "it is no volatility order", 373: "no stock range for this type", 374: "the stock range is upside down",
    375: "the stock range is negative", 376: "no continuous update for it", 377: "the hedge's price is not valid",
    378: "the hedge's price is missing", 379: "the hedge takes no price", 380: "no such type for a hedge",
    382: "the price is too many ticks away, by the preset", 383: "the size is too large, by the preset",
    389: "the routed id is not unique", 390: "the routed id is not valid", 392: "the contract has expired",
    393: "the slot is for hedges", 395: "no OCA groups at present", 396: "market and limit orders alone at present",
    397: "market and limit orders alone at present", 398: "it cannot be a condition", 400: "the algo's order is wrong",
    401: "something is too long", 402: "no conditions for the contract", 405: "the child's size is not its parent's",
    406: "the currency is not allowed", 407: "the symbol has foreign characters", 408: "the scale's step is wrong",
    409: "the scale's size is missing", 410: "the scale's next size is wrong", 411: "outside hours is not possible",
    412: "the contract is not traded", 417: "the scale's first size is wrong", 418: "the scale's profit is wrong",
    419: "the scale's first size is missing", 421: "the route is not valid", 424: "an allocation is missing",
    425: "the allocation must be made by hand", 426: "no account has the shares", 427: "an amount is missing",
    428: "shares are missing", 429: "delta-neutral is for combinations", 432: "the commission is negative",
    433: "the scale's restoring is wrong", 437: "only one flag of hours", 438: "the gateway is locked",
    439: "there is no such algo", 441: "the algo's parameters are wrong", 442: "the algo does not go with it",
    443: "an unknown parameter of the algo", 446: "the scale's profit is missing", 447: "the scale's step is missing",
    448: "the scale's interval is wrong", 449: "the scale's adjustment is wrong", 10000: "currencies are mixed",
    10001: "currencies are mixed", 10002: "the legs are not valid", 10003: "that route is not allowed",
    10005: "the model is read-only", 10007: "the hedge's type is wrong", 10008: "the beta is wrong",
    10009: "the hedge's ratio is wrong", 10010: "the delta hedge is wrong", 10011: "the currency is not taken",
    10012: "the allocation's percentage is wrong", 10013: "SMART must be opted out of",
    10015: "trading is not allowed over the API", 10020: "the display size is too large",
    10234: "the decision maker is missing", 10235: "the decision maker is missing",
    10236: "the child must be all-or-none as its parent", 10237: "all-or-none routes the whole size",
    10240: "the price cap is not valid", 10244: "no cash quantity for it", 10245: "the instrument has no fractions",
    10246: "no fractions for the order", 10248: "the account has no fractions", 10249: "no fractions for the order",
    10250: "the size is off its step", 10251: "no fractions in allocations", 10252: "fractions only to close",
    10253: "no clearing away with a hedge", 10254: "the bond has expired", 10269: "firm-quote-only is not taken",
    10270: "the NBBO cap is not taken", 10286: "too many decimals", 10287: "the crypto order is not confirmed",
    10289: "a cash quantity is missing", 10290: "only by cash quantity", 10291: "it must be for the day",
    10292: "type and side do not go together", 10293: "no size beside a cash quantity",
    10294: "the cash quantity is not the group's", 10296: "two routing wishes exclude each other",
    10297: "not-held does not go with it", 10298: "the model has another currency",
    10302: "no minimum trade size for it", 10303: "the minimum trade size is wrong",
    10304: "the competing size is wrong", 10305: "the competing offset is wrong", 10306: "no mid offsets",
    10307: "the mid offsets are wrong", 10312: "no volatility orders for it", 10316: "an attribute is not taken",
    10317: "the cash quantity is off its step", 10318: "no fractions for the order",
    10319: "no municipal bonds over the API", 10321: "no municipal bonds in groups", 10324: "the OCA group is wrong",
    10325: "no OCA group", 10336: "no broker for a leg", 10340: "an attribute is not taken",
    10342: "imbalance-only does not go with it", 10343: "event contracts cannot be sold",
    10344: "the price is out of 0.02 to 0.99", 10345: "that cannot be traded",
}, CHECK)  # fmt: skip

_OF_CHANGES = _rows(_M.DOUBTFUL, {
    134: "a modification failed", 329: "the type cannot be changed", 422: "account and clearing cannot be changed",
    440: "the algo cannot be changed", 444: "the order cannot be changed yet", 10241: "it cannot be changed by the API",
    10242: "it cannot be changed by the API", 10308: "that cannot be changed", 10326: "the group cannot be changed",
    10327: "the group's type cannot be changed", 10328: "the order could not be settled: connection lost",
    10341: "the parent cannot be changed",
})  # fmt: skip

_WITH_STEPS = [
    CodeRule(107, _M.REFUSES_NEW, "Give every field that the order's type needs.", "an incomplete order"),
    CodeRule(109, _M.REFUSES_NEW, "The price is outside TWS's precautionary settings: change the price or the setting.",
             "the price is out of TWS's range"),
    CodeRule(110, _M.REFUSES_NEW, "Give a price on the instrument's tick.", "the price is off the tick"),
    CodeRule(111, _M.REFUSES_NEW, "Choose a time in force that goes with the order type.",
             "time in force and type do not fit"),
    CodeRule(115, _M.REFUSES_NEW, "Give a size that the instrument allows.", "the size is not allowed"),
    CodeRule(116, _M.REFUSES_NEW, "Route the order to SMART or to one of the instrument's exchanges.",
             "the exchange takes no orders"),
    CodeRule(154, _M.REFUSES_NEW, "The instrument is halted: submit the order under a new key when it trades again.",
             "the instrument is halted"),
    CodeRule(163, _M.REFUSES_NEW,
             "The price is outside the percentage constraint of TWS's presets: change the price or the preset.",
             "the price is out of the preset's range"),
    CodeRule(200, _M.REFUSES_NEW, "IB does not know the instrument: check symbol, exchange, currency and expiry.",
             "no such contract, or several", refuses=frozenset({_P.LINE, _P.HISTORY}),
             answers=frozenset({_P.CONTRACTS})),
    CodeRule(203, _M.REFUSES_NEW, PERMISSION, "the account may not have the instrument",
             refuses=frozenset({_P.CONTRACTS, _P.LINE, _P.HISTORY})),
    CodeRule(320, _M.REFUSES_NEW, CHECK, "the request could not be read", refuses=WITH_AN_ID),
    CodeRule(321, _M.REFUSES_NEW,
             "The text says which field IB does not take. If the API is in read-only mode, end that in TWS's API "
             "settings.", "the request is not valid", refuses=WITH_AN_ID),
    CodeRule(322, _M.REFUSES_NEW, CHECK, "the request could not be processed", refuses=WITH_AN_ID),
    CodeRule(355, _M.REFUSES_NEW, "Give a size that the instrument's market rule allows.", "the size is off the rule"),
    CodeRule(361, _M.REFUSES_NEW, "Give a trigger price that IB allows.", "the trigger price is wrong"),
    CodeRule(387, _M.REFUSES_NEW, "Choose an order type that the exchange takes for this instrument.",
             "the exchange does not take the type"),
    CodeRule(388, _M.REFUSES_NEW, "Give at least the instrument's minimum size.", "the size is too small"),
    CodeRule(391, _M.REFUSES_NEW, "Choose another time in force.", "the time in force is wrong"),
    CodeRule(403, _M.REFUSES_NEW, "Give a stop price that IB allows.", "the stop price is wrong"),
    CodeRule(413, _M.REFUSES_NEW, "A what-if order must be transmitted.", "a what-if that is not transmitted"),
    CodeRule(434, _M.REFUSES_NEW, "Give a size above zero.", "the size is zero"),
    CodeRule(435, _M.REFUSES_NEW, "Name an account of this login.", "no such account"),
    CodeRule(436, _M.REFUSES_NEW, "Name the account that the order is for.", "the account is missing"),
    CodeRule(460, _M.REFUSES_NEW, PERMISSION, "no trading permission"),
    CodeRule(10006, _M.REFUSES_NEW, "IB does not know the parent order.", "the parent order is missing"),
    CodeRule(10052, _M.REFUSES_NEW, "Choose another time in force.", "the time in force is wrong"),
    CodeRule(10243, _M.REFUSES_NEW, "This instrument takes no fractional size over the API.", "no fractions"),
    CodeRule(10247, _M.REFUSES_NEW, "This order takes no cash quantity.", "no cash quantity"),
    CodeRule(10255, _M.REFUSES_NEW, "Leave out the attribute that IB's text names.", "an attribute is not taken"),
    CodeRule(10268, _M.REFUSES_NEW, "Leave out the attributes EtradeOnly and FirmQuoteOnly.",
             "an attribute is not taken any more", refuses=frozenset({_P.CONTRACTS})),
    CodeRule(103, _M.DOUBTFUL, OWN_ID, "the order id was used before"),
    CodeRule(135, _M.NOT_FOUND, "", "no order has the id"),
    CodeRule(136, _M.CANCEL_REFUSED, "", "the order cannot be cancelled"),
    CodeRule(137, _M.CANCEL_REFUSED, "", "too late to cancel a VWAP order"),
    CodeRule(161, _M.CANCEL_REFUSED, "", "the order is not in a state to be cancelled"),
    CodeRule(201, _M.REFUSES, "IB's text says why; put that right and submit the order under a new key.",
             "the order was refused"),
    CodeRule(202, _M.CANCELLED, "", "the order was cancelled"),
    CodeRule(10147, _M.NOT_FOUND, "", "no order has the id"),
    CodeRule(10148, _M.CANCEL_REFUSED, "", "the order has ended already"),
]  # fmt: skip


def _stream(code: int, words: str, step: str, meaning: Meaning = _M.NOT_OF_ORDERS) -> CodeRule:
    return CodeRule(code, meaning, step, words, refuses=frozenset({_P.LINE}))


_DATA = [
    CodeRule(100, _M.NOT_OF_ORDERS, "", "too many messages in a second", of_session=True),
    CodeRule(326, _M.NOT_OF_ORDERS, OWN_ID, "the client id is in use", of_session=True),
    CodeRule(327, _M.NOT_OF_ORDERS, "", "only client 0 binds orders made by hand", of_session=True),
    _stream(101, "every market-data line is taken", "Read fewer instruments at once, or buy a quote booster pack."),
    _stream(102, "the stream's id was used before", ""),
    _stream(300, "the stream had ended before", "Ask for it again."),
    _stream(354, "no subscription to the market's data", SUBSCRIBE),
    _stream(10089, "the API needs a further subscription", SUBSCRIBE, _M.ADVISORY),
    _stream(10168, "no subscription, and delayed data is off", DELAYED_OFF),
    _stream(10186, "no subscription, and delayed data is off", DELAYED_OFF),
    CodeRule(10276, _M.NOT_OF_ORDERS, "", "news is not allowed", refuses=WITH_AN_ID),
    CodeRule(10285, _M.NOT_OF_ORDERS, "", "the gateway's version does not know fractional sizes", refuses=WITH_AN_ID),
    CodeRule(10167, _M.ADVISORY, "", "delayed data in place of live"),
    CodeRule(10197, _M.NOT_OF_ORDERS,
             "Another session of this user shows live data; log it out, or use a user of your own for the API.",
             "another session takes the live data"),
    *(CodeRule(code, _M.NOT_OF_ORDERS, SUBSCRIBE, "part of the data is not subscribed") for code in (10090, 10091)),
    *(CodeRule(code, _M.NOT_OF_ORDERS, "", words, refuses=frozenset({_P.HISTORY})) for code, words in {
        162: "the historical service said no", 366: "no historical request has the id",
        10187: "historical ticks could not be had", 10314: "the end of the period cannot be read",
        10339: "the end of the period does not go with this",
    }.items()),
]  # fmt: skip

_ELSEWHERE = _rows(_M.NOT_OF_ORDERS, {
    138: "a ticker cannot be read", 139: "a request cannot be read", 143: "an id is no whole number",
    166: "no history of the expired contract", 301: "a ticker's action is wrong", 302: "a request cannot be read",
    304: "an account's action is wrong", 305: "a request cannot be read", 306: "a request failed",
    307: "a topic is wrong", 308: "TWS has no room for a page", 309: "too many depth streams",
    310: "no depth stream has the id", 316: "depth was halted: ask again", 317: "depth was reset: empty the book",
    319: "the log level is wrong", 323: "the gateway failed", 324: "a request lacks something",
    330: "only advisors have account lists", 331: "the advisor has no accounts", 344: "the login is no advisor's",
    357: "the client is too old", 365: "no scanner has the id", 381: "the DDE library is too old",
    384: "a request cannot be read", 385: "the scanner's id was used before", 386: "the history's id was used before",
    394: "the processing time is wrong", 414: "snapshots take no generic ticks", 415: "a request for quotes runs",
    416: "no request for quotes there", 420: "real-time bars were asked for too fast",
    423: "the request for quotes has expired", 430: "no fundamentals of it", 431: "what to show is wrong",
    445: "the request for quotes has expired", 10092: "no depth there", 10182: "updates could not be had",
    10189: "tick by tick could not be had", 10190: "too many tick-by-tick streams",
    10225: "the stream of bars has ended: ask again", 10230: "the advisor's setup is being changed",
    10231: "the advisor's setup names wrong accounts", 10238: "the advisor's setup failed",
    10277: "no permission for the news", 10295: "schedules are by the day", 10299: "what to show is wrong",
    10300: "a date cannot be read", 10301: "a date cannot be read", 10315: "a time cannot be read",
    10322: "no request for all accounts", 10330: "an expiry cannot be read", 10337: "an option's name is wrong",
    10338: "an option's value is wrong", 10346: "the ticker is shown elsewhere",
    **dict.fromkeys((*range(510, 590),), "said by IB's own client of itself, never by the gateway"),
    **dict.fromkeys((*range(10278, 10285), 10309), "of the calendar of corporate events"),
})  # fmt: skip

_PARTS = (_SESSION, _ADVISORY, _REFUSES_NEW, _OF_CHANGES, _WITH_STEPS, _DATA, _ELSEWHERE)
TABLE: Mapping[int, CodeRule] = {rule.code: rule for part in _PARTS for rule in part}
ROWS = sum(map(len, _PARTS))
"""As many as codes: none stands twice."""


def rule_of(code: int) -> CodeRule:
    """The table's word on a code; one that it does not know changes nothing."""
    return TABLE.get(code) or CodeRule(
        code, Meaning.UNRECOGNISED, "This code is not known to Ironbridge; see IB's documents."
    )
