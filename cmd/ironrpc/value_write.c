/*
 * Memory to JSON: the results of a call, or its arguments.
 *
 * The interpreter has decoded and checked them: pointers are NULL or valid, strings have their
 * terminator, correlations hold as far as the interface lets them be checked. What is not
 * checked there is not followed here: arrays whose length nothing says, and arrays that are
 * exempt from the check ([disable_consistency_check]), are written as null. Nesting and number of
 * values are bounded, because full pointers can make a graph of a few bytes endless.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ironrpc/stub.h>

#include "base/alloc.h"
#include "value.h"
#include "value_text.h"

#define EXACT_IN_DOUBLE ((int64_t)1 << 53) /* larger numbers are written as text */

static json_t *write_value(struct ir_value_call *call, uint32_t index, const void *memory,
                           const void *scope);

static json_t *out_of_memory(struct ir_value_call *call)
{
    ir_value_fail(call, "out of memory");
    return NULL;
}

/* --- scalars --- */

static json_t *write_number(int64_t v, bool is_signed)
{
    char text[24];

    if (v >= -EXACT_IN_DOUBLE && v <= EXACT_IN_DOUBLE && (is_signed || v >= 0)) {
        return json_integer(v);
    }
    if (is_signed) {
        snprintf(text, sizeof(text), "%lld", (long long)v);
    } else {
        snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
    }
    return json_string(text);
}

static json_t *write_integer(const struct ir_value_call *call, const struct irpc_ndr_type *type,
                             int64_t v, bool is_signed)
{
    char text[2] = {(char)v, '\0'};

    if (type->kind == IRPC_NDR_ENUM16 || type->kind == IRPC_NDR_ENUM32) {
        for (uint32_t i = 0; i < type->n; i++) {
            const struct irpc_ndr_arm *arm = &call->unit->arms[type->ref + i];
            if (arm->tag == v) {
                return json_string(ir_value_name(call, arm->name));
            }
        }
    }
    if (type->kind == IRPC_NDR_BOOLEAN && (v == 0 || v == 1)) {
        return json_boolean(v == 1);
    }
    if ((type->kind == IRPC_NDR_CHAR || type->kind == IRPC_NDR_WCHAR) && v > ' ' && v < 0x7f &&
        (v < '0' || v > '9')) {
        return json_string(text);
    }
    return write_number(v, is_signed);
}

static json_t *write_scalar(const struct ir_value_call *call, const struct irpc_ndr_type *type,
                            const void *memory)
{
    unsigned width = 0;
    bool is_signed = false;

    if (!ir_value_integer(type->kind, &width, &is_signed)) {
        return json_null();
    }
    return write_integer(call, type, ir_value_load(memory, width, is_signed), is_signed);
}

static json_t *write_float(const struct irpc_ndr_type *type, const void *memory)
{
    double v = 0;
    float f = 0;
    char text[32];

    if (type->kind == IRPC_NDR_F32) {
        memcpy(&f, memory, sizeof(f));
        /* The shortest text that is this float, so that 0.1f does not become 0.10000000149. */
        for (int digits = 6; digits <= 9; digits++) {
            snprintf(text, sizeof(text), "%.*g", digits, (double)f);
            v = strtod(text, NULL);
            if ((float)v == f) {
                break;
            }
        }
        v = isfinite(f) ? v : (double)f;
    } else {
        memcpy(&v, memory, sizeof(v));
    }
    if (isnan(v)) {
        return json_string("NaN");
    }
    return isinf(v) ? json_string(v > 0 ? "Infinity" : "-Infinity") : json_real(v);
}

static json_t *write_uuid(const void *memory)
{
    struct irpc_uuid uuid;
    char text[IRPC_UUID_TEXT_LEN];

    memcpy(&uuid, memory, sizeof(uuid));
    irpc_uuid_format(&uuid, text);
    return json_string(text);
}

static json_t *write_handle(const void *memory)
{
    struct irpc_context_handle handle;
    char text[IRPC_UUID_TEXT_LEN];

    memcpy(&handle, memory, sizeof(handle));
    irpc_uuid_format(&handle.uuid, text);
    if (handle.attributes != 0) {
        return json_pack("{s:I, s:s}", "attributes", (json_int_t)handle.attributes, "uuid", text);
    }
    return irpc_uuid_is_nil(&handle.uuid) ? json_null() : json_string(text);
}

/* --- arrays and strings --- */

static json_t *write_hex(const uint8_t *bytes, size_t n)
{
    char *text = ir_alloc(2 * n + 1);
    json_t *json = NULL;

    if (text != NULL) {
        ir_text_to_hex(bytes, n, text);
        json = json_stringn_nocheck(text, 2 * n);
        ir_free(text);
    }
    return json;
}

/* Text if it is UTF-8, else its bytes. */
static json_t *write_chars(const uint8_t *bytes, size_t n)
{
    json_t *json = json_stringn((const char *)bytes, n);

    if (json == NULL) {
        json_t *hex = write_hex(bytes, n);
        json = hex == NULL ? NULL : json_pack("{s:o}", IR_VALUE_HEX, hex);
    }
    return json;
}

/* Text, NULL if a surrogate stands alone or memory is short. */
static json_t *write_wchars(const uint8_t *memory, size_t n)
{
    char *text = ir_alloc(3 * n + 1);
    size_t len = 0;
    json_t *json = NULL;

    if (text != NULL && ir_text_from_utf16((const uint16_t *)(const void *)memory, n, text, &len)) {
        json = json_stringn_nocheck(text, len);
    }
    ir_free(text);
    return json;
}

static json_t *write_elements(struct ir_value_call *call, uint32_t index, const uint8_t *memory,
                              uint64_t n, const void *scope)
{
    const struct irpc_ndr_type *element = &call->unit->types[index];
    json_t *array = NULL, *text = NULL;

    if (element->kind == IRPC_NDR_BYTE || element->kind == IRPC_NDR_U8) {
        return write_hex(memory, (size_t)n);
    }
    if (element->kind == IRPC_NDR_CHAR) {
        return write_chars(memory, (size_t)n);
    }
    text = element->kind == IRPC_NDR_WCHAR ? write_wchars(memory, (size_t)n) : NULL;
    array = text == NULL ? json_array() : text;
    for (uint64_t i = 0; i < n && array != NULL && text == NULL; i++) {
        size_t at = ir_value_push_index(call, i);
        json_t *value = write_value(call, index, memory + i * element->msize, scope);
        ir_value_pop(call, at);
        if (value == NULL || json_array_append_new(array, value) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

static uint64_t at_most(int64_t v, uint64_t limit)
{
    return v < 0 ? 0 : (uint64_t)v < limit ? (uint64_t)v : limit;
}

static json_t *write_array(struct ir_value_call *call, const struct irpc_ndr_type *type,
                           const uint8_t *memory, const void *scope)
{
    const struct irpc_ndr_unit *unit = call->unit;
    uint64_t first = 0, n = type->n;

    if ((type->flags & IRPC_NDR_F_NOCHECK) != 0) {
        return json_null();
    }
    if ((type->flags & IRPC_NDR_F_CONFORMANT) != 0) {
        if (type->size == 0) {
            return json_null();
        }
        n = at_most(ir_value_eval(unit, type->size, scope), UINT32_MAX);
    }
    if (type->first != 0) {
        first = at_most(ir_value_eval(unit, type->first, scope), n);
        n -= first;
    }
    if (type->length != 0) {
        n = at_most(ir_value_eval(unit, type->length, scope), n);
    }
    return write_elements(call, type->ref, memory + first * unit->types[type->ref].msize, n, scope);
}

static json_t *write_string(struct ir_value_call *call, const struct irpc_ndr_type *type,
                            const uint8_t *memory, const void *scope)
{
    uint32_t size = call->unit->types[type->ref].msize;
    bool conformant = (type->flags & IRPC_NDR_F_CONFORMANT) != 0;
    uint64_t n = 0;

    while ((conformant || n < type->n) && ir_value_load(memory + n * size, size, false) != 0) {
        n++;
    }
    return write_elements(call, type->ref, memory, n, scope);
}

static json_t *write_pipe(struct ir_value_call *call, const struct irpc_ndr_type *type,
                          const struct irpc_pipe *pipe, const void *scope)
{
    json_t *array = json_array();
    uint64_t i = 0;

    for (const struct irpc_pipe_chunk *c = pipe->first; c != NULL && array != NULL; c = c->next) {
        size_t at = ir_value_push_index(call, i++);
        json_t *chunk = write_elements(call, type->ref, c->elements, c->n, scope);
        ir_value_pop(call, at);
        if (chunk == NULL || json_array_append_new(array, chunk) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

/* --- structs, unions, pointers --- */

static bool put(struct ir_value_call *call, json_t *object, const char *name, uint32_t type,
                const void *memory, const void *scope)
{
    size_t at = ir_value_push_name(call, name);
    json_t *value = write_value(call, type, memory, scope);

    ir_value_pop(call, at);
    return value != NULL && json_object_set_new_nocheck(object, name, value) == 0;
}

static json_t *write_struct(struct ir_value_call *call, const struct irpc_ndr_type *type,
                            const uint8_t *memory)
{
    if ((type->flags & IRPC_NDR_F_UUID) != 0) {
        return write_uuid(memory);
    }
    json_t *object = json_object();
    for (uint32_t i = 0; i < type->n && object != NULL; i++) {
        const struct irpc_ndr_field *f = &call->unit->fields[type->ref + i];

        if (!put(call, object, ir_value_name(call, f->name), f->type, memory + f->moff, memory)) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *write_union(struct ir_value_call *call, const struct irpc_ndr_type *type,
                           const uint8_t *memory, const void *scope)
{
    const struct irpc_ndr_unit *unit = call->unit;
    const struct irpc_ndr_type *disc = &unit->types[type->size];
    const char *name = IR_VALUE_DEFAULT;
    uint32_t arm = (type->flags & IRPC_NDR_F_DEFAULT) != 0 ? type->first : 0;
    int64_t tag = 0;
    unsigned width = 0;
    bool is_signed = false;

    ir_value_integer(disc->kind, &width, &is_signed);
    if ((type->flags & IRPC_NDR_F_ENCAPSULATED) != 0) {
        tag = ir_value_load(memory, width, is_signed);
        memory += type->aux;
    } else {
        tag = ir_value_narrow(disc->kind, ir_value_eval(unit, type->length, scope));
    }
    for (uint32_t i = 0; i < type->n; i++) {
        if (unit->arms[type->ref + i].tag == tag) {
            arm = unit->arms[type->ref + i].type;
            name = ir_value_name(call, unit->arms[type->ref + i].name);
            break;
        }
    }
    json_t *object = json_object();
    json_t *chosen = write_integer(call, disc, tag, is_signed);
    if (object == NULL || chosen == NULL ||
        json_object_set_new(object, IR_VALUE_CASE, chosen) != 0 ||
        (arm != 0 && !put(call, object, name, arm, memory, scope))) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *write_pointer(struct ir_value_call *call, const struct irpc_ndr_type *type,
                             const void *memory, const void *scope)
{
    const void *pointee = NULL;

    memcpy(&pointee, memory, sizeof(pointee));
    if (pointee == NULL) {
        return json_null();
    }
    json_t *value = write_value(call, type->ref, pointee, scope);
    if (value != NULL && ir_value_is_double_pointer(call->unit, type)) {
        value = json_pack("{s:o}", IR_VALUE_TO, value);
    }
    return value;
}

static json_t *write_compound(struct ir_value_call *call, const struct irpc_ndr_type *type,
                              const void *memory, const void *scope)
{
    switch (type->kind) {
    case IRPC_NDR_STRUCT:
        return write_struct(call, type, memory);
    case IRPC_NDR_UNION:
        return write_union(call, type, memory, scope);
    case IRPC_NDR_ARRAY:
        return write_array(call, type, memory, scope);
    case IRPC_NDR_STRING:
        return write_string(call, type, memory, scope);
    case IRPC_NDR_POINTER:
        return write_pointer(call, type, memory, scope);
    case IRPC_NDR_CONTEXT:
        return write_handle(memory);
    case IRPC_NDR_PIPE:
        return write_pipe(call, type, memory, scope);
    case IRPC_NDR_IGNORED:
        return json_null();
    case IRPC_NDR_F32:
    case IRPC_NDR_F64:
        return write_float(type, memory);
    default:
        return write_scalar(call, type, memory);
    }
}

static json_t *write_value(struct ir_value_call *call, uint32_t index, const void *memory,
                           const void *scope)
{
    if (call->depth == IR_VALUE_DEPTH) {
        ir_value_fail(call, "results nest deeper than %u", IR_VALUE_DEPTH);
        return NULL;
    }
    if (call->nodes == IR_VALUE_NODES) {
        ir_value_fail(call, "the result has more than %u values", IR_VALUE_NODES);
        return NULL;
    }
    call->depth++;
    call->nodes++;
    json_t *json = write_compound(call, &call->unit->types[index], memory, scope);
    call->depth--;
    if (json == NULL && call->error[0] == '\0') {
        return out_of_memory(call);
    }
    return json;
}

/* --- parameters --- */

json_t *ir_value_parameters(struct ir_value_call *call, uint32_t flag)
{
    json_t *object = json_object();

    call->error[0] = '\0';
    if (object == NULL) {
        return out_of_memory(call);
    }
    for (uint16_t i = 0; i < call->op->n_params; i++) {
        const struct irpc_ndr_param *p = &call->unit->params[call->op->first_param + i];
        bool is_return = (p->flags & IRPC_NDR_P_RETURN) != 0;
        const char *name = is_return ? IR_VALUE_RETURN : ir_value_name(call, p->name);

        if ((p->flags & flag) == 0 || call->unit->types[p->type].kind == IRPC_NDR_NONE) {
            continue;
        }
        if (!put(call, object, name, p->type, call->args + p->moff, call->args)) {
            json_decref(object);
            return call->error[0] != '\0' ? NULL : out_of_memory(call);
        }
    }
    return object;
}

json_t *ir_value_results(struct ir_value_call *call)
{
    return ir_value_parameters(call, IRPC_NDR_P_OUT);
}
