/* What starting took, given back before the long wait. */
#pragma once

/* Pages that the kernel can read from our file again at any time leave our memory. */
void memory_give_back(void);
