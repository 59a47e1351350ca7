/*
 * Type serialization, [MS-RPCE] 2.2.6 (version 1) and 2.2.7 (version 2).
 *
 * A common header, then per value a private header with its length and the value, padded to a
 * multiple of 8 (version 2: 16). Values of base types have no private header in version 1. Values
 * are encoded as the parameter of an operation of the tables; alignment counts from their start.
 *
 * Invariants: `in` never moves beyond its end; a value is decoded inside its own length. check: N16
 */
#include <ironrpc/pickle.h>

#include "base/alloc.h"
#include "base/syntax.h"
#include "ndr/machine.h"

#define FILLER 0xCCCCCCCCu
#define V1_HEADER 8u
#define V2_HEADER 0x40u
#define LITTLE_ENDIAN_MARK 0x10u
#define OUTPUT_MAX ((size_t)1024 * 1024 * 1024)

struct irpc_pickle {
    uint8_t version; /* 1, 2 */
    int syntax;
    bool reading;
    bool big_endian;
    struct ir_out out;
    struct ir_cur in;
    struct ir_arena arena;
};

static const struct irpc_syntax_id *const syntaxes[] = {
    [IRPC_NDR20] = &ir_syntax_ndr,
    [IRPC_NDR64] = &ir_syntax_ndr64,
};

static uint32_t unit_of(const struct irpc_pickle *p)
{
    return p->version == 1 ? 8 : 16; /* alignment of values and private headers */
}

static struct irpc_pickle *make(uint8_t version, int syntax)
{
    struct irpc_pickle *p = ir_calloc(1, sizeof(*p));

    if (p != NULL) {
        p->version = version;
        p->syntax = syntax;
        ir_out_init(&p->out, OUTPUT_MAX, false);
        ir_arena_init(&p->arena, 0);
    }
    return p;
}

void irpc_pickle_free(struct irpc_pickle *p)
{
    if (p != NULL) {
        ir_out_deinit(&p->out);
        ir_arena_deinit(&p->arena);
        ir_free(p);
    }
}

enum irpc_status irpc_pickle_new(enum irpc_pickle_form form, struct irpc_pickle **ret_pickle)
{
    if (form < IRPC_PICKLE_V1 || form > IRPC_PICKLE_V2_NDR64) {
        return IRPC_INVALID_ARG;
    }
    struct irpc_pickle *p = make(form == IRPC_PICKLE_V1 ? 1 : 2,
                                 form == IRPC_PICKLE_V2_NDR64 ? IRPC_NDR64 : IRPC_NDR20);
    if (p == NULL) {
        return IRPC_NO_MEMORY;
    }
    *ret_pickle = p;
    return IRPC_OK;
}

struct irpc_span irpc_pickle_bytes(const struct irpc_pickle *p)
{
    return (struct irpc_span){p->out.base, p->out.len};
}

/* The operation that stands for the type, or why not. */
static enum irpc_status find_op(const struct irpc_interface *interface, uint32_t number,
                                uint32_t *ret_op)
{
    const struct irpc_ndr_unit *unit = interface->unit;

    if (interface->contract != IRPC_CONTRACT || unit->contract != IRPC_CONTRACT) {
        return IRPC_CONTRACT_MISMATCH;
    }
    if (number >= unit->n_pickles) {
        return IRPC_INVALID_ARG;
    }
    *ret_op = unit->n_ops + number;
    return IRPC_OK;
}

/* Version 1 has base types without a private header, [MS-RPCE] 2.2.6.2. */
static bool has_private_header(const struct irpc_pickle *p, const struct irpc_ndr_unit *unit,
                               uint32_t op)
{
    const struct irpc_ndr_param *param = &unit->params[unit->ops[op].first_param];
    const struct irpc_ndr_type *value = &unit->types[unit->types[param->type].ref];

    return p->version != 1 || value->kind >= IRPC_NDR_STRUCT;
}

/* --- writing --- */

static void put_common_header(struct irpc_pickle *p, const struct irpc_syntax_id *interface)
{
    struct ir_out *o = &p->out;

    ir_out_u8(o, p->version);
    ir_out_u8(o, LITTLE_ENDIAN_MARK);
    ir_out_u16(o, p->version == 1 ? V1_HEADER : V2_HEADER);
    ir_out_u32(o, FILLER);
    if (p->version == 2) {
        for (int i = 0; i < 4; i++) {
            ir_out_u32(o, FILLER);
        }
        ir_out_syntax(o, syntaxes[p->syntax]);
        ir_out_syntax(o, interface);
    }
}

enum irpc_status irpc_pickle_put(struct irpc_pickle *p, const struct irpc_interface *interface,
                                 uint32_t number, const void *value)
{
    const struct irpc_ndr_unit *unit = interface->unit;
    struct ir_out *o = &p->out;
    size_t before = o->len;
    uint32_t op = 0;

    enum irpc_status st = find_op(interface, number, &op);
    if (st != IRPC_OK || p->reading) {
        return st != IRPC_OK ? st : IRPC_INVALID_ARG;
    }
    if (before == 0) {
        put_common_header(p, &interface->id);
    }
    bool header = has_private_header(p, unit, op);
    size_t at = o->len;
    if (header) {
        ir_out_zero(o, unit_of(p)); /* the length comes later */
    }
    size_t start = o->len;
    if (o->err == IRPC_OK) {
        st = ir_ndr_encode(unit, op, IR_NDR_IN, p->syntax, &value, o, NULL);
    }
    if (o->err == IRPC_OK && st == IRPC_OK) {
        ir_out_align(o, unit_of(p));
    }
    st = st == IRPC_OK ? o->err : st;
    if (st != IRPC_OK) {
        o->len = before;
        o->err = IRPC_OK;
        return st;
    }
    if (header) {
        ir_put_u32(o->base + at, (uint32_t)(o->len - start), false);
    }
    return IRPC_OK;
}

/* --- reading --- */

/* check: N16 */
static enum irpc_status read_common_header(struct irpc_pickle *p)
{
    struct ir_cur *in = &p->in;
    int syntax = IRPC_NDR20;

    p->version = ir_cur_u8(in);
    uint8_t mark = ir_cur_u8(in);
    p->big_endian = (mark & 0xF0) == 0;
    in->big_endian = p->big_endian;
    uint16_t len = ir_cur_u16(in);
    ir_cur_skip(in, 4);
    if (in->err != IRPC_OK || (mark != LITTLE_ENDIAN_MARK && mark != 0) ||
        !((p->version == 1 && len == V1_HEADER) || (p->version == 2 && len == V2_HEADER))) {
        return IRPC_BAD_STUB_DATA;
    }
    if (p->version == 2) {
        ir_cur_skip(in, 16);
        struct irpc_uuid uuid = ir_cur_uuid(in);
        uint16_t major = ir_cur_u16(in);
        ir_cur_skip(in, 2 + 20); /* the interface says nothing about the bytes */
        while (syntax <= IRPC_NDR64 && (major != syntaxes[syntax]->major ||
                                        irpc_uuid_compare(&uuid, &syntaxes[syntax]->uuid) != 0)) {
            syntax++;
        }
    }
    p->syntax = syntax;
    return in->err == IRPC_OK && syntax <= IRPC_NDR64 ? IRPC_OK : IRPC_BAD_STUB_DATA;
}

enum irpc_status irpc_pickle_open(struct irpc_span bytes, struct irpc_pickle **ret_pickle)
{
    if (bytes.len > UINT32_MAX / 2) {
        return IRPC_BAD_STUB_DATA;
    }
    struct irpc_pickle *p = make(1, IRPC_NDR20);
    if (p == NULL) {
        return IRPC_NO_MEMORY;
    }
    p->reading = true;
    p->in = ir_cur_init(bytes.p, bytes.len, false);
    enum irpc_status st = read_common_header(p);
    if (st != IRPC_OK) {
        irpc_pickle_free(p);
        return st;
    }
    *ret_pickle = p;
    return IRPC_OK;
}

/* The bytes of the next value. */
static enum irpc_status next_value(struct irpc_pickle *p, bool header, struct ir_cur *ret)
{
    struct ir_cur *in = &p->in;
    uint32_t len = ir_cur_left(in);

    if (len == 0) {
        return IRPC_NOT_FOUND;
    }
    if (header) {
        uint32_t skip = unit_of(p) - 4;
        len = ir_cur_u32(in);
        ir_cur_skip(in, skip);
    }
    if (in->err != IRPC_OK || len > ir_cur_left(in)) {
        return IRPC_BAD_STUB_DATA;
    }
    struct irpc_span span = ir_cur_bytes(in, len);
    *ret = ir_cur_init(span.p, span.len, p->big_endian);
    return IRPC_OK;
}

enum irpc_status irpc_pickle_get(struct irpc_pickle *p, const struct irpc_interface *interface,
                                 uint32_t number, void **ret_value)
{
    const struct irpc_ndr_unit *unit = interface->unit;
    struct ir_cur one = {0};
    struct ir_cur before = p->in;
    void *value = NULL;
    uint32_t op = 0;

    enum irpc_status st = find_op(interface, number, &op);
    if (st != IRPC_OK || !p->reading) {
        return st != IRPC_OK ? st : IRPC_INVALID_ARG;
    }
    bool header = has_private_header(p, unit, op);
    st = next_value(p, header, &one);
    if (st == IRPC_OK) {
        p->arena.budget =
            p->arena.used + ir_ndr_default_limits.base_memory + (size_t)unit->k * ir_cur_left(&one);
        st = ir_ndr_decode(unit, op, IR_NDR_IN, p->syntax, &one, &p->arena, &value,
                           &ir_ndr_default_limits, NULL);
    }
    if (!header && st == IRPC_OK) { /* what follows is aligned */
        uint32_t len = (one.off + unit_of(p) - 1) & ~(unit_of(p) - 1);
        p->in = before;
        ir_cur_skip(&p->in, len < ir_cur_left(&p->in) ? len : ir_cur_left(&p->in));
    }
    if (st == IRPC_OK) {
        *ret_value = value;
    }
    return st;
}
