from .camera import Camera as Camera, CameraInterrupted as CameraInterrupted, CameraRestored as CameraRestored, Event as Event
from .camera_list import CameraInfo as CameraInfo, Listing as Listing, find as find, is_stream as is_stream, list_cameras as list_cameras
from .cropping import Crop as Crop
from .decoder import Decoder as Decoder
from .device import prepare as prepare
from .opening import check_is_file as check_is_file
from .picking import FramePicker as FramePicker
from .read_ahead import ahead as ahead
from .stream import Streamed as Streamed
from .timing import MOST_FPS as MOST_FPS
from .trial import try_opening as try_opening
from .video_file import DecodeReport as DecodeReport, VideoFacts as VideoFacts, VideoFile as VideoFile, with_verdict as with_verdict
