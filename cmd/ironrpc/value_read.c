/*
 * JSON to memory: the arguments of a call; structs, unions, pointers.
 *
 * Members of a struct (parameters of an operation) are read in two passes: integers first, then
 * everything whose size, length or case they say. An integer that the user left out is pending
 * until an array, string or union of the same scope says what it has to be; what is still pending
 * at the end of the scope is missing.
 *
 * What a type requires of its values beyond their form (range, consistency) is left to the
 * interpreter, which refuses to send what cannot be sent. Recursion is bounded by the depth that
 * the JSON parser accepts and by the nesting of types.
 */
#include <string.h>

#include <ironrpc/stub.h>

#include "value_read.h"
#include "value_text.h"

static void *allocate(struct ir_value_call *call, uint64_t size)
{
    void *p = size > IR_VALUE_MAX_BYTES ? NULL : ir_arena_zalloc(&call->arena, (size_t)size);

    if (p == NULL) {
        ir_value_fail(call, "needs %llu bytes; all arguments together may have %u MiB",
                      (unsigned long long)size, IR_VALUE_MAX_BYTES >> 20);
    }
    return p;
}

/* A field or a parameter. */
struct member {
    uint32_t type;
    uint8_t *memory;
    const char *name;
};

/* --- structs --- */

/* The type behind [ref] pointers, if it is an integer that may be left out. */
static bool is_integer_member(const struct ir_value_call *call, uint32_t index)
{
    const struct irpc_ndr_type *type = ir_value_type(call, index);
    unsigned width = 0;
    bool is_signed = false;

    while (type->kind == IRPC_NDR_POINTER && type->n == IRPC_NDR_PTR_REF) {
        type = ir_value_type(call, type->ref);
    }
    return ir_value_integer(type->kind, &width, &is_signed);
}

static bool leave_pending(struct ir_value_call *call, const struct member *m)
{
    const struct irpc_ndr_type *type = ir_value_type(call, m->type);
    uint8_t *memory = m->memory;
    unsigned width = 0;
    bool is_signed = false;

    while (type->kind == IRPC_NDR_POINTER) {
        type = ir_value_type(call, type->ref);
        uint8_t *pointee = allocate(call, type->msize);
        if (pointee == NULL) {
            return false;
        }
        memcpy(memory, &pointee, sizeof(pointee));
        memory = pointee;
    }
    ir_value_integer(type->kind, &width, &is_signed);
    return ir_value_add_pending(call, memory, width, m->name);
}

/* A member that the object does not have: NULL where that is a value. */
static bool leave_out(struct ir_value_call *call, const struct member *m)
{
    const struct irpc_ndr_type *type = ir_value_type(call, m->type);
    bool nullable = (type->kind == IRPC_NDR_POINTER && type->n != IRPC_NDR_PTR_REF) ||
                    type->kind == IRPC_NDR_CONTEXT || type->kind == IRPC_NDR_NONE ||
                    type->kind == IRPC_NDR_IGNORED;
    size_t at = ir_value_push_name(call, m->name);

    if (!nullable) {
        return ir_value_fail(call, "is missing");
    }
    ir_value_pop(call, at);
    return true;
}

static bool read_member(struct ir_value_call *call, const struct member *m, json_t *json,
                        void *scope)
{
    size_t at = ir_value_push_name(call, m->name);

    if (!ir_value_read(call, m->type, json, m->memory, scope)) {
        return false;
    }
    ir_value_pop(call, at);
    return true;
}

static bool read_members(struct ir_value_call *call, const struct member *members, uint32_t n,
                         json_t *json, void *scope)
{
    size_t from = call->n_pending;

    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < n; i++) {
            const struct member *m = &members[i];
            json_t *value = json_object_get(json, m->name);
            bool integer = is_integer_member(call, m->type);

            if (integer != (pass == 0)) {
                continue;
            }
            bool good = value != NULL ? read_member(call, m, value, scope)
                        : integer     ? leave_pending(call, m)
                                      : leave_out(call, m);
            if (!good) {
                return false;
            }
        }
    }
    return ir_value_all_given(call, from);
}

/* Every key of @json must be the name of a member. */
static bool check_keys(struct ir_value_call *call, const struct member *members, uint32_t n,
                       json_t *json)
{
    for (void *it = json_object_iter(json); it != NULL; it = json_object_iter_next(json, it)) {
        const char *key = json_object_iter_key(it);
        char names[200] = "";
        size_t len = 0;
        uint32_t i = 0;

        for (; i < n && strcmp(members[i].name, key) != 0; i++) {
            ir_text_list(names, sizeof(names), &len, members[i].name);
        }
        if (i == n) {
            return ir_value_fail(call, "\"%.60s\" is not expected here; known: %s", key,
                                 n == 0 ? "nothing" : names);
        }
    }
    return true;
}

static bool need_object(struct ir_value_call *call, json_t *json)
{
    return json_is_object(json) ||
           ir_value_fail(call, "must be an object, not %s", ir_value_json_kind(json));
}

static bool read_struct(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                        uint8_t *memory)
{
    if ((type->flags & IRPC_NDR_F_UUID) != 0) {
        return ir_value_read_uuid(call, json, memory);
    }
    if (!need_object(call, json)) {
        return false;
    }
    struct member *members = allocate(call, (uint64_t)type->n * sizeof(*members));
    if (members == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < type->n; i++) {
        const struct irpc_ndr_field *f = &call->unit->fields[type->ref + i];
        members[i] = (struct member){f->type, memory + f->moff, ir_value_name(call, f->name)};
    }
    return check_keys(call, members, type->n, json) &&
           read_members(call, members, type->n, json, memory);
}

/* --- unions --- */

/* The only key of @json besides "case", NULL if there is none. */
static bool find_arm_key(struct ir_value_call *call, json_t *json, const char **ret_key)
{
    const char *found = NULL;

    for (void *it = json_object_iter(json); it != NULL; it = json_object_iter_next(json, it)) {
        const char *key = json_object_iter_key(it);

        if (strcmp(key, IR_VALUE_CASE) == 0) {
            continue;
        }
        if (found != NULL) {
            return ir_value_fail(call, "a union has one member: \"%.60s\" or \"%.60s\"", found,
                                 key);
        }
        found = key;
    }
    *ret_key = found;
    return true;
}

static bool list_arms(struct ir_value_call *call, const struct irpc_ndr_type *type,
                      const char *wrong)
{
    char names[200] = "";
    size_t len = 0;
    const char *before = "";

    for (uint32_t i = 0; i < type->n; i++) {
        const char *name = ir_value_name(call, call->unit->arms[type->ref + i].name);

        if (name[0] != '\0' && strcmp(name, before) != 0) {
            ir_text_list(names, sizeof(names), &len, name);
        }
        before = name;
    }
    if (wrong == NULL) {
        return ir_value_fail(call, "needs \"case\" or one of the members: %s", names);
    }
    return ir_value_fail(call, "has no member \"%.60s\"; there are: %s", wrong, names);
}

/* The tag, from "case", from switch_is, or from the name of the member. */
static bool find_tag(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                     const char *key, void *scope, int64_t *ret_tag)
{
    json_t *chosen = json_object_get(json, IR_VALUE_CASE);
    bool encapsulated = (type->flags & IRPC_NDR_F_ENCAPSULATED) != 0;
    uint32_t n = 0;

    if (chosen != NULL) {
        size_t at = ir_value_push_name(call, IR_VALUE_CASE);
        bool good = ir_value_get_integer(call, ir_value_type(call, type->size), chosen, ret_tag);
        if (good) {
            ir_value_pop(call, at);
        }
        return good;
    }
    if (!encapsulated && !ir_value_is_open(call, type->length, scope)) {
        *ret_tag = ir_value_narrow(ir_value_type(call, type->size)->kind,
                                   ir_value_eval(call->unit, type->length, scope));
        return true;
    }
    for (uint32_t i = 0; i < type->n && key != NULL; i++) {
        const struct irpc_ndr_arm *arm = &call->unit->arms[type->ref + i];

        if (strcmp(ir_value_name(call, arm->name), key) == 0) {
            *ret_tag = arm->tag;
            n++;
        }
    }
    if (n > 1 || (key != NULL && strcmp(key, IR_VALUE_DEFAULT) == 0)) {
        return ir_value_fail(call, "several tags mean \"%.60s\": say which with \"case\"", key);
    }
    return n == 1 || list_arms(call, type, key);
}

/* Type and name of the arm of @tag. */
static bool find_arm(struct ir_value_call *call, const struct irpc_ndr_type *type, int64_t tag,
                     uint32_t *ret_type, const char **ret_name)
{
    for (uint32_t i = 0; i < type->n; i++) {
        const struct irpc_ndr_arm *arm = &call->unit->arms[type->ref + i];

        if (arm->tag == tag) {
            *ret_type = arm->type;
            *ret_name = ir_value_name(call, arm->name);
            return true;
        }
    }
    if ((type->flags & IRPC_NDR_F_DEFAULT) == 0) {
        return ir_value_fail(call, "the union has no case %lld", (long long)tag);
    }
    *ret_type = type->first;
    *ret_name = IR_VALUE_DEFAULT;
    return true;
}

static bool read_arm(struct ir_value_call *call, uint32_t index, const char *name, json_t *value,
                     void *memory, void *scope)
{
    const struct irpc_ndr_type *type = ir_value_type(call, index);
    struct member m = {index, memory, name};

    if (value != NULL) {
        return read_member(call, &m, value, scope);
    }
    return index == 0 || type->kind == IRPC_NDR_NONE || leave_out(call, &m);
}

static bool read_union(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                       uint8_t *memory, void *scope)
{
    const struct irpc_ndr_type *disc = ir_value_type(call, type->size);
    const char *key = NULL, *name = NULL;
    int64_t tag = 0;
    uint32_t arm = 0;
    unsigned width = 0;
    bool is_signed = false;

    if (!need_object(call, json) || !find_arm_key(call, json, &key) ||
        !find_tag(call, type, json, key, scope, &tag) || !find_arm(call, type, tag, &arm, &name)) {
        return false;
    }
    if (key != NULL && (strcmp(key, name) != 0 || arm == 0)) {
        return ir_value_fail(call, "case %lld is %s%s, not \"%.60s\"", (long long)tag,
                             arm == 0 ? "empty" : "member ", arm == 0 ? "" : name, key);
    }
    if ((type->flags & IRPC_NDR_F_ENCAPSULATED) != 0) {
        ir_value_integer(disc->kind, &width, &is_signed);
        ir_value_store(memory, width, tag);
        memory += type->aux;
    } else if (!ir_value_satisfy(call, type->length, tag, scope) &&
               ir_value_narrow(disc->kind, ir_value_eval(call->unit, type->length, scope)) != tag) {
        return ir_value_fail(call,
                             "is case %lld, but its switch_is gives %lld; change one of "
                             "them, or leave the latter out and it is filled in",
                             (long long)tag,
                             (long long)ir_value_eval(call->unit, type->length, scope));
    }
    return read_arm(call, arm, name, key == NULL ? NULL : json_object_get(json, key), memory,
                    scope);
}

/* --- pointers --- */

/* Memory of a conformant struct and elements of its array, at the end of the structs inside it. */
static bool measure_struct(struct ir_value_call *call, const struct irpc_ndr_type *type,
                           json_t *json, uint64_t *ret_size, uint64_t *ret_count)
{
    uint64_t size = type->msize, offset = 0, count = 0;

    while (type->kind == IRPC_NDR_STRUCT && type->n > 0) {
        const struct irpc_ndr_field *last = &call->unit->fields[type->ref + type->n - 1];

        offset += last->moff;
        type = ir_value_type(call, last->type);
        json = json_is_object(json) ? json_object_get(json, ir_value_name(call, last->name)) : NULL;
    }
    bool is_array = type->kind == IRPC_NDR_ARRAY || type->kind == IRPC_NDR_STRING;
    if (is_array && json != NULL && !ir_value_count(call, type, json, &count)) {
        return false;
    }
    if (is_array) {
        offset += count * ir_value_type(call, type->ref)->msize;
    }
    *ret_size = offset > size ? offset : size;
    *ret_count = count;
    return true;
}

static bool read_array_pointee(struct ir_value_call *call, const struct irpc_ndr_type *type,
                               json_t *json, void **slot, void *scope)
{
    struct ir_value_extent e = {0, 0, 0};

    if (!ir_value_measure(call, type, json, scope, &e)) {
        return false;
    }
    void *memory = allocate(call, e.capacity * ir_value_type(call, type->ref)->msize);
    if (memory == NULL) {
        return false;
    }
    memcpy(slot, &memory, sizeof(memory));
    return ir_value_read_extent(call, type, json, &e, memory, scope);
}

static bool read_pointee(struct ir_value_call *call, uint32_t index, json_t *json, void **slot,
                         void *scope)
{
    const struct irpc_ndr_type *type = ir_value_type(call, index);
    uint64_t size = type->msize, before = call->tail_capacity;

    if (type->kind == IRPC_NDR_ARRAY || type->kind == IRPC_NDR_STRING) {
        return read_array_pointee(call, type, json, slot, scope);
    }
    if (type->kind == IRPC_NDR_STRUCT && (type->flags & IRPC_NDR_F_CONFORMANT) != 0 &&
        !measure_struct(call, type, json, &size, &call->tail_capacity)) {
        return false;
    }
    void *memory = allocate(call, size);
    if (memory == NULL) {
        return false;
    }
    memcpy(slot, &memory, sizeof(memory));
    if (!ir_value_read(call, index, json, memory, scope)) {
        return false;
    }
    call->tail_capacity = before;
    return true;
}

static bool read_pointer(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                         void *memory, void *scope)
{
    if (json_is_null(json) && type->n != IRPC_NDR_PTR_REF) {
        return true;
    }
    if (json_is_null(json) && ir_value_type(call, type->ref)->kind != IRPC_NDR_POINTER &&
        ir_value_type(call, type->ref)->kind != IRPC_NDR_CONTEXT) {
        return ir_value_fail(call, "is a [ref] pointer, which cannot be null");
    }
    if (ir_value_is_double_pointer(call->unit, type) && json_is_object(json) &&
        json_object_size(json) == 1 && json_object_get(json, IR_VALUE_TO) != NULL) {
        json = json_object_get(json, IR_VALUE_TO);
    }
    return read_pointee(call, type->ref, json, memory, scope);
}

/* --- pipes --- */

static bool read_chunk(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                       struct irpc_pipe *pipe, void *scope)
{
    struct ir_value_extent e = {0, 0, 0};

    if (!ir_value_count(call, type, json, &e.count)) {
        return false;
    }
    if (e.count == 0 || e.count > UINT32_MAX) {
        return ir_value_fail(call,
                             "has %llu elements; a chunk has at least one, and an empty pipe "
                             "has no chunk: []",
                             (unsigned long long)e.count);
    }
    struct irpc_pipe_chunk *chunk = allocate(call, sizeof(*chunk));
    void *elements = allocate(call, e.count * ir_value_type(call, type->ref)->msize);
    if (chunk == NULL || elements == NULL) {
        return false;
    }
    e.capacity = e.count;
    chunk->n = (uint32_t)e.count;
    chunk->elements = elements;
    irpc_pipe_append(pipe, chunk);
    return ir_value_read_extent(call, type, json, &e, elements, scope);
}

/* An array of chunks; text alone is one chunk. */
static bool read_pipe(struct ir_value_call *call, const struct irpc_ndr_type *type, json_t *json,
                      struct irpc_pipe *pipe, void *scope)
{
    if (!json_is_array(json)) {
        return read_chunk(call, type, json, pipe, scope);
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        size_t at = ir_value_push_index(call, i);
        if (!read_chunk(call, type, json_array_get(json, i), pipe, scope)) {
            return false;
        }
        ir_value_pop(call, at);
    }
    return true;
}

/* --- anything --- */

bool ir_value_read(struct ir_value_call *call, uint32_t index, json_t *json, void *memory,
                   void *scope)
{
    const struct irpc_ndr_type *type = ir_value_type(call, index);

    switch (type->kind) {
    case IRPC_NDR_NONE:
        return true;
    case IRPC_NDR_F32:
    case IRPC_NDR_F64:
        return ir_value_read_float(call, type, json, memory);
    case IRPC_NDR_STRUCT:
        return read_struct(call, type, json, memory);
    case IRPC_NDR_UNION:
        return read_union(call, type, json, memory, scope);
    case IRPC_NDR_ARRAY:
    case IRPC_NDR_STRING:
        return ir_value_read_inline(call, type, json, memory, scope);
    case IRPC_NDR_POINTER:
        return read_pointer(call, type, json, memory, scope);
    case IRPC_NDR_CONTEXT:
        return ir_value_read_handle(call, json, memory);
    case IRPC_NDR_PIPE:
        return read_pipe(call, type, json, memory, scope);
    case IRPC_NDR_IGNORED:
        return json_is_null(json) || ir_value_fail(call, "is [ignore], so it can only be null");
    default:
        return ir_value_read_integer(call, type, json, memory);
    }
}

/* --- arguments --- */

bool ir_value_set_args(struct ir_value_call *call, json_t *json)
{
    const struct irpc_ndr_op *op = call->op;
    uint32_t n = 0;

    if (!need_object(call, json)) {
        return false;
    }
    uint64_t members_size = (uint64_t)op->n_params * sizeof(struct member);
    struct member *members = allocate(call, members_size);
    call->args = allocate(call, op->args_size);
    if (members == NULL || call->args == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < op->n_params; i++) {
        const struct irpc_ndr_param *p = &call->unit->params[op->first_param + i];
        const char *name = ir_value_name(call, p->name);

        if ((p->flags & IRPC_NDR_P_IN) != 0) {
            members[n++] = (struct member){p->type, call->args + p->moff, name};
        } else if (json_object_get(json, name) != NULL) {
            return ir_value_fail(call, "\"%.60s\" is a result ([out]); leave it out", name);
        }
    }
    return check_keys(call, members, n, json) && read_members(call, members, n, json, call->args);
}
