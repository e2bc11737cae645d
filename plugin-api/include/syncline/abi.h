/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract between the Syncline host and its plugins, in C11.
 *
 * C++ authors include <syncline/plugin.hpp> instead and never see this file. It stays small so that
 * an old binary, another compiler or another language keeps working:
 *
 * - One exported symbol: syncline_plugin_v1(). Everything else is reached from what it returns.
 * - Another ABI major is refused. Within a major, structs grow at their end only and carry their
 *   `size`; read a field only when `size` covers it.
 * - What the host lends (logging, JSON, calls, channels, ...) stands in extension tables, asked for
 * by id: `host->table(host, SYNCLINE_VALUE_TABLE)`. Tables are drafts until the sync core is
 * complete.
 * - No exception and no longjmp may cross. Who allocates frees. Views are borrowed for the call.
 *
 * Thread tags. Each function carries one; debug hosts check them.
 *   [setup]  on the control thread, one at a time: create, validate, start, drain, destroy
 *   [shard]  on a shard's thread, never two at once on the same shard, concurrently on several
 *   [pool]   on a thread of the host's pool, concurrently: components that declare themselves
 * blocking [any]    on any thread
 */
#ifndef SYNCLINE_ABI_H
#define SYNCLINE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SYNCLINE_ABI_MAJOR 1
#define SYNCLINE_ABI_MINOR 1

#if defined(__GNUC__)
#define SYNCLINE_EXPORT __attribute__((visibility("default")))
#define SYNCLINE_SECTION(name) __attribute__((section(name), used, aligned(1)))
#else
#define SYNCLINE_EXPORT
#define SYNCLINE_SECTION(name)
#endif

/* The ELF sections that describe a plugin; the host reads them without opening the library.
 * The manifest is one JSON object; the schema section of a component is a JSON Schema. */
#define SYNCLINE_MANIFEST_SECTION ".syncline.manifest"
#define SYNCLINE_SCHEMA_SECTION_PREFIX ".syncline.schema." /* + component name */

/* For plugins in plain C: the manifest as a string literal, once per library.
 *   SYNCLINE_MANIFEST("{\"abi\":[1,0],\"id\":\"com.acme.echo\",\"version\":\"1.0.0\","
 *                     "\"components\":[{\"kind\":\"message_handler\",\"name\":\"echo\"}]}");
 * A component may also have "flags", "needs", "uses" (arrays of strings) and "description". */
#define SYNCLINE_MANIFEST(json_text) \
    SYNCLINE_SECTION(SYNCLINE_MANIFEST_SECTION) static const char syncline_manifest[] = json_text

/* UTF-8, not terminated, borrowed until the call returns unless stated otherwise. */
typedef struct syncline_text {
    const char* data;
    size_t size;
} syncline_text;

typedef int32_t syncline_status;
enum {
    SYNCLINE_OK = 0,
    SYNCLINE_FAILED = 1, /* the error argument says why */
    SYNCLINE_UNKNOWN = 2 /* storage only: whether the commit happened is not known */
};

/* Filled by whoever fails. `code` is a protocol error code, or 0 for the host's choice (1004).
 * `pointer` is the JSON pointer of the offending value: in the configuration, or in the message,
 * whose sender gets it as `detail.pointer`; empty for none. Both strings are terminated; longer
 * text is cut. */
typedef struct syncline_error {
    uint32_t size;
    uint32_t code;
    uint32_t retry; /* not 0: the same request may succeed later */
    uint32_t retry_after_ms;
    char pointer[256];
    char reason[512];
} syncline_error;

/* A JSON value of the host. Borrowed; never written to. */
typedef struct syncline_value syncline_value;

/* A JSON value under construction, in memory of the host. */
typedef struct syncline_builder syncline_builder;

/* A message on its way through a pipeline: {slot, generation}, never a pointer. */
typedef uint64_t syncline_call;

/* What the host is to one component instance. Valid from create to destroy. */
typedef struct syncline_host syncline_host;
struct syncline_host {
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor;
    void* context; /* the host's */
    /* The table with that id ("draft.value/1"), or NULL when this host does not offer it. [any] */
    const void* (*table)(const syncline_host* host, const char* id);
};

/* ---- Kinds of components ------------------------------------------------------------------- */

typedef int32_t syncline_kind;
enum {
    SYNCLINE_MESSAGE_HANDLER = 1, /* a stage of a pipeline: filters and message types alike */
    SYNCLINE_AUTH_PROVIDER = 2,
    SYNCLINE_STORAGE_BACKEND = 3,
    SYNCLINE_CONFLICT_STRATEGY = 4,
    SYNCLINE_BROKER = 5
};

/* What a stage made of a message; what the caller of the function does next. */
typedef int32_t syncline_outcome;
enum {
    SYNCLINE_CONTINUE = 0, /* run the next stage */
    SYNCLINE_STOP = 1,     /* the message is settled: run nothing more */
    SYNCLINE_PENDING = 2, /* wait for call->complete(), or for the host's function that was asked */
    SYNCLINE_REFUSED = 3  /* send the error to the sender and run nothing more */
};

typedef struct syncline_message_handler {
    uint32_t size;
    /* One message. `error` is read only after SYNCLINE_REFUSED. [shard], or [pool] if blocking */
    syncline_outcome (*on_message)(void* self, void* shard, syncline_call call,
                                   syncline_error* error);
    /* The answer to a question asked with `tag` during this call (see the tables); NULL if the
     * handler asks none. `result` is NULL unless status is SYNCLINE_OK; otherwise `error` says on
     * entry why it failed, and returning SYNCLINE_REFUSED passes that on. [shard] */
    syncline_outcome (*on_result)(void* self, void* shard, syncline_call call, uint32_t tag,
                                  syncline_status status, const syncline_value* result,
                                  syncline_error* error);
} syncline_message_handler;

typedef int32_t syncline_auth_answer;
enum {
    SYNCLINE_ACCEPT = 1,  /* the principal has been built */
    SYNCLINE_REFUSE = 2,  /* these credentials are mine and wrong: error says why, for the log */
    SYNCLINE_NOT_MINE = 3 /* ask the next provider */
};

/* Empty texts: not given. */
typedef struct syncline_credentials {
    uint32_t size;
    syncline_text token;         /* of the message */
    syncline_text authorization; /* HTTP header */
    syncline_text cookie;  /* value of the listener's cookie, if the request's origin may use it */
    syncline_text client;  /* the client's random id */
    syncline_text address; /* peer address without port */
    syncline_text certificate; /* PEM, if the peer showed one */
    int64_t now_ms;            /* Unix time */
} syncline_credentials;

typedef struct syncline_auth_provider {
    uint32_t size;
    /* Builds {"user":string,"roles"?:[string],"claims"?:{},"expiresAt"?:ms}. [shard], or [pool] */
    syncline_auth_answer (*authenticate)(void* self, void* shard,
                                         const syncline_credentials* credentials,
                                         syncline_builder* principal, syncline_error* error);
} syncline_auth_provider;

/* ---- Conflict strategies -------------------------------------------------------------------- */

typedef int32_t syncline_verdict;
enum {
    SYNCLINE_KEEP = 1,      /* the server's value stands at this path */
    SYNCLINE_TAKE = 2,      /* the incoming value stands at this path */
    SYNCLINE_PUT = 3,       /* the value built with the verdict stands at this path */
    SYNCLINE_REFUSE_OP = 4, /* the whole op is refused by a rule */
    SYNCLINE_CONFLICT =
        5 /* the whole op is a conflict: the server's value stands, both are shown */
};

/* One path that the incoming op touches. NULL values: absent at that path. */
typedef struct syncline_path {
    uint32_t size;
    /* RFC 6901; "" is the record. That of an element of a list ends with the element's id. */
    syncline_text path;
    const syncline_value* base;
    const syncline_value* current;
    const syncline_value* incoming; /* the value after the op alone; NULL: the op removes it */
    uint64_t stamp_seq;             /* when another stream last changed it; 0: no stamp */
    /* minor 1 */
    uint32_t conflicts; /* 1: another stream changed it since the op's base */
} syncline_path;

/* What a strategy once stamped a path of the record with (syncline_verdicts::stamp). */
typedef struct syncline_clock {
    uint32_t size;
    syncline_text path;
    int64_t ms;
    uint32_t counter;
    int32_t author;    /* its client sorts before (-1) or behind (1) the op's, or is it (0) */
    uint32_t commutes; /* 1: left by an op of a kind that commutes with this one */
} syncline_clock;

typedef struct syncline_conflict {
    uint32_t size;
    syncline_text channel;
    syncline_text key;
    syncline_text kind; /* set, merge, increment, delete, patch, ... */
    uint32_t base_known;
    const syncline_value* base; /* records; NULL: absent */
    const syncline_value* current;
    const syncline_value* incoming; /* the argument of the op; NULL for a delete */
    const syncline_path* paths;
    size_t path_count;
    syncline_text by;          /* the user who sent the op */
    syncline_text their_by;    /* the user who last changed the record */
    int64_t now_ms;            /* sequencing time, Unix */
    const syncline_value* hlc; /* [ms, counter], or NULL */
    /* minor 1 */
    uint64_t base_seq; /* the op's base */
    uint32_t has_base; /* 0: it has none, and no path conflicts */
    /* Of a patch, for strategies that are always asked: the first step that cannot be applied to
     * `current`, the number of steps when none alone is at fault, -1 when all can. */
    int32_t misfit_step;
    uint64_t version; /* of the record; 0: there never was one */
    const syncline_clock* clocks;
    size_t clock_count;
} syncline_conflict;

/* Where a strategy puts its verdicts: exactly one for each path of the conflict. */
typedef struct syncline_verdicts syncline_verdicts;
struct syncline_verdicts {
    uint32_t size;
    void* context; /* the host's */
    /* `value` for SYNCLINE_PUT; it is copied. With SYNCLINE_CONFLICT an object means that the
     * conflict is kept as a record until somebody resolves it, or {"expireMs","then"} does: after
     * that many milliseconds, "mine" or "theirs". Else NULL. */
    void (*give)(const syncline_verdicts* verdicts, size_t path_index, syncline_verdict verdict,
                 const syncline_value* value);
    /* Where to build a value for SYNCLINE_PUT: emptied at each call, valid until decide() returns.
     */
    syncline_builder* (*builder)(const syncline_verdicts* verdicts);
    /* What has been built with it so far. */
    const syncline_value* (*built)(const syncline_verdicts* verdicts);
    /* Asks the strategy that the configuration names under `otherwise` for this path; NULL-safe:
     * without one the answer is SYNCLINE_CONFLICT. */
    void (*otherwise)(const syncline_verdicts* verdicts, size_t path_index);
    /* Asks the same strategy about one place at or beneath the path, and answers its verdict, for
     * a strategy that puts together what stands at the path. With SYNCLINE_PUT, `value` takes what
     * it puts there, valid until decide() returns. After SYNCLINE_REFUSE_OP and SYNCLINE_CONFLICT,
     * which the strategy then gives for the path, the host knows by itself which places they are
     * about. */
    syncline_verdict (*otherwise_at)(const syncline_verdicts* verdicts, size_t path_index,
                                     const syncline_path* place, const syncline_value** value);
    /* minor 1 */
    /* SYNCLINE_REFUSE_OP with a sentence for people; the members of `detail`, an object or NULL,
     * become members of the error's detail. */
    void (*refuse)(const syncline_verdicts* verdicts, size_t path_index, syncline_text reason,
                   const syncline_value* detail);
    /* SYNCLINE_TAKE of an insert or a move in a list, at another place: behind the element with
     * the id `element`; JSON null is the front. It is copied. */
    void (*take_behind)(const syncline_verdicts* verdicts, size_t path_index,
                        const syncline_value* element);
    /* SYNCLINE_TAKE; a record that was deleted comes back as the op alone would have made it of its
     * base, as far as that is known. */
    void (*revive)(const syncline_verdicts* verdicts, size_t path_index);
    /* The op counts as made at this time: the paths that it writes are stamped with it, and stamps
     * beneath them that are later stay. No verdict; once for all paths. */
    void (*stamp)(const syncline_verdicts* verdicts, int64_t ms, uint32_t counter);
};

typedef struct syncline_conflict_strategy {
    uint32_t size;
    /* A pure function: no I/O, no clock, no randomness; equal inputs give equal verdicts. [shard]
     */
    syncline_status (*decide)(void* self, const syncline_conflict* conflict,
                              const syncline_verdicts* verdicts, syncline_error* error);
} syncline_conflict_strategy;

/* ---- Storage backends ----------------------------------------------------------------------- */
/*
 * A backend keeps, for each channel, a log of entries with a dense `index` from 1 (whether or not
 * they took a seq) and one checkpoint: the state of records and streams as of some index. The law
 * that the suite checks: checkpoint + the entries behind it = the state, after any crash. Bodies
 * are opaque to a backend. All functions are called on threads that may block: commit always on the
 * one writer thread of the instance, the others on a pool. [pool]
 */

typedef struct syncline_entry {
    uint32_t size;
    uint64_t index;     /* dense in its channel */
    uint64_t seq;       /* 0: consumed a number and changed nothing */
    int64_t at_ms;      /* Unix */
    syncline_text body; /* the host's encoding of everything else */
} syncline_entry;

/* What one commit appends to one channel. */
typedef struct syncline_append {
    uint32_t size;
    syncline_text channel;
    syncline_text epoch;
    uint64_t
        expected_index; /* the channel's last index before this; otherwise nothing is appended */
    const syncline_entry* entries;
    size_t entry_count;
    uint32_t committed; /* out: 1 appended, 0 expected_index did not match */
} syncline_append;

typedef struct syncline_stored_item {
    uint32_t size;
    syncline_text name;
    syncline_text body; /* empty: remove it */
} syncline_stored_item;

/* The state of a channel as of `index`. Records and streams are those that changed since the last
 * one. */
typedef struct syncline_checkpoint {
    uint32_t size;
    syncline_text channel;
    syncline_text epoch;
    uint64_t index;
    uint64_t seq;
    syncline_text head;                  /* the host's encoding of the rest: sum and floors */
    const syncline_stored_item* records; /* by key */
    size_t record_count;
    const syncline_stored_item* streams; /* by stream id */
    size_t stream_count;
} syncline_checkpoint;

/* Where a backend pours what it reads. Each function answers 0 to stop early. */
typedef struct syncline_reader syncline_reader;
struct syncline_reader {
    uint32_t size;
    void* context; /* the host's */
    int32_t (*checkpoint)(const syncline_reader* reader,
                          const syncline_checkpoint* head); /* no items */
    int32_t (*record)(const syncline_reader* reader, const syncline_stored_item* item);
    int32_t (*stream)(const syncline_reader* reader, const syncline_stored_item* item);
    int32_t (*entry)(const syncline_reader* reader, const syncline_entry* entry);
    int32_t (*channel)(const syncline_reader* reader, syncline_text name);
};

typedef struct syncline_storage_backend {
    uint32_t size;
    /* All appends in one durable transaction; those whose expected_index does not match are left
     * out and say so. SYNCLINE_FAILED: nothing was appended. SYNCLINE_UNKNOWN: the host reloads. */
    syncline_status (*commit)(void* self, syncline_append* appends, size_t count,
                              syncline_error* error);
    /* Pours the checkpoint (if any), its records and streams, then all entries behind it in order.
     * A channel that is not there pours nothing and is no error. */
    syncline_status (*load)(void* self, syncline_text channel, const syncline_reader* reader,
                            syncline_error* error);
    /* Pours the kept entries with a seq in first_seq..last_seq, in order. */
    syncline_status (*read_log)(void* self, syncline_text channel, uint64_t first_seq,
                                uint64_t last_seq, const syncline_reader* reader,
                                syncline_error* error);
    /* Replaces the channel's checkpoint by this newer one, atomically. */
    syncline_status (*checkpoint)(void* self, const syncline_checkpoint* checkpoint,
                                  syncline_error* error);
    /* Entries with an index below this one, which a checkpoint covers, may be forgotten. */
    syncline_status (*trim)(void* self, syncline_text channel, uint64_t below_index,
                            syncline_error* error);
    /* Pours the names of all channels, in any order. */
    syncline_status (*list)(void* self, const syncline_reader* reader, syncline_error* error);
    /* Forgets the channel. */
    syncline_status (*drop)(void* self, syncline_text channel, syncline_error* error);
    /* Writes a consistent copy to `path`; SYNCLINE_FAILED when the backend cannot. */
    syncline_status (*backup)(void* self, syncline_text path, syncline_error* error);
    /* 1: nothing that was committed can have been lost since: the last process shut down cleanly,
     * or the backend survives a crash and a loss of power. 0: something can, or this is a restored
     * backup; every channel gets a new epoch then. */
    int32_t (*was_clean)(void* self);
} syncline_storage_backend;

/* ---- Brokers -------------------------------------------------------------------------------- */

typedef struct syncline_broker {
    uint32_t size;
    /* Tells the other nodes that `channel` has committed up to `seq`. A hint: may be lost. [shard]
     */
    void (*announce)(void* self, void* shard, syncline_text channel, syncline_text epoch,
                     uint64_t seq);
    /* Whether this node hears about `channel` from now on. [shard] */
    void (*interest)(void* self, void* shard, syncline_text channel, int32_t wanted);
} syncline_broker;

/* ---- The plugin ----------------------------------------------------------------------------- */

typedef struct syncline_component {
    uint32_t size;
    syncline_kind kind;
    const char* name; /* snake_case; as in the manifest */
    /* Life: create -> validate -> start -> (shard_open -> ... -> shard_close per shard) -> drain ->
     * destroy. Any of validate, start, shard_open, shard_close and drain may be NULL. */
    /* Makes an instance; does no work. [setup] */
    syncline_status (*create)(const syncline_host* host, void** self, syncline_error* error);
    /* Reads the configuration (already checked against the schema, defaults filled); no I/O.
     * [setup] */
    syncline_status (*validate)(void* self, const syncline_value* config, syncline_error* error);
    /* Opens files, connections, threads. [setup] */
    syncline_status (*start)(void* self, syncline_error* error);
    /* State of one shard, handed to the [shard] functions; NULL is a fine one. [shard] */
    syncline_status (*shard_open)(void* self, uint32_t index, void** shard, syncline_error* error);
    void (*shard_close)(void* self, void* shard); /* [shard] */
    /* Flush and refuse new work. [setup] */
    void (*drain)(void* self);
    /* Legal after any failure of the functions above, and after create alone. [setup] */
    void (*destroy)(void* self);
    /* One of the five tables above, by kind. */
    const void* functions;
} syncline_component;

typedef struct syncline_plugin {
    uint32_t size;
    uint16_t abi_major;
    uint16_t abi_minor; /* the newest minor it needs */
    const char* id;     /* reverse DNS, e.g. "com.acme.echo" */
    const char* version;
    const syncline_component* const* components;
    size_t component_count;
} syncline_plugin;

/* The one exported symbol. [setup] */
SYNCLINE_EXPORT const syncline_plugin* syncline_plugin_v1(void);
typedef const syncline_plugin* (*syncline_plugin_entry)(void);
#define SYNCLINE_PLUGIN_SYMBOL "syncline_plugin_v1"

/* ---- Extension tables: what the host lends ----------------------------------------------------
 */

typedef int32_t syncline_type;
enum {
    SYNCLINE_NULL = 0,
    SYNCLINE_BOOLEAN = 1,
    SYNCLINE_NUMBER = 2,
    SYNCLINE_STRING = 3,
    SYNCLINE_ARRAY = 4,
    SYNCLINE_OBJECT = 5
};

#define SYNCLINE_VALUE_TABLE "draft.value/1"
/* Reading JSON. All functions take a value that is not NULL and answer a zero of their kind when
 * the value has another type. [any] thread on which the value is borrowed */
typedef struct syncline_value_table {
    uint32_t size;
    uint32_t minor;
    syncline_type (*type)(const syncline_value* value);
    int32_t (*boolean)(const syncline_value* value);
    double (*number)(const syncline_value* value);
    syncline_text (*string)(const syncline_value* value);
    size_t (*count)(const syncline_value* value); /* elements or members */
    const syncline_value* (*member)(const syncline_value* object, syncline_text name); /* or NULL */
    /* The element or member at `index` < count; `name` (may be NULL) takes the member's name. */
    const syncline_value* (*at)(const syncline_value* container, size_t index, syncline_text* name);
    int32_t (*equal)(const syncline_value* a, const syncline_value* b);
    /* Writes JSON text of at most `capacity` bytes, answers the size that the whole text needs. */
    size_t (*serialize)(const syncline_value* value, char* buffer, size_t capacity);
} syncline_value_table;

#define SYNCLINE_BUILDER_TABLE "draft.builder/1"
/* Writing JSON, in order: begin_object, key, string, key, begin_array, ..., end, end. A mistake in
 * the order makes the builder unusable; `failed` tells. [any], one thread at a time */
typedef struct syncline_builder_table {
    uint32_t size;
    uint32_t minor;
    syncline_builder* (*create)(const syncline_host* host);
    void (*destroy)(syncline_builder* builder);
    void (*clear)(syncline_builder* builder);
    void (*null)(syncline_builder* builder);
    void (*boolean)(syncline_builder* builder, int32_t value);
    void (*number)(syncline_builder* builder, double value);
    void (*string)(syncline_builder* builder, syncline_text value);
    void (*value)(syncline_builder* builder, const syncline_value* value); /* a copy */
    void (*json)(syncline_builder* builder, syncline_text text); /* parsed; bad text fails it */
    void (*begin_object)(syncline_builder* builder);
    void (*key)(syncline_builder* builder, syncline_text name);
    void (*begin_array)(syncline_builder* builder);
    void (*end)(syncline_builder* builder); /* the innermost object or array */
    int32_t (*failed)(const syncline_builder* builder);
    const syncline_value* (*result)(const syncline_builder* builder); /* NULL unless complete */
} syncline_builder_table;

#define SYNCLINE_LOG_TABLE "draft.log/1"
enum {
    SYNCLINE_LOG_DEBUG = 1,
    SYNCLINE_LOG_INFO = 2,
    SYNCLINE_LOG_WARN = 3,
    SYNCLINE_LOG_ERROR = 4
};
typedef struct syncline_log_table {
    uint32_t size;
    uint32_t minor;
    /* One line; the host adds time, component and thread. [any] */
    void (*write)(const syncline_host* host, int32_t level, syncline_text line);
    int32_t (*enabled)(const syncline_host* host, int32_t level);
} syncline_log_table;

#define SYNCLINE_CLOCK_TABLE "draft.clock/1"
typedef struct syncline_clock_table {
    uint32_t size;
    uint32_t minor;
    int64_t (*wall_ms)(const syncline_host* host);   /* Unix time [any] */
    int64_t (*steady_ms)(const syncline_host* host); /* never goes back [any] */
} syncline_clock_table;

#define SYNCLINE_RANDOM_TABLE "draft.random/1"
typedef struct syncline_random_table {
    uint32_t size;
    uint32_t minor;
    void (*fill)(const syncline_host* host, void* bytes, size_t size); /* unpredictable [any] */
} syncline_random_table;

#define SYNCLINE_METRICS_TABLE "draft.metrics/1"
typedef struct syncline_metrics_table {
    uint32_t size;
    uint32_t minor;
    /* A counter of this instance; the same name gives the same handle. [setup] */
    uint32_t (*counter)(const syncline_host* host, const char* name, const char* help);
    void (*add)(const syncline_host* host, uint32_t counter, uint64_t by); /* [any] */
} syncline_metrics_table;

#define SYNCLINE_HEALTH_TABLE "draft.health/1"
typedef struct syncline_health_table {
    uint32_t size;
    uint32_t minor;
    /* The instance's own state: 1 well, 0 not, with a sentence that /readyz and the log show. [any]
     */
    void (*report)(const syncline_host* host, int32_t well, syncline_text reason);
} syncline_health_table;

#define SYNCLINE_CALL_TABLE "draft.call/1"
/* The message under way. Reading functions: during on_message and on_result only, on their thread.
 * reply, fail and complete: [any]; after the call has ended they do nothing but count as
 * misbehaviour. */
typedef struct syncline_call_table {
    uint32_t size;
    uint32_t minor;
    const syncline_value* (*message)(const syncline_host* host, syncline_call call);
    const syncline_value* (*principal)(const syncline_host* host,
                                       syncline_call call); /* NULL before a session */
    syncline_text (*type)(const syncline_host* host, syncline_call call);
    syncline_text (*channel)(const syncline_host* host, syncline_call call);   /* empty: none */
    syncline_text (*transport)(const syncline_host* host, syncline_call call); /* "ws", ... */
    syncline_text (*address)(const syncline_host* host, syncline_call call);
    int64_t (*deadline_ms)(const syncline_host* host, syncline_call call); /* left, of this stage */
    /* Sends {"type":type,"re":id,...members of body} to the sender; body may be NULL. */
    void (*reply)(const syncline_host* host, syncline_call call, syncline_text type,
                  const syncline_value* body);
    /* Sends an error and ends the call. */
    void (*fail)(const syncline_host* host, syncline_call call, const syncline_error* error);
    /* Ends a pending stage with SYNCLINE_CONTINUE or SYNCLINE_STOP. */
    void (*complete)(const syncline_host* host, syncline_call call, syncline_outcome outcome);
    /* Since minor 1. Names the sender's connection for as long as it lasts, and no other of this
     * process before or after; 0: it has none. */
    uint64_t (*connection)(const syncline_host* host, syncline_call call);
    /* Since minor 2. The sender may not read the channel: what the channel answers to this message
     * leaves out what others wrote, and what tells of it. During on_message and on_result only. */
    void (*conceal)(const syncline_host* host, syncline_call call);
} syncline_call_table;

#define SYNCLINE_AUTH_TABLE "draft.auth/1"
typedef struct syncline_auth_table {
    uint32_t size;
    uint32_t minor;
    /* Asks the listener's providers in order; the principal comes to on_result with `tag`. Return
     * SYNCLINE_PENDING after it. [shard] */
    syncline_status (*verify)(const syncline_host* host, syncline_call call, syncline_text client,
                              syncline_text token, uint32_t tag, syncline_error* error);
} syncline_auth_table;

#define SYNCLINE_SESSION_TABLE "draft.session/1"
/* open and resume: only for handlers whose manifest says opens_session. [shard] */
typedef struct syncline_session_table {
    uint32_t size;
    uint32_t minor;
    /* Opens the session for this principal and client id; answers what the client is told about it
     * ({session,user,origin,time,pingMs,limits}), valid until the call ends; NULL on failure. */
    const syncline_value* (*open)(const syncline_host* host, syncline_call call,
                                  syncline_text client, const syncline_value* principal,
                                  syncline_error* error);
    /* Subscribes to each {channel,epoch,seq,sum} of the array, through the pipeline of the type
     * that subscribes; the answers are pushes. Call after the reply to the opening message. */
    syncline_status (*resume)(const syncline_host* host, syncline_call call,
                              const syncline_value* cursors, syncline_error* error);
    /* Minor 1. Puts this principal in the place of the session's, which ends when this one expires.
     * Another user's is refused with 1304, and nothing changes. Answers {user,expiresAt?}, valid
     * until the call ends; NULL on failure. */
    const syncline_value* (*refresh)(const syncline_host* host, syncline_call call,
                                     const syncline_value* principal, syncline_error* error);
} syncline_session_table;

#define SYNCLINE_CHANNEL_TABLE "draft.channel/1"
/* These answer the sender themselves and end the call: return SYNCLINE_PENDING after SYNCLINE_OK.
 * On SYNCLINE_FAILED nothing was begun and nothing sent. [shard] */
typedef struct syncline_channel_table {
    uint32_t size;
    uint32_t minor;
    /* Sequences the op in the message: ack, conflict or error once committed. */
    syncline_status (*submit)(const syncline_host* host, syncline_call call,
                              const syncline_value* op, syncline_error* error);
    /* Answers `subscribed`, then the data that the cursor in `request` lacks, then `live`. */
    syncline_status (*subscribe)(const syncline_host* host, syncline_call call,
                                 const syncline_value* request, syncline_error* error);
    /* Ends the subscription at once; answers nothing and does not end the call. */
    syncline_status (*unsubscribe)(const syncline_host* host, syncline_call call,
                                   syncline_text channel, syncline_error* error);
    /* Answers `snapshot` with all records, or those of `keys` (an array of strings, may be NULL).
     */
    syncline_status (*snapshot)(const syncline_host* host, syncline_call call,
                                syncline_text channel, const syncline_value* keys,
                                syncline_error* error);
    /* Who is in a channel that the session is subscribed to. `request` is
     * {"channel","state"?,"by"?}: with a `state` the session is a member, and what others see of it
     * is that; null ends its membership. Answers `presence` with the members ("by":"user": one for
     * each user). */
    syncline_status (*presence)(const syncline_host* host, syncline_call call,
                                const syncline_value* request, syncline_error* error);
    /* minor 1 */
    /* Sequences the `ops` of the message, after each has passed the stages of the pipeline of
     * `type`, which must carry ops: `acks` with a result for each. With `atomic` they are one op,
     * with the message's `n`, and one result. Needs carries_batches. */
    syncline_status (*submit_batch)(const syncline_host* host, syncline_call call,
                                    const syncline_value* message, syncline_text type,
                                    int32_t atomic, syncline_error* error);
    /* Answers `updates` with at most `limit` ops from `from_seq` on, fewer when they are large.
     * Needs reads_history. */
    syncline_status (*history)(const syncline_host* host, syncline_call call, syncline_text channel,
                               uint64_t from_seq, uint64_t limit, syncline_error* error);
    /* Answers `statuses` with what became of the sender's own numbers, an array of them. */
    syncline_status (*outcomes)(const syncline_host* host, syncline_call call,
                                syncline_text channel, const syncline_value* numbers,
                                syncline_error* error);
    /* minor 2 */
    /* Sequences what the message decides about a conflict that was kept: {"key","conflict","n",
     * "base"?,"take" or "value"}. Answers as submit() does. Needs resolves_conflicts. */
    syncline_status (*resolve)(const syncline_host* host, syncline_call call,
                               const syncline_value* message, syncline_error* error);
    /* As snapshot(). `request` is {"keys"?: those alone, "prefix"?: those that begin with it,
     * "digest"?: true, a hash of all records}. Needs reads_snapshot. */
    syncline_status (*snapshot_of)(const syncline_host* host, syncline_call call,
                                   syncline_text channel, const syncline_value* request,
                                   syncline_error* error);
    /* As history(). `request` is {"from","limit","values"?: true, with what each op overwrote}.
     * Needs reads_history. */
    syncline_status (*history_of)(const syncline_host* host, syncline_call call,
                                  syncline_text channel, const syncline_value* request,
                                  syncline_error* error);
} syncline_channel_table;

#define SYNCLINE_BROADCAST_TABLE "draft.broadcast/1"
/* Signals: messages from one to many that are never stored, queued or sent again. The host says
 * who sent them: {"type":type,"channel"?,"user","origin",...members of body}; body may be NULL.
 * What became of it comes to on_result with `tag`: return SYNCLINE_PENDING after SYNCLINE_OK. On
 * SYNCLINE_FAILED nothing was begun and nothing sent. [shard] */
typedef struct syncline_broadcast_table {
    uint32_t size;
    uint32_t minor;
    /* To every session that is live in the channel, but the sender's. The result is {}. */
    syncline_status (*to_channel)(const syncline_host* host, syncline_call call,
                                  syncline_text channel, syncline_text type,
                                  const syncline_value* body, uint32_t tag, syncline_error* error);
    /* To every connection of the user. The result is {"connections":n}: those that took it. */
    syncline_status (*to_user)(const syncline_host* host, syncline_call call, syncline_text user,
                               syncline_text type, const syncline_value* body, uint32_t tag,
                               syncline_error* error);
} syncline_broadcast_table;

#ifdef __cplusplus
}
#endif
#endif
