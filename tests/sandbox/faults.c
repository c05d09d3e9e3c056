/*
 * Fault rules, tried in the order they were added; the first that matches and is not spent fires.
 * Ownership: struct faults owns its rules; each keeps a copy of its JSON.
 */
#include "tests/sandbox/faults.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox/faults_check.h"
#include "tests/sandbox/mem.h"

struct faults_rule {
	char *id;
	json_t *whole; /* owns what the next five point to */
	const json_t *action;
	const char *path, *method, *account, *grant_type;
	int64_t left;              /* times; -1: no limit */
	int64_t after;             /* matches still to skip */
	int64_t from_ms, until_ms; /* steady clock; until 0: no end */
	uint64_t fired;
};

struct faults {
	struct faults_rule **rules;
	size_t count, capacity;
	uint64_t fired;
	uint64_t made;
};

struct faults *faults_new(void)
{
	return mem_alloc(sizeof(struct faults));
}

static void faults_free_rule(struct faults_rule *rule)
{
	json_decref(rule->whole);
	free(rule->id);
	free(rule);
}

void faults_reset(struct faults *faults)
{
	faults_clear(faults, NULL);
	faults->fired = 0;
	faults->made = 0;
}

void faults_free(struct faults *faults)
{
	faults_clear(faults, NULL);
	free(faults->rules);
	free(faults);
}

static int64_t faults_number(const json_t *rule, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(rule, name);

	return value == NULL ? otherwise : (int64_t)json_integer_value(value);
}

char *faults_add(struct faults *faults, const json_t *rule, const char **id)
{
	char *wrong = faults_check_rule(rule);
	struct faults_rule *made;
	const json_t *match;
	int64_t now = clock_steady_ms();
	int64_t for_ms;

	if (wrong != NULL)
		return wrong;
	made = mem_alloc(sizeof *made);
	made->whole = json_deep_copy(rule);
	made->action = json_object_get(made->whole, "action");
	match = json_object_get(made->whole, "match");
	made->path = json_string_value(json_object_get(match, "path"));
	made->method = json_string_value(json_object_get(match, "method"));
	made->account = json_string_value(json_object_get(match, "account"));
	made->grant_type = json_string_value(json_object_get(match, "grant_type"));
	made->id = mem_copy(json_string_value(json_object_get(made->whole, "id")));
	if (made->id == NULL)
		made->id = mem_print("fault-%llu", (unsigned long long)++faults->made);
	made->left = faults_number(rule, "times", -1);
	made->after = faults_number(rule, "after", 0);
	made->from_ms = now + faults_number(rule, "start_ms", 0);
	for_ms = faults_number(rule, "for_ms", 0);
	made->until_ms = for_ms == 0 ? 0 : made->from_ms + for_ms;
	faults_clear(faults, made->id);
	faults->rules = mem_grow(faults->rules, faults->count, &faults->capacity, sizeof made);
	faults->rules[faults->count++] = made;
	*id = made->id;
	return NULL;
}

size_t faults_clear(struct faults *faults, const char *id)
{
	size_t kept = 0;
	size_t gone;

	for (size_t i = 0; i < faults->count; i++) {
		if (id != NULL && strcmp(faults->rules[i]->id, id) != 0)
			faults->rules[kept++] = faults->rules[i];
		else
			faults_free_rule(faults->rules[i]);
	}
	gone = faults->count - kept;
	faults->count = kept;
	return gone;
}

static bool faults_path_fits(const char *pattern, const char *path)
{
	if (strpbrk(pattern, "*?[") != NULL)
		return fnmatch(pattern, path, 0) == 0;
	return strncmp(pattern, path, strlen(pattern)) == 0;
}

static bool faults_text_fits(const char *wanted, const char *actual)
{
	return wanted == NULL || (actual != NULL && strcasecmp(wanted, actual) == 0);
}

static bool faults_rule_fits(const struct faults_rule *rule, const struct faults_subject *subject, int64_t now)
{
	if (rule->left == 0 || now < rule->from_ms || (rule->until_ms != 0 && now >= rule->until_ms))
		return false;
	return (rule->path == NULL || faults_path_fits(rule->path, subject->path)) &&
	       faults_text_fits(rule->method, subject->method) && faults_text_fits(rule->account, subject->account) &&
	       faults_text_fits(rule->grant_type, subject->grant_type);
}

const json_t *faults_fire(struct faults *faults, const struct faults_subject *subject, const char **id)
{
	int64_t now;

	if (faults->count == 0)
		return NULL;
	now = clock_steady_ms();
	for (size_t i = 0; i < faults->count; i++) {
		struct faults_rule *rule = faults->rules[i];

		if (!faults_rule_fits(rule, subject, now))
			continue;
		if (rule->after > 0) {
			rule->after--;
			continue;
		}
		if (rule->left > 0)
			rule->left--;
		rule->fired++;
		faults->fired++;
		*id = rule->id;
		return rule->action;
	}
	return NULL;
}

uint64_t faults_fired(const struct faults *faults)
{
	return faults->fired;
}

json_t *faults_report(const struct faults *faults)
{
	json_t *report = json_object();

	for (size_t i = 0; i < faults->count; i++)
		json_object_set_new(report, faults->rules[i]->id, json_integer((json_int_t)faults->rules[i]->fired));
	return report;
}
