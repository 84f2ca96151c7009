package io.freehub.registry.identity;

import io.freehub.registry.connection.ConnectionState;

/** An identity and whether it is connected. */
record RegisteredIdentity(Identity identity, ConnectionState connection) {}
