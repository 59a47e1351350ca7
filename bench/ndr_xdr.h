/* XDR by libtirpc, of the records of ndr_bench.idl. */
#pragma once

#include <stdbool.h>

#include "ndr_bench.h"

/* Returns the length, 0 if it failed. */
size_t xdr_encode_records(const bench_record *r, uint32_t n, uint8_t *buf, size_t cap);
/* Decodes into memory of libtirpc's, and frees it. */
bool xdr_decode_records(const uint8_t *buf, size_t len);
