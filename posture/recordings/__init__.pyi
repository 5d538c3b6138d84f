from .dask_pool import analyze_on_cluster as analyze_on_cluster, connected as connected
from .distribution import analyze_in_processes as analyze_in_processes
from .earlier_results import check_replaceable as check_replaceable
from .faults import fault_of as fault_of
from .grouping import Grouping as Grouping, grouping_of as grouping_of, values_of as values_of
from .inputs import (
    RESULTS as RESULTS,
    InputFile as InputFile,
    InputKind as InputKind,
    gather as gather,
    media_paths as media_paths,
    output_folders as output_folders,
)
from .job import EXERCISE_RATE_HZ as EXERCISE_RATE_HZ, Job as Job
from .library import analyze as analyze, analyze_frames as analyze_frames, analyze_landmarks as analyze_landmarks
from .local_pool import default_jobs as default_jobs
from .measuring import neutral_in as neutral_in
from .outputs import (
    StoreOptions as StoreOptions,
    annotate_video as annotate_video,
    check_before as check_before,
    enter as enter,
    profile_of as profile_of,
)
from .pictures import take_pictures as take_pictures
from .pipeline import Pipeline as Pipeline, Step as Step
from .repeating import EarlierRun as EarlierRun, read_run as read_run
from .result import Landmarks as Landmarks, Readings as Readings, Recording as Recording
from .resume import how as how, is_complete as is_complete, known_stamp as known_stamp
from .run_record import ALL_EXERCISES as ALL_EXERCISES
from .shares import Share as Share, share_of as share_of
from .stamps import FileStamp as FileStamp, stamp_of as stamp_of
from .work_items import JobResult as JobResult
