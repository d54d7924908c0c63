"""HiGHS that says nothing unless it is asked to."""

from typing import final

import highspy


@final
class SilentHighs(highspy.Highs):  # type: ignore[misc]
    """HiGHS with its output off from the start.

    From 1.16 on its constructor prints a banner, before any option can be set: it does
    so where it registers its callbacks, which is the first moment to turn it off.
    """

    def enableCallbacks(self) -> None:
        """Turn the output off, then do what HiGHS does here."""
        self.setOptionValue("output_flag", False)  # noqa: FBT003
        super().enableCallbacks()
