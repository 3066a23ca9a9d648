"""The console in a real Chromium, served by the real server."""
