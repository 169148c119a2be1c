/* A boot whose server went away in the middle, as at a fail-over: it goes on where another one takes its place. */
#pragma once

#include <stdbool.h>

struct boot;
struct err;

/*
 * After a step has failed with err. True: the session was lost, and within wait_timeout another server is there, or the same
 * one started anew; boot has a session with it, no lock, and all is to be looked at again. False: err is what ends the boot. The
 * server that we have lost is there as it was (somebody has ended our session), this is not the first time in this boot by
 * far, or nothing was lost at all.
 */
bool takeover_await(struct boot *boot, struct err *err);
