/* Generation-tagged slots. Generations begin at 1, so an all-zero number is never valid. */
#include "server/slots.h"

#include "base/alloc.h"

void ir_slots_deinit(struct ir_slots *slots)
{
    ir_free(slots->slots);
    *slots = (struct ir_slots){0};
}

static enum irpc_status grow(struct ir_slots *slots)
{
    uint32_t cap = slots->cap > 0 ? slots->cap * 2 : 16;
    struct ir_slot *p = ir_realloc(slots->slots, (size_t)cap * sizeof(struct ir_slot));

    if (p == NULL) {
        return IRPC_NO_MEMORY;
    }
    slots->slots = p;
    slots->cap = cap;
    return IRPC_OK;
}

enum irpc_status ir_slots_add(struct ir_slots *slots, void *p, uint32_t *ret_slot,
                              uint32_t *ret_generation)
{
    uint32_t i;

    if (slots->free != 0) {
        i = slots->free - 1;
        slots->free = slots->slots[i].next_free;
    } else {
        if (slots->n == slots->cap && grow(slots) != IRPC_OK) {
            return IRPC_NO_MEMORY;
        }
        i = slots->n++;
        slots->slots[i].generation = 1;
    }
    slots->slots[i].p = p;
    *ret_slot = i;
    *ret_generation = slots->slots[i].generation;
    return IRPC_OK;
}

void *ir_slots_take(struct ir_slots *slots, uint32_t slot, uint32_t generation)
{
    if (slot >= slots->n || slots->slots[slot].generation != generation) {
        return NULL;
    }
    struct ir_slot *s = &slots->slots[slot];
    void *p = s->p;
    if (p == NULL) {
        return NULL;
    }
    s->p = NULL;
    s->generation = s->generation == UINT32_MAX ? 1 : s->generation + 1;
    s->next_free = slots->free;
    slots->free = slot + 1;
    return p;
}
