/*
 * Load-time invariants of a unit: what the interpreter relies on without looking again.
 *
 * Indices in range. Containment by value acyclic: a part has a lower index than its whole; cycles
 * go through pointers only. Sizes, alignments and the flags FLAT*, BYTES, POINTERS, CONFORMANT
 * true; expressions inside their scope (unit_scope.c). So a unit that passes can make a decoder
 * fail, but never read or write outside what it was given.
 *
 * Each check returns NULL or what is wrong.
 */
#include <ironrpc/stub.h>

#include "ndr/machine.h"

#define MAX_SIZE (1u << 28) /* of a type in memory */

#define BOTH_FLAT (IRPC_NDR_F_FLAT20 | IRPC_NDR_F_FLAT64)

static bool is_align(uint32_t v)
{
    return v == 1 || v == 2 || v == 4 || v == 8;
}

static const struct irpc_ndr_type *type_at(const struct irpc_ndr_unit *u, uint32_t i)
{
    return &u->types[i];
}

/* Whether @part may be contained by value in type @whole. */
static bool contains(uint32_t part, uint32_t whole)
{
    return part != 0 && part < whole;
}

/* --- base types --- */

static bool is_base(unsigned kind)
{
    return kind >= IRPC_NDR_BOOLEAN && kind <= IRPC_NDR_ENUM32;
}

static bool is_integer(unsigned kind)
{
    return is_base(kind) && kind != IRPC_NDR_F32 && kind != IRPC_NDR_F64;
}

static uint32_t base_wire(unsigned kind, int syntax)
{
    if (kind == IRPC_NDR_I3264 || kind == IRPC_NDR_U3264) {
        return syntax == IRPC_NDR64 ? 8 : 4;
    }
    if (kind == IRPC_NDR_ENUM16) {
        return syntax == IRPC_NDR64 ? 4 : 2;
    }
    return ir_ndr_plain[kind];
}

static uint32_t base_size(unsigned kind)
{
    if (kind == IRPC_NDR_I3264 || kind == IRPC_NDR_U3264) {
        return 8;
    }
    return kind == IRPC_NDR_ENUM16 ? 4 : ir_ndr_plain[kind];
}

static const char *check_base(const struct irpc_ndr_unit *u, const struct irpc_ndr_type *t)
{
    uint32_t size = base_size(t->kind);
    bool plain = ir_ndr_plain_size(t) != 0;
    bool is_enum = t->kind == IRPC_NDR_ENUM16 || t->kind == IRPC_NDR_ENUM32;

    if (t->msize != size || t->malign != size) {
        return "size of a base type";
    }
    for (int s = 0; s < 2; s++) {
        uint32_t wire = base_wire(t->kind, s);
        if (t->wsize[s] != wire || t->walign[s] != wire) {
            return "wire size of a base type";
        }
    }
    bool wide_flat = t->kind == IRPC_NDR_I3264 || t->kind == IRPC_NDR_U3264;
    bool ranged = (t->flags & IRPC_NDR_F_RANGE) != 0;
    if (((t->flags & IRPC_NDR_F_FLAT20) && !plain) ||
        ((t->flags & IRPC_NDR_F_FLAT64) && !plain && (!wide_flat || ranged)) ||
        ((t->flags & IRPC_NDR_F_BYTES) && (!plain || size != 1))) {
        return "flags of a base type";
    }
    if (ranged && !is_integer(t->kind)) {
        return "range of a type that is no integer";
    }
    if (is_enum && !ir_ndr_slice(t->ref, t->n, u->n_arms)) {
        return "names of an enumeration";
    }
    return NULL;
}

/* --- structs --- */

static const char *check_flat(const struct irpc_ndr_unit *u, const struct irpc_ndr_type *t,
                              int syntax, unsigned flag)
{
    uint32_t at = 0;

    if (!(t->flags & flag)) {
        return NULL;
    }
    for (uint32_t i = 0; i < t->n; i++) {
        const struct irpc_ndr_field *field = &u->fields[t->ref + i];
        const struct irpc_ndr_type *ft = type_at(u, field->type);
        if (!(ft->flags & flag) || field->moff != at || at % ft->walign[syntax] != 0 ||
            t->walign[syntax] % ft->walign[syntax] != 0) {
            return "FLAT struct with other parts";
        }
        at += ft->msize;
    }
    return at == t->msize && at % t->walign[syntax] == 0 ? NULL : "FLAT struct with gaps";
}

static const char *check_bytes(const struct irpc_ndr_unit *u, const struct irpc_ndr_type *t)
{
    if (!(t->flags & IRPC_NDR_F_BYTES)) {
        return NULL;
    }
    for (uint32_t i = 0; i < t->n; i++) {
        if (!(type_at(u, u->fields[t->ref + i].type)->flags & IRPC_NDR_F_BYTES)) {
            return "BYTES struct with other parts";
        }
    }
    return (t->flags & BOTH_FLAT) == BOTH_FLAT ? NULL : "BYTES struct that is not FLAT";
}

static const char *check_struct(const struct irpc_ndr_unit *u, uint32_t index)
{
    const struct irpc_ndr_type *t = type_at(u, index);
    uint32_t end = 0;
    unsigned flags = 0;

    if (!ir_ndr_slice(t->ref, t->n, u->n_fields)) {
        return "fields of a struct";
    }
    for (uint32_t i = 0; i < t->n; i++) {
        const struct irpc_ndr_field *field = &u->fields[t->ref + i];
        if (!contains(field->type, index) || field->name >= u->names_len) {
            return "type or name of a field";
        }
        const struct irpc_ndr_type *ft = type_at(u, field->type);
        if (ft->kind == IRPC_NDR_PIPE || field->moff < end ||
            !ir_ndr_slice(field->moff, ft->msize, t->msize) ||
            field->moff % ir_ndr_c_align(ft) != 0 || t->malign % ir_ndr_c_align(ft) != 0) {
            return "place of a field";
        }
        end = field->moff + ft->msize;
        if ((ft->flags & IRPC_NDR_F_CONFORMANT) && i + 1 < t->n) {
            return "conformant field that is not the last";
        }
        flags |= ft->flags & (IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT);
    }
    if ((t->flags & (IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT)) != flags) {
        return "flags of a struct";
    }
    if ((t->flags & IRPC_NDR_F_UUID) && t->msize != sizeof(struct irpc_uuid)) {
        return "size of a UUID";
    }
    const char *why = check_flat(u, t, IRPC_NDR20, IRPC_NDR_F_FLAT20);
    why = why != NULL ? why : check_flat(u, t, IRPC_NDR64, IRPC_NDR_F_FLAT64);
    return why != NULL ? why : check_bytes(u, t);
}

/* --- unions --- */

static const char *check_arm(const struct irpc_ndr_unit *u, const struct irpc_ndr_type *t,
                             uint32_t arm, uint32_t index)
{
    if (arm == 0) {
        return NULL;
    }
    if (!contains(arm, index)) {
        return "type of an arm";
    }
    const struct irpc_ndr_type *at = type_at(u, arm);
    uint32_t off = t->flags & IRPC_NDR_F_ENCAPSULATED ? t->aux : 0;
    if (!ir_ndr_slice(off, at->msize, t->msize) || off % ir_ndr_c_align(at) != 0 ||
        t->malign % ir_ndr_c_align(at) != 0) {
        return "size of an arm";
    }
    if (at->flags & IRPC_NDR_F_CONFORMANT) {
        return "conformant arm";
    }
    if ((at->flags & IRPC_NDR_F_POINTERS) && !(t->flags & IRPC_NDR_F_POINTERS)) {
        return "flags of a union";
    }
    return NULL;
}

static const char *check_union(const struct irpc_ndr_unit *u, uint32_t index)
{
    const struct irpc_ndr_type *t = type_at(u, index);
    bool encapsulated = (t->flags & IRPC_NDR_F_ENCAPSULATED) != 0;
    const char *why = NULL;

    if (!contains(t->size, index) || !is_integer(type_at(u, t->size)->kind)) {
        return "discriminant of a union";
    }
    if (encapsulated && (t->aux > t->msize || type_at(u, t->size)->msize > t->aux)) {
        return "place of the arms of a union";
    }
    if (!encapsulated && t->length == 0) {
        return "union without switch_is";
    }
    if (!ir_ndr_slice(t->ref, t->n, u->n_arms)) {
        return "arms of a union";
    }
    for (uint32_t i = 0; i < t->n && why == NULL; i++) {
        const struct irpc_ndr_arm *arm = &u->arms[t->ref + i];
        why = check_arm(u, t, arm->type, index);
        if (i > 0 && arm->tag <= arm[-1].tag) {
            why = "tags of a union not in order";
        }
    }
    if (why == NULL && (t->flags & IRPC_NDR_F_DEFAULT)) {
        why = check_arm(u, t, t->first, index);
    }
    return why;
}

/* --- arrays, strings, pointers --- */

static const char *check_array(const struct irpc_ndr_unit *u, uint32_t index)
{
    const struct irpc_ndr_type *t = type_at(u, index);
    bool conformant = (t->flags & IRPC_NDR_F_CONFORMANT) != 0;
    uint32_t dims = 1;

    if (!contains(t->ref, index)) {
        return "type of an element";
    }
    const struct irpc_ndr_type *element = type_at(u, t->ref);
    if ((element->flags & IRPC_NDR_F_CONFORMANT) &&
        (element->kind != IRPC_NDR_ARRAY || !conformant)) {
        return "conformant element";
    }
    for (const struct irpc_ndr_type *e = element; e->kind == IRPC_NDR_ARRAY;
         e = type_at(u, e->ref)) {
        dims++;
    }
    uint64_t size = (uint64_t)element->msize * (conformant ? 1 : t->n);
    if (dims > IR_NDR_DIMS || t->msize != size || t->malign != element->malign) {
        return "size of an array";
    }
    if ((t->flags & IRPC_NDR_F_POINTERS) != (element->flags & IRPC_NDR_F_POINTERS)) {
        return "flags of an array";
    }
    unsigned same = t->flags & (BOTH_FLAT | IRPC_NDR_F_BYTES);
    bool fixed = !conformant && !(t->flags & (IRPC_NDR_F_VARYING | IRPC_NDR_F_RANGE));
    if (same != 0 && (!fixed || (element->flags & same) != same)) {
        return "FLAT array with other elements";
    }
    for (int s = 0; s < 2; s++) {
        unsigned flag = s == IRPC_NDR64 ? IRPC_NDR_F_FLAT64 : IRPC_NDR_F_FLAT20;
        if ((same & flag) && t->walign[s] % element->walign[s] != 0) {
            return "alignment of a FLAT array";
        }
    }
    return NULL;
}

static const char *check_string(const struct irpc_ndr_unit *u, uint32_t index)
{
    const struct irpc_ndr_type *t = type_at(u, index);
    bool conformant = (t->flags & IRPC_NDR_F_CONFORMANT) != 0;

    if (!contains(t->ref, index)) {
        return "type of a character";
    }
    const struct irpc_ndr_type *character = type_at(u, t->ref);
    uint32_t width = ir_ndr_plain_size(character);
    if (width != 1 && width != 2) {
        return "type of a character";
    }
    if (t->msize != (uint64_t)width * (conformant ? 1 : t->n) || t->malign != width ||
        (!conformant && t->n == 0)) {
        return "size of a string";
    }
    return NULL;
}

static const char *check_pointer(const struct irpc_ndr_unit *u, const struct irpc_ndr_type *t)
{
    if (t->ref == 0 || t->ref >= u->n_types || t->n < IRPC_NDR_PTR_REF ||
        t->n > IRPC_NDR_PTR_FULL) {
        return "pointee or kind of a pointer";
    }
    if (t->msize != sizeof(void *) || t->malign != sizeof(void *) ||
        !(t->flags & IRPC_NDR_F_POINTERS)) {
        return "size or flags of a pointer";
    }
    return NULL;
}

static const char *check_context(const struct irpc_ndr_unit *u, const struct irpc_ndr_type *t)
{
    if (t->msize != sizeof(struct irpc_context_handle) || t->malign != 4) {
        return "size of a context handle";
    }
    return t->aux >= 1 && t->aux <= u->n_contexts ? NULL : "type of a context handle";
}

static const char *check_pipe(const struct irpc_ndr_unit *u, uint32_t index)
{
    const struct irpc_ndr_type *t = type_at(u, index);

    if (!contains(t->ref, index)) {
        return "type of a pipe's elements";
    }
    if (type_at(u, t->ref)->flags & (IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT)) {
        return "pointers or open sizes in a pipe's elements";
    }
    return t->msize == sizeof(struct irpc_pipe) && t->malign == sizeof(void *) ? NULL
                                                                               : "size of a pipe";
}

static const char *check_ignored(const struct irpc_ndr_type *t)
{
    bool good = t->msize == sizeof(void *) && t->malign == sizeof(void *) && t->wsize[0] == 4 &&
                t->wsize[1] == 8 && t->walign[0] == 4 && t->walign[1] == 8;

    return good ? NULL : "size of an ignored pointer";
}

/* Flags that mean something for a kind. */
static uint32_t known_flags(unsigned kind)
{
    switch (kind) {
    case IRPC_NDR_STRUCT:
        return BOTH_FLAT | IRPC_NDR_F_BYTES | IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT |
               IRPC_NDR_F_UUID;
    case IRPC_NDR_UNION:
        return IRPC_NDR_F_POINTERS | IRPC_NDR_F_ENCAPSULATED | IRPC_NDR_F_DEFAULT |
               IRPC_NDR_F_MS_UNION;
    case IRPC_NDR_ARRAY:
        return BOTH_FLAT | IRPC_NDR_F_BYTES | IRPC_NDR_F_POINTERS | IRPC_NDR_F_CONFORMANT |
               IRPC_NDR_F_VARYING | IRPC_NDR_F_RANGE;
    case IRPC_NDR_STRING:
        return IRPC_NDR_F_CONFORMANT | IRPC_NDR_F_VARYING | IRPC_NDR_F_RANGE;
    case IRPC_NDR_POINTER:
        return IRPC_NDR_F_POINTERS;
    case IRPC_NDR_CONTEXT:
    case IRPC_NDR_PIPE:
    case IRPC_NDR_IGNORED:
        return 0;
    default:
        return BOTH_FLAT | IRPC_NDR_F_BYTES | IRPC_NDR_F_RANGE;
    }
}

static const char *check_type(const struct irpc_ndr_unit *u, uint32_t index)
{
    const struct irpc_ndr_type *t = type_at(u, index);

    if (t->name >= u->names_len || !is_align(t->malign) || !is_align(t->walign[0]) ||
        !is_align(t->walign[1])) {
        return "name or alignment of a type";
    }
    if (t->msize > MAX_SIZE) {
        return "size of a type";
    }
    if (t->flags & ~(known_flags(t->kind) | IRPC_NDR_F_NOCHECK)) {
        return "flags of a type";
    }
    if ((t->flags & IRPC_NDR_F_RANGE) && t->range >= u->n_ranges) {
        return "range of a type";
    }
    switch (t->kind) {
    case IRPC_NDR_STRUCT:
        return check_struct(u, index);
    case IRPC_NDR_UNION:
        return check_union(u, index);
    case IRPC_NDR_ARRAY:
        return check_array(u, index);
    case IRPC_NDR_STRING:
        return check_string(u, index);
    case IRPC_NDR_POINTER:
        return check_pointer(u, t);
    case IRPC_NDR_CONTEXT:
        return check_context(u, t);
    case IRPC_NDR_PIPE:
        return check_pipe(u, index);
    case IRPC_NDR_IGNORED:
        return check_ignored(t);
    default:
        return is_base(t->kind) ? check_base(u, t) : "kind of a type";
    }
}

static const char *check_names(const struct irpc_ndr_unit *u)
{
    if (u->types == NULL || u->n_types == 0 || u->types[0].kind != IRPC_NDR_NONE ||
        u->exprs == NULL || u->n_exprs == 0) {
        return "no entry 0";
    }
    if (u->names == NULL || u->names_len == 0 || u->names[0] != '\0' ||
        u->names[u->names_len - 1] != '\0') {
        return "names without end";
    }
    if ((u->n_fields > 0 && u->fields == NULL) || (u->n_arms > 0 && u->arms == NULL) ||
        (u->n_ranges > 0 && u->ranges == NULL) || (u->n_params > 0 && u->params == NULL) ||
        (u->n_ops > 0 && u->ops == NULL)) {
        return "missing table";
    }
    for (uint32_t i = 0; i < u->n_arms; i++) {
        if (u->arms[i].name >= u->names_len) {
            return "name of an arm";
        }
    }
    return NULL;
}

enum irpc_status ir_ndr_unit_check(const struct irpc_ndr_unit *unit, const char **reterr_why)
{
    if (unit->contract != IRPC_CONTRACT) {
        *reterr_why = "tables of another contract version";
        return IRPC_CONTRACT_MISMATCH;
    }
    const char *why = check_names(unit);
    for (uint32_t i = 1; why == NULL && i < unit->n_types; i++) {
        why = check_type(unit, i);
    }
    why = why != NULL ? why : ir_ndr_scopes_check(unit);
    if (why != NULL) {
        *reterr_why = why;
        return IRPC_INVALID_ARG;
    }
    return IRPC_OK;
}
