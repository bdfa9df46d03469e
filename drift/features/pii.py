"""Personal data in answers, by type, where its form or a checksum shows it: no names, no addresses.

A linear-time search passes most answers over; what is left is checked piece by piece: checksums of cards (ISO/IEC 7812)
and IBANs (ISO 13616), numbers that were never given out, and for telephone numbers `phonenumbers` and the words around.
Types carry the names of Presidio in lower case, whose recognisers judge these types in the same way (a test compares
them); its other types are measured where the configuration names them (`drift.features.presidio`). What is the company's own
(`drift.features.own`) is not counted.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa

from drift.features import ngrams, own_patterns
from drift.features.batch import Batch, Context, Measured
from drift.features.flat import text_bytes
from drift.features.own import NOTHING, Own

TYPES = ("email_address", "phone_number", "credit_card", "iban_code", "ip_address", "us_ssn")

# an answer without any of these has none of the types
_WORTH_A_LOOK = r"[^\s]@[^\s]|\d(?:[ .()/\x{a0}-]{0,3}\d){6,}|[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){3}|\d\.\d{1,3}\.\d"
# bytes from one of these digits to the next, at most (a space that does not break has two), from one colon to the next but
# one, and from dot to dot
_DIGITS_APART, _COLONS_APART, _DOTS_APART = 1 + 3 * 2, 2 * (1 + 4), 1 + 3
# what a piece of each type has, and few other answers worth a look: these patterns take linear time, those below need not
_NEEDS = {
    "email_address": r"(?:[\w.+%-]|[^\x00-\x7f])@(?:[\w.-]|[^\x00-\x7f])+\.(?:[A-Za-z]|[^\x00-\x7f]){2}",
    "ip_address": r"\d\.\d{1,3}\.\d|(?::[0-9A-Fa-f]{0,4}){3}",
    "iban_code": r"[A-Za-z]{2}(?:\d|[^\x00-\x7f]){2}[ -]?[A-Za-z0-9]{4}",
    "us_ssn": r"\d{3}-\d{2}-\d{4}",
    "credit_card": r"\d(?:[ -]?\d){11}",
    "phone_number": r"(?:^|[^\w.,/:$#-])(?:\+ ?|00)?\(?\d(?:[ ./()\x{a0}-]{0,3}\d){6}",
}
# texts taken at once: few enough for the arrays to stay in the processor's cache
_ROWS = 512
# of a longer answer only the first characters are searched, and no more pieces than this are checked in one
_LONGEST = 100_000
_PIECES = 400

_EMAIL = re.compile(r"(?<![\w.+%-])[\w+%-][\w.+%-]{0,63}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@])")
_IP = re.compile(
    r"(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|[./]\d)|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){3,7}(?![\w:]|\.\d))", re.ASCII
)
# four numbers with dots may count versions or sections too, and /24 makes them a net
_NUMBERED = re.compile(
    r"(?:\b(?:version|release|build|section|chapter|clause|article|paragraph|appendix|rev|revision|update|upgrade|kernel"
    r"|python|java|node|chrome|firefox|safari|windows|android|ios|macos|linux|driver|firmware|package|library|plugin)|\bv|§)\.? ?$",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"\d\.\d{1,3}\.\d")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])")
# to look behind only after a digit is found is several times as fast
_SSN = re.compile(r"\d(?<![\w-]\d)\d{2}-\d{2}-\d{4}(?![\w-])", re.ASCII)
_CARD = re.compile(r"\d(?<![\w.,+-]\d)(?:[ -]?\d){11,18}(?![\w-]|[.,]\d)", re.ASCII)
# the first digits of payment cards (ISO/IEC 7812): 1 and 2 are airlines' and old JCB, Mastercard, MIR
_CARD_PREFIX = re.compile(r"4|5[0-8]|6|3[04-9]|2[12-7]|180")
# numbers of devices have the check digit of cards
_DEVICE = re.compile(r"\b(?:imei|meid|iccid)\b[^\w\n]*(?:is |number )?$", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<![\w.,/:$€£#-])(?:\+ ?|00)?\(?\d(?:[ ./()\u00a0-]{0,3}\d){6,15}(?: ?(?:x|ext\.?) ?\d{1,6})?(?!\w|[.,/:-]\d|%)",
    re.ASCII,
)
_DATE = re.compile(
    r"(?:1[6-9]|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ][0-3]?\d(?!\d)"
    r"|[0-3]?\d[-./ ][0-3]?\d[-./ ](?:1[6-9]|20)\d\d(?!\d)|(?:1[6-9]|20)\d\d ?[-/] ?(?:1[6-9]|20)\d\d$"
)
_FORMATTED = re.compile(
    r"(?:\+|00 ?)[1-9]|(?:1[-. ])?\(?[2-9]\d\d\)?[-. ]?[2-9]?\d\d[-.]\d{4}(?!\d)"
    r"|\(\d{2,5}\) ?\d{2,5}[- ]?\d{3,5}|0\d{1,4}[ /-]\d{2,4}(?:[ -]?\d{2,4}){1,4}$|0\d(?:[ .]\d\d){4}$"
)
_CALLED = re.compile(
    r"\b(?:phone|telephone|tel|mobile|cell|cellphone|fax|desk|office|call(?:ing|ed)?|dial|whatsapp|sms|hotline"
    r"|reach|ring|text|answering|messages? to|registered|contact|voicemail|pager"
    r"|telefon|telefoon|handy|mobil|t[ée]l[ée]phone|t[ée]l|portable|tel[ée]fono|m[óo]vil|celular"
    r"|telefone|cellulare|numer telefonu|телефон|звоните|chiama\w*|appele[zr]|ll[áa]ma\w*|rufen|anrufen|zadzwo\w+|هاتف|फ़ोन)\b[^\d\n]{0,30}$"
    r"|(?:电话|電話|手机|手機|携帯|전화|연락처|휴대폰)[^\d\n]{0,30}$",
    re.IGNORECASE,
)
# what else a number is the number of
_COUNTED = re.compile(
    r"\b(?:order|invoice|ticket|reference|ref|tracking|serial|part|item|article|product|policy|case|batch|lot|model|isbn|ean|account"
    r"|balance|amount|booking|flight|shipment|parcel|bestellung|rechnung|commande|facture|pedido|factura|ordine)"
    r"(?:\.? ?(?:no|number|code|id|nr|#))?[^\w\n]{0,4}(?:is |was )?[#:]? ?$",
    re.IGNORECASE,
)
_CALLED_AFTER = re.compile(r"^[\s(\\-]{0,3}(?:office|fax|mobile|cell|home|work|desk|phone)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """A piece of personal data: characters start to end (exclusive) of the text."""

    type: str
    start: int
    end: int


def spans(text: str, types: Container[str] = TYPES) -> list[Span]:
    """The personal data of one text, in order, none overlapping another; types: those that it may have."""
    text = text[:_LONGEST]
    found: list[Span] = []
    taken: list[tuple[int, int]] = []
    for type_, pieces in (
        ("email_address", _emails),
        ("ip_address", _addresses),
        ("iban_code", _ibans),
        ("us_ssn", _security_numbers),
        ("credit_card", _cards),
        ("phone_number", _telephones),
    ):
        for start, end in pieces(text) if type_ in types else ():
            if not any(start < other_end and other < end for other, other_end in taken[-_PIECES:]):
                found.append(Span(type_, start, end))
                taken.append((start, end))
    return sorted(found, key=lambda span: span.start)


def classify(texts: pa.Array | pa.ChunkedArray | list[str | None], own: Own = NOTHING) -> dict[str, np.ndarray]:
    """By type, 1 where an answer has personal data of it that is not the company's own, 0 where not, NaN where null; float64,
    shape (n,)."""
    column = ngrams.column(texts)
    known = column.is_valid().to_numpy(zero_copy_only=False).astype(bool)
    found = {type_: np.where(known, 0.0, np.nan) for type_ in TYPES}
    (rows,) = np.nonzero(_marked(column))
    rows = rows[ngrams.found_in(column.take(pa.array(rows)), _WORTH_A_LOOK)]
    some = column.take(pa.array(rows))
    has = {type_: ngrams.found_in(some, pattern) for type_, pattern in _NEEDS.items()}
    for at, text in enumerate(some.to_pylist()):
        for span in spans(text, {type_ for type_ in TYPES if has[type_][at]}):
            if not own.has(span.type, text[span.start : span.end]):
                found[span.type][rows[at]] = 1.0
    return found


def _marked(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Where there is an at sign, or digits, colons or dots are as close to each other as in what is worth a look; bool, shape (n,).

    Arithmetic on the few bytes that are one of these is faster than a search of all bytes.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    slices = [chunk.slice(first, _ROWS) for chunk in chunks for first in range(0, len(chunk), _ROWS)]
    return np.concatenate([np.zeros(0, bool), *map(_marked_rows, slices)])


def _marked_rows(column: pa.Array) -> np.ndarray:
    data, offsets = text_bytes(column)
    # digits, : and @
    (at,) = np.nonzero((data - 48 < 11) | (data == 64))
    byte = data[at]
    digits, colons = at[byte < 58], at[byte == 58]
    gaps = np.cumsum(np.diff(digits, prepend=0) > _DIGITS_APART)
    dots = digits[:-1][np.diff(digits) == 2] + 1
    dots = dots[data[dots] == 46]
    close = (
        at[byte == 64],
        digits[:-6][gaps[6:] == gaps[:-6]],
        colons[:-2][colons[2:] - colons[:-2] <= _COLONS_APART],
        dots[:-1][np.diff(dots) <= _DOTS_APART],
    )
    out = np.zeros(len(column), bool)
    out[np.searchsorted(offsets, np.concatenate(close), side="right") - 1] = True
    return out


def measure(batch: Batch, context: Context) -> Measured:
    found = classify(batch.column("output"), context.own)
    if context.pii_patterns:
        found |= own_patterns.classify(batch.column("output"), context.pii_patterns)
    if context.pii_types:
        from drift.features import presidio

        found |= presidio.measure(batch, context)
    whole = np.fmax.reduce(list(found.values()))
    if context.names:
        from drift.features import persons

        found["person"] = persons.measure(batch, context)
    return {"pii": whole, **{f"pii.{type_}": values for type_, values in found.items()}}


def _pieces(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return islice(pattern.finditer(text), _PIECES)


def _emails(text: str) -> Iterator[tuple[int, int]]:
    if "@" in text:
        yield from (match.span() for match in _pieces(_EMAIL, text))


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    if text.count(":") < 3 and not _DOTTED.search(text):
        return
    for match in _pieces(_IP, text):
        if _NUMBERED.search(text[max(0, match.start() - 16) : match.start()]):
            continue
        try:
            address = ipaddress.ip_address(match.group())
        except ValueError:
            continue
        # 240.0.0.0/4 holds net masks, not hosts
        mask = address.version == 4 and address.is_reserved
        if not (mask or address.is_loopback or address.is_unspecified or address.is_multicast):
            yield match.span()


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for match in _pieces(_IBAN, text):
        if is_iban(match.group()):
            yield match.span()


def _security_numbers(text: str) -> Iterator[tuple[int, int]]:
    for match in _pieces(_SSN, text):
        if is_security_number(match.group()):
            yield match.span()


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for match in _pieces(_CARD, text):
        digits = re.sub(r"\D", "", match.group())
        if _DEVICE.search(text[max(0, match.start() - 20) : match.start()]):
            continue
        if _CARD_PREFIX.match(digits) and len(set(digits)) > 1 and is_card(digits):
            yield match.span()


def _telephones(text: str) -> Iterator[tuple[int, int]]:
    for match in _pieces(_NUMBER, text):
        piece = match.group()
        start, end = match.span()
        if _DATE.match(piece.lstrip("(+ ")) or not piece[-2:].isdigit():
            continue
        if piece[0] != "+" and _COUNTED.search(text[max(0, start - 50) : start]):
            continue
        named = _CALLED.search(text[max(0, start - 50) : start]) or _CALLED_AFTER.match(text[end : end + 12])
        if named or _FORMATTED.match(piece) and _possible(piece):
            yield start, end


def _possible(piece: str) -> bool:
    """Whether a telephone network has numbers of that length: of the country named, else of any that drift knows best."""
    import phonenumbers

    international = "+" + piece.lstrip("+0 ") if piece.startswith(("+", "00")) else None
    regions = (None,) if international else ("US", "GB", "DE", "FR", "BR")
    digits = (international or piece).replace("(0)", "")
    for region in regions:
        try:
            if phonenumbers.is_possible_number(phonenumbers.parse(digits, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


def is_card(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn, 1960)."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits), 1))
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the length is that of an IBAN and the check digits are right (ISO 13616, modulo 97)."""
    compact = re.sub(r"[ -]", "", text).upper()
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


def is_security_number(text: str) -> bool:
    """Whether a number of the form 123-45-6789 can have been given out (Social Security Administration, 2011)."""
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
