"""Who is the same person: standardise, block, compare, weigh, cluster, explain. Pure functions over Arrow tables.

result = run(table, fields, settings, judgements=…, model=…, previous_groups=…, progress=…, stop=…)
result.pairs, result.groups, result.model, result.report
explain_pair(table, fields, settings, result.model, left_key, right_key)
"""

from __future__ import annotations

from reconcile_tui.matching.engine import run
from reconcile_tui.matching.explain import Evidence, Explanation
from reconcile_tui.matching.finding import MatchResult, least_bits
from reconcile_tui.matching.learning import uncertainty
from reconcile_tui.matching.matcher import Change, Matcher, explain_pair, why_not
from reconcile_tui.matching.rematching import Earlier, Rematched, rematch
from reconcile_tui.matching.suggest import Suggestion, suggest_blocking

__all__ = [
    "Change",
    "Earlier",
    "Evidence",
    "Explanation",
    "MatchResult",
    "Matcher",
    "Rematched",
    "Suggestion",
    "explain_pair",
    "least_bits",
    "rematch",
    "run",
    "suggest_blocking",
    "uncertainty",
    "why_not",
]
