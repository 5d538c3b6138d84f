from .backups import back_up as back_up, due as due, open_whole as open_whole
from .exchange.activitywatch import export_activitywatch as export_activitywatch
from .exchange.erasing import (
    LEAST_DAYS as LEAST_DAYS,
    MOST_DAYS as MOST_DAYS,
    ErasedCounts as ErasedCounts,
    apply_retention as apply_retention,
    backup_files as backup_files,
    erase as erase,
    flags_lost as flags_lost,
    held_in_backups as held_in_backups,
    loss as loss,
    old_copies as old_copies,
    oldest_kept_utc as oldest_kept_utc,
    real_files as real_files,
    refuse_running as refuse_running,
    remove as remove,
    retention_days as retention_days,
    set_retention as set_retention,
)
from .exchange.erasure_plan import (
    ErasurePlan as ErasurePlan,
    carry_out as carry_out,
    counted as counted,
    loss_words as loss_words,
    opened as opened,
    plan_everything as plan_everything,
    plan_range as plan_range,
)
from .exchange.exporting import backup as backup, export as export
from .exchange.importing import Imported as Imported, import_from as import_from
from .exchange.reading import Range as Range
from .exchange.tables import ExportFormat as ExportFormat
from .profiles import Profile as Profile
from .records import Origin as Origin, SessionEnd as SessionEnd, StoredPrompt as StoredPrompt, StoredReport as StoredReport
from .restoring import check as check, restore as restore
from .schema import DamagedError as DamagedError, default_path as default_path
from .session_writer import LastingWriter as LastingWriter, SessionWriter as SessionWriter, hard_end as hard_end
from .store import Store as Store
from .write_queue import WriteQueue as WriteQueue
