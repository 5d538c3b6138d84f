from .bundle import Progress as Progress
from .finder import PoseFinder as PoseFinder, is_cut as is_cut
from .heads import (
    FoundHeads as FoundHeads,
    HeadFinder as HeadFinder,
    coarsened as coarsened,
    head_of as head_of,
    without_heads as without_heads,
)
from .person_tracker import Choice as Choice, PersonLock as PersonLock, PersonPlace as PersonPlace
from .sampler import FramePicture as FramePicture, PoseSampler as PoseSampler, SourcePicture as SourcePicture
