/*
 * Statistics and state as JSON.
 * Ownership: reports belong to the caller.
 */
#include "tests/sandbox/report.h"

json_t *report_stats(const struct sandbox *sandbox)
{
	struct http_counts counts = http_server_counts(sandbox->server);

	return json_pack("{s:o,s:I,s:I,s:I,s:I,s:o}", "requests", journal_counts(sandbox->journal), "connections",
	                 (json_int_t)counts.connections, "in_flight", (json_int_t)counts.in_flight, "peak_in_flight",
	                 (json_int_t)counts.peak_in_flight, "faults_fired", (json_int_t)faults_fired(sandbox->faults),
	                 "faults", faults_report(sandbox->faults));
}

static json_t *report_account(const struct account *account)
{
	size_t calendars = 0;

	for (size_t i = 0; i < account->calendar_count; i++)
		calendars += account->calendars[i]->deleted ? 0 : 1;
	return json_pack("{s:s,s:s,s:b,s:s,s:I,s:I}", "email", account->email, "sub", account->sub, "live",
	                 account->live ? 1 : 0, "scopes", account->scopes, "refresh_tokens",
	                 (json_int_t)account->refresh_count, "calendars", (json_int_t)calendars);
}

json_t *report_state(const struct state *state)
{
	json_t *accounts = json_array();
	json_t *tokens = json_array();
	json_t *codes = json_array();

	for (size_t i = 0; i < state->account_count; i++)
		json_array_append_new(accounts, report_account(state->accounts[i]));
	for (size_t i = 0; i < state->token_count; i++)
		json_array_append_new(tokens, json_string(state->tokens[i]->text));
	for (size_t i = 0; i < state->code_count; i++)
		json_array_append_new(codes, json_string(state->codes[i]->text));
	json_array_append_new(tokens, json_string(state->id_token_mark));
	return json_pack("{s:o,s:o,s:o}", "accounts", accounts, "tokens", tokens, "codes", codes);
}
