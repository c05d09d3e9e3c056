/* The OpenRPC document: whole, consistent, and of the form that the specification asks for. */
#include "ipc/openrpc.h"

#include "ipc/method.h"
#include "ipc/schemas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static json_t *document;

static int begin(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct writer w;
	writer_init(&w, &text);
	openrpc_write(&w);
	document = json_loads(buf_text(&text), JSON_REJECT_DUPLICATES, NULL);
	buf_free(&text);
	return document ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	json_decref(document);
	return 0;
}

static const char *text_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void test_head(void **state)
{
	(void)state;
	assert_string_equal(text_at(document, "openrpc"), "1.3.2");
	assert_non_null(text_at(json_object_get(document, "info"), "title"));
	assert_non_null(text_at(json_object_get(document, "info"), "version"));
	assert_int_equal(json_array_size(json_object_get(document, "methods")), method_count);
	assert_int_equal(json_object_size(json_object_get(json_object_get(document, "components"), "schemas")), schema_count);
}

static void check_param(const struct method *method, const json_t *shown)
{
	const struct param *param = method_param(method, text_at(shown, "name"));
	const json_t *schema = json_object_get(shown, "schema");
	assert_non_null(param);
	assert_int_equal(json_is_true(json_object_get(shown, "required")), param->required);
	assert_non_null(text_at(schema, "type"));
	if (param->type == PARAM_INT)
		assert_int_equal(json_integer_value(json_object_get(schema, "minimum")), param->min);
	if (param->choices)
		assert_true(json_array_size(json_object_get(schema, "enum")) >= 1);
	if (param->fallback) {
		json_t *fallback = json_loads(param->fallback, JSON_DECODE_ANY, NULL);
		assert_true(json_equal(json_object_get(schema, "default"), fallback));
		json_decref(fallback);
	}
}

static void test_methods(void **state)
{
	(void)state;
	size_t i, k;
	json_t *shown, *param, *error;
	json_array_foreach(json_object_get(document, "methods"), i, shown) {
		const struct method *method = method_table[i];
		bool optional = false;
		assert_string_equal(text_at(shown, "name"), method->name);
		assert_string_equal(text_at(shown, "paramStructure"), "by-name");
		assert_int_equal(json_array_size(json_object_get(shown, "params")), method->param_count);
		json_array_foreach(json_object_get(shown, "params"), k, param) {
			check_param(method, param);
			/* Required ones come first. */
			bool required = json_is_true(json_object_get(param, "required"));
			assert_false(required && optional);
			optional = optional || !required;
		}
		assert_non_null(text_at(json_object_get(shown, "result"), "name"));
		assert_true(json_is_object(json_object_get(json_object_get(shown, "result"), "schema")));
		const json_t *errors = json_object_get(shown, "errors");
		assert_true(json_array_size(errors) >= 4);
		json_array_foreach(errors, k, error)
			for (size_t other = 0; other < k; other++)
				assert_true(json_integer_value(json_object_get(error, "code")) !=
				            json_integer_value(json_object_get(json_array_get(errors, other), "code")));
	}
}

/* Every reference anywhere in the document leads somewhere. */
static size_t follow_references(const json_t *value)
{
	static const char prefix[] = "#/components/schemas/";
	size_t found = 0, i;
	const char *key, *target = text_at(value, "$ref");
	json_t *member;
	if (target) {
		assert_memory_equal(target, prefix, sizeof prefix - 1);
		if (!schema_find(target + sizeof prefix - 1))
			fail_msg("%s leads nowhere", target);
		found++;
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, member)
		found += follow_references(member);
	json_array_foreach(value, i, member)
		found += follow_references(member);
	return found;
}

static void test_references(void **state)
{
	(void)state;
	assert_true(follow_references(document) > method_count);
}

static json_t *schema_of(const char *name)
{
	json_t *schema = json_object_get(json_object_get(json_object_get(document, "components"), "schemas"), name);
	assert_non_null(schema);
	return schema;
}

static void test_schemas(void **state)
{
	(void)state;
	const char *name;
	json_t *schema;
	json_object_foreach(json_object_get(json_object_get(document, "components"), "schemas"), name, schema) {
		assert_string_equal(text_at(schema, "type"), "object");
		const json_t *required = json_object_get(schema, "required");
		assert_true(json_is_array(required));
		for (size_t i = 0; i < json_array_size(required); i++)
			assert_non_null(json_object_get(json_object_get(schema, "properties"), json_string_value(json_array_get(required, i))));
	}
}

/* One of each notation of the table. */
static void test_notation(void **state)
{
	(void)state;
	static const struct schema schema = { "x", "Summary", "a:text b~:int c:time? d:one|two e:[#user] f:{int} g:*/[id] h:any i:#user?" };
	static const char expected[] =
		"{\"description\":\"Summary\",\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"integer\"},"
		"\"c\":{\"anyOf\":[{\"type\":\"string\",\"format\":\"date-time\"},{\"type\":\"null\"}]},\"d\":{\"enum\":[\"one\",\"two\"]},"
		"\"e\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/user\"}},"
		"\"f\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}},"
		"\"g\":{\"anyOf\":[{\"enum\":[\"*\"]},{\"type\":\"array\",\"items\":{\"type\":\"string\",\"format\":\"uuid\"}}]},"
		"\"h\":{},\"i\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/user\"},{\"type\":\"null\"}]}},"
		"\"required\":[\"a\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]}";
	struct buf text = { 0 };
	struct writer w;
	writer_init(&w, &text);
	schema_write(&w, &schema);
	assert_string_equal(buf_text(&text), expected);
	buf_free(&text);
}

/* The objects of CONTRACT.md section 5, member for member. */
static void test_contract_objects(void **state)
{
	(void)state;
	static const struct {
		const char *schema, *members;
	} objects[] = {
		{ "workspace", "id name slug time_zone connections created_at version" },
		{ "user", "id workspace_id email name created_at version" },
		{ "connection", "id workspace_id user_id provider account_email active state since reasons scopes missing_scopes token last_sync "
		                "next_sync_at next_refresh_at sync_errors calendars_count created_at updated_at version" },
		{ "reason", "code class since message action" },
		{ "token", "present fingerprint expires_at generation" },
		{ "calendar", "id workspace_id name provider active connection_status provider_details state version" },
		{ "calendar_details", "external_id summary description primary access_role time_zone background_color foreground_color "
		                      "connection_id connection_email" },
		{ "attempt", "attempt_id authorization_url short_url state expires_at" },
		{ "attempt_status", "attempt_id state connection_id error" },
		{ "refresh", "token sync" },
		{ "test", "ok steps" },
		{ "info", "version protocol pid started_at uptime_seconds socket callback_url state_dir schema tzdata sealed" },
		{ "whoami", "uid gid groups user grants" },
		{ "health", "ok sealed connections reasons jobs providers" },
		{ "job", "id kind connection_id workspace_id state interval_seconds next_run_at next_run_why attempts last_result last_run_at "
		         "last_duration_ms" },
		{ "sync_error", "id connection_id workspace_id class code operation message provider count first_at last_at resolved_at "
		                "acknowledged_by" },
		{ "timeline_row", "id at kind actor text details" },
		{ "disconnect", "local remote siblings" },
		{ "dry_run", "dry_run effects" },
		{ "deleted", "id deleted" },
		{ "connected", "success connection calendars message" },
		{ "connection_list", "items next_cursor total" },
	};
	for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
		json_t *properties = json_object_get(schema_of(objects[i].schema), "properties");
		size_t count = 0;
		for (const char *at = objects[i].members; *(at += strspn(at, " ")); count++) {
			char name[64];
			size_t len = strcspn(at, " ");
			(void)snprintf(name, sizeof name, "%.*s", (int)len, at);
			at += len;
			if (!json_object_get(properties, name))
				fail_msg("%s has no %s", objects[i].schema, name);
		}
		assert_int_equal(json_object_size(properties), count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head),    cmocka_unit_test(test_methods),  cmocka_unit_test(test_references),
		cmocka_unit_test(test_schemas), cmocka_unit_test(test_notation), cmocka_unit_test(test_contract_objects),
	};
	return cmocka_run_group_tests_name("ipc/openrpc", tests, begin, end);
}
