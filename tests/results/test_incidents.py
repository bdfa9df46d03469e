"""Incidents open, last, get worse or better and close; one cause is one incident; people's decisions are kept."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import date

import pytest
from nights import day, finding

from drift.results.grouping import StoredFinding, group
from drift.results.incident import Decision, Incident
from drift.results.incidents import replay


def stored(number: int, metric: str = "refusal", where: str = "", change: float = 0.07, **rest) -> StoredFinding:
    made = finding(day(number), metric, where, change, **rest)
    return StoredFinding(id=f"{metric}/{where}/{made.statistic}/{made.test}", **asdict(made))


def story(*changes: float, decisions: tuple[Decision, ...] = ()) -> list[Incident]:
    """The incidents of one metric that changes by so much each night."""
    return replay(
        map(day, range(len(changes))), {day(i): [stored(i, change=c)] for i, c in enumerate(changes)}, decisions
    ).incidents


def events(incident: Incident) -> list[str]:
    return [line.event for line in incident.days]


def decision(incident: Incident, action: str, on: int, until: date | None = None) -> Decision:
    return Decision(
        number=1,
        incident_id=incident.id,
        metric=incident.metric,
        dimension=incident.dimension,
        value=incident.value,
        action=action,
        day=day(on),
        until=until,
    )


def test_an_incident_opens_lasts_and_closes_after_two_ordinary_nights():
    (incident,) = story(0, 0.07, 0.07, 0, 0, 0)
    assert events(incident) == ["opened", "lasting", "ordinary", "closed"]
    assert (incident.opened, incident.closed, incident.nights) == (day(1), day(4), 2)


def test_one_ordinary_night_does_not_close_it():
    (incident,) = story(0.07, 0, 0.07, 0, 0)
    assert events(incident) == ["opened", "ordinary", "lasting", "ordinary", "closed"]


def test_a_night_below_the_threshold_and_still_clearly_off_does_not_count_towards_closing():
    off = replace(stored(1), alarm=False, z=3.0)
    incidents = replay([day(0), day(1), day(2)], {day(0): [stored(0)], day(1): [off], day(2): [stored(2, change=0)]}).incidents
    assert events(incidents[0]) == ["opened", "lasting", "ordinary"]


def test_it_gets_worse_and_better_by_half_of_what_was_told_last():
    (incident,) = story(0.06, 0.07, 0.12, 0.13, 0.05)
    assert events(incident) == ["opened", "lasting", "worse", "lasting", "better"]


def test_a_change_within_tonights_uncertainty_is_neither_worse_nor_better():
    wide = stored(1, change=0.12, low=0.05, high=0.19)
    (incident,) = replay([day(0), day(1)], {day(0): [stored(0, change=0.06)], day(1): [wide]}).incidents
    assert events(incident) == ["opened", "lasting"]


def test_after_it_closed_the_same_change_is_a_new_incident():
    first, second = story(0.07, 0, 0, 0, 0.07)
    assert first.id != second.id and second.opened == day(4)


def meaning(number: int, statistic: str, change: float = 0.02, **rest) -> StoredFinding:
    """A night of an embedding: which of its statistics stood out most, and how far it moved."""
    return stored(number, "input_embedding", change=change, statistic=statistic, **rest)


def meanings(*nights: StoredFinding, decisions: tuple[Decision, ...] = ()) -> list[Incident]:
    return replay([each.day for each in nights], {each.day: [each] for each in nights}, decisions).incidents


def test_a_change_of_meaning_is_one_incident_whichever_of_its_statistics_stands_out():
    off = meaning(1, "energy", z=3.0, alarm=False)
    (incident,) = meanings(meaning(0, "axis"), off, replace(off, day=day(2)), meaning(3, "discrepancy", 0.06))
    assert events(incident) == ["opened", "lasting", "lasting", "worse"]
    assert [line.value_to for line in incident.days] == [0.04, 0.04, 0.04, 0.08]


def test_an_accepted_change_of_meaning_stays_accepted_whichever_of_its_statistics_stands_out():
    (before,) = meanings(meaning(0, "axis"))
    (incident,) = meanings(meaning(0, "axis"), meaning(1, "energy"), decisions=(decision(before, "accept", 0),))
    assert events(incident) == ["opened", "accepted"]


def test_a_failed_night_changes_nothing():
    findings = {day(i): [stored(i, change=c)] for i, c in enumerate([0.07, 0, 0, 0.07])}
    (incident,) = replay([day(0), day(1), day(3)], findings).incidents
    assert events(incident) == ["opened", "ordinary", "lasting"]


def test_a_change_in_the_other_direction_is_another_incident():
    first, second = story(0.07, -0.015, -0.015)
    assert (first.opened, second.opened) == (day(0), day(1))
    assert events(first) == ["opened", "ordinary", "closed"]


def test_the_same_history_has_the_same_ids_whatever_the_order_of_days():
    findings = {day(i): [stored(i, change=c)] for i, c in enumerate([0, 0.07, 0.07, 0])}
    forwards, backwards = (replay(days, findings).incidents for days in (list(findings), list(reversed(findings))))
    assert [i.id for i in forwards] == [i.id for i in backwards] and forwards[0].days == backwards[0].days


def segments(number: int, metric: str, **changes: float) -> list[StoredFinding]:
    """A metric overall and by endpoint: `chat=0.07` is the change at endpoint chat, each with a third of the traffic."""
    parts = [stored(number, metric, f"name={name}", change) for name, change in changes.items()]
    return [stored(number, metric, "", sum(changes.values()) / len(changes)), *parts]


def test_metrics_that_move_on_one_night_in_one_place_are_one_incident_named_for_its_segment():
    night = [*segments(0, "refusal", chat=0.07, docs=0, tools=0), *segments(0, "output_tokens", chat=0.05, docs=0, tools=0)]
    (incident,) = replay([day(0)], {day(0): night}).incidents
    assert (incident.metric, incident.dimension, incident.value) == ("refusal", "name", "chat")
    assert incident.names == {"refusal", "output_tokens"}
    assert incident.location.focus == {"name": frozenset({"chat"})}


def test_answers_in_another_language_stand_for_the_incident_and_not_the_cosine_that_they_move():
    language = [
        replace(row, statistic="share:en", direction="changed")
        for row in segments(0, "output_language", chat=-0.2, docs=0, tools=0)
    ]
    night = [*segments(0, "answer_document_cosine", chat=0.1, docs=0, tools=0), *language]
    (incident,) = replay([day(0)], {day(0): night}).incidents
    assert (incident.metric, incident.value) == ("output_language", "chat")


def test_a_change_of_meaning_is_placed_though_another_statistic_stands_out_in_each_segment():
    meaning = [
        replace(row, metric="output_embedding", statistic=statistic)
        for row, statistic in zip(
            segments(0, "output_embedding", chat=0.07, docs=0, tools=0), ("axis", "energy", "axis", "axis"), strict=True
        )
    ]
    meaning[0] = replace(meaning[0], z=20.0)
    (incident,) = replay([day(0)], {day(0): [*segments(0, "refusal", chat=0.07, docs=0, tools=0), *meaning]}).incidents
    assert incident.names == {"refusal", "output_embedding"}


def test_what_only_the_last_nights_together_show_is_named_for_its_segment_too():
    tonight = [replace(row, alarm=False, z=1.0) for row in segments(0, "refusal", chat=0.02, docs=0, tools=0)]
    versions = [replace(row, dimension="prompt", value=f"{row.value}@3") for row in tonight if row.value]
    lasting = [stored(0, "refusal", where, 0.03, test="slow") for where in ("name=chat", "prompt=chat@3")]
    (incident,) = replay([day(0)], {day(0): [*tonight, *versions, *lasting]}).incidents
    assert (incident.dimension, incident.value, incident.lead.test) == ("name", "chat", "slow")


def test_metrics_that_move_on_one_night_in_different_places_are_two_incidents():
    night = [*segments(0, "refusal", chat=0.07, docs=0, tools=0), *segments(0, "tool_failure", chat=0, docs=0, tools=0.09)]
    incidents = replay([day(0)], {day(0): night}).incidents
    assert sorted((i.metric, i.value) for i in incidents) == [("refusal", "chat"), ("tool_failure", "tools")]


def test_a_metric_that_only_one_endpoint_has_belongs_to_what_happens_there_and_not_to_another():
    only_docs = [stored(0, "nothing_found"), stored(0, "nothing_found", "name=docs")]
    volume = [stored(0, "volume", f"name={name}", 0) for name in ("chat", "docs", "tools")]
    together = replay([day(0)], {day(0): [*only_docs, *volume, *segments(0, "groundedness", chat=0, docs=0.05, tools=0)]})
    (incident,) = together.incidents
    assert (incident.dimension, incident.value) == ("name", "docs")
    apart = replay([day(0)], {day(0): [*only_docs, *volume, *segments(0, "refusal", chat=0.07, docs=0, tools=0)]})
    assert len(apart.incidents) == 2


def test_the_meaning_of_a_new_models_answers_is_compared_nowhere_yet_and_parts_nothing():
    def by_model(metric: str, **changes: float) -> list[StoredFinding]:
        return [replace(row, dimension="model") if row.value else row for row in segments(0, metric, **changes)]

    longer = by_model("output_characters", new=0.09, old=0)
    meaning = [row for row in by_model("output_embedding", new=0.05, old=0) if row.value != "new"]
    (incident,) = replay([day(0)], {day(0): [*longer, *meaning]}).incidents
    assert (incident.value, incident.names) == ("new", {"output_characters", "output_embedding"})


def test_what_one_endpoint_alone_has_goes_with_most_of_what_changed_there_and_elsewhere():
    names = {"assistant": 0.09, "search": 0.07, "extract": 0}
    night = [row for metric in ("output_characters", "sentiment", "latency_s") for row in segments(0, metric, **names)]
    # of the cost's change too little is in search to be seen
    dear = segments(0, "cost_usd", assistant=0.09, search=0, extract=0)
    dear += [replace(row, dimension="model", value="large") for row in night if row.value == "assistant"]
    night += [stored(0, "groundedness", where, 0.05) for where in ("", "name=search", "model=large")] + dear
    (incident,) = replay([day(0)], {day(0): night}).incidents
    assert {"groundedness", "cost_usd", "output_characters"} <= incident.names


def test_an_endpoint_of_which_only_what_was_decided_is_told_is_one_of_several():
    only_search = [stored(0, "nothing_found", where) for where in ("", "name=search", "model=large")]
    others = [stored(0, "volume", "model=mini", 0), stored(0, "release", "name=chat", 0.9, statistic="share:2.3.0")]
    (incident,) = replay([day(0)], {day(0): [*only_search, *others]}).incidents
    assert (incident.dimension, incident.value, incident.names) == ("name", "search", {"nothing_found"})


def test_a_change_everywhere_is_named_for_all_traffic():
    (incident,) = replay([day(0)], {day(0): segments(0, "refusal", chat=0.07, docs=0.06, tools=0.07)}).incidents
    assert incident.dimension == "all"


def test_a_new_model_is_no_incident_and_what_it_changes_is():
    share = [
        stored(0, "model", "", 0.3, statistic="share:new"),
        stored(0, "model", "", -0.3, statistic="share:old"),
    ]
    assert replay([day(0)], {day(0): share}).incidents == []
    (incident,) = replay([day(0)], {day(0): [*share, *segments(0, "refusal", chat=0.07, docs=0, tools=0)]}).incidents
    assert incident.names == {"refusal"}


def test_the_spread_over_all_traffic_follows_where_a_level_moved_and_is_no_incident_of_its_own():
    """Prompts of one endpoint are longer for ten nights; on the last the share of short ones over all traffic stands out."""
    longer = {day(i): [*segments(i, "input_tokens", chat=0.3, docs=0, tools=0)] for i in range(10)}
    longer[day(9)] += [replace(stored(9, "input_tokens", "", -0.02), statistic="low tail", id="spread")]
    (incident,) = replay(map(day, range(10)), longer).incidents
    assert (incident.metric, incident.value) == ("input_tokens", "chat")
    longer[day(9)][-1] = replace(longer[day(9)][-1], metric="latency_s")
    assert len(replay(map(day, range(10)), longer).incidents) == 2


def test_a_relative_that_crosses_its_threshold_a_night_later_joins():
    nights = {day(0): [stored(0, "output_tokens")], day(1): [stored(1, "output_tokens"), stored(1, "cost_usd", since=day(0))]}
    (incident,) = replay(nights, nights).incidents
    assert incident.names == {"output_tokens", "cost_usd"} and events(incident) == ["opened", "lasting"]


def test_what_began_after_an_incident_was_told_and_stands_out_more_is_news_of_its_own():
    weak = [stored(i, "retrieval_top_score", change=0.02) for i in range(3)]
    nights = {
        day(0): [weak[0], stored(0, "nothing_found", change=0)],
        day(1): [weak[1], stored(1, "nothing_found", change=0)],
        day(2): [weak[2], stored(2, "nothing_found", change=0.09)],
    }
    first, second = replay(nights, nights).incidents
    assert (first.names, second.names, second.opened) == ({"retrieval_top_score"}, {"nothing_found"}, day(2))
    # it may have begun with it, or the incident itself has grown as much: one incident
    nights[day(2)] = [weak[2], stored(2, "nothing_found", change=0.09, since=day(1), since_low=day(0))]
    assert len(replay(nights, nights).incidents) == 1
    nights[day(2)] = [stored(2, "retrieval_top_score", change=0.1), stored(2, "nothing_found", change=0.09)]
    assert len(replay(nights, nights).incidents) == 1


def test_another_change_while_an_incident_lasts_is_another_incident():
    nights = {
        day(i): segments(i, "refusal", chat=0.07, docs=0, tools=0)
        + segments(i, "tool_failure", chat=0, docs=0, tools=0.09 if i == 3 else 0)
        for i in range(4)
    }
    first, second = replay(nights, nights).incidents
    assert (first.opened, second.opened) == (day(0), day(3))
    assert second.names == {"tool_failure"}


def test_a_shift_of_traffic_to_another_endpoint_chains_nothing():
    share = {"statistic": "share:billing", "change": 0.1}
    found = {
        day(1): [stored(1, "name", **share)],
        day(2): [stored(2, "name", **share), *segments(2, "refusal", chat=0.07, search=0.0)],
    }
    found[day(3)] = [*found[day(2)], *segments(3, "latency_s", search=0.07, chat=0.0)]
    incidents = replay(found, found).incidents
    assert [(incident.metric, incident.opened) for incident in incidents] == [("refusal", day(2)), ("latency_s", day(3))]


def test_changes_that_began_at_different_times_are_two_incidents():
    slow = stored(9, "sentiment", test="slow", since=day(0), since_low=day(0), since_high=day(2))
    assert len(group([slow, stored(9, "refusal")])) == 2


def test_an_acknowledged_incident_is_silent_while_it_lasts_and_heard_when_it_gets_worse_or_closes():
    (before,) = story(0.06)
    (incident,) = story(0.06, 0.06, 0.12, 0, 0, decisions=(decision(before, "ack", 0),))
    assert [(line.event, line.silent) for line in incident.days] == [
        ("opened", False), ("lasting", True), ("worse", False), ("ordinary", True), ("closed", False),
    ]  # fmt: skip


def test_a_muted_incident_is_silent_until_its_day_whatever_it_does():
    (before,) = story(0.06)
    (incident,) = story(0.06, 0.06, 0.12, 0.12, decisions=(decision(before, "mute", 0, day(2)),))
    assert [line.silent for line in incident.days] == [False, True, True, False]


def test_an_accepted_incident_is_the_new_normal_and_takes_its_alarms_in_silence():
    (before,) = story(0.07)
    (incident,) = story(0.07, 0.07, 0.07, 0, 0, decisions=(decision(before, "accept", 0),))
    assert (incident.state, incident.accepted) == ("accepted", day(0))
    assert [(line.event, line.silent) for line in incident.days[1:]] == [("accepted", True), ("accepted", True)]


@pytest.mark.parametrize("change", [0.15, -0.015])
def test_what_goes_beyond_the_accepted_level_or_the_other_way_is_a_new_incident(change: float):
    (before,) = story(0.07)
    first, second = story(0.07, 0.07, change, decisions=(decision(before, "accept", 0),))
    assert first.state == "accepted" and second.opened == day(2)


def levels(*nights: tuple[float, float], **rest) -> dict[date, list[StoredFinding]]:
    """Alarms from one level to another, one a night."""
    return {
        day(i): [stored(i, change=to - start, value_from=start, value_to=to, **rest)] for i, (start, to) in enumerate(nights)
    }


def test_a_further_fall_after_an_accepted_one_is_a_change_of_its_own_however_small_beside_it():
    (before,) = replay([day(0)], levels((0.8, 0.5))).incidents
    # compared with days of the accepted level
    night = levels((0.8, 0.5), (0.5, 0.44))
    first, second = replay(list(night), night, [decision(before, "accept", 0)]).incidents
    assert events(first) == ["opened"] and second.opened == day(1)


def test_as_long_as_few_days_of_the_accepted_level_are_known_a_small_step_is_its_settling_in():
    (before,) = replay([day(0)], levels((0.8, 0.5))).incidents
    night = {**levels((0.8, 0.5)), day(1): levels((0.5, 0.44), (0.5, 0.44), provisional=True)[day(1)]}
    (incident,) = replay(list(night), night, [decision(before, "accept", 0)]).incidents
    assert events(incident) == ["opened", "accepted"]


def test_a_rule_shares_its_incident_with_nothing_else():
    rule = stored(0, statistic="rule:refusals", test="rule")
    night = {day(0): [stored(0), rule], day(1): [stored(1), replace(rule, day=day(1))]}
    statistic, ruled = sorted(replay(list(night), night).incidents, key=lambda each: each.lead.test)
    assert (ruled.names, ruled.keys) == ({"refusal"}, {rule.key}) and rule.key not in statistic.keys
    late = {day(0): [stored(0)], day(1): [stored(1), replace(rule, day=day(1))]}
    assert [each.opened for each in replay(list(late), late).incidents] == [day(0), day(1)]


def test_when_the_accepted_level_has_become_ordinary_the_same_change_again_is_a_new_incident():
    (before,) = story(0.07)
    first, second = story(0.07, 0.07, 0, 0, 0.07, 0.07, decisions=(decision(before, "accept", 0),))
    assert (first.state, events(first)) == ("accepted", ["opened", "accepted"])
    assert second.opened == day(4) and [line.event for line in second.days if not line.silent] == ["opened", "lasting"]


def test_an_ordinary_night_between_alarms_does_not_end_what_was_accepted():
    (before,) = story(0.07)
    (incident,) = story(0.07, 0.07, 0, 0.07, 0, 0.07, decisions=(decision(before, "accept", 0),))
    assert events(incident) == ["opened", "accepted", "accepted", "accepted"]


def test_nights_that_could_not_compare_it_do_not_end_what_was_accepted():
    (before,) = story(0.07)
    findings = {day(i): [stored(i, change=0.07)] for i in (0, 1, 4)}
    (incident,) = replay(map(day, range(5)), findings, [decision(before, "accept", 0)]).incidents
    assert events(incident) == ["opened", "accepted", "accepted"]


def test_a_decision_takes_effect_from_the_night_after_it():
    (before,) = story(0.07)
    (incident,) = story(0.07, 0.07, 0.07, decisions=(decision(before, "mute", 1, day(9)),))
    assert [line.silent for line in incident.days] == [False, False, True]


def test_a_decision_finds_its_incident_though_a_corrected_night_moved_its_opening():
    (before,) = story(0, 0.07)
    (incident,) = story(0.07, 0.07, 0.07, decisions=(decision(before, "ack", 1),))
    assert incident.id != before.id and incident.acknowledged


def test_every_field_of_a_finding_is_stored():
    from drift.findings import Finding

    assert {f.name for f in fields(Finding)} == {f.name for f in fields(StoredFinding)} - {"id"}


def test_a_new_prompts_share_that_alarms_a_night_later_is_no_incident_of_its_own():
    began = {"since": day(0), "since_low": day(0), "since_high": day(0)}
    first = [stored(0, "refusal", where) for where in ("", "name=chat")]
    first += [stored(0, "refusal", where, 0) for where in ("name=qa", "prompt=chat@1", "prompt=qa@1")]
    first += [stored(0, "prompt", "name=chat", 1.0, statistic="share:chat@2")]
    later = [stored(1, "refusal", where, **began) for where in ("", "name=chat")]
    later += [stored(1, "prompt", where, 0.5, statistic="share:chat@2") for where in ("", "name=chat")]
    (one,) = replay([day(0), day(1)], {day(0): first, day(1): later}).incidents
    assert one.nights == 2


def lasting(nights: int, **rest) -> list[Incident]:
    return replay(map(day, range(nights)), {day(i): [stored(i, **rest)] for i in range(nights)}).incidents


def test_a_level_that_has_lasted_is_told_as_the_new_level_once_and_ends_the_incident():
    (incident,) = lasting(40)
    assert (incident.state, incident.closed) == ("settled", day(14))
    assert events(incident)[14] == "settled" and set(events(incident)[15:]) == {"settled"}
    assert all(line.silent for line in incident.days[14:])


def test_a_level_that_got_worse_settles_so_many_nights_after_that():
    changes = [0.06] * 10 + [0.14] * 30
    (incident,) = story(*changes)
    assert (events(incident)[10], incident.closed, incident.new_normal) == ("worse", day(24), day(8))


def test_a_broken_rule_does_not_settle():
    (incident,) = lasting(40, test="rule")
    assert incident.state == "open"


def test_what_settled_is_open_again_where_a_person_says_so_and_does_not_settle_again():
    (before,) = lasting(16)
    findings = {day(i): [stored(i)] for i in range(40)}
    (incident,) = replay(findings, findings, [decision(before, "reopen", 15)]).incidents
    assert incident.state == "open" and incident.new_normal is None and events(incident)[-1] == "lasting"


def creeping(number: int, level: float, before: float = 0.02) -> StoredFinding:
    return stored(number, change=level - before, value_from=before, value_to=level, test="slow", z=None)


def test_a_slow_movement_is_told_once_and_again_where_it_has_gone_as_far_once_more():
    levels = [0.03, 0.032, 0.035, 0.038, 0.041, 0.043]
    incidents = replay(map(day, range(6)), {day(i): [creeping(i, level)] for i, level in enumerate(levels)}).incidents
    assert [(incident.opened, incident.state) for incident in incidents] == [(day(0), "settled"), (day(4), "settled")]


def test_a_distance_to_the_pinned_baseline_is_no_news_where_only_the_kind_of_day_is_another():
    sunday = stored(0, change=0.01, value_from=0.05, value_to=0.06, test="pinned")
    monday = stored(1, change=0.011, value_from=0.065, value_to=0.076, test="pinned")
    assert len(replay([day(0), day(1)], {day(0): [sunday], day(1): [monday]}).incidents) == 1
    farther = replace(monday, value_to=0.087, effect=0.022)
    assert len(replay([day(0), day(1)], {day(0): [sunday], day(1): [farther]}).incidents) == 2


def test_a_jump_of_a_series_that_creeps_is_an_incident_of_its_own():
    nights = {day(0): [creeping(0, 0.03)], day(1): [creeping(1, 0.031)], day(2): [stored(2, change=0.05)]}
    first, second = replay(nights, nights).incidents
    assert (first.state, second.opened, second.lead.test) == ("settled", day(2), "night")


def test_the_growth_of_traffic_is_no_message_and_a_creeping_refusal_is():
    volume = replace(creeping(0, 0.03), metric="volume", direction="changed", id="volume")
    told = replay([day(0)], {day(0): [volume]}).incidents + replay([day(0)], {day(0): [creeping(0, 0.03)]}).incidents
    assert [incident.days[0].silent for incident in told] == [True, False]


def test_what_got_better_is_no_message():
    (incident,) = story(-0.015)
    assert incident.days[0].silent


def test_a_jump_long_after_the_opening_is_an_incident_of_its_own_though_the_metric_is_known():
    first = {day(i): [stored(i, "cost_usd"), stored(i, "latency_s")] for i in range(10)}
    first[day(9)].append(stored(9, "latency_s", statistic="tail"))
    one, other = replay(first, first).incidents
    assert other.opened == day(9) and other.statistic == "tail"


def test_what_a_deployment_did_to_no_ones_harm_is_no_message_and_the_new_level_at_once():
    longer = {day(i): [stored(i, "output_tokens", direction="changed")] for i in range(4)}
    (before,) = replay(longer, longer).incidents
    (incident,) = replay(longer, longer, deployed={before.id}).incidents
    assert (incident.state, incident.closed, incident.days[0].silent) == ("settled", day(1), True)
    refused = {day(i): [stored(i)] for i in range(4)}
    (worse,) = replay(refused, refused, deployed={replay(refused, refused).incidents[0].id}).incidents
    assert (worse.state, worse.days[0].silent) == ("open", False)


def one_night(*rows: StoredFinding) -> list[Incident]:
    return replay([day(0)], {day(0): list(rows)}).incidents


def test_relevance_by_words_is_named_beside_what_it_follows_and_leads_nothing():
    relevance = stored(0, "answer_relevance", change=-0.4)
    assert one_night(relevance) == []
    (incident,) = one_night(relevance, stored(0, "output_words", change=-0.1))
    assert incident.metric == "output_words" and incident.names == {"answer_relevance", "output_words"}
    (ruled,) = one_night(stored(0, "answer_relevance", change=-0.4, statistic="rule:relevance", test="rule"))
    assert ruled.metric == "answer_relevance"


@pytest.mark.parametrize(
    ("whole", "step"),
    [
        ("nothing_found", "found_nothing.vectors"),
        ("error", "call_failure.answer"),
        ("tool_failure.find", "first_attempt"),
        ("cost_usd", "call_usd.plan"),
    ],
)
def test_what_one_step_repeats_goes_with_what_the_whole_request_says(whole, step):
    (incident,) = one_night(stored(0, whole, change=0.2), stored(0, step, change=0.4))
    assert incident.metric == whole and incident.names == {whole, step}
    # and where the whole is as ever, it is the step that is told
    (alone,) = one_night(stored(0, step, change=0.4))
    assert alone.metric == step


def test_a_judge_leads_where_it_says_what_groundedness_by_words_says():
    groundedness = stored(0, "groundedness", change=-0.4)
    (incident,) = one_night(groundedness, stored(0, "judge.grounded", change=-0.05))
    assert incident.metric == "judge.grounded"
    (incident,) = one_night(groundedness, stored(0, "output_language", change=0.08, statistic="share:de"))
    assert incident.metric == "output_language"
    (incident,) = one_night(groundedness, stored(0, "output_words", change=-0.01))
    assert incident.metric == "groundedness"


def test_what_a_day_costs_is_told_with_the_requests_that_it_had():
    """A campaign: more requests, and a night later the last days' bill stands out as well."""
    traffic = stored(0, "volume", change=900.0)
    bill = stored(1, "total_cost_usd", change=4.0, test="slow", since=day(0), since_low=day(0), since_high=day(0))
    incidents = replay([day(0), day(1)], {day(0): [traffic], day(1): [stored(1, "volume", change=900.0), bill]}).incidents
    assert [incident.names for incident in incidents] == [{"volume", "total_cost_usd"}]


@pytest.mark.parametrize("proxy", ["groundedness", "answer_document_cosine"])
def test_a_slow_movement_of_what_stands_for_something_else_is_no_message_and_a_night_of_it_is(proxy: str):
    slow = replace(creeping(0, 0.83, before=0.85), metric=proxy, direction="worse", id=proxy)
    told = (
        replay([day(0)], {day(0): [slow]}).incidents
        + replay([day(0)], {day(0): [stored(0, proxy, change=-0.1, direction="worse")]}).incidents
    )
    assert [incident.days[0].silent for incident in told] == [True, False]


def test_the_meaning_of_a_part_is_told_with_that_of_the_whole():
    """A viral topic: longer answers, another meaning of all answers; the next night one model's stand out as well."""
    longer = [
        stored(0, "output_tokens", where, change) for where, change in (("", 0.2), ("model=large", 0.3), ("model=mini", 0.0))
    ]
    first = [*longer, stored(0, "output_embedding", change=0.005, statistic="energy")]
    whole = stored(1, "output_embedding", change=0.005, statistic="energy")
    part = stored(1, "output_embedding", "model=mini", change=0.03, statistic="energy")
    assert len(replay([day(0), day(1)], {day(0): first, day(1): [whole, part]}).incidents) == 1
    # long after, it is a change of its own
    late = replace(part, day=day(9))
    assert len(replay(map(day, range(10)), {**{day(n): first for n in range(9)}, day(9): [late]}).incidents) == 2


def test_two_aspects_of_one_slow_movement_are_one_incident_though_they_are_seen_some_nights_apart():
    def moved(number: int, metric: str, since: int) -> StoredFinding:
        when = {name: day(since) for name in ("since", "since_low", "since_high")}
        return replace(creeping(number, 0.78, before=0.8), metric=metric, id=metric, direction="worse", **when)

    nights = {day(9): [moved(9, "retrieval_top_score", 1)], day(12): [moved(12, "retrieval_mean_score", 1)]}
    (both,) = replay(map(day, range(14)), nights).incidents
    assert both.names == {"retrieval_top_score", "retrieval_mean_score"} and [
        line.day for line in both.days if not line.silent
    ] == [day(9)]
    for apart in ({day(12): [moved(12, "refusal", 1)]}, {day(17): [moved(17, "retrieval_mean_score", 1)]}):
        assert len(replay(map(day, range(19)), {day(9): nights[day(9)]} | apart).incidents) == 2


def test_shares_of_the_time_part_no_two_changes_and_open_nothing_by_themselves():
    """A model that answers slowly: each endpoint's other steps have less of its time, and a planner's calls are longer, too."""
    slow = [
        stored(0, "ttft_s", where, change, z=z)
        for where, change, z in (("", 0.4, 9.0), ("model=large", 1.0, 9.0), ("model=mini", 0.0, 0.1))
    ]
    shares = [
        stored(0, f"time_share.{kind}", f"name={name}", -0.1) for kind, name in (("retrieval", "docs"), ("tool", "agent"))
    ]
    planner = stored(0, "call_s.plan", "name=agent", 0.5)
    (incident,) = replay([day(0)], {day(0): [*slow, *shares, planner]}).incidents
    assert {"ttft_s", "call_s.plan"} <= incident.names
    assert replay([day(0)], {day(0): shares}).incidents == []
