/* The client of t_wine.py with our library, for Windows' server: ours_client STRING-BINDING
 * PREFIX... runs the cases of cases.c whose names begin so. An empty prefix means all of them.
 */
#include <pthread.h>

#include "both.h"

struct job {
    peer_handle h;
    void (*fn)(peer_handle h, void *data, int i);
    void *data;
    int i;
    pthread_t thread;
};

static void *run_job(void *argument)
{
    struct job *job = argument;

    job->fn(job->h, job->data, job->i);
    return NULL;
}

void in_threads(peer_handle h, void (*fn)(peer_handle h, void *data, int i), void *data)
{
    struct job jobs[CLIENT_THREADS];

    for (int i = 0; i < CLIENT_THREADS; i++) {
        jobs[i] = (struct job){.fn = fn, .data = data, .i = i};
        if (irpc_binding_copy(h, &jobs[i].h) != IRPC_OK ||
            pthread_create(&jobs[i].thread, NULL, run_job, &jobs[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < CLIENT_THREADS; i++) {
        pthread_join(jobs[i].thread, NULL);
        irpc_binding_free(jobs[i].h);
    }
}

int main(int argc, char **argv)
{
    struct irpc_binding *binding = NULL;
    int failed = 0;

    if (argc < 3 || irpc_binding_new(argv[1], NULL, &binding) != IRPC_OK) {
        fprintf(stderr, "usage: %s STRING-BINDING PREFIX...\n", argv[0]);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        failed += run_cases(binding, argv[i]);
    }
    irpc_binding_free(binding);
    printf("done\n");
    return failed != 0;
}
