"""The apps are what their screens take them for."""

from __future__ import annotations

from ejtui.ui.app import EjtuiApp
from ejtui.ui.session.protocols import Desk, SetupDesk
from ejtui.ui.setup.app import SetupApp


def test_each_app_has_what_its_screens_ask_of_it() -> None:
    # That the types agree is the type checker's to see, here.
    main: type[Desk] = EjtuiApp
    set_up: type[SetupDesk] = SetupApp
    for app, desk in ((main, Desk), (set_up, SetupDesk)):
        asked = [name for name in vars(desk) if not name.startswith("_")]
        assert asked
        for name in asked:
            assert callable(getattr(app, name)), name
