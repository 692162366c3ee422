"""Random workbooks of what people fill sheets with: lookups, conditional sums, texts, dates, grids.

A formula is put together from phrases, in which `<name>` stands for any phrase of that name. It is
written as in the first cell that it fills, F5, and moved on from there as Excel fills cells. Sheets
are filled downwards; turned over, they are the same filled to the right.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.random_sheets import Cells, Draw, RandomBook
from hypothesis import strategies as st
from openpyxl.utils import column_index_from_string, get_column_letter

Phrases = Mapping[str, Sequence[str]]

_FIRST_ROW = 5
_FIRST_COLUMN = "F"
# The columns of Data and Other, of one kind each, in rows that go around those of the formulas.
_INPUTS = "ABCDE"
_ON_OTHER = "ABCD"

NUMBERS = (3, 1, 2, 0, 7, 2, -4, 0.5, 10, 2.25)
TEXTS = ("cat", "Dog", "cow", "ant", "Bee", "CAT", "eel", "", "a*", "do?", "x~y")
WORDS = ("cat", "Dog", "cow", "ant", "Bee", "CAT", "eel")
DATES = (43831, 44255, 36585, 45000.75, 59, 61, 43890, 2958465, 1, 44196)
NUMERIC_TEXTS = ("3", "1", "2.5", " 7", "1e3", "50%", "-4", "cat", "12/31/2020", "TRUE")
TRUTHS = (True, False, True)
ERRORS = ("#N/A", "#DIV/0!", "#VALUE!", "=1/0", "=NA()")
MIXED = (3, "cat", True, None, 1, "3", False, "", 0, "Dog")
CONSTANTS: tuple[Sequence[Any], ...] = (
    NUMBERS,
    TEXTS,
    DATES,
    MIXED,
    NUMERIC_TEXTS,
    TRUTHS,
    sorted(NUMBERS),
    sorted(NUMBERS, reverse=True),
    sorted(TEXTS, key=str.lower),
)

# In a phrase of one of these, at most so many more of them, one inside of the other.
_DEEPENING = {"number": 3, "text": 3, "truth": 3, "value": 3}

_COMMON: Phrases = {
    "letter": ("A", "B", "C", "D", "E"),
    "cell": (
        *("A5", "B5", "C5", "D5", "E5", "A5", "B5", "C5", "A4", "B6", "$C5", "B$5", "$E$7", "D$8"),
        *("Other!A5", "Other!B5", "Other!$C$6", "$D4"),
    ),
    "constant": ("1", "2", "0", '"cat"', "3", "0.5", '"3"', '""', "TRUE", "-1", '"DOG"', "FALSE"),
    "sign": ("=", "<>", "<", ">", "<=", ">="),
    "value": ("<cell>", "<cell>", "<constant>", "<number>", "<text>", "<truth>", "<lookup>"),
    # What lookups and sums go over: what stays, in which the last row may lie beyond the filled.
    "vector": (
        *("$A$5:$A$14", "$B$5:$B$14", "$C$5:$C$14", "$D$5:$D$14", "$E$5:$E$9", "$A$4:$A$13"),
        *("Other!$A$5:$A$14", "Other!$B$5:$B$14", "Other!$D$4:$D$10", "A$5:A$12", "$A$5:$E$5"),
        *("A:A", "$B:$B", "Other!$C:$C"),
    ),
    "window": (
        "<letter>$5:<letter>5",
        "A$5:A5",
        "B$5:B5",
        "C$4:C5",
        "D$5:D4",
        "A4:A6",
        "B5:B7",
        "C3:C5",
        "D5:D$12",
        "A5:E5",
        "A$5:B5",
        "$A5:C5",
        "Other!A$5:A5",
    ),
    "range": ("<vector>", "<vector>", "<window>", "$A$5:$C$9", "A5:C6", "Other!$A$5:$D$8"),
    "table": (
        "$A$5:$E$14",
        "$A$5:$C$9",
        "Other!$A$5:$D$14",
        "$C$5:$E$12",
        "Other!$B:$D",
        "A5:C9",
        "$B$5:$D$10",
    ),
    "place": ("1", "2", "3", "2", "<cell>", "4", "0", "6", "2.7", "-1"),
    "truth_value": ("FALSE", "0", "FALSE", "TRUE", "1", "", "<cell>"),
    "order": ("0", "1", "-1", "0", "FALSE", "", "<cell>"),
    "wanted": (
        "<cell>",
        "<cell>",
        "<value>",
        '"c*"',
        '"?o?"',
        '"*"',
        '"~*"',
        '<cell>&"*"',
        '"*"&<cell>',
        '"a~*"',
        '"Cat"',
        "3",
        "TRUE",
        "1E300",
    ),
    "matching": ("0", "-1", "1", "2", "", "<cell>"),
    "searching": ("1", "-1", "1", "-1", "2", "-2", ""),
    "lookup": (
        "VLOOKUP(<wanted>,<table>,<place>,<truth_value>)",
        "VLOOKUP(<wanted>,<table>,<place>)",
        "MATCH(<wanted>,<vector>,<order>)",
        "MATCH(<wanted>,<vector>)",
        "MATCH(<wanted>,<window>,<order>)",
        "INDEX(<vector>,MATCH(<wanted>,<vector>,<order>))",
        "INDEX(<table>,<place>,<place>)",
        "INDEX(<vector>,<place>)",
        "INDEX(<table>,MATCH(<wanted>,<vector>,0),MATCH(<wanted>,<window>,0))",
        "INDEX(A5:E5,<place>)",
        "INDEX(A$5:A5,<place>)",
        "INDEX(<table>,,<place>)",
        "HLOOKUP(<wanted>,<table>,<place>,<truth_value>)",
        "LOOKUP(<wanted>,<vector>)",
        "LOOKUP(<wanted>,<vector>,<vector>)",
        "LOOKUP(<wanted>,<table>)",
        "XLOOKUP(<wanted>,$A$5:$A$12,$<letter>$5:$<letter>$12)",
        "XLOOKUP(<wanted>,$<letter>$5:$<letter>$12,$B$5:$B$12,<value>,<matching>,<searching>)",
        "XLOOKUP(<wanted>,Other!$A$5:$A$12,Other!$B$5:$B$12,,<matching>)",
        "XLOOKUP(<wanted>,A:A,B:B,<constant>)",
        "XLOOKUP(<wanted>,A5:E5,A6:E6,<constant>,<matching>)",
        "XMATCH(<wanted>,<vector>)",
        "XMATCH(<wanted>,<vector>,<matching>,<searching>)",
    ),
    "criterion": (
        *("<cell>", "<cell>", '"<sign>"&<cell>', '"<sign>"&<cell>', '"cat"', '"<sign>3"', "3"),
        *('"c*"', '"?o?"', '"<>"', '"="', '""', '"<>cat"', '"<>c*"', "TRUE", '"=TRUE"', '"*"'),
        *('"<sign>"', '"<sign>cat"', '"~*"', '"a~*"', '"*"&<cell>&"*"', "<value>", '"#N/A"'),
        *('"<sign>1/2/2020"', '"<sign>50%"', '"<>#N/A"', '"<sign>"&B5-1'),
    ),
    "conditional": (
        "COUNTIF(<vector>,<criterion>)",
        "COUNTIF(<window>,<criterion>)",
        "COUNTIF($<letter>$5:<letter>5,<letter>5)",
        "COUNTIFS($A$5:$A$14,<criterion>,$<letter>$5:$<letter>$14,<criterion>)",
        "COUNTIFS(A$5:A5,<criterion>,<letter>$5:<letter>5,<criterion>)",
        "COUNTIFS($A$5:$A$14,<criterion>,$A$5:$A$14,<criterion>,$B$5:$B$14,<criterion>)",
        "SUMIF(<vector>,<criterion>)",
        "SUMIF($<letter>$5:$<letter>$14,<criterion>,$<letter>$5:$<letter>$14)",
        "SUMIF(A$5:A5,<criterion>,<letter>$5:<letter>5)",
        "SUMIF(A:A,<criterion>,<letter>:<letter>)",
        "SUMIF($A$5:$B$9,<criterion>,$C$5:$D$9)",
        "SUMIF(<vector>,<criterion>,<vector>)",
        "SUMIFS($<letter>$5:$<letter>$14,$A$5:$A$14,<criterion>)",
        "SUMIFS(B$5:B5,$<letter>$5:$<letter>5,<criterion>,$C$5:$C5,<criterion>)",
        "SUMIFS(<letter>:<letter>,A:A,<criterion>,C:C,<criterion>)",
        "SUMIFS(B3:B7,A3:A7,<criterion>)",
        "SUMIFS(Other!$B$5:$B$14,Other!$<letter>$5:$<letter>$14,<criterion>,"
        "Other!$A$5:$A$14,<criterion>)",
        "AVERAGEIF(<vector>,<criterion>)",
        "AVERAGEIF($A$5:$A$14,<criterion>,$<letter>$5:$<letter>$14)",
        "AVERAGEIFS($<letter>$5:$<letter>$14,$A$5:$A$14,<criterion>,$B$5:$B$14,<criterion>)",
        "AVERAGEIFS(B$5:B5,$A$5:$A5,<criterion>)",
        "MAXIFS($<letter>$5:$<letter>$14,$<letter>$5:$<letter>$14,<criterion>)",
        "MINIFS(B$4:B5,$<letter>$4:$<letter>5,<criterion>)",
        "MAXIFS(B:B,A:A,<criterion>,D:D,<criterion>)",
        "SUMPRODUCT(($A$5:$A$14=<cell>)*($B$5:$B$14<sign><cell>))",
        "SUMPRODUCT(--(<window><sign><cell>))",
        "COUNTBLANK(<range>)",
        "COUNTA(<range>)",
    ),
    "statistic": (
        "RANK(<cell>,<range>)",
        "RANK(B5,$B$5:$B$14,<truth_value>)",
        "RANK.EQ(<cell>,<window>,1)",
        "LARGE(<range>,<place>)",
        "SMALL(<range>,<place>)",
        "PERCENTILE(<range>,0.3)",
        "QUARTILE(<range>,<place>)",
        "PERCENTRANK(<range>,<cell>)",
        "MEDIAN(<range>)",
        "STDEV(<range>)",
        "STDEV.P(<range>)",
        "VAR(<window>)",
        "MODE(<range>)",
        "SUM(<range>)",
        "SUM(<range>,<number>)",
        "AVERAGE(<range>,<range>)",
        "MIN(<range>)",
        "MAX(<range>,<cell>)",
        "PRODUCT(<window>)",
        "COUNT(<range>,<value>)",
        "SUMPRODUCT(A5:A7,B5:B7)",
        "CORREL($A$5:$A$14,<letter>$5:<letter>$14)",
        "SUBTOTAL(9,<window>)",
        "AVEDEV(<range>)",
        *("SLOPE(A5:A8,<letter>5:<letter>8)", "VAR(A5:B7)", "SUMXMY2($A$5:$A$7,A5:A7)"),
        *(
            "NPV(<cell>,<letter>5:<letter>9)",
            "IRR(A5:B7)",
            "FORECAST(<cell>,$A$5:$A$14,$B$5:$B$14)",
        ),
    ),
    "number": (
        *("<cell>", "<cell>", "<constant>", "<lookup>", "<conditional>", "<statistic>", "<date>"),
        *("<number>+<number>", "<number>*<number>", "(<number>-<number>)/<number>", "-<number>"),
        *("<number>%", "<number>^2", "<number>^<number>", "ABS(<number>)", "INT(<number>)"),
        *("ROUND(<number>,1)", "MOD(<number>,3)", "SQRT(<number>)", "LEN(<text>)", "VALUE(<text>)"),
        *('FIND("a",<text>)', 'SEARCH("?o",<text>)', "N(<value>)", "CODE(<text>)", "ROW()"),
        *("COLUMN()-ROW(A5)", "--<truth>", "<truth>*1", "<text>+1", "SIGN(<number>)"),
        *("IF(<truth>,<value>,<value>)", "IFERROR(<value>,<value>)", "IFNA(<lookup>,<value>)"),
    ),
    "text": (
        *("<cell>", '<value>&"-"&<value>', "<cell>&<cell>", "LEFT(<text>,<place>)", "LEFT(<text>)"),
        *("MID(<text>,<place>,<place>)", "RIGHT(<text>,2)", "UPPER(<text>)", "LOWER(<text>)"),
        *('SUBSTITUTE(<text>,"a","o")', "SUBSTITUTE(<text>,<cell>,<cell>,<place>)"),
        *('TEXT(<value>,"0.00")', 'TEXT(<value>,"yyyy-mm-dd")', 'TEXT(<value>,"#,##0;(0);-")'),
        *('TEXT(<value>,"ddd mmm d")', "TRIM(<text>)", "PROPER(<text>)", "T(<value>)"),
        *("REPT(<text>,<place>)", "CONCATENATE(<value>,<value>)", "CONCAT(<window>)"),
        *('TEXTJOIN(",",TRUE,<range>)', "REPLACE(<text>,<place>,1,<text>)", "CHAR(64+<place>)"),
        *("IF(<truth>,<text>,<text>)", "IFERROR(<text>,<constant>)", "<lookup>"),
        "FIXED(<number>,1)",
    ),
    "truth": (
        *("<cell>", "<value><sign><value>", "<cell><sign><constant>", "<text><sign><text>"),
        *("AND(<truth>,<truth>)", "OR(<truth>,<value>)", "NOT(<truth>)", "XOR(<truth>,<truth>)"),
        *("EXACT(<text>,<text>)", "ISNUMBER(<value>)", "ISTEXT(<value>)", "ISBLANK(<cell>)"),
        *("ISERROR(<value>)", "ISNA(<lookup>)", "ISLOGICAL(<value>)", "AND(<window>)"),
        *("OR(<vector>,<truth>)", "ISEVEN(<number>)"),
    ),
    "date": (
        *("DATE(2020,<cell>,<cell>)", "DATE(<number>,2,29)", "YEAR(<value>)", "MONTH(D5)"),
        *("DAY(<value>)", "EDATE(<cell>,<place>)", "EOMONTH(D5,<place>)", "WEEKDAY(<value>)"),
        *("WEEKDAY(D5,<place>)", "DAYS(<cell>,<cell>)", 'DATEDIF(D5,D6,"m")', "HOUR(<value>)"),
        *("NETWORKDAYS(D5,<cell>)", "WORKDAY(<cell>,<place>)", "DATEVALUE(<text>)", "WEEKNUM(D5)"),
        *("TIME(<place>,<cell>,0)", "YEARFRAC(D5,D6)"),
    ),
    "choice": (
        "IF(<truth>,<value>,<value>)",
        "IF(<truth>,<value>)",
        "IF(<truth>,,<value>)",
        "IF(<truth>,<value>,IF(<truth>,<value>,<value>))",
        "IFS(<truth>,<value>,<truth>,<value>,TRUE,<value>)",
        "IFS(<truth>,<value>,<truth>,<value>)",
        "SWITCH(<cell>,<value>,<value>,<constant>,<value>,<value>)",
        "SWITCH(<value>,<cell>,<value>)",
        "CHOOSE(<place>,<value>,<value>,<value>)",
        "IFERROR(<value>,<value>)",
        "IFERROR(1/<number>,<value>)",
        "IFNA(<lookup>,<value>)",
        "IF(ISERROR(<value>),<value>,<value>)",
    ),
    "dynamic": (
        'INDIRECT("B"&ROW())',
        'INDIRECT("A"&<place>)',
        "OFFSET(A5,1,<place>)",
        "SUM(OFFSET($A$5,0,0,<place>,2))",
        "SUM(A5:INDEX(A5:A9,<place>))",
        "OFFSET(A5,-1,0)+<number>",
    ),
    "any": (
        *("<number>", "<lookup>", "<lookup>", "<conditional>", "<conditional>", "<statistic>"),
        *("<text>", "<truth>", "<date>", "<choice>", "<choice>", "<dynamic>"),
    ),
}

# What whole programs do as Excel does, and the engine alike. Left out are texts and truth values as
# numbers, dates before 1901, unsorted approximate lookups, errors, of which several may come first,
# what they do not know, and `"<>cat"`, which no number meets in IronCalc.
_PLAIN: Phrases = {
    "letter": ("A", "B", "C", "D", "E"),
    "sign": ("=", "<>", "<", ">", "<=", ">="),
    # Numbers are in A, B and E, texts in C and D.
    "figure": ("A5", "B5", "E5", "B6", "$A5", "B$5", "$E$7", "Other!A5", "3", "0.5", "7"),
    "word": ("C5", "D5", "C6", "$C5", "D$7", "Other!C5", '"cat"', '"DOG"', '"cow"'),
    "cell": ("A5", "B5", "E5"),
    "value": ("<number>", "<number>", "<text>"),
    "figures": ("$A$5:$A$14", "$B$5:$B$14", "$E$5:$E$9", "Other!$B$5:$B$14", "A$5:A5", "B4:B6"),
    "words": ("$C$5:$C$14", "$D$5:$D$12", "Other!$C$5:$C$14"),
    "number": (
        *("<figure>", "<figure>", "<number>+<number>", "<number>*<number>", "LEN(<text>)"),
        *("ROUND(<number>,1)", "IF(<truth>,<number>,<number>)", "IFERROR(<lookup>,<number>)"),
        *("<conditional>", "<statistic>", "YEAR(<date>)", "MONTH(<date>)", "WEEKDAY(<date>)"),
        *("DAY(<date>)", "COLUMN()-ROW(A5)"),
    ),
    "text": (
        *("<word>", "<word>", '<text>&"-"&<text>', "LEFT(<text>,2)", "MID(<text>,2,2)"),
        *("UPPER(<text>)", 'SUBSTITUTE(<text>,"a","o")', "IF(<truth>,<text>,<text>)"),
        *('TEXT(<figure>,"0.00")', 'TEXT(<date>,"yyyy-mm-dd")', "RIGHT(<text>,1)"),
    ),
    "truth": (
        *("<number><sign><number>", "<text>=<text>", "<text><><text>", "EXACT(<text>,<text>)"),
        *("AND(<truth>,<truth>)", "NOT(<truth>)", "OR(<truth>,<truth>)"),
    ),
    "date": ("DATE(2020,$B5,3)", "EDATE(43890,3)", "43831+ABS(INT(<figure>))"),
    "lookup": (
        "VLOOKUP(<figure>,$A$5:$C$14,2,FALSE)",
        "VLOOKUP(<word>,$C$5:$E$14,3,FALSE)",
        "MATCH(<word>,<words>,0)",
        "MATCH(<figure>,<figures>,0)",
        "INDEX($B$5:$B$14,MATCH(<figure>,$A$5:$A$14,0))",
        "INDEX($A$5:$B$14,MATCH(<word>,$C$5:$C$14,0),2)",
        'MATCH("c*",<words>,0)',
    ),
    "criterion": ("<figure>", "<word>", '"<sign>"&<figure>', '"c*"', '"?o?"', '"<>3"'),
    "conditional": (
        "COUNTIF(<figures>,<criterion>)",
        "COUNTIF(<words>,<criterion>)",
        "COUNTIF(C$5:C5,C5)",
        "SUMIF($C$5:$C$14,<criterion>,$B$5:$B$14)",
        "SUMIFS($B$5:$B$14,$A$5:$A$14,<criterion>,$C$5:$C$14,<criterion>)",
        "SUMIFS(B$5:B5,C$5:C5,<criterion>)",
        "COUNTIFS($A$5:$A$14,<criterion>,$D$5:$D$14,<criterion>)",
        "SUMPRODUCT(($A$5:$A$14=<figure>)*($B$5:$B$14<sign><figure>))",
    ),
    "statistic": (
        *("SUM(<figures>)", "MAX(<figures>)", "COUNT(<figures>)", "MEDIAN(<figures>)"),
        *("LARGE($B$5:$B$14,1)", "RANK($B5,$B$5:$B$14)", "SUMPRODUCT(A5:A6,B5:B6)"),
    ),
    "any": ("<number>", "<lookup>", "<text>", "<truth>", "IF(<truth>,<value>,<value>)"),
}
_PLAIN_DOWN: Phrases = {
    "figure": ("<above>", "A5", "B5", "$E$7", "2", "0.5"),
    "any": (
        *("<above>+<number>", "<above>*0.5+<figure>", "IF(<truth>,<above>,<figure>)"),
        *("MAX(<above>-<figure>,0)", "SUM(<total>)+<figure>", "IFERROR(<lookup>,<above>)+1"),
        "IF(C5=C4,<above>,<above>+1)",
    ),
}
_PLAIN_GRID: Phrases = {
    "figure": ("$A5", "F$4", "$B5", "$E$7", "E5"),
    "any": (
        *(
            "$A5*F$4",
            "IF($A5<sign>F$4,<number>,<text>)",
            "<number>",
            "<conditional>",
            "SUM($A5:B5)",
        ),
        "SUMIFS($B$5:$B$14,$A$5:$A$14,$A5,$E$5:$E$14,F$4)",
    ),
}
_PLAIN_NEAR: Phrases = {
    "any": ("MIN(E5,F4,E4)+1", "IF($C5=$D4,E4,MIN(E5,F4)+1)", "E5+F4", "MAX(E5,F4)-$B5*0.5"),
}

# What reads the cell above: `<above>` is a cell of these columns, one row up.
_DOWN: Phrases = {
    "any": (
        "<above>+<number>",
        "<above>*0.5+<cell>",
        "IF(<truth>,<above>,<value>)",
        "IF(<above><sign><value>,<number>,<above>+1)",
        "IF(<cell>=A4,<above>,<above>+1)",
        "IFERROR(<above>/<number>,<value>)",
        "IFERROR(<above>+<number>,<constant>)",
        "IFNA(<lookup>,<above>)",
        "MAX(<above>-<cell>,0)",
        "MIN(<above>,<cell>)+<number>",
        "<above>+VLOOKUP(<above>,$A$5:$C$12,2)",
        "<above>+IFERROR(VLOOKUP(<cell>,$A$5:$C$12,2,FALSE),0)",
        "INDEX($A$5:$B$14,<above>,1)",
        "IFERROR(MATCH(<above>,$B$5:$B$14,0),1)",
        "SUM(<total>)+<number>",
        "SUM(<total>)",
        "MAX(<total>,<cell>)",
        "COUNTIF(<total>,<criterion>)",
        "SUMIF(<total>,<criterion>)",
        "IF(COUNTIF(<total>,<cell>)>0,<cell>,<number>)",
        "LEFT(<above>&<text>,6)",
        "IF(<above>=<constant>,<constant>,<constant>)",
        "RIGHT(<above>,1)&LEFT(<text>,2)",
        "EDATE(<above>,1)",
        "<above>",
        "NOT(<above>)",
        "AND(<above>,<truth>)",
        "ROUND(<above>*1.07+<cell>,2)",
        "MOD(<above>*7+3,11)",
        "IF(AND(<above>>2,<truth>),<above>-1,<above>+<number>)",
        "CHOOSE(<place>,<above>,<value>,<cell>)",
        "SWITCH(<cell>,<value>,<above>,<constant>)",
        "XLOOKUP(<above>,$A$5:$A$12,$B$5:$B$12,<constant>)",
        "<statistic>+<above>",
        "MEDIAN(<above>,<cell>,3)",
        "AVERAGE(<total>)",
        "LARGE(<total>,1)",
        "INDEX(<total>,1)",
        "MATCH(<cell>,<total>,0)",
        'INDIRECT("A"&ROW())+<above>',
    ),
}

# A grid that is filled both ways from F5 on, with headings in row 4 and in A:E.
_GRID: Phrases = {
    "cell": ("$A5", "F$4", "$B5", "F$4", "$C5", "$E$7", "Other!A5", "$D5", "E5", "F4", "$A4"),
    "any": (
        *("<number>", "$A5*F$4", "IF($A5<sign>F$4,<value>,<value>)", "<lookup>", "<conditional>"),
        "SUMIFS($B$5:$B$14,$A$5:$A$14,$A5,$C$5:$C$14,F$4)",
        "COUNTIFS($A$5:$A$14,$A5,$B$5:$B$14,<criterion>)",
        "COUNTIF($A5:E5,<criterion>)",
        "SUM($A5:E5)",
        "SUM(F$4:F4)",
        "SUM($E$4:E4)",
        "INDEX($A$5:$D$14,$A5,F$4)",
        "INDEX($A$5:$D$14,MATCH($A5,$A$5:$A$14,0),COLUMN()-5)",
        "VLOOKUP(F$4,$A$5:$D$14,2,FALSE)",
        "VLOOKUP($A5,Other!$A$5:$D$14,F$4)",
        "HLOOKUP(F$4,$A5:E6,2)",
        '$C5&"-"&F$4',
        "LEFT($C5,F$4)",
        "DATE(2020,F$4,$A5)",
        "EDATE($D5,F$4)",
        "RANK($B5,$B$5:$B$14)+F$4",
        "SUMIF(Other!A$5:A5,$A5)",
        "<choice>",
        "<text>",
        "MAX(A5:E5)",
        "SUM(D4:E5)",
    ),
}

# Each cell of a grid from those on its left and above it.
_NEAR: Phrases = {
    "near": ("E5", "F4", "E4", "F4", "E5", "D5"),
    "any": (
        "MIN(E5,F4,E4)+1",
        "MIN(E5+1,F4+1,E4+IF($A5=F$4,0,1))",
        "IF($C5=F$3,E4+1,MAX(E5,F4))",
        "E5+F4",
        "<near>+<number>",
        "IF(<truth>,<near>,<near>+1)",
        "MAX(<near>,<near>)-$B5",
        "IFERROR(<near>/$A5,<near>)",
        "MAX(D4:E4)+<near>*0.5",
        "SUM($E4:E4)+<near>*0.1",
        "F4+VLOOKUP($A5,$A$5:$D$14,2,FALSE)",
        "<near>&LEFT(<text>,1)",
        "IF(<near><sign><constant>,<near>,<value>)",
        "MIN(<near>,F4+<number>)",
        "MAX(0,E4+IF($C5=F$3,2,-1),F4-1,E5-1)",
        "AVERAGE(E4:G4)",
        "(E4+F4+G4)/3",
        "IF($B5>COLUMN(),F4,MAX(F4,INDEX($A4:F4,1,6-MIN(5,MAX(0,$B5)))+1))",
        "<near>",
    ),
}

# What Excel's files write in front of newer functions.
_NEWER = re.compile(
    r"\b(?=(?:CONCAT|TEXTJOIN|IFS|SWITCH|MAXIFS|MINIFS|XLOOKUP|XMATCH|XOR|IFNA|DAYS|RANK\.EQ"
    r"|STDEV\.P)\()"
)
_REFERENCES = re.compile(
    r'"[^"]*"|(?P<dollar>\$?)(?P<letters>[A-Z]{1,2})(?P<fixed>\$?)(?P<row>\d+)\b(?!\()'
    r"|(?P<one>\$?[A-Z]):(?P<other>\$?[A-Z])(?![\w$])"
)


def newer(formula: str) -> str:
    """A formula as a file holds it."""
    return _NEWER.sub("_xlfn.", formula)


def moved(formula: str, down: int, across: int) -> str:
    """A formula as it stands so many rows and columns further, filled from its own cell."""

    def letters_of(text: str) -> str:
        if text.startswith("$"):
            return text
        return get_column_letter(column_index_from_string(text) + across)

    def reference(match: re.Match[str]) -> str:
        if match["one"]:
            return f"{letters_of(match['one'])}:{letters_of(match['other'])}"
        if not match["row"]:
            return match[0]
        row = int(match["row"]) + (0 if match["fixed"] else down)
        return f"{letters_of(match['dollar'] + match['letters'])}{match['fixed']}{row}"

    return _REFERENCES.sub(reference, formula)


def turned(formula: str) -> str:
    """A formula with rows and columns exchanged."""

    def reference(match: re.Match[str]) -> str:
        if match["one"]:
            return ":".join(_turned_column(match[name]) for name in ("one", "other"))
        if not match["row"]:
            return match[0]
        column = get_column_letter(int(match["row"]))
        row = column_index_from_string(match["letters"])
        return f"{match['fixed']}{column}{match['dollar']}{row}"

    swapped = {"VLOOKUP(": "HLOOKUP(", "HLOOKUP(": "VLOOKUP(", "ROW(": "COLUMN(", "COLUMN(": "ROW("}
    formula = re.sub(r"[VH]LOOKUP\(|\b(?:ROW|COLUMN)\(", lambda name: swapped[name[0]], formula)
    return _REFERENCES.sub(reference, formula)


def _turned_column(text: str) -> str:
    dollar = "$" if text.startswith("$") else ""
    return f"{dollar}{column_index_from_string(text.removeprefix('$'))}"


def turned_book(book: RandomBook) -> RandomBook:
    """The same workbook with rows and columns exchanged, so that it is filled to the right."""
    return RandomBook(
        {
            title: {
                turned(ref): turned(value) if is_formula(value) else value
                for ref, value in cells.items()
            }
            for title, cells in book.sheets.items()
        },
        {},
        [turned(cells) for cells in book.filled],
    )


def is_formula(value: Any) -> bool:
    """Whether a cell's content is one."""
    return isinstance(value, str) and value.startswith("=")


def written(draw: Draw, *phrases: Phrases) -> str:
    """A random formula, of the last phrases that know a name."""
    known = {name: choices for each in phrases for name, choices in each.items()}

    def phrase(name: str, depth: int) -> str:
        if name in _DEEPENING:
            depth -= 1
            if depth < 0:
                name = "cell"
        choice = draw(st.sampled_from(known[name]))
        letters = _ON_OTHER if "Other!" in choice else _INPUTS
        # The ends of one range are of the same letter.
        choice = re.sub(
            r"<letter>[^,)]*",
            lambda cells: cells[0].replace("<letter>", draw(st.sampled_from(letters))),
            choice,
        )
        return re.sub(r"<(\w+)>", lambda found: phrase(found[1], depth), choice)

    return newer("=" + phrase("any", 2))


@dataclass(frozen=True)
class Kind:
    """What stands in random sheets: the phrases of their formulas, and the constants they read."""

    phrases: Phrases
    down: Phrases  # for columns that read the row above
    grid: Phrases
    near: Phrases  # for grids that read themselves
    columns: Mapping[str, Sequence[Sequence[Any]]]
    headings: Sequence[Sequence[Any]]
    odd: Sequence[Any]  # what may stand anywhere among them
    seeds: Sequence[Any]
    in_chains: bool  # whether formulas read other columns of formulas


ALL_KINDS = Kind(
    *(_COMMON, _DOWN, _GRID, _NEAR),
    columns=dict.fromkeys(_INPUTS, CONSTANTS),
    headings=(NUMBERS, TEXTS, MIXED, DATES),
    odd=(None, None, *MIXED, *ERRORS),
    seeds=(0, 1, 5, 0.5, None, "cat", True, "=B5"),
    in_chains=True,
)
FOR_PROGRAMS = Kind(
    *(_PLAIN, _PLAIN_DOWN, _PLAIN_GRID, _PLAIN_NEAR),
    columns={letter: (WORDS,) if letter in "CD" else (NUMBERS,) for letter in _INPUTS},
    headings=(NUMBERS,),
    odd=(),
    seeds=(0, 1, 5, 0.5),
    in_chains=False,
)


@st.composite
def phrase_books(
    draw: Draw,
    kind: Kind = ALL_KINDS,
    most_rows: int = 30,
) -> RandomBook:
    """A workbook of constants in A:E of Data and A:D of Other, and formulas from Data!F5 on."""
    count = draw(st.integers(2, 12) | st.integers(2, most_rows))
    last = _FIRST_ROW + count - 1
    around = range(_FIRST_ROW - 2, last + 3)
    data: Cells = {}
    other: Cells = {}
    for cells, letters in ((data, _INPUTS), (other, _ON_OTHER)):
        for letter in letters:
            pool = draw(st.sampled_from(kind.columns[letter]))
            size = draw(st.integers(1, len(pool)))
            start = draw(st.integers(0, len(pool) - size))
            step = draw(st.sampled_from((1, 1, 3)))
            in_order = pool[start : start + size]
            for row in around:
                cells[f"{letter}{row}"] = in_order[row // step % size]
            for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2))) if kind.odd else 0):
                place = f"{letter}{draw(st.sampled_from(around))}"
                cells[place] = draw(st.sampled_from(kind.odd))
    shape = draw(st.sampled_from(("columns", "columns", "columns", "grid", "near")))
    if shape == "columns":
        filled = _columns(draw, kind, data, last)
    else:
        own = kind.grid if shape == "grid" else kind.near
        filled = [_grid(draw, kind, own, data, last)]
        if draw(st.booleans()):
            filled += _columns(draw, kind, data, last, "M")
    book = RandomBook({"Data": data, "Other": other}, {}, filled)
    return turned_book(book) if draw(st.booleans()) else book


def _columns(
    draw: Draw, kind: Kind, data: Cells, last: int, first: str = _FIRST_COLUMN
) -> list[str]:
    """Columns of formulas, apart or in groups that read the row above."""
    filled: list[str] = []
    start = column_index_from_string(first)
    while not filled or (len(filled) < 4 and draw(st.booleans())):
        way = draw(st.sampled_from(("map", "map", "down", "down", "up", "alternating")))
        width = draw(st.sampled_from((1, 1, 2)))
        numbers = range(start + len(filled), start + len(filled) + width)
        letters = [get_column_letter(number) for number in numbers]
        before = [get_column_letter(n) for n in range(start, numbers.start)]
        for letter in letters:
            own: dict[str, Sequence[str]] = {"cell": kind.phrases["cell"]}
            earlier = before + [other for other in letters if other < letter]
            if earlier and kind.in_chains:
                cells = [f"{other}5" for other in earlier]
                own["cell"] = (*kind.phrases["cell"], *cells * 4)
                ranges = [f"${other}$5:${other}$14" for other in earlier]
                own["vector"] = (*kind.phrases["vector"], *ranges * 2)
            above, total, beyond = "4", f"{letter}$4:{letter}4", (_FIRST_ROW - 1, _FIRST_ROW - 2)
            if way == "up":
                total, beyond = f"{letter}6:{letter}${last + 1}", (last + 1, last + 2)
                above = "6"
            if way in ("down", "up"):
                own |= kind.down
                own["above"] = [other + above for other in letters for _ in range(2)]
                own["total"] = [total]
                for row in beyond:
                    seed = draw(st.sampled_from(kind.seeds))
                    data[f"{letter}{row}"] = seed
            count = 2 if way == "alternating" else 1
            formulas = [written(draw, kind.phrases, own) for _ in range(count)]
            for row in range(_FIRST_ROW, last + 1):
                down = row - _FIRST_ROW
                data[f"{letter}{row}"] = moved(formulas[down % count], down, 0)
            filled.append(f"{letter}{_FIRST_ROW}:{letter}{last}")
    if kind.odd and draw(st.sampled_from((False, False, False, True))):
        # A constant, or another formula, in the middle of a filled column.
        letter = filled[0].split(":")[0].rstrip("0123456789")
        place = f"{letter}{draw(st.integers(_FIRST_ROW, last))}"
        data[place] = draw(st.sampled_from((5, "cat", None, "=A5*2", True, "=SUM(A:A)")))
    return filled


def _grid(draw: Draw, kind: Kind, own: Phrases, data: Cells, last: int) -> str:
    """A formula that fills a grid both ways, with headings above it."""
    width = draw(st.integers(2, 6))
    start = column_index_from_string(_FIRST_COLUMN)
    pool = draw(st.sampled_from(kind.headings))
    for across in range(-1, width + 1):
        letter = get_column_letter(start + across)
        for row in (_FIRST_ROW - 2, _FIRST_ROW - 1):
            data[f"{letter}{row}"] = pool[(across + row) % len(pool)]
    formula = written(draw, kind.phrases, own)
    for across in range(width):
        letter = get_column_letter(start + across)
        for row in range(_FIRST_ROW, last + 1):
            data[f"{letter}{row}"] = moved(formula, row - _FIRST_ROW, across)
    right = get_column_letter(start + width - 1)
    return f"{_FIRST_COLUMN}{_FIRST_ROW}:{right}{last}"
