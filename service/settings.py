"""All settings of the service, from the environment (FENBAN_…). Nothing else reads the environment."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the service listens, what it loads, what it takes."""

    model_config = SettingsConfigDict(env_prefix="FENBAN_")

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="port to listen on")
    models: Path | None = Field(None, description="version folder used instead of the shipped models")
    most_petitions: int = Field(256, ge=1, description="petitions that one request may carry")
    longest_text: int = Field(100_000, ge=1, description="characters that one text may have")
    largest_body: int = Field(10_000_000, ge=1, description="bytes that one request may have, a job's file apart")
    data: Path = Field(Path("var"), description="folder of the database, uploads and trained versions")
    database: str = Field("", description="database URL; empty: SQLite in the data folder", repr=False)
    county: Path | None = Field(None, description="csv of the office's units; empty: the demo county")
    ranks: Path | None = Field(
        None, description="yaml of the posts that belong to the level above; empty: the shipped one"
    )
    own_head: str = Field("", description="names of the office's own head, joined by commas", repr=False)
    open_suggestions: bool = Field(True, description="suggestions without an account for callers on this machine")
    blind_share: float = Field(0.0, ge=0, le=1, description="share of petitions shown without suggestions")
    link_repeats: bool = Field(True, description="match every stored petition against the earlier ones")
    session_hours: int = Field(12, ge=1, le=720, description="hours that a sign-in lasts")
    proxies: str = Field(
        "127.0.0.1", description="addresses or networks of proxies whose X-Forwarded-For is believed, joined by commas"
    )
    requests_per_minute: int = Field(6_000, ge=0, description="requests of one caller from elsewhere; 0: no limit")

    largest_upload: int = Field(200_000_000, ge=1, description="bytes that a job's file may have")
    lease_seconds: int = Field(30, ge=1, description="after so long without a sign a worker's job goes to another")
    keep_results_days: int = Field(30, ge=1, description="days that results of jobs are kept")

    @field_validator("proxies")
    @classmethod
    def _addresses(cls, proxies: str) -> str:
        found = [part.strip() for part in proxies.split(",") if part.strip()]
        for part in found:
            try:
                ipaddress.ip_network(part)
            except ValueError:
                raise ValueError(f"{part} is neither an address nor a network such as 10.2.0.0/24") from None
        return ",".join(found)

    @property
    def uploads(self) -> Path:
        """Folder of uploaded files."""
        return self.data / "uploads"

    @property
    def results(self) -> Path:
        """Folder of the results of jobs."""
        return self.data / "results"

    @property
    def unpacked(self) -> Path:
        """Folder where workers unpack archives."""
        return self.data / "unpacked"

    @property
    def database_url(self) -> str:
        """Where the store is: the setting, or a file in the data folder."""
        return self.database or f"sqlite:///{self.data.absolute() / 'fenban.sqlite'}"
