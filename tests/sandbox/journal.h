/* What was asked of the sandbox: counts, the last requests, and the log file. */
#ifndef TESTS_SANDBOX_JOURNAL_H
#define TESTS_SANDBOX_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum journal_endpoint {
	JOURNAL_AUTH,
	JOURNAL_CONSENT,
	JOURNAL_EXCHANGE,
	JOURNAL_REFRESH,
	JOURNAL_TOKEN_OTHER,
	JOURNAL_REVOKE,
	JOURNAL_USERINFO,
	JOURNAL_CALENDAR_LIST,
	JOURNAL_CALENDAR_LIST_GET,
	JOURNAL_CALENDARS_GET,
	JOURNAL_FREEBUSY,
	JOURNAL_EVENTS_LIST,
	JOURNAL_EVENTS_INSERT,
	JOURNAL_EVENTS_GET,
	JOURNAL_EVENTS_PATCH,
	JOURNAL_EVENTS_UPDATE,
	JOURNAL_EVENTS_DELETE,
	JOURNAL_OTHER,
	JOURNAL_ENDPOINTS
};

/* One request; texts are copied where they are kept. NULL where there is none. */
struct journal_entry {
	enum journal_endpoint endpoint;
	const char *method;
	const char *path;  /* as sent */
	const char *query; /* as sent */
	const char *grant_type;
	const char *account; /* e-mail; must outlive the journal or journal_reset() */
	const char *fault;   /* id of the rule that fired */
	int status;          /* 0: no answer was given */
};

struct journal;

/* With a `path` every request is appended to that file. NULL with errno set if it cannot be opened. */
struct journal *journal_new(const char *path);

void journal_free(struct journal *journal);

void journal_add(struct journal *journal, const struct journal_entry *entry);

/* Counts by endpoint. */
json_t *journal_counts(const struct journal *journal);

/* The last 1000 requests, oldest first. */
json_t *journal_requests(const struct journal *journal);

/* Forgets everything but the file. */
void journal_reset(struct journal *journal);

#endif
