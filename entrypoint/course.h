/* Which step a boot is at: for the lines of the log, the phase file and the summary at its end. */
#pragma once

struct boot;
struct err;

/* From now on the phase is kept, and times are taken. */
void course_begin(struct boot *boot);

/* The boot comes to this step, a name of the table in main.c; NULL: its end. */
void course_step(struct boot *boot, const char *name);

/* It has failed, or what else was asked for: tells the fault, if there is one to tell. */
void course_fail(struct boot *boot, struct err *err);
