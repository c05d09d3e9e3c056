/* The names of the feed. What it tells is collected by change_log.c and told by tick.c. */
#include "store/changes.h"

#include <string.h>

static const char *const topics[TOPIC_COUNT] = {
	[TOPIC_WORKSPACE] = "workspace",
	[TOPIC_CONNECTION] = "connection",
	[TOPIC_CALENDAR] = "calendar",
	[TOPIC_CONFIGURATION] = "configuration",
	[TOPIC_JOB] = "job",
	[TOPIC_SYNC_ERROR] = "sync_error",
	[TOPIC_EVENT] = "event",
};

const char *topic_name(enum topic topic)
{
	return topics[topic];
}

bool topic_parse(const char *name, enum topic *out)
{
	for (int i = 0; i < TOPIC_COUNT; i++) {
		if (strcmp(topics[i], name) == 0) {
			*out = (enum topic)i;
			return true;
		}
	}
	return false;
}

const char *change_name(enum change change)
{
	static const char *const names[] = {
		[CHANGE_CREATED] = "created",
		[CHANGE_UPDATED] = "updated",
		[CHANGE_DELETED] = "deleted",
	};
	return names[change];
}
