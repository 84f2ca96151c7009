/** The built-in endpoint: back ends read what devices sent, from where they like. */
@NullMarked
package io.freehub.gateway.events;

import org.jspecify.annotations.NullMarked;
