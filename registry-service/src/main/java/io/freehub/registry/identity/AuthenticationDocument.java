package io.freehub.registry.identity;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.freehub.model.Authentication;
import io.freehub.registry.identity.IdentitySpec.Pair;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How an identity proves itself, as JSON. */
public record AuthenticationDocument(
        @Nullable KeysDocument symmetricKey,
        @Nullable ThumbprintsDocument x509Thumbprint,
        @Nullable String type) {

    private static final String SAS = "sas";
    private static final String NONE = "none";
    private static final KeysDocument NO_KEYS = new KeysDocument(null, null);
    private static final ThumbprintsDocument NO_THUMBPRINTS = new ThumbprintsDocument(null, null);

    /** Two keys as JSON; where there are none it says so. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record KeysDocument(
            @Nullable String primaryKey, @Nullable String secondaryKey) {

        @Override
        public String toString() {
            return "KeysDocument[***]";
        }
    }

    /** Two thumbprints as JSON. */
    public record ThumbprintsDocument(
            @Nullable String primaryThumbprint, @Nullable String secondaryThumbprint) {}

    /** The way in the words of the wire. */
    static String type(Authentication authentication) {
        return switch (authentication) {
            case Authentication.Sas _ -> SAS;
            case Authentication.SelfSigned _ -> "selfSigned";
            case Authentication.CertificateAuthority _ -> "certificateAuthority";
            case Authentication.None _ -> NONE;
        };
    }

    static AuthenticationDocument of(Authentication authentication) {
        var keys = authentication instanceof Authentication.Sas(var both)
                ? new KeysDocument(both.primary().base64(), both.secondary().base64())
                : NO_KEYS;
        var thumbprints = authentication instanceof Authentication.SelfSigned(var primary, var secondary)
                ? new ThumbprintsDocument(primary.orElse(null), secondary.orElse(null))
                : NO_THUMBPRINTS;
        return new AuthenticationDocument(keys, thumbprints, type(authentication));
    }

    /** As in an export: without what an identity of this kind never has and, on demand, without the keys it has. */
    public static AuthenticationDocument exported(Authentication authentication, boolean withKeys) {
        var whole = of(authentication);
        return switch (authentication) {
            case Authentication.Sas _ ->
                new AuthenticationDocument(withKeys ? whole.symmetricKey : NO_KEYS, null, whole.type);
            case Authentication.SelfSigned _ -> new AuthenticationDocument(null, whole.x509Thumbprint, whole.type);
            case Authentication.CertificateAuthority _, Authentication.None _ ->
                new AuthenticationDocument(null, null, whole.type);
        };
    }

    /** What is asked of a device; empty when the hub is to make two keys. */
    Optional<Authentication> askedOfDevice() {
        return asked(type);
    }

    /** What is asked of a module: here {@code none} reads as {@code sas}. */
    Optional<Authentication> askedOfModule() {
        return asked(NONE.equalsIgnoreCase(type) ? SAS : type);
    }

    private Optional<Authentication> asked(@Nullable String effectiveType) {
        var keys = Optional.ofNullable(symmetricKey);
        var thumbprints = Optional.ofNullable(x509Thumbprint);
        return IdentitySpec.authentication(
                Optional.ofNullable(effectiveType),
                new Pair<>(keys.map(KeysDocument::primaryKey), keys.map(KeysDocument::secondaryKey)),
                new Pair<>(
                        thumbprints.map(ThumbprintsDocument::primaryThumbprint),
                        thumbprints.map(ThumbprintsDocument::secondaryThumbprint)));
    }

    /** Names the parts, never their values. */
    @Override
    public String toString() {
        return "AuthenticationDocument[type=" + type + "]";
    }
}
