/*
 * The scopes Google knows for sign-in and Calendar, and lists of them.
 * Ownership: every list returned belongs to the caller.
 */
#include "tests/sandbox/scope.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/mem.h"

#define SCOPE_PREFIX "https://www.googleapis.com/auth/"

struct scope_name {
	const char *name;
	uint32_t bit;
};

static const struct scope_name scope_names[] = {
	{ "openid", SCOPE_OPENID },
	{ SCOPE_PREFIX "userinfo.email", SCOPE_EMAIL },
	{ SCOPE_PREFIX "userinfo.profile", SCOPE_PROFILE },
	{ SCOPE_PREFIX "calendar", SCOPE_CALENDAR },
	{ SCOPE_PREFIX "calendar.readonly", SCOPE_READONLY },
	{ SCOPE_PREFIX "calendar.calendarlist", SCOPE_LIST },
	{ SCOPE_PREFIX "calendar.calendarlist.readonly", SCOPE_LIST_READONLY },
	{ SCOPE_PREFIX "calendar.app.created", SCOPE_APP_CREATED },
	{ SCOPE_PREFIX "calendar.calendars", SCOPE_CALENDARS },
	{ SCOPE_PREFIX "calendar.calendars.readonly", SCOPE_CALENDARS_READONLY },
	{ SCOPE_PREFIX "calendar.freebusy", SCOPE_FREEBUSY },
	{ SCOPE_PREFIX "calendar.events", SCOPE_EVENTS },
	{ SCOPE_PREFIX "calendar.events.readonly", SCOPE_EVENTS_READONLY },
	{ SCOPE_PREFIX "calendar.events.owned", SCOPE_EVENTS_OWNED },
	{ SCOPE_PREFIX "calendar.events.owned.readonly", SCOPE_EVENTS_OWNED_READONLY },
	{ SCOPE_PREFIX "calendar.events.freebusy", SCOPE_EVENTS_FREEBUSY },
	{ SCOPE_PREFIX "calendar.events.public.readonly", SCOPE_EVENTS_PUBLIC_READONLY },
};

#define SCOPE_NAMES (sizeof scope_names / sizeof scope_names[0])

/* Steps to the next word of a space-separated list. */
static bool scope_next(const char **at, const char **word, size_t *len)
{
	while (**at == ' ')
		(*at)++;
	*word = *at;
	*len = strcspn(*at, " ");
	*at += *len;
	return *len > 0;
}

static const char *scope_alias(const char *name, size_t *len)
{
	if (*len == 5 && memcmp(name, "email", 5) == 0) {
		*len = strlen(SCOPE_PREFIX "userinfo.email");
		return SCOPE_PREFIX "userinfo.email";
	}
	if (*len == 7 && memcmp(name, "profile", 7) == 0) {
		*len = strlen(SCOPE_PREFIX "userinfo.profile");
		return SCOPE_PREFIX "userinfo.profile";
	}
	return name;
}

static uint32_t scope_bit(const char *name, size_t len)
{
	for (size_t i = 0; i < SCOPE_NAMES; i++) {
		if (strlen(scope_names[i].name) == len && memcmp(scope_names[i].name, name, len) == 0)
			return scope_names[i].bit;
	}
	return 0;
}

bool scope_has(const char *list, const char *name, size_t len)
{
	const char *word;
	size_t word_len;

	while (scope_next(&list, &word, &word_len)) {
		if (word_len == len && memcmp(word, name, len) == 0)
			return true;
	}
	return false;
}

/* `list` has room for the word. */
static void scope_append(char *list, const char *name, size_t len)
{
	size_t used = strlen(list);

	if (scope_has(list, name, len))
		return;
	if (used > 0)
		list[used++] = ' ';
	memcpy(list + used, name, len);
	list[used + len] = '\0';
}

char *scope_normalize(const char *list)
{
	char *out = mem_alloc(strlen(list) * 10 + 64);
	const char *word;
	size_t len;

	while (scope_next(&list, &word, &len)) {
		word = scope_alias(word, &len);
		if (scope_bit(word, len) == 0 &&
		    (len <= strlen(SCOPE_PREFIX) || strncmp(word, SCOPE_PREFIX, strlen(SCOPE_PREFIX)) != 0)) {
			free(out);
			return NULL;
		}
		scope_append(out, word, len);
	}
	return out;
}

uint32_t scope_mask(const char *list)
{
	uint32_t mask = 0;
	const char *word;
	size_t len;

	while (scope_next(&list, &word, &len))
		mask |= scope_bit(word, len);
	return mask;
}

char *scope_join(const char *left, const char *right)
{
	char *out = mem_alloc(strlen(left) + strlen(right) + 2);
	const char *word;
	size_t len;

	memcpy(out, left, strlen(left));
	while (scope_next(&right, &word, &len))
		scope_append(out, word, len);
	return out;
}

char *scope_choose(const char *asked, const char *wanted)
{
	char *out = mem_alloc(strlen(asked) + 1);
	const char *word;
	size_t len;

	while (scope_next(&asked, &word, &len)) {
		if ((scope_bit(word, len) & SCOPE_SIGN_IN) != 0 || scope_has(wanted, word, len))
			scope_append(out, word, len);
	}
	return out;
}

char *scope_drop(const char *list, const char *name)
{
	char *out = mem_alloc(strlen(list) + 1);
	size_t name_len = strlen(name);
	const char *word;
	size_t len;

	name = scope_alias(name, &name_len);
	while (scope_next(&list, &word, &len)) {
		if (len != name_len || memcmp(word, name, len) != 0)
			scope_append(out, word, len);
	}
	return out;
}

void scope_each(const char *list, void (*each)(void *arg, const char *name, bool sign_in), void *arg)
{
	const char *word;
	size_t len;

	while (scope_next(&list, &word, &len)) {
		char *name = mem_copy_bytes(word, len);

		each(arg, name, (scope_bit(word, len) & SCOPE_SIGN_IN) != 0);
		free(name);
	}
}
