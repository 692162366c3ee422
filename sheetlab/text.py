"""Text in the two languages of sheetlab, English and Korean."""

import os
import unicodedata
from typing import Literal, NamedTuple, get_args

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def user_language() -> Language:
    """The language of messages: `SHEETLAB_LANG`, else the locale, else English."""
    for variable in ("SHEETLAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        setting = os.environ.get(variable, "")
        if setting:
            return "ko" if setting.lower().startswith("ko") else "en"
    return "en"


class Text(NamedTuple):
    """One text in both languages; `str(text)` is in the language of the user."""

    en: str
    ko: str

    def to(self, language: Language) -> str:
        """The text in `language`."""
        return self.ko if language == "ko" else self.en

    def __str__(self) -> str:
        return self.to(user_language())


def bilingual(text: "str | Text") -> Text:
    """A text written as "English|한국어", or once for both languages where it has no bar."""
    if isinstance(text, Text):
        return text
    en, bar, ko = text.partition("|")
    return Text(en, ko if bar else en)


def same(text: str) -> Text:
    """A text that reads the same in both languages, such as a symbol."""
    return Text(text, text)


# A Korean particle whose form depends on the sound before it, as a pattern with one group.
PARTICLE = r"((?:으로|로|과|와)(?=[^가-힣]|의|는|도|만|부터|$)|[은는이가을를](?=[^가-힣]|$))?"
_FORMS = (("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로"))
# What ends in a consonant when it is read: 0 영, 십, 백; 3 삼; 6 육; M 엠; N 엔. In ㄹ, after which
# 으로 is 로: 1 일, 7 칠, 8 팔, L 엘, R 알. The other digits and letters end in a vowel.
_CONSONANT, _RIEUL = "036MN", "178LR"


def fitting_particle(address: str, particle: str) -> str:
    """The form of a particle that fits the digit or letter before it, as this is read in Korean."""
    for after_consonant, after_vowel in _FORMS:
        if particle in (after_consonant, after_vowel):
            closed = _CONSONANT if particle in ("으로", "로") else _CONSONANT + _RIEUL
            return after_consonant if address[-1] in closed else after_vowel
    return particle


LONGEST_QUOTE = 60

_UNSEEN_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def printable(text: str) -> str:
    """The text for a terminal: what would steer it is spelled out, an escape as `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _UNSEEN_CATEGORIES
        else character
        for character in text
    )


def quoted(value: object) -> str:
    """What a person gave, between quotation marks and cut off where a sentence would drown."""
    text = str(value)
    return f"'{text}'" if len(text) <= LONGEST_QUOTE else f"'{text[:LONGEST_QUOTE]}…'"
