/* Results of earlier calls in the arguments of later ones: "$1.handle". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/*
 * Replaces each text in @arguments that is "$N", followed by members and elements (".name", "[2]"),
 * by that part of @results, the array of what calls 1 to N brought. False: there is no such part;
 * @bad[@cap] has the text. Other text stays, also if it begins with "$".
 */
bool ir_cli_fill_references(json_t *arguments, json_t *results, char *bad, size_t cap);
