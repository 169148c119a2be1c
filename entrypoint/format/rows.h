/* What a row of another tool's history says, and the SQL that writes one; the columns are those of the table in table.c. */
#pragma once

struct answer;
struct arena;
struct history_table;
struct past;
struct record;
struct text;

struct past take_dbmate(const struct answer *answer, int row, struct arena *arena);
struct past take_goose(const struct answer *answer, int row, struct arena *arena);
struct past take_golang_migrate(const struct answer *answer, int row, struct arena *arena);
struct past take_sqlx(const struct answer *answer, int row, struct arena *arena);
struct past take_flyway(const struct answer *answer, int row, struct arena *arena);
struct past take_node_pg_migrate(const struct answer *answer, int row, struct arena *arena);

void add_dbmate(struct text *sql, const struct record *record);
void add_goose(struct text *sql, const struct record *record);
void add_golang_migrate(struct text *sql, const struct record *record);
void add_sqlx(struct text *sql, const struct record *record);
void add_flyway(struct text *sql, const struct record *record);
void add_node_pg_migrate(struct text *sql, const struct record *record);

void remove_dbmate(struct text *sql, const struct record *record);
void remove_goose(struct text *sql, const struct record *record);
void remove_golang_migrate(struct text *sql, const struct record *record);
void remove_sqlx(struct text *sql, const struct record *record);
void remove_flyway(struct text *sql, const struct record *record);
void remove_node_pg_migrate(struct text *sql, const struct record *record);

/* The advisory keys that the tools themselves take, as SQL numbers, ", " in front of each. Pure. */
void keys_goose(struct text *keys, const struct history_table *table);
void keys_golang_migrate(struct text *keys, const struct history_table *table);
void keys_sqlx(struct text *keys, const struct history_table *table);
void keys_flyway(struct text *keys, const struct history_table *table);
void keys_node_pg_migrate(struct text *keys, const struct history_table *table);
