/** The door on port 443: devices that speak HTTPS, WebSockets, and back ends. */
@NullMarked
package io.freehub.gateway.https;

import org.jspecify.annotations.NullMarked;
