/*
 * Configuration of ironrpcd: INI sections, `key = value`. One table (config_table.c) makes the
 * parser, the defaults, --print-config and the settings of ironrpcd.conf(5).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <ironrpc/server.h>

#include "base/attr.h"
#include "setting.h"

#define CONFIG_TEXT_MAX SETTING_TEXT_MAX
#define CONFIG_SETTINGS_MAX 96
#define CONFIG_NAME_MAX 128
#define CONFIG_RULES_MAX 64
#define CONFIG_GROUPS_MAX 64

enum placement {
    PLACE_BY_SOURCE,
    PLACE_SPREAD
};

/* A section of which there may be several, [kind NAME]. First member of what has its values. */
struct config_part {
    char name[CONFIG_NAME_MAX];
    unsigned line; /* of the file, where it begins; 0: not from there */
};

/* [access INTERFACE VERSION [OPERATIONS]]: policy.h makes something of it */
struct config_rule {
    struct config_part part;
    uint32_t level; /* enum irpc_auth_level */
    uint32_t anonymous;
    char principals[CONFIG_TEXT_MAX];
    char sources[CONFIG_TEXT_MAX];
};

/* [group NAME] */
struct config_group {
    struct config_part part;
    char members[CONFIG_TEXT_MAX];
};

struct config {
    char listen[CONFIG_TEXT_MAX];
    char runtime_dir[CONFIG_TEXT_MAX];
    uint32_t windows; /* enum irpc_windows */
    uint32_t log_level;
    uint32_t log_target; /* enum log_target */
    char journal[CONFIG_TEXT_MAX];
    uint32_t workers;
    uint32_t placement; /* enum placement */
    uint32_t sandbox;
    char user[CONFIG_TEXT_MAX];

    uint32_t map_entries;
    uint32_t map_entries_per_owner;
    char register_group[CONFIG_TEXT_MAX];
    uint32_t remote_insert;
    uint32_t lookup_handles;
    uint32_t lookup_idle_ms;

    char accounts[CONFIG_TEXT_MAX];
    char keytab[CONFIG_TEXT_MAX];
    char domain[CONFIG_TEXT_MAX];
    char name[CONFIG_TEXT_MAX];
    uint32_t check_target;
    uint32_t null_sessions;

    uint32_t max_connections;
    uint32_t max_connections_per_source;
    uint32_t max_groups;
    uint32_t max_contexts_per_source;
    uint32_t max_calls;
    uint32_t max_stub;
    uint32_t max_output;
    uint32_t max_out;
    uint32_t max_memory;
    uint32_t max_connections_per_network;
    uint32_t reserved_local;
    uint32_t max_memory_per_source;
    uint32_t max_contexts;
    uint32_t max_bindings;
    uint32_t pdus_per_turn;
    uint32_t bytes_per_turn;
    uint32_t source_prefix4;
    uint32_t source_prefix6;
    uint32_t network_prefix4;
    uint32_t network_prefix6;

    uint32_t first_byte_ms;
    uint32_t header_ms;
    uint32_t pdu_ms;
    uint32_t bind_ms;
    uint32_t call_ms;
    uint32_t idle_ms;
    uint32_t write_ms;
    uint32_t hung_ms;
    uint32_t drain_ms;

    char metrics[CONFIG_TEXT_MAX];
    char alert_command[CONFIG_TEXT_MAX];
    uint32_t alert_interval_ms;
    uint32_t alert_rate;
    uint32_t alert_commands;
    uint32_t alert_command_ms;
    struct config_rule rules[CONFIG_RULES_MAX];
    struct config_group groups[CONFIG_GROUPS_MAX];
    uint32_t n_rules;
    uint32_t n_groups;

    const char *path;                    /* of the file that was read, or NULL */
    unsigned lines[CONFIG_SETTINGS_MAX]; /* of @path, by setting; 0: not set there */
};

/* Every setting at its default. */
void config_init(struct config *config);

/* Read @path over @config. Each mistake is reported as "path:line: ..." on @errors; all lines are
 * read. @path must live as long as @config. Return: whether there was none. */
bool config_read(struct config *config, const char *path, FILE *errors);

/* Report on @errors what is wrong with the value of @key, with the file and line that it comes
 * from. For mistakes that only the daemon can see. */
void config_complain(const struct config *config, const char *key, FILE *errors, const char *format,
                     ...) IR_PRINTF(4, 5);

/* The same for the section @part: [kind name]. */
void config_complain_part(const struct config *config, const char *kind,
                          const struct config_part *part, FILE *errors, const char *format, ...)
    IR_PRINTF(5, 6);

/* Set "section.key=value", as on the command line. Return: false after a report on @errors. */
bool config_set(struct config *config, const char *assignment, FILE *errors);

/* Write @config as a configuration file with comments. */
void config_print(const struct config *config, FILE *out);

/* Write the settings with their defaults as part of a man page. */
void config_print_man(FILE *out);
