"""What cannot be given, said in French, and what it is called over HTTP."""


class BadRequestError(ValueError):
    """Something asked for that cannot be given; its words say why, in French.

    `status` is what it is called over HTTP.
    """

    status = 400


class NotFoundError(BadRequestError):
    """A name of nothing that is here."""

    status = 404


class Gone(BadRequestError):
    """Something that was here, and has been replaced."""

    status = 410


class PayloadTooLargeError(BadRequestError):
    """More than a format, or this site, can give at once."""

    status = 413
