/** What every REST resource of the hub shares: who may call, which api-version, how failures are told. */
@NullMarked
package io.freehub.service.http;

import org.jspecify.annotations.NullMarked;
