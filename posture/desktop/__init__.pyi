from .autostart.start import (
    AutostartState as AutostartState,
    found_at_login as found_at_login,
    watch_command as watch_command,
)
from .graphical_session import session_kind as session_kind
from .menu_entry import MenuEntry as MenuEntry, MenuEntryState as MenuEntryState
from .notifications.desktop import Choice as Choice, choose as choose
from .notifications.notice import Notice as Notice, Notifier as Notifier, buttons_of as buttons_of, notice_of as notice_of
from .presence.changes import Aspect as Aspect, PresenceChange as PresenceChange
from .presence.poller import Presence as Presence
from .this_system import autostart_here as autostart_here, presence_here as presence_here
from .tray.icon import Tray as Tray, TrayUnavailable as TrayUnavailable
from .tray.menu import Exercises as Exercises, TrayAction as TrayAction, TrayCommand as TrayCommand
