"""Who is the same person: standardise, block, compare, weigh, cluster, explain. Pure functions over Arrow tables.

result = run(table, fields, settings, judgements=…, model=…, previous_groups=…, progress=…, stop=…)
result.pairs, result.groups, result.model, result.report
explain_pair(table, fields, settings, result.model, left_key, right_key)
"""

from __future__ import annotations

from reconcile_tui.matching.engine import MatchResult, run
from reconcile_tui.matching.explain import Evidence, Explanation
from reconcile_tui.matching.matcher import Matcher, explain_pair, rematch, suggest_blocking, why_not

__all__ = ["Evidence", "Explanation", "MatchResult", "Matcher", "explain_pair", "rematch", "run", "suggest_blocking", "why_not"]
