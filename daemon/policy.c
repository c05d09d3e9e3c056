/* Policy: rules read from an INI file, and what a peer may do under them. */
#include "daemon/policy.h"

#include "daemon/ini.h"
#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RULES_MAX = 10000, SLUG_MAX = 63 };

struct rule {
	bool group;
	uint32_t id;          /* uid or gid */
	char section[64];
	int line;
	enum role role;
	bool all, has_workspaces;
	char **slugs;
	size_t slug_count;
};

struct policy {
	struct rule *rules;
	size_t count;
};

struct reading {
	struct policy *policy;
	const char *path;
};

static int refuse(const struct reading *reading, int line, struct err *err, const char *why)
{
	return err_set(err, ERR_CONFIG, "%s:%d: %s", reading->path, line, why);
}

/* A name of the system's database, or a plain number. What looks like a number is one ("0day" is neither). */
static bool resolve_principal(bool group, const char *name, uint32_t *id)
{
	int64_t number;
	if (str_to_int64(name, 0, UINT32_MAX - 1, &number)) {
		*id = (uint32_t)number;
		return number != 65534;
	}
	if (name[0] >= '0' && name[0] <= '9')
		return false;
	const struct passwd *user = group ? NULL : getpwnam(name);
	const struct group *entry = group ? getgrnam(name) : NULL;
	if (!user && !entry)
		return false;
	*id = group ? entry->gr_gid : user->pw_uid;
	return *id != 65534;
}

/* NULL if the section is new. The default rule has no section, so that a key outside of all does not reach it. */
static struct rule *find_rule(const struct policy *policy, const char *section)
{
	for (size_t i = 0; i < policy->count && section[0]; i++)
		if (strcmp(policy->rules[i].section, section) == 0)
			return &policy->rules[i];
	return NULL;
}

static struct rule *add_rule(struct reading *reading, const char *section, int line, struct err *err)
{
	struct policy *policy = reading->policy;
	bool group = str_starts_with(section, "group ");
	const char *name = section + (group ? strlen("group ") : strlen("user "));
	uint32_t id = 0;
	if (!group && !str_starts_with(section, "user ")) {
		(void)refuse(reading, line, err, "expected [user NAME], [user UID] or [group NAME]");
		return NULL;
	}
	name += strspn(name, " \t");
	if (!resolve_principal(group, name, &id)) {
		(void)refuse(reading, line, err, group ? "no such group" : "no such user");
		return NULL;
	}
	if (policy->count == RULES_MAX) {
		(void)refuse(reading, line, err, "more than 10000 rules");
		return NULL;
	}
	policy->rules = mem_grow_array(policy->rules, policy->count + 1, sizeof *policy->rules);
	struct rule *rule = &policy->rules[policy->count++];
	*rule = (struct rule){ .group = group, .id = id, .line = line };
	(void)str_copy(rule->section, sizeof rule->section, section);
	return rule;
}

static bool is_slug(const char *text)
{
	size_t len = strlen(text);
	return len >= 1 && len <= SLUG_MAX && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len && text[0] != '-' &&
	       text[len - 1] != '-';
}

static int set_workspaces(struct reading *reading, struct rule *rule, const char *value, int line, struct err *err)
{
	char *copy = mem_strdup(value), *save = NULL;
	int status = 0;
	rule->has_workspaces = true;
	for (char *word = strtok_r(copy, ", \t", &save); word && status == 0; word = strtok_r(NULL, ", \t", &save)) {
		if (strcmp(word, "*") == 0) {
			rule->all = true;
		} else if (!is_slug(word)) {
			status = refuse(reading, line, err, "expected `*` or slugs such as `acme, globex`");
		} else {
			rule->slugs = mem_grow_array(rule->slugs, rule->slug_count + 1, sizeof *rule->slugs);
			rule->slugs[rule->slug_count++] = mem_strdup(word);
		}
	}
	free(copy);
	if (status == 0 && !rule->all && rule->slug_count == 0)
		return refuse(reading, line, err, "workspaces names nothing");
	return status;
}

static int take_key(void *arg, const char *section, const char *key, const char *value, int line, struct err *err)
{
	struct reading *reading = arg;
	struct rule *rule = find_rule(reading->policy, section);
	if (!rule && !(rule = add_rule(reading, section, line, err)))
		return -1;
	if (!key)
		return 0;
	if (strcmp(key, "role") == 0) {
		if (rule->role != ROLE_NONE)
			return refuse(reading, line, err, "a second role in this section");
		if (!role_parse(value, &rule->role))
			return refuse(reading, line, err, "role: expected viewer, operator or admin");
		return 0;
	}
	if (strcmp(key, "workspaces") != 0)
		return refuse(reading, line, err, "unknown key (expected role or workspaces)");
	if (rule->has_workspaces)
		return refuse(reading, line, err, "a second list of workspaces in this section");
	return set_workspaces(reading, rule, value, line, err);
}

static int check_complete(const struct reading *reading, struct err *err)
{
	for (size_t i = 0; i < reading->policy->count; i++) {
		const struct rule *rule = &reading->policy->rules[i];
		if (rule->role == ROLE_NONE)
			return refuse(reading, rule->line, err, "the section has no role");
		if (!rule->has_workspaces)
			return refuse(reading, rule->line, err, "the section has no workspaces");
	}
	return 0;
}

static void add_default_rule(struct policy *policy, uid_t uid)
{
	policy->rules = mem_grow_array(policy->rules, policy->count + 1, sizeof *policy->rules);
	policy->rules[policy->count++] = (struct rule){ .id = uid, .role = ROLE_ADMIN, .all = true, .has_workspaces = true };
}

int policy_load(struct policy **out, const char *path, bool must_exist, struct err *err)
{
	struct policy *policy = mem_alloc(sizeof *policy);
	struct reading reading = { .policy = policy, .path = path };
	FILE *file = NULL;
	bool missing = true;
	int status = 0;
	/* An empty file means nobody but root; root's own access is not for the file to take away (CONTRACT.md section 7). */
	add_default_rule(policy, 0);
	if (path && ini_open(path, INI_PUBLIC, &file, &missing, err) != 0)
		status = missing && !must_exist ? 0 : -1;
	if (file) {
		status = ini_read(file, path, take_key, &reading, err);
		if (status == 0)
			status = check_complete(&reading, err);
		fclose(file);
	} else if (geteuid() != 0) {
		add_default_rule(policy, geteuid());
	}
	if (status != 0) {
		policy_free(policy);
		return -1;
	}
	*out = policy;
	return 0;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->count; i++) {
		for (size_t k = 0; k < policy->rules[i].slug_count; k++)
			free(policy->rules[i].slugs[k]);
		free(policy->rules[i].slugs);
	}
	free(policy->rules);
	free(policy);
}

void policy_each_slug(const struct policy *policy, void (*fn)(void *arg, const char *slug, int line), void *arg)
{
	for (size_t i = 0; i < policy->count; i++)
		for (size_t k = 0; k < policy->rules[i].slug_count; k++)
			fn(arg, policy->rules[i].slugs[k], policy->rules[i].line);
}

static bool rule_matches(const struct rule *rule, const struct peer *peer)
{
	if (!rule->group)
		return rule->id == peer->uid;
	if (rule->id == peer->gid)
		return true;
	for (size_t i = 0; i < peer->group_count; i++)
		if (rule->id == peer->groups[i])
			return true;
	return false;
}

static void add_entry(struct access *access, const char *workspace_id, enum role role)
{
	for (size_t i = 0; i < access->count; i++) {
		if (strcmp(access->entries[i].workspace_id, workspace_id) == 0) {
			if (role > access->entries[i].role)
				access->entries[i].role = role;
			return;
		}
	}
	access->entries = mem_grow_array(access->entries, access->count + 1, sizeof *access->entries);
	struct access_entry *entry = &access->entries[access->count++];
	(void)str_copy(entry->workspace_id, sizeof entry->workspace_id, workspace_id);
	entry->role = role;
}

static char *scope_for(const struct access *access, enum role least)
{
	struct buf text = { 0 };
	if (access->everywhere >= least)
		return NULL;
	buf_add_char(&text, '[');
	for (size_t i = 0; i < access->count; i++)
		if (access->entries[i].role >= least)
			buf_printf(&text, "%s\"%s\"", text.len > 1 ? "," : "", access->entries[i].workspace_id);
	buf_add_char(&text, ']');
	return text.data;
}

void policy_access(const struct policy *policy, const struct peer *peer, policy_resolve_fn *resolve, void *arg,
                   struct access *out)
{
	*out = (struct access){ 0 };
	for (size_t i = 0; i < policy->count; i++) {
		const struct rule *rule = &policy->rules[i];
		if (!rule_matches(rule, peer))
			continue;
		out->known = true;
		if (rule->role > out->highest)
			out->highest = rule->role;
		if (rule->all && rule->role > out->everywhere)
			out->everywhere = rule->role;
		for (size_t k = 0; k < rule->slug_count; k++) {
			char id[ID_TEXT_SIZE];
			if (resolve(arg, rule->slugs[k], id))
				add_entry(out, id, rule->role);
		}
	}
	for (size_t i = 0; i < out->count; i++)
		if (out->entries[i].role < out->everywhere)
			out->entries[i].role = out->everywhere;
	for (enum role role = ROLE_VIEWER; role <= ROLE_ADMIN; role++)
		out->scope[role] = scope_for(out, role);
}

void access_free(struct access *access)
{
	free(access->entries);
	for (enum role role = ROLE_NONE; role <= ROLE_ADMIN; role++)
		free(access->scope[role]);
	*access = (struct access){ 0 };
}

enum role access_role(const struct access *access, const char *workspace_id)
{
	enum role role = access->everywhere;
	for (size_t i = 0; workspace_id && i < access->count; i++)
		if (strcmp(access->entries[i].workspace_id, workspace_id) == 0 && access->entries[i].role > role)
			role = access->entries[i].role;
	return role;
}
