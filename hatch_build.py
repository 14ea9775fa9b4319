"""Put the part of the sample that the commands need into the wheel; an editable install reads it in the clone."""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SampleHook(BuildHookInterface):
    """Its settings, path in the repository -> path in the wheel, stand in pyproject.toml."""

    def initialize(self, version: str, build_data: dict) -> None:
        """``version`` is "standard" or "editable"; hatchling's own force-include would put copies into both."""
        if version == "standard":
            build_data["force_include"].update(self.config["sample"])
