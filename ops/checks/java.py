"""Is there a Java that the local node boots on?"""

from ops import jdk
from ops.checks.finding import Finding, Situation
from ops.errors import NodeFailed


def check(situation: Situation) -> Finding:
    """Look for a JDK of 21 or newer with jdk.attach."""
    try:
        found = jdk.find(situation.environment)
    except NodeFailed as error:
        text, _, cure = str(error).partition("; install")
        return Finding("java", text, f"install{cure}")
    return Finding("java", f"JDK {found.version} at {found.home}")
