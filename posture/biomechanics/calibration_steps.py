"""The course of a calibration as one pure function: what was seen in, where it stands out.

``step(state, event) -> state`` reads no clock and does nothing by itself; ``show(state)`` says what a view shows.
Whoever drives it measures with an ``AngleEstimator`` on ``state.neutral`` and gives every picture as ``CalibrationSample``, every key as
``KeyPress``.

Neutral first: a countdown, then five seconds of sitting tall but relaxed. Then, if wanted, the fullest slump and the fullest arch,
three seconds each: the neutral should lie between them, and they are the person's own range (``own_bands``). What will not
do is refused in words that say what to do, and tried again by itself, since whoever sits two metres away has no key at hand; after two
tries it is offered to go on without a calibration, and after eight the neutral is given up, or that end of the range left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from posture.biomechanics.calibration import Neutral, RangeEnd
from posture.biomechanics.calibration_checks import CalibrationSample, neutral_from, reach_from
from posture.biomechanics.personal_thresholds import own_bands
from posture.settings import BandSettings

REFUSED_S = 6.0
"""How long a refusal is shown before the next countdown."""
_MISSING_S = 1.0
PATIENCE_S = 180.0
"""How long somebody who can be measured is waited for."""
_TRIES = 4
"""So often one step is refused before it is given up."""
OFFER_AFTER = 2
"""From so many tries on that failed, of all steps, it is offered to go on without a calibration."""
_MOST_FAILED = 8
"""After so many tries that failed, of all steps, no step is tried again."""
SMALL_SLUMP_DEG = 8.0
SMALL_ARCH_DEG = 4.0
"""Below these, more often the neutral lay at that end of the range, or nothing was shown, than the range is so small; our judgement."""
_SLUMP_END, _ARCH_END = 0.15, 0.10
"""A neutral nearer to an end of the range than this share of it lies at that end; our judgement."""


class CalibrationStep(StrEnum):
    """What is asked of the person."""

    NEUTRAL = "neutral"
    SLUMP = "slump"
    ARCH = "arch"


class CalibrationPhase(StrEnum):
    """How far a step, or the whole, has come."""

    WAIT = "wait"
    """Nobody can be measured yet."""
    COUNTDOWN = "countdown"
    HOLD = "hold"
    REFUSED = "refused"
    DONE = "done"
    GIVEN_UP = "given_up"
    QUIT = "quit"
    WITHOUT = "without"
    """The person goes on without a calibration."""


class Key(StrEnum):
    """What the person may press."""

    NEXT = "next"
    SKIP = "skip"
    RETRY = "retry"
    QUIT = "quit"
    WITHOUT = "without"
    """Go on without a calibration; from ``OFFER_AFTER`` failed tries on."""


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A key."""

    time_s: float
    key: Key


Event = CalibrationSample | KeyPress

COUNTDOWN_S = {CalibrationStep.NEUTRAL: 5.0, CalibrationStep.SLUMP: 4.0, CalibrationStep.ARCH: 4.0}
HOLD_S = {CalibrationStep.NEUTRAL: 5.0, CalibrationStep.SLUMP: 3.0, CalibrationStep.ARCH: 3.0}
_ASKED = {
    CalibrationStep.NEUTRAL: "Sit tall but relaxed, as you could for ten minutes. Look ahead, hands where they are when you work.",
    CalibrationStep.SLUMP: "Now slump as far as is comfortable: let your pelvis roll back and your whole back round.",
    CalibrationStep.ARCH: "Now arch as far as is comfortable: roll your pelvis forward and hollow your lower back, without leaning.",
}
_TITLES = {CalibrationStep.NEUTRAL: "Upright", CalibrationStep.SLUMP: "Full slump", CalibrationStep.ARCH: "Full arch"}
_AFTER = {CalibrationStep.NEUTRAL: CalibrationStep.SLUMP, CalibrationStep.SLUMP: CalibrationStep.ARCH}
_ENDED_BY = {Key.QUIT: "Stopped; nothing was saved.", Key.WITHOUT: "Continuing without a calibration; nothing was saved."}
ENDED = frozenset({CalibrationPhase.DONE, CalibrationPhase.GIVEN_UP, CalibrationPhase.QUIT, CalibrationPhase.WITHOUT})


@dataclass(frozen=True, slots=True)
class CalibrationState:
    """All that is known; a new one waits for the person, to take the neutral."""

    with_range: bool = True
    """Whether slump and arch are asked for."""
    time_s: float = 0.0
    """Of the last event."""
    step: CalibrationStep = CalibrationStep.NEUTRAL
    phase: CalibrationPhase = CalibrationPhase.WAIT
    since_s: float = 0.0
    """When the phase began."""
    clear_s: float = 0.0
    """When somebody could be measured last."""
    taken: tuple[CalibrationSample, ...] = ()
    neutral: Neutral | None = None
    """With slump and arch, as far as they are known; to be kept when the phase is ``DONE``, and not before."""
    words: str = ""
    """Why it waits, was refused, or how it ended."""
    notes: tuple[str, ...] = ()
    """What the person should know of the result."""
    tries: int = 0
    """How often this step was refused."""
    returns: int = 0
    """How often the range showed that the neutral was none."""
    failed: int = 0
    """How many tries failed, of all steps: refused, or broken off as the person could not be measured any more."""

    @property
    def may_go_without(self) -> bool:
        """Whether it is offered to go on without a calibration; slump and arch can be skipped instead."""
        return self.failed >= OFFER_AFTER and self.step is CalibrationStep.NEUTRAL and not self.ended

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.phase in ENDED


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """What a view shows."""

    title: str
    words: str
    """What the person is to do or to know, in one or two sentences."""
    left_s: float | None
    """Seconds left of a countdown or of holding; ``None`` outside of them."""
    share: float
    """How much of it is over, 0 to 1."""
    keys: str
    offer: bool = False
    """Whether the person may go on without a calibration."""


def step(state: CalibrationState, event: Event) -> CalibrationState:
    """Tell what becomes of `state`. An event dated before an earlier one counts as of the same moment as that one."""
    state = replace(state, time_s=max(state.time_s, event.time_s))
    if isinstance(event, KeyPress):
        return _pressed(state, event.key)
    if state.ended:
        return state
    hinder = event.hinder_words
    if not hinder:
        state = replace(state, clear_s=state.time_s)
    elapsed_s = state.time_s - state.since_s
    match state.phase:
        case CalibrationPhase.WAIT:
            return _waiting(state, hinder)
        case CalibrationPhase.COUNTDOWN:
            return _counting(state, hinder)
        case CalibrationPhase.HOLD:
            state = replace(state, taken=(*state.taken, event))
            return _judged(state) if elapsed_s >= HOLD_S[state.step] else state
        case _:
            return (
                _enter(state, CalibrationPhase.WAIT if hinder else CalibrationPhase.COUNTDOWN, hinder) if elapsed_s >= REFUSED_S else state
            )


def _waiting(state: CalibrationState, hinder: str) -> CalibrationState:
    if not hinder:
        return _enter(state, CalibrationPhase.COUNTDOWN)
    if state.time_s - state.since_s > PATIENCE_S:
        return _enter(state, CalibrationPhase.GIVEN_UP, f"{hinder} Nothing was saved after {PATIENCE_S / 60:.0f} minutes of waiting.")
    return replace(state, words=hinder)


def _counting(state: CalibrationState, hinder: str) -> CalibrationState:
    if state.time_s - state.clear_s > _MISSING_S:
        return _failed(state, CalibrationPhase.WAIT, hinder)
    return _enter(state, CalibrationPhase.HOLD) if state.time_s - state.since_s >= COUNTDOWN_S[state.step] else state


def show(state: CalibrationState) -> CalibrationView:
    """Tell what a view shows of `state`."""
    view = _shown(state)
    return replace(view, keys=f"{view.keys}   c: go on without", offer=True) if state.may_go_without else view


def _shown(state: CalibrationState) -> CalibrationView:
    total = 3 if state.with_range else 1
    number = list(CalibrationStep).index(state.step) + 1
    title = f"{number} of {total}: {_TITLES[state.step]}"
    keys = "space: next   r: again   q: quit" if state.step is CalibrationStep.NEUTRAL else "space: next   s: skip   r: again   q: quit"
    match state.phase:
        case CalibrationPhase.WAIT:
            return CalibrationView(title, f"{state.words or 'Looking for you.'} {_ASKED[state.step]}", None, 0.0, keys)
        case CalibrationPhase.COUNTDOWN:
            return _timed(state, title, _ASKED[state.step], COUNTDOWN_S[state.step], keys)
        case CalibrationPhase.HOLD:
            return _timed(state, title, "Hold it ...", HOLD_S[state.step], keys)
        case CalibrationPhase.REFUSED:
            return CalibrationView(title, f"{state.words} Trying again in a moment.", None, 0.0, keys)
        case _:
            return CalibrationView("Calibration", " ".join((state.words, *state.notes)), None, 1.0, "")


def _timed(state: CalibrationState, title: str, words: str, length_s: float, keys: str) -> CalibrationView:
    left_s = max(0.0, length_s - (state.time_s - state.since_s))
    return CalibrationView(title, words, left_s, 1.0 - left_s / length_s, keys)


def _enter(state: CalibrationState, phase: CalibrationPhase, words: str = "") -> CalibrationState:
    return replace(state, phase=phase, since_s=state.time_s, taken=(), words=words, clear_s=state.time_s)


def _pressed(state: CalibrationState, key: Key) -> CalibrationState:
    if state.ended:
        return state
    if key is Key.QUIT or (key is Key.WITHOUT and state.may_go_without):
        return _enter(state, CalibrationPhase(key), _ENDED_BY[key])
    if key is Key.SKIP and state.step is not CalibrationStep.NEUTRAL:
        return _onward(state)
    if key is Key.RETRY:
        return _enter(state, CalibrationPhase.COUNTDOWN)
    if key is Key.NEXT and state.phase in (CalibrationPhase.COUNTDOWN, CalibrationPhase.REFUSED):
        return _enter(state, CalibrationPhase.HOLD if state.phase is CalibrationPhase.COUNTDOWN else CalibrationPhase.COUNTDOWN)
    return state


def _judged(state: CalibrationState) -> CalibrationState:
    """Judge what was held: go on, or refuse it."""
    if state.step is CalibrationStep.NEUTRAL:
        found = neutral_from(state.taken)
        return _refused(state, found) if isinstance(found, str) else _onward(replace(state, neutral=found))
    reach = reach_from(state.taken)
    return _refused(state, reach) if isinstance(reach, str) else _reached(state, reach)


def _reached(state: CalibrationState, reach: RangeEnd) -> CalibrationState:
    """Judge a slump or an arch that was measured: it has to lie beyond the neutral."""
    assert state.neutral is not None
    slump = state.step is CalibrationStep.SLUMP
    far_deg = reach.spine_deg if slump else -reach.spine_deg
    if far_deg >= (SMALL_SLUMP_DEG if slump else SMALL_ARCH_DEG):
        kept = replace(state.neutral, slump=reach) if slump else replace(state.neutral, arch=reach)
        return _between(replace(state, neutral=kept))
    return _small_slump(state, reach, far_deg) if slump else _small_arch(state, reach, far_deg)


def _small_slump(state: CalibrationState, reach: RangeEnd, far_deg: float) -> CalibrationState:
    """Ask again for a slump that reads small; the second time the neutral was slumped, or the view does not show it."""
    if state.tries == 0:
        return _refused(state, f"That reads as only {max(0.0, far_deg):.0f}° of slump; let your back round as far as is comfortable.")
    if reach.pelvis_deg is not None:
        return _back(state, "You were slumping in the upright step too: sit taller for it.")
    return _onward(_noted(state, "Your slump hardly shows from this camera, so the usual limits stay."))


def _small_arch(state: CalibrationState, reach: RangeEnd, far_deg: float) -> CalibrationState:
    """Likewise for an arch; where the pelvis is not seen, an arch is not either."""
    if reach.pelvis_deg is None:
        return _onward(_noted(state, "An arch doesn't show from this camera, so it was left out."))
    if state.tries == 0:
        return _refused(state, f"That reads as only {max(0.0, far_deg):.0f}° of arch; hollow your lower back as far as is comfortable.")
    return _back(state, "You were arching in the upright step too: sit tall, but relax.")


def _between(state: CalibrationState) -> CalibrationState:
    """Check, once slump and arch are known, that the neutral lies at neither end."""
    assert state.neutral is not None
    slump, arch = state.neutral.slump, state.neutral.arch
    if slump is not None and arch is not None:
        whole = slump.spine_deg - arch.spine_deg
        if slump.spine_deg < _SLUMP_END * whole:
            return _back(state, "In the upright step you were close to your slump: sit taller for it.")
        if -arch.spine_deg < _ARCH_END * whole:
            return _back(state, "In the upright step you were close to your arch: sit tall, but relax.")
    return _onward(state)


def _onward(state: CalibrationState) -> CalibrationState:
    """Go on to the next step, or end."""
    state = replace(state, tries=0)
    if state.with_range and state.step in _AFTER:
        return _enter(replace(state, step=_AFTER[state.step]), CalibrationPhase.COUNTDOWN)
    assert state.neutral is not None
    return _enter(state, CalibrationPhase.DONE, done_words(state.neutral))


def _refused(state: CalibrationState, words: str) -> CalibrationState:
    """Ask once more; after some tries give the neutral up, or leave that end of the range out."""
    if state.tries + 1 < _TRIES:
        return _failed(replace(state, tries=state.tries + 1), CalibrationPhase.REFUSED, words)
    if state.step is CalibrationStep.NEUTRAL:
        return _enter(state, CalibrationPhase.GIVEN_UP, f"{words} Nothing was saved after {_TRIES} tries.")
    return _onward(_left_out(state, words))


def _back(state: CalibrationState, words: str) -> CalibrationState:
    """Begin anew: what was taken for the neutral is at an end of the range."""
    if state.returns + 1 >= _TRIES:
        return _enter(state, CalibrationPhase.GIVEN_UP, f"{words} Nothing was saved after {_TRIES} tries.")
    again = CalibrationState(state.with_range, state.time_s, returns=state.returns + 1, failed=state.failed)
    return _failed(again, CalibrationPhase.REFUSED, words)


def _failed(state: CalibrationState, phase: CalibrationPhase, words: str) -> CalibrationState:
    """Count a try that failed, and go on in `phase`; after too many of them end the step, so that it never goes round for ever."""
    state = replace(state, failed=state.failed + 1)
    if state.failed < _MOST_FAILED:
        return _enter(state, phase, words)
    if state.step is not CalibrationStep.NEUTRAL:
        return _onward(_left_out(state, words))
    return _enter(state, CalibrationPhase.GIVEN_UP, f"{words} Nothing was saved after {_MOST_FAILED} tries.")


def _left_out(state: CalibrationState, words: str) -> CalibrationState:
    return _noted(state, f"Your {_TITLES[state.step].lower()} was left out: {words}")


def _noted(state: CalibrationState, note: str) -> CalibrationState:
    return replace(state, notes=(*state.notes, note))


def done_words(neutral: Neutral, bands: BandSettings | None = None) -> str:
    """Tell how it went, and what the own range changes, in plain words.

    Args:
        neutral: with the range, if it was shown.
        bands: the settings that would hold without it; ``None`` for the defaults.
    """
    bands = bands or BandSettings()
    own = own_bands(bands, neutral)
    said = ["Your upright position is saved."]
    if neutral.slump is not None:
        said.append(f"Your full slump measures {neutral.slump.spine_deg:.0f}° ± {neutral.slump.spine_sd_deg:.0f}°.")
    if neutral.arch is not None and neutral.arch.pelvis_deg is not None:
        said.append(f"Your full arch tips your pelvis forward by {neutral.arch.pelvis_deg:.0f}°.")
    if round(own.flexed_spine_deg) < round(bands.flexed_spine_deg):
        said.append(f"Your slump limit is now {own.flexed_spine_deg:.0f}° (was {bands.flexed_spine_deg:.0f}°).")
    if round(own.tilt_deg) < round(bands.tilt_deg):
        said.append(f"Your limit for forward pelvic tilt is now {own.tilt_deg:.0f}° (was {bands.tilt_deg:.0f}°).")
    return " ".join(said)
