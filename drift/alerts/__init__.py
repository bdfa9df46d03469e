"""Where a night's account goes: Slack, a JSON webhook, anything that Apprise reaches. In layers: what is said is the account
(`drift.results.account`), then `slack` and `text` form it, `sinks` post it, and `delivery` sees that each is posted once.

Nothing is decided here about what an incident is, and nothing is sent before the tables are written.
"""

from drift.alerts.delivery import Delivery, deliver, deliver_week, fail
from drift.alerts.requests import SinkError
from drift.alerts.sinks import Sink, configured

__all__ = ["Delivery", "Sink", "SinkError", "configured", "deliver", "deliver_week", "fail"]
