/* The policy: its file, and what follows from it, against a second model of the same rules (SAFETY.md POL-1, POL-3). */
#include "daemon/policy.h"

#include "ipc/base/buf.h"
#include "ipc/base/strutil.h"

#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/almanac-policy-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_policy(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0640), 0);
}

/* Slugs of the test's world: one digit each, with an id ending in it; "gone" is none. */
static bool resolve(void *arg, const char *slug, char id[ID_TEXT_SIZE])
{
	(void)arg;
	if (strlen(slug) != 1)
		return false;
	(void)snprintf(id, ID_TEXT_SIZE, "01890000-0000-7000-8000-00000000000%c", slug[0]);
	return true;
}

static struct policy *load_policy(const char *text)
{
	struct policy *policy;
	struct err err;
	write_policy(text);
	if (policy_load(&policy, path, true, &err) != 0)
		fail_msg("%s\n%s", text, err.message);
	return policy;
}

static void access_of(const char *text, uid_t uid, gid_t gid, const gid_t *groups, size_t count, struct access *out)
{
	struct policy *policy = load_policy(text);
	const struct peer peer = { .uid = uid, .gid = gid, .groups = (gid_t *)(uintptr_t)groups, .group_count = count };
	policy_access(policy, &peer, resolve, NULL, out);
	policy_free(policy);
}

/* The role that uid 1000, gid 2000, groups 3000 and 3001 has in workspace 1, and whether it is known. */
static void expect_role(const char *text, bool known, enum role role)
{
	static const gid_t groups[] = { 3000, 3001 };
	struct access access;
	char id[ID_TEXT_SIZE];
	access_of(text, 1000, 2000, groups, 2, &access);
	(void)resolve(NULL, "1", id);
	if (access.known != known || access_role(&access, id) != role)
		fail_msg("%s\nknown %d, role %d", text, access.known, access_role(&access, id));
	access_free(&access);
}

static void test_who_matches(void **state)
{
	(void)state;
	expect_role("", false, ROLE_NONE);
	expect_role("[user 1000]\nrole=viewer\nworkspaces=*\n", true, ROLE_VIEWER);
	expect_role("[user 1001]\nrole=viewer\nworkspaces=*\n", false, ROLE_NONE);
	expect_role("[user 2000]\nrole=viewer\nworkspaces=*\n", false, ROLE_NONE);
	expect_role("[group 2000]\nrole=operator\nworkspaces=1\n", true, ROLE_OPERATOR);
	expect_role("[group 3000]\nrole=operator\nworkspaces=2, 1\n", true, ROLE_OPERATOR);
	expect_role("[group 3001]\nrole=admin\nworkspaces=1 2\n", true, ROLE_ADMIN);
	expect_role("[group 1000]\nrole=admin\nworkspaces=1\n", false, ROLE_NONE);
	expect_role("[group 3002]\nrole=admin\nworkspaces=1\n", false, ROLE_NONE);
	expect_role("[user 1000]\nrole=viewer\nworkspaces=2\n", true, ROLE_NONE);
	expect_role("[user 1000]\nrole=viewer\nworkspaces=gone\n", true, ROLE_NONE);
	expect_role("[user root]\nrole=viewer\nworkspaces=2\n", false, ROLE_NONE);
}

static void test_union(void **state)
{
	(void)state;
	expect_role("[user 1000]\nrole=viewer\nworkspaces=*\n[group 3001]\nrole=operator\nworkspaces=1\n", true, ROLE_OPERATOR);
	expect_role("[user 1000]\nrole=admin\nworkspaces=1\n[group 3001]\nrole=viewer\nworkspaces=*\n", true, ROLE_ADMIN);
	expect_role("[group 3000]\nrole=viewer\nworkspaces=1\n[group 3001]\nrole=admin\nworkspaces=2\n", true, ROLE_VIEWER);
	/* One section in two parts is one rule. */
	expect_role("[user 1000]\nrole=viewer\n[group 3001]\nrole=admin\nworkspaces=2\n[user 1000]\nworkspaces=1\n", true,
	            ROLE_VIEWER);
}

static void test_names(void **state)
{
	struct buf text = { 0 };
	const struct passwd *user = getpwuid(geteuid());
	(void)state;
	if (!user)
		skip();
	struct access access;
	buf_printf(&text, "[user %s]\nrole = operator\nworkspaces = *\n[group root]\nrole=viewer\nworkspaces=1\n", user->pw_name);
	access_of(buf_text(&text), geteuid(), 4000, NULL, 0, &access);
	assert_int_equal(access.everywhere, geteuid() == 0 ? ROLE_ADMIN : ROLE_OPERATOR);
	access_free(&access);
	access_of(buf_text(&text), 4000, 0, NULL, 0, &access);
	assert_int_equal(access.highest, ROLE_VIEWER);
	access_free(&access);
	buf_free(&text);
}

static void test_root_stays(void **state)
{
	struct access access;
	(void)state;
	access_of("", 0, 0, NULL, 0, &access);
	assert_int_equal(access.everywhere, ROLE_ADMIN);
	access_free(&access);
	access_of("[user 0]\nrole=viewer\nworkspaces=1\n", 0, 0, NULL, 0, &access);
	assert_int_equal(access.everywhere, ROLE_ADMIN);
	assert_int_equal(access_role(&access, NULL), ROLE_ADMIN);
	for (enum role role = ROLE_VIEWER; role <= ROLE_ADMIN; role++)
		assert_null(access.scope[role]);
	access_free(&access);
}

static const struct {
	const char *text, *expected;
} faults[] = {
	{ "role = admin\n", ":1: expected [user NAME]" },
	{ "workspaces = 1\n", ":1: expected [user NAME]" },
	{ "[alice]\n", ":1: expected [user NAME]" },
	{ "[user]\nrole=admin\n", ":1: expected [user NAME]" },
	{ "[users 1000]\n", ":1: expected [user NAME]" },
	{ "[User 1000]\n", ":1: expected [user NAME]" },
	{ "[user ]\n", ":1: no such user" },
	{ "\n[user nobody-of-that-name]\nrole=admin\n", ":2: no such user" },
	{ "[group nobody-of-that-name]\n", ":1: no such group" },
	{ "[user 65534]\n", ":1: no such user" },
	{ "[group 65534]\n", ":1: no such group" },
	{ "[user nobody]\n", ":1: no such user" },
	{ "[group nogroup]\n", ":1: no such group" },
	{ "[user -1]\n", ":1: no such user" },
	{ "[user +0]\n", ":1: no such user" },
	{ "[user 00]\n", ":1: no such user" },
	{ "[user 0x0]\n", ":1: no such user" },
	{ "[user 0day]\n", ":1: no such user" },
	{ "[user root ]\n", ":1: no such user" },
	{ "[user 4294967295]\n", ":1: no such user" },
	{ "[user 4294967296]\n", ":1: no such user" },
	{ "[user 18446744073709551616]\n", ":1: no such user" },
	{ "[user ro\xe2\x80\x8bot]\n", ":1: no such user" },
	{ "[user 1000]\n", ":1: the section has no role" },
	{ "[user 1000]\nworkspaces=*\n", ":1: the section has no role" },
	{ "[user 1]\nrole=viewer\nworkspaces=*\n[user 1000]\nrole=viewer\n", ":4: the section has no workspaces" },
	{ "[user 1000]\nrole=admin\nrole=viewer\nworkspaces=*\n", ":3: a second role" },
	{ "[user 1000]\nrole=viewer\nworkspaces=*\n[user 1000]\nrole=admin\n", ":5: a second role" },
	{ "[user 1000]\nrole=viewer\nworkspaces=*\nworkspaces=1\n", ":4: a second list" },
	{ "[user 1000]\nrole=root\n", ":2: role: expected" },
	{ "[user 1000]\nrole=Admin\n", ":2: role: expected" },
	{ "[user 1000]\nrole=none\n", ":2: role: expected" },
	{ "[user 1000]\nrole=\n", ":2: role: expected" },
	{ "[user 1000]\nroles=admin\n", ":2: unknown key" },
	{ "[user 1000]\ndeny=admin\n", ":2: unknown key" },
	{ "[user 1000]\nworkspaces=\n", ":2: workspaces names nothing" },
	{ "[user 1000]\nworkspaces=,\n", ":2: workspaces names nothing" },
	{ "[user 1000]\nworkspaces=Acme\n", ":2: expected `*` or slugs" },
	{ "[user 1000]\nworkspaces=a*\n", ":2: expected `*` or slugs" },
	{ "[user 1000]\nworkspaces=-a\n", ":2: expected `*` or slugs" },
	{ "[user 1000]\nworkspaces=a-\n", ":2: expected `*` or slugs" },
	{ "[user 1000]\nworkspaces=1 a;b\n", ":2: expected `*` or slugs" },
	{ "[user 1000]\n  role=admin\n", ":2: an indented line" },
	{ "[user 1000\n", ":1: a section must be" },
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct policy *policy;
		struct err err = { 0 };
		struct buf expected = { 0 };
		write_policy(faults[i].text);
		buf_printf(&expected, "%s%s", path, faults[i].expected);
		if (policy_load(&policy, path, true, &err) == 0)
			fail_msg("accepted: %s", faults[i].text);
		if (err.code != ERR_CONFIG || !str_starts_with(err.message, buf_text(&expected)))
			fail_msg("%s\ngave: %s", faults[i].text, err.message);
		buf_free(&expected);
	}
}

static void expect_admin(const struct policy *policy, uid_t uid, bool admin)
{
	const struct peer peer = { .uid = uid, .gid = 4000 };
	struct access access;
	policy_access(policy, &peer, resolve, NULL, &access);
	assert_int_equal(access.known, admin);
	assert_int_equal(access.everywhere, admin ? ROLE_ADMIN : ROLE_NONE);
	access_free(&access);
}

static void test_no_file(void **state)
{
	static const char *const paths[] = { NULL, "/nowhere/policy.conf" };
	struct policy *policy;
	struct err err;
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(policy_load(&policy, paths[i], false, &err), 0);
		expect_admin(policy, 0, true);
		expect_admin(policy, geteuid(), true);
		expect_admin(policy, 54321, false);
		policy_free(policy);
	}
	assert_int_equal(policy_load(&policy, "/nowhere/policy.conf", true, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	/* An empty file is nobody but root: not the daemon's own user either. */
	policy = load_policy("");
	expect_admin(policy, 0, true);
	expect_admin(policy, 54321, false);
	if (geteuid() != 0)
		expect_admin(policy, geteuid(), false);
	policy_free(policy);
}

static void test_bad_files(void **state)
{
	static const mode_t modes[] = { 0660, 0606, 0602, 0620, 0666, 0622 };
	struct policy *policy;
	struct err err;
	(void)state;
	write_policy("");
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(policy_load(&policy, path, false, &err), -1);
		assert_int_equal(err.code, ERR_CONFIG);
	}
	assert_int_equal(policy_load(&policy, "/tmp", false, &err), -1);
	assert_string_equal(err.message, "/tmp:0: not a regular file");
}

static void note_slug(void *arg, const char *slug, int line)
{
	buf_printf(arg, "%s@%d ", slug, line);
}

static void test_slugs_and_many_rules(void **state)
{
	struct buf text = { 0 }, slugs = { 0 };
	struct policy *policy;
	struct err err;
	(void)state;
	policy = load_policy("[user 1]\nrole=viewer\nworkspaces=acme, globex\n\n[user 2]\nrole=admin\nworkspaces = * initech\n");
	policy_each_slug(policy, note_slug, &slugs);
	assert_string_equal(buf_text(&slugs), "acme@1 globex@1 initech@5 ");
	policy_free(policy);
	buf_free(&slugs);
	for (int i = 1; i <= 10000; i++)
		buf_printf(&text, "[user %d]\nrole=viewer\nworkspaces=*\n", i);
	write_policy(buf_text(&text));
	assert_int_equal(policy_load(&policy, path, true, &err), -1);
	assert_non_null(strstr(err.message, ":29998: more than 10000 rules"));
	buf_free(&text);
}

/* The model: three workspaces, rules as (who, role, set of workspaces), everything worked out the other way round. */
enum { ALL = 8, WORKSPACES = 3, RULES_MAX = 4 };
struct model_rule {
	int who;   /* index into whos */
	enum role role;
	unsigned workspaces; /* bits; ALL: `*` */
};
static const struct {
	const char *section;
	bool matches;
} whos[] = { { "user 1000", true }, { "user 7", false },     { "group 2000", true }, { "group 3000", true },
	     { "group 7", false },  { "group 3001", true } };

static const char *const role_names[] = { "none", "viewer", "operator", "admin" };

static enum role model_role(const struct model_rule *rules, int count, int workspace)
{
	enum role best = ROLE_NONE;
	for (int i = 0; i < count; i++)
		if (whos[rules[i].who].matches && rules[i].role > best &&
		    ((rules[i].workspaces & ALL) || (workspace >= 0 && (rules[i].workspaces >> workspace & 1))))
			best = rules[i].role;
	return best;
}

static void write_rules(const struct model_rule *rules, int count, struct buf *text)
{
	for (int i = 0; i < count; i++) {
		buf_printf(text, "[%s]\nrole = %s\nworkspaces = gone", whos[rules[i].who].section, role_names[rules[i].role]);
		for (int k = 0; k < WORKSPACES; k++)
			if (rules[i].workspaces >> k & 1)
				buf_printf(text, ", %d", k);
		buf_add_text(text, rules[i].workspaces & ALL ? ", *\n" : "\n");
	}
}

static void expect_scope(const struct access *access, const struct model_rule *rules, int count, enum role least)
{
	bool everywhere = model_role(rules, count, -1) >= least;
	assert_int_equal(access->scope[least] == NULL, everywhere);
	size_t listed = 0;
	for (int k = 0; !everywhere && k < WORKSPACES; k++) {
		char id[ID_TEXT_SIZE];
		(void)resolve(NULL, (const char[]){ (char)('0' + k), '\0' }, id);
		bool named = strstr(access->scope[least], id) != NULL;
		assert_int_equal(named, model_role(rules, count, k) >= least);
		listed += named;
	}
	/* Well-formed, and nothing else in it: [] or ids of 38 characters with their quotes. */
	if (!everywhere)
		assert_int_equal(strlen(access->scope[least]), listed ? 1 + listed * 39 : 2);
}

static void check_rules(const struct model_rule *rules, int count)
{
	static const gid_t groups[] = { 3000, 3001 };
	struct buf text = { 0 };
	struct access access;
	bool known = false;
	enum role highest = ROLE_NONE;
	write_rules(rules, count, &text);
	access_of(buf_text(&text), 1000, 2000, groups, 2, &access);
	for (int i = 0; i < count; i++) {
		known |= whos[rules[i].who].matches;
		if (whos[rules[i].who].matches && rules[i].role > highest)
			highest = rules[i].role;
	}
	assert_int_equal(access.known, known);
	assert_int_equal(access.highest, highest);
	assert_int_equal(access.everywhere, model_role(rules, count, -1));
	assert_int_equal(access_role(&access, NULL), model_role(rules, count, -1));
	for (int k = 0; k < WORKSPACES; k++) {
		char id[ID_TEXT_SIZE];
		(void)resolve(NULL, (const char[]){ (char)('0' + k), '\0' }, id);
		if (access_role(&access, id) != model_role(rules, count, k))
			fail_msg("%s\nworkspace %d: %d", buf_text(&text), k, access_role(&access, id));
	}
	for (enum role least = ROLE_VIEWER; least <= ROLE_ADMIN; least++)
		expect_scope(&access, rules, count, least);
	access_free(&access);
	buf_free(&text);
}

static void test_model(void **state)
{
	uint32_t seed = 1;
	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct model_rule rules[RULES_MAX];
		int count = 0;
		/* Each principal at most once: a second section of it would be the same rule. */
		for (int who = 0; who < 6 && count < RULES_MAX; who++) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 31)
				rules[count++] = (struct model_rule){ .who = who,
					                              .role = (enum role)(1 + (seed >> 16) % 3),
					                              .workspaces = (seed >> 20) & ((seed >> 8 & 3) ? 7u : 15u) };
		}
		check_rules(rules, count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_matches), cmocka_unit_test(test_union),
		cmocka_unit_test(test_names),       cmocka_unit_test(test_root_stays),
		cmocka_unit_test(test_faults),      cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_bad_files),   cmocka_unit_test(test_slugs_and_many_rules),
		cmocka_unit_test(test_model),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
