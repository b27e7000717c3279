"""IB's words for the codes that faults send without words of their own."""

from __future__ import annotations

TEXTS: dict[int, str] = {
    100: "Max rate of messages per second has been exceeded:max=50 rec=138 (1)",
    101: "Max number of tickers has been reached",
    103: "Duplicate order id",
    110: "The price does not conform to the minimum price variation for this contract.",
    162: "Historical Market Data Service error message:Historical data request pacing violation",
    200: "No security definition has been found for the request",
    201: "Order rejected - reason:The order was rejected",
    202: "Order Canceled - reason:",
    321: "Error validating request.-'bW' : cause - The API interface is currently in Read-Only mode.",
    326: "Unable to connect as the client id is already in use. Retry with a unique client id.",
    354: "Requested market data is not subscribed.",
    399: "Order Message:\nWarning: Your order will not be placed at the exchange until the next session.",
    404: "Shares for this order are not immediately available for short sale. The order will be held while we attempt "
    "to locate the shares.",
    460: "No trading permissions.",
    1100: "Connectivity between IB and Trader Workstation has been lost.",
    1101: "Connectivity between IB and Trader Workstation has been restored - data lost.",
    1102: "Connectivity between IB and Trader Workstation has been restored - data maintained. All data farms are "
    "connected: usfarm; ushmds; secdefil.",
    1300: "TWS socket port has been reset and this connection is being dropped. Please reconnect on the new port.",
    2103: "Market data farm connection is broken:usfarm",
    2104: "Market data farm connection is OK:usfarm",
    2105: "HMDS data farm connection is broken:ushmds",
    2106: "HMDS data farm connection is OK:ushmds",
    2107: "HMDS data farm connection is inactive but should be available upon demand.ushmds",
    2108: "Market data farm connection is inactive but should be available upon demand.eufarm",
    2109: "Order Event Warning: Attribute 'Outside Regular Trading Hours' is ignored based on the order type and "
    "destination. PlaceOrder is now being processed.",
    2110: "Connectivity between Trader Workstation and server is broken. It will be restored automatically.",
    2157: "Sec-def data farm connection is broken:secdefil",
    2158: "Sec-def data farm connection is OK:secdefil",
    10089: "Requested market data requires additional subscription for API. See link in 'Market Data Connections' "
    "dialog for more details.Delayed market data is available.",
    10167: "Requested market data is not subscribed. Displaying delayed market data.",
    10197: "No market data during competing live session",
    10349: "Order TIF was set to DAY based on order preset.",
}


def text_of_code(code: int) -> str:
    """IB's words, or a plain sentence for a code that is not listed here."""
    return TEXTS.get(code, f"Error {code}")
