"""Where we stand, and how we take part."""

from maturity.models.assessments import Assessment, Attestation
from maturity.models.guidelines import GuidelineSection, GuidelineTopic, GuidelineVersion

__all__ = ["Assessment", "Attestation", "GuidelineSection", "GuidelineTopic", "GuidelineVersion"]
