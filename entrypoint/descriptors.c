/* See descriptors.h. */
#include "descriptors.h"

#include <fcntl.h>
#include <unistd.h>

void
descriptors_hold(void)
{
	int lowest;

	/* Reading and writing fail as they do on one that is closed (an image may lack /dev/null). */
	do {
		lowest = open("/", O_PATH | O_CLOEXEC);
	} while (lowest >= 0 && lowest <= STDERR_FILENO);
	if (lowest >= 0)
		(void)close(lowest); /* the first that was not needed */
}
