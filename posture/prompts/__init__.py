"""What is said to the person, which prompt and when: entries, selection, scheduler, red flags, findings. Pure."""

from posture.prompts.entries import GENERAL_SAFETY, OUR_CAUTION, RED_FLAGS, Catalogue, EntryKind, Place, Position, Prompt
from posture.prompts.findings import finding_of, held_line, prompt_line, suggestion_of
from posture.prompts.followup import FollowUp
from posture.prompts.hold_backs import hold_words
from posture.prompts.own_days import LOOK_BACK_DAYS, OWN_DAYS, UsualDay, reminders_a_day, usual_days
from posture.prompts.red_flags import ANSWERED_BY_REFERRAL, HELD_UNTIL_READ, STIFF_DAYS, WAITS, open_red_flags
from posture.prompts.reminder_presets import Preset, PresetName, preset_of, presets, with_preset
from posture.prompts.scheduler import PromptScheduler
from posture.prompts.seen import seen_words
from posture.prompts.selection import HEAT_HELD, Reaction, answer, heat_allowed, in_place_of
from posture.prompts.silence import NOT_RUNNING, Silence, SilenceReason, silence_of
from posture.prompts.simulation import STATES, Said, Sitter, plan_of, simulate
