@NullMarked
package io.freehub.command.method;

import org.jspecify.annotations.NullMarked;
