from .archive.figures import totals_of as totals_of
from .archive.found import own_table as own_table, rows_below as rows_below
from .archive.groups import GroupFigures as GroupFigures, grouped as grouped, keys_of as keys_of
from .archive.page import archive_html as archive_html
from .archive.table import (
    JOURNAL as JOURNAL,
    Archive as Archive,
    ArchiveRow as ArchiveRow,
    RecordingStatus as RecordingStatus,
    figures_of as figures_of,
    read as read,
    write_tables as write_tables,
)
from .archive.terminal import LISTED as LISTED, print_archive as print_archive
from .browser import (
    Opener as Opener,
    Shown as Shown,
    has_display as has_display,
    in_browser as in_browser,
    open_own as open_own,
    page_address as page_address,
    write_own as write_own,
)
from .compare.comparison import Comparison as Comparison, Side as Side, comparison_of as comparison_of
from .compare.page import compare_html as compare_html, compare_json as compare_json, is_comparison as is_comparison
from .compare.terminal import print_comparison as print_comparison
from .day.json import as_text as as_text
from .day.page import page_of_day as page_of_day, page_of_trend as page_of_trend, page_of_week as page_of_week
from .day.read import day_of as day_of, past_of as past_of, trend_of as trend_of, week_of as week_of
from .exercise.page import movements_of as movements_of
from .exercise.timer import takes_words as takes_words
from .html_templates import spoken as spoken
from .labels import (
    DASH as DASH,
    KIND_WORDS as KIND_WORDS,
    STYLES as STYLES,
    clock as clock,
    count_words as count_words,
    degrees as degrees,
    reason_words as reason_words,
    span_words as span_words,
)
from .recording.annotate import AnnotatedWriter as AnnotatedWriter, encoder_note as encoder_note
from .recording.formats.table import (
    FILES as FILES,
    Format as Format,
    check as check,
    missing as missing,
    needs_poses as needs_poses,
    write_formats as write_formats,
)
from .recording.page import coverage_words as coverage_words
from .recording.pictures import Moment as Moment, Picture as Picture, Pictures as Pictures, moments_of as moments_of
from .recording.summary_json import as_dict as as_dict, plain as plain
from .recording.tables import READING_COLUMNS as READING_COLUMNS, reading_values as reading_values
from .recording.timeline_svg import timeline_svg as timeline_svg
from .recording.write import RENDERERS as RENDERERS, write_all as write_all, write_page as write_page
from .results.folder import REPEATED as REPEATED, ResultFolder as ResultFolder, results_below as results_below, with_groups as with_groups
