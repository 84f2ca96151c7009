/** What every part of the hub means by a device, a message, a token, an error and a topic. Imports {@code java.*} only. */
@NullMarked
package io.freehub.model;

import org.jspecify.annotations.NullMarked;
