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


class TooBusyError(BadRequestError):
    """Too many requests are computed or waiting already."""

    status = 503

    def __init__(
        self, message: str = "Trop de demandes à la fois : réessayez dans quelques secondes."
    ) -> None:
        """Build the error."""
        super().__init__(message)


class InterruptedRequestError(BadRequestError):
    """A request that its client has left, or whose time is over."""

    status = 504

    def __init__(self) -> None:
        """Build the error."""
        super().__init__(
            "Cette demande prend trop de temps : ajoutez un filtre, ou demandez moins de lignes."
        )


class PayloadTooLargeError(BadRequestError):
    """A result larger than a format, or this site, allows."""

    status = 413
