/*
 * The server's half: what every operation of winepeer.idl does, see cases.c. Included by the server
 * of either side, which says what a manager looks like there: OP(Name, parameters),
 * OP_OF_CONTEXT(...) without a handle, OP_ALONE(Name) DONE, RETURN(value), RAISE(code)      ways
 * out ALLOC(type, n)                        zeroed memory of the call THE_CALL, CALL_ARG what
 * functions need for that: a parameter, and its value MAKE_CONTEXT(c, data), DATA_OF(c),
 * CLOSE_CONTEXT(c)
 */

static volatile i32 open_handles, run_down_handles, calls_now, most_calls;

static size_t length16(const c16 *text)
{
    size_t n = 0;

    while (text[n] != 0) {
        n++;
    }
    return n;
}

/* What comes in is freed apart from what goes out: no pointer of the one may stand in the other. */

static char *copy_text(THE_CALL const char *text)
{
    char *copy = text == NULL ? NULL : ALLOC(char, strlen(text) + 1);

    return copy == NULL ? NULL : strcpy(copy, text);
}

static c16 *copy_text16(THE_CALL const c16 *text)
{
    c16 *copy = text == NULL ? NULL : ALLOC(c16, length16(text) + 1);

    return copy == NULL ? NULL : memcpy(copy, text, (length16(text) + 1) * sizeof(c16));
}

static void copy_choice(THE_CALL i32 kind, const choice *from, choice *to)
{
    *to = *from;
    if (kind == 2 || kind == 3) {
        to->text = copy_text16(CALL_ARG from->text);
    } else if (kind == 4) {
        to->thing.text = copy_text16(CALL_ARG from->thing.text);
    } else if (kind == 5) {
        to->distant = ALLOC(i64, 1);
        *to->distant = *from->distant;
    } else if (kind == 7) {
        to->list = ALLOC(node, 1);
        to->list->name = copy_text(CALL_ARG from->list->name);
    }
}

/* --- base types, strings --- */

OP(Bases, unsigned char truth, unsigned char raw, char letter, i8 tiny, short s, i32 l, i64 q,
   float f, double d, c16 wide, colour c, width w, unsigned char *o_truth, unsigned char *o_raw,
   char *o_letter, i8 *o_tiny, short *o_s, i32 *o_l, i64 *o_q, float *o_f, double *o_d, c16 *o_wide,
   colour *o_c, width *o_w)
{
    *o_truth = truth;
    *o_raw = raw;
    *o_letter = letter;
    *o_tiny = tiny;
    *o_s = s;
    *o_l = l;
    *o_q = q;
    *o_f = f;
    *o_d = d;
    *o_wide = wide;
    *o_c = c;
    *o_w = w;
    DONE;
}

OP(Swap, scalars *a, scalars *b)
{
    scalars first = *a;

    *a = *b;
    *b = first;
    DONE;
}

OP(Scalars, u32 n, const scalars *a, scalars *b)
{
    for (u32 i = 0; i < n; i++) {
        b[i] = a[n - 1 - i];
    }
    DONE;
}

OP(Upper, const char *text, char **upper)
{
    size_t n = strlen(text);

    *upper = ALLOC(char, n + 1);
    for (size_t i = 0; i < n; i++) {
        (*upper)[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
    }
    DONE;
}

OP(Wide, const c16 *text, i32 *n, c16 **twice)
{
    *n = -1;
    *twice = NULL;
    if (text != NULL) {
        size_t have = length16(text);

        *n = (i32)have;
        *twice = ALLOC(c16, 2 * have + 1);
        memcpy(*twice, text, have * sizeof(c16));
        memcpy(*twice + have, text, have * sizeof(c16));
    }
    DONE;
}

OP(InPlace, u32 room, c16 *text)
{
    static const char more[] = ", longer";
    size_t n = length16(text);

    for (size_t i = 0; i < sizeof(more) && n + i < room; i++) {
        text[n + i] = (c16)more[i];
    }
    DONE;
}

OP(Names, u32 n, char **names, char **joined)
{
    *joined = ALLOC(char, 1000);
    for (u32 i = 0; i < n; i++) {
        snprintf(*joined + strlen(*joined), 1000 - strlen(*joined), "%s%s", i > 0 ? "," : "",
                 names[i] != NULL ? names[i] : "-");
    }
    DONE;
}

OP(FixedNames, c16 **names, i32 *lengths)
{
    for (int i = 0; i < N_NAMES; i++) {
        lengths[i] = (i32)length16(names[i]);
    }
    DONE;
}

/* --- arrays --- */

OP(Fixed, i32 *a, i32 *reversed)
{
    for (int i = 0; i < 8; i++) {
        reversed[i] = a[7 - i];
    }
    DONE;
}

OP(Transpose, short (*m)[4], short (*t)[MATRIX_ROWS])
{
    for (int i = 0; i < MATRIX_ROWS; i++) {
        for (int j = 0; j < 4; j++) {
            t[j][i] = m[i][j];
        }
    }
    DONE;
}

OP(Colours, colour *c)
{
    for (int i = 0; i < 4; i++) {
        c[i] = c[i] == RED ? GREEN : c[i] == GREEN ? BLUE : RED;
    }
    DONE;
}

OP_RETURNS(i64, Sum, u32 n, const i32 *a)
{
    i64 sum = 0;

    for (u32 i = 0; i < n; i++) {
        sum += a[i];
    }
    RETURN(sum);
}

OP(Double, u32 n, i64 *a)
{
    for (u32 i = 0; i < n; i++) {
        a[i] *= 2;
    }
    DONE;
}

OP(Varying, u32 n, i32 *a, i64 *sum)
{
    *sum = 0;
    for (u32 i = 0; i < n; i++) {
        *sum += a[i];
    }
    DONE;
}

OP(Some, u32 size, u32 *n, i32 *a)
{
    u32 had = *n;

    for (u32 i = had; i < 2 * had && i < size; i++) {
        a[i] = a[i - had];
    }
    *n = 2 * had < size ? 2 * had : size;
    DONE;
}

OP(Series, i32 from, u32 n, u32 *count, i32 **series)
{
    *count = n;
    *series = ALLOC(i32, n + 1);
    for (u32 i = 0; i < n; i++) {
        (*series)[i] = from + (i32)i;
    }
    DONE;
}

OP(Echo, u32 n, const unsigned char *a, unsigned char *b)
{
    memcpy(b, a, n);
    DONE;
}

/* --- structures, pointers --- */

OP(Reverse, node *list, node **reversed)
{
    *reversed = NULL;
    for (; list != NULL; list = list->next) {
        node *copy = ALLOC(node, 1);

        copy->value = list->value;
        copy->name = copy_text(CALL_ARG list->name);
        copy->next = *reversed;
        *reversed = copy;
    }
    DONE;
}

OP(Shorts, shorts *a, shorts **twice)
{
    *twice = (shorts *)(void *)ALLOC(char, sizeof(shorts) + 2 * a->n * sizeof(short));
    (*twice)->n = 2 * a->n;
    for (u32 i = 0; i < 2 * a->n; i++) {
        (*twice)->items[i] = a->items[i % a->n];
    }
    DONE;
}

OP(Part, part *p)
{
    p->items[p->used] = (i32)p->used;
    p->used++;
    DONE;
}

OP(Alias, i32 *a, i32 *b, unsigned char *same, i32 *sum)
{
    *same = a == b;
    *sum = (a != NULL ? *a : 0) + (b != NULL ? *b : 0);
    DONE;
}

OP(Hold, holder *x)
{
    i32 must = *x->must;

    if (x->may != NULL) {
        *x->must = *x->may;
        *x->may = must;
        memmove(x->text, x->text + 2, 5 * sizeof(c16));
    } else {
        *x->must = must + 1;
    }
    DONE;
}

OP(Paint, painted *p)
{
    p->before++;
    p->w = WIDE;
    p->c = GREEN;
    p->after--;
    DONE;
}

OP(Flat, const flat *x, flat *back)
{
    *back = *x;
    back->inner[0] = x->inner[1];
    back->inner[1] = x->inner[0];
    DONE;
}

OP(Deep, i32 ***deep, i32 *value)
{
    *value = deep == NULL ? 0 : *deep == NULL ? -1 : **deep == NULL ? -2 : ***deep;
    DONE;
}

OP(Optional, i32 *value, i32 *other)
{
    if (value != NULL) {
        *value += 10;
    }
    if (other != NULL) {
        *other += 100;
    }
    DONE;
}

/* --- unions --- */

OP(Choose, const chosen *x, chosen *back)
{
    back->kind = x->kind;
    copy_choice(CALL_ARG x->kind, &x->u, &back->u);
    switch (x->kind) {
    case 1:
        back->u.number++;
        break;
    case 4:
        back->u.thing.tag++;
        break;
    case 5:
        ++*back->u.distant;
        break;
    case 2:
    case 3:
    case 6:
    case 7:
        break;
    default:
        back->u.raw++;
        break;
    }
    DONE;
}

OP(Whole, whole *w)
{
    switch (w->kind) {
    case 1:
        w->u.d = w->u.s;
        w->kind = 2;
        break;
    case 2:
        w->kind = 9;
        break;
    case 3:
        w->u.all.l++;
        break;
    default:
        w->kind = 1;
        w->u.s = -1;
        break;
    }
    DONE;
}

OP(Table, table *t, table **back)
{
    *back = ALLOC(table, 1);
    (*back)->count = t->count;
    (*back)->entries = t->count > 0 ? ALLOC(chosen, t->count) : NULL;
    for (u32 i = 0; i < t->count; i++) {
        const chosen *from = &t->entries[t->count - 1 - i];

        (*back)->entries[i].kind = from->kind;
        copy_choice(CALL_ARG from->kind, &from->u, &(*back)->entries[i].u);
    }
    DONE;
}

/* --- context handles --- */

OP(Open, i32 from, context *c)
{
    i32 *data = malloc(sizeof(*data));

    *data = from;
    MAKE_CONTEXT(c, data);
    open_handles++;
    DONE;
}

OP_OF_CONTEXT(Next, context c, i32 *value)
{
    i32 *data = DATA_OF(c);

#ifdef _WIN32 /* Wine 8.0 lets calls at one handle run at the same time */
    *value = __atomic_add_fetch(data, 1, __ATOMIC_SEQ_CST);
#else
    *value = ++*data;
#endif
    DONE;
}

OP_OF_CONTEXT(Close, context *c)
{
    free(DATA_OF(*c));
    CLOSE_CONTEXT(c);
    open_handles--;
    DONE;
}

static void run_down(void *data)
{
    free(data);
    open_handles--;
    run_down_handles++;
}

OP(Rundowns, i32 *open, i32 *rundowns)
{
    *open = open_handles;
    *rundowns = run_down_handles;
    DONE;
}

/* --- what goes wrong --- */

OP(Ranged, i32 n)
{
    (void)n;
    DONE;
}

OP(Raise, u32 error)
{
    RAISE(error);
}

OP_RETURNS(status_result, Status, status_result status)
{
    RETURN(status);
}

OP(Wait, u32 ms, i32 *calls)
{
    i32 now = __sync_add_and_fetch(&calls_now, 1);

    most_calls = now > most_calls ? now : most_calls;
    SLEEP(ms);
    *calls = most_calls;
    __sync_sub_and_fetch(&calls_now, 1);
    DONE;
}

OP_ALONE(Stop)
{
    STOP();
    DONE;
}

/* --- the second interface --- */

OP_SECOND_RETURNS(i32, Add, i32 a, i32 b)
{
    RETURN(a + b);
}

OP_SECOND(First, const table *t, chosen *first)
{
    first->kind = t->entries[0].kind;
    copy_choice(CALL_ARG first->kind, &t->entries[0].u, &first->u);
    DONE;
}
