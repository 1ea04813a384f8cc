"""What we say ourselves: ideas, pieces, their variants, and how they get out."""

from content.models.campaigns import Campaign
from content.models.comments import Comment
from content.models.commitments import CadenceCommitment
from content.models.feeds import CalendarFeed
from content.models.ideas import Idea
from content.models.links import LinkHour, LinkTemplate, TrackedLink
from content.models.media import Media, Rendition, VariantMedia
from content.models.piece_drafts import PieceDraft
from content.models.piece_versions import PieceVersion
from content.models.pieces import Piece
from content.models.publications import FirstComment, FirstCommentDelivery, Publication, PublicationDelivery
from content.models.results import PublicationResult
from content.models.review_guests import ReviewGuest
from content.models.review_policies import ReviewPolicy, ReviewPolicyStep
from content.models.reviews import Review, ReviewDecision, ReviewedVariant, ReviewStep
from content.models.series import Series
from content.models.slots import Slot
from content.models.uploads import StrayFile, Upload, UploadPart
from content.models.variants import Variant

__all__ = [
    "CadenceCommitment", "CalendarFeed", "Campaign", "Comment", "FirstComment", "FirstCommentDelivery", "Idea",
    "LinkHour", "LinkTemplate", "Media", "Piece", "PieceDraft", "PieceVersion", "Publication", "PublicationDelivery",
    "PublicationResult", "Rendition", "Review", "ReviewDecision", "ReviewGuest", "ReviewPolicy", "ReviewPolicyStep",
    "ReviewStep", "ReviewedVariant", "Series", "Slot", "StrayFile", "TrackedLink", "Upload", "UploadPart", "Variant",
    "VariantMedia",
]  # fmt: skip
