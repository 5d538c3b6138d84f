from .addresses import (
    bare_address as bare_address,
    without_credentials as without_credentials,
    word_without_credentials as word_without_credentials,
)
from .catalogue import drawing as drawing, own_file as own_file, picture as picture
from .clock import SuspendDetector as SuspendDetector, now_s as now_s
from .diagnostics import NOT_RUN as NOT_RUN, Diagnostic as Diagnostic, DiagnosticLevel as DiagnosticLevel
from .files import (
    exists as exists,
    make_folder as make_folder,
    make_folders as make_folders,
    os_errors as os_errors,
    private_opener as private_opener,
    replacing as replacing,
    replacing_folder as replacing_folder,
    sha256_of as sha256_of,
    whole_file as whole_file,
    write_whole as write_whole,
    writing as writing,
)
from .installing import how_to_add as how_to_add
from .opencv import load_cv2 as load_cv2
from .paths import child_environment as child_environment, data_file as data_file
from .printable import printable as printable, printable_json as printable_json
from .private_folders import is_trusted as is_trusted, private_folder as private_folder
from .processes import (
    RUN_AS_SCRIPTS as RUN_AS_SCRIPTS,
    ProcessEnd as ProcessEnd,
    describe_ends as describe_ends,
    is_bundled as is_bundled,
    own_command as own_command,
    own_module as own_module,
    own_program as own_program,
    own_window as own_window,
    process_start as process_start,
    reports_no_memory as reports_no_memory,
)
from .shared_pictures import (
    MOST_PX as MOST_PX,
    PictureReader as PictureReader,
    PictureWriter as PictureWriter,
    SharedPicture as SharedPicture,
    memory_for_pictures as memory_for_pictures,
)
from .spreadsheets import defused as defused, restored as restored
from .system_libraries import missing_for_qt as missing_for_qt, missing_library as missing_library
from .texts import text_of as text_of
