@NullMarked
package io.freehub.gateway.events;

import org.jspecify.annotations.NullMarked;
