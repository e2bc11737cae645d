/* SPDX-License-Identifier: Apache-2.0 */
/* A handler whose entry is wrong in the one way that the build names. */
#include <stddef.h>
#include <syncline/abi.h>

SYNCLINE_MANIFEST(
    "{\"abi\":[1,1],\"id\":\"test.misbuilt\",\"version\":\"1.0.0\",\"components\":["
    "{\"kind\":\"message_handler\",\"name\":\"misbuilt\"}]}");

#ifndef NO_ENTRY

static syncline_status create(const syncline_host* host, void** self, syncline_error* error) {
    (void)host;
    (void)error;
    *self = NULL;
    return SYNCLINE_OK;
}

static void destroy(void* self) {
    (void)self;
}

static syncline_outcome onMessage(void* self, void* shard, syncline_call call,
                                  syncline_error* error) {
    (void)self;
    (void)shard;
    (void)call;
    (void)error;
    return SYNCLINE_CONTINUE;
}

static const syncline_message_handler functions = {
    sizeof(syncline_message_handler),
#ifdef MISSING_FUNCTION
    NULL,
#else
    onMessage,
#endif
    NULL,
};

static const syncline_component component = {
#ifdef SHORT_COMPONENT
    .size = 8,
#else
    .size = sizeof(syncline_component),
#endif
#ifdef UNKNOWN_KIND
    .kind = 99,
#else
    .kind = SYNCLINE_MESSAGE_HANDLER,
#endif
    .name = "misbuilt",
#ifndef NO_CREATE
    .create = create,
#endif
    .destroy = destroy,
#ifndef NO_FUNCTIONS
    .functions = &functions,
#endif
};

static const syncline_component* const components[] = {
#ifdef NULL_COMPONENT
    NULL,
#else
    &component,
#endif
};

static const syncline_plugin plugin = {
#ifdef SHORT_PLUGIN
    .size = 8,
#else
    .size = sizeof(syncline_plugin),
#endif
    .abi_major = SYNCLINE_ABI_MAJOR,
    .abi_minor = SYNCLINE_ABI_MINOR,
    .id = "test.misbuilt",
    .version = "1.0.0",
#ifndef NULL_COMPONENTS
    .components = components,
#endif
    .component_count = 1,
};

const syncline_plugin* syncline_plugin_v1(void) {
    /* Each is used in some of the builds only. */
    (void)plugin, (void)components, (void)component, (void)functions, (void)create, (void)onMessage;
#ifdef NULL_PLUGIN
    return NULL;
#else
    return &plugin;
#endif
}

#endif
