/*
 * Unions, [C706] 14.3.8, [MS-RPCE] 2.2.4.5 (ms_union) and 2.2.5.3.4.4 (NDR64).
 *
 * The discriminant is on the wire in both kinds; for a non-encapsulated union it is a second copy
 * of what switch_is reads, and both must agree (check: N08). A discriminant without an arm is an
 * error unless there is a default.
 */
#include "ndr/machine.h"

const struct irpc_ndr_type *ir_ndr_arm(const struct irpc_ndr_unit *unit,
                                       const struct irpc_ndr_type *t, int64_t tag)
{
    uint32_t low = t->ref;
    uint32_t high = t->ref + t->n;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (unit->arms[middle].tag < tag) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < t->ref + t->n && unit->arms[low].tag == tag) {
        return &unit->types[unit->arms[low].type];
    }
    return t->flags & IRPC_NDR_F_DEFAULT ? &unit->types[t->first] : NULL;
}

/* Alignment of the widest arm. */
static uint32_t arms_align(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                           int syntax)
{
    uint32_t align = 1;

    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t a = unit->types[unit->arms[t->ref + i].type].walign[syntax];
        align = a > align ? a : align;
    }
    if (t->flags & IRPC_NDR_F_DEFAULT) {
        uint32_t a = unit->types[t->first].walign[syntax];
        align = a > align ? a : align;
    }
    return align;
}

/* Where an arm starts although its own alignment would not ask for it. */
static uint32_t arm_start(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                          int syntax)
{
    if (syntax == IRPC_NDR64 || (t->flags & IRPC_NDR_F_MS_UNION)) {
        return arms_align(unit, t, syntax);
    }
    return 1;
}

const struct irpc_ndr_type *ir_ndr_dec_union(struct ir_ndr_dec *d, const struct irpc_ndr_type *t,
                                             uint8_t *mem, const struct ir_ndr_scope *scope)
{
    const struct irpc_ndr_type *disc = &d->unit->types[t->size];
    bool encapsulated = (t->flags & IRPC_NDR_F_ENCAPSULATED) != 0;
    uint64_t copy = 0;
    void *at = encapsulated ? (void *)mem : &copy;

    if (d->syntax == IRPC_NDR64) {
        ir_cur_align(d->in, t->walign[IRPC_NDR64]);
    }
    if (!ir_ndr_dec_base(d, disc, at) || d->in->err != IRPC_OK) {
        return NULL;
    }
    int64_t tag = ir_ndr_int(disc, at);
    const struct irpc_ndr_type *arm = ir_ndr_arm(d->unit, t, tag);
    if (arm == NULL) {
        (void)ir_ndr_dec_fail(d, IRPC_INVALID_TAG, "N08", "no such arm");
        return NULL;
    }
    if (!encapsulated && !ir_ndr_dec_correlate(d, t->length, scope, tag, 8 * disc->msize)) {
        return NULL;
    }
    if ((t->flags & IRPC_NDR_F_POINTERS) && !ir_ndr_dec_note(d, (uint32_t)(arm - d->unit->types))) {
        return NULL;
    }
    uint32_t align = arm_start(d->unit, t, d->syntax);
    ir_cur_align(d->in, align);
    return arm;
}

/* @value as the discriminant's type holds it, in memory. */
static void narrow(const struct irpc_ndr_type *disc, int64_t value, uint8_t mem[8])
{
    uint8_t u8 = (uint8_t)value;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;

    if (disc->msize == 1) {
        memcpy(mem, &u8, sizeof(u8));
    } else if (disc->msize == 2) {
        memcpy(mem, &u16, sizeof(u16));
    } else if (disc->msize == 4) {
        memcpy(mem, &u32, sizeof(u32));
    } else {
        memcpy(mem, &value, sizeof(value));
    }
}

bool ir_ndr_union_tag(const struct irpc_ndr_unit *unit, const struct irpc_ndr_type *t,
                      const uint8_t *mem, const uint8_t *scope, int64_t *ret)
{
    const struct irpc_ndr_type *disc = &unit->types[t->size];
    struct ir_ndr_scope all = {scope, IR_NDR_ALL, IR_NDR_ALL};
    int64_t value = 0;

    if (t->flags & IRPC_NDR_F_ENCAPSULATED) {
        *ret = ir_ndr_int(disc, mem);
        return true;
    }
    if (t->length == 0 || !ir_ndr_eval(unit, t->length, &all, &value)) {
        return false;
    }
    uint8_t held[8];
    narrow(disc, value, held);
    *ret = ir_ndr_int(disc, held);
    return true;
}

const struct irpc_ndr_type *ir_ndr_enc_union(struct ir_ndr_enc *e, const struct irpc_ndr_type *t,
                                             const uint8_t *mem, const uint8_t *scope)
{
    const struct irpc_ndr_type *disc = &e->unit->types[t->size];
    int64_t tag = 0;

    const struct irpc_ndr_type *arm = NULL;
    if (ir_ndr_union_tag(e->unit, t, mem, scope, &tag)) {
        arm = ir_ndr_arm(e->unit, t, tag);
    }
    if (arm == NULL) {
        (void)ir_ndr_enc_fail(e, IRPC_INVALID_TAG, "N08", "no such arm");
        return NULL;
    }
    if (e->syntax == IRPC_NDR64) {
        ir_out_align(e->out, t->walign[IRPC_NDR64]);
    }
    uint8_t held[8];
    narrow(disc, tag, held);
    if (!ir_ndr_enc_base(e, disc, held)) {
        return NULL;
    }
    ir_out_align(e->out, arm_start(e->unit, t, e->syntax));
    return arm;
}
