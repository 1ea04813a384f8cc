"""How forms look, and the forms of the team."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Renders every form and field with the templates of the house."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
