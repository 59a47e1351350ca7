/*
 * Syntax identifiers: NDR, NDR64, and the pseudo-syntax that negotiates bind-time features.
 * [C706] 12.6.3.1 (p_syntax_id_t), [MS-RPCE] 2.2.4.12, 2.2.2.14, 3.3.1.5.3.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <ironrpc/types.h>

#include "base/cur.h"
#include "base/out.h"

#define IR_SYNTAX_LEN 20u

/* 8a885d04-1ceb-11c9-9fe8-08002b104860 version 2.0 */
extern const struct irpc_syntax_id ir_syntax_ndr;
/* 71710533-beba-4937-8319-b5dbef9ccc36 version 1.0 */
extern const struct irpc_syntax_id ir_syntax_ndr64;

/* Bind-time features, [MS-RPCE] 2.2.2.14. */
#define IR_FEATURE_SECURITY_CONTEXT_MULTIPLEXING 0x01u
#define IR_FEATURE_KEEP_CONNECTION_ON_ORPHAN 0x02u

bool ir_syntax_equal(const struct irpc_syntax_id *a, const struct irpc_syntax_id *b);

/* Whether @s is 6cb71c2c-9812-4540-* version 1.0; then its bits go to @ret_features. check: B11 */
bool ir_syntax_is_features(const struct irpc_syntax_id *s, uint64_t *ret_features);

/* The pseudo-syntax that offers @features. */
struct irpc_syntax_id ir_syntax_of_features(uint64_t features);

/* UUID, then the version as one 32-bit number: major in the low half. */
struct irpc_syntax_id ir_cur_syntax(struct ir_cur *c);
void ir_out_syntax(struct ir_out *o, const struct irpc_syntax_id *s);
