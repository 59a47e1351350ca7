/*
 * JSON to memory: numbers, enumerators, UUIDs, context handles.
 *
 * 64-bit numbers may be written as text, because many JSON writers keep only 53 bits of a number.
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ironrpc/stub.h>

#include "value_read.h"
#include "value_text.h"

const char *ir_value_json_kind(const json_t *json)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",  [JSON_STRING] = "text",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a fraction", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null"};
    return json == NULL ? "nothing" : names[json_typeof(json)];
}

/* Decimal or hexadecimal (0x) text, over the whole range of both 64-bit kinds. */
static bool parse_integer(const char *text, bool is_signed, int64_t *ret_value)
{
    char *end = NULL;
    errno = 0;
    bool negative = text[0] == '-';
    const char *digits = text + negative;
    bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');

    if (digits[0] < '0' || digits[0] > '9') {
        return false;
    }
    unsigned long long v = strtoull(digits, &end, hex ? 16 : 10);
    if (errno != 0 || *end != '\0') {
        return false;
    }
    if (negative) {
        if (!is_signed || v > (uint64_t)INT64_MAX + 1) {
            return false;
        }
        *ret_value = (int64_t)(0 - v);
        return true;
    }
    if (is_signed && v > INT64_MAX) {
        return false;
    }
    *ret_value = (int64_t)v;
    return true;
}

static bool out_of_range(struct ir_value_call *call, unsigned width, bool is_signed)
{
    uint64_t max = width == 8 ? UINT64_MAX : ((uint64_t)1 << width * 8) - 1;

    if (is_signed) {
        return ir_value_fail(call, "must be between %lld and %lld", -(long long)(max / 2) - 1,
                             (long long)(max / 2));
    }
    return ir_value_fail(call, "must be between 0 and %llu", (unsigned long long)max);
}

static bool read_enum_name(struct ir_value_call *call, const struct irpc_ndr_type *type,
                           const char *text, int64_t *ret_value)
{
    char names[200];
    size_t len = 0;

    names[0] = '\0';
    for (uint32_t i = 0; i < type->n; i++) {
        const struct irpc_ndr_arm *arm = &call->unit->arms[type->ref + i];
        const char *name = ir_value_name(call, arm->name);

        if (strcmp(name, text) == 0) {
            *ret_value = arm->tag;
            return true;
        }
        ir_text_list(names, sizeof(names), &len, name);
    }
    return ir_value_fail(call, "no enumerator \"%.60s\"; there are %s", text, names);
}

bool ir_value_get_integer(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          json_t *json, int64_t *ret_value)
{
    unsigned width = 0;
    bool is_signed = false;
    bool is_enum = type->kind == IRPC_NDR_ENUM16 || type->kind == IRPC_NDR_ENUM32;
    int64_t v = 0;

    ir_value_integer(type->kind, &width, &is_signed);
    if (json_is_integer(json)) {
        v = json_integer_value(json);
        if (v < 0 && !is_signed) {
            return out_of_range(call, width, is_signed);
        }
    } else if (json_is_boolean(json) && type->kind == IRPC_NDR_BOOLEAN) {
        v = json_is_true(json);
    } else if (json_is_string(json) && type->kind == IRPC_NDR_CHAR &&
               json_string_length(json) == 1) {
        v = (unsigned char)json_string_value(json)[0]; /* its bits are what counts */
    } else if (json_is_string(json) && type->kind == IRPC_NDR_WCHAR &&
               ir_text_utf16_len(json_string_value(json), json_string_length(json)) == 1) {
        uint16_t unit = 0;
        ir_text_to_utf16(json_string_value(json), json_string_length(json), &unit);
        v = unit;
    } else if (json_is_string(json) && parse_integer(json_string_value(json), is_signed, &v)) {
        /* text because JSON's numbers are too small for it, or because it is hexadecimal */
    } else if (json_is_string(json) && is_enum) {
        if (!read_enum_name(call, type, json_string_value(json), &v)) {
            return false;
        }
    } else if (json_is_string(json)) {
        return ir_value_fail(call, "\"%.40s\" is not a number of its range",
                             json_string_value(json));
    } else {
        return ir_value_fail(call, "must be %s, not %s",
                             is_enum                          ? "an enumerator's name or a number"
                             : type->kind == IRPC_NDR_BOOLEAN ? "true or false"
                                                              : "a number",
                             ir_value_json_kind(json));
    }
    /* A char may be written as an unsigned byte. */
    bool fits = width == 8 || (is_signed ? v >= -((int64_t)1 << (width * 8 - 1)) &&
                                               v < ((int64_t)1 << (width * 8 - 1))
                                         : v >= 0 && v < (int64_t)1 << width * 8);
    fits = fits || (type->kind == IRPC_NDR_CHAR && v >= 0 && v <= 255);
    if (!fits) {
        return out_of_range(call, width, is_signed);
    }
    *ret_value = v;
    return true;
}

bool ir_value_read_integer(struct ir_value_call *call, const struct irpc_ndr_type *type,
                           json_t *json, void *memory)
{
    unsigned width = 0;
    bool is_signed = false;
    int64_t v = 0;

    if (!ir_value_get_integer(call, type, json, &v)) {
        return false;
    }
    ir_value_integer(type->kind, &width, &is_signed);
    ir_value_store(memory, width, v);
    return true;
}

bool ir_value_read_float(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                         void *memory)
{
    double v = 0;

    if (json_is_number(json)) {
        v = json_number_value(json);
    } else if (json_is_string(json) && strcmp(json_string_value(json), "NaN") == 0) {
        v = (double)NAN;
    } else if (json_is_string(json) && strcmp(json_string_value(json), "Infinity") == 0) {
        v = HUGE_VAL;
    } else if (json_is_string(json) && strcmp(json_string_value(json), "-Infinity") == 0) {
        v = -HUGE_VAL;
    } else {
        return ir_value_fail(call,
                             "must be a number or \"NaN\", \"Infinity\", \"-Infinity\", "
                             "not %s",
                             ir_value_json_kind(json));
    }
    if (type->kind == IRPC_NDR_F64) {
        memcpy(memory, &v, sizeof(v));
        return true;
    }
    if (isfinite(v) && fabs(v) > (double)FLT_MAX) {
        return ir_value_fail(call, "is too large for a float");
    }
    float f = (float)v;
    memcpy(memory, &f, sizeof(f));
    return true;
}

bool ir_value_read_uuid(struct ir_value_call *call, json_t *json, void *memory)
{
    struct irpc_uuid uuid;

    if (!json_is_string(json) || irpc_uuid_parse(json_string_value(json), &uuid) != IRPC_OK) {
        return ir_value_fail(call,
                             "must be a UUID as text, "
                             "\"12345678-1234-1234-1234-123456789abc\", not %s",
                             json_is_string(json) ? "this text" : ir_value_json_kind(json));
    }
    memcpy(memory, &uuid, sizeof(uuid));
    return true;
}

/* A context handle: null, a UUID, or {"attributes": n, "uuid": "..."}. */
bool ir_value_read_handle(struct ir_value_call *call, json_t *json, void *memory)
{
    struct irpc_context_handle handle = {0};
    json_t *uuid = json_is_object(json) ? json_object_get(json, "uuid") : json;
    json_t *attributes = json_is_object(json) ? json_object_get(json, "attributes") : NULL;

    if (json_is_null(json)) {
        memcpy(memory, &handle, sizeof(handle));
        return true;
    }
    if (attributes != NULL && !json_is_integer(attributes)) {
        return ir_value_fail(call, "\"attributes\" of a context handle must be a number");
    }
    if (uuid == NULL || !ir_value_read_uuid(call, uuid, &handle.uuid)) {
        return ir_value_fail(call, "must be a context handle as an earlier call returned it, or "
                                   "null");
    }
    handle.attributes = attributes == NULL ? 0 : (uint32_t)json_integer_value(attributes);
    memcpy(memory, &handle, sizeof(handle));
    return true;
}
