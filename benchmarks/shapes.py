"""The kinds of workbook that people fill, each for any number of rows.

A shape's function yields its sheets, each a name and its rows; a text that begins with `=` is a
formula, one in braces (`{=SUM(…)}`) an array formula of its cell. Where formualizer's
benchmarks/scenarios.yaml has the same workbook, the shape has the name of its scenario, without
the number of rows.
"""

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

Cell = str | float | int | bool | None
Rows = Iterable[Sequence[Cell]]
Sheets = Iterator[tuple[str, Rows]]


class Change(NamedTuple):
    """An input that somebody changes: its cell, as a row and a column, and the new value."""

    sheet: str
    row: int
    column: int
    value: float | str


class Shape(NamedTuple):
    """One kind of workbook; `most_rows` is the largest that is made, `drawn` one with RAND."""

    name: str
    about: str
    sheets: Callable[[int], Sheets]
    change: Callable[[int], Change]
    most_rows: int
    drawn: bool


SHAPES: dict[str, Shape] = {}


def shape(
    change: Callable[[int], Change] | Change, *, most_rows: int = 1_000_000, drawn: bool = False
) -> Callable[[Callable[[int], Sheets]], Callable[[int], Sheets]]:
    """Take a function in as a shape, with what a person changes in it."""
    changed = change if callable(change) else lambda n: change

    def take(sheets: Callable[[int], Sheets]) -> Callable[[int], Sheets]:
        name, about = sheets.__name__, (sheets.__doc__ or "").strip()
        SHAPES[name] = Shape(name, about, sheets, changed, most_rows, drawn)
        return sheets

    return take


REGIONS = ("North", "South", "East", "West")
PRODUCTS = ("A", "B", "C", "D", "E")
CHANNELS = ("Online", "Retail", "Partner")
STATUSES = ("Open", "Closed", "Pending", "Escalated")
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WORDS = ("alpha", "bravo", "cedar", "delta", "ember", "falcon", "garnet", "harbor", "indigo")
FIRST_DAY = 44_562  # 2022-01-01


def letters(column: int) -> str:
    """The letters of a column, counted from 1."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def numbers(seed: int, low: float, high: float) -> Iterator[float]:
    """Amounts in cents, always the same ones."""
    generator = random.Random(seed)
    while True:
        yield generator.randrange(int(low * 100), int(high * 100)) / 100


def shuffled(n: int, seed: int) -> list[int]:
    """The numbers from 1 to n in an order that is always the same one."""
    order = list(range(1, n + 1))
    random.Random(seed).shuffle(order)
    return order


def code(number: int) -> str:
    return f"K{number:06d}"


# Lookups


@shape(lambda n: Change("Table", n // 2, 2, 12.5))
def vlookup_exact_number(n: int) -> Sheets:
    """exact VLOOKUP by number"""
    yield from _lookups(n, float, "=VLOOKUP(A{row},Table!$A$2:$B${last},2,FALSE)")


@shape(lambda n: Change("Table", n // 2, 2, 12.5))
def vlookup_exact_text(n: int) -> Sheets:
    """exact VLOOKUP by text"""
    yield from _lookups(n, code, "=VLOOKUP(A{row},Table!$A$2:$B${last},2,FALSE)")


@shape(lambda n: Change("Table", n // 2, 2, 12.5))
def index_match_number(n: int) -> Sheets:
    """INDEX and MATCH by number"""
    yield from _lookups(
        n, float, "=INDEX(Table!$B$2:$B${last},MATCH(A{row},Table!$A$2:$A${last},0))"
    )


@shape(lambda n: Change("Table", n // 2, 1, "K999999"))
def index_match_text(n: int) -> Sheets:
    """INDEX and MATCH by text"""
    yield from _lookups(
        n, code, "=INDEX(Table!$B$2:$B${last},MATCH(A{row},Table!$A$2:$A${last},0))"
    )


@shape(lambda n: Change("Lookups", n // 2, 1, "K000002"))
def xlookup_text(n: int) -> Sheets:
    """XLOOKUP by text"""
    formula = '=_xlfn.XLOOKUP(A{row},Table!$A$2:$A${last},Table!$B$2:$B${last},"none")'
    yield from _lookups(n, code, formula)


@shape(lambda n: Change("Table", n // 2, 2, 12.5))
def vlookup_approximate_number(n: int) -> Sheets:
    """approximate VLOOKUP by number"""
    yield from _lookups(
        n, lambda key: key + 0.5, "=VLOOKUP(A{row},Table!$A$2:$B${last},2)", sort=True
    )


def _lookups(n: int, key: Callable[[int], Cell], formula: str, *, sort: bool = False) -> Sheets:
    """n lookups into a table of n rows, whose keys are in order only where `sort` says so."""
    order = shuffled(n, 1)
    stored = range(1, n + 1) if sort else order
    prices = numbers(2, 1, 500)
    keys = (float(each) for each in stored) if sort else map(key, stored)
    yield (
        "Table",
        [["key", "price"], *([each, price] for each, price in zip(keys, prices, strict=False))],
    )
    wanted = shuffled(n, 3)
    yield (
        "Lookups",
        [
            ["key", "price"],
            *(
                [key(each), formula.format(row=row, last=n + 1)]
                for row, each in enumerate(wanted, 2)
            ),
        ],
    )


@shape(lambda n: Change("Lookup", n // 2, 2, 777_777))
def lookup_index_match_dense(n: int) -> Sheets:
    """INDEX and MATCH of two columns on another sheet"""
    yield "Lookup", [["key", "one", "two"], *([code(i), i * 7, i * 11] for i in range(1, n + 1))]
    count = max(1, 2 * n // 5)
    match = f"MATCH(A{{row}},Lookup!$A$2:$A${n + 1},0)"
    yield (
        "Queries",
        [
            ["key", "one", "two"],
            *(
                [code(i * 7919 % n + 1), *(_index("Lookup", c, n, match, i + 2) for c in "BC")]
                for i in range(count)
            ),
        ],
    )


def _index(sheet: str, column: str, n: int, match: str, row: int) -> str:
    return f"=INDEX({sheet}!${column}$2:${column}${n + 1},{match.format(row=row)})"


@shape(lambda n: Change("RegionDim", 4, 2, 19))
def lookup_cross_sheet_dim_fact(n: int) -> Sheets:
    """facts joined to their dimensions by INDEX and MATCH"""
    yield "RegionDim", [["region", "target"], *([r, 10 + 3 * i] for i, r in enumerate(REGIONS))]
    yield "ProductDim", [["product", "price"], *([p, 2 + i] for i, p in enumerate(PRODUCTS))]
    yield (
        "Facts",
        [
            ["id", "region", "product", "channel", "units", "revenue"],
            *(
                [
                    code(i),
                    REGIONS[i % 4],
                    PRODUCTS[i % 5],
                    CHANNELS[i % 3],
                    i % 17 + 1,
                    f"=E{i + 1}*INDEX(ProductDim!$B$2:$B$6,MATCH(C{i + 1},ProductDim!$A$2:$A$6,0))",
                ]
                for i in range(1, n + 1)
            ),
        ],
    )
    match = f"MATCH(A{{row}},Facts!$A$2:$A${n + 1},0)"
    yield (
        "Report",
        [
            ["id", "revenue", "region", "product", "target", "price", "sum"],
            *(
                [
                    code(i * 7919 % n + 1),
                    *(_index("Facts", c, n, match, i + 2) for c in "FBC"),
                    f"=INDEX(RegionDim!$B$2:$B$5,MATCH(C{i + 2},RegionDim!$A$2:$A$5,0))",
                    f"=INDEX(ProductDim!$B$2:$B$6,MATCH(D{i + 2},ProductDim!$A$2:$A$6,0))",
                    f"=B{i + 2}*E{i + 2}*F{i + 2}",
                ]
                for i in range(max(1, n // 10))
            ),
        ],
    )


@shape(lambda n: Change("Rates", 3, 4, 99.5))
def two_way_match(n: int) -> Sheets:
    """INDEX with MATCH of a row and of a column"""
    zones = [f"Zone {i}" for i in range(1, 25)]
    weights = [f"{i} kg" for i in range(1, 41)]
    price = numbers(4, 3, 90)
    yield "Rates", [[None, *zones], *([w, *(next(price) for _ in zones)] for w in weights)]
    formula = (
        "=INDEX(Rates!$B$2:$Y$41,MATCH(A{r},Rates!$A$2:$A$41,0),MATCH(B{r},Rates!$B$1:$Y$1,0))"
    )
    yield (
        "Parcels",
        [
            ["weight", "zone", "price"],
            *(
                [weights[r * 7 % 40], zones[r * 11 % 24], formula.format(r=r)]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Plan", 2, 3, 17.5))
def hlookup(n: int) -> Sheets:
    """HLOOKUP of a month, then the share of the year"""
    amount = numbers(5, 100, 900)
    yield "Plan", [["item", *MONTHS], *([w, *(next(amount) for _ in MONTHS)] for w in WORDS)]
    yield (
        "Items",
        [
            ["month", "line", "planned", "share"],
            *(
                [
                    MONTHS[r * 5 % 12],
                    r % 9 + 2,
                    f"=HLOOKUP(A{r},Plan!$B$1:$M$10,B{r},FALSE)",
                    f"=C{r}/SUM(Plan!$B${r % 9 + 2}:$M${r % 9 + 2})",
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Grades", 2, 4, 1.5))
def grading(n: int) -> Sheets:
    """marks to grades: weights, an approximate lookup of text, what lies above the mean"""
    generator = random.Random(6)
    scale = [(0, "F"), (50, "D"), (60, "C"), (70, "B"), (80, "A"), (95, "A+")]
    rows: list[list[Cell]] = [["name", "one", "two", "final", "total", "grade", "above"]]
    for r in range(2, n + 2):
        marks = [generator.randrange(0, 101) for _ in range(3)]
        rows.append(
            [
                f"student {r - 1}",
                *marks,
                f"=ROUND(B{r}*0.25+C{r}*0.25+D{r}*0.5,1)",
                f"=VLOOKUP(E{r},Scale!$A$1:$B$6,2,TRUE)",
                f'=IF(E{r}>AVERAGE(E$2:E${n + 1}),"above","")',
            ]
        )
    yield "Grades", rows
    yield "Scale", scale


# Conditional sums


@shape(Change("Facts", 3, 2, 12.5))
def sumifs_text(n: int) -> Sheets:
    """SUMIFS by text over all rows, in every row"""
    amount, keys = numbers(7, 1, 900), random.Random(8)
    customers = [f"Customer {i}" for i in range(max(1, n // 20))]
    yield (
        "Facts",
        [
            ["customer", "amount", "of the customer"],
            *(
                [
                    keys.choice(customers),
                    next(amount),
                    f"=SUMIFS(B$2:B${n + 1},A$2:A${n + 1},A{r})",
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Facts", 3, 2, 12.5))
def sumifs_number(n: int) -> Sheets:
    """SUMIFS by number over all rows, in every row"""
    amount, keys = numbers(7, 1, 900), random.Random(8)
    yield (
        "Facts",
        [
            ["account", "amount", "of the account"],
            *(
                [
                    keys.randrange(max(1, n // 20)) + 4000,
                    next(amount),
                    f"=SUMIFS(B$2:B${n + 1},A$2:A${n + 1},A{r})",
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("People", 3, 1, "name7@example.org"))
def countif_duplicates(n: int) -> Sheets:
    """COUNTIF to find duplicates, over all rows and over those above"""
    keys = random.Random(9)
    yield (
        "People",
        [
            ["mail", "times", "seen before"],
            *(
                [
                    f"name{keys.randrange(n)}@example.org",
                    f"=COUNTIF($A$2:$A${n + 1},A{r})",
                    f'=IF(COUNTIF(A$2:A{r},A{r})>1,"again","")',
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Scores", 3, 2, 50.25))
def rank_percentrank(n: int) -> Sheets:
    """RANK, PERCENTRANK and a rank without ties, of n / 2 rows"""
    count = n // 2
    score = numbers(10, 0, 200)
    area = f"$B$2:$B${count + 1}"
    yield (
        "Scores",
        [
            ["name", "score", "rank", "percent", "order"],
            *(
                [
                    f"team {r}",
                    next(score),
                    f"=RANK(B{r},{area})",
                    f"=PERCENTRANK({area},B{r})",
                    f"=C{r}+COUNTIF(B$2:B{r},B{r})-1",
                ]
                for r in range(2, count + 2)
            ),
        ],
    )


@shape(Change("Data", 3, 2, 12.5))
def sumif_whole_columns(n: int) -> Sheets:
    """SUMIF over whole columns, n / 10 of them"""
    amount, keys = numbers(11, 1, 900), random.Random(12)
    count = max(1, n // 10)
    yield (
        "Data",
        [["part", "amount"], *([code(keys.randrange(count)), next(amount)] for _ in range(n))],
    )
    yield (
        "Report",
        [
            ["part", "sum"],
            *([code(i), f"=SUMIF(Data!A:A,A{i + 2},Data!B:B)"] for i in range(count)),
        ],
    )


@shape(lambda n: Change("Facts", n // 2, 4, 99))
def sumifs_fact_table(n: int) -> Sheets:
    """SUMIFS of three texts over whole columns of formulas"""
    yield (
        "Facts",
        [
            ["region", "product", "channel", "units", "price", "revenue"],
            *(
                [
                    REGIONS[i % 4],
                    PRODUCTS[i // 4 % 5],
                    CHANNELS[i // 20 % 3],
                    i % 23 + 1,
                    i % 19 + 7,
                    f"=D{i + 2}*E{i + 2}",
                ]
                for i in range(n)
            ),
        ],
    )
    where = ",".join(f"Facts!${c}:${c},{c}{{row}}" for c in "ABC")
    yield (
        "Report",
        [
            ["region", "product", "channel", "revenue"],
            *(
                [
                    REGIONS[i % 4],
                    PRODUCTS[i // 4 % 5],
                    CHANNELS[i // 20 % 3],
                    f"=SUMIFS(Facts!$F:$F,{where.format(row=i + 2)})",
                ]
                for i in range(max(1, n // 100))
            ),
        ],
    )


@shape(Change("Facts", 242, 5, 3))
def agg_countifs_multi_criteria(n: int) -> Sheets:
    """COUNTIFS of four texts and a bound"""
    yield (
        "Facts",
        [
            ["region", "product", "channel", "status", "priority"],
            *(
                [REGIONS[i % 4], PRODUCTS[i % 5], CHANNELS[i % 3], STATUSES[i // 4 % 4], i % 10 + 1]
                for i in range(n)
            ),
        ],
    )
    pairs = ",".join(f"Facts!${c}$2:${c}${n + 1},{c}{{row}}" for c in "ABCD")
    formula = f'=COUNTIFS({pairs},Facts!$E$2:$E${n + 1},">="&E{{row}})'
    yield (
        "Report",
        [
            ["region", "product", "channel", "status", "from", "count"],
            *(
                [
                    REGIONS[i % 4],
                    PRODUCTS[i % 5],
                    CHANNELS[i % 3],
                    STATUSES[i // 4 % 4],
                    i % 8 + 1,
                    formula.format(row=i + 2),
                ]
                for i in range(max(1, n // 100))
            ),
        ],
    )


@shape(Change("Facts", 242, 6, 30))
def agg_mixed_rollup_grid(n: int) -> Sheets:
    """SUMIFS, COUNTIFS and AVERAGEIFS beside each other"""
    dimensions = [
        (r, p, c, q) for r in REGIONS for p in PRODUCTS for c in CHANNELS for q in QUARTERS
    ]
    generator = random.Random(13)
    yield (
        "Facts",
        [
            ["region", "product", "channel", "quarter", "units", "price", "revenue"],
            *(
                [
                    *dimensions[generator.randrange(len(dimensions))],
                    i % 9 + 1,
                    i % 23 + 2,
                    f"=E{i + 2}*F{i + 2}",
                ]
                for i in range(n)
            ),
        ],
    )
    where = ",".join(f"Facts!${c}$2:${c}${n + 1},{c}{{row}}" for c in "ABCD")
    formulas = (
        f"=SUMIFS(Facts!$E$2:$E${n + 1},{where})",
        f"=COUNTIFS({where})",
        f'=IFERROR(AVERAGEIFS(Facts!$F$2:$F${n + 1},{where}),"")',
        f"=SUMIFS(Facts!$F$2:$F${n + 1},{where})",
    )
    yield (
        "Report",
        [
            ["region", "product", "channel", "quarter", "units", "count", "mean", "price"],
            *(
                [*dimensions[i % len(dimensions)], *(f.format(row=i + 2) for f in formulas)]
                for i in range(max(1, n // 20))
            ),
        ],
    )


@shape(Change("Data", 3, 2, 901.5))
def maxifs_minifs(n: int) -> Sheets:
    """MAXIFS, MINIFS and AVERAGEIF of each machine, n / 10 of them"""
    value, keys = numbers(14, 1, 900), random.Random(15)
    count = max(1, n // 10)
    yield (
        "Data",
        [["machine", "value"], *([f"M-{keys.randrange(count)}", next(value)] for _ in range(n))],
    )
    a, b = f"Data!$A$2:$A${n + 1}", f"Data!$B$2:$B${n + 1}"
    yield (
        "Report",
        [
            ["machine", "most", "least", "mean"],
            *(
                [
                    f"M-{i}",
                    f"=_xlfn.MAXIFS({b},{a},A{i + 2})",
                    f"=_xlfn.MINIFS({b},{a},A{i + 2})",
                    f'=IFERROR(AVERAGEIF({a},A{i + 2},{b}),"")',
                ]
                for i in range(count)
            ),
        ],
    )


@shape(Change("Titles", 3, 2, 12))
def wildcards(n: int) -> Sheets:
    """COUNTIF and SUMIF with wildcards, n / 50 of them"""
    generator = random.Random(16)
    yield (
        "Titles",
        [
            ["title", "sold"],
            *(
                [" ".join(generator.choices(WORDS, k=3)) + f" {generator.randrange(100)}", i % 40]
                for i in range(n)
            ),
        ],
    )
    a, b = f"Titles!$A$2:$A${n + 1}", f"Titles!$B$2:$B${n + 1}"
    patterns = [f"*{w}*" for w in WORDS] + [f"{w} *" for w in WORDS] + [f"*{i}?" for i in range(10)]
    yield (
        "Report",
        [
            ["like", "titles", "sold"],
            *(
                [
                    patterns[i % len(patterns)],
                    f"=COUNTIF({a},A{i + 2})",
                    f"=SUMIF({a},A{i + 2},{b})",
                ]
                for i in range(max(1, n // 50))
            ),
        ],
    )


@shape(Change("Ledger", 3, 3, 12.5))
def sumifs_months(n: int) -> Sheets:
    """SUMIFS from one day to another, for each month and account"""
    generator, amount = random.Random(17), numbers(18, 1, 900)
    yield (
        "Ledger",
        [
            ["day", "account", "amount"],
            *(
                [FIRST_DAY + generator.randrange(1461), 4000 + i % 25, next(amount)]
                for i in range(n)
            ),
        ],
    )
    day, account, sums = (f"Ledger!${c}$2:${c}${n + 1}" for c in "ABC")
    rows: list[list[Cell]] = [["month", *(4000 + i for i in range(min(25, max(1, n // 200))))]]
    for r in range(2, 50):
        rows.append(
            [
                FIRST_DAY if r == 2 else f"=EDATE(A{r - 1},1)",
                *(
                    f'=SUMIFS({sums},{day},">="&$A{r},{day},"<"&EDATE($A{r},1),{account},{letters(c)}$1)'
                    for c in range(2, len(rows[0]) + 1)
                ),
            ]
        )
    yield "Months", rows


@shape(Change("Ledger", 3, 2, 12.5))
def sumproduct_year_month(n: int) -> Sheets:
    """SUMPRODUCT over the years and months of days"""
    generator, amount = random.Random(17), numbers(18, 1, 900)
    yield (
        "Ledger",
        [
            ["day", "amount"],
            *([FIRST_DAY + generator.randrange(1461), next(amount)] for _ in range(n)),
        ],
    )
    day, sums = (f"Ledger!$A$2:$A${n + 1}", f"Ledger!$B$2:$B${n + 1}")
    yield (
        "Months",
        [
            ["month", 2022, 2023, 2024, 2025],
            *(
                [
                    m,
                    *(
                        f"=SUMPRODUCT((YEAR({day})={c}$1)*(MONTH({day})=$A{m + 1})*{sums})"
                        for c in "BCDE"
                    ),
                ]
                for m in range(1, 13)
            ),
        ],
    )


@shape(Change("Data", 3, 3, 12.5))
def sumproduct_conditions(n: int) -> Sheets:
    """SUMPRODUCT with conditions, n / 100 of them"""
    amount = numbers(19, 1, 900)
    yield (
        "Data",
        [
            ["region", "size", "amount"],
            *([REGIONS[i * 7 % 4], i * 13 % 50, next(amount)] for i in range(n)),
        ],
    )
    a, b, c = (f"Data!${x}$2:${x}${n + 1}" for x in "ABC")
    yield (
        "Report",
        [
            ["region", "from", "sum"],
            *(
                [REGIONS[i % 4], i * 7 % 50, f"=SUMPRODUCT(({a}=A{i + 2})*({b}>=B{i + 2})*{c})"]
                for i in range(max(1, n // 100))
            ),
        ],
    )


@shape(lambda n: Change("Sheet1", n // 2, 1, 7))
def sparse_whole_column_refs(n: int) -> Sheets:
    """one sum over a whole column with a number in every thousandth row"""
    last = n * 100
    yield "Sheet1", _sparse(last, {1: [1, None, "=SUM(A:A)"]}, range(1, min(last, 1_000_000), 1000))


def _sparse(last: int, special: dict[int, list[Cell]], rows: range) -> Rows:
    before = 0
    for row in rows:
        yield from ([] for _ in range(row - before - 1))
        yield special.get(row, [row])
        before = row


@shape(Change("Data", 3, 1, 12.5))
def histogram(n: int) -> Sheets:
    """a histogram by COUNTIFS of bounds, and its running share"""
    value = numbers(20, 0, 100)
    yield "Data", [["value"], *([next(value)] for _ in range(n))]
    area = f"Data!$A$2:$A${n + 1}"
    yield (
        "Histogram",
        [
            ["from", "to", "count", "share"],
            *(
                [
                    (r - 2) / 4,
                    (r - 1) / 4,
                    f'=COUNTIFS({area},">="&A{r},{area},"<"&B{r})',
                    f"=SUM(C$2:C{r})/COUNT({area})",
                ]
                for r in range(2, 402)
            ),
        ],
    )


@shape(Change("Sales", 3, 2, 12.5))
def percent_of_total(n: int) -> Sheets:
    """each row's share of all, of its group, and of the largest"""
    amount = numbers(21, 1, 900)
    yield (
        "Sales",
        [
            ["group", "amount", "of all", "of the group", "of the largest"],
            *(
                [
                    WORDS[r % 9],
                    next(amount),
                    f"=B{r}/SUM(B$2:B${n + 1})",
                    f"=B{r}/SUMIF(A$2:A${n + 1},A{r},B$2:B${n + 1})",
                    f"=B{r}/MAX(B$2:B${n + 1})",
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


# Wide sheets, one-off formulas, many sheets


@shape(Change("Growth", 2, 1, 3.5), most_rows=100_000)
def filled_right(n: int) -> Sheets:
    """formulas filled right: 100 rows, n / 10 columns"""
    columns = max(2, n // 10)
    yield (
        "Growth",
        [
            [r * 1.25, *(f"={letters(c - 1)}{r}*1.001+{r}" for c in range(2, columns + 1))]
            for r in range(1, 101)
        ],
    )


@shape(Change("Budget", 3, 2, 0.02), most_rows=100_000)
def budget_wide(n: int) -> Sheets:
    """a budget of n / 10 months beside each other, 40 formulas each"""
    columns = max(2, n // 10)
    costs = range(12, 42)
    rows: list[list[Cell]] = [
        ["month"],
        ["day"],
        ["growth"],
        ["units"],
        ["price"],
        ["revenue"],
        ["discount"],
        ["net"],
        ["returns"],
        ["tax"],
        [],
        *([f"cost {r - 11}"] for r in costs),
        ["costs"],
        ["profit"],
        ["so far"],
    ]
    for c in range(2, columns + 2):
        here, before = letters(c), letters(c - 1)
        first = c == 2
        values: list[Cell] = [
            1 if first else f"={before}1+1",
            FIRST_DAY if first else f"=EDATE({before}2,1)",
            0.01,
            100 if first else f"={before}4*(1+{here}3)",
            12.5 if first else f"=IF(MOD({here}1,12)=1,{before}5*1.03,{before}5)",
            f"={here}4*{here}5",
            f"=IF({here}6>2000,{here}6*0.05,0)",
            f"={here}6-{here}7",
            f"=ROUND({here}8*0.02,2)",
            f"=({here}8-{here}9)*0.19",
            None,
            *((r * 1.5 if first else f"={before}{r}*1.002+{here}$4*0.01") for r in costs),
            f"=SUM({here}12:{here}41)",
            f"={here}8-{here}9-{here}10-{here}42",
            f"={here}43" if first else f"={before}44+{here}43",
        ]
        for row, value in zip(rows, values, strict=True):
            row.append(value)
    yield "Budget", rows


@shape(Change("Model", 3, 1, 3.5))
def all_different(n: int) -> Sheets:
    """every formula another one"""
    generator = random.Random(22)
    yield "Model", [[i % 97 + 1.5, i % 89 + 2, _different(generator, i + 1)] for i in range(n)]


def _different(generator: random.Random, row: int) -> str:
    """A formula of a few terms over cells around, none like another."""

    def cell() -> str:
        return f"{generator.choice('AB')}{max(1, row - generator.randrange(60))}"

    def term(depth: int) -> str:
        kind = generator.randrange(9 if depth else 3)
        match kind:
            case 0:
                return cell()
            case 1:
                return f"${cell()}"
            case 2:
                return str(generator.randrange(1, 500) / 4).removesuffix(".0")
            case 3:
                return f"({term(depth - 1)}{generator.choice('+-')}{term(depth - 1)})"
            case 4:
                return f"{term(depth - 1)}*{term(depth - 1)}"
            case 5:
                top = max(1, row - generator.randrange(1, 30))
                return f"SUM(A{top}:B{row})"
            case 6:
                return f"IF({cell()}>{cell()},{term(depth - 1)},{term(depth - 1)})"
            case 7:
                return f"MAX({cell()},{term(depth - 1)})"
            case _:
                return f"ROUND({term(depth - 1)},{generator.randrange(4)})"

    return "=" + "+".join(term(2) for _ in range(generator.randrange(2, 4)))


@shape(lambda n: Change("Sheet1", 1, 1, 3))
def fanout(n: int) -> Sheets:
    """one cell times a number of its own in each row"""
    yield "Sheet1", [[2 if r == 1 else None, f"=A$1*{r}"] for r in range(1, n + 1)]


@shape(Change("Sheet1", 2, 1, 5.5))
def alternating(n: int) -> Sheets:
    """two formulas in turn"""
    yield (
        "Sheet1",
        [[r % 13 + 0.5, f"=A{r}*2+1" if r % 2 else f"=A{r}-B{r - 1}"] for r in range(1, n + 1)],
    )


@shape(Change("Sales", 3, 2, 12))
def subtotals_between(n: int) -> Sheets:
    """groups of rows with subtotals between, and a total of these"""
    generator, price = random.Random(23), numbers(24, 1, 90)
    rows: list[list[Cell]] = [["article", "units", "price", "amount", "tax"]]
    while len(rows) < n:
        first = len(rows) + 1
        for _ in range(generator.randrange(3, 12)):
            r = len(rows) + 1
            rows.append([WORDS[r % 9], r % 12 + 1, next(price), f"=B{r}*C{r}", f"=D{r}*0.19"])
        last = len(rows)
        sums = [f"=SUBTOTAL(9,{c}{first}:{c}{last})" for c in "BDE"]
        rows.append(["subtotal", sums[0], f"=D{last + 1}/B{last + 1}", *sums[1:]])
    total = [f"=SUBTOTAL(9,{c}2:{c}{len(rows)})" for c in "BDE"]
    rows.append(["total", total[0], None, *total[1:]])
    yield "Sales", rows


@shape(Change("Sheet 2", 2, 1, 5.5), most_rows=100_000)
def many_sheets(n: int) -> Sheets:
    """n / 25 sheets of 100 formulas, each beginning with the sheet before"""
    for number in range(1, max(2, n // 25) + 1):
        start: Cell = 100 if number == 1 else f"='Sheet {number - 1}'!C51"
        yield (
            f"Sheet {number}",
            [
                [1.5, "start", start],
                *([r % 9 + 0.5, f"=A{r}*1.02", f"=C{r - 1}+B{r}"] for r in range(2, 52)),
            ],
        )


@shape(lambda n: Change("Inputs", n // 2, 1, 99))
def cross_sheet_mesh(n: int) -> Sheets:
    """three sheets, row by row"""
    yield "Inputs", [[r % 97, r % 13 + 1, r % 7 + 0.5] for r in range(1, n + 1)]
    yield "CalcA", [[f"=Inputs!A{r}+Inputs!B{r}"] for r in range(1, n + 1)]
    yield "CalcB", [[f"=CalcA!A{r}*Inputs!C{r}"] for r in range(1, n + 1)]


@shape(Change("Mar", 3, 2, 12.5))
def monthly_sheets(n: int) -> Sheets:
    """twelve sheets of months and a year that adds them up"""
    amount = numbers(25, 1, 900)
    for month in MONTHS:
        yield (
            month,
            [
                ["item", "in", "out", "net"],
                *(
                    [code(r), next(amount), next(amount), f"=B{r}-C{r}"]
                    for r in range(2, n // 12 + 2)
                ),
            ],
        )
    yield (
        "Year",
        [
            ["item", "net", "mean in", "most out"],
            *(
                [
                    code(r),
                    "=" + "+".join(f"{m}!D{r}" for m in MONTHS),
                    f"=AVERAGE({','.join(f'{m}!B{r}' for m in MONTHS)})",
                    f"=MAX({','.join(f'{m}!C{r}' for m in MONTHS)})",
                ]
                for r in range(2, n // 12 + 2)
            ),
        ],
    )


# Dates and texts


@shape(Change("Tasks", 3, 1, 45_000))
def dates(n: int) -> Sheets:
    """EDATE, EOMONTH, YEAR, MONTH, WEEKDAY, NETWORKDAYS and TEXT of days"""
    generator = random.Random(26)
    yield (
        "Tasks",
        [
            [
                "begin",
                "days",
                "due",
                "end of month",
                "year",
                "month",
                "weekday",
                "working days",
                "said",
            ],
            *(
                [
                    FIRST_DAY + generator.randrange(1461),
                    generator.randrange(1, 120),
                    f"=EDATE(A{r},2)",
                    f"=EOMONTH(A{r},0)",
                    f"=YEAR(C{r})",
                    f"=MONTH(C{r})",
                    f"=WEEKDAY(A{r},2)",
                    f"=NETWORKDAYS(A{r},A{r}+B{r})",
                    f'=TEXT(A{r},"yyyy-mm-dd")',
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Names", 3, 1, "ada lovelace-120"))
def texts(n: int) -> Sheets:
    """LEFT, MID, SUBSTITUTE, UPPER, TEXT and joined texts"""
    generator = random.Random(27)
    yield (
        "Names",
        [
            ["text", "number", "first", "rest", "other", "capitals", "said", "all"],
            *(
                [
                    f"{' '.join(generator.choices(WORDS, k=2))}-{generator.randrange(1000)}",
                    generator.randrange(100_000) / 8,
                    f'=LEFT(A{r},FIND(" ",A{r})-1)',
                    f"=MID(A{r},LEN(C{r})+2,50)",
                    f'=SUBSTITUTE(D{r},"-","/")',
                    f"=UPPER(C{r})",
                    f'=TEXT(B{r},"#,##0.00")',
                    f'=F{r}&": "&E{r}&" ("&G{r}&")"',
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Words", 3, 1, "changed"))
def text_joins(n: int) -> Sheets:
    """TEXTJOIN, CONCATENATE, SEARCH, TRIM and LEN of words"""
    generator = random.Random(28)
    yield (
        "Words",
        [
            ["one", "two", "three", "joined", "address", "found", "letters"],
            *(
                [
                    generator.choice(WORDS),
                    f" {generator.choice(WORDS)} ",
                    generator.choice(WORDS) if r % 3 else None,
                    f'=_xlfn.TEXTJOIN(", ",TRUE,A{r}:C{r})',
                    f'=CONCATENATE(LOWER(A{r}),".",TRIM(B{r}),"@example.org")',
                    f'=IFERROR(SEARCH("a",D{r},4),0)',
                    f"=LEN(D{r})+LEN(E{r})",
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Stock", 3, 2, 41))
def nested_if_texts(n: int) -> Sheets:
    """nested IF that gives texts, and one that asks for them"""
    yield (
        "Stock",
        [
            ["item", "stock", "level", "order"],
            *(
                [
                    code(r),
                    r * 7919 % 100,
                    f'=IF(B{r}<10,"critical",IF(B{r}<40,"low",IF(B{r}<80,"normal","high")))',
                    f'=IF(C{r}="critical",100-B{r},IF(OR(C{r}="low",C{r}="Normal"),50,0))',
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Form", 3, 1, 41))
def if_blanks(n: int) -> Sheets:
    """IF against blanks: a third of the cells is not filled in"""
    yield (
        "Form",
        [
            ["given", "default", "used"],
            *(
                [r % 50 if r % 3 else None, r % 7, f'=IF(A{r}="",B{r},A{r}*2)']
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Input", 3, 3, "x"))
def checked_input(n: int) -> Sheets:
    """data checked: numbers, known texts, missing ones, and how many are in order"""
    generator = random.Random(29)
    rows: list[list[Cell]] = [
        [
            "id",
            "region",
            "amount",
            "number",
            "known",
            "verdict",
            "ok",
            f"=COUNTIF(G2:G{n + 1},1)",
        ]
    ]
    for r in range(2, n + 2):
        rows.append(
            [
                code(r),
                generator.choice((*REGIONS, "Nowhere", "")) or None,
                generator.choice((r % 90, r % 70 - 5, "n/a", None)),
                f"=AND(ISNUMBER(C{r}),C{r}>=0)",
                f"=COUNTIF($J$2:$J$5,B{r})>0",
                f'=IF(ISBLANK(B{r}),"no region",IF(NOT(E{r}),"unknown",IF(D{r},"ok","no amount")))',
                f'=--(F{r}="ok")',
                None,
                None,
                REGIONS[r - 2] if r < 6 else None,
            ]
        )
    yield "Input", rows


# Money


@shape(Change("Loans", 3, 2, 0.05))
def loan_model(n: int) -> Sheets:
    """PMT, IPMT, PPMT, FV and NPV of n / 2 loans"""
    rows: list[list[Cell]] = [
        ["amount", "rate", "months", "payment", "interest", "principal", "left", "value"]
    ]
    for r in range(2, n // 2 + 2):
        rows.append(
            [
                1000 + r % 90 * 250,
                0.03 + r % 11 * 0.0025,
                12 + r % 5 * 12,
                f"=PMT(B{r}/12,C{r},-A{r})",
                f"=IPMT(B{r}/12,6,C{r},-A{r})",
                f"=PPMT(B{r}/12,6,C{r},-A{r})",
                f"=FV(B{r}/12,12,D{r},-A{r})",
                f"=NPV(B{r},D{r},D{r},D{r},D{r})",
            ]
        )
    yield "Loans", rows


@shape(Change("Projects", 3, 2, -2000))
def cash_flows(n: int) -> Sheets:
    """NPV, IRR, XNPV and the month of return, for n / 4 projects of twelve payments"""
    generator = random.Random(30)
    rows: list[list[Cell]] = [
        ["rate", *(FIRST_DAY + 91 * i for i in range(12)), "npv", "irr", "xnpv", "sum"]
    ]
    for r in range(2, n // 4 + 2):
        flows: list[Cell] = [-1000 - r % 50, *(generator.randrange(60, 260) for _ in range(11))]
        rows.append(
            [
                0.02 + r % 9 / 100,
                *flows,
                f"=B{r}+NPV(A{r}/4,C{r}:M{r})",
                f"=IRR(B{r}:M{r})",
                f"=XNPV(A{r},B{r}:M{r},B$1:M$1)",
                f"=SUM(B{r}:M{r})",
            ]
        )
    yield "Projects", rows


@shape(Change("Invoice", 3, 2, 41))
def invoices(n: int) -> Sheets:
    """amounts with ROUND, a discount by steps, tax by country, and sums by country"""
    generator, price = random.Random(31), numbers(32, 1, 90)
    countries = [("KR", 0.1), ("DE", 0.19), ("FR", 0.2), ("CH", 0.081), ("US", 0.0)]
    rows: list[list[Cell]] = [["country", "units", "price", "net", "discount", "tax", "total"]]
    for r in range(2, n + 2):
        rows.append(
            [
                generator.choice(countries)[0],
                generator.randrange(1, 200),
                next(price),
                f"=ROUND(B{r}*C{r},2)",
                f"=ROUND(D{r}*IF(B{r}>=100,0.1,IF(B{r}>=50,0.05,0)),2)",
                f"=ROUND((D{r}-E{r})*VLOOKUP(A{r},Tax!$A$1:$B$5,2,FALSE),2)",
                f"=D{r}-E{r}+F{r}",
            ]
        )
    yield "Invoice", rows
    yield (
        "Tax",
        [
            [*country, f"=SUMIF(Invoice!A:A,A{r},Invoice!G:G)"]
            for r, country in enumerate(countries, 1)
        ],
    )


@shape(Change("Stock", 4, 2, 41))
def inventory(n: int) -> Sheets:
    """stock from day to day: what is sold, ordered and missing, with IF, MIN and MAX"""
    generator = random.Random(33)
    rows: list[list[Cell]] = [
        ["reorder at", 60, "order", 150],
        ["day", "asked for", "begin", "sold", "missing", "arrives", "end"],
        [0, None, None, None, None, None, 200],
    ]
    for r in range(4, n + 4):
        rows.append(
            [
                r - 3,
                generator.randrange(10, 60),
                f"=G{r - 1}",
                f"=MIN(B{r},C{r})",
                f"=MAX(0,B{r}-C{r})",
                f"=IF(C{r}-D{r}<$B$1,$D$1,0)",
                f"=C{r}-D{r}+F{r}",
            ]
        )
    yield "Stock", rows


# Rows that need the row above, and windows


@shape(Change("Sheet1", 1, 1, 2))
def chain(n: int) -> Sheets:
    """each row one more than the row above"""
    yield "Sheet1", [[1 if r == 1 else f"=A{r - 1}+1"] for r in range(1, n + 1)]


@shape(lambda n: Change("Sheet1", n // 2, 1, 42))
def headline_single_edit(n: int) -> Sheets:
    """twice the cell beside, and a sum"""
    yield (
        "Sheet1",
        [[r % 101, f"=A{r}*2", *([f"=SUM(B1:B{n})"] if r == 1 else [])] for r in range(1, n + 1)],
    )


@shape(lambda n: Change("Sheet1", n // 2 + 1, 1, 42))
def inc_sparse_dirty_region(n: int) -> Sheets:
    """a few formulas in eight places of 10 n rows"""
    step = n * 10 // 8
    special: dict[int, list[Cell]] = {}
    for start in range(1, n * 10, step):
        special[start] = [start % 101, f"=A{start}*2", f"=B{start}+5", f"=SUM(B{start}:C{start})"]
    special[n * 10] = [3, f"=A{n * 10}+1"]
    yield "Sheet1", _at(special)


def _at(special: dict[int, list[Cell]]) -> Rows:
    before = 0
    for row in sorted(special):
        yield from ([] for _ in range(row - before - 1))
        yield special[row]
        before = row


@shape(Change("Account", 3, 2, 12.5))
def running_totals(n: int) -> Sheets:
    """a balance from row to row, and a sum that grows"""
    amount = numbers(34, -500, 520)
    yield (
        "Account",
        [
            ["day", "amount", "balance", "so far"],
            *(
                [
                    r - 1,
                    next(amount),
                    f"=B{r}" if r == 2 else f"=C{r - 1}+B{r}",
                    f"=SUM(B$2:B{r})",
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Index", 3, 1, 0.01))
def cumulative_products(n: int) -> Sheets:
    """an index from daily returns, its peak so far and the fall from it"""
    generator = random.Random(35)
    yield (
        "Index",
        [
            ["return", "index", "peak", "fall"],
            *(
                [
                    generator.randrange(-200, 203) / 10_000,
                    f"=100*(1+A{r})" if r == 2 else f"=B{r - 1}*(1+A{r})",
                    f"=MAX(B$2:B{r})",
                    f"=B{r}/C{r}-1",
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Roots", 3, 1, 12.5))
def newton(n: int) -> Sheets:
    """square roots by six Newton steps"""
    yield (
        "Roots",
        [
            [
                r % 997 + 1.5,
                1,
                *(f"={x}{r}-({x}{r}^2-$A{r})/(2*{x}{r})" for x in "BCDEFG"),
            ]
            for r in range(1, n + 1)
        ],
    )


@shape(Change("Series", 3, 2, 12.5))
def moving_windows(n: int) -> Sheets:
    """moving means, deviations and maxima of 30 rows"""
    value = numbers(36, 10, 90)
    rows: list[list[Cell]] = [["day", "value", "mean", "deviation", "most"]]
    for r in range(2, n + 2):
        area = f"B{r - 29}:B{r}"
        moving = [f"=AVERAGE({area})", f"=STDEV({area})", f"=MAX({area})"] if r > 30 else []
        rows.append([r - 1, next(value), *moving])
    yield "Series", rows


@shape(Change("Series", 3, 1, 12.5))
def growing_windows(n: int) -> Sheets:
    """mean, count, most and deviation of all rows so far"""
    value = numbers(37, 10, 90)
    yield (
        "Series",
        [
            ["value", "mean", "count", "most", "deviation"],
            *(
                [
                    next(value),
                    f"=AVERAGE($A$2:A{r})",
                    f"=COUNT($A$2:A{r})",
                    f"=MAX($A$2:A{r})",
                    f'=IF(C{r}>1,STDEV($A$2:A{r}),"")',
                ]
                for r in range(2, n + 2)
            ),
        ],
    )


@shape(Change("Series", 3, 2, 12.5))
def regression_windows(n: int) -> Sheets:
    """SLOPE, CORREL and FORECAST over the last 20 rows"""
    value = numbers(38, 10, 90)
    rows: list[list[Cell]] = [["x", "y", "slope", "correlation", "forecast"]]
    for r in range(2, n + 2):
        x, y = f"A{r - 19}:A{r}", f"B{r - 19}:B{r}"
        moving = [f"=SLOPE({y},{x})", f"=CORREL({x},{y})", f"=FORECAST(A{r}+1,{y},{x})"]
        rows.append([r * 0.5, next(value), *(moving if r > 20 else [])])
    yield "Series", rows


# Grids


@shape(Change("Distance", 1, 3, "z"), most_rows=100_000)
def edit_distance(n: int) -> Sheets:
    """the edit distance of two texts, a cell for each pair of letters; √9n letters each"""
    side = math.isqrt(9 * n)
    generator = random.Random(39)
    one, other = (generator.choices("acgt", k=side) for _ in range(2))
    rows: list[list[Cell]] = [[None, None, *one], [None, *range(side + 1)]]
    for r in range(3, side + 3):
        rows.append(
            [
                other[r - 3],
                r - 2,
                *(
                    f"=MIN({letters(c)}{r - 1}+1,{letters(c - 1)}{r}+1,"
                    f"{letters(c - 1)}{r - 1}+IF($A{r}={letters(c)}$1,0,1))"
                    for c in range(3, side + 3)
                ),
            ]
        )
    yield "Distance", rows


@shape(Change("Costs", 2, 2, 50), most_rows=100_000)
def cheapest_path(n: int) -> Sheets:
    """the cheapest way through a grid of costs, √9n rows and columns"""
    side = math.isqrt(9 * n)
    generator = random.Random(40)
    yield "Costs", [[generator.randrange(1, 10) for _ in range(side)] for _ in range(side)]
    rows: list[list[Cell]] = [
        ["=Costs!A1", *(f"={letters(c - 1)}1+Costs!{letters(c)}1" for c in range(2, side + 1))]
    ]
    for r in range(2, side + 1):
        cells: list[Cell] = [f"=A{r - 1}+Costs!A{r}"]
        for c in range(2, side + 1):
            here, before = letters(c), letters(c - 1)
            cells.append(f"=MIN({here}{r - 1},{before}{r})+Costs!{here}{r}")
        rows.append(cells)
    yield "Path", rows


@shape(Change("Table", 3, 1, 12.5), most_rows=100_000)
def multiplication_grid(n: int) -> Sheets:
    """a grid filled both ways by mixed references, √n × 10 √n"""
    rows, columns = math.isqrt(n), math.isqrt(n) * 10
    head: list[Cell] = [None, *(c * 0.5 for c in range(1, columns + 1))]
    grid = (
        [r * 1.5, *(f"=$A{r}*{letters(c)}$1" for c in range(2, columns + 2))]
        for r in range(2, rows + 2)
    )
    yield "Table", [head, *grid]


@shape(Change("Heat", 1, 5, 99), most_rows=100_000)
def heat(n: int) -> Sheets:
    """heat that spreads: 50 cells beside each other, n / 10 steps below each other"""
    cells = [letters(c) for c in range(1, 51)]
    rows: list[list[Cell]] = [[100 if c == 25 else 0 for c in range(1, 51)]]
    for r in range(2, max(2, n // 10) + 1):
        inner = (
            f"={here}{r - 1}+$BA$1*({left}{r - 1}-2*{here}{r - 1}+{right}{r - 1})"
            for left, here, right in zip(cells, cells[1:], cells[2:], strict=False)
        )
        rows.append([f"=A{r - 1}", *inner, f"=AX{r - 1}"])
    rows[0] += [None, None, 0.2]
    yield "Heat", rows


@shape(Change("Cells", 2, 2, 0.25))
def rnn_rows(n: int) -> Sheets:
    """a recurrent cell with four states: TANH of a weighted sum, row after row"""
    generator = random.Random(41)
    weights = [[generator.randrange(-50, 50) / 100 for _ in range(5)] for _ in range(4)]
    rows: list[list[Cell]] = [
        ["weights", *(f"to {i + 1}" for i in range(4))],
        *(["x" if i == 4 else f"from {i + 1}", *(w[i] for w in weights)] for i in range(5)),
        ["x", "h1", "h2", "h3", "h4", "out"],
        [None, 0, 0, 0, 0],
    ]
    for r in range(9, n // 4 + 9):
        hidden = (
            f"=TANH({'+'.join(f'{h}{r - 1}*{c}${i}' for i, h in enumerate('BCDE', 2))}+$A{r}*{c}$6)"
            for c in "BCDE"
        )
        rows.append([generator.randrange(-100, 100) / 50, *hidden, f"=SUM(B{r}:E{r})"])
    yield "Cells", rows


@shape(Change("Left", 1, 1, 2.5), most_rows=100_000)
def mmult(n: int) -> Sheets:
    """MMULT of two matrices of √4n rows and columns, its sum and its trace"""
    side = math.isqrt(4 * n)
    generator = random.Random(42)
    for name in ("Left", "Right"):
        yield name, [[generator.randrange(-9, 10) for _ in range(side)] for _ in range(side)]
    area = f"A1:{letters(side)}{side}"
    product = f"MMULT(Left!{area},Right!{area})"
    yield "Product", [[f"{{=SUM({product})}}", f"{{=MAX({product})}}", f"=INDEX({product},3,4)"]]


@shape(Change("Data", 3, 2, 12.5))
def filter_sort_unique(n: int) -> Sheets:
    """FILTER, SORT and UNIQUE, counted and added up"""
    generator, amount = random.Random(43), numbers(44, 1, 900)
    yield (
        "Data",
        [
            ["key", "amount"],
            *([code(generator.randrange(max(1, n // 5))), next(amount)] for _ in range(n)),
        ],
    )
    key, sums = f"Data!A2:A{n + 1}", f"Data!B2:B{n + 1}"
    yield (
        "Report",
        [
            [f"{{=SUM(_xlfn._xlws.FILTER({sums},{sums}>500))}}"],
            [f'{{=ROWS(_xlfn._xlws.FILTER({key},{key}<"K000500"))}}'],
            [f"{{=ROWS(_xlfn.UNIQUE({key}))}}"],
            [f"{{=INDEX(_xlfn._xlws.SORT({sums},1,-1),10)}}"],
            [f"{{=INDEX(_xlfn._xlws.SORT(_xlfn.UNIQUE({key})),20)}}"],
            [f"{{=SUM(INDEX(_xlfn._xlws.SORT(Data!A2:B{n + 1},2),3,2))}}"],
        ],
    )


@shape(Change("Draws", 1, 1, 120), drawn=True)
def monte_carlo(n: int) -> Sheets:
    """RAND and NORMINV, ten of each in a row, and the mean of all"""
    yield (
        "Draws",
        [
            [100, 15, f"=AVERAGE(M3:V{n + 2})"],
            [],
            *(
                [
                    None,
                    None,
                    *["=RAND()"] * 10,
                    *(f"=NORMINV({letters(c)}{r},$A$1,$B$1)" for c in range(3, 13)),
                ]
                for r in range(3, n + 3)
            ),
        ],
    )
