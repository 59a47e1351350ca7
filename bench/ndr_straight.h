/* Hand-written, straight-line C for the types of ndr_bench.idl: what the interpreter is held
 * against. As safe as the interpreter is: every count is checked before it is used. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "ndr_bench.h"

/* Stub data of Records() in NDR 2.0, little-endian; 0 if @cap is too small. */
size_t straight_encode_records(const bench_record *r, uint32_t n, uint8_t *buf, size_t cap);
bool straight_decode_records(const uint8_t *buf, size_t len, struct ir_arena *arena,
                             bench_record **ret_r, uint32_t *ret_n);
