"""Filters and tags of the page templates."""

from datetime import date, datetime
from decimal import Decimal

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from amparo.interfaces.web import formats

register = template.Library()

_CONTROLS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.Textarea, "govuk-textarea"),
    (forms.FileInput, "govuk-file-upload"),
    (forms.CheckboxInput, "govuk-checkboxes__input"),
    (forms.Select, "govuk-select"),
    (forms.Widget, "govuk-input"),
)


@register.filter
def figure(number: Decimal | int) -> str:
    return formats.figure(number)


@register.filter
def day(value: date | None) -> str:
    return formats.day(value)


@register.filter
def instant(value: datetime | None) -> str:
    return formats.instant(value)


@register.filter
def identifier(value: str) -> SafeString:
    return format_html('<span class="am-mono">{}</span>', formats.identifier(value))


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Render the control of a form field in our look, without a placeholder."""
    widget = field.field.widget
    css = next(css for kind, css in _CONTROLS if isinstance(widget, kind))
    if field.errors:
        css = f"{css} {css.split('__')[0]}--error"
    given = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{css} {given}".strip(), "placeholder": False})


@register.filter
def is_choice(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def takes_several(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxSelectMultiple)


@register.filter
def is_tick(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)
