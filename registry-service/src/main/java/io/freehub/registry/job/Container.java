package io.freehub.registry.job;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where blobs are. */
sealed interface Container {

    /** Scheme of containers in the hub's own storage. */
    String OWN_SCHEME = "hub";

    /**
     * A container of Azure Blob Storage or of what speaks like it.
     *
     * @param uri with a shared access signature in its query: whoever has it, has the container
     */
    record Remote(URI uri) implements Container {

        @Override
        public String text() {
            return uri.toString();
        }

        /** Without the signature. */
        @Override
        public String toString() {
            return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
        }
    }

    /** A directory in the hub's own storage. */
    record Own(String name) implements Container {

        private static final Pattern SYNTAX = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

        public Own {
            if (!SYNTAX.matcher(name).matches()) {
                throw invalid("a container of the hub's own storage is hub:///NAME, NAME of 1 to 63 lower-case letters,"
                        + " digits and inner hyphens");
            }
        }

        @Override
        public String text() {
            return OWN_SCHEME + ":///" + name;
        }

        @Override
        public String toString() {
            return text();
        }
    }

    /** As clients write it. */
    String text();

    /**
     * Reads what a client gave.
     *
     * @throws HubException {@link HubError#BLOB_CONTAINER_INVALID} saying what is wrong, without quoting the text
     */
    static Container parse(String text) {
        try {
            var uri = new URI(text);
            return OWN_SCHEME.equalsIgnoreCase(uri.getScheme()) ? own(uri) : remote(uri);
        } catch (URISyntaxException e) {
            throw invalid("the container URI is no URI"); // its message quotes the signature
        }
    }

    private static Own own(URI uri) {
        var path = Optional.ofNullable(uri.getRawPath()).orElse("");
        boolean more = uri.getRawAuthority() != null || uri.getRawQuery() != null || uri.getRawFragment() != null;
        return new Own(more || !path.startsWith("/") ? "" : path.substring(1));
    }

    private static Remote remote(URI uri) {
        boolean web = "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
        if (!web || uri.getHost() == null) {
            throw invalid("a container URI begins with https:// and a host name, or with " + OWN_SCHEME + ":///");
        }
        if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            throw invalid("a container URI has neither a user nor a fragment");
        }
        if (uri.getRawPath() == null || uri.getRawPath().replace("/", "").isEmpty()) {
            throw invalid("the container URI names no container");
        }
        return new Remote(uri);
    }

    private static HubException invalid(String detail) {
        return new HubException(HubError.BLOB_CONTAINER_INVALID, detail);
    }
}
