package io.freehub.service.http;

import io.freehub.model.HubException;
import io.freehub.service.HubSettings;
import io.freehub.service.LogKeys;
import io.freehub.service.policy.AccessPolicies;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jboss.logging.MDC;

/** Checks what back ends bring: signatures of the hub's policies, or tokens of the identity provider. */
@ApplicationScoped
class BackEndAccess {

    private static final String BEARER = "Bearer ";

    private final AccessPolicies policies;
    private final IdentityProvider provider;
    private final List<String> hosts;
    private final Clock clock;

    BackEndAccess(AccessPolicies policies, IdentityProvider provider, HubSettings settings, Clock clock) {
        this.policies = policies;
        this.provider = provider;
        this.hosts = settings.hosts();
        this.clock = clock;
    }

    /** The bearer token in an {@code Authorization} header, if it is one. */
    static Optional<String> bearerToken(Optional<String> authorization) {
        return authorization
                .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(header -> header.substring(BEARER.length()).strip());
    }

    /**
     * Checks everything but a bearer token, at once.
     *
     * @throws HubException one of 401
     */
    void checkSignature(Optional<String> authorization, RoutingContext request, Requires needed) {
        var policy = BackEndTokens.check(
                authorization, policies::find, hosts, path(request).segments(), needed.permission(), clock.instant());
        MDC.put(LogKeys.PRINCIPAL, policy.name());
    }

    /** Checks a bearer token; fails with a {@link HubException} of 401, or 503 when nobody can say. */
    Uni<Void> checkBearer(String token, RoutingContext request, Requires needed) {
        return provider.authenticate(token, request)
                .emitOn(here())
                .invoke(caller -> {
                    MDC.put(LogKeys.PRINCIPAL, caller.name());
                    caller.require(needed.action(), request.request().method().name(), path(request));
                    caller.accompany(request);
                })
                .replaceWithVoid();
    }

    private static RequestPath path(RoutingContext request) {
        return RequestPath.parse(request.request().path());
    }

    /** The log context belongs to the request's own context, which an answer of the provider does not come on. */
    private static Executor here() {
        var context = Vertx.currentContext();
        return task -> {
            if (Vertx.currentContext() == context) {
                task.run();
            } else {
                context.runOnContext(_ -> task.run());
            }
        };
    }
}
