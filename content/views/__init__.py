"""The pages of content, by noun."""

from content.views.desk import content
from content.views.ideas import drop_idea, ideas, note_idea, pick_up_idea

__all__ = ["content", "drop_idea", "ideas", "note_idea", "pick_up_idea"]
