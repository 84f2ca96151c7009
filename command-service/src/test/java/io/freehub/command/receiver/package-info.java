@NullMarked
package io.freehub.command.receiver;

import org.jspecify.annotations.NullMarked;
