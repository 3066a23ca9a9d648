"""Security headers, and caching: what holds personal data is never stored."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
COMPRESSED = ("text/css", "text/javascript", "image/svg+xml")
HSTS = "max-age=31536000"


def install(app: Flask) -> None:
    app.after_request(compress)

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(HEADERS)
        if app.config["SESSION_COOKIE_SECURE"]:
            response.headers["Strict-Transport-Security"] = HSTS
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def compress(response: Response) -> Response:
    """Compress files of `static/`.

    Pages are not compressed: they hold tokens, which compression beside typed words gives away.
    """
    wanted = (
        request.endpoint == "static"
        and response.status_code == 200
        and request.accept_encodings["gzip"] > 0
    )
    if wanted and response.mimetype in COMPRESSED:
        response.direct_passthrough = False
        response.set_data(gzip.compress(response.get_data(), mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
    return response
