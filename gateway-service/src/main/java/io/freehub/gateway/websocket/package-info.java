/** WebSockets at the door for HTTP: what carries the bytes of another protocol in frames. */
@NullMarked
package io.freehub.gateway.websocket;

import org.jspecify.annotations.NullMarked;
