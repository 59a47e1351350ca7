/* The server of t_wine.py with our library: what managers.c does, for Windows' client. Arguments as
 * service.h has them.
 */
#include <unistd.h>

#include "../service.h"
#include "both.h"

#define OP(Name, ...) static enum irpc_status Name(struct irpc_call *call, __VA_ARGS__)
#define OP_ALONE(Name) static enum irpc_status Name(struct irpc_call *call)
#define OP_OF_CONTEXT OP
#define OP_RETURNS(type, Name, ...) OP(Name, __VA_ARGS__, type *ret_result)
#define OP_SECOND OP
#define OP_SECOND_RETURNS OP_RETURNS
#define DONE            \
    do {                \
        (void)call;     \
        return IRPC_OK; \
    } while (0)
#define RETURN(value)          \
    do {                       \
        *ret_result = (value); \
        DONE;                  \
    } while (0)
#define RAISE(error)                      \
    do {                                  \
        irpc_call_set_fault(call, error); \
        return IRPC_REMOTE_FAULT;         \
    } while (0)
#define THE_CALL struct irpc_call *call,
#define CALL_ARG call,
#define ALLOC(type, n) ((type *)allocate(call, (n) * sizeof(type)))
#define MAKE_CONTEXT(c, data)                                                  \
    do {                                                                       \
        enum irpc_status made_ = irpc_context_new(call, data, run_down, 0, c); \
        if (made_ != IRPC_OK) {                                                \
            free(data);                                                        \
            return made_;                                                      \
        }                                                                      \
    } while (0)
#define DATA_OF(c) irpc_context_data(call, &(c))
#define CLOSE_CONTEXT(c) irpc_context_close(call, c)
#define SLEEP(ms) usleep((ms)*1000)
#define STOP() irpc_server_stop(irpc_call_server(call))

typedef uint32_t status_result;

static void run_down(void *data);

/* Tests with small values only: no memory is the end of the program. */
static void *allocate(struct irpc_call *call, size_t size)
{
    void *p = irpc_call_alloc(call, size);

    if (p == NULL) {
        abort();
    }
    return p;
}

#include "managers.c"

static const struct winepeer_manager manager = {
    Bases,   Sum,    Swap,     Upper,  Wide,    InPlace,  Names,  FixedNames, Fixed,  Transpose,
    Colours, Double, Varying,  Some,   Scalars, Series,   Echo,   Reverse,    Shorts, Part,
    Alias,   Hold,   Paint,    Flat,   Deep,    Optional, Choose, Whole,      Table,  Open,
    Next,    Close,  Rundowns, Ranged, Raise,   Status,   Wait,   Stop,
};
static const struct winesecond_manager second_manager = {Add, First};

int main(int argc, char **argv)
{
    const struct service services[] = {
        {&winepeer_v1_0_server, &manager, "winepeer", .blocking = true},
        {&winesecond_v2_3_server, &second_manager, "winesecond", .blocking = true},
    };

    return service_main(argc, argv, services, 2);
}
