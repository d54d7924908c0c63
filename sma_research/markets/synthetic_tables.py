"""Names for the synthetic market: sectors, industries, tags, tickers and funds.

The classification imitates the four-level scheme that index vendors use: eleven
sectors, sixty industries. A tag is a set of industries, so tags and industries can
never disagree.
"""

from typing import Final

# sector -> (industry, share of the number of listed companies in per mille)
INDUSTRIES: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    "Communication Services": (
        ("Diversified Telecommunication", 8),
        ("Entertainment", 12),
        ("Interactive Media", 12),
        ("Media", 14),
    ),
    "Consumer Discretionary": (
        ("Automobile Components", 10),
        ("Automobiles", 5),
        ("Broadline Retail", 6),
        ("Casinos & Gaming", 8),
        ("Homebuilding", 9),
        ("Hotels & Restaurants", 19),
        ("Specialty Retail", 28),
        ("Textiles & Luxury Goods", 14),
        ("Leisure Products", 8),
    ),
    "Consumer Staples": (
        ("Brewers", 3),
        ("Distillers & Vintners", 3),
        ("Food Products", 14),
        ("Food Retail", 8),
        ("Household Products", 6),
        ("Personal Care", 7),
        ("Soft Drinks", 4),
        ("Tobacco", 3),
    ),
    "Energy": (
        ("Coal", 4),
        ("Integrated Oil & Gas", 4),
        ("Oil & Gas Equipment", 14),
        ("Oil & Gas Production", 20),
        ("Oil & Gas Refining & Transport", 10),
    ),
    "Financials": (
        ("Banks", 90),
        ("Capital Markets", 36),
        ("Consumer Finance", 12),
        ("Insurance", 34),
        ("Multi-Sector Holdings", 4),
        ("Payment Services", 14),
    ),
    "Health Care": (
        ("Biotechnology", 92),
        ("Health Care Equipment", 36),
        ("Health Care Providers", 24),
        ("Life Sciences Tools", 12),
        ("Pharmaceuticals", 24),
    ),
    "Industrials": (
        ("Aerospace & Defense", 14),
        ("Air Freight & Airlines", 8),
        ("Building Products", 13),
        ("Commercial Services", 22),
        ("Construction & Engineering", 13),
        ("Electrical Equipment", 16),
        ("Machinery", 34),
        ("Professional Services", 20),
        ("Road & Rail", 8),
    ),
    "Information Technology": (
        ("Communications Equipment", 10),
        ("Electronic Components", 18),
        ("Semiconductors", 24),
        ("Software", 56),
        ("Technology Hardware", 8),
    ),
    "Materials": (
        ("Chemicals", 20),
        ("Containers & Packaging", 7),
        ("Metals & Mining", 18),
    ),
    "Real Estate": (
        ("Industrial & Office Trusts", 18),
        ("Residential Trusts", 10),
        ("Retail & Specialized Trusts", 20),
    ),
    "Utilities": (
        ("Electric Utilities", 12),
        ("Gas & Water Utilities", 8),
        ("Multi-Utilities", 5),
    ),
}

TAGS: Final[dict[str, frozenset[str]]] = {
    "tobacco": frozenset({"Tobacco"}),
    "alcohol": frozenset({"Brewers", "Distillers & Vintners"}),
    "weapons": frozenset({"Aerospace & Defense"}),
    "gambling": frozenset({"Casinos & Gaming"}),
    "fossil_fuel": frozenset(industry for industry, _ in INDUSTRIES["Energy"]),
}

# Familiar tickers of large companies with the industry they are known for. Order is
# the rank by size; only names and industries are real, no number is.
FAMILIAR: Final[tuple[tuple[str, str], ...]] = (
    ("MSFT", "Software"),
    ("AAPL", "Technology Hardware"),
    ("NVDA", "Semiconductors"),
    ("AMZN", "Broadline Retail"),
    ("META", "Interactive Media"),
    ("AVGO", "Semiconductors"),
    ("GOOGL", "Interactive Media"),
    ("BRKB", "Multi-Sector Holdings"),
    ("TSLA", "Automobiles"),
    ("GOOG", "Interactive Media"),
    ("JPM", "Banks"),
    ("LLY", "Pharmaceuticals"),
    ("V", "Payment Services"),
    ("XOM", "Integrated Oil & Gas"),
    ("MA", "Payment Services"),
    ("COST", "Food Retail"),
    ("UNH", "Health Care Providers"),
    ("NFLX", "Entertainment"),
    ("WMT", "Food Retail"),
    ("PG", "Household Products"),
    ("JNJ", "Pharmaceuticals"),
    ("HD", "Specialty Retail"),
    ("ABBV", "Biotechnology"),
    ("KO", "Soft Drinks"),
    ("PM", "Tobacco"),
    ("BAC", "Banks"),
    ("CRM", "Software"),
    ("ORCL", "Software"),
    ("CVX", "Integrated Oil & Gas"),
    ("BUD", "Brewers"),
)

STYLES: Final = (
    "size",
    "value",
    "momentum",
    "volatility",
    "growth",
    "profitability",
    "leverage",
    "liquidity",
    "dividend yield",
)

# fund -> (rule, argument); `identical` groups by the index, so two funds on one
# index are substantially identical and all others are not.
FUNDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("ETF-BROAD", "benchmark", "broad"),
    ("ETF-LARGE", "benchmark", "large"),
    ("ETF-MID", "benchmark", "mid"),
    ("ETF-SMALL", "benchmark", "small"),
    ("ETF-BROAD-2", "benchmark", "broad"),
    ("ETF-TECHNOLOGY", "sector", "Information Technology"),
    ("ETF-FINANCIALS", "sector", "Financials"),
    ("ETF-HEALTH", "sector", "Health Care"),
    ("ETF-CONSUMER", "sector", "Consumer Discretionary"),
    ("ETF-VALUE", "style", "value"),
    ("ETF-GROWTH", "style", "growth"),
    ("ETF-MOMENTUM", "style", "momentum"),
    ("ETF-LARGE-2", "benchmark", "large"),
    ("ETF-INDUSTRIALS", "sector", "Industrials"),
    ("ETF-ENERGY", "sector", "Energy"),
    ("ETF-STAPLES", "sector", "Consumer Staples"),
    ("ETF-UTILITIES", "sector", "Utilities"),
    ("ETF-COMMUNICATION", "sector", "Communication Services"),
    ("ETF-MATERIALS", "sector", "Materials"),
    ("ETF-REAL-ESTATE", "sector", "Real Estate"),
    ("ETF-DIVIDEND", "style", "dividend yield"),
    ("ETF-QUALITY", "style", "profitability"),
)
