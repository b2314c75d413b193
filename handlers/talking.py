"""What both sides of a talk with a person have in common."""

from datetime import timedelta

OPEN_FOR = timedelta(hours=48)  # until somebody has come, and as long as they talk
ONLY_WORDS = "照片和听不清的语音转不过去，请打字说。要报修，直接说哪里坏了再发照片。"
# Words that are for the other side, whatever they would mean to the program.
FOR_THE_OTHER = frozenset(
    (
        *("confirm", "deny", "thanks", "greeting", "provide_info", "out_of_scope", "help", "human"),
        # understood, but it takes a person to answer
        *("complaint", "feedback", "price_query", "equipment_query", "notice_list", "repair_reschedule"),
        *("poll_list", "poll_vote", "poll_result", "points_query", "points_redeem", "checkin"),
    )
)
