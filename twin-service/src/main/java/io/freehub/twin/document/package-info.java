/** Twins as such: what they hold, how a write changes them, what it may bring. No framework but for reading JSON. */
@NullMarked
package io.freehub.twin.document;

import org.jspecify.annotations.NullMarked;
