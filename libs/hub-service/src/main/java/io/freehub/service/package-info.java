/** What every service of the hub shares. */
@NullMarked
package io.freehub.service;

import org.jspecify.annotations.NullMarked;
