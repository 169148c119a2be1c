"""How long a restore takes beside psql and pg_restore: a series of bench.py, which hands itself in.

SIZE_MB is the size of the dump in plain SQL (800). Two tables of about that size together, one with narrow rows, one with JSON, with
keys, indexes (one of them GIN) and a foreign key. What a restore of ours takes is told in two parts: the proof that the backup is
whole and the plan, which nobody else makes, and the load, which is what is compared.
"""

import multiprocessing
import os
import re
import subprocess
import time

SIZE_MB = int(os.environ.get("SIZE_MB") or 800)
OBJECTS = 10_000
JOBS = "2"

TABLES = """
create table accounts (aid int not null, bid int, balance int, filler char(84));
insert into accounts select i, 1 + i % 50, i % 1000, md5(i::text) from generate_series(1, {size} * 5300) i;
create table docs (id bigint not null, account int, doc jsonb, at timestamptz);
insert into docs select i, i, jsonb_build_object('id', i, 'name', md5(i::text), 'tags', array[i % 7, i % 11],
	'text', repeat(md5((i + 1)::text), 10)), now() from generate_series(1, {size} * 700) i;
create table few (id int primary key, t text);
insert into few select i, 'row ' || i from generate_series(1, 1000) i;
alter table accounts add primary key (aid);
create index on accounts (bid);
alter table docs add primary key (id);
create index on docs using gin (doc jsonb_path_ops);
alter table docs add foreign key (account) references accounts;
"""

INSERTED = """
create table rows (id int primary key, name text, price numeric(10,2), at timestamptz, is_sold boolean);
insert into rows select i, md5(i::text), i % 10000 / 100.0, now(), i % 2 = 0 from generate_series(1, {size} * 1000) i;
"""


def work(seconds):
    """What one process gets done; the unit says nothing."""
    done, value, end = 0, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for i in range(2000):
            value = (value * 31 + i) & 0xFFFFFF
        done += 1
    return done


def gain(seconds=2.0):
    """How many times the work of one process two get done at once: 2 on two cores, far less on two threads of one."""
    alone = work(seconds)
    with multiprocessing.Pool(2) as pool:
        return sum(pool.map(work, [seconds, seconds])) / alone


class Restoring:
    def __init__(self, bench):
        self.bench = bench
        self.bin = os.path.dirname(os.path.realpath(bench.PSQL))

    def shell(self, words):
        subprocess.run(["/bin/bash", "-c", "set -euo pipefail; " + words], check=True, env={"PATH": os.environ["PATH"], "PGUSER": "postgres"})

    def file(self, name):
        return self.bench.FOLDER / name

    def make(self, database, sql):
        self.bench.fresh(database)
        with self.bench.session(database) as rows:
            rows.execute(sql)

    def dump(self, database, name, options, through=""):
        pipe = f"| {through} >" if through else "-f"
        self.shell(f"{self.bin}/pg_dump -d '{self.bench.url(database)}' {options} {pipe} {self.file(name)}")

    def ours(self, label, name, proof):
        """Its time is that of the load."""
        run = self.run(label, "restore_ours", [self.bench.OURS, "--url", self.bench.url("restore_ours"), "--restore-jobs", JOBS, "restore", self.file(name)], proof)
        run.whole = []
        run.after = lambda: self.split(run)
        return run

    def split(self, run):
        told = re.search(r"restored: .* in (\d+) ms", (self.bench.FOLDER / "last.log").read_text(errors="replace"))
        if not told:
            raise self.bench.CouldNotRun(f"{run.label}: it has not said how long it took")
        run.whole.append(run.times[-1])
        run.times[-1] = float(told[1])

    def theirs(self, label, words, proof):
        run = self.run(label, "restore_theirs", ["/bin/bash", "-c", "set -euo pipefail; " + words], proof)
        return run

    def run(self, label, database, command, proof):
        def prove():
            self.bench.expect(database, *proof)

        return self.bench.Run(label, command, prepare=lambda: self.bench.fresh(database), proof=prove)

    def compare(self, title, us, them):
        self.bench.measure(self.bench.HEAVY_ROUNDS, [us, them])
        self.bench.table(title, [us, them], us)
        if us.whole:
            before = sorted(whole - load for whole, load in zip(us.whole, us.times))
            print(f"  {'proof and plan before it':<50}{self.bench.milliseconds(before[len(before) // 2]):>12}")

    def plain(self):
        proof = ("select count(*) from accounts", SIZE_MB * 5300)
        us = self.ours(f"pg-entrypoint, {JOBS} jobs", "plain.sql.gz", proof)
        them = self.theirs("gunzip -c | psql -1", f"gunzip -c {self.file('plain.sql.gz')} | {self.psql()} -1", proof)
        before = gain()
        self.compare(f"Plain SQL in gzip, {SIZE_MB} MB", us, them)
        print(f"  two processes do {before:.2f} times the work of one here; afterwards {gain():.2f} times")
        self.bench.bound("psql -1 / restore of plain SQL in gzip", them.time, us.time, least=1.5)
        if us.peak:
            self.bench.bound("peak memory of a restore, MB", us.peak, 1, most=64)

    def psql(self):
        return f"{self.bin}/psql -q -X -v ON_ERROR_STOP=1 -d '{self.bench.url('restore_theirs')}' >/dev/null"

    def archive(self, title, name, most, proof):
        us = self.ours(f"pg-entrypoint, {JOBS} jobs", name, proof)
        them = self.theirs(f"pg_restore -j {JOBS}", f"{self.bin}/pg_restore -j {JOBS} -d '{self.bench.url('restore_theirs')}' {self.file(name)}", proof)
        self.compare(title, us, them)
        self.bench.bound(f"restore / pg_restore -j {JOBS}: {title}", us.time, them.time, most=most)

    def inserts(self):
        size = max(1, SIZE_MB // 8)
        self.make("restore_inserts", INSERTED.format(size=size))
        self.dump("restore_inserts", "inserts.sql", "--inserts")
        proof = ("select count(*) from rows", size * 1000)
        us = self.ours("pg-entrypoint", "inserts.sql", proof)
        them = self.theirs("psql -1", f"{self.psql()} -1 -f {self.file('inserts.sql')}", proof)
        self.compare(f"{size * 1000:,} INSERTs", us, them)
        self.bench.bound("psql -1 / restore of INSERTs", them.time, us.time, least=8)

    def objects(self):
        self.make("restore_objects", f"select lo_from_bytea(0, decode(repeat(md5(i::text), 8), 'hex')) from generate_series(1, {OBJECTS}) i")
        self.dump("restore_objects", "objects.dump", "-Fc")
        proof = ("select count(*) from pg_largeobject_metadata", OBJECTS)
        us = self.ours("pg-entrypoint", "objects.dump", proof)
        them = self.theirs("pg_restore", f"{self.bin}/pg_restore -d '{self.bench.url('restore_theirs')}' {self.file('objects.dump')}", proof)
        self.compare(f"{OBJECTS:,} large objects", us, them)
        self.bench.bound("pg_restore / restore of large objects", them.time, us.time, least=5)

    def proof(self):
        """Of what was unpacked."""
        run = self.bench.Run("restore --check, plain SQL in gzip", [self.bench.OURS, "restore", "--check", self.file("plain.sql.gz")])
        self.bench.measure(self.bench.HEAVY_ROUNDS, [run])
        self.bench.table("Proof", [run], run)
        if run.time:
            self.bench.bound("proof of gzip, MB/s", self.file("plain.sql").stat().st_size / 1e6, run.time / 1000, least=300)

    def all(self):
        accounts = ("select count(*) from accounts", SIZE_MB * 5300)
        self.make("restore_source", TABLES.format(size=SIZE_MB))
        self.dump("restore_source", "plain.sql", "-Fp")
        self.shell(f"gzip -k {self.file('plain.sql')}")
        self.dump("restore_source", "custom.dump", "-Fc")
        self.dump("restore_source", "piped.dump", "-Fc", through="cat")
        self.dump("restore_source", "one.dump", "-Fc -t accounts")
        self.proof()
        self.plain()
        self.archive("custom archive", "custom.dump", 1.05, accounts)
        self.archive("custom archive that came through a pipe", "piped.dump", 1, accounts)
        self.archive("custom archive of one table", "one.dump", 1, accounts)
        self.inserts()
        self.objects()


def series(bench):
    return Restoring(bench).all
