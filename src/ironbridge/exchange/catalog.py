"""Stocks, funds, indices and currency pairs that the venue lists, with the numbers that their prices start from.

Pure data: identities are IB's own where they are well known, prices are plausible for November 2026 and serve as the
anchor of the seeded walk. `volatility` is a year's; `beta` is the share of it that moves with the market.
"""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seedling:
    """One row of the catalogue.

    Parameters:
        price: where the walk is anchored.
        volatility: standard deviation of a year's log return.
        beta: market moves in units of the market's own volatility.
        spread: usual spread in ticks.
        depth: usual size at one price, in units.
        daily_volume: units a day.
    """

    symbol: str
    con_id: int
    price: float
    volatility: float
    beta: float
    spread: int
    depth: int
    daily_volume: int
    primary_exchange: str
    long_name: str
    industry: str = ""
    category: str = ""
    subcategory: str = ""
    stock_type: str = "COMMON"


_S = Seedling
STOCKS: tuple[Seedling, ...] = (
    _S("AAPL", 265598, 271.50, 0.27, 1.1, 1, 300, 48_000_000, "NASDAQ", "APPLE INC", "Technology", "Computers", "Computers"),
    _S("MSFT", 272093, 512.40, 0.25, 1.0, 2, 200, 21_000_000, "NASDAQ", "MICROSOFT CORP", "Technology", "Software", "Applications Software"),
    _S("NVDA", 4815747, 196.80, 0.42, 1.8, 1, 600, 180_000_000, "NASDAQ", "NVIDIA CORP", "Technology", "Semiconductors", "Electronic Compo-Semicon"),
    _S("AMZN", 3691937, 241.20, 0.31, 1.3, 1, 300, 42_000_000, "NASDAQ", "AMAZON.COM INC", "Communications", "Internet", "E-Commerce/Products"),
    _S("GOOGL", 208813719, 289.60, 0.30, 1.1, 1, 250, 33_000_000, "NASDAQ", "ALPHABET INC-CL A", "Communications", "Internet", "Web Portals/ISP"),
    _S("GOOG", 208813720, 290.10, 0.30, 1.1, 2, 200, 22_000_000, "NASDAQ", "ALPHABET INC-CL C", "Communications", "Internet", "Web Portals/ISP"),
    _S("META", 107113386, 655.30, 0.33, 1.3, 4, 120, 14_000_000, "NASDAQ", "META PLATFORMS INC-CLASS A", "Communications", "Internet", "Internet Content-Entmnt"),
    _S("TSLA", 76792991, 412.70, 0.52, 1.8, 3, 200, 85_000_000, "NASDAQ", "TESLA INC", "Consumer, Cyclical", "Auto Manufacturers", "Auto-Cars/Light Trucks"),
    _S("AVGO", 313130367, 352.10, 0.42, 1.6, 4, 150, 24_000_000, "NASDAQ", "BROADCOM INC", "Technology", "Semiconductors", "Electronic Compo-Semicon"),
    _S("AMD", 4391, 222.40, 0.48, 1.8, 1, 300, 52_000_000, "NASDAQ", "ADVANCED MICRO DEVICES", "Technology", "Semiconductors", "Electronic Compo-Semicon"),
    _S("INTC", 270639, 37.85, 0.45, 1.3, 1, 2000, 95_000_000, "NASDAQ", "INTEL CORP", "Technology", "Semiconductors", "Electronic Compo-Semicon"),
    _S("CSCO", 268084, 76.30, 0.22, 0.9, 1, 800, 20_000_000, "NASDAQ", "CISCO SYSTEMS INC", "Communications", "Telecommunications", "Networking Products"),
    _S("ORCL", 272800, 233.50, 0.40, 1.3, 3, 200, 18_000_000, "NYSE", "ORACLE CORP", "Technology", "Software", "Enterprise Software/Serv"),
    _S("NFLX", 15124833, 112.60, 0.33, 1.1, 2, 250, 36_000_000, "NASDAQ", "NETFLIX INC", "Communications", "Internet", "Internet Content-Entmnt"),
    _S("ADBE", 265768, 334.20, 0.32, 1.1, 6, 100, 4_200_000, "NASDAQ", "ADOBE INC", "Technology", "Software", "Electronic Forms"),
    _S("CRM", 28812380, 246.90, 0.32, 1.2, 4, 120, 7_500_000, "NYSE", "SALESFORCE INC", "Technology", "Software", "Applications Software"),
    _S("PLTR", 444857009, 173.40, 0.60, 1.9, 2, 300, 70_000_000, "NASDAQ", "PALANTIR TECHNOLOGIES INC-A", "Technology", "Software", "Applications Software"),
    _S("JPM", 1520593, 309.80, 0.23, 1.0, 3, 150, 9_500_000, "NYSE", "JPMORGAN CHASE & CO", "Financial", "Banks", "Diversified Banking Inst"),
    _S("BAC", 10098, 53.10, 0.25, 1.1, 1, 2500, 38_000_000, "NYSE", "BANK OF AMERICA CORP", "Financial", "Banks", "Diversified Banking Inst"),
    _S("GS", 4627828, 802.50, 0.27, 1.2, 15, 60, 2_100_000, "NYSE", "GOLDMAN SACHS GROUP INC", "Financial", "Banks", "Diversified Banking Inst"),
    _S("V", 49462172, 331.40, 0.20, 0.9, 4, 120, 6_100_000, "NYSE", "VISA INC-CLASS A SHARES", "Financial", "Diversified Finan Serv", "Finance-Credit Card"),
    _S("MA", 38685693, 546.20, 0.21, 0.9, 8, 80, 2_700_000, "NYSE", "MASTERCARD INC - A", "Financial", "Diversified Finan Serv", "Finance-Credit Card"),
    _S("BRK B", 72063691, 509.70, 0.17, 0.7, 5, 120, 4_300_000, "NYSE", "BERKSHIRE HATHAWAY INC-CL B", "Financial", "Insurance", "Reinsurance"),
    _S("JNJ", 8719, 201.60, 0.17, 0.4, 2, 200, 8_300_000, "NYSE", "JOHNSON & JOHNSON", "Consumer, Non-cyclical", "Pharmaceuticals", "Medical-Drugs"),
    _S("PFE", 11031, 25.10, 0.24, 0.5, 1, 4000, 45_000_000, "NYSE", "PFIZER INC", "Consumer, Non-cyclical", "Pharmaceuticals", "Medical-Drugs"),
    _S("LLY", 9160, 1021.00, 0.33, 0.6, 30, 50, 3_100_000, "NYSE", "ELI LILLY & CO", "Consumer, Non-cyclical", "Pharmaceuticals", "Medical-Drugs"),
    _S("UNH", 13272, 322.80, 0.34, 0.5, 6, 100, 7_900_000, "NYSE", "UNITEDHEALTH GROUP INC", "Consumer, Non-cyclical", "Healthcare-Services", "Medical-HMO"),
    _S("PG", 11017, 147.90, 0.16, 0.4, 1, 300, 8_100_000, "NYSE", "PROCTER & GAMBLE CO/THE", "Consumer, Non-cyclical", "Cosmetics/Personal Care", "Cosmetics&Toiletries"),
    _S("KO", 8894, 71.20, 0.15, 0.4, 1, 1200, 16_000_000, "NYSE", "COCA-COLA CO/THE", "Consumer, Non-cyclical", "Beverages", "Beverages-Non-alcoholic"),
    _S("WMT", 13824, 103.50, 0.20, 0.6, 1, 700, 17_000_000, "NASDAQ", "WALMART INC", "Consumer, Cyclical", "Retail", "Retail-Discount"),
    _S("COST", 272997, 918.40, 0.20, 0.7, 20, 50, 2_200_000, "NASDAQ", "COSTCO WHOLESALE CORP", "Consumer, Cyclical", "Retail", "Retail-Discount"),
    _S("HD", 7930, 371.60, 0.22, 0.9, 6, 90, 3_900_000, "NYSE", "HOME DEPOT INC", "Consumer, Cyclical", "Retail", "Retail-Building Products"),
    _S("MCD", 9408, 306.10, 0.17, 0.5, 4, 100, 3_200_000, "NYSE", "MCDONALD'S CORP", "Consumer, Cyclical", "Retail", "Retail-Restaurants"),
    _S("DIS", 6459, 106.30, 0.27, 1.0, 1, 500, 10_500_000, "NYSE", "WALT DISNEY CO/THE", "Communications", "Media", "Multimedia"),
    _S("XOM", 13977, 117.40, 0.22, 0.6, 1, 500, 15_000_000, "NYSE", "EXXON MOBIL CORP", "Energy", "Oil&Gas", "Oil Comp-Integrated"),
    _S("CVX", 5684, 151.80, 0.22, 0.6, 1, 350, 8_200_000, "NYSE", "CHEVRON CORP", "Energy", "Oil&Gas", "Oil Comp-Integrated"),
    _S("BA", 4762, 194.30, 0.34, 1.2, 2, 180, 8_600_000, "NYSE", "BOEING CO/THE", "Industrial", "Aerospace/Defense", "Aerospace/Defense"),
    _S("CAT", 5437, 562.00, 0.29, 1.1, 12, 70, 3_400_000, "NYSE", "CATERPILLAR INC", "Industrial", "Machinery-Constr&Mining", "Machinery-Constr&Mining"),
    _S("IBM", 8314, 301.20, 0.26, 0.8, 4, 110, 5_100_000, "NYSE", "INTL BUSINESS MACHINES CORP", "Technology", "Computers", "Computer Services"),
    _S("F", 9599491, 13.15, 0.32, 1.1, 1, 9000, 70_000_000, "NYSE", "FORD MOTOR CO", "Consumer, Cyclical", "Auto Manufacturers", "Auto-Cars/Light Trucks"),
    _S("T", 37018770, 25.40, 0.20, 0.4, 1, 6000, 38_000_000, "NYSE", "AT&T INC", "Communications", "Telecommunications", "Telephone-Integrated"),
    _S("UBER", 365207014, 92.10, 0.36, 1.3, 1, 500, 19_000_000, "NYSE", "UBER TECHNOLOGIES INC", "Technology", "Internet", "Commercial Services"),
    _S("SPY", 756733, 672.40, 0.16, 1.0, 1, 900, 75_000_000, "ARCA", "SS SPDR S&P 500 ETF TRUST-US", stock_type="ETF"),
    _S("QQQ", 320227571, 611.80, 0.21, 1.0, 1, 600, 55_000_000, "NASDAQ", "INVESCO QQQ TRUST SERIES 1", stock_type="ETF"),
    _S("IWM", 9579970, 238.90, 0.22, 1.2, 1, 700, 38_000_000, "ARCA", "ISHARES RUSSELL 2000 ETF", stock_type="ETF"),
    _S("DIA", 73128548, 471.20, 0.15, 0.9, 3, 200, 5_200_000, "ARCA", "SS SPDR DJIA ETF TRUST", stock_type="ETF"),
    _S("TLT", 15547841, 89.60, 0.13, -0.2, 1, 1500, 34_000_000, "NASDAQ", "ISHARES 20+ YEAR TREASURY BD", stock_type="ETF"),
    _S("GLD", 51529211, 377.30, 0.17, 0.1, 1, 400, 14_000_000, "ARCA", "SPDR GOLD SHARES", stock_type="ETF"),
    _S("SLV", 39039301, 46.20, 0.30, 0.2, 1, 1500, 25_000_000, "ARCA", "ISHARES SILVER TRUST", stock_type="ETF"),
    _S("XLF", 4215220, 52.40, 0.19, 1.0, 1, 3000, 40_000_000, "ARCA", "STATE STREET FINANCIAL SELEC", stock_type="ETF"),
    _S("XLE", 4215217, 90.20, 0.23, 0.6, 1, 1500, 15_000_000, "ARCA", "STATE STREET ENERGY SELECT S", stock_type="ETF"),
    _S("EEM", 17382663, 54.60, 0.19, 0.8, 1, 3000, 27_000_000, "ARCA", "ISHARES MSCI EMERGING MARKET", stock_type="ETF"),
)  # fmt: skip

INDICES: tuple[Seedling, ...] = (
    _S("SPX", 416904, 6738.50, 0.16, 1.0, 1, 0, 0, "CBOE", "S&P 500 Stock Index", "Indices", "Broad Range Equity Index", "*"),
    _S("NDX", 416843, 25135.00, 0.21, 1.0, 1, 0, 0, "NASDAQ", "NASDAQ 100 Stock Index", "Indices", "Broad Range Equity Index", "*"),
    _S("VIX", 13455763, 18.40, 0.80, -3.5, 1, 0, 0, "CBOE", "CBOE Volatility Index", "Indices", "Volatility Index", "*"),
)  # fmt: skip

PAIRS: tuple[Seedling, ...] = (
    _S("EUR.USD", 12087792, 1.15720, 0.070, 0.0, 2, 2_000_000, 0, "IDEALPRO", "European Monetary Union Euro"),
    _S("GBP.USD", 12087797, 1.31480, 0.075, 0.1, 3, 2_000_000, 0, "IDEALPRO", "British pound"),
    _S("USD.JPY", 15016059, 154.620, 0.085, 0.1, 2, 2_000_000, 0, "IDEALPRO", "United States dollar"),
)

COMMODITIES: dict[str, Seedling] = {
    "ES": _S("ES", 0, 6738.50, 0.16, 1.0, 1, 40, 1_500_000, "CME", ""),
    "NQ": _S("NQ", 0, 25135.00, 0.21, 1.0, 2, 6, 600_000, "CME", ""),
    "CL": _S("CL", 0, 61.40, 0.35, 0.2, 1, 12, 300_000, "NYMEX", ""),
    "GC": _S("GC", 0, 4092.00, 0.17, 0.0, 2, 8, 220_000, "COMEX", ""),
    "ZN": _S("ZN", 0, 112.8125, 0.055, -0.2, 1, 900, 1_700_000, "CBOT", ""),
    "MES": _S("MES", 0, 6738.50, 0.16, 1.0, 1, 90, 1_100_000, "CME", ""),
    "MNQ": _S("MNQ", 0, 25135.00, 0.21, 1.0, 1, 30, 1_300_000, "CME", ""),
    "MCL": _S("MCL", 0, 61.40, 0.35, 0.2, 1, 60, 90_000, "NYMEX", ""),
    "MGC": _S("MGC", 0, 4092.00, 0.17, 0.0, 1, 25, 180_000, "COMEX", ""),
    "MTN": _S("MTN", 0, 112.8125, 0.055, -0.2, 1, 60, 20_000, "CBOT", ""),
}
"""How futures trade: anchor price, spread, depth and volume of the front month, by product."""
