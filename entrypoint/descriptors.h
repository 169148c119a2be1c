/* What we were started with. */
#pragma once

/*
 * Standard input, output and error that are closed are held by something that can neither be read nor written, so that no
 * connection gets their number, and with it what is meant for standard error. Whom we execute gets them closed.
 */
void descriptors_hold(void);
