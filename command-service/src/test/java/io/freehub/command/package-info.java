/** What the tests of this service share. */
@NullMarked
package io.freehub.command;

import org.jspecify.annotations.NullMarked;
