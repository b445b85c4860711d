"""Splink 5 on DuckDB, run by the peers' own interpreter: cleaned columns in, timed stages, scored pairs and groups out.

    PEERS/bin/python peer_splink.py cleaned.parquet out.parquet textbook|lean

`textbook` takes Splink's own comparisons as its documentation shows them. `lean` is what an expert who knows such data would set up by hand,
and the fastest configuration tried: no partial e-mail levels, and for town and phone of colleagues the chance that colleagues share them,
counted in the data beforehand, in the place of the chance that anybody does. Blocking keys are those of the engine.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

RULES = json.loads(sys.argv[4]) if len(sys.argv) > 4 else []


def textbook() -> list:
    return [
        cl.ForenameSurnameComparison("first_name", "last_name", forename_surname_concat_col_name="full_name"),
        cl.EmailComparison("email").configure(term_frequency_adjustments=True),
        cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("company", [0.9]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
    ]


def lean(con: duckdb.DuckDBPyConnection) -> list:
    same_company = cll.ExactMatchLevel("company")

    def among_colleagues(column: str) -> cll.ComparisonLevelCreator:
        return cll.And(cll.ExactMatchLevel(column), same_company).configure(u_probability=shared(con, column), fix_u_probability=True)

    return [
        cl.ForenameSurnameComparison("first_name", "last_name", forename_surname_concat_col_name="full_name"),
        cl.ExactMatch("email").configure(term_frequency_adjustments=True),
        cl.CustomComparison(
            [
                cll.NullLevel("phone"),
                among_colleagues("phone"),
                cll.ExactMatchLevel("phone", term_frequency_adjustments=True),
                cll.ElseLevel(),
            ],
            output_column_name="phone",
        ),
        cl.JaroWinklerAtThresholds("company", [0.9]).configure(term_frequency_adjustments=True),
        cl.CustomComparison(
            [
                cll.NullLevel("city"),
                among_colleagues("city"),
                cll.ExactMatchLevel("city", term_frequency_adjustments=True),
                cll.ElseLevel(),
            ],
            output_column_name="city",
        ),
    ]


def shared(con: duckdb.DuckDBPyConnection, column: str) -> float:
    """How often two colleagues of different names share a value."""
    sql = f"""
        WITH sizes AS (SELECT company, {column} AS v, full_name, count(*) AS n FROM records
                       WHERE company IS NOT NULL AND {column} IS NOT NULL AND full_name IS NOT NULL GROUP BY ALL),
             by_value AS (SELECT company, v, sum(n) AS n, sum(n * n) AS same FROM sizes GROUP BY ALL),
             by_name AS (SELECT company, full_name, sum(n) AS n FROM sizes GROUP BY ALL),
             names AS (SELECT company, sum(n) AS n, sum(n * n) AS same FROM by_name GROUP BY ALL)
        SELECT (SELECT sum(n * n - same) FROM by_value) / (SELECT sum(n * n - same) FROM names)"""
    return float(con.execute(sql).fetchall()[0][0])


def memory() -> float:
    """The most this process has held, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    source, target, which = sys.argv[1:4]
    started, cpu = time.perf_counter(), time.process_time()
    stages = {}
    con = duckdb.connect()
    con.execute("SET threads = 2")
    con.execute(f"CREATE TABLE records AS SELECT * FROM '{source}'")
    api = DuckDBAPI(connection=con)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="key",
        comparisons=textbook() if which == "textbook" else lean(con),
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in RULES],
        retain_matching_columns=False,
    )
    table = api.register(con.table("records").to_arrow_table()) if hasattr(api, "register") else None
    linker = Linker(table, settings, log_level=40)
    stages["load"] = time.perf_counter() - started
    linker.training.estimate_probability_two_random_records_match(
        [block_on("email"), block_on("first_name", "last_name", "company")], recall=0.6
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("email"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "last_name"))
    stages["train"] = time.perf_counter() - started - stages["load"]
    predicted = linker.inference.predict(threshold_match_probability=0.02)
    pairs = predicted.as_duckdbpyrelation() if hasattr(predicted, "as_duckdbpyrelation") else con.table(predicted.physical_name)  # noqa: F841 - the query finds it by name
    con.execute(
        f"COPY (SELECT key_l AS left_key, key_r AS right_key, match_probability AS probability FROM pairs) TO '{target}' (FORMAT parquet)"
    )
    stages["predict"] = time.perf_counter() - started - stages["load"] - stages["train"]
    linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.5)
    stages["cluster"] = time.perf_counter() - started - sum(stages.values())
    seconds = time.perf_counter() - started
    cpu = time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "stages": stages, "rss_mb": memory()}))


main()
