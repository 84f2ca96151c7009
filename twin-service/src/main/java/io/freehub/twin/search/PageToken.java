package io.freehub.twin.search;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a query goes on, for the client to send back with the same text. It says nothing that the client may not know, and one
 * that was forged only goes on elsewhere. At most 6 KiB of letters, digits, {@code -} and {@code _}.
 *
 * @param delivered how many rows the pages before had
 */
record PageToken(Position position, int delivered) {

    private static final int VERSION = 1;
    private static final int TWIN = 't';
    private static final int GROUP = 'g';
    private static final int DEVICE_JOB = 'j';
    private static final int MAX_LENGTH = 8192;
    private static final int DIGEST = 16;
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,400}(\\.[0-9]{1,400})?");

    String write(String query) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.write(VERSION);
            out.write(digest(query));
            out.writeInt(delivered);
            switch (position) {
                case Position.AtTwin(var identity, var number, var text) -> {
                    out.write(TWIN);
                    write(out, Optional.of(identity.toString()));
                    write(out, number);
                    write(out, text);
                }
                case Position.AtGroup(var hash, var secondHash) -> {
                    out.write(GROUP);
                    out.writeLong(hash);
                    out.writeLong(secondHash);
                }
                case Position.AtDeviceJob(var job, var device) -> {
                    out.write(DEVICE_JOB);
                    out.writeLong(job);
                    write(out, Optional.of(device));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    }

    /**
     * Reads what was written.
     *
     * @param positions those that the query has
     * @throws HubException {@link HubError#ARGUMENT_INVALID} when it is no token of this query
     */
    static PageToken read(String token, String query, Class<? extends Position> positions) {
        if (token.length() > MAX_LENGTH) {
            throw refused();
        }
        try (var in = new DataInputStream(
                new ByteArrayInputStream(Base64.getUrlDecoder().decode(token)))) {
            if (in.read() != VERSION || !Arrays.equals(in.readNBytes(DIGEST), digest(query))) {
                throw refused();
            }
            var delivered = in.readInt();
            var read = new PageToken(position(in), delivered);
            if (!positions.isInstance(read.position()) || delivered < 0 || in.read() >= 0) {
                throw refused();
            }
            return read;
        } catch (IOException | IllegalArgumentException | HubException e) {
            throw refused();
        }
    }

    private static Position position(DataInputStream in) throws IOException {
        return switch (in.read()) {
            case TWIN -> atTwin(in);
            case GROUP -> new Position.AtGroup(in.readLong(), in.readLong());
            case DEVICE_JOB -> new Position.AtDeviceJob(in.readLong(), required(in));
            default -> throw refused();
        };
    }

    private static Position.AtTwin atTwin(DataInputStream in) throws IOException {
        var identity = IdentityId.parse(required(in));
        var number = text(in);
        if (number.filter(text -> !NUMBER.matcher(text).matches()).isPresent()) {
            throw refused();
        }
        return new Position.AtTwin(identity, number, text(in));
    }

    private static void write(DataOutputStream out, Optional<String> text) throws IOException {
        out.writeBoolean(text.isPresent());
        if (text.isPresent()) {
            var utf8 = text.get().getBytes(StandardCharsets.UTF_8);
            out.writeShort(utf8.length);
            out.write(utf8);
        }
    }

    private static String required(DataInputStream in) throws IOException {
        return text(in).orElseThrow(PageToken::refused);
    }

    private static Optional<String> text(DataInputStream in) throws IOException {
        if (!in.readBoolean()) {
            return Optional.empty();
        }
        int length = in.readUnsignedShort();
        var text = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        if (text.indexOf(0) >= 0) {
            throw refused();
        }
        return Optional.of(text);
    }

    private static byte[] digest(String query) {
        try {
            return Arrays.copyOf(
                    MessageDigest.getInstance("SHA-256").digest(query.getBytes(StandardCharsets.UTF_8)), DIGEST);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static HubException refused() {
        return new HubException(
                HubError.ARGUMENT_INVALID, "BadRequest: the continuation token is none that this query was given");
    }
}
