/* What the files about the configuration share. */
#pragma once

#include <stddef.h>

#include "config.h"

extern const struct setting config_settings[];
extern const size_t config_n_settings;

/* A kind of sections that have a name behind it. */
struct config_kind {
    const char *name;     /* "access" */
    const char *argument; /* what follows, for documents */
    size_t list;          /* offsets in struct config */
    size_t count;
    size_t size; /* of an element */
    uint32_t max;
    const struct setting *settings;
    size_t n_settings;
    const char *text;
};

extern const struct config_kind config_kinds[];
extern const size_t config_n_kinds;
