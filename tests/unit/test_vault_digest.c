/* Hashes and random texts against published vectors. */
#include "daemon/vault/digest.h"

#include "daemon/vault/secret.h"
#include "ipc/base/strutil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* RFC 7636 appendix B. */
static void test_pkce_challenge_is_that_of_the_rfc(void **state)
{
	(void)state;
	char out[DIGEST_TOKEN_SIZE];
	digest_pkce_challenge(out, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
	assert_string_equal(out, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void test_blake2b_of_nothing(void **state)
{
	(void)state;
	uint8_t hash[DIGEST_SIZE];
	char hex[DIGEST_HEX_SIZE];
	digest_blake2b(hash, "", 0);
	str_hex(hex, hash, sizeof hash);
	assert_string_equal(hex, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

static void test_lookup_depends_on_purpose_and_text(void **state)
{
	(void)state;
	char a[DIGEST_HEX_SIZE], b[DIGEST_HEX_SIZE];
	digest_lookup(a, "state", "xyz");
	digest_lookup(b, "state", "xyz");
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 64);
	digest_lookup(b, "short", "xyz");
	assert_string_not_equal(a, b);
	digest_lookup(b, "statex", "yz");
	assert_string_not_equal(a, b);
}

static void fill_with_ones(void *arg, void *out, size_t len)
{
	(void)arg;
	memset(out, 0xff, len);
}

static void test_random_token_has_all_bits_of_the_source(void **state)
{
	(void)state;
	const struct rng ones = { .fill = fill_with_ones };
	char out[DIGEST_TOKEN_SIZE], other[DIGEST_TOKEN_SIZE];
	digest_random_token(out, &ones);
	assert_string_equal(out, "__________________________________________8");
	digest_random_token(out, &rng_system);
	digest_random_token(other, &rng_system);
	assert_string_not_equal(out, other);
	assert_int_equal(strlen(out), 43);
	assert_int_equal(strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pkce_challenge_is_that_of_the_rfc),
		cmocka_unit_test(test_blake2b_of_nothing),
		cmocka_unit_test(test_lookup_depends_on_purpose_and_text),
		cmocka_unit_test(test_random_token_has_all_bits_of_the_source),
	};
	if (secret_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
