from .bundle import Progress as Progress
from .finder import PoseFinder as PoseFinder, is_cut as is_cut
from .person_tracker import Choice as Choice, PersonLock as PersonLock, PersonPlace as PersonPlace
from .sampler import FramePicture as FramePicture, PoseSampler as PoseSampler, SourcePicture as SourcePicture
