/*
 * JSON to memory: arrays and strings, and the expressions that say how long they are.
 *
 * A string's terminator is an element of its own that the user does not write.
 */
#include <string.h>

#include "value_read.h"
#include "value_text.h"

static bool is_byte(unsigned kind)
{
    return kind == IRPC_NDR_BYTE || kind == IRPC_NDR_U8;
}

static bool is_character(unsigned kind)
{
    return kind == IRPC_NDR_CHAR || kind == IRPC_NDR_WCHAR;
}

/* {"hex": "..."}: its text, else NULL. */
static json_t *hex_of(json_t *json)
{
    json_t *hex = json_is_object(json) && json_object_size(json) == 1
                      ? json_object_get(json, IR_VALUE_HEX)
                      : NULL;
    return json_is_string(hex) ? hex : NULL;
}

/* How many elements @json has for elements of kind @kind; a terminator is not counted. */
static bool count_elements(struct ir_value_call *call, unsigned kind, json_t *json,
                           uint64_t *ret_count)
{
    json_t *hex = is_byte(kind) && json_is_string(json) ? json : NULL;

    if (hex == NULL && (is_byte(kind) || kind == IRPC_NDR_CHAR)) {
        hex = hex_of(json);
    }
    if (json_is_array(json)) {
        *ret_count = json_array_size(json);
        return true;
    }
    if (hex != NULL) {
        size_t n = 0;
        if (!ir_text_from_hex(json_string_value(hex), json_string_length(hex), NULL, &n)) {
            return ir_value_fail(call, "must be hexadecimal digits, two for each byte");
        }
        *ret_count = n;
        return true;
    }
    if (json_is_string(json) && kind == IRPC_NDR_CHAR) {
        *ret_count = json_string_length(json);
        return true;
    }
    if (json_is_string(json) && kind == IRPC_NDR_WCHAR) {
        *ret_count = ir_text_utf16_len(json_string_value(json), json_string_length(json));
        return true;
    }
    return ir_value_fail(call, "must be %s, not %s",
                         is_byte(kind)        ? "hexadecimal text or an array of numbers"
                         : is_character(kind) ? "text or an array of numbers"
                                              : "an array",
                         ir_value_json_kind(json));
}

static bool check_fixed(struct ir_value_call *call, const struct irpc_ndr_type *type,
                        const struct ir_value_extent *e)
{
    bool varying = (type->flags & IRPC_NDR_F_VARYING) != 0;

    if (e->count > type->n || e->first > type->n - e->count) {
        return ir_value_fail(call, "has %llu elements%s, there is room for %u",
                             (unsigned long long)e->count,
                             type->kind == IRPC_NDR_STRING ? " with the terminator" : "", type->n);
    }
    if (!varying && e->count != type->n) {
        return ir_value_fail(call, "has %llu elements, must have %u", (unsigned long long)e->count,
                             type->n);
    }
    return true;
}

static bool find_capacity(struct ir_value_call *call, const struct irpc_ndr_type *type, void *scope,
                          struct ir_value_extent *e)
{
    bool varying = (type->flags & IRPC_NDR_F_VARYING) != 0;
    uint64_t need = e->first + e->count;

    e->capacity = need;
    if ((type->flags & IRPC_NDR_F_CONFORMANT) == 0) {
        e->capacity = type->n;
        return check_fixed(call, type, e);
    }
    if (type->size == 0) {
        return true;
    }
    if (ir_value_satisfy(call, type->size, (int64_t)need, scope)) {
        return true;
    }
    int64_t size = ir_value_eval(call->unit, type->size, scope);
    if (varying && size >= 0 && (uint64_t)size >= need) {
        e->capacity = (uint64_t)size;
        return true;
    }
    return ir_value_fail(call,
                         "has %llu elements, but its size_is gives %lld; change one of them, "
                         "or leave the count out and it is filled in",
                         (unsigned long long)need, (long long)size);
}

bool ir_value_count(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                    uint64_t *ret_count)
{
    uint64_t n = 0;

    if (!count_elements(call, ir_value_type(call, type->ref)->kind, json, &n)) {
        return false;
    }
    *ret_count = type->kind == IRPC_NDR_STRING ? n + 1 : n;
    return true;
}

/* Count the elements, and make what says their number agree. */
bool ir_value_measure(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                      void *scope, struct ir_value_extent *ret_extent)
{
    struct ir_value_extent e = {0, 0, 0};

    if (!ir_value_count(call, type, json, &e.count)) {
        return false;
    }
    if (type->first != 0) {
        int64_t first = ir_value_is_open(call, type->first, scope) &&
                                ir_value_satisfy(call, type->first, 0, scope)
                            ? 0
                            : ir_value_eval(call->unit, type->first, scope);
        if (first < 0 || first > (int64_t)IR_VALUE_MAX_BYTES) {
            return ir_value_fail(call, "its first_is is %lld", (long long)first);
        }
        e.first = (uint64_t)first;
    }
    if (!find_capacity(call, type, scope, &e)) {
        return false;
    }
    if (type->length != 0 && !ir_value_satisfy(call, type->length, (int64_t)e.count, scope)) {
        return ir_value_fail(call,
                             "has %llu elements, but its length_is gives %lld; change one of "
                             "them, or leave the count out and it is filled in",
                             (unsigned long long)e.count,
                             (long long)ir_value_eval(call->unit, type->length, scope));
    }
    if (e.capacity > IR_VALUE_MAX_BYTES) {
        return ir_value_fail(call, "would have room for %llu elements; that is too many",
                             (unsigned long long)e.capacity);
    }
    *ret_extent = e;
    return true;
}

/* The elements that count_elements() counted, to memory that has room for them. */
static bool read_elements(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          json_t *json, uint8_t *memory, void *scope)
{
    const struct irpc_ndr_type *element = ir_value_type(call, type->ref);
    json_t *hex = hex_of(json);
    size_t n = 0;

    if (json_is_string(json) && is_byte(element->kind)) {
        hex = json;
    }
    if (hex != NULL) {
        (void)ir_text_from_hex(json_string_value(hex), json_string_length(hex), memory, &n);
        return true;
    }
    if (json_is_string(json) && element->kind == IRPC_NDR_CHAR) {
        memcpy(memory, json_string_value(json), json_string_length(json));
        return true;
    }
    if (json_is_string(json)) {
        ir_text_to_utf16(json_string_value(json), json_string_length(json),
                         (uint16_t *)(void *)memory);
        return true;
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        size_t at = ir_value_push_index(call, i);
        if (!ir_value_read(call, type->ref, json_array_get(json, i), memory + i * element->msize,
                           scope)) {
            return false;
        }
        ir_value_pop(call, at);
    }
    return true;
}

/* A C string ends at its first zero: one inside would silently cut it. */
static bool check_no_zero(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          const uint8_t *memory, uint64_t count)
{
    uint32_t size = ir_value_type(call, type->ref)->msize;

    for (uint64_t i = 0; i + 1 < count; i++) {
        if (ir_value_load(memory + i * size, size, false) == 0) {
            return ir_value_fail(call, "has a zero character inside; the terminator is added by "
                                       "itself");
        }
    }
    return true;
}

/* @memory has room for e->capacity elements and is zeroed. */
bool ir_value_read_extent(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          json_t *json, const struct ir_value_extent *e, uint8_t *memory,
                          void *scope)
{
    uint8_t *first = memory + e->first * ir_value_type(call, type->ref)->msize;

    return read_elements(call, type, json, first, scope) &&
           (type->kind != IRPC_NDR_STRING || check_no_zero(call, type, first, e->count));
}

bool ir_value_read_inline(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          json_t *json, void *memory, void *scope)
{
    struct ir_value_extent e = {0, 0, 0};

    if (!ir_value_measure(call, type, json, scope, &e)) {
        return false;
    }
    if ((type->flags & IRPC_NDR_F_CONFORMANT) != 0 && e.capacity > call->tail_capacity) {
        return ir_value_fail(call, "its size_is asks for %llu elements, %llu are given: give all",
                             (unsigned long long)e.capacity, (unsigned long long)e.count);
    }
    return ir_value_read_extent(call, type, json, &e, memory, scope);
}
