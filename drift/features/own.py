"""What is the company's own: its support address, hotline, IBAN. To say them is no leak of personal data.

`[safety] own` names them: e-mail addresses, whole domains (`@example.com`), telephone numbers with their country code, IBANs, IP
addresses. A number is the same however it is grouped, with or without the country's code.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from drift.errors import ConfigError

# digits of a telephone number that are enough to be one
_FEWEST_DIGITS = 6
_EMAIL = re.compile(r"[^@\s]+@(?:[\w-]+\.)+[^\W\d_]{2,24}")
_DOMAIN = re.compile(r"@(?:[\w-]+\.)+[^\W\d_]{2,24}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_PHONE = re.compile(r"\+?[\d ()./\u00a0-]+")


@dataclass(frozen=True)
class Own:
    """exact: pieces as `_plain` writes them. domains: with the at sign. numbers: digits of telephone numbers without leading zeros."""

    exact: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.exact or self.domains or self.numbers)

    def has(self, type_: str, piece: str) -> bool:
        """Whether a piece of personal data of a type is the company's own."""
        plain = _plain(piece)
        if plain in self.exact:
            return True
        if type_ == "email_address":
            return f"@{plain.rpartition('@')[2]}" in self.domains
        return type_ == "phone_number" and any(_same_number(_digits(piece), number) for number in self.numbers)


NOTHING = Own()


def parse(entries: Iterable[str]) -> Own:
    """The entries of `[safety] own`. Raises ConfigError for one that is none of the kinds."""
    exact, domains, numbers = set(), set(), []
    for entry in entries:
        plain = _plain(entry)
        if _DOMAIN.fullmatch(plain):
            domains.add(plain)
        elif _EMAIL.fullmatch(plain) or _IBAN.fullmatch(plain.upper()) or _is_address(plain):
            exact.add(plain)
        elif _PHONE.fullmatch(entry.strip()) and len(_digits(entry)) >= _FEWEST_DIGITS:
            numbers.append(_digits(entry))
        else:
            raise ConfigError(
                f"safety.own: {entry!r} is no e-mail address, @domain, telephone number of {_FEWEST_DIGITS} digits or more, IBAN or"
                " IP address"
            )
    return Own(frozenset(exact), frozenset(domains), tuple(numbers))


def candidates(pieces: Iterable[Iterable[str]], share: float = 0.2, least: int = 20) -> list[str]:
    """Pieces of personal data that so large a share of the answers repeat that they are likely the company's own, the commonest first.

    pieces: those of each answer, every answer of the sample counted, also one without any.
    """
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    answers = 0
    for found in pieces:
        answers += 1
        for plain, piece in {_plain(each): each for each in found}.items():
            counts[plain] += 1
            written.setdefault(plain, piece)
    return [written[plain] for plain, n in counts.most_common() if n >= max(least, share * answers)]


def _plain(piece: str) -> str:
    """Lower case; an IBAN, card or social security number without what groups it."""
    text = piece.strip().lower()
    return text if "@" in text or ":" in text or "." in text else re.sub(r"[\s-]", "", text)


def _digits(piece: str) -> str:
    return re.sub(r"\D", "", piece.replace("(0)", "")).lstrip("0")


def _same_number(one: str, other: str) -> bool:
    """Whether two are one number, of which either may be written without the country's code (at most three digits)."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _FEWEST_DIGITS and long.endswith(short) and len(long) - len(short) <= 3


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
