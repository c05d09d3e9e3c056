/* What a row of the method table is made of. Others include ipc/method.h. */
#ifndef IPC_METHOD_TYPES_H
#define IPC_METHOD_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN };

enum param_type {
	PARAM_STRING,    /* UTF-8 text; min and max are its length in bytes */
	PARAM_ID,        /* a UUID */
	PARAM_WORKSPACE, /* a UUID or a slug */
	PARAM_INT,
	PARAM_BOOL,
	PARAM_ENUM,      /* one of `choices` */
	PARAM_SLUG,      /* [a-z0-9] and inner '-', 1..63 */
	PARAM_EMAIL,     /* one plausible address, no blanks or controls, ≤ 254 bytes */
	PARAM_ZONE,      /* an IANA zone name; syntax here, existence is checked by the daemon */
	PARAM_URL,       /* http or https, no controls */
	PARAM_TIME,      /* RFC 3339 */
	PARAM_STRINGS,   /* array of strings; min and max count them */
	PARAM_SECRET,    /* text that is never logged, echoed or audited */
};

struct param {
	const char *name;
	enum param_type type;
	bool required;
	bool positional;      /* on the command line it may stand without --name */
	int64_t min, max;     /* 0, 0: the type's own limits */
	const char *choices;  /* "a|b|c" for PARAM_ENUM */
	const char *fallback; /* default as JSON text, for documentation and params_*: "100", "\"auto\""; NULL: none */
	const char *help;
};

/* What a call is about, for the one authorization choke point (daemon/policy). */
enum subject {
	SUBJECT_NONE,       /* anybody with a rule: rpc.*, ping, info, whoami */
	SUBJECT_GLOBAL,     /* needs the role on `*` */
	SUBJECT_LIST,       /* the role in any workspace; results are filtered; a `workspace` parameter is checked */
	SUBJECT_WORKSPACE,  /* subject_param names a workspace */
	SUBJECT_USER,
	SUBJECT_CONNECTION,
	SUBJECT_CALENDAR,
	SUBJECT_ATTEMPT,
	SUBJECT_SYNC_ERROR,
	SUBJECT_JOB,        /* the connection in `connection`; without one the whole daemon, which needs admin on `*` */
	SUBJECT_STATE,      /* the attempt is found by the `state` inside the parameter (oauth.complete) */
};

struct method {
	const char *name;          /* "connection.get" */
	const char *summary;       /* one line, no full stop */
	enum role role;            /* the least role */
	enum subject subject;
	const char *subject_param; /* which parameter names the subject, NULL for NONE, GLOBAL, LIST and JOB */
	bool mutates;              /* audited; refused as a notification; accepts `reason` */
	bool destroys;             /* accepts `dry_run`, as others may; the CLI asks for --yes */
	const struct param *params;
	size_t param_count;
	const char *result;        /* name of its schema in ipc/schemas.c */
	const char *verb;          /* CLI verb ("connections", "create-event"); NULL: only through `almanac call` */
	const char *errors;        /* data.code names it may answer beside the general ones, blank-separated */
};

#endif
