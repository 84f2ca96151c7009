package io.freehub.service.http;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.service.AccessSettings;
import io.quarkus.oidc.AccessTokenCredential;
import io.quarkus.oidc.OIDCException;
import io.quarkus.oidc.OidcRequestContext;
import io.quarkus.oidc.OidcTenantConfig;
import io.quarkus.oidc.TenantConfigResolver;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.HttpSecurityUtils;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * The OpenID Connect provider that vouches for back ends. It is asked for its keys when the first token comes, not
 * before: a hub starts and serves everyone else without it.
 */
@ApplicationScoped
class IdentityProvider implements TenantConfigResolver {

    /** A header with a longer token would not pass the servers on its way either. */
    private static final int MAX_TOKEN = 16 * 1024;

    /** Between two tries to reach a provider that was never reached. */
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** Unknown keys make the provider's be read again, but no oftener than this, whoever makes up key ids. */
    private static final Duration KEY_REFRESH = Duration.ofMinutes(1);

    private static final String NO_TOKEN = "the bearer token is no JSON Web Token";

    private final AccessSettings.Oidc settings;
    private final IdentityProviderManager identities;
    private final Clock clock;
    private final Optional<OidcTenantConfig> tenant;
    private final AtomicReference<Instant> nextTry = new AtomicReference<>(Instant.MIN);
    private volatile boolean reached;

    IdentityProvider(AccessSettings settings, IdentityProviderManager identities, Clock clock) {
        this.settings = settings.oidc();
        this.identities = identities;
        this.clock = clock;
        this.tenant = this.settings.providerUrl().map(url -> tenant(this.settings, url));
    }

    private static OidcTenantConfig tenant(AccessSettings.Oidc settings, URI url) {
        var token = OidcTenantConfig.authServerUrl(url.toString())
                .tenantId("back-ends")
                .connectionTimeout(settings.timeout())
                .roles()
                .roleClaimPath(settings.rolesClaim())
                .end()
                .token()
                .audience(settings.audience())
                .lifespanGrace(Math.toIntExact(settings.clockSkew().toSeconds()))
                .forcedJwkRefreshInterval(KEY_REFRESH)
                .allowJwtIntrospection(false)
                .allowOpaqueTokenIntrospection(false);
        settings.issuer().ifPresent(token::issuer);
        return token.end().build();
    }

    @Override
    public Uni<OidcTenantConfig> resolve(RoutingContext request, OidcRequestContext<OidcTenantConfig> blocking) {
        return Uni.createFrom().item(tenant.orElse(null));
    }

    /**
     * Who the token speaks of, once its signature, issuer, audience and times are found right.
     *
     * @throws HubException {@link HubError#UNAUTHORIZED} when there is something wrong with it, as the failure of the Uni;
     *     {@link HubError#SERVICE_UNAVAILABLE} when the provider's keys are not to be had
     */
    Uni<Caller> authenticate(String token, RoutingContext request) {
        if (tenant.isEmpty()) {
            return refuse("this hub takes no bearer tokens");
        }
        if (token.length() > MAX_TOKEN) {
            return refuse("the bearer token is longer than " + MAX_TOKEN + " characters");
        }
        var credential = credential(token);
        if (credential.isEmpty()) {
            return refuse(NO_TOKEN);
        }
        if (!mayAsk()) {
            return Uni.createFrom()
                    .failure(new HubException(
                            HubError.SERVICE_UNAVAILABLE, "the identity provider has not answered yet; try again"));
        }
        var asked =
                HttpSecurityUtils.setRoutingContextAttribute(new TokenAuthenticationRequest(credential.get()), request);
        return Uni.createFrom()
                .deferred(() -> identities.authenticate(asked))
                .ifNoItem()
                .after(settings.timeout())
                .fail()
                .onItemOrFailure()
                .invoke((_, failure) -> remember(failure))
                .map(this::caller)
                .onFailure()
                .transform(this::translate);
    }

    /** The token, unless reading it as one fails in any of many ways. */
    private static Optional<AccessTokenCredential> credential(String token) {
        try {
            return Optional.of(new AccessTokenCredential(token)).filter(read -> !read.isOpaque());
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Until the provider has been reached, one request at a time finds out whether it can be. */
    private boolean mayAsk() {
        if (reached) {
            return true;
        }
        var now = clock.instant();
        var due = nextTry.get();
        return !now.isBefore(due) && nextTry.compareAndSet(due, now.plus(settings.timeout()));
    }

    private void remember(Throwable failure) {
        if (failure == null || !isAway(failure)) {
            reached = true;
        } else if (!reached) {
            nextTry.set(clock.instant().plus(RETRY));
        }
    }

    private Caller caller(SecurityIdentity identity) {
        var name = Optional.ofNullable(identity.getPrincipal().getName()).orElse("without a name");
        return Caller.of(name, identity.getRoles(), settings.roles()::valuesFor, expiry(identity));
    }

    /** A token without an end was refused. */
    private Instant expiry(SecurityIdentity identity) {
        return identity.getPrincipal() instanceof JsonWebToken token
                ? Instant.ofEpochSecond(token.getExpirationTime()).plus(settings.clockSkew())
                : clock.instant();
    }

    private Throwable translate(Throwable failure) {
        return isAway(failure)
                ? new HubException(
                        HubError.SERVICE_UNAVAILABLE, "the identity provider does not answer; try again later", failure)
                : new HubException(HubError.UNAUTHORIZED, reason(failure), failure);
    }

    /** What has nothing to do with the token: a connection, a timeout, an answer that is not the expected one. */
    private static boolean isAway(Throwable failure) {
        return !(failure instanceof AuthenticationFailedException)
                || causes(failure)
                        .anyMatch(cause -> cause instanceof IOException
                                || cause instanceof TimeoutException
                                || cause instanceof java.util.concurrent.TimeoutException
                                || cause instanceof OIDCException);
    }

    /** In words of our own: those of the checking library quote the token's claims. */
    private String reason(Throwable failure) {
        var invalid = causes(failure)
                .filter(InvalidJwtException.class::isInstance)
                .map(InvalidJwtException.class::cast)
                .findFirst();
        if (invalid.isEmpty()) {
            return NO_TOKEN;
        }
        var why = invalid.get();
        if (why.hasErrorCode(ErrorCodes.EXPIRED)) {
            return "the bearer token has expired";
        } else if (why.hasErrorCode(ErrorCodes.NOT_YET_VALID)) {
            return "the bearer token is not valid yet";
        } else if (why.hasErrorCode(ErrorCodes.AUDIENCE_INVALID) || why.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
            return "the bearer token is not for the audience " + String.join(" or ", settings.audience());
        } else if (why.hasErrorCode(ErrorCodes.ISSUER_INVALID) || why.hasErrorCode(ErrorCodes.ISSUER_MISSING)) {
            return "the bearer token is of another issuer";
        } else if (why.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)
                || causes(why).anyMatch(UnresolvableKeyException.class::isInstance)) {
            return "the bearer token is not signed with a key of the identity provider";
        } else {
            return "the bearer token is not valid";
        }
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
    }

    private static <T> Uni<T> refuse(String why) {
        return Uni.createFrom().failure(new HubException(HubError.UNAUTHORIZED, why));
    }
}
