"""All settings of the service, from the environment (FENBAN_…). Nothing else reads the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the service listens, what it loads, what it takes."""

    model_config = SettingsConfigDict(env_prefix="FENBAN_")

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="port to listen on")
    models: Path | None = Field(None, description="version folder used instead of the shipped models")
    most_petitions: int = Field(256, ge=1, description="petitions that one request may carry")
    longest_text: int = Field(100_000, ge=1, description="characters that one text may have")
    largest_body: int = Field(10_000_000, ge=1, description="bytes that one request may have")
