from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "amparo.rules.book"
    label = "rulebook"
