/* What Google's scopes mean to almanac. */
#include "daemon/provider/google/scope_table.h"

#include "daemon/provider/scopes.h"
#include "ipc/base/strutil.h"

#include <string.h>

#define AUTH "https://www.googleapis.com/auth/"
#define CALENDAR AUTH "calendar"

static const struct {
	const char *word, *url;
} aliases[] = {
	{ "email", AUTH "userinfo.email" },
	{ "profile", AUTH "userinfo.profile" },
};

/* Wider to narrower, from the table of methods in PROVIDERS.md 2.1, all steps written out. `calendar` covers every scope below
 * it and has no rows. The events scopes are compared by the event methods alone: colors.get, which some narrow ones allow and
 * calendar.events does not, is never called. calendar.events does not cover calendar.events.freebusy, which allows
 * freebusy.query (trap 1). */
static const struct {
	const char *wide, *narrow;
} wider[] = {
	{ CALENDAR ".readonly", CALENDAR ".calendarlist.readonly" },
	{ CALENDAR ".readonly", CALENDAR ".calendars.readonly" },
	{ CALENDAR ".readonly", CALENDAR ".freebusy" },
	{ CALENDAR ".readonly", CALENDAR ".events.readonly" },
	{ CALENDAR ".readonly", CALENDAR ".events.owned.readonly" },
	{ CALENDAR ".readonly", CALENDAR ".events.public.readonly" },
	{ CALENDAR ".readonly", CALENDAR ".events.freebusy" },
	{ CALENDAR ".readonly", CALENDAR ".settings.readonly" },
	{ CALENDAR ".calendarlist", CALENDAR ".calendarlist.readonly" },
	{ CALENDAR ".calendars", CALENDAR ".calendars.readonly" },
	{ CALENDAR ".events", CALENDAR ".events.readonly" },
	{ CALENDAR ".events", CALENDAR ".events.owned" },
	{ CALENDAR ".events", CALENDAR ".events.owned.readonly" },
	{ CALENDAR ".events", CALENDAR ".events.public.readonly" },
	{ CALENDAR ".events.readonly", CALENDAR ".events.owned.readonly" },
	{ CALENDAR ".events.readonly", CALENDAR ".events.public.readonly" },
	{ CALENDAR ".events.owned", CALENDAR ".events.owned.readonly" },
	{ CALENDAR ".events.freebusy", CALENDAR ".freebusy" },
};

static const struct {
	const char *scope, *feature;
} features[] = {
	{ CALENDAR, "listing calendars, availability and creating events" },
	{ CALENDAR ".readonly", "listing calendars and availability" },
	{ CALENDAR ".calendarlist", "listing calendars" },
	{ CALENDAR ".calendarlist.readonly", "listing calendars" },
	{ CALENDAR ".freebusy", "availability" },
	{ CALENDAR ".events.freebusy", "availability" },
	{ CALENDAR ".events", "creating events" },
	{ CALENDAR ".events.owned", "creating events" },
	{ CALENDAR ".app.created", "creating events" },
	{ CALENDAR ".events.readonly", "reading events" },
	{ CALENDAR ".events.owned.readonly", "reading events" },
	{ CALENDAR ".events.public.readonly", "reading events" },
	{ AUTH "userinfo.email", "recognising the account" },
};

/* The scopes that allow calendarList.list, narrowest first. */
static const char *const listing[] = {
	CALENDAR ".calendarlist.readonly", CALENDAR ".calendarlist", CALENDAR ".readonly", CALENDAR
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool word_is(const char *word, size_t len, const char *text)
{
	return strlen(text) == len && memcmp(word, text, len) == 0;
}

/* Replace an alias by its URL. */
static void spell(const char **word, size_t *len)
{
	for (size_t i = 0; i < COUNT(aliases); i++) {
		if (word_is(*word, *len, aliases[i].word)) {
			*word = aliases[i].url;
			*len = strlen(*word);
			return;
		}
	}
}

const char *google_scope_spelling(const char *scope)
{
	size_t len = strlen(scope);
	spell(&scope, &len);
	return scope;
}

static bool covers_word(const char *wide, size_t wide_len, const char *narrow, size_t narrow_len)
{
	if (wide_len == narrow_len && memcmp(wide, narrow, wide_len) == 0)
		return true;
	if (word_is(wide, wide_len, CALENDAR))
		return str_starts_with(narrow, CALENDAR ".");
	for (size_t i = 0; i < COUNT(wider); i++)
		if (word_is(wide, wide_len, wider[i].wide) && word_is(narrow, narrow_len, wider[i].narrow))
			return true;
	return false;
}

static bool list_covers(const char *granted, const char *wanted, size_t wanted_len)
{
	const char *word;
	size_t len;
	while (scopes_next(&granted, &word, &len)) {
		spell(&word, &len);
		if (covers_word(word, len, wanted, wanted_len))
			return true;
	}
	return false;
}

bool google_scope_covers(const char *granted, const char *wanted)
{
	const char *word;
	size_t len;
	while (scopes_next(&wanted, &word, &len)) {
		spell(&word, &len);
		if (!list_covers(granted, word, len))
			return false;
	}
	return true;
}

const char *google_scope_feature(const char *scope)
{
	const char *spelled = google_scope_spelling(scope);
	for (size_t i = 0; i < COUNT(features); i++)
		if (strcmp(features[i].scope, spelled) == 0)
			return features[i].feature;
	return NULL;
}

const char *google_scope_essential(const char *required)
{
	for (size_t i = 0; i < COUNT(listing); i++) {
		const char *at = required, *word;
		size_t len;
		while (scopes_next(&at, &word, &len))
			if (word_is(word, len, listing[i]))
				return listing[i];
	}
	return NULL;
}
