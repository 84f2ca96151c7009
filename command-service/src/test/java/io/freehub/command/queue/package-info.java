@NullMarked
package io.freehub.command.queue;

import org.jspecify.annotations.NullMarked;
