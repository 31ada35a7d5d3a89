"""Samples of the rules about probes."""

from __future__ import annotations

from meta_tests.upgrade.samples.all import Edit, Sample, breaking, info, warning
from mlflow_conformance.upgrade.profile.differences import ABSENT
from mlflow_conformance.upgrade.profile.fact_texts import NOT_THERE, WORKS

PROBE = "probes/runs/start"
RELIED, NOTABLE, GUARDED, INTERNAL = (
    f"{PROBE}/{key}" for key in ("relied on", "notable", "guarded", "internal")
)
WARNING = f"{PROBE}/warnings/FutureWarning"
ONE, TWO = f"{WORKS}, gives ['a']", f"{WORKS}, gives ['b']"
MORE = f"{WORKS}, gives ['a', 'b']"
REFUSED, OTHERWISE = "raises MlflowException BAD: no", "raises TypeError"
ELSEWHERE = "fails in pandas: TypeError"

PROBE_SAMPLES: tuple[Sample, ...] = (
    breaking(
        "probe-raises",
        *(Edit(place, ONE, REFUSED) for place in (RELIED, NOTABLE, GUARDED)),
        near=Edit(RELIED, ONE, ELSEWHERE),
        other="probe-fails-elsewhere",
    ),
    breaking(
        "probe-gives-otherwise",
        Edit(RELIED, ONE, TWO),
        Edit(RELIED, ONE, WORKS),
        Edit(RELIED, f"{WORKS}, gives {{'a': 1}}", f"{WORKS}, gives {{'a': 2, 'b': 1}}"),
        near=Edit(RELIED, ONE, MORE),
        other="probe-works-now",
    ),
    warning(
        "probe-differs",
        *(Edit(place, ONE, TWO) for place in (NOTABLE, GUARDED)),
        near=Edit(RELIED, ONE, TWO),
        other="probe-gives-otherwise",
    ),
    warning(
        "probe-unguarded",
        Edit(GUARDED, REFUSED, ONE),
        Edit(GUARDED, ELSEWHERE, ONE),
        near=Edit(GUARDED, NOT_THERE, ONE),
        other="probe-works-now",
    ),
    warning(
        "probe-fails-elsewhere",
        *(Edit(place, ONE, ELSEWHERE) for place in (RELIED, NOTABLE, GUARDED)),
        near=Edit(RELIED, REFUSED, ELSEWHERE),
        other="probe-fails-otherwise",
    ),
    warning(
        "probe-gone",
        *(Edit(place, ONE, NOT_THERE) for place in (RELIED, NOTABLE, GUARDED)),
        Edit(RELIED, REFUSED, NOT_THERE),
        near=Edit(RELIED, NOT_THERE, REFUSED),
        other="probe-fails-otherwise",
    ),
    warning(
        "probe-deprecated",
        Edit(WARNING, ABSENT, "will be removed"),
        near=Edit(f"{PROBE}/warnings/UserWarning", ABSENT, "look"),
        other="probe-warns-otherwise",
    ),
    info(
        "probe-works-now",
        Edit(RELIED, REFUSED, ONE),
        Edit(RELIED, WORKS, ONE),
        Edit(RELIED, f"{WORKS}, gives {{'a': 1}}", f"{WORKS}, gives {{'a': 1, 'b': 2}}"),
        Edit(NOTABLE, NOT_THERE, ONE),
        Edit(GUARDED, ONE, MORE),
        near=Edit(GUARDED, REFUSED, ONE),
        other="probe-unguarded",
    ),
    info(
        "probe-fails-otherwise",
        *(Edit(place, REFUSED, OTHERWISE) for place in (RELIED, NOTABLE, GUARDED)),
        near=Edit(RELIED, ONE, OTHERWISE),
        other="probe-raises",
    ),
    info(
        "probe-internal",
        Edit(INTERNAL, ONE, REFUSED),
        near=Edit(NOTABLE, ONE, REFUSED),
        other="probe-raises",
    ),
    info(
        "probe-warns-otherwise",
        Edit(WARNING, "will be removed", "is deprecated"),
        Edit(WARNING, "will be removed", ABSENT),
        near=Edit(WARNING, ABSENT, "is deprecated"),
        other="probe-deprecated",
    ),
    info(
        "probes-tried-changed",
        Edit("probes/other", {"a": {"relied on": ONE}}, ABSENT),
        Edit("probes/runs/other", ABSENT, {"relied on": ONE}),
        *(Edit(place, ABSENT, ONE) for place in (RELIED, NOTABLE, GUARDED, INTERNAL)),
        near=Edit(RELIED, ONE, NOT_THERE),
        other="probe-gone",
    ),
)
