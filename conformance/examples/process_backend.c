/* A process backend in C99, without any library: MAE, MSE and cross-entropy of
 * contiguous float32 arrays.
 *
 *     cc -std=c99 -O2 -o process_backend process_backend.c -lm
 *     loss-conformance check process:./process_backend
 *
 * It knows the protocol that `loss-conformance help protocol` describes, and reads only
 * as much of JSON as that needs. Put your own kernel in place of `pair` and `rows`.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIMS 16
#define IGNORED (-100)

static const char HELLO[] =
    "{\"protocol\":1,\"name\":\"c-example\","
    "\"losses\":[\"mae\",\"mse\",\"cross_entropy\"],\"dtypes\":[\"float32\"],"
    "\"gradients\":{\"mae\":[\"input\",\"target\"],\"mse\":[\"input\",\"target\"],"
    "\"cross_entropy\":[\"input\"]},"
    "\"declined\":{\"broadcast\":\"input and target must have one shape\","
    "\"k-dim\":\"logits must be (N, C)\",\"layout\":\"arrays must be contiguous\","
    "\"unbatched\":\"logits must be (N, C)\"}}";

typedef struct {
    char dtype[16];
    int dims;
    size_t shape[MAX_DIMS], size;
    const char *bits;
} Array;

/* The next line of standard input without its end; NULL at the end of the input. */
static char *read_line(void) {
    static char *line = NULL;
    static size_t room = 0;
    size_t used = 0;
    for (int c = getchar(); c != '\n'; c = getchar()) {
        if (c == EOF) return NULL;
        if (used + 1 >= room) {
            room = room ? 2 * room : 1 << 16;
            line = realloc(line, room);
            if (!line) exit(1);
        }
        line[used++] = (char)c;
    }
    if (!line) exit(1);
    line[used] = '\0';
    return line;
}

/* What follows `"name":`; a case holds no free text, so this finds the member. */
static const char *member(const char *text, const char *name) {
    char key[40];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = text ? strstr(text, key) : NULL;
    return found ? found + strlen(key) : NULL;
}

/* Copy the word between quotation marks at `text`. */
static void word(const char *text, char *out, size_t room) {
    size_t n = 0;
    if (text && *text == '"')
        for (text++; *text && *text != '"' && n + 1 < room; text++) out[n++] = *text;
    out[n] = '\0';
}

static int read_array(const char *text, Array *a) {
    const char *at = member(text, "shape");
    if (!at) return 0;
    word(member(text, "dtype"), a->dtype, sizeof a->dtype);
    a->dims = 0, a->size = 1;
    for (at++; *at != ']'; at += *at == ',') {
        if (a->dims == MAX_DIMS) return 0;
        char *end;
        a->shape[a->dims] = strtoul(at, &end, 10);
        a->size *= a->shape[a->dims++];
        at = end;
    }
    a->bits = member(text, "bits");
    if (!a->bits) return 0;
    a->bits++; /* the quotation mark */
    return 1;
}

/* Element `i` as an unsigned number: its bits are `digits` hexadecimal digits. */
static uint64_t bits(const Array *a, size_t i, size_t digits) {
    char text[17] = {0};
    memcpy(text, a->bits + i * digits, digits);
    return strtoull(text, NULL, 16);
}

static float real(const Array *a, size_t i) {
    uint32_t b = (uint32_t)bits(a, i, 8);
    float value;
    memcpy(&value, &b, sizeof value);
    return value;
}

static int64_t label(const Array *a, size_t i) {
    int wide = !strcmp(a->dtype, "int64");
    return (int64_t)bits(a, i, wide ? 16 : 2);
}

static void write_array(const float *v, int dims, const size_t *shape, size_t size) {
    printf("{\"dtype\":\"float32\",\"shape\":[");
    for (int d = 0; d < dims; d++) printf(d ? ",%zu" : "%zu", shape[d]);
    printf("],\"bits\":\"");
    for (size_t i = 0; i < size; i++) {
        uint32_t b;
        memcpy(&b, &v[i], sizeof b);
        printf("%08lx", (unsigned long)b);
    }
    printf("\"}");
}

/* MAE and MSE: terms, and the slope of each by `input`. Sums are in double. */
static double pair(int squared, const Array *x, const Array *y, double count,
                   float *terms, float *by_input, float *by_target) {
    double total = 0;
    for (size_t i = 0; i < x->size; i++) {
        double d = (double)real(x, i) - (double)real(y, i);
        double term = squared ? d * d : fabs(d);
        double slope = squared ? d * (2 / count) : ((d > 0) - (d < 0)) / count;
        terms[i] = (float)term;
        by_input[i] = (float)slope;
        by_target[i] = (float)-slope;
        total += term;
    }
    return total / count;
}

/* Cross-entropy of N rows of C logits, and its gradient by the logits. */
static double rows(const Array *x, const Array *target, double count, float *losses,
                   float *by_input) {
    double total = 0;
    size_t classes = x->shape[1];
    for (size_t n = 0; n < x->shape[0]; n++) {
        int64_t t = label(target, n);
        double top = -INFINITY, sum = 0;
        for (size_t c = 0; c < classes; c++) {
            double v = real(x, n * classes + c);
            if (isnan(v) || v > top) top = v;
            if (isnan(v)) break;
        }
        for (size_t c = 0; c < classes; c++)
            sum += exp(real(x, n * classes + c) - top);
        for (size_t c = 0; c < classes; c++) {
            double p = exp(real(x, n * classes + c) - top) / sum;
            double slope = (p - ((int64_t)c == t)) * (1 / count);
            by_input[n * classes + c] = t == IGNORED ? 0 : (float)slope;
        }
        losses[n] = 0;
        if (t == IGNORED) continue;
        double loss = log(sum) - (real(x, n * classes + (size_t)t) - top);
        losses[n] = (float)loss;
        total += loss;
    }
    return total / count;
}

/* What is wrong with the arguments; NULL if nothing is. Counts the rows in use. */
static const char *problem(const char *loss, const Array *x, const Array *y,
                           size_t *count) {
    if (strcmp(x->dtype, "float32")) return "input must be float32";
    *count = x->size;
    if (strcmp(loss, "cross_entropy")) {
        if (strcmp(y->dtype, "float32")) return "target must be float32";
        if (y->dims != x->dims) return "input and target must have one shape";
        for (int d = 0; d < x->dims; d++)
            if (y->shape[d] != x->shape[d]) return "input and target must have one shape";
        return NULL;
    }
    if (strcmp(y->dtype, "int64") && strcmp(y->dtype, "uint8"))
        return "target must hold class indices";
    if (y->dims != 1 || y->shape[0] != x->shape[0]) return "one target for each row";
    *count = 0;
    for (size_t n = 0; n < y->size; n++) {
        int64_t t = label(y, n);
        if (t == IGNORED) continue;
        if (t < 0 || (uint64_t)t >= x->shape[1]) return "a target is no class";
        ++*count;
    }
    return NULL;
}

static void answer(const char *line) {
    Array x, y;
    char loss[24], reduction[24] = "mean";
    const char *arguments = member(line, "arguments");
    size_t count = 0;
    printf("{\"id\":%ld,", strtol(member(line, "id"), NULL, 10));
    word(member(line, "loss"), loss, sizeof loss);
    if (member(line, "reduction")) word(member(line, "reduction"), reduction, 24);
    const char *wrong = NULL;
    if (!read_array(member(arguments, "input"), &x) ||
        !read_array(member(arguments, "target"), &y))
        wrong = "input and target are needed";
    int none = !strcmp(reduction, "none"), mean = !strcmp(reduction, "mean");
    if (!none && !mean && strcmp(reduction, "sum")) wrong = "no such reduction";
    if (!wrong) wrong = problem(loss, &x, &y, &count);
    if (wrong) {
        printf("\"error\":\"%s\"}\n", wrong);
        return;
    }
    int classes = !strcmp(loss, "cross_entropy");
    float *buffer = malloc((3 * x.size + y.size + 1) * sizeof *buffer);
    if (!buffer) exit(1);
    float *terms = buffer, *by_input = buffer + x.size + y.size;
    float *by_target = by_input + x.size;
    double divisor = mean ? (double)count : 1;
    double total = classes ? rows(&x, &y, divisor, terms, by_input)
                           : pair(!strcmp(loss, "mse"), &x, &y, divisor, terms,
                                  by_input, by_target);
    float value = (float)total;
    printf("\"value\":");
    if (none) write_array(terms, y.dims, y.shape, y.size);
    else write_array(&value, 0, NULL, 1);
    printf(",\"gradients\":{\"input\":");
    write_array(by_input, x.dims, x.shape, x.size);
    if (!classes) {
        printf(",\"target\":");
        write_array(by_target, x.dims, x.shape, x.size);
    }
    printf("}}\n");
    free(buffer);
}

int main(void) {
    puts(HELLO);
    fflush(stdout);
    for (const char *line = read_line(); line; line = read_line()) {
        answer(line);
        fflush(stdout);
    }
    return 0;
}
