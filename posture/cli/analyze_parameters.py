"""The options of ``posture analyze``, as its help shows them: in panels."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from posture.pose import Choice
from posture.setting_texts import RULA_EXAMPLE

_RESULTS = "Results"
_PART = "Which recordings, and which part"
_NEUTRAL = "Upright reference"
_HOW = "How it is measured"
_DATABASE = "Your database"
_SPEED = "Speed, and several machines"


class ViewChoice(StrEnum):
    """The camera's view as the user gives it."""

    AUTO = "auto"
    FRONT = "front"
    OBLIQUE = "oblique"
    SIDE = "side"


VideosArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="VIDEO...",
        help="Recordings: files, folders (with everything in them), patterns in quotes ('**/*.mp4'), @LIST, - for a video from a "
        "pipe, or the address of a stream (rtsp://…, http://…). A password in an address can be read by every user "
        "of this computer (ps): write the address into a file, and name that as @FILE.",
    ),
]
NoStoreOption = Annotated[bool, typer.Option("--no-store", hidden=True)]
FollowOption = Annotated[bool | None, typer.Option("--follow/--no-follow", hidden=True)]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="Folder for the results. Default: VIDEO.posture/ beside each video.", rich_help_panel=_RESULTS
    ),
]
OverwriteOption = Annotated[
    bool,
    typer.Option(
        "--overwrite",
        help="Replace results of another recording in that folder; those of the same recording are always replaced.",
        rich_help_panel=_RESULTS,
    ),
]
FormatOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="NAMES",
        help="Write these too, separated by commas: parquet (tables), trc (landmarks) and mot (angles) for OpenSim, c3d (motion "
        "capture), netcdf (landmarks for movement and xarray), eaf (ELAN), boris, srt and vtt (subtitles), svg (timeline); or all.",
        rich_help_panel=_RESULTS,
    ),
]
AnnotateOption = Annotated[
    bool,
    typer.Option(
        "--annotate",
        help="Also write annotated.mp4: skeleton, angles, posture, bent time, and a plot beside the picture.",
        rich_help_panel=_RESULTS,
    ),
]
PicturesOption = Annotated[
    bool,
    typer.Option(
        "--pictures",
        help="Put pictures of the recording into report.html: peaks, reminders, postures held for long. Heads are hidden in them.",
        rich_help_panel=_RESULTS,
    ),
]
ShowFacesOption = Annotated[bool, typer.Option("--show-faces", help="With --pictures: hide nothing.", rich_help_panel=_RESULTS)]
ResumeOption = Annotated[
    bool,
    typer.Option(
        "--resume", help="Skip what is already complete in --out: same content, same settings, all files there.", rich_help_panel=_RESULTS
    ),
]
RepeatOption = Annotated[
    Path | None,
    typer.Option(
        "--repeat",
        metavar="FILE",
        help="Measure again, just as the summary.json of an earlier run says, and compare the tables. VIDEO: where the recording is "
        "now, if it was moved.",
        rich_help_panel=_RESULTS,
    ),
]
ListOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--list",
        metavar="FILE",
        help="A file with one recording per line, relative to the file's own folder; like @FILE.",
        rich_help_panel=_PART,
    ),
]
StartOption = Annotated[
    str | None, typer.Option("--start", metavar="T", help="Where to begin: 90, 1:30 or 1:02:03.", rich_help_panel=_PART)
]
EndOption = Annotated[str | None, typer.Option("--end", metavar="T", help="Where to stop.", rich_help_panel=_PART)]
ForOption = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="LENGTH", help="How long to measure, e.g. 10m, 90s or 1h30m; a stream may have no end.", rich_help_panel=_PART
    ),
]
RotateOption = Annotated[
    int | None,
    typer.Option(
        "--rotate",
        metavar="DEGREES",
        help="Turn the picture clockwise by 90, 180 or 270 degrees, if it is on its side.",
        rich_help_panel=_PART,
    ),
]
CropOption = Annotated[
    str | None,
    typer.Option(
        "--crop",
        metavar="X,Y,W,H",
        help="Measure this part of the picture alone, once it is upright: left, top, width, height in pixels, or in per cent "
        "(50%,0%,50%,100% is the right half). Landmarks then are pixels of that part.",
        rich_help_panel=_PART,
    ),
]
FpsOption = Annotated[
    float | None,
    typer.Option(
        "--fps",
        metavar="N",
        help="Frames per second of recordings without timestamps (raw H.264, HEVC, MJPEG). Default: what they say, or 25.",
        rich_help_panel=_PART,
    ),
]
NeutralOption = Annotated[
    str | None,
    typer.Option(
        "--neutral",
        metavar="A-B",
        help="Seconds in which the person sits tall but relaxed, e.g. 0-3: the upright reference.",
        rich_help_panel=_NEUTRAL,
    ),
]
NeutralFromOption = Annotated[
    str | None,
    typer.Option(
        "--neutral-from",
        metavar="FILE:A-B",
        help="Take the upright reference from another recording of the same person and camera, e.g. upright.mp4:0-3; for all.",
        rich_help_panel=_NEUTRAL,
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="Saved calibration to use; with --neutral or --neutral-from: the name to save it under.",
        rich_help_panel=_NEUTRAL,
    ),
]
ViewOption = Annotated[ViewChoice, typer.Option("--view", help="The camera's view of the person.", rich_help_panel=_HOW)]
PersonOption = Annotated[
    Choice,
    typer.Option(
        "--person",
        help="Who to measure if there are several people: main (large and central), largest (fills most of the picture), nearest (to "
        "the camera), first (in the picture). The choice is kept throughout.",
        rich_help_panel=_HOW,
    ),
]
RateOption = Annotated[
    float | None, typer.Option("--rate", metavar="HZ", help="Frames measured per second. Default: 5.", rich_help_panel=_HOW)
]
RulaOption = Annotated[
    str | None,
    typer.Option(
        "--rula",
        metavar="SCORES",
        help=f"Give a RULA score: your scores of all but the trunk, for the whole recording, e.g. {RULA_EXAMPLE}.",
        rich_help_panel=_HOW,
    ),
]
AdaptiveOption = Annotated[
    bool | None,
    typer.Option(
        "--adaptive/--no-adaptive",
        help="Measure less often while nothing in the picture changes; such readings are marked as held. Default: on; off with --rate.",
        rich_help_panel=_HOW,
    ),
]
ExercisesOption = Annotated[
    str | None,
    typer.Option(
        "--exercises",
        metavar="[ID]",
        help="Also look for exercises: how often, how deep, at what pace. With an id, count that one alone: "
        "cat_cow_seated, cat_cow_floor, pelvic_tilts_seated or get_up.",
        rich_help_panel=_HOW,
    ),
]
KeepOption = Annotated[
    bool,
    typer.Option(
        "--keep",
        help="Also store the recording in your database, where it is part of no day; posture data export has it.",
        rich_help_panel=_DATABASE,
    ),
]
AsDayOption = Annotated[
    str | None,
    typer.Option(
        "--as-day",
        metavar="DATETIME",
        help="The recording is of your own day and began at this time: it appears in today and trend.",
        rich_help_panel=_DATABASE,
    ),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="With --as-day: replace an earlier entry of the same recording.", rich_help_panel=_DATABASE)
]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        metavar="N",
        min=1,
        help="Processes to use, for one long recording or for several. Default: one per core.",
        rich_help_panel=_SPEED,
    ),
]
CacheOption = Annotated[
    bool,
    typer.Option(
        "--cache",
        help="Keep the landmarks (no pictures), so that you can try other settings without reading the video again.",
        rich_help_panel=_SPEED,
    ),
]
CacheDirOption = Annotated[
    Path | None, typer.Option("--cache-dir", metavar="DIR", help="Keep them there instead of in your cache folder.", rich_help_panel=_SPEED)
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="Measure on the workers of this Dask scheduler; they must see the same paths.",
        rich_help_panel=_SPEED,
    ),
]
