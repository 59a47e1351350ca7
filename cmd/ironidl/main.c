/* ironidl: compiles an .idl file into a header, stubs and tables.
 *
 * Exit status: 0 done, 1 the source has errors or a file cannot be read or written, 2 wrong use.
 * Output files are written only when the whole source is good, each through a temporary name, so
 * that a build never sees half a file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

/* State of the messages; the options say which are shown. */
struct printer {
    const struct command *cmd;
    bool hiding; /* a note belongs to the message before it */
    bool warned;
};

static void print_message(void *ctx, const char *text)
{
    struct printer *p = ctx;
    bool warning = strstr(text, ": warning: ");
    p->warned = p->warned || warning;
    if (!strstr(text, ": note: ")) {
        p->hiding = p->cmd->quiet && warning;
    }
    if (!p->hiding) {
        fputs(text, stderr);
    }
}

/* --- files --- */

static char *join(const char *dir, const char *base, const char *suffix)
{
    size_t n = (dir ? strlen(dir) : 0) + strlen(base) + strlen(suffix) + 2;
    char *path = malloc(n);
    if (path) {
        snprintf(path, n, "%s%s%s%s", dir ? dir : "", dir && *dir ? "/" : "", base, suffix);
    }
    return path;
}

static int write_file(const char *path, const struct ir_idl_text *text)
{
    char *temporary = join(NULL, path, ".tmp");
    FILE *out = temporary ? fopen(temporary, "we") : NULL;
    bool ok = out && fwrite(text->p, 1, text->n, out) == text->n;
    if (out) {
        ok = fclose(out) == 0 && ok;
    }
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
        fprintf(stderr, "ironidl: cannot write %s: %s\n", path, strerror(errno));
        if (temporary) {
            remove(temporary);
        }
    }
    free(temporary);
    return ok ? 0 : EXIT_SOURCE;
}

/* What is written, and under which name. */
struct output {
    enum ir_idl_output what;
    const char *suffix; /* behind the name of the input */
    const char *name;   /* that the command line gives it, or NULL */
    bool wanted;
};

#define N_OUTPUTS 4u

static void list_outputs(const struct command *cmd, struct output outputs[N_OUTPUTS])
{
    bool tables = !cmd->no_client || !cmd->no_server;
    outputs[0] = (struct output){IR_IDL_OUT_HEADER, ".h", cmd->header, true};
    outputs[1] = (struct output){IR_IDL_OUT_CLIENT, "_c.c", cmd->client, !cmd->no_client};
    outputs[2] = (struct output){IR_IDL_OUT_SERVER, "_s.c", cmd->server, !cmd->no_server};
    outputs[3] = (struct output){IR_IDL_OUT_TABLES, "_t.c", NULL, tables};
}

static char *output_path(const struct command *cmd, const struct output *out, const char *base)
{
    const char *dir = out->name && out->name[0] == '/' ? NULL : cmd->out_dir;
    return join(dir, out->name ? out->name : base, out->name ? "" : out->suffix);
}

static int write_output(struct ir_idl_unit *unit, const struct command *cmd,
                        const struct output *out, const char *base)
{
    struct ir_idl_text text;
    int result = EXIT_SOURCE;
    const char *slash = cmd->header ? strrchr(cmd->header, '/') : NULL;
    char *header = cmd->header ? strdup(slash ? slash + 1 : cmd->header) : join(NULL, base, ".h");
    ir_idl_text_init(&text);
    if (header) {
        ir_idl_emit(unit, out->what, header, &text);
    }
    char *path = output_path(cmd, out, base);
    if (text.failed || !path || !text.p) {
        fputs("ironidl: out of memory\n", stderr);
    } else {
        result = write_file(path, &text);
    }
    free(path);
    free(header);
    ir_idl_text_deinit(&text);
    return result;
}

static void add_escaped(struct ir_idl_text *text, const char *path)
{
    for (; *path; path++) {
        if (*path == ' ' || *path == '#' || *path == '\\') {
            ir_idl_text_puts(text, "\\");
        }
        ir_idl_text_puts(text, *path == '$' ? "$" : "");
        ir_idl_text_add(text, path, 1);
    }
}

static int write_depfile(const struct ir_idl_unit *unit, const struct command *cmd,
                         const struct output outputs[N_OUTPUTS], const char *base)
{
    struct ir_idl_text text;
    ir_idl_text_init(&text);
    for (size_t i = 0; i < N_OUTPUTS; i++) {
        char *path = outputs[i].wanted ? output_path(cmd, &outputs[i], base) : NULL;
        ir_idl_text_puts(&text, path && text.n ? " " : "");
        add_escaped(&text, path ? path : "");
        free(path);
    }
    ir_idl_text_puts(&text, ":");
    for (size_t i = 0; i < ir_idl_unit_n_files(unit); i++) {
        const char *path = ir_idl_unit_file(unit, i);
        if (path) {
            ir_idl_text_puts(&text, " \\\n  ");
            add_escaped(&text, path);
        }
    }
    ir_idl_text_puts(&text, "\n");
    int result = text.failed ? EXIT_SOURCE : write_file(cmd->depfile, &text);
    ir_idl_text_deinit(&text);
    return result;
}

static int print_json(struct ir_idl_unit *unit, const char *base)
{
    struct ir_idl_text text;
    ir_idl_text_init(&text);
    ir_idl_emit(unit, IR_IDL_OUT_JSON, base, &text);
    bool ok = !text.failed && text.p && fwrite(text.p, 1, text.n, stdout) == text.n;
    ok = fflush(stdout) == 0 && ok;
    if (!ok) {
        fprintf(stderr, "ironidl: cannot write the output: %s\n",
                text.failed || !text.p ? "out of memory" : strerror(errno));
    }
    ir_idl_text_deinit(&text);
    return ok ? 0 : EXIT_SOURCE;
}

/* "dir/hello.idl" → "hello" */
static char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *start = slash ? slash + 1 : path;
    const char *dot = strrchr(start, '.');
    size_t n = dot && dot != start ? (size_t)(dot - start) : strlen(start);
    return strndup(start, n);
}

static int write_all(struct ir_idl_unit *unit, const struct command *cmd, const char *base)
{
    struct output outputs[N_OUTPUTS];
    int result = 0;
    if (cmd->json) {
        return print_json(unit, base);
    }
    list_outputs(cmd, outputs);
    for (size_t i = 0; i < N_OUTPUTS && result == 0; i++) {
        result = outputs[i].wanted ? write_output(unit, cmd, &outputs[i], base) : 0;
    }
    return result || !cmd->depfile ? result : write_depfile(unit, cmd, outputs, base);
}

int main(int argc, char **argv)
{
    struct command cmd = {0};
    struct printer printer = {.cmd = &cmd};
    int result = ir_idl_read_command(argc, argv, &cmd);
    if (result >= 0) {
        return result;
    }
    cmd.options.on_message = print_message;
    cmd.options.message_ctx = &printer;
    struct ir_idl_unit *unit = NULL;
    if (ir_idl_compile(cmd.input, &cmd.options, &unit) != IRPC_OK) {
        return EXIT_SOURCE;
    }
    char *base = base_name(cmd.input);
    if (!base || (cmd.warnings_are_errors && printer.warned)) {
        result = EXIT_SOURCE;
    } else {
        result = cmd.check_only ? 0 : write_all(unit, &cmd, base);
    }
    free(base);
    ir_idl_unit_free(unit);
    return result;
}
