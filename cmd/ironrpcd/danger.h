/* Checks that peers fail, and what that resembles. */
#pragma once

#include <stdint.h>

/* A class of defects that such packets have exploited elsewhere. */
struct danger {
    const char *name;      /* a word */
    const char *text;      /* what was done */
    const char *resembles; /* where that was a defect */
    const char *checks;    /* their numbers, separated by blanks */
    uint32_t enough;       /* so many of one source within a minute are worth an alert */
};

/* The class of @check ("H07"); the last one, for what has none, if there is no other. */
const struct danger *danger_of(const char *check);

/* The @index-th (0..); NULL: there are no more. */
const struct danger *danger_at(unsigned index);
