"""Errors of requests, with a French message and an HTTP status."""


class BadRequestError(ValueError):
    """An invalid request; the message says why, in French. `status` is the HTTP status code."""

    status = 400


class NotFoundError(BadRequestError):
    """An unknown resource."""

    status = 404


class GoneError(BadRequestError):
    """A resource that existed and has been replaced."""

    status = 410


class PayloadTooLargeError(BadRequestError):
    """A result larger than a format, or this site, allows."""

    status = 413
