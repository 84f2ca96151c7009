/** Where the messages of devices go. */
@NullMarked
package io.freehub.router;

import org.jspecify.annotations.NullMarked;
