"""Every way in and out: command line, HTTP, page, settings."""
