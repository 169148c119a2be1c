/* Whom a statement that works CONCURRENTLY will wait for, told before it begins to wait. */
#pragma once

struct boot;
struct statement;

/* Logs the sessions whose open transactions it has to outlast. What cannot be asked is left out. */
void blockers_tell(struct boot *boot, const struct statement *statement);
