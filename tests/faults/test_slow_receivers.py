"""A receiver that does not answer may have accepted: it is asked once, told of it, and never given the same news again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from nights import day, finding, write

from drift.alerts import deliver, outbox, requests, sinks
from drift.results import frames


@pytest.fixture
def receiver() -> Iterator[Callable[[bytes, bool], tuple[str, list[bytes]]]]:
    """receiver(answer, drip) → (address, what was received); after each answer it goes on for ever, or is silent."""
    over = threading.Event()
    opened = []

    def start(answer: bytes, drip: bool) -> tuple[str, list[bytes]]:
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)
        received: list[bytes] = []

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    received.append(connection.recv(1 << 20))
                    try:
                        connection.sendall(answer)
                        while not over.wait(0.05):
                            if drip:
                                connection.sendall(b"x")
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}", received

    yield start
    over.set()
    for server in opened:
        server.close()


@pytest.mark.parametrize("drip", [False, True], ids=["silent", "dripping"])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"], ids=["no head", "no end"])
def test_news_that_may_have_arrived_are_not_posted_again(results, receiver, monkeypatch, answer, drip):
    monkeypatch.setattr(requests, "TIMEOUT_S", 0.5)
    address, received = receiver(answer, drip)
    write(results, day(0))
    write(results, day(1), [finding(day(1))])
    for _ in range(3):
        deliver(results, [sinks.Webhook(address)], day(1))
    assert len(received) == 1
    assert frames.deliveries(results)["status"].tolist() == ["unknown"]


def test_the_next_message_says_that_one_may_not_have_arrived(results, receiver, place, monkeypatch):
    monkeypatch.setattr(requests, "TIMEOUT_S", 0.5)
    address, _ = receiver(b"", False)
    hook = sinks.Webhook(address)
    write(results, day(1), [finding(day(1))])
    deliver(results, [hook], day(1))
    monkeypatch.setattr(hook, "_address", place.url)
    write(results, day(2), [finding(day(2), "latency_s")])
    deliver(results, [hook], day(2))
    (post,) = place.posts
    assert f"A message about {day(1)} may not have arrived" in str(post)


def test_each_try_of_a_message_has_the_same_key_and_another_message_another(results, place):
    place.answers = [(503, {}, ""), (503, {}, "")]
    hook = sinks.Webhook(place.url, sleep=lambda seconds: None)
    for number in (1, 2):
        write(results, day(number), [finding(day(number), ("refusal", "latency_s")[number - 1])])
        deliver(results, [hook], day(number))
    keys = [headers["Idempotency-Key"] for headers in place.headers]
    assert keys[0] == keys[1] == keys[2] != keys[3] and all(len(key) == 32 for key in keys)


@pytest.fixture
def hook(place) -> sinks.Webhook:
    return sinks.Webhook(place.url, sleep=lambda seconds: None)


def _keys(place) -> list[str]:
    return [headers["Idempotency-Key"] for headers in place.headers]


def test_a_later_try_has_the_key_of_the_first_though_what_is_said_has_changed(results, place, hook):
    place.answers = [(500, {}, "")] * requests.ATTEMPTS
    write(results, day(1), [finding(day(1))])
    deliver(results, [hook], day(1))
    write(results, day(1), [finding(day(1), change=0.09)])
    write(results, day(2))
    deliver(results, [hook], day(2))
    (post,) = place.posts
    assert post["incidents"][0]["after"] == pytest.approx(0.11)
    assert len(_keys(place)) == requests.ATTEMPTS + 1 and len(set(_keys(place))) == 1


def test_a_week_that_may_have_been_taken_has_the_same_key_when_it_is_told_again(results, place, hook):
    place.answers = [(500, {}, "")] * requests.ATTEMPTS
    for number in (0, 1):
        # the first day is a Sunday
        write(results, day(number))
        deliver(results, [hook], day(number), weekly=True)
        write(results, day(0), [finding(day(0), change=0)])
    assert [post["applications"][""]["last"] for post in place.posts] == [str(day(0))]
    assert len(set(_keys(place))) == 1


def test_news_that_came_after_a_try_are_a_message_of_their_own(results, place, hook):
    """Else a receiver that took the first try would drop them with it, or take its news again."""
    place.answers = [(500, {}, "")] * requests.ATTEMPTS
    write(results, day(1), [finding(day(1))])
    deliver(results, [hook], day(1))
    write(results, day(1), [finding(day(1)), finding(day(1), "latency_s", test="rule")])
    deliver(results, [hook], day(1))
    first, *again, other = _keys(place)
    assert set(again) == {first} and other != first
    assert [[one["metric"] for one in post["incidents"]] for post in place.posts] == [["refusal"], ["latency_s"]]


def test_news_that_another_process_tried_meanwhile_are_left_to_a_later_run(results, place, hook):
    write(results, day(1), [finding(day(1)), finding(day(1), "latency_s", test="rule")])
    deliver(results, [hook], day(1), later=True)
    one, other = frames.deliveries(results)["id"]
    assert outbox.claim_all(results, [one], "its")
    outbox.mark(results, [one], status=outbox.Status.PENDING, claim="")
    assert outbox.claim_all(results, [one, other], "mine") == ""
    assert [outcome.status for outcome in deliver(results, [hook], day(1))] == ["sent", "sent"]
