/* Who may do what (CONTRACT.md section 3): rules of (role, workspaces) for users and groups, read from an INI file.
 *
 * A policy is immutable; a reload makes a new one. What a peer may do is worked out once as a struct access and cached by its
 * session until the policy or the set of workspaces changes. */
#ifndef DAEMON_POLICY_H
#define DAEMON_POLICY_H

#include "ipc/base/err.h"
#include "ipc/base/id.h"
#include "ipc/method.h"
#include "ipc/socket.h"

#include <stdbool.h>
#include <stddef.h>

struct policy;

/* path NULL: the default of no file (root and the daemon's own user are admin on `*`). ERR_CONFIG with "file:line: why".
 * must_exist: a missing file is an error, else it is the default. */
int policy_load(struct policy **out, const char *path, bool must_exist, struct err *err);
void policy_free(struct policy *policy);
/* Every slug named in the rules, for the warning about unknown ones. */
void policy_each_slug(const struct policy *policy, void (*fn)(void *arg, const char *slug, int line), void *arg);

struct access_entry {
	char workspace_id[ID_TEXT_SIZE];
	enum role role;
};
struct access {
	bool known;               /* some rule matches; else nothing at all is allowed */
	enum role everywhere;     /* the role on `*`, ROLE_NONE without one */
	enum role highest;        /* held for any workspace at all */
	struct access_entry *entries; /* workspaces named by rules and existing; role already the higher of both */
	size_t count;
	char *scope[ROLE_ADMIN + 1];  /* by least role: JSON array of workspace ids for the store; NULL where everywhere suffices */
};

/* Turns a slug into a workspace id; false if there is none. */
typedef bool policy_resolve_fn(void *arg, const char *slug, char id[ID_TEXT_SIZE]);
void policy_access(const struct policy *policy, const struct peer *peer, policy_resolve_fn *resolve, void *arg,
                   struct access *out);
void access_free(struct access *access);
/* The role held for one workspace (NULL: for what has no workspace). */
enum role access_role(const struct access *access, const char *workspace_id);

#endif
