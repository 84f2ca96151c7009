@NullMarked
package io.freehub.command.session;

import org.jspecify.annotations.NullMarked;
