"""Text in the two languages of sheetlab, English and Korean."""

import os
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


def same(text: str) -> Text:
    """A text that reads the same in both languages, such as a symbol."""
    return Text(text, text)
