/* The objects of CONTRACT.md section 5, and their JSON Schema. */
#include "ipc/schemas.h"

#include "ipc/base/strutil.h"

#include <stdio.h>
#include <string.h>

#define STATES "pending|connected|degraded|failing|reauth_required|blocked|paused|disconnected"
#define JOB_KINDS "token_refresh|calendar_sync|full_sync|cleanup"
#define LIST(name_) "items:[#" name_ "] next_cursor:text? total:int?"

const struct schema schema_table[] = {
	{ "ping", "The daemon answers", "pong:bool" },
	{ "openrpc", "An OpenRPC document", "openrpc:text info:object methods:[object] components:object" },
	{ "info", "The daemon",
	  "version:text protocol:int pid:int started_at:time uptime_seconds:int socket:text callback_url:text state_dir:text "
	  "schema:int tzdata:text? sealed:bool" },
	{ "whoami", "The caller and what the policy grants",
	  "uid:int gid:int groups:[int] user:text? grants:[#policy_grant]" },
	{ "policy_grant", "One grant of the policy", "role:viewer|operator|admin workspaces:*/[id]" },
	{ "health", "Connections by state, and the reasons for trouble",
	  "ok:bool sealed:bool connections:#connection_counts reasons:[#reason_count] jobs:#job_counts "
	  "providers:{#provider_health}" },
	{ "job_counts", "Jobs in numbers", "running:int queued:int late:int" },
	{ "provider_health", "How a provider does", "breaker:closed|open|recovering" },
	{ "connection_counts", "Connections in numbers", "total:int by_state:{int}" },
	{ "reason_count", "How often a reason stands", "code:text count:int" },
	{ "reload", "What was read again", "ok:bool sealed:bool warnings:[text]" },
	{ "workspace", "The boundary of every permission",
	  "id:id name:text slug:text time_zone:text connections:#connection_counts created_at:time version:int" },
	{ "workspace_list", "A page of workspaces", LIST("workspace") },
	{ "user", "A person of a workspace", "id:id workspace_id:id email:text name:text created_at:time version:int" },
	{ "user_list", "A page of users", LIST("user") },
	{ "deleted", "It is gone", "id:id deleted:bool" },
	{ "dry_run", "What it would do: counts and, where few, ids", "dry_run:bool effects:object" },
	{ "attempt", "An attempt that began",
	  "attempt_id:id authorization_url:text short_url:text state:text expires_at:time" },
	{ "attempt_status", "How far an attempt is",
	  "attempt_id:id state:created|opened|returned|done|failed|expired|cancelled connection_id:id? error:#call_error?" },
	{ "call_error", "What went wrong", "code:text message:text" },
	{ "connected", "An account was connected",
	  "success:bool connection:#connected_account calendars:[#calendar] message:text" },
	{ "connected_account", "The connection that was made or renewed",
	  "id:id account_email:text calendars_count:int created:bool" },
	{ "reason", "Why a connection is in its state",
	  "code:text class:text since:time message:text action:#action?" },
	{ "action", "A call that would mend it", "method:text params:object label:text" },
	{ "token", "What may be told of a token", "present:bool fingerprint:text? expires_at:time? generation:int" },
	{ "connection", "An account's calendars in a workspace",
	  "id:id workspace_id:id user_id:id? provider:text account_email:text active:bool state:" STATES " since:time "
	  "reasons:[#reason] scopes:[text] missing_scopes:[text] token:#token last_sync:time? next_sync_at:time? "
	  "next_refresh_at:time? sync_errors:int calendars_count:int created_at:time updated_at:time version:int" },
	{ "connection_list", "A page of connections", LIST("connection") },
	{ "explanation", "Why a connection is in its state",
	  "id:id state:" STATES " since:time summary:text reasons:[#finding] would_be:#would_be next:[#next] action:#action? pause:#pause? "
	  "disconnected_at:time?" },
	{ "finding", "A reason with its evidence",
	  "code:text class:text since:time message:text action:#action? state:" STATES "? evidence:#evidence would_be:#would_be" },
	{ "evidence", "What was met, and how often",
	  "operation:text? provider:#provider_answer? count:int first_at:time? last_at:time?" },
	{ "provider_answer", "What the provider said", "status:int reason:text?" },
	{ "would_be", "The state it would be in, if", "state:" STATES " if:text?" },
	{ "next", "What happens by itself", "what:token_refresh|calendar_sync|resume|purge at:time why:text text:text" },
	{ "pause", "Why it is paused, by whom and for how long", "at:time until:time? by:text? reason:text?" },
	{ "timeline", "A page of what happened to a connection", LIST("timeline_row") },
	{ "timeline_row", "Something that happened",
	  "id:id at:time kind:text actor:text? text:text details:object" },
	{ "refresh", "A refreshed token and a synchronised list", "token:#refresh_token sync:#refresh_sync" },
	{ "refresh_token", "The token", "ok:bool generation:int expires_at:time? error~:#call_error?" },
	{ "refresh_sync", "The calendar list", "ok:bool added:int changed:int gone:int error~:#call_error?" },
	{ "test", "Each step a connection needs", "ok:bool steps:[#test_step]" },
	{ "test_step", "One step", "name:decrypt|token|userinfo|calendar_list|free_busy ok:bool ms:int error~:#call_error?" },
	{ "disconnect", "What became of the tokens and the consent",
	  "local:bool remote:#disconnect_remote siblings:#disconnect_siblings" },
	{ "disconnect_remote", "The revocation at the provider", "attempted:bool ok:bool reason:text?" },
	{ "disconnect_siblings", "Other connections with the same consent", "visible:[id] elsewhere:bool" },
	{ "calendar", "A calendar of a connection",
	  "id:id workspace_id:id name:text provider:text active:bool connection_status:" STATES
	  " provider_details:#calendar_details state:ok|gone|forbidden version:int" },
	{ "calendar_details", "What the provider says of a calendar",
	  "external_id:text summary:text? description:text? primary:bool access_role:text? time_zone:text? background_color:text? "
	  "foreground_color:text? connection_id:id connection_email:text" },
	{ "calendar_list", "A page of calendars", LIST("calendar") },
	{ "job", "Something that runs by itself",
	  "id:id kind:" JOB_KINDS " connection_id:id? workspace_id:id? state:scheduled|running|backoff|paused interval_seconds:int "
	  "next_run_at:time? next_run_why:text? attempts:int last_result:text? last_run_at:time? last_duration_ms:int" },
	{ "job_list", "A page of jobs", LIST("job") },
	{ "job_run", "A run that has begun", "run_id:id" },
	{ "run", "A run of a job",
	  "id:id job_id:id kind:" JOB_KINDS " connection_id:id? workspace_id:id? state:running|ok|failed|interrupted cause:text "
	  "code:text? counts:object started_at:time ended_at:time?" },
	{ "run_list", "A page of runs", LIST("run") },
	{ "scheduler", "Whether jobs are started", "paused:bool until:time?" },
	{ "sync_error", "Trouble of a connection, coalesced by reason and operation",
	  "id:id connection_id:id workspace_id:id class:text code:text operation:text message:text provider:#provider_answer? "
	  "count:int first_at:time last_at:time resolved_at:time? acknowledged_by:text?" },
	{ "sync_error_list", "A page of errors", LIST("sync_error") },
	{ "sync_error_groups", "Open errors by cause", "items:[#sync_error_group]" },
	{ "sync_error_group", "One cause, its size and its trend",
	  "code:text class:text state:" STATES "? message:text open:int acknowledged:int connections:int workspaces:int count:int "
	  "first_at:time last_at:time last_hour:int hour_before:int members:[id]" },
	{ "reason_description", "A reason in words",
	  "code:text class:text state:" STATES "? message:text meaning:text causes:[text] fix:text retry:text action:#remedy?" },
	{ "remedy", "What would mend it", "method:text label:text" },
	{ "subscription", "What the client is told of, and the number of its last notice", "seq:int topics:[text]" },
	{ "audit_row", "Who did what",
	  "seq:int at:time uid:int? actor:text workspace_id:id? method:text object_type:text? object_id:text? outcome:text "
	  "reason:text? details:object? hash:text" },
	{ "audit_list", "A page of the audit", LIST("audit_row") },
};
const size_t schema_count = sizeof schema_table / sizeof schema_table[0];

const struct schema *schema_find(const char *name)
{
	for (size_t i = 0; i < schema_count; i++)
		if (str_equal(schema_table[i].name, name))
			return &schema_table[i];
	return NULL;
}

static void write_type(struct writer *w, const char *type, size_t len);

/* Members of the schema of a type that stands alone; the object around them is open. */
static void write_plain(struct writer *w, const char *type, size_t len)
{
	static const struct {
		const char *word, *type, *format;
	} words[] = {
		{ "text", "string", NULL }, { "id", "string", "uuid" }, { "time", "string", "date-time" }, { "int", "integer", NULL },
		{ "bool", "boolean", NULL }, { "object", "object", NULL },
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strlen(words[i].word) != len || memcmp(words[i].word, type, len) != 0)
			continue;
		writer_put_text(w, "type", words[i].type);
		if (words[i].format)
			writer_put_text(w, "format", words[i].format);
		return;
	}
	if (len == 3 && memcmp(type, "any", 3) == 0)
		return;
	writer_key(w, "enum");
	writer_array(w);
	for (const char *at = type, *end = type + len; at < end;) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		size_t word = bar ? (size_t)(bar - at) : (size_t)(end - at);
		writer_text_len(w, at, word);
		at += word + 1;
	}
	writer_end(w);
}

static void write_either(struct writer *w, const char *first, size_t first_len, const char *second, size_t second_len)
{
	writer_key(w, "anyOf");
	writer_array(w);
	write_type(w, first, first_len);
	if (second)
		write_type(w, second, second_len);
	else
		writer_raw(w, "{\"type\":\"null\"}", 15);
	writer_end(w);
}

static void write_reference(struct writer *w, const char *name, size_t len)
{
	char target[96];
	(void)snprintf(target, sizeof target, "#/components/schemas/%.*s", (int)len, name);
	writer_put_text(w, "$ref", target);
}

static void write_type(struct writer *w, const char *type, size_t len)
{
	const char *slash = memchr(type, '/', len);
	writer_object(w);
	if (slash)
		write_either(w, type, (size_t)(slash - type), slash + 1, len - (size_t)(slash - type) - 1);
	else if (type[len - 1] == '?')
		write_either(w, type, len - 1, NULL, 0);
	else if (type[0] == '#')
		write_reference(w, type + 1, len - 1);
	else if (type[0] == '[' || type[0] == '{') {
		writer_put_text(w, "type", type[0] == '[' ? "array" : "object");
		writer_key(w, type[0] == '[' ? "items" : "additionalProperties");
		write_type(w, type + 1, len - 2);
	} else
		write_plain(w, type, len);
	writer_end(w);
}

/* The next `member:type`; false at the end. */
static bool next_member(const char **at, const char **name, size_t *name_len, bool *optional, const char **type,
                        size_t *type_len)
{
	*name = *at + strspn(*at, " ");
	if (**name == '\0')
		return false;
	*name_len = strcspn(*name, ":");
	*type = *name + *name_len + 1;
	*type_len = strcspn(*type, " ");
	*at = *type + *type_len;
	*optional = (*name)[*name_len - 1] == '~';
	*name_len -= *optional;
	return true;
}

void schema_write(struct writer *w, const struct schema *schema)
{
	const char *at = schema->members, *name, *type;
	size_t name_len, type_len;
	bool optional;
	writer_object(w);
	writer_put_text(w, "description", schema->summary);
	writer_put_text(w, "type", "object");
	writer_key(w, "properties");
	writer_object(w);
	while (next_member(&at, &name, &name_len, &optional, &type, &type_len)) {
		char key[64];
		(void)snprintf(key, sizeof key, "%.*s", (int)name_len, name);
		writer_key(w, key);
		write_type(w, type, type_len);
	}
	writer_end(w);
	writer_key(w, "required");
	writer_array(w);
	for (at = schema->members; next_member(&at, &name, &name_len, &optional, &type, &type_len);)
		if (!optional)
			writer_text_len(w, name, name_len);
	writer_end(w);
	writer_end(w);
}
