"""Personal data is found by its form and its checksum, and what only looks like it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift import features, traces
from drift.config import Config
from drift.errors import ConfigError
from drift.features import pii

FOUND = {
    "email_address": ["Write to maria.lopez@mail-host.co.uk today.", "<a.b+c@x.io>", "Écrivez à zoé@exemple.fr"],
    "phone_number": [
        "Call me on +44 7700 900123 tonight.",
        "You can reach her at (555) 867-5309.",
        "Telefon: 030 1234567",
        "his number is 905-674-3793",
        "Chiamami al 347 123 4567",
        "手机号：13812345678",
        "010-1234-5678로 전화 주세요",
        "+91 98765 43210",
        "+7 (912) 345-67-89",
        "Tel. 01 42 68 53 00",
    ],
    "credit_card": ["The card 4111 1111 1111 1111 was charged.", "Amex 378282246310005."],
    "iban_code": ["Transfer it to DE89 3704 0044 0532 0130 00.", "gb82west12345698765432"],
    "ip_address": ["He logged in from 93.184.216.34.", "from 2001:db8:85a3:0:0:8a2e:370:7334", "8.8.8.8:53 answers"],
    "us_ssn": ["Her SSN is 536-22-8726."],
}
CLEAN = (
    "The meeting is on 2026-11-21 at 10:30:15.",
    "It was built in 1998-2004 and cost 1,250,000,000 euros.",
    "The card 4111 1111 1111 1112 has a wrong check digit.",
    "DE88 3704 0044 0532 0130 00 is no valid IBAN.",
    "Pi is 3.14159265358979 and the ISBN is 978-3-16-148410-0.",
    "Use version 10.4.2 and the mask 255.255.255.0 on 127.0.0.1.",
    "user@localhost and @mention are no addresses",
    "000-12-3456 and 123-00-4567 were never given out",
    "The population is 83 517 034.",
    "Version 1.2.3.4 fixes this, as Python 3.11.4.0 does; see section 4.1.2.3.",
    "The IMEI 490154203237518 passes the check of cards.",
    "The subnet is 192.168.1.0/24.",
    "Contact order 00012345678, account balance: 0123 4567, tracking 1Z999AA10123456784.",
    "Order 4471-2239-1180 left at 2024-05-06T07:08:09.123456Z, timestamp 1700000000.",
    "sha 9f86d081884c7d659a2feaa0c55ad015, UUID 123e4567-e89b-12d3-a456-426614174000, EAN 4006381333931",
)


@pytest.mark.parametrize("type_", FOUND)
def test_each_type_is_found(type_):
    found = pii.classify(FOUND[type_])
    assert found[type_].tolist() == [1.0] * len(FOUND[type_])


@pytest.mark.parametrize("text", CLEAN)
def test_look_alikes_are_not_personal_data(text):
    assert pii.spans(text) == []


def test_a_span_is_the_piece_itself():
    text = "Mail bo@example.org or call +49 30 901820."
    assert [(span.type, text[span.start : span.end]) for span in pii.spans(text)] == [
        ("email_address", "bo@example.org"),
        ("phone_number", "+49 30 901820"),
    ]


def test_one_number_is_not_counted_as_two_types():
    assert [span.type for span in pii.spans("Phone or card? 4111 1111 1111 1111")] == ["credit_card"]


NUMBERS = st.text(st.sampled_from("0123456789 -.:/()+@ab\n\u00a0"), max_size=40)
PIECES = st.sampled_from([text for texts in FOUND.values() for text in texts])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.one_of(NUMBERS, st.tuples(NUMBERS, PIECES, NUMBERS).map("".join)), min_size=1, max_size=6))
def test_no_piece_is_passed_over_before_it_is_checked(texts):
    found = pii.classify(texts)
    for row, text in enumerate(texts):
        assert {type_ for type_ in pii.TYPES if found[type_][row]} == {span.type for span in pii.spans(text)}, text


def test_the_metrics_of_a_trace_table():
    rows = [{"trace_id": str(i), "timestamp": 0, "output": text} for i, text in enumerate(["bo@example.org", "nothing", None])]
    found = pii.measure(features.Batch(traces.table(rows)), features.Context())
    np.testing.assert_array_equal(found["pii"], [1, 0, np.nan])
    np.testing.assert_array_equal(found["pii.email_address"], [1, 0, np.nan])
    np.testing.assert_array_equal(found["pii.us_ssn"], [0, 0, np.nan])


@pytest.mark.parametrize("piece", ["1", "1 ", "a@", "1.", "(", "+1-", "GB12", "ab:", "@" * 7, "1-2-"])
def test_hostile_answers_cost_linear_time(piece):
    # what is quadratic in so long a text runs into the suite's time-out
    assert pii.classify([piece * (5_000_000 // len(piece))])


@pytest.mark.slow
def test_numbers_are_judged_as_presidio_judges_them():
    recognizers = pytest.importorskip("presidio_analyzer.predefined_recognizers")
    numbers = np.random.default_rng(0)
    for _ in range(300):
        card = "4" + "".join(map(str, numbers.integers(0, 10, 15)))
        assert pii.is_card(card) == bool(recognizers.CreditCardRecognizer().validate_result(card))
        code = f"DE{numbers.integers(2, 99):02d}" + "".join(map(str, numbers.integers(0, 10, 18)))
        assert pii.is_iban(code) == bool(recognizers.IbanRecognizer().validate_result(code))
        number = f"{numbers.integers(0, 900):03d}-{numbers.integers(0, 3):02d}-{numbers.integers(0, 3):04d}"
        assert pii.is_security_number(number) == (not recognizers.UsSsnRecognizer().invalidate_result(number)), number


@pytest.mark.slow
def test_a_type_of_presidio_is_measured_where_it_is_asked_for():
    pytest.importorskip("presidio_analyzer")
    rows = [
        {"trace_id": "a", "timestamp": 0, "output": "Send it to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 please."},
        {"trace_id": "b", "timestamp": 0, "output": "Send it to the bank please."},
    ]
    found = pii.measure(features.Batch(traces.table(rows)), features.Context(pii_types=("CRYPTO",)))
    assert found["pii.crypto"].tolist() == [1, 0]
    assert found["pii"].tolist() == [1, 0]
    with pytest.raises(ConfigError, match="PERSON"):
        features.context(Config.of({"safety": {"pii_types": ["PERSON"]}}))
