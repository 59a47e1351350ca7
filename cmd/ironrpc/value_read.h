/* Between the files of value_read*.c: reading JSON into memory. */
#pragma once

#include "value.h"

/* Elements of an array or string: where they start, how many are given, and room for how many. */
struct ir_value_extent {
    uint64_t first;
    uint64_t count;
    uint64_t capacity;
};

static inline const struct irpc_ndr_type *ir_value_type(const struct ir_value_call *call,
                                                        uint32_t index)
{
    return &call->unit->types[index];
}

/* value_read.c: any type. @memory is zeroed and large enough; expressions read @scope. */
bool ir_value_read(struct ir_value_call *call, uint32_t index, json_t *json, void *memory,
                   void *scope);

/* value_read_scalar.c */
const char *ir_value_json_kind(const json_t *json);
bool ir_value_get_integer(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          json_t *json, int64_t *ret_value);
bool ir_value_read_integer(struct ir_value_call *call, const struct irpc_ndr_type *type,
                           json_t *json, void *memory);
bool ir_value_read_float(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                         void *memory);
bool ir_value_read_uuid(struct ir_value_call *call, json_t *json, void *memory);
bool ir_value_read_handle(struct ir_value_call *call, json_t *json, void *memory);

/* value_read_array.c */
/* How many elements @json has for an array or string, with its terminator. */
bool ir_value_count(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                    uint64_t *ret_count);
/* Count the elements, and make what says their number agree. */
bool ir_value_measure(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                      void *scope, struct ir_value_extent *ret_extent);
/* @memory has room for extent->capacity elements and is zeroed. */
bool ir_value_read_extent(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          json_t *json, const struct ir_value_extent *extent, uint8_t *memory,
                          void *scope);
/* An array or string that lies inside something larger. */
bool ir_value_read_inline(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          json_t *json, void *memory, void *scope);

/* value_pending.c: integers that the user left out. */
bool ir_value_add_pending(struct ir_value_call *call, void *where, unsigned width,
                          const char *name);
/* Whether @expr reads an integer that has no value yet. */
bool ir_value_is_open(const struct ir_value_call *call, uint32_t expr, void *scope);
/* Whether @expr is @want, after giving the integer that it reads its value if that is open. */
bool ir_value_satisfy(struct ir_value_call *call, uint32_t expr, int64_t want, void *scope);
/* The end of a scope: all integers from the @from-th on must have a value. */
bool ir_value_all_given(struct ir_value_call *call, size_t from);
