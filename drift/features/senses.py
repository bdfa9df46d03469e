"""Words that are rude or sad in one sense and plain in another: a process that is killed, a garbage collector, a hoe in a garden.

A word is taken in its plain sense where a word of that trade stands near it and it is not said to a person. English only.
"""

from __future__ import annotations

import numpy as np

from drift.features.flat import ranges
from drift.features.tokens import Tokens, among, word_set

_REACH = 8
_AIM = 2

# computing, tools, medicine, animals and gardens
_TWO_SENSES = word_set(
    """kill kills killed killing killer die dies died dying dead death deadly abort aborts aborted aborting crash crashes crashed
    crashing dump dumps dumped dumping garbage trash trashed zombie zombies orphan orphans orphaned monkey dirty hack hacks hacked
    hacker hackers hacking slave slaves master masters strip strips stripped stripping execute executes executed executing
    execution screw screws screwed hook hooks hang hangs hung hanging penetration penetrate attack attacks attacked attacker
    attackers exploit exploits exploited victim victims daemon demon fatal bad error errors fail fails failed failing failure
    failures drop dropped shoot shoots shooting shot black dumb blow blows blown bang bug bugs worm worms virus viruses trojan
    sniff sniffer inject injection injections poison poisoned bomb fork deadlock starvation starve nuke wipe destroy destroys
    destroyed terminate terminated panic panics dangling evil suppress conflict conflicts problem problems warning warnings
    critical severe abandoned lost broken corrupt corrupted corruption invalid illegal denied refused rejected stuck leak leaks
    nasty nut nuts bolt male female butt hoe hoes cock rat rats pig pigs goat goats donkey donkeys maggot maggots swine penis
    vagina anus anal semen breast breasts sex sexual sexually discharge rectal suicide vomit vomiting piss urine naked cut cuts
    race racing hit hits force forced steal stealing hard ugly stink smelly stinky suck sucks sucking suction bloody fat obese
    dummy cum sick skull lick buzz clouds chambers drove graves vine dame wool aged spout blind greedy lazy silly stupid naive"""
)
_TRADE = word_set(
    """process processes thread threads daemon server servers command commands signal signals sigkill sigterm pid container
    containers docker kubernetes pod pods script scripts shell bash terminal branch git sql query queries database databases
    table tables port ports memory heap stack kernel linux unix windows code function functions method class classes object
    objects variable variables loop loops compiler build deploy deployment api http https ssh tcp udp network packet packets
    firewall malware penetration vulnerability vulnerabilities exploit cve encryption password token tokens log logs logger
    exception exceptions runtime python java javascript cpu gpu cache disk node nodes cluster clusters worker workers queue
    collector pointer pointers mutex lock locks deadlock descriptor socket sockets session sessions job jobs parent subprocess
    stdout stderr stdin regex string strings array arrays spaces whitespace config debugger debug algorithm heuristic evaluation
    raw editor lens camera exposure screwdriver drill wood bolts washer wrench hammer joint connector connectors cable plug
    socket thread circuit voltage valve doctor doctors patient patients symptom symptoms infection infections surgery tissue
    exam clinic clinical treatment disease diseases cancer diagnosis bacteria vaccine prescription gynecologist urologist
    prostate uterus medical medication garden soil weeds compost seeds seedlings plants crop crops farm farmer cattle livestock
    breed breeds veterinarian species habitat recipe oven"""
)
_PEOPLE = word_set(
    "you your yourself yourselves u him her himself herself everyone everybody people women men jews muslims blacks"
)


def two_senses(hashes: np.ndarray) -> np.ndarray:
    """Whether words have a plain sense beside the other; bool, shape (hashes,)."""
    return among(Tokens(hashes, np.array([0, len(hashes)])), _TWO_SENSES)


def plain(words: Tokens, at: np.ndarray) -> np.ndarray:
    """Whether tokens of `two_senses` are used in the plain one. at: which, int64, ascending; bool, shape (at,)."""
    row = words.rows[at]
    first, last = words.offsets[row], words.offsets[row + 1]
    near = _any(words, np.maximum(at - _REACH, first), np.minimum(at + _REACH + 1, last), _TRADE)
    aimed = _any(words, np.minimum(at + 1, last), np.minimum(at + 1 + _AIM, last), _PEOPLE)
    return near & ~aimed


def _any(words: Tokens, begins: np.ndarray, ends: np.ndarray, among_these: np.ndarray) -> np.ndarray:
    """Whether any token from `begins` to `ends` is one of a `word_set`; bool, shape (begins,)."""
    at, offsets = ranges(begins, ends - begins)
    found = among(Tokens(words.hashes.take(at), np.array([0, len(at)])), among_these)
    return np.diff(np.concatenate([[0], np.cumsum(found)])[offsets]) > 0
