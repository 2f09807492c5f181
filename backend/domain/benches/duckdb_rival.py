"""The lead list's benchmark and the same queries in DuckDB, in one run.

    python3 -m venv /tmp/duckdb && /tmp/duckdb/bin/pip install duckdb
    /tmp/duckdb/bin/python backend/domain/benches/duckdb_rival.py

runs `cargo bench` with the rows, search terms and medians written to a folder, gives the rows to DuckDB (in memory, two
threads), runs the same queries with the same terms, and prints both side by side.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb

FIELDS = ["firstName", "lastName", "title", "company", "email", "phone", "remarks"]


def resident_mb():
    for line in open("/proc/self/status", encoding="ascii"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def median_ms(runs, run):
    times = []
    for i in range(runs):
        started = time.perf_counter()
        run(i)
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times)


def rival(folder, ours):
    db = duckdb.connect(":memory:", config={"threads": 2})
    empty_mb = resident_mb()
    texts = ", ".join(f"{name}: 'VARCHAR'" for name in ["leadId", *FIELDS, "sourceFile"])
    columns = "{" + texts + ", createdAt: 'BIGINT', updatedAt: 'BIGINT'}"
    db.execute(f"CREATE TABLE leads AS SELECT * FROM read_csv('{folder}/leads.csv', header=true, columns={columns})")
    memory_mb = resident_mb() - empty_mb
    db.execute(f"CREATE TABLE changes AS SELECT * FROM read_csv('{folder}/changes.csv', header=true, columns={columns})")
    rows = db.execute("SELECT count(*) FROM leads").fetchone()[0]
    assert rows == ours["leads"], rows

    companies, words, emails = ours["companies"], ours["words"], ours["emails"]
    first_page = "ORDER BY lower(lastName), leadId LIMIT 50"
    anywhere = " OR ".join(f"contains(lower({field}), $1)" for field in FIELDS)

    def query(sql, terms=None):
        return lambda i: db.execute(sql, [terms[i]] if terms else None).fetchall()

    def change(_):
        db.execute("BEGIN")
        db.execute("DELETE FROM leads WHERE leadId IN (SELECT leadId FROM changes)")
        db.execute("INSERT INTO leads SELECT * FROM changes")
        db.execute("COMMIT")
        db.execute(f"SELECT * FROM leads {first_page}").fetchall()

    medians = {
        "a": median_ms(20, query(f"SELECT * FROM leads {first_page} OFFSET 950")),
        "b": median_ms(100, query(f"SELECT * FROM leads WHERE contains(lower(company), $1) {first_page}", companies)),
        "c": median_ms(100, query("SELECT count(*) FROM leads WHERE contains(lower(company), $1)", companies)),
        "d": median_ms(100, query(f"SELECT count(*) FROM leads WHERE {anywhere}", words)),
        "e": median_ms(
            100,
            query("SELECT company, count(*) AS n FROM leads GROUP BY company ORDER BY n DESC, company LIMIT 10"),
        ),
        "f": median_ms(20, change),
        "g": median_ms(100, query("SELECT * FROM leads WHERE email = $1", emails)),
    }
    return medians, memory_mb


def main():
    root = pathlib.Path(__file__).resolve().parents[3]
    with tempfile.TemporaryDirectory() as folder:
        bench = ["cargo", "bench", "-p", "easy-crm-domain", "--bench", "lead_index", "--", "--to", folder]
        subprocess.run(bench, cwd=root, check=True)
        ours = json.loads((pathlib.Path(folder) / "lead_index.json").read_text(encoding="utf-8"))
        theirs, their_mb = rival(folder, ours)

    print(f"\n{ours['leads']:,} leads; DuckDB {duckdb.__version__}, 2 threads, in memory; medians\n")
    print("| query | LeadIndex | DuckDB | ratio |\n| --- | ---: | ---: | ---: |")
    missed = []
    for name, ms in ours["mediansMs"].items():
        letter = name[0]
        if name[1] != ":":
            print(f"| {name} | {ms:.0f} ms | | |")
            continue
        ratio = theirs[letter] / ms
        print(f"| {name} | {ms:.3f} ms | {theirs[letter]:.1f} ms | {ratio:.0f}x |")
        if letter in "abcde" and ratio < 10:
            missed.append(letter)
    print(f"| memory | {ours['memoryMb']} MB | {their_mb} MB | |")
    print(f"| memory with all nine sort orders | {ours['memoryWithOrdersMb']} MB | | |")
    if missed:
        sys.exit(f"less than 10 times as fast as DuckDB: {', '.join(missed)}")


if __name__ == "__main__":
    main()
