"""Samples of the rules about behaviour, calls and environments, and of ``unclassified``."""

from __future__ import annotations

from meta_tests.upgrade.samples.all import Edit, breaking, info, warning
from mlflow_conformance.upgrade.profile.differences import ABSENT

MODEL = "modes/one/model"
INPUT = f"{MODEL}/contract/dict"
ACCEPTED, SCORED_OTHERWISE = "accepted: digest 00", "accepted: digest 01"
REJECTED = "rejected by the signature: MlflowException: no"
REJECTED_LATER = "rejected by the estimator: ValueError: no"
REQUEST = f"{MODEL}/serving/inputs"
ANSWERED, ANSWERED_OTHERWISE = "200: digest 00", "200: digest 01"
REFUSED, REFUSED_OTHERWISE = "400: no", "500: no"
PREDICTED = "ndarray of int64 (3,), digest 00"
MADE = "calls/made/start_run()"
CALL = f"{MADE}/outcome"
WORKS, WORKS_OTHERWISE = "works, gives 1", "works, gives 2"
RAISES, RAISES_OTHERWISE = "raises TypeError: no", "raises ValueError: no"
PARAMETERS = "calls/parameters/start_run"
PARAMETER = f"{PARAMETERS}/run_name"
NONE, REQUIRED = "default None", "must be given"
PACKAGES = "environment/packages"

BEHAVIOUR_SAMPLES = (
    breaking(
        "input-rejected",
        Edit(INPUT, ACCEPTED, REJECTED),
        near=Edit(INPUT, ACCEPTED, SCORED_OTHERWISE),
        other="input-scored-otherwise",
    ),
    breaking(
        "input-accepted",
        Edit(INPUT, REJECTED, ACCEPTED),
        near=Edit(INPUT, REJECTED, REJECTED_LATER),
        other="input-rejected-by-another",
    ),
    breaking(
        "input-scored-otherwise",
        Edit(INPUT, ACCEPTED, SCORED_OTHERWISE),
        near=Edit(INPUT, ACCEPTED, REJECTED),
        other="input-rejected",
    ),
    warning(
        "input-rejected-by-another",
        Edit(INPUT, REJECTED, REJECTED_LATER),
        near=Edit(INPUT, REJECTED, f"{REJECTED} thanks"),
        other="rejection-worded-otherwise",
    ),
    info(
        "rejection-worded-otherwise",
        Edit(INPUT, REJECTED, f"{REJECTED} thanks"),
        near=Edit(INPUT, REJECTED, ABSENT),
        other="inputs-tried-changed",
    ),
    info(
        "inputs-tried-changed",
        Edit(INPUT, ACCEPTED, ABSENT),
        Edit(REQUEST, ABSENT, REFUSED),
        Edit(f"{MODEL}/contract", ABSENT, {"dict": ACCEPTED}),
        Edit(f"{MODEL}/serving", {"inputs": ANSWERED}, ABSENT),
        near=Edit(INPUT, ACCEPTED, REJECTED),
        other="input-rejected",
    ),
    breaking(
        "predictions-fail",
        Edit(f"{MODEL}/predictions/native", PREDICTED, "ValueError: no"),
        near=Edit(f"{MODEL}/predictions/native", "TypeError: no", "ValueError: no"),
        other="predictions-fail-otherwise",
    ),
    info(
        "predictions-work-now",
        Edit(f"{MODEL}/predictions/native", "ValueError: no", PREDICTED),
        near=Edit(f"{MODEL}/predictions/native", PREDICTED, ABSENT),
        other="predictions-fail",
    ),
    info(
        "predictions-fail-otherwise",
        Edit(f"{MODEL}/predictions/native", "TypeError: no", "ValueError: no"),
        near=Edit(f"{MODEL}/predictions/native", "ValueError: no", PREDICTED),
        other="predictions-work-now",
    ),
    breaking(
        "server-ends",
        Edit(f"{MODEL}/serving", "the server starts", "the server ends by itself: no"),
        near=Edit(REQUEST, ANSWERED, "500: the server ends by itself"),
        other="serving-fails",
    ),
    breaking(
        "predictions-changed",
        Edit(f"{MODEL}/predictions/native", PREDICTED, f"{PREDICTED}1"),
        near=Edit(INPUT, ACCEPTED, SCORED_OTHERWISE),
        other="input-scored-otherwise",
    ),
    breaking(
        "serving-fails",
        Edit(REQUEST, ANSWERED, REFUSED),
        near=Edit(REQUEST, ANSWERED, ABSENT),
        other="inputs-tried-changed",
    ),
    info(
        "serving-works-now",
        Edit(REQUEST, REFUSED, ANSWERED),
        near=Edit(REQUEST, ABSENT, ANSWERED),
        other="inputs-tried-changed",
    ),
    breaking(
        "served-otherwise",
        Edit(REQUEST, ANSWERED, ANSWERED_OTHERWISE),
        near=Edit(REQUEST, REFUSED, REFUSED_OTHERWISE),
        other="refused-otherwise",
    ),
    warning(
        "refused-otherwise",
        Edit(REQUEST, REFUSED, REFUSED_OTHERWISE),
        near=Edit(REQUEST, REFUSED, ANSWERED),
        other="serving-works-now",
    ),
    breaking(
        "call-fails",
        Edit(CALL, WORKS, RAISES),
        near=Edit(CALL, WORKS, WORKS_OTHERWISE),
        other="call-gives-otherwise",
    ),
    info(
        "call-works-now",
        Edit(CALL, RAISES, WORKS),
        near=Edit(CALL, RAISES, RAISES_OTHERWISE),
        other="call-raises-otherwise",
    ),
    breaking(
        "call-gives-otherwise",
        Edit(CALL, WORKS, WORKS_OTHERWISE),
        near=Edit(CALL, WORKS, RAISES),
        other="call-fails",
    ),
    info(
        "call-result-worded-otherwise",
        Edit(CALL, "works, gives ['a': long]", "works, gives ['a': long (required)]"),
        near=Edit(CALL, "works, gives ['a': long]", "works, gives ['a': long (optional)]"),
        other="call-gives-otherwise",
    ),
    info(
        "call-raises-otherwise",
        Edit(CALL, RAISES, RAISES_OTHERWISE),
        near=Edit(CALL, RAISES, WORKS),
        other="call-works-now",
    ),
    info(
        "calls-tried-changed",
        Edit(MADE, {"outcome": WORKS}, ABSENT),
        Edit(PARAMETERS, ABSENT, {"run_name": NONE}),
        near=Edit(PARAMETER, ABSENT, NONE),
        other="parameter-added",
    ),
    breaking(
        "parameter-lost",
        Edit(PARAMETER, NONE, ABSENT),
        near=Edit(PARAMETERS, {"run_name": NONE}, ABSENT),
        other="calls-tried-changed",
    ),
    info(
        "parameter-added",
        Edit(PARAMETER, ABSENT, NONE),
        near=Edit(PARAMETER, ABSENT, REQUIRED),
        other="parameter-required",
    ),
    breaking(
        "parameter-required",
        Edit(PARAMETER, NONE, REQUIRED),
        near=Edit(PARAMETER, ABSENT, "any number"),
        other="parameter-added",
    ),
    info(
        "parameter-optional",
        Edit(PARAMETER, REQUIRED, NONE),
        near=Edit(PARAMETER, REQUIRED, ABSENT),
        other="parameter-lost",
    ),
    warning(
        "parameter-default-changed",
        Edit(PARAMETER, NONE, "default 5"),
        near=Edit(PARAMETER, REQUIRED, NONE),
        other="parameter-optional",
    ),
    info(
        "mlflow-moved",
        Edit(f"{PACKAGES}/mlflow-skinny", "3.0.0", "3.1.0"),
        near=Edit(f"{PACKAGES}/mlflow-export-import", "3.0.0", "3.1.0"),
        other="package-moved",
    ),
    info(
        "package-moved",
        Edit(f"{PACKAGES}/numpy", "2.0.0", ABSENT),
        near=Edit(f"{PACKAGES}/mlflow-tracing", ABSENT, "3.0.0"),
        other="mlflow-moved",
    ),
    info(
        "python-changed",
        Edit("environment/python", "3.11.7", "3.12.0"),
        Edit("environment/system", "Linux", "Darwin"),
        near=Edit(f"{PACKAGES}/python", "3.11.7", "3.12.0"),
        other="package-moved",
    ),
    warning(
        "unclassified",
        Edit("anything", ABSENT, {"a": 1}),
        near=Edit("environment/system", "Linux", "Darwin"),
        other="python-changed",
    ),
)
