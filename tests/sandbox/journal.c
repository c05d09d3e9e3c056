/*
 * The record of requests.
 * Ownership: the ring owns copies of methods, paths, queries and fault ids.
 */
#include "tests/sandbox/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox/mem.h"

#define JOURNAL_RING 1000U

static const char *const journal_names[JOURNAL_ENDPOINTS] = {
	"auth",          "consent",      "token.exchange",   "token.refresh", "token.other",   "revoke",
	"userinfo",      "calendarList", "calendarList.get", "calendars.get", "freeBusy",      "events.list",
	"events.insert", "events.get",   "events.patch",     "events.update", "events.delete", "other",
};

struct journal_row {
	struct journal_entry entry;
	char *texts; /* method, path, query, fault, each with its NUL */
	int64_t at_ms;
};

struct journal {
	uint64_t counts[JOURNAL_ENDPOINTS];
	struct journal_row rows[JOURNAL_RING];
	uint64_t added;
	FILE *file;
};

struct journal *journal_new(const char *path)
{
	struct journal *journal = mem_alloc(sizeof *journal);

	if (path == NULL)
		return journal;
	journal->file = fopen(path, "ae");
	if (journal->file == NULL) {
		free(journal);
		return NULL;
	}
	setvbuf(journal->file, NULL, _IOLBF, 0);
	return journal;
}

void journal_free(struct journal *journal)
{
	journal_reset(journal);
	if (journal->file != NULL)
		fclose(journal->file);
	free(journal);
}

static const char *journal_grant_type(const char *type)
{
	if (type == NULL)
		return NULL;
	if (strcmp(type, "refresh_token") == 0)
		return "refresh_token";
	return strcmp(type, "authorization_code") == 0 ? "authorization_code" : "other";
}

static const char *journal_keep(char **at, const char *text)
{
	const char *kept = *at;
	size_t size;

	if (text == NULL)
		return NULL;
	size = strlen(text) + 1;
	memcpy(*at, text, size);
	*at += size;
	return kept;
}

static size_t journal_size(const char *text)
{
	return text == NULL ? 0 : strlen(text) + 1;
}

static void journal_fill_row(struct journal_row *row, const struct journal_entry *entry)
{
	char *at = mem_alloc(journal_size(entry->method) + journal_size(entry->path) + journal_size(entry->query) +
	                     journal_size(entry->fault));

	free(row->texts);
	row->texts = at;
	row->at_ms = clock_wall_ms();
	row->entry = *entry;
	row->entry.method = journal_keep(&at, entry->method);
	row->entry.path = journal_keep(&at, entry->path);
	row->entry.query = journal_keep(&at, entry->query);
	row->entry.fault = journal_keep(&at, entry->fault);
	row->entry.grant_type = journal_grant_type(entry->grant_type);
}

static void journal_set_text(json_t *object, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		json_object_set_new(object, name, json_string(value));
}

static json_t *journal_show(const struct journal_row *row)
{
	const struct journal_entry *entry = &row->entry;
	json_t *shown = json_object();

	json_object_set_new(shown, "at_ms", json_integer((json_int_t)row->at_ms));
	journal_set_text(shown, "endpoint", journal_names[entry->endpoint]);
	journal_set_text(shown, "method", entry->method);
	journal_set_text(shown, "path", entry->path);
	journal_set_text(shown, "query", entry->query);
	journal_set_text(shown, "grant_type", entry->grant_type);
	journal_set_text(shown, "account", entry->account);
	json_object_set_new(shown, "status", json_integer(entry->status));
	journal_set_text(shown, "fault", entry->fault);
	return shown;
}

static void journal_write(struct journal *journal, const struct journal_row *row)
{
	json_t *shown = journal_show(row);

	json_dumpf(shown, journal->file, JSON_COMPACT);
	fputc('\n', journal->file);
	json_decref(shown);
}

void journal_add(struct journal *journal, const struct journal_entry *entry)
{
	struct journal_row *row = &journal->rows[journal->added++ % JOURNAL_RING];

	journal->counts[entry->endpoint]++;
	journal_fill_row(row, entry);
	if (journal->file != NULL)
		journal_write(journal, row);
}

json_t *journal_counts(const struct journal *journal)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < JOURNAL_ENDPOINTS; i++)
		json_object_set_new(counts, journal_names[i], json_integer((json_int_t)journal->counts[i]));
	return counts;
}

json_t *journal_requests(const struct journal *journal)
{
	json_t *list = json_array();
	uint64_t first = journal->added > JOURNAL_RING ? journal->added - JOURNAL_RING : 0;

	for (uint64_t i = first; i < journal->added; i++)
		json_array_append_new(list, journal_show(&journal->rows[i % JOURNAL_RING]));
	return list;
}

void journal_reset(struct journal *journal)
{
	for (size_t i = 0; i < JOURNAL_RING; i++)
		free(journal->rows[i].texts);
	memset(journal->rows, 0, sizeof journal->rows);
	memset(journal->counts, 0, sizeof journal->counts);
	journal->added = 0;
}
