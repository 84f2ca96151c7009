@NullMarked
package io.freehub.command.feedback;

import org.jspecify.annotations.NullMarked;
