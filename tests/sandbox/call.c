/*
 * Reading requests: parameters, authorization, common checks.
 * Ownership: struct call owns its decoded texts and its reply until call_free(); the request belongs to its connection.
 */
#include "tests/sandbox/call.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "tests/sandbox/calstore.h"
#include "tests/sandbox/clock.h"
#include "tests/sandbox/grant.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/people.h"
#include "tests/sandbox/reply.h"

#define CALL_SEAL_SIZE 44

static bool call_has_form(const struct http_request *request)
{
	const char *type = http_head_get(&request->head, "Content-Type");

	return type != NULL && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;
}

bool call_read(struct call *call, struct state *state, struct http_request *request)
{
	memset(call, 0, sizeof *call);
	call->state = state;
	call->request = request;
	call->now_ms = clock_wall_ms() + state->advance_ms;
	call->reply.status = 500;
	call->path = query_decode(request->head.path, strlen(request->head.path), false);
	if (call->path == NULL || !query_parse(&call->query, request->head.query, strlen(request->head.query)))
		return false;
	if (call_has_form(request) && !query_parse(&call->form, request->body, request->body_len))
		return false;
	call->grant_type = query_get(&call->form, "grant_type");
	return true;
}

const char *call_bearer_text(const struct call *call)
{
	const char *header = http_head_get(&call->request->head, "Authorization");

	return header != NULL && strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 : NULL;
}

void call_find_account(struct call *call)
{
	const char *refresh = query_get(&call->form, "refresh_token");
	const char *revoked = query_get(&call->form, "token");
	const struct code *code = grant_find_code(call->state, query_get(&call->form, "code"));
	const struct token *token;

	call->bearer = grant_find_token(call->state, call_bearer_text(call));
	token = call->bearer;
	if (token == NULL && refresh != NULL)
		token = grant_find_token(call->state, refresh);
	if (token == NULL && revoked != NULL)
		token = grant_find_token(call->state, revoked);
	if (token != NULL)
		call->account = token->account;
	else if (code != NULL)
		call->account = code->account;
	else
		call->account = state_find_account(call->state, query_get(&call->query, "sandbox_account"));
}

struct account *call_authorize(struct call *call, uint32_t mask)
{
	if (call_bearer_text(call) == NULL) {
		reply_api_error(&call->reply, 401, "required", NULL);
		return NULL;
	}
	if (call->bearer == NULL || call->bearer->refresh || !grant_is_usable(call->bearer, call->now_ms)) {
		reply_api_error(&call->reply, 401, "authError", NULL);
		return NULL;
	}
	if ((call->bearer->mask & mask) == 0) {
		reply_api_error(&call->reply, 403, "insufficientPermissions", NULL);
		return NULL;
	}
	return call->bearer->account;
}

struct calendar *call_find_calendar(struct call *call, struct account *account, const char *id)
{
	struct calendar *calendar = calstore_find(account, id);

	if (calendar == NULL) {
		reply_api_error(&call->reply, 0, "notFound", NULL);
		return NULL;
	}
	people_give_events(call->state, account, calendar);
	return calendar;
}

bool call_read_count(struct call *call, const char *name, size_t usual, size_t max, size_t *value)
{
	const char *text = query_get(&call->query, name);
	size_t digits = text == NULL ? 0 : strspn(text, "0123456789");

	*value = usual;
	if (text != NULL) {
		*value = digits > 0 && digits < 10 && text[digits] == '\0' ? (size_t)strtoul(text, NULL, 10) : 0;
		if (*value == 0) {
			reply_api_parameter(&call->reply, "invalid", "Invalid value. It must be a positive number.",
			                    name);
			return false;
		}
	}
	if (*value > max)
		*value = max;
	if (call->state->page_cap != 0 && *value > call->state->page_cap)
		*value = call->state->page_cap;
	return true;
}

bool call_read_flag(struct call *call, const char *name, bool usual, bool *value)
{
	const char *text = query_get(&call->query, name);

	*value = text == NULL ? usual : strcmp(text, "true") == 0;
	if (text == NULL || *value || strcmp(text, "false") == 0)
		return true;
	reply_api_parameter(&call->reply, "invalid", "Invalid boolean value.", name);
	return false;
}

json_t *call_read_json(struct call *call)
{
	json_t *body = json_loadb(call->request->body, call->request->body_len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(body))
		return body;
	json_decref(body);
	reply_api_error(&call->reply, 0, "parseError", NULL);
	return NULL;
}

char *call_seal_numbers(char kind, const uint64_t numbers[4])
{
	unsigned char bytes[CALL_SEAL_SIZE];
	char *text = mem_alloc(sodium_base64_ENCODED_LEN(sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING));

	memset(bytes, 0, 4);
	bytes[0] = (unsigned char)kind;
	for (size_t i = 0; i < 32; i++)
		bytes[4 + i] = (unsigned char)(numbers[i / 8] >> (8 * (i % 8)));
	crypto_shorthash(bytes + 36, bytes, 36, (const unsigned char *)"almanac-sandbox!");
	sodium_bin2base64(text, sodium_base64_ENCODED_LEN(sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
	                  bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return text;
}

bool call_open_numbers(char kind, const char *text, uint64_t numbers[4])
{
	unsigned char bytes[CALL_SEAL_SIZE];
	unsigned char check[crypto_shorthash_BYTES];
	size_t len = 0;

	if (sodium_base642bin(bytes, sizeof bytes, text, strlen(text), NULL, &len, NULL,
	                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    len != sizeof bytes || bytes[0] != (unsigned char)kind)
		return false;
	crypto_shorthash(check, bytes, 36, (const unsigned char *)"almanac-sandbox!");
	if (memcmp(check, bytes + 36, sizeof check) != 0)
		return false;
	for (size_t i = 0; i < 4; i++) {
		numbers[i] = 0;
		for (size_t j = 8; j-- > 0;)
			numbers[i] = numbers[i] << 8 | bytes[4 + i * 8 + j];
	}
	return true;
}

void call_free(struct call *call)
{
	free(call->path);
	free(call->argument[0]);
	free(call->argument[1]);
	query_free(&call->query);
	query_free(&call->form);
	http_reply_free(&call->reply);
}
