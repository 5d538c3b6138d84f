"""``annotations.eaf``: postures, episodes and reminders as tiers of ELAN. Layout: ELAN's annotation format 3.0 (EAFv3.0.xsd).

It bears no date of its own, so that the same analysis gives the same file.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from itertools import count
from xml.etree import ElementTree as ET

from posture.engine import RecordingResult
from posture.prompts import Catalogue
from posture.reports.recording.formats.annotations import Tier, media_path, tiers_of

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_UNDATED = "1970-01-01T00:00:00+00:00"


def eaf(analysis: RecordingResult, catalogue: Catalogue) -> bytes:
    """Return ``annotations.eaf``: the recording is linked relatively, each tier of fixed values has its controlled vocabulary."""
    tiers = tiers_of(analysis, catalogue)
    ET.register_namespace("xsi", _XSI)
    root = ET.Element("ANNOTATION_DOCUMENT", AUTHOR="posture-monitor", DATE=_UNDATED, FORMAT="3.0", VERSION="3.0")
    root.set(f"{{{_XSI}}}noNamespaceSchemaLocation", "http://www.mpi.nl/tools/elan/EAFv3.0.xsd")
    header = ET.SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    media, kind = media_path(analysis), mimetypes.guess_type(analysis.video.name)[0] or "unknown"
    if media:
        ET.SubElement(header, "MEDIA_DESCRIPTOR", MEDIA_URL=media, RELATIVE_MEDIA_URL=media, MIME_TYPE=kind)
    times = sorted({t for tier in tiers for a in tier.annotations for t in (a.start_ms, a.end_ms)})
    slots = {t: f"ts{number}" for number, t in enumerate(times, 1)}
    order = ET.SubElement(root, "TIME_ORDER")
    for t, slot in slots.items():
        ET.SubElement(order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(t))
    numbers = count(1)
    for tier in tiers:
        _add_tier(root, tier, slots, numbers)
    for tier in tiers:
        vocabulary = {} if tier.meanings is None else {"CONTROLLED_VOCABULARY_REF": tier.name}
        ET.SubElement(root, "LINGUISTIC_TYPE", vocabulary, LINGUISTIC_TYPE_ID=tier.name, TIME_ALIGNABLE="true", GRAPHIC_REFERENCES="false")
    ET.SubElement(root, "LANGUAGE", LANG_ID="eng", LANG_DEF="http://cdb.iso.org/lg/CDB-00138502-001", LANG_LABEL="English (eng)")
    for tier in tiers:
        _add_vocabulary(root, tier)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _add_tier(root: ET.Element, tier: Tier, slots: dict[int, str], numbers: Iterator[int]) -> None:
    element = ET.SubElement(root, "TIER", TIER_ID=tier.name, LINGUISTIC_TYPE_REF=tier.name)
    for a in tier.annotations:
        number = next(numbers)
        entry = {} if tier.meanings is None else {"CVE_REF": f"{tier.name} {a.value}".replace(" ", "_")}
        one = ET.SubElement(
            ET.SubElement(element, "ANNOTATION"),
            "ALIGNABLE_ANNOTATION",
            {"ANNOTATION_ID": f"a{number}", "TIME_SLOT_REF1": slots[a.start_ms], "TIME_SLOT_REF2": slots[a.end_ms], **entry},
        )
        ET.SubElement(one, "ANNOTATION_VALUE").text = a.value


def _add_vocabulary(root: ET.Element, tier: Tier) -> None:
    if tier.meanings is None:
        return
    element = ET.SubElement(root, "CONTROLLED_VOCABULARY", CV_ID=tier.name)
    ET.SubElement(element, "DESCRIPTION", LANG_REF="eng")
    for value, meaning in tier.meanings.items():
        entry = ET.SubElement(element, "CV_ENTRY_ML", CVE_ID=f"{tier.name} {value}".replace(" ", "_"))
        ET.SubElement(entry, "CVE_VALUE", LANG_REF="eng", DESCRIPTION=meaning).text = value
