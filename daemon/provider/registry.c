/* The providers almanac knows, and what all their operations share. A new provider is one more entry here. */
#include "daemon/provider/provider.h"

#include "daemon/provider/google/google.h"

#include <string.h>

static const struct provider *const providers[] = { &google_provider };

const struct provider *provider_find(const char *name)
{
	for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++)
		if (name && strcmp(providers[i]->name, name) == 0)
			return providers[i];
	return NULL;
}

void operation_free(struct operation *operation)
{
	if (operation)
		operation->class->free(operation);
}
