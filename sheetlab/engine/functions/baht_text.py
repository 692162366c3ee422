"""BAHTTEXT: an amount of money in Thai words."""

from decimal import ROUND_HALF_UP, Decimal

from sheetlab.engine.functions.function import Function
from sheetlab.engine.values.conversions import SIGNIFICANT_DIGITS

_DIGITS = ("", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า")
_PLACES = ("แสน", "หมื่น", "พัน", "ร้อย")
_TEN, _TWENTY, _ONE_AFTER_TENS = "สิบ", "ยี่สิบ", "เอ็ด"
_MILLION, _ZERO, _MINUS = "ล้าน", "ศูนย์", "ลบ"
_BAHT, _SATANG, _EXACTLY = "บาท", "สตางค์", "ถ้วน"


def _words(number: int) -> str:
    millions, rest = divmod(number, 1_000_000)
    shown = _words(millions) + _MILLION if millions else ""
    *places, tens, ones = map(int, f"{rest:06}")
    for digit, place in zip(places, _PLACES, strict=True):
        shown += _DIGITS[digit] + place if digit else ""
    if tens:
        shown += {1: _TEN, 2: _TWENTY}.get(tens, _DIGITS[tens] + _TEN)
    return shown + (_ONE_AFTER_TENS if tens and ones == 1 else _DIGITS[ones])


def _baht_text(number: float) -> str:
    shown = Decimal(f"{abs(number):.{SIGNIFICANT_DIGITS}g}")
    baht, satang = divmod(int((shown * 100).to_integral_value(ROUND_HALF_UP)), 100)
    words = _words(baht) + _BAHT if baht else ""
    words += _words(satang) + _SATANG if satang else _EXACTLY if baht else _ZERO + _BAHT + _EXACTLY
    return (_MINUS if number < 0 and (baht or satang) else "") + words


FUNCTIONS: dict[str, Function] = {"BAHTTEXT": Function(_baht_text, ("number",))}
