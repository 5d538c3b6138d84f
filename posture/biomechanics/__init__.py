"""Landmarks to angles: skeleton, features, networks, calibration, view, personal thresholds, drift, placement. Pure."""

from posture.biomechanics.angle_table import (
    ANGLES,
    AXIAL_ROTATION,
    LATERAL_LEAN,
    NECK_FLEXION,
    PELVIC_TILT,
    POSTURE_ANGLES,
    SPINAL_FLEXION,
    TRUNK_FLEXION,
    Angle,
)
from posture.biomechanics.angles import AngleEstimator, look_both_ways, seated, trust
from posture.biomechanics.calibration import AUTOMATIC_SD_DEG, Neutral, automatic_neutral, neutral_of, upright
from posture.biomechanics.calibration_checks import CalibrationSample
from posture.biomechanics.calibration_steps import (
    CalibrationPhase,
    CalibrationState,
    CalibrationStep,
    CalibrationView,
    Key,
    KeyPress,
    show,
    step,
)
from posture.biomechanics.drift import Misfit, NeutralDriftDetector
from posture.biomechanics.layout import CHORD, Floats, Layout, head_up, is_sideways
from posture.biomechanics.networks import Parameters
from posture.biomechanics.personal_thresholds import moved, own_bands
from posture.biomechanics.placement import Placement, angle_line, facts_of, placement_of
from posture.biomechanics.pose_features import PoseFeatures
from posture.biomechanics.quadruped import neither_sits_nor_stands, on_hands_and_knees
from posture.biomechanics.sample import DIM, PoseSample, repeated, resized, sample_of
from posture.biomechanics.skeleton import ANKLES, BONES, FEET, FINGERS, KEPT, LANDMARK_NAMES, POSE, WRISTS
from posture.biomechanics.view import view_at
