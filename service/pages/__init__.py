"""The clerk's pages: templates filled here, everything else by the browser through /v1."""
