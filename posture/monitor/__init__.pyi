from .app import Ask as Ask, SessionResult as SessionResult, SessionScreen as SessionScreen, WatchOptions as WatchOptions, watch as watch
from .camera_choice import camera_of as camera_of, keep_camera as keep_camera
from .control.client import CameraLease as CameraLease, request_lease as request_lease
from .instance import Instance as Instance
from .live_measurement import LiveMeasurement as LiveMeasurement, LiveUpdate as LiveUpdate
from .picture_feed import exercise_words as exercise_words, picture_words as picture_words, write_picture as write_picture
from .tray_session import TrayActions as TrayActions, run as run
from .views import CompositeView as CompositeView
