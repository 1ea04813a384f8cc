"""The pages of content, by noun."""

from content.views.desk import content
from content.views.idea_noting import note_from_page, note_idea, share_button
from content.views.idea_verbs import (
    accept_idea,
    change_idea,
    develop_idea,
    drop_idea,
    merge_ideas,
    pick_up_idea,
    rate_idea,
    split_idea,
)
from content.views.ideas import alike_ideas, idea, ideas, questions
from content.views.repurposing import repurpose, rested_pieces, say_again
from content.views.series import (
    begin_series,
    change_series,
    continue_series,
    end_series,
    one_series,
    series,
    take_up_series,
)

__all__ = ["content"]
# Ideas.
__all__ += ["accept_idea", "alike_ideas", "change_idea", "develop_idea", "drop_idea", "idea", "ideas", "merge_ideas"]
__all__ += ["note_from_page", "note_idea", "pick_up_idea", "questions", "rate_idea", "share_button", "split_idea"]
# One piece to many.
__all__ += ["begin_series", "change_series", "continue_series", "end_series", "one_series", "series", "take_up_series"]
__all__ += ["repurpose", "rested_pieces", "say_again"]
