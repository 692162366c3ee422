"""A table of orders, totalled by row, by salesperson, by country and by month.

What a spreadsheet does with SUMIF, pandas does with `groupby` and `pivot_table`: split the orders
into groups with the same key, apply a sum to each, combine the sums (Wickham, 2011):

    total[p] = sum of amount[n] over the orders n with salesperson[n] = p
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, axis, bars
from sheetlab.errors import InputError
from sheetlab.inputs import LessonInputs, choice, column, require_same_length
from sheetlab.lessons.lesson import Reference, to_try
from sheetlab.text import Text, quoted, same

TITLE = "Totals of a table of orders, as with pandas|주문 표의 합계: pandas처럼 구하기"
SHEET_NAME = "Sales"
EQUATION = (
    "total of a salesperson = Σ amount of the orders with that name|"
    "사원별 합계 = Σ (이름이 같은 주문의 금액)"
)
SLIDES = [("001", "Pandas")]

DATE_ORDERS = ("day/month/year", "month/day/year")
MONTHS = tuple(f"{date(2000, month, 1):%b}|{month}월" for month in range(1, 13))
NUMBERS = ("uk_units", "uk_amount", "usa_units", "usa_amount")
COLUMNS = ("order_date", "order_id", "salesperson", *NUMBERS)
NAMES = (
    *("Fuller", "Gloucester", "Bromley", "Finchley", "Finchley", "Gillingham"),
    *("Finchley", "Callahan", "Fuller", "Fuller", "Coghill", "Finchley"),
)

texts = partial(column, text=True, length=(2, 1000))
units = partial(column, whole=True, at_least=0, at_most=10**9, length=(2, 1000))
amounts = partial(column, at_least=0, at_most=1e9, length=(2, 1000))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives: twelve orders of 2011, each from the UK or from the USA."""

    date_order: str = choice("day/month/year", "dates are|날짜의 순서", DATE_ORDERS)
    order_date: tuple[str, ...] = texts(
        [f"{day}/01/2011" for day in (1, 2, 2, 3, 3, 3, 6, 8, 8, 9, 9, 10)], "Order Date"
    )
    order_id: tuple[int, ...] = units(
        (10392, 10397, 10771, 10393, 10394, 10395, 10396, 10399, 10404, 10398, 10403, 10401),
        "OrderID",
    )
    salesperson: tuple[str, ...] = texts(NAMES, "Salesperson")
    uk_units: tuple[int, ...] = units((0, 17, 18, 0, 0, 9, 0, 0, 0, 0, 18, 0), "UK Units")
    uk_amount: tuple[float, ...] = amounts(
        (0, 716.72, 344, 0, 0, 2122.92, 0, 0, 0, 0, 855.01, 0), "UK Order Amt"
    )
    usa_units: tuple[int, ...] = units((13, 0, 0, 16, 10, 0, 7, 17, 7, 11, 0, 7), "USA Units")
    usa_amount: tuple[float, ...] = amounts(
        (1440, 0, 0, 2556.95, 442, 0, 1903.8, 1765.6, 1591.25, 2505.6, 0, 3868.6), "USA Order Amt"
    )

    def check(self) -> None:
        """All columns are equally long, dates are real, and names no conditions of SUMIF."""
        require_same_length(self, *COLUMNS)
        for name in self.salesperson:
            self.require(
                re.fullmatch(r"\w[\w .,'-]*", name),
                f"The salesperson {quoted(name)} is no name; use letters, digits, spaces"
                " and . , ' - only.",
                f"{quoted(name)}은(는) 이름이 아닙니다. salesperson에는 글자, 숫자, 공백과"
                " . , ' - 만 쓰십시오.",
            )
        for text in self.order_date:
            try:
                date(*date_parts(text, self.date_order))
            except ValueError:
                raise InputError(
                    Text(
                        f"The order_date {quoted(text)} is no date; write it as"
                        f" {self.date_order}, such as 9/01/2011.",
                        f"order_date의 {quoted(text)}은(는) 날짜가 아닙니다. {self.date_order}"
                        " 순서로 9/01/2011처럼 쓰십시오.",
                    )
                ) from None


def date_parts(text: str, order: str) -> tuple[int, int, int]:
    """Year, month and day of a date; raises `ValueError` where it is none."""
    if not re.fullmatch(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}", text):
        raise ValueError(text)
    first, second, year = map(int, text.split("/"))
    return (year, second, first) if order == DATE_ORDERS[0] else (year, first, second)


def persons_of(inputs: Inputs) -> list[str]:
    """Every salesperson once, as first spelled: a spreadsheet does not tell capitals."""
    spellings: dict[str, str] = {}
    return list(dict.fromkeys(spellings.setdefault(n.casefold(), n) for n in inputs.salesperson))


def write(board: Board, inputs: Inputs) -> None:
    """The slide's sheet, cell by cell, with its month and its sums; groups below and beside it."""
    order, month = axis("order", len(inputs.salesperson)), axis("month", MONTHS)
    person = axis("person", [same(name) for name in persons_of(inputs)])

    orders = board.columns(order, at="A1", format="General;-General;")
    orders.input("order_date", format="@")
    orders.input("order_id")
    orders.input("salesperson", format='"  "@')
    for name in NUMBERS:
        orders.input(name)
    orders.column("total_units", "Total Units", "= uk_units + usa_units")
    orders.column("total_amount", "Total Order Amt", "= uk_amount + usa_amount")
    slash = 'FIND("/", order_date)'
    first = f"LEFT(order_date, {slash} - 1)"
    second = f"MID(order_date, {slash} + 1, LEN(order_date) - {slash} - 5)"
    number = f'= VALUE(IF(date_order = "{DATE_ORDERS[0]}", {second}, {first}))'
    orders.column("order_month", "month|월", number)
    total = orders.foot("sum|합계")
    for name in (*NUMBERS, "total_units", "total_amount"):
        total.value(f"sum_{name}", f"= SUM({name})", format="General")
    board.freeze(orders)

    money: dict[str, Any] = {"format": "#,##0.00"}
    title = 'groupby("Salesperson").sum()'
    persons = board.columns(person, title=title, labels="Salesperson", below=orders, **money)
    persons.column("person_orders", "orders|주문 수", "= COUNTIF(salesperson, person)", format="0")
    units = "= SUMIF(salesperson, person, total_units)"
    persons.column("person_units", "units|수량", units, format="0")
    for name, label in (("uk", "UK"), ("usa", "USA"), ("total", "total|합계")):
        persons.column(f"person_{name}", label, f"= SUMIF(salesperson, person, {name}_amount)")
    each = "= IF(person_orders = 0, 0, person_total / person_orders)"
    persons.column("person_mean", "per order|주문당", each)
    share = "= IF(sum_total_amount = 0, 0, person_total / sum_total_amount)"
    persons.column("person_share", "share|비율", share, format="0%")
    sums = persons.foot("sum|합계")
    for name in ("orders", "units", "uk", "usa", "total"):
        sums.value(f"all_{name}", f"= SUM(person_{name})")
    rest, red = "= ROUND(sum_total_amount - all_total, 6)", {"bad": "left_out <> 0"}
    missing = persons.foot("left out|빠진 금액")
    missing.value("left_out", rest, under="person_total", colour=red)

    strip = board.strip(right_of=orders, width=80)
    beside = money | {"right_of": orders, "below": strip}
    months = board.columns(month, title='groupby("month").sum()', labels="month|월", **beside)
    months.count("month_number", "no.|번호", format="0")
    count = "= COUNTIF(order_month, month_number)"
    months.column("month_orders", "orders|주문 수", count, format="0")
    amount = "= SUMIF(order_month, month_number, total_amount)"
    months.column("month_amount", "amount|금액", amount)
    months.column("month_total", "so far|누계", "= SUM(month_amount.so_far)")
    dates = board.rows(right_of=months, below=strip)
    dates.input("date_order")
    board.legend(right_of=months, below=dates, span=2)

    board.chart(
        "Amount by salesperson and country|사원별, 나라별 금액",
        bars("person_uk", label="UK"),
        bars("person_usa", label="USA"),
        over="person",
        y="amount|금액",
        stacked=True,
        below=persons,
        width=orders,
        rows=22,
    )
    board.chart(
        "Amount by month|월별 금액",
        bars("month_amount"),
        over="month",
        below=(months, dates),
        width=strip,
        rows=27,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, amounts in the currency of the orders.

    Columns by order have shape (n_orders,), those by salesperson (n_persons,), in the order in
    which they come, and those by month (12,), whatever the year.
    """
    numbers = {name: np.array(getattr(inputs, name)) for name in NUMBERS}
    numbers["total_units"] = units = numbers["uk_units"] + numbers["usa_units"]
    numbers["total_amount"] = amount = numbers["uk_amount"] + numbers["usa_amount"]
    month = np.array([date_parts(text, inputs.date_order)[1] for text in inputs.order_date])
    names = np.array([name.casefold() for name in inputs.salesperson])
    is_of = np.array([names == name.casefold() for name in persons_of(inputs)], dtype=int)
    in_month = (np.arange(1, 13)[:, None] == month).astype(int)
    summed = {"orders": np.ones(len(names)), "units": units, "total": amount}
    summed |= {"uk": numbers["uk_amount"], "usa": numbers["usa_amount"]}
    orders, total = is_of.sum(axis=1), is_of @ amount
    return {
        **numbers,
        "order_month": month,
        **{f"sum_{name}": values.sum() for name, values in numbers.items()},
        **{f"person_{name}": is_of @ values for name, values in summed.items()},
        **{f"all_{name}": values.sum() for name, values in summed.items()},
        "person_mean": total / orders,
        "person_share": total / (total.sum() or 1),
        "left_out": np.zeros(1),
        "month_number": np.arange(1, 13),
        "month_orders": in_month.sum(axis=1),
        "month_amount": in_month @ amount,
        "month_total": np.cumsum(in_month @ amount),
    }


HOW_TO_READ = """
Each row is an order with its total ({total_amount}); an empty cell is 0. Below, the orders are
grouped by salesperson: SUMIF adds up all amounts of the same name, as groupby does in pandas. UK
and USA beside one another are its pivot table. {left_out} shows what is in no group.
| 한 행이 주문 하나이며 행마다 합계({total_amount})가 있습니다. 빈칸은 0입니다. 아래에서는 주문을
사원별로 묶습니다. SUMIF는 이름이 같은 행의 금액을 더하며, pandas의 groupby와 같습니다. UK와 USA를
나란히 놓은 것이 pivot table입니다. 어느 묶음에도 들지 않은 금액은 {left_out}에 나타납니다.

A date is text: {date_order} says which of its numbers is the month ({order_month}), as dayfirst
does in pandas.
| 날짜는 텍스트이므로 어느 수가 월({order_month})인지는 날짜의 순서({date_order})로
정합니다(pandas에서는 dayfirst).
"""

TO_TRY = (
    to_try(
        "Set {date_order} to month/day/year: the orders of seven days now span seven months.|"
        "날짜의 순서({date_order})를 month/day/year로 바꾸십시오. 7일치 주문이 7개월치가 됩니다.",
        {"date_order": "month/day/year"},
        lambda _, after: np.count_nonzero(after["month_orders"]) == 7,
    ),
    to_try(
        "Set {salesperson.at(4)} to Finchly: the order is in no group, and its amount is left out.|"
        "이름({salesperson.at(4)})을 Finchly로 바꾸십시오. 그 주문은 어느 묶음에도 들지 못합니다.",
        {"salesperson.at(4)": "Finchly"},
        lambda before, after: np.isclose(after["left_out"], before["total_amount"][3]),
    ),
    to_try(
        "Set {usa_amount.at(12)} to 38686, the point forgotten: Finchley's 44% become 79%.|"
        "{usa_amount.at(12)}의 소수점을 빼고 38686으로 바꾸십시오. Finchley의 44%가 79%가 됩니다.",
        {"usa_amount.at(12)": 38686},
        lambda *both: [round(100 * one["person_share"][3]) for one in both] == [44, 79],
    ),
)
