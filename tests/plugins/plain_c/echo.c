/* SPDX-License-Identifier: Apache-2.0 */
/* A whole plugin in plain C: no header but the contract's, no C++ runtime. */
#include <stdlib.h>
#include <string.h>
#include <syncline/abi.h>

SYNCLINE_MANIFEST(
    "{\"abi\":[1,0],\"id\":\"test.plain_c\",\"version\":\"1.0.0\",\"components\":[{"
    "\"kind\":\"message_handler\",\"name\":\"plain_c_echo\","
    "\"needs\":[\"" SYNCLINE_VALUE_TABLE "\",\"" SYNCLINE_CALL_TABLE
    "\"],"
    "\"description\":\"sends every message back, from plain C\"}]}");

enum { prefixMax = 64 };

typedef struct echo {
    const syncline_host* host;
    const syncline_value_table* values;
    const syncline_call_table* calls;
    char type[prefixMax + sizeof "plain_c_echo"];
} echo;

static syncline_status fail(syncline_error* error, const char* pointer, const char* reason) {
    error->code = 0;
    strncpy(error->pointer, pointer, sizeof error->pointer - 1);
    strncpy(error->reason, reason, sizeof error->reason - 1);
    return SYNCLINE_FAILED;
}

static syncline_status create(const syncline_host* host, void** self, syncline_error* error) {
    echo* made = calloc(1, sizeof *made);
    if (made == NULL) return fail(error, "", "no memory");
    made->host = host;
    made->values = host->table(host, SYNCLINE_VALUE_TABLE);
    made->calls = host->table(host, SYNCLINE_CALL_TABLE);
    *self = made;
    return SYNCLINE_OK;
}

static syncline_status validate(void* self, const syncline_value* config, syncline_error* error) {
    static const char name[] = "prefix";
    echo* me = self;
    const syncline_text key = {name, sizeof name - 1};
    const syncline_value* prefix = me->values->member(config, key);
    const syncline_text text = prefix == NULL ? (syncline_text){"", 0} : me->values->string(prefix);
    if (text.size > prefixMax) return fail(error, "/prefix", "at most 64 bytes");
    memcpy(me->type, text.data, text.size);
    strcpy(me->type + text.size, "plain_c_echo");
    return SYNCLINE_OK;
}

static syncline_outcome onMessage(void* self, void* shard, syncline_call call,
                                  syncline_error* error) {
    const echo* me = self;
    const syncline_text type = {me->type, strlen(me->type)};
    (void)shard;
    (void)error;
    me->calls->reply(me->host, call, type, me->calls->message(me->host, call));
    return SYNCLINE_STOP;
}

static const syncline_message_handler functions = {sizeof(syncline_message_handler), onMessage,
                                                   NULL};

static const syncline_component component = {
    .size = sizeof(syncline_component),
    .kind = SYNCLINE_MESSAGE_HANDLER,
    .name = "plain_c_echo",
    .create = create,
    .validate = validate,
    .destroy = free,
    .functions = &functions,
};

static const syncline_component* const components[] = {&component};

static const syncline_plugin plugin = {
    .size = sizeof(syncline_plugin),
    .abi_major = SYNCLINE_ABI_MAJOR,
    .abi_minor = 0,
    .id = "test.plain_c",
    .version = "1.0.0",
    .components = components,
    .component_count = 1,
};

const syncline_plugin* syncline_plugin_v1(void) {
    return &plugin;
}
