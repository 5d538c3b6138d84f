from ._version import __version__ as __version__
from .biomechanics import Neutral as Neutral
from .errors import (
    ConfigError as ConfigError,
    InputError as InputError,
    ModelError as ModelError,
    PostureError as PostureError,
)
from .recordings import (
    Landmarks as Landmarks,
    Pipeline as Pipeline,
    Readings as Readings,
    Recording as Recording,
    Step as Step,
    analyze as analyze,
    analyze_frames as analyze_frames,
    analyze_landmarks as analyze_landmarks,
)
from .settings import Settings as Settings
from .types import Pose as Pose, Reading as Reading, Span as Span
