"""Every exception this project raises on purpose.

Each message says what was found, what was expected, and what to do about it.
"""


class SmaError(Exception):
    """Base of all errors raised by this project."""


class DataError(SmaError):
    """An input is malformed: wrong shape, unit, date or identifier."""


class UnsupportedProgram(SmaError):
    """A backend was given a program outside the classes it declares."""


class UnsupportedService(SmaError):
    """A session was asked for a service its backend does not declare."""


class SettingError(SmaError):
    """A setting is unknown to the backend, or out of range."""


class BackendError(SmaError):
    """The native library failed. The original exception is the cause."""


class LicenceError(BackendError):
    """A library has no licence here, or one too small for the program."""


class BackendNotFound(SmaError):
    """No installed backend has that name, or its library is missing."""
