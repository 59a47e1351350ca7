/* Virtual time for a loop: real descriptors, but when none is ready the clock jumps to the next
 * timer instead of waiting. For tests. */
#pragma once

#include "loop/loop.h"

struct ir_vclock {
    uint64_t now;   /* starts at what the test sets; not 0 */
    uint64_t slept; /* milliseconds jumped over so far */
    bool idle;      /* the last wait found nothing and had nothing to wait for */
};

/* The clock to give to ir_loop_new(); @vclock must outlive the loop. */
struct ir_loop_clock ir_vclock(struct ir_vclock *vclock);
