"""What can be watched from outside: counters for /metrics."""

from prometheus_client import Counter, Gauge, Histogram

turns = Counter("linli_turns_total", "Messages worked on, by kind", ["kind"])
frames_refused = Counter("linli_frames_refused_total", "Frames that were refused or unreadable, by status", ["status"])
foreign_frames = Counter("linli_foreign_frames_total", "Rightly signed frames that were meant for another account")
unknown_messages = Counter("linli_unknown_messages_total", "Messages of a kind Linli has no use for")
turn_seconds = Histogram(
    "linli_turn_seconds", "From the frame to the reply", buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
)

# What the database knows is asked when somebody looks: it is the same for every process.
outbox_messages = Gauge("linli_outbox_messages", "Messages that are not finished, by state", ["state"])
sending_stopped = Gauge(
    "linli_sending_stopped", "1 while an API is not called, because of an outage, a stop or a quota", ["api"]
)
