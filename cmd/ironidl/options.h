/* The command line of ironidl: options of ours and of MIDL, in one table. */
#pragma once

#include "idl/idl.h"

enum {
    EXIT_SOURCE = 1,
    EXIT_USAGE = 2,
    MAX_LIST = 256
};

struct command {
    const char *input;
    const char *out_dir;
    const char *depfile;
    const char *header; /* names of files, NULL: after the input */
    const char *client;
    const char *server;
    const char *include_dirs[MAX_LIST];
    const char *defines[MAX_LIST];
    struct ir_idl_options options; /* without the lists above */
    bool no_client;
    bool no_server;
    bool check_only;
    bool json;
    bool quiet; /* no warnings and notes */
    bool warnings_are_errors;
};

/* Fills @cmd. -1: go on; otherwise the exit status, after a message or what was asked for. */
int ir_idl_read_command(int argc, char **argv, struct command *cmd);
