/* Who has come from us and still runs: children, their children, and so on. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/*
 * To each of them. Where /proc does not tell who they are: to all that we can reach if we are process 1, else to
 * this process group.
 */
void offspring_signal(int signal, pid_t group);

/* A warning that names those who have not ended within so many ms. */
void offspring_tell_left(int64_t stop_timeout);
