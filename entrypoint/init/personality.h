/* Other inits that this binary is, called by their names: their options, variables and texts, nothing of ours. */
#pragma once

/* Each is the program's main, and gives its exit code. */
int tini_main(int argc, char **argv);
int dumb_init_main(int argc, char **argv);
