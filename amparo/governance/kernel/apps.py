from django.apps import AppConfig


class GovernanceKernelConfig(AppConfig):
    name = "amparo.governance.kernel"
    label = "govkernel"
