"""How we take part: guidelines."""

from maturity.models.guidelines import GuidelineSection, GuidelineTopic, GuidelineVersion

__all__ = ["GuidelineSection", "GuidelineTopic", "GuidelineVersion"]
