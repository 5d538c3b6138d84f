"""MediaPipe behind its one door: pictures of any width are survived, and landmarks and masks are those of the picture itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SAMPLES

CLIP = SAMPLES / "side_mixed_male1.mp4"
SIZES = [*((width, 480) for width in range(636, 644)), (359, 640), (426, 240), (478, 478), (405, 720), (427, 240), (1, 1), (3, 2), (5, 641)]
"""Every remainder of the width by 4; of a portrait, a small, a square and a large picture as well."""
SCALED = [(404, 720), (1078, 1916), (1918, 1080)]
"""Larger than what is looked at, so that the width that counts is the one after scaling: 404 x 720 becomes 359 x 640."""

SWEEP = """
import json, sys
from pathlib import Path

import cv2
import numpy as np
import people

from posture.pose.landmarker import Landmarker
from posture.types import Frame
from posture.pose.sampler import SIDE, FramePicture

model, clip, sizes, scaled = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]), json.loads(sys.argv[4])
whole = people.frames_of(clip, end_s=0.1)[0].image
LEFT_SHOULDER = 11


def part(width, height, at_x):
    # The largest part of the clip's picture with that shape, the person in its middle, as large as asked for; where it begins; its scale.
    share = min(whole.shape[1] / width, whole.shape[0] / height)
    x0 = min(max(0.0, at_x - share * width / 2), whole.shape[1] - share * width)
    y0 = (whole.shape[0] - share * height) / 2
    move = np.array([[1 / share, 0.0, -x0 / share], [0.0, 1 / share, -y0 / share]])
    return cv2.warpAffine(whole, move, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE), x0, y0, share


def shoulder(pose):
    return [float(v) for v in pose.image_xyz[LEFT_SHOULDER, :2]]


for follow in (False, True):
    with Landmarker(model, follow=follow, poses=1) as landmarker:
        landmarker.detect(Frame(0.0, whole))
        at = shoulder(landmarker.detect(Frame(0.0, whole))[0])
        for width, height in [*sizes, *scaled]:
            image, x0, y0, share = part(width, height, at[0])
            if [width, height] in scaled:
                image = FramePicture(Frame(0.0, image)).image(SIDE)
                share *= width / image.shape[1]
            landmarker.forget()
            landmarker.detect(Frame(0.0, image))
            found = landmarker.detect(Frame(0.0, image))
            said = {"follow": follow, "size": [width, height], "picture": list(image.shape[:2]), "found": len(found)}
            for pose in found:
                x, y = shoulder(pose)
                off = (x0 + share * x - at[0]) / whole.shape[1], (y0 + share * y - at[1]) / whole.shape[0]
                covered = float((pose.mask > 127).mean())
                said |= {"pose": [pose.height, pose.width], "mask": list(pose.mask.shape), "off": off, "covered": covered}
            print(json.dumps(said), flush=True)
    with Landmarker(model, follow=follow, poses=1) as odd, Landmarker(model, follow=follow, poses=1) as even:
        image = part(641, 480, at[0])[0]
        by_hand = np.pad(image, ((0, 0), (0, 3), (0, 0)), mode="edge")
        (a,), (b,) = odd.detect(Frame(0.0, image)), even.detect(Frame(0.0, by_hand))
        same = np.array_equal(a.image_xyz, b.image_xyz) and np.array_equal(a.mask, b.mask[:, :641])
        print(json.dumps({"follow": follow, "size": "padded by hand", "same": bool(same)}), flush=True)
"""


@pytest.fixture(scope="module")
def swept(model_file: Path) -> list[dict[str, Any]]:
    """What was found in each picture, in a process of its own: what MediaPipe does to it must not be done to the tests."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    words = [sys.executable, "-c", SWEEP, str(model_file), str(CLIP), json.dumps(SIZES), json.dumps(SCALED)]
    done = subprocess.run(words, capture_output=True, text=True, env=env, check=False, timeout=300)
    assert done.returncode == 0, (done.returncode, done.stdout.splitlines()[-1:], done.stderr[-2000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_width_is_survived_in_both_modes(swept: list[dict[str, Any]]) -> None:
    """Reading a mask whose width is no multiple of 4 would end the process."""
    assert len(swept) == 2 * (len(SIZES) + len(SCALED) + 1)
    assert [r["picture"] for r in swept if r["size"] == [404, 720]] == [[640, 359]] * 2


def test_mask_and_landmarks_are_of_the_picture_itself(swept: list[dict[str, Any]]) -> None:
    """Of its size, without what was padded; the shoulder is where it is in the clip's own picture, to 2 % of it."""
    seen = [r for r in swept if r.get("found") and min(r["size"]) > 100]
    assert len(seen) == 2 * sum(min(size) > 100 for size in [*SIZES, *SCALED])
    for r in seen:
        assert r["mask"] == r["pose"] == r["picture"], r
        assert max(map(abs, r["off"])) <= 0.02, r
        assert r["covered"] > 0.05, r


def test_padding_is_that_of_the_last_column(swept: list[dict[str, Any]]) -> None:
    """A picture padded by hand gives the same landmarks and the same mask, to the last bit."""
    assert [r["same"] for r in swept if "same" in r] == [True, True]


def test_what_is_nearly_no_picture_has_nobody(swept: list[dict[str, Any]]) -> None:
    """One pixel, six, and a strip."""
    assert {r["found"] for r in swept if r.get("found") is not None and min(r["size"]) < 100} == {0}


def test_nothing_else_hands_pictures_to_mediapipe() -> None:
    """One module imports it; the assembling of a model reads a schema alone."""
    there = re.compile(r"^\s*(?:import|from) mediapipe(?!\.tasks\.metadata)\b", re.MULTILINE)
    assert [p.name for p in (ROOT / "posture").rglob("*.py") if there.search(p.read_text(encoding="utf-8"))] == ["landmarker.py"]
